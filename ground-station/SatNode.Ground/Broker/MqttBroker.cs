using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;
using SatNode.Ground.Configuration;
using SatNode.Ground.Ingest;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Broker;

/// <summary>The embedded MQTT 5 broker. A client is who its certificate's common name says, publishes only its own telemetry and status and subscribes only
/// to its own telecommands. Telemetry at QoS 1 is acknowledged after the archive has it on the disk.</summary>
internal sealed partial class MqttBroker : IAsyncDisposable
{
    private const int StatusBytesMax = 16;
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2 _authority;
    private readonly TlsListener _listener;
    private readonly MqttServer _server;
    private readonly TelemetryIngest _ingest;
    private readonly ContactRegistry _contacts;
    private readonly ILogger<MqttBroker> _logger;
    private readonly ConcurrentDictionary<string, long> _refusals = new(StringComparer.Ordinal);

    /// <summary>Loads the certificates and prepares the broker.</summary>
    public MqttBroker(MqttOptions options, TelemetryIngest ingest, ContactRegistry contacts, TimeProvider machineTime, ILogger<MqttBroker> logger)
    {
        _ingest = ingest;
        _contacts = contacts;
        _logger = logger;
        _certificate = X509Certificate2.CreateFromPemFile(options.Certificate, options.Key);
        _authority = X509Certificate2.CreateFromPem(File.ReadAllText(options.CertificateAuthority));
        _listener = new TlsListener(options.EndPoint, _certificate, _authority, contacts.Names.Count + BrokerLimits.SpareConnections, machineTime, logger);
        var factory = new MqttServerFactory();
        _server = factory.CreateMqttServer(factory.CreateServerOptionsBuilder()
            .WithMaxPendingMessagesPerClient(BrokerLimits.PendingMessagesMax)
            .WithPendingMessagesOverflowStrategy(MqttPendingMessagesOverflowStrategy.DropNewMessage)
            .WithPersistentSessions(false)
            .Build(), [_listener]);
        _server.ValidatingConnectionAsync += Guarded<ValidatingConnectionEventArgs>(Validate);
        _server.InterceptingSubscriptionAsync += Guarded<InterceptingSubscriptionEventArgs>(InterceptSubscription);
        _server.InterceptingPublishAsync += InterceptPublishAsync;
        _server.ClientSubscribedTopicAsync += Guarded<ClientSubscribedTopicEventArgs>(NoteSubscription);
        _server.ClientDisconnectedAsync += Guarded<ClientDisconnectedEventArgs>(e => _contacts.SetGone(e.ClientId));
    }

    /// <summary>Where it listens, once started.</summary>
    public IPEndPoint? EndPoint => _listener.EndPoint;

    /// <summary>What was refused, by reason.</summary>
    public IReadOnlyDictionary<string, long> Refusals
    {
        get
        {
            var refusals = new SortedDictionary<string, long>(_refusals, StringComparer.Ordinal) { ["connection"] = _listener.Refused };
            return refusals;
        }
    }

    /// <summary>Starts to listen.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The port is in use.</exception>
    public Task StartAsync() => _server.StartAsync();

    /// <summary>Ends all sessions and stops to listen.</summary>
    public async Task StopAsync()
    {
        if (_server.IsStarted)
            await _server.StopAsync(new MqttServerStopOptions());
    }

    /// <summary>Sends a signed telecommand to a satellite at QoS 1.</summary>
    /// <param name="node">The satellite.</param>
    /// <param name="commandId">Travels as correlation data.</param>
    /// <param name="signed">The COSE_Sign1 message.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task PublishCommandAsync(string node, string commandId, byte[] signed, CancellationToken cancellation) =>
        _server.InjectApplicationMessage(new InjectedMqttApplicationMessage(new MqttApplicationMessage
        {
            Topic = Topics.Telecommands(node),
            Payload = new ReadOnlySequence<byte>(signed),
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            ContentType = Topics.ContentType,
            CorrelationData = Encoding.UTF8.GetBytes(commandId),
        })
        { SenderClientId = "" }, cancellation);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _server.Dispose();
        _listener.Dispose();
        _certificate.Dispose();
        _authority.Dispose();
    }

    private void Validate(ValidatingConnectionEventArgs e)
    {
        string name = e.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false) ?? "";
        if (!_contacts.Knows(name))
            Refuse("node", MqttConnectReasonCode.NotAuthorized, $"expected the certificate of a configured satellite, found '{name}'");
        else if (!string.Equals(e.ClientId, name, StringComparison.Ordinal))
            Refuse("client-id", MqttConnectReasonCode.ClientIdentifierNotValid, $"expected the client id '{name}' of the certificate, found '{e.ClientId}'");
        else if (e.ProtocolVersion != MqttProtocolVersion.V500)
            Refuse("version", MqttConnectReasonCode.UnsupportedProtocolVersion, $"expected MQTT 5, found {e.ProtocolVersion}");

        void Refuse(string reason, MqttConnectReasonCode code, string why)
        {
            e.ReasonCode = code;
            e.ReasonString = why;
            CountRefusal(reason, name, why);
        }
    }

    private void InterceptSubscription(InterceptingSubscriptionEventArgs e)
    {
        if (string.Equals(e.TopicFilter.Topic, Topics.Telecommands(e.ClientId), StringComparison.Ordinal))
            return;
        e.ProcessSubscription = false;
        e.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
        CountRefusal("subscribe", e.ClientId, $"expected a subscription to {Topics.Telecommands(e.ClientId)}, found {e.TopicFilter.Topic}");
    }

    private void NoteSubscription(ClientSubscribedTopicEventArgs e)
    {
        if (_contacts.Knows(e.ClientId))
            _contacts.SetListening(e.ClientId);
    }

    private async Task InterceptPublishAsync(InterceptingPublishEventArgs e)
    {
        if (e.ClientId.Length == 0)
            return; // our own telecommand
        try
        {
            await AcceptAsync(e);
        }
        catch (Exception fault) when (fault is SqliteException or ChannelClosedException or OperationCanceledException)
        {
            e.ProcessPublish = false;
            e.CloseConnection = true; // without an acknowledgement the satellite keeps the record and sends it again
            e.Response.ReasonCode = MqttPubAckReasonCode.UnspecifiedError;
            CountRefusal("not-stored", e.ClientId, fault.Message);
        }
    }

    private async Task AcceptAsync(InterceptingPublishEventArgs e)
    {
        MqttApplicationMessage message = e.ApplicationMessage;
        if (Topics.TryParseTelemetry(message.Topic, out string node, out TelemetryStream stream) && IsSender(e, node))
        {
            e.ProcessPublish = false; // nobody subscribes to telemetry: the archive has it
            await _ingest.ReceiveAsync(node, stream, message.Payload.ToArray(), message.QualityOfServiceLevel > MqttQualityOfServiceLevel.AtMostOnce, e.CancellationToken);
        }
        else if (Topics.TryParseStatus(message.Topic, out node) && IsSender(e, node))
        {
            string status = message.Payload.Length <= StatusBytesMax ? Encoding.UTF8.GetString(message.Payload) : "";
            if (status is not (Topics.Online or Topics.Offline))
            {
                e.ProcessPublish = false;
                await _ingest.RejectAsync(node, message.Topic, message.Payload.ToArray(), $"status: expected {Topics.Online} or {Topics.Offline}; dropped", e.CancellationToken);
                return;
            }
            message.Retain = true;
            _contacts.SetOnline(node, status is Topics.Online);
        }
        else
        {
            e.ProcessPublish = false;
            e.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
            CountRefusal("publish", e.ClientId, $"expected a topic of its own telemetry, found {message.Topic}");
        }
    }

    private static bool IsSender(InterceptingPublishEventArgs e, string node) => string.Equals(e.ClientId, node, StringComparison.Ordinal);

    private void CountRefusal(string reason, string node, string why)
    {
        _refusals.AddOrUpdate(reason, 1, static (_, count) => count + 1);
        LogRefused(_logger, node, why);
    }

    private static Func<T, Task> Guarded<T>(Action<T> handler) => e =>
    {
        handler(e);
        return Task.CompletedTask;
    };

    [LoggerMessage(LogLevel.Warning, "{node}: refused: {why}")]
    private static partial void LogRefused(ILogger logger, string node, string why);
}
