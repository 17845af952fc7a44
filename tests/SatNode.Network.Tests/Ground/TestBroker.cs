using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace SatNode.Network.Tests.Ground;

/// <summary>What a client published.</summary>
internal sealed record Published(string Topic, byte[] Payload, MqttQualityOfServiceLevel Quality, bool IsRetained);

/// <summary>A real broker over TLS 1.3 that demands a client certificate and notes what arrives.</summary>
internal sealed class TestBroker : IAsyncDisposable
{
    private readonly MqttServer _server;
    private readonly X509Certificate2 _certificate;

    private TestBroker(TestAuthority authority, X509Certificate2 certificate, int port)
    {
        _certificate = certificate;
        Port = port;
        var factory = new MqttServerFactory();
        _server = factory.CreateMqttServer(factory.CreateServerOptionsBuilder()
            .WithoutDefaultEndpoint()
            .WithEncryptedEndpoint()
            .WithEncryptedEndpointBoundIPAddress(IPAddress.Loopback)
            .WithEncryptedEndpointBoundIPV6Address(IPAddress.None)
            .WithEncryptedEndpointPort(port)
            .WithEncryptionCertificate(certificate)
            .WithEncryptionSslProtocol(SslProtocols.Tls13)
            .WithClientCertificate((_, found, _, _) => IsOurs(authority, found))
            .Build());
        _server.InterceptingPublishAsync += async e =>
        {
            var published = new Published(e.ApplicationMessage.Topic, e.ApplicationMessage.Payload.ToArray(), e.ApplicationMessage.QualityOfServiceLevel, e.ApplicationMessage.Retain);
            Received.Enqueue(published);
            await OnPublish(published, e);
        };
        _server.InterceptingSubscriptionAsync += async e =>
        {
            Subscriptions.Enqueue(e.TopicFilter.Topic);
            await OnSubscribe(e);
        };
        _server.ValidatingConnectionAsync += e =>
        {
            Names.Enqueue(e.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false) ?? "");
            return Task.CompletedTask;
        };
    }

    public int Port { get; }

    public ConcurrentQueue<Published> Received { get; } = new();

    public ConcurrentQueue<string> Subscriptions { get; } = new();

    /// <summary>The common names of the certificates that came.</summary>
    public ConcurrentQueue<string> Names { get; } = new();

    public Func<Published, InterceptingPublishEventArgs, Task> OnPublish { get; set; } = (_, _) => Task.CompletedTask;

    public Func<InterceptingSubscriptionEventArgs, Task> OnSubscribe { get; set; } = _ => Task.CompletedTask;

    public static async Task<TestBroker> Start(TestAuthority authority, X509Certificate2 certificate, int? port = null)
    {
        var broker = new TestBroker(authority, certificate, port ?? FreePort());
        await broker._server.StartAsync();
        return broker;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public Task Send(string topic, byte[] payload) => _server.InjectApplicationMessage(new InjectedMqttApplicationMessage(new MqttApplicationMessage
    {
        Topic = topic,
        Payload = new ReadOnlySequence<byte>(payload),
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
    })
    { SenderClientId = "" });

    public async Task<string?> Retained(string topic) =>
        await _server.GetRetainedMessageAsync(topic) is { } message ? System.Text.Encoding.UTF8.GetString(message.Payload.ToArray()) : null;

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new MqttServerStopOptions());
        _server.Dispose();
        _certificate.Dispose();
    }

    private static bool IsOurs(TestAuthority authority, X509Certificate? found)
    {
        if (found is not X509Certificate2 certificate)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority.Certificate);
        return chain.Build(certificate);
    }
}
