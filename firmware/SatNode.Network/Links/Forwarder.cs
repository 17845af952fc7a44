using System.Buffers;
using SatNode.Network.Routing;
using SatNode.Network.Store;
using SatNode.Protocol;
using SatNode.Protocol.Bundles;
using SatNode.Protocol.Time;

namespace SatNode.Network.Links;

/// <summary>Decides which neighbour each bundle waits for, and sends it while the contact is open. What waits is routed anew at each start and end of a
/// contact of this node and with each new plan.</summary>
internal sealed class Forwarder(DtnNode node, ulong self, BundleStore store, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Router _router = new(self);
    private readonly Dictionary<ulong, Neighbour> _neighbours = [];
    private readonly List<QueuedBundle> _unrouted = [];
    private readonly Signal _changed = new();
    private ContactPlan _plan = ContactPlan.Empty;

    private sealed class Neighbour
    {
        public Queue<QueuedBundle> Queue { get; } = new();

        public Signal Wake { get; } = new();

        public DateTimeOffset OpenUntil { get; set; }

        public DateTimeOffset PausedUntil { get; set; }
    }

    public ContactPlan Plan
    {
        get
        {
            lock (_gate)
                return _plan;
        }
    }

    public void SetPlan(ContactPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        lock (_gate)
        {
            _plan = plan;
            _router.SetPlan(plan);
            RouteAll();
        }
        _changed.Set();
    }

    /// <summary>Takes a bundle to be sent.</summary>
    public void Add(QueuedBundle entry)
    {
        lock (_gate)
            Route(entry, time.GetUtcNow());
    }

    /// <summary>Takes back what a session did not bring over.</summary>
    public void Return(IReadOnlyList<QueuedBundle> entries)
    {
        lock (_gate)
        {
            foreach (QueuedBundle entry in entries)
                Route(entry, time.GetUtcNow());
        }
    }

    /// <summary>Takes back a bundle for which the neighbour has no room, and leaves the neighbour alone for a while.</summary>
    public void PauseAndReturn(ulong peer, QueuedBundle entry)
    {
        lock (_gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            Of(peer).PausedUntil = now + DtnNodeLimits.RefusedPause;
            Route(entry, now);
        }
        _changed.Set();
    }

    /// <summary>Follows the contacts: opens and closes, routes anew, removes what has expired.</summary>
    public async Task WatchContacts(LinkManager links, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                DateTimeOffset now = time.GetUtcNow();
                DateTimeOffset next = now + DtnNodeLimits.PurgeInterval;
                lock (_gate)
                {
                    if (_plan.NextChange(self, now) is { } change && change < next)
                        next = change;
                    RouteAll();
                    foreach (Neighbour neighbour in _neighbours.Values)
                    {
                        if (neighbour.PausedUntil > now && neighbour.PausedUntil < next)
                            next = neighbour.PausedUntil;
                    }
                }
                store.PurgeExpired();
                links.ContactsChanged();
                TimeSpan wait = next - time.GetUtcNow();
                if (wait > TimeSpan.Zero)
                    await _changed.Wait(wait, time, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // the node stops
        }
    }

    /// <summary>Sends what waits for the session's peer, until the session ends.</summary>
    public async Task SendOver(TcpclSession session)
    {
        Neighbour neighbour;
        lock (_gate)
            neighbour = Of(session.Peer);
        var head = new ArrayBufferWriter<byte>(4096);
        try
        {
            bool isFlushed = true;
            while (!session.Closing.IsCancellationRequested)
            {
                QueuedBundle? entry = Take(neighbour, out bool isLast);
                if (entry is null)
                {
                    if (!isFlushed)
                        await session.Flush();
                    isFlushed = true;
                    await neighbour.Wake.Wait(session.Closing);
                    continue;
                }
                if (!await Send(session, entry, head, flush: isLast))
                {
                    if (!session.HasOutstanding(entry))
                        Return([entry]);
                    return;
                }
                isFlushed = isLast;
            }
        }
        catch (OperationCanceledException) when (session.Closing.IsCancellationRequested)
        {
            // the session ended; what waits stays in the queue
        }
    }

    /// <summary>Sends a bundle, or drops it.</summary>
    /// <returns>False when the session ended.</returns>
    private async ValueTask<bool> Send(TcpclSession session, QueuedBundle entry, ArrayBufferWriter<byte> head, bool flush)
    {
        if (Read(entry.Stored, session.Peer) is { } encoded)
        {
            try
            {
                if (Encode(entry.Stored, encoded.Memory, head, session.Peer) is { } payload)
                    return await session.Send(entry, head.WrittenMemory, payload, flush);
            }
            finally
            {
                encoded.Release();
            }
        }
        if (flush)
            await session.Flush(); // what was gathered before the bundle that was dropped
        return true;
    }

    private QueuedBundle? Take(Neighbour neighbour, out bool isLast)
    {
        lock (_gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            isLast = neighbour.Queue.Count <= 1;
            return now < neighbour.OpenUntil && now >= neighbour.PausedUntil && neighbour.Queue.TryDequeue(out QueuedBundle? entry) ? entry : null;
        }
    }

    /// <summary>Reads a bundle that is to be passed on, or drops it.</summary>
    /// <returns>Its bytes, to be released by the caller; null when it is of no use any more.</returns>
    private BundleBuffer? Read(StoredBundle stored, ulong peer)
    {
        if (stored.Expiry <= DtnTime.From(time.GetUtcNow()))
        {
            Drop(stored, DropReason.Expired, peer);
            return null;
        }
        if (stored.IsRemoved)
            return null;
        BundleBuffer? encoded = node.Read(stored);
        if (encoded is null)
            Drop(stored, DropReason.Damaged, peer);
        return encoded;
    }

    /// <summary>Encodes a bundle as it is passed on, or drops it. Only what comes before the payload is written anew; the payload goes from where it is stored.</summary>
    /// <returns>The bytes after the head; null when the bundle was dropped.</returns>
    private ReadOnlyMemory<byte>? Encode(StoredBundle stored, ReadOnlyMemory<byte> encoded, ArrayBufferWriter<byte> head, ulong peer)
    {
        DtnTime now = DtnTime.From(time.GetUtcNow());
        try
        {
            Bundle? bundle = BundleCodec.Decode(encoded, checkPayload: false).WithoutUnprocessable();
            bundle = bundle?.Forwarded(EndpointId.Ipn(self, 0), now.Since(stored.Received));
            if (bundle is null || bundle.HopCount is { IsExceeded: true })
                return Drop(stored, DropReason.HopLimit, peer);
            head.ResetWrittenCount();
            BundleCodec.EncodeHead(bundle, head);
            return bundle.EncodedPayload;
        }
        catch (WireFormatException)
        {
            return Drop(stored, DropReason.Damaged, peer);
        }
    }

    private ReadOnlyMemory<byte>? Drop(StoredBundle stored, DropReason reason, ulong peer)
    {
        node.Drop(reason, peer, stored.Id.ToString());
        node.Discard(stored);
        return null;
    }

    private void RouteAll()
    {
        DateTimeOffset now = time.GetUtcNow();
        var waiting = new List<QueuedBundle>(_unrouted);
        _unrouted.Clear();
        foreach (ulong peer in _plan.NeighboursOf(self))
            Of(peer);
        foreach ((ulong peer, Neighbour neighbour) in _neighbours)
        {
            waiting.AddRange(neighbour.Queue);
            neighbour.Queue.Clear();
            neighbour.OpenUntil = _plan.OpenUntil(self, peer, now) ?? default;
        }
        foreach (QueuedBundle entry in waiting)
            Route(entry, now);
    }

    private void Route(QueuedBundle entry, DateTimeOffset now)
    {
        StoredBundle stored = entry.Stored;
        if (stored.IsRemoved)
            return; // purged meanwhile
        if (stored.Expiry <= DtnTime.From(now))
        {
            Drop(stored, DropReason.Expired, 0);
            return;
        }
        Route? route = _router.Find(stored.Destination.Node, stored.Bytes, now);
        if (route is not { } found || found.Departure > now)
        {
            _unrouted.Add(entry);
            return;
        }
        Neighbour neighbour = Of(found.NextHop);
        if (neighbour.OpenUntil <= now)
            neighbour.OpenUntil = _plan.OpenUntil(self, found.NextHop, now) ?? default;
        neighbour.Queue.Enqueue(entry);
        neighbour.Wake.Set();
    }

    private Neighbour Of(ulong peer)
    {
        if (!_neighbours.TryGetValue(peer, out Neighbour? neighbour))
            _neighbours.Add(peer, neighbour = new());
        return neighbour;
    }
}
