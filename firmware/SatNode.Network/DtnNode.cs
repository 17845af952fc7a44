using SatNode.Network.Links;
using SatNode.Network.Routing;
using SatNode.Network.Store;
using SatNode.Protocol;
using SatNode.Protocol.Bundles;
using SatNode.Protocol.Tcpcl;
using SatNode.Protocol.Time;

namespace SatNode.Network;

/// <summary>A node of the delay-tolerant network: takes bundles from its services and its neighbours, delivers its own, and passes the others on when the
/// contact plan opens the way. A bundle leaves the store only when the next node has acknowledged it. Source: RFC 9171 §5, RFC 9174, CCSDS 734.3-B-1.</summary>
/// <remarks>Nothing that comes from outside ends the node. Status reports are neither made nor asked for. Not built: fragmentation, custody, BPSec.</remarks>
public sealed class DtnNode : ITransferOwner, IAsyncDisposable
{
    /// <summary>The service that sends payloads back.</summary>
    public const ulong EchoService = 3;

    private readonly DtnNodeOptions _options;
    private readonly BundleStore _store;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Service> _services = [];
    private (ulong First, ulong Last, Service Service)? _range;
    private readonly Forwarder _forwarder;
    private readonly LinkManager _links;
    private readonly List<Task> _tasks = [];
    private readonly EchoClient _echo;
    private readonly BundleBufferPool _buffers;
    private long _volatileCount;
    private long _volatileBytes;
    private long _receivingBytes;
    private ulong _lastCreation;
    private ulong _sequence;
    private bool _isStarted;

    /// <summary>Creates the node; <see cref="Start"/> makes it run. The store stays the caller's to dispose of.</summary>
    public DtnNode(DtnNodeOptions options, BundleStore store, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(time);
        if (options.Node == 0 || options.HopLimit == 0)
            throw new ArgumentException($"node: expected a number and hop limit of 1 or more, found {options.Node} and {options.HopLimit}", nameof(options));
        _options = options;
        _store = store;
        _time = time;
        _buffers = new(time);
        _forwarder = new(this, options.Node, store, time);
        _links = new(this, options, _forwarder, time, _stopping.Token);
        _echo = new(this, time);
        Register(EchoService, _echo.Handle, durable: false);
    }

    /// <summary>What happens, for telemetry.</summary>
#pragma warning disable MA0046 // an event of the node's own kind, without a sender: there is one node a process
    public event Action<NetworkEvent>? Happened;
#pragma warning restore MA0046

    /// <summary>Counts since the start.</summary>
    public NetworkCounters Counters { get; } = new();

    /// <summary>This node's number.</summary>
    public ulong Node => _options.Node;

    /// <summary>The port that neighbours connect to, 0 when the node does not listen.</summary>
    public int Port => _links.Port;

    /// <summary>The neighbours with a session, in no order.</summary>
    public IReadOnlyList<ulong> Neighbours => _links.Peers();

    /// <summary>Bundles that wait in the store.</summary>
    public int StoredCount => _store.Count;

    /// <summary>Gives a service its handler; before <see cref="Start"/>.</summary>
    /// <param name="service">The service number of its endpoint.</param>
    /// <param name="handler">Called for one bundle after another.</param>
    /// <param name="durable">Whether bundles are stored before they are acknowledged; otherwise a restart loses what waits.</param>
    public void Register(ulong service, BundleHandler handler, bool durable = true)
    {
        if (_isStarted || _services.Count >= DtnNodeLimits.MaxServices)
            throw new InvalidOperationException($"node: expected at most {DtnNodeLimits.MaxServices} services registered before the start");
        _services.Add(service, new(handler, durable));
    }

    /// <summary>Gives all services of a range, of which none may be registered, one handler; before <see cref="Start"/>. Their bundles are delivered one after another, stored before they are
    /// acknowledged.</summary>
    /// <param name="first">The least service number.</param>
    /// <param name="last">The greatest service number.</param>
    /// <param name="handler">Called for one bundle after another.</param>
    public void RegisterRange(ulong first, ulong last, BundleHandler handler)
    {
        if (_isStarted || _range is not null || _services.Keys.Any(service => service >= first && service <= last))
            throw new InvalidOperationException("node: expected one range of services, none of them registered, before the start");
        _range = (first, last, new Service(handler, IsDurable: true));
    }

    /// <summary>Starts listening, connecting, forwarding and delivering; bundles of before a restart go on.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The port can't be listened on.</exception>
    public void Start()
    {
        _isStarted = true;
        foreach (StoredBundle stored in _store.List())
        {
            if (IsHere(stored.Destination) && ServiceOf(stored.Destination.Service) is { } service)
                service.Waiting.Writer.TryWrite(stored);
            else
                _forwarder.Add(new(stored));
        }
        foreach (Service service in _services.Values)
            _tasks.Add(Deliver(service));
        if (_range is { } range)
            _tasks.Add(Deliver(range.Service));
        _links.Start(_tasks);
        _tasks.Add(_forwarder.WatchContacts(_links, _stopping.Token));
    }

    /// <summary>Takes a new contact plan; everything that waits is routed anew.</summary>
    public void SetPlan(ContactPlan plan) => _forwarder.SetPlan(plan);

    /// <summary>Sends a payload; completes when the bundle is safe here.</summary>
    /// <param name="destination">An <c>ipn:</c> endpoint.</param>
    /// <param name="payload">Copied.</param>
    /// <param name="lifetime">How long the bundle is of use, above 0.</param>
    /// <param name="sourceService">The service number of the source endpoint.</param>
    /// <param name="durable">Whether it is stored; otherwise a restart loses it.</param>
    public async Task<SendResult> Send(EndpointId destination, ReadOnlyMemory<byte> payload, TimeSpan lifetime, ulong sourceService = 0, bool durable = true)
    {
        if (destination.Scheme != EndpointScheme.Ipn || destination.IsNull)
            throw new ArgumentException($"send: expected an ipn endpoint, found {destination}", nameof(destination));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        (DtnTime created, ulong sequence) = NextCreation();
        Bundle bundle = Bundle.Create(
            new()
            {
                Flags = BundleFlags.MustNotFragment,
                Destination = destination,
                Source = EndpointId.Ipn(Node, sourceService),
                CreationTime = created,
                Sequence = sequence,
                LifetimeMs = (ulong)lifetime.TotalMilliseconds,
            }, payload, _options.HopLimit);
        int bytes = BundleCodec.Measure(bundle);
        if (bytes > BundleLimits.MaxBundleBytes || (durable && !IsHere(destination) && !_store.CanTake(bytes)))
            return new(SendStatus.Full, bundle.Id);
        BundleBuffer encoded = _buffers.Rent(bytes);
        try
        {
            BundleCodec.Encode(bundle, encoded.GetSpan());
            return new(await TakeOwn(bundle, encoded, durable) ? SendStatus.Accepted : SendStatus.Full, bundle.Id);
        }
        finally
        {
            encoded.Release();
        }
    }

    /// <summary>Asks a node's echo service to send a payload back.</summary>
    /// <returns>The time from here and back; null when nothing came in time.</returns>
    public Task<TimeSpan?> Ping(ulong node, TimeSpan timeout, CancellationToken cancellation = default) => _echo.Ping(node, timeout, cancellation);

    /// <summary>Stops: ends the sessions, lets handlers finish what they are at.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        await _links.DisposeAsync();
        await Task.WhenAll(_tasks);
        _buffers.Dispose();
    }

    BundleBuffer ITransferOwner.Rent(int bytes) => _buffers.Rent(bytes);

    async Task<RefuseReason?> ITransferOwner.Receive(TcpclSession session, BundleBuffer bundle)
    {
        Counters.CountReceived(bundle.Length);
        try
        {
            Bundle? decoded = BundleCodec.Decode(bundle.Memory).WithoutUnprocessable();
            if (decoded is null)
                return Drop(DropReason.UnprocessableBlock, session.Peer, "a block of unknown type");
            return await Take(decoded, bundle, session.Peer);
        }
        catch (WireFormatException e)
        {
            Drop(DropReason.Malformed, session.Peer, e.Message);
            return RefuseReason.NotAcceptable;
        }
    }

    void ITransferOwner.Sent(TcpclSession session, QueuedBundle entry)
    {
        Counters.CountSent(entry.SentBytes);
        Discard(entry.Stored);
    }

    void ITransferOwner.Refused(TcpclSession session, QueuedBundle entry, RefuseReason reason)
    {
        Counters.CountRefusedThere();
        if (reason is RefuseReason.NotAcceptable or RefuseReason.ExtensionFailure)
        {
            Drop(DropReason.NotAcceptable, session.Peer, entry.Stored.Id.ToString());
            Discard(entry.Stored);
            return;
        }
        _forwarder.PauseAndReturn(session.Peer, entry);
    }

    bool ITransferOwner.TryReserve(int bytes)
    {
        if (Interlocked.Add(ref _receivingBytes, bytes) <= _options.Tcpcl.MaxReceivingBytes)
            return true;
        Interlocked.Add(ref _receivingBytes, -bytes);
        return false;
    }

    void ITransferOwner.Release(int bytes) => Interlocked.Add(ref _receivingBytes, -bytes);

    internal RefuseReason? Drop(DropReason reason, ulong peer, string detail)
    {
        Counters.CountDrop(reason);
        Report(new(NetworkEventKind.BundleDropped, peer, $"{reason}: {detail}"));
        return null;
    }

    internal void Report(NetworkEvent happened) => Happened?.Invoke(happened);

    /// <summary>The bytes of a bundle, to be released by the caller; null when it is gone or damaged.</summary>
    internal BundleBuffer? Read(StoredBundle stored)
    {
        if (stored.Row != 0)
            return _store.Read(stored);
        lock (_gate)
        {
            stored.Cached?.Hold();
            return stored.Cached;
        }
    }

    internal void Discard(StoredBundle stored)
    {
        if (stored.Row != 0)
        {
            _store.Remove(stored);
            return;
        }
        lock (_gate)
        {
            if (stored.IsRemoved)
                return;
            stored.IsRemoved = true;
            _volatileCount--;
            _volatileBytes -= stored.Bytes;
            stored.Cached!.Release();
            stored.Cached = null;
        }
    }

    /// <summary>Tells a repetition: what is delivered is told by its identity; what is passed on by its hops as well, so that a bundle that a
    /// neighbour returns for want of a better way is not taken for a repetition and lost.</summary>
    private static string SeenAs(Bundle bundle, bool isHere) => isHere ? bundle.Id.ToString() : $"{bundle.Id} {bundle.HopCount?.Count}";

    private async Task<bool> TakeOwn(Bundle bundle, BundleBuffer encoded, bool durable)
    {
        if (IsHere(bundle.Primary.Destination))
            return await TakeHere(bundle, encoded) is null;
        if (!durable)
        {
            if (!TryHoldVolatile(encoded.Length))
                return false;
            _forwarder.Add(new(Volatile(bundle, encoded, isOwn: true)));
            return true;
        }
        (AddStatus status, StoredBundle? stored) = await _store.Add(bundle, encoded, isOwn: true, seenAs: null);
        if (status != AddStatus.Added)
            return false;
        _forwarder.Add(new(stored!));
        return true;
    }

    private async Task<RefuseReason?> Take(Bundle bundle, BundleBuffer encoded, ulong peer)
    {
        DtnTime now = Now();
        if (bundle.Expiry(now) <= now)
            return Drop(DropReason.Expired, peer, bundle.Id.ToString());
        if (bundle.HopCount is { IsExceeded: true })
            return Drop(DropReason.HopLimit, peer, bundle.Id.ToString());
        if (IsHere(bundle.Primary.Destination))
            return await TakeHere(bundle, encoded);
        if (bundle.Primary.Destination.Scheme != EndpointScheme.Ipn || bundle.Primary.Destination.IsNull)
            return Drop(DropReason.NoEndpoint, peer, $"{bundle.Id} to {bundle.Primary.Destination}");
        (AddStatus status, StoredBundle? stored) = await _store.Add(bundle, encoded, isOwn: false, SeenAs(bundle, isHere: false));
        return Judge(status, () => _forwarder.Add(new(stored!)));
    }

    private async Task<RefuseReason?> TakeHere(Bundle bundle, BundleBuffer encoded)
    {
        if (ServiceOf(bundle.Primary.Destination.Service) is not { } service)
            return Drop(DropReason.NoEndpoint, 0, $"{bundle.Id} to {bundle.Primary.Destination}");
        if (bundle.Primary.IsFragment || bundle.Extensions.Any(b => b.Type == BlockType.BlockConfidentiality))
            return Drop(DropReason.NotDeliverable, 0, bundle.Id.ToString());
        string seenAs = SeenAs(bundle, isHere: true);
        if (service.IsDurable)
        {
            (AddStatus status, StoredBundle? stored) = await _store.Add(bundle, encoded, isOwn: false, seenAs);
            return Judge(status, () => service.Waiting.Writer.TryWrite(stored!));
        }
        if (!TryHoldVolatile(encoded.Length))
            return Judge(AddStatus.Full, () => { });
        StoredBundle held = Volatile(bundle, encoded, isOwn: false);
        if (_store.TryRemember(seenAs))
            return Judge(AddStatus.Added, () => service.Waiting.Writer.TryWrite(held));
        Discard(held);
        return Judge(AddStatus.Duplicate, () => { });
    }

    private RefuseReason? Judge(AddStatus status, Action accept)
    {
        switch (status)
        {
            case AddStatus.Added:
                accept();
                return null;
            case AddStatus.Duplicate:
                Counters.CountDuplicate();
                return null; // acknowledged, so that its sender lets it go
            default:
                Counters.CountRefusedHere();
                return RefuseReason.NoResources;
        }
    }

    private async Task Deliver(Service service)
    {
        try
        {
            await foreach (StoredBundle stored in service.Waiting.Reader.ReadAllAsync(_stopping.Token))
            {
                await DeliverOne(service, stored);
                Discard(stored);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // the node stops; what is durable comes again
        }
    }

    private async Task DeliverOne(Service service, StoredBundle stored)
    {
        if (stored.Expiry <= Now())
        {
            Drop(DropReason.Expired, 0, stored.Id.ToString());
            return;
        }
        if (Read(stored) is not { } encoded)
        {
            Drop(DropReason.Damaged, 0, stored.Id.ToString());
            return;
        }
        try
        {
            Bundle bundle = BundleCodec.Decode(encoded.Memory, checkPayload: false); // checked when it came
            await service.Handler(new(bundle.Id, bundle.Primary.Source, bundle.Primary.Destination.Service, bundle.Payload, (int?)bundle.HopCount?.Count), _stopping.Token);
            Counters.CountDelivered();
        }
        catch (Exception e) when (e is not OperationCanceledException || !_stopping.IsCancellationRequested)
        {
            // whatever a payload does to its service must not come again after a restart, nor end the node
            Drop(DropReason.HandlerFailed, 0, $"{stored.Id}: {e.Message}");
        }
        finally
        {
            encoded.Release();
        }
    }

    private Service? ServiceOf(ulong number) => _services.TryGetValue(number, out Service? service) ? service
        : _range is { } range && number >= range.First && number <= range.Last ? range.Service : null;

    private bool IsHere(in EndpointId endpoint) => endpoint.Scheme == EndpointScheme.Ipn && endpoint.Node == Node;

    private DtnTime Now() => DtnTime.From(_time.GetUtcNow());

    private StoredBundle Volatile(Bundle bundle, BundleBuffer encoded, bool isOwn)
    {
        encoded.Hold();
        return new(bundle, encoded.Length, Now(), isOwn) { Cached = encoded };
    }

    private bool TryHoldVolatile(int bytes)
    {
        lock (_gate)
        {
            if (_volatileCount >= DtnNodeLimits.MaxVolatile || _volatileBytes + bytes > DtnNodeLimits.MaxVolatileBytes)
                return false;
            _volatileCount++;
            _volatileBytes += bytes;
            return true;
        }
    }

    /// <summary>A creation timestamp that no other bundle of this node has: the time never goes back within a run, the sequence counts within a millisecond.</summary>
    private (DtnTime Time, ulong Sequence) NextCreation()
    {
        lock (_gate)
        {
            ulong now = Now().Milliseconds;
            if (now > _lastCreation)
            {
                _lastCreation = now;
                _sequence = 0;
            }
            else
            {
                _sequence++;
            }
            return (new(_lastCreation), _sequence);
        }
    }
}
