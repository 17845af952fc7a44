using System.Buffers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using SatNode.Protocol.Telemetry;

namespace SatNode.Network.Ground;

/// <summary>The link to the ground's broker: MQTT 5 over TLS 1.3 with a client certificate. Connects while a station is in sight, announces the node,
/// takes telecommands, sends the outbox in order at QoS 1 and live housekeeping at QoS 0. Nothing from the ground ends it.</summary>
public sealed class GroundLink : IAsyncDisposable
{
    private const int LiveCapacity = 64;
    private const int BatchSize = 256;
    private const int PayloadBytesMin = 128; // shorter than most records
    private const int MaxTelecommandBytes = 600 * 1024;

    private readonly GroundLinkOptions _options;
    private readonly ITelemetryOutbox _outbox;
    private readonly IGroundLinkObserver _observer;
    private readonly Func<bool> _isInSight;
    private readonly TimeProvider _time;
    private readonly IMqttClient _client;
    private readonly MqttClientOptions _clientOptions;
    private readonly Channel<ReadOnlyMemory<byte>> _live = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(LiveCapacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly SemaphoreSlim _wake = new(0, 1);
    private volatile bool _isConnected;
    private int _payloadBytesMax = TelemetrySequence.BytesMax; // what one acknowledgement has to wait for

    /// <summary>Creates the link; <see cref="Run"/> works it.</summary>
    /// <param name="options">Addresses, certificates and intervals.</param>
    /// <param name="outbox">What must be sent.</param>
    /// <param name="observer">Who hears of contacts and telecommands; called from the link's own thread, one call at a time.</param>
    /// <param name="isInSight">True while a station sees the node.</param>
    /// <param name="time">The world's time.</param>
    public GroundLink(GroundLinkOptions options, ITelemetryOutbox outbox, IGroundLinkObserver observer, Func<bool> isInSight, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _outbox = outbox;
        _observer = observer;
        _isInSight = isInSight;
        _time = time;
        _client = new MqttClientFactory().CreateMqttClient();
        _client.ApplicationMessageReceivedAsync += OnMessage;
        _clientOptions = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId(options.Node)
            .WithTcpServer(options.Host, options.Port)
            .WithCleanStart(true)
            .WithKeepAlivePeriod(options.KeepAlive)
            .WithTimeout(options.AnswerTimeout)
            .WithMaximumPacketSize(MaxTelecommandBytes)
            .WithWillTopic(Topics.Status(options.Node))
            .WithWillPayload(Topics.Offline)
            .WithWillRetain()
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .WithTlsOptions(tls => tls
                .UseTls()
                .WithSslProtocols(SslProtocols.Tls13)
                .WithTargetHost(options.ServerName)
                .WithClientCertificates(new X509Certificate2Collection(options.Certificate))
                .WithRevocationMode(X509RevocationMode.NoCheck)
                // The only trusted root: the system's store is neither believed nor read, which would take longer than everything else at start.
                .WithTrustChain(new X509Certificate2Collection(options.CertificateAuthority)))
            .Build();
    }

    /// <summary>True while the broker is connected.</summary>
    public bool IsConnected => _isConnected;

    /// <summary>Sends a housekeeping record now at QoS 0.</summary>
    /// <returns>False when there is no contact: the caller keeps the record.</returns>
    public bool TrySendLive(ReadOnlyMemory<byte> housekeeping)
    {
        if (!_isConnected || !_live.Writer.TryWrite(housekeeping))
            return false;
        Wake();
        return true;
    }

    /// <summary>Tells the link that the outbox has something new.</summary>
    public void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Two threads woke it at once: it is awake.
        }
    }

    /// <summary>Works the link until cancelled. Looks for a station, tries to connect, and tries again after a failure, each with a pause of
    /// <see cref="GroundLinkOptions.RetryInterval"/>.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                if (_isInSight())
                {
                    string reason = await Contact(cancellation);
                    await HangUp();
                    if (_isConnected)
                    {
                        _isConnected = false;
                        _observer.ContactLost(reason);
                    }
                }
                await Task.Delay(_options.RetryInterval, _time, cancellation);
            }
            catch (Exception e) when (cancellation.IsCancellationRequested && IsLinkFailure(e))
            {
                break;
            }
        }
    }

    /// <summary>Sends what waits in the outbox while there is contact, until it is empty or cancelled, then says goodbye. After <see cref="Run"/> ended.</summary>
    public async Task Finish(CancellationToken cancellation)
    {
        if (!_client.IsConnected)
            return;
        try
        {
            while (await SendOutbox(cancellation) > 0)
            {
                // Until the outbox is empty.
            }
            await Announce(Topics.Offline, cancellation);
            await _client.DisconnectAsync(new MqttClientDisconnectOptions(), cancellation);
        }
        catch (Exception e) when (IsLinkFailure(e))
        {
            // The link went while saying goodbye: the records stay in the outbox and the last will speaks.
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _wake.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> Contact(CancellationToken cancellation)
    {
        try
        {
            using (var timeout = new CancellationTokenSource(_options.AnswerTimeout))
            using (var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token))
            {
                MqttClientConnectResult answer = await _client.ConnectAsync(_clientOptions, both.Token);
                if (answer.ResultCode != MqttClientConnectResultCode.Success)
                    return $"the broker answered {answer.ResultCode}";
                MqttClientSubscribeResult listening = await _client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder()
                    .WithTopicFilter(Topics.Telecommands(_options.Node), MqttQualityOfServiceLevel.AtLeastOnce).Build(), both.Token);
                if (listening.Items.FirstOrDefault() is not { ResultCode: <= MqttClientSubscribeResultCode.GrantedQoS2 })
                    return $"the broker answered {listening.Items.FirstOrDefault()?.ResultCode} to the subscription for telecommands";
                await Announce(Topics.Online, both.Token);
            }
            _isConnected = true;
            _observer.ContactGained();
            return await Serve(cancellation);
        }
        catch (Exception e) when (IsLinkFailure(e) && !cancellation.IsCancellationRequested)
        {
            return e.GetBaseException().Message;
        }
    }

    /// <summary>Ends what is left of a connection that failed, with the last will: a client that still holds one cannot connect again.</summary>
    private async Task HangUp()
    {
        if (!_client.IsConnected)
            return;
        using var timeout = new CancellationTokenSource(_options.AnswerTimeout);
        try
        {
            await _client.DisconnectAsync(new MqttClientDisconnectOptions { Reason = MqttClientDisconnectOptionsReason.DisconnectWithWillMessage }, timeout.Token);
        }
        catch (Exception e) when (IsLinkFailure(e))
        {
            // It ended meanwhile, or nobody answers: the client has let go of it either way.
        }
    }

    private async Task<string> Serve(CancellationToken cancellation)
    {
        while (_client.IsConnected)
        {
            while (_live.Reader.TryRead(out ReadOnlyMemory<byte> housekeeping))
                await Publish([new(0, TelemetryStream.Housekeeping, housekeeping)], MqttQualityOfServiceLevel.AtMostOnce, cancellation);
            if (await SendOutbox(cancellation) == 0)
                await WaitForWork(cancellation);
        }
        return "the connection ended";
    }

    private async Task WaitForWork(CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(_options.PollInterval, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            await _wake.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Nothing woke us within the interval: look again.
        }
    }

    private async Task<int> SendOutbox(CancellationToken cancellation)
    {
        IReadOnlyList<OutgoingRecord> batch = _outbox.Peek(BatchSize);
        if (batch.Count == 0)
            return 0;
        using var timeout = new CancellationTokenSource(_options.AnswerTimeout);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        OutgoingRecord[][] payloads = [.. batch.GroupBy(record => record.Stream).SelectMany(records => Joined([.. records], _payloadBytesMax))];
        bool[] isAcknowledged = new bool[payloads.Length];
        long begun = TimeProvider.System.GetTimestamp();
        Task all = Task.WhenAll(Enumerable.Range(0, payloads.Length).Select(Send));
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        OutgoingRecord[] acknowledged = [.. payloads.Where((_, i) => isAcknowledged[i]).SelectMany(records => records)];
        _outbox.Acknowledge(acknowledged); // also when the link broke: what the ground has is not sent again
        // A slow link may not carry a whole payload before patience ends: then less goes into one, down to a record; and more again only where twice as much would have time to spare.
        if (acknowledged.Length == 0)
            _payloadBytesMax = Math.Max(PayloadBytesMin, _payloadBytesMax / 2);
        else if (TimeProvider.System.GetElapsedTime(begun) / payloads.Length < _options.AnswerTimeout / 4)
            _payloadBytesMax = Math.Min(TelemetrySequence.BytesMax, _payloadBytesMax * 2);
        await all;
        return acknowledged.Length;

        async Task Send(int i)
        {
            MqttClientPublishResult result = await Publish(payloads[i], MqttQualityOfServiceLevel.AtLeastOnce, both.Token);
            isAcknowledged[i] = result.IsSuccess;
            timeout.CancelAfter(_options.AnswerTimeout); // a slow link that answers is no broken one
        }
    }

    /// <summary>Records of one stream, in order, as they go into one payload each.</summary>
    private static IEnumerable<OutgoingRecord[]> Joined(OutgoingRecord[] records, int bytesMax)
    {
        int start = 0;
        foreach (int count in TelemetrySequence.Plan([.. records.Select(record => record.Payload.Length)], bytesMax))
        {
            yield return records[start..(start + count)];
            start += count;
        }
    }

    private Task<MqttClientPublishResult> Publish(ReadOnlySpan<OutgoingRecord> records, MqttQualityOfServiceLevel quality, CancellationToken cancellation)
    {
        var payload = new ArrayBufferWriter<byte>();
        foreach (ref readonly OutgoingRecord record in records)
            payload.Write(record.Payload.Span);
        return _client.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic(Topics.Telemetry(_options.Node, records[0].Stream))
            .WithContentType(records.Length == 1 ? Topics.ContentType : Topics.SequenceContentType)
            .WithPayload(new ReadOnlySequence<byte>(payload.WrittenMemory))
            .WithQualityOfServiceLevel(quality)
            .Build(), cancellation);
    }

    private Task<MqttClientPublishResult> Announce(string status, CancellationToken cancellation) =>
        _client.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic(Topics.Status(_options.Node))
            .WithPayload(status)
            .WithRetainFlag()
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build(), cancellation);

    private Task OnMessage(MqttApplicationMessageReceivedEventArgs message)
    {
        if (string.Equals(message.ApplicationMessage.Topic, Topics.Telecommands(_options.Node), StringComparison.Ordinal)
            && message.ApplicationMessage.Payload.Length <= MaxTelecommandBytes)
        {
            _observer.TelecommandReceived(System.Buffers.BuffersExtensions.ToArray(message.ApplicationMessage.Payload));
        }
        return Task.CompletedTask;
    }

    private static bool IsLinkFailure(Exception e) =>
        e is MqttCommunicationException or MqttClientDisconnectedException or MqttProtocolViolationException
            or OperationCanceledException or IOException or SocketException or AuthenticationException or InvalidOperationException or TimeoutException;
}
