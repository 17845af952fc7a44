using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using System.Buffers;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using SatNode.Ground.Keys;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Tests.Hosting;

/// <summary>A satellite as the ground sees one: a real MQTT 5 client over TLS 1.3 with its own certificate, which opens telecommands by their signature.</summary>
internal sealed class TestSatellite : IAsyncDisposable
{
    public static readonly DtnTime Noon = DtnTime.From(new DateTimeOffset(2026, 6, 21, 12, 0, 0, TimeSpan.Zero));
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly Dictionary<TelemetryStream, ulong> _sequences = [];
    private readonly Channel<byte[]> _received = Channel.CreateUnbounded<byte[]>();
    private readonly string _folder;
    private readonly string _authority;
    private bool _hasVanished;
    private readonly ECDsa _trusted = ECDsa.Create();
    private readonly ECDsa _functionKey = ECDsa.Create();
    private readonly Dictionary<string, (FunctionImageOutline Outline, byte[] Module, ImageDelivery State)> _images = new(StringComparer.Ordinal);

    public TestSatellite(TestStation station, string node = TestStation.Sat, string? keys = null)
    {
        Node = node;
        _folder = Directory.CreateTempSubdirectory("satnode-node-").FullName;
        KeyFolder.Enroll(node, keys ?? station.Keys, Path.Combine(_folder, "k"), TimeProvider.System);
        _trusted.ImportFromPem(File.ReadAllText(Path.Combine(_folder, "k", KeyFolder.CommandPublicKey)));
        _functionKey.ImportFromPem(File.ReadAllText(Path.Combine(_folder, "k", KeyFolder.FunctionPublicKey)));
        Port = station.MqttPort;
        _authority = Path.Combine(station.Keys, KeyFolder.AuthorityCertificate); // whoever comes trusts the station
        _client.ApplicationMessageReceivedAsync += e =>
        {
            _received.Writer.TryWrite(e.ApplicationMessage.Payload.ToArray());
            return Task.CompletedTask;
        };
    }

    public string Node { get; }

    public int Port { get; set; }

    public uint Boot { get; set; } = 1;

    public bool IsConnected => _client.IsConnected;

    public async Task<MqttClientConnectResult> ConnectAsync(string? clientId = null, SslProtocols protocol = SslProtocols.Tls13, MqttProtocolVersion version = MqttProtocolVersion.V500,
        bool withCertificate = true)
    {
        string keys = Path.Combine(_folder, "k");
        X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(_authority);
        X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(Path.Combine(keys, KeyFolder.NodeCertificate), Path.Combine(keys, KeyFolder.NodeKey));
        MqttClientOptions options = new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", Port).WithClientId(clientId ?? Node).WithProtocolVersion(version).WithCleanStart()
            .WithWillTopic(Topics.Status(Node)).WithWillPayload(Topics.Offline).WithWillRetain().WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .WithTlsOptions(tls => tls.UseTls().WithTargetHost(KeyFolder.ServerName).WithSslProtocols(protocol)
                .WithClientCertificates(withCertificate ? [certificate] : []).WithTrustChain([authority]).WithRevocationMode(X509RevocationMode.NoCheck))
            .Build();
        return await _client.ConnectAsync(options, TestContext.Current.CancellationToken);
    }

    public async Task GoOnlineAsync()
    {
        await ConnectAsync();
        MqttClientSubscribeResult subscribed = await SubscribeAsync(Topics.Telecommands(Node));
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, subscribed.Items.Single().ResultCode);
        await PublishAsync(Topics.Status(Node), "online"u8.ToArray(), retain: true);
    }

    public Task<MqttClientSubscribeResult> SubscribeAsync(string topic) => _client.SubscribeAsync(topic, MqttQualityOfServiceLevel.AtLeastOnce);

    public async Task<MqttClientPublishResult> PublishAsync(string topic, byte[] payload, MqttQualityOfServiceLevel qos = MqttQualityOfServiceLevel.AtLeastOnce, bool retain = false) =>
        await _client.PublishAsync(new MqttApplicationMessage { Topic = topic, Payload = new ReadOnlySequence<byte>(payload), QualityOfServiceLevel = qos, Retain = retain });

    public Task<MqttClientPublishResult> SendAsync<T>(TelemetryStream stream, T body, ulong? sequence = null, DtnTime? time = null, MqttQualityOfServiceLevel qos = MqttQualityOfServiceLevel.AtLeastOnce)
        where T : ICborMessage<T>
    {
        ulong number = sequence ?? _sequences.GetValueOrDefault(stream) + 1;
        _sequences[stream] = number;
        return PublishAsync(Topics.Telemetry(Node, stream), new TelemetryRecord<T>(Boot, number, time ?? Noon, body).Encode(), qos);
    }

    public Task SendEventAsync(EventDefinition definition, ulong? sequence = null, params ArgumentValue[] arguments) =>
        SendAsync(TelemetryStream.Event, new EventReport(definition.Id, definition.Severity, arguments), sequence);

    public Task SendVerificationAsync(string id, VerificationStage stage, FailureReason reason = FailureReason.None, string detail = "") =>
        SendAsync(TelemetryStream.Verification, new VerificationReport(id, stage, reason, detail));

    /// <summary>The image that was delivered, whole.</summary>
    public FunctionImage ImageOf(Telecommand deploy)
    {
        (FunctionImageOutline outline, byte[] module, _) = _images[deploy.Arguments["image"].AsText()];
        return new(outline, module);
    }

    /// <summary>The next telecommand that delivers no image; those that do are taken and answered as an agent does.</summary>
    public async Task<(Telecommand Command, byte[] Signed)> NextCommandAsync()
    {
        while (true)
        {
            (Telecommand command, byte[] signed) = await NextOfAllAsync();
            if (TakeImage(command) is not { } state)
                return (command, signed);
            await SendVerificationAsync(command.Id, VerificationStage.Acceptance);
            await SendVerificationAsync(command.Id, VerificationStage.Completion, detail: state.ToString());
        }
    }

    /// <summary>Takes a part of an image; null for any other command.</summary>
    public ImageDelivery? TakeImage(Telecommand command)
    {
        if (command.Name == Commands.BeginImage.Name)
        {
            var outline = new FunctionImageOutline(command.Arguments["manifest"].AsBytes(), command.Arguments["size"].AsInteger());
            Assert.Equal(SignatureResult.Valid, ImageSignature.Verify(outline, command.Arguments["signature"].AsBytes(), [_functionKey], out string fault));
            Assert.Equal("", fault);
            _images.TryAdd(outline.Digest, (outline, new byte[outline.ModuleBytes], ImageDelivery.Of(outline.ModuleBytes)));
            return _images[outline.Digest].State;
        }
        if (command.Name != Commands.DeliverChunk.Name)
            return null;
        string digest = command.Arguments["image"].AsText();
        int chunk = (int)command.Arguments["chunk"].AsInteger();
        (FunctionImageOutline begun, byte[] module, ImageDelivery state) = _images[digest];
        command.Arguments["bytes"].AsBytes().CopyTo(module.AsSpan()[ImageDelivery.RangeOf(module.Length, chunk)]);
        _images[digest] = (begun, module, state.With(chunk));
        return _images[digest].State;
    }

    /// <summary>The next telecommand as it came, opened by its signature.</summary>
    public async Task<(Telecommand Command, byte[] Signed)> NextOfAllAsync()
    {
        byte[] signed = await _received.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);
        Assert.Equal(SignatureResult.Valid, TelecommandSignature.Open(signed, [_trusted], out Telecommand? command, out string fault));
        Assert.Equal("", fault);
        return (command!, signed);
    }

    public int CommandsWaiting => _received.Reader.Count;

    /// <summary>Ends the connection without a farewell, as a lost contact does.</summary>
    public void Vanish()
    {
        _hasVanished = true;
        _client.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_hasVanished && _client.IsConnected)
            await _client.DisconnectAsync();
        _client.Dispose();
        _trusted.Dispose();
        _functionKey.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
