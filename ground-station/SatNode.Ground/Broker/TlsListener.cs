using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Implementations;
using MQTTnet.Server;

namespace SatNode.Ground.Broker;

/// <summary>Accepts connections for the broker: TLS 1.3 only, with a client certificate of our own authority; handshakes, connections and packets are
/// bounded. A connection that fails ends alone.</summary>
internal sealed partial class TlsListener(IPEndPoint endPoint, X509Certificate2 certificate, X509Certificate2 authority, int connectionsMax,
    TimeProvider machineTime, ILogger logger) : IMqttServerAdapter
{
    private const int Backlog = 128;
    private readonly CancellationTokenSource _stopping = new();
    private int _connections;
    private MqttServerOptions _options = new();
    private IMqttNetLogger _mqttLogger = new MqttNetNullLogger();
    private Socket? _socket;
    private Task _accepting = Task.CompletedTask;
    private long _refused;

    /// <inheritdoc/>
    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    /// <summary>Where it listens, once started; the port is the real one when 0 was asked for.</summary>
    public IPEndPoint? EndPoint { get; private set; }

    /// <summary>Connections that were refused before MQTT: no or a foreign certificate, another TLS version, no TLS, too slow, too many.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <inheritdoc/>
    /// <exception cref="SocketException">The port is in use.</exception>
    public Task StartAsync(MqttServerOptions options, IMqttNetLogger logger)
    {
        _options = options;
        _mqttLogger = logger;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(endPoint);
            socket.Listen(Backlog);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        _socket = socket;
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _accepting = AcceptAsync(socket);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        _socket?.Dispose();
        await _accepting;
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket client = await listener.AcceptAsync(_stopping.Token);
                if (Interlocked.Increment(ref _connections) <= connectionsMax)
                {
                    _ = ServeAsync(client);
                }
                else
                {
                    Interlocked.Decrement(ref _connections);
                    Refuse(client.RemoteEndPoint, $"expected at most {connectionsMax} connections, found more");
                    client.Dispose();
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e) // the peer was gone before it was accepted
            {
                LogAcceptFailed(logger, e.Message);
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        EndPoint? remote = client.RemoteEndPoint;
        try
        {
            client.NoDelay = true;
            await using var tls = new SslStream(new NetworkStream(client, ownsSocket: true));
            using (var limit = new CancellationTokenSource(BrokerLimits.HandshakeTimeout, machineTime))
            using (var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token))
                await tls.AuthenticateAsServerAsync(Handshake(), either.Token);
            using var peer = new X509Certificate2(tls.RemoteCertificate!);
            await using var bounded = new PacketBoundStream(tls, BrokerLimits.PacketBytesMax);
            using var channel = new MqttTcpChannel(bounded, client.LocalEndPoint, remote, peer);
            var formatter = new MqttPacketFormatterAdapter(new MqttBufferWriter(_options.WriterBufferSize, _options.WriterBufferSizeMax));
            using var adapter = new MqttChannelAdapter(channel, formatter, _mqttLogger);
            await ClientHandler!(adapter);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or SocketException)
        {
            Refuse(remote, e.InnerException?.Message ?? e.Message);
        }
#pragma warning disable CA1031 // whatever a connection brings about in the broker's library ends this connection and no other
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogConnectionFailed(logger, remote, e);
        }
        finally
        {
            client.Dispose();
            Interlocked.Decrement(ref _connections);
        }
    }

    private SslServerAuthenticationOptions Handshake() => new()
    {
        ServerCertificate = certificate,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, given, _, _) => given is X509Certificate2 peer && IsOurs(peer),
    };

    private bool IsOurs(X509Certificate2 peer)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.2"));
        return chain.Build(peer);
    }

    private void Refuse(EndPoint? remote, string why)
    {
        Interlocked.Increment(ref _refused);
        LogRefused(logger, remote, why);
    }

    [LoggerMessage(LogLevel.Information, "connection from {remote} ended: {why}")]
    private static partial void LogRefused(ILogger logger, EndPoint? remote, string why);

    [LoggerMessage(LogLevel.Warning, "a connection could not be accepted: {why}")]
    private static partial void LogAcceptFailed(ILogger logger, string why);

    [LoggerMessage(LogLevel.Error, "connection from {remote} failed")]
    private static partial void LogConnectionFailed(ILogger logger, EndPoint? remote, Exception fault);
}
