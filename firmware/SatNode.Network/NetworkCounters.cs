namespace SatNode.Network;

/// <summary>Why a bundle was dropped.</summary>
public enum DropReason
{
    /// <summary>Its lifetime is over.</summary>
    Expired,

    /// <summary>It went further than its hop limit.</summary>
    HopLimit,

    /// <summary>It is not a well-formed bundle.</summary>
    Malformed,

    /// <summary>A block of unknown type asked for it.</summary>
    UnprocessableBlock,

    /// <summary>No such service is registered here, or the endpoint has no number.</summary>
    NoEndpoint,

    /// <summary>It is a fragment or encrypted, which its destination can't take.</summary>
    NotDeliverable,

    /// <summary>Its record is damaged.</summary>
    Damaged,

    /// <summary>The neighbour will never take it.</summary>
    NotAcceptable,

    /// <summary>Its payload is not what the service expects, or the service failed on it.</summary>
    HandlerFailed,
}

/// <summary>Something that happened on a link.</summary>
public enum NetworkEventKind
{
    /// <summary>A session stands.</summary>
    LinkUp,

    /// <summary>A session ended; the detail says why.</summary>
    LinkDown,

    /// <summary>A connect or handshake failed; the detail says why.</summary>
    ConnectFailed,

    /// <summary>A bundle was dropped; the detail says which and why.</summary>
    BundleDropped,
}

/// <summary>An event for telemetry. Handlers are called on the node's threads and must return at once.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Peer">The neighbour's number; 0 when it is not known or does not matter.</param>
/// <param name="Detail">For people.</param>
public readonly record struct NetworkEvent(NetworkEventKind Kind, ulong Peer, string Detail);

/// <summary>Counts since the start; each may be read at any time.</summary>
public sealed class NetworkCounters
{
    private readonly long[] _drops = new long[Enum.GetValues<DropReason>().Length];
    private long _sent;
    private long _received;
    private long _delivered;
    private long _duplicates;
    private long _refusedHere;
    private long _refusedThere;
    private long _bytesSent;
    private long _bytesReceived;
    private long _sessions;
    private long _connectFailures;

    /// <summary>Bundles that a neighbour acknowledged.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Bundles received from neighbours, repetitions included.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Bundles given to a service here.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Bundles received again.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Bundles refused here for lack of room.</summary>
    public long RefusedHere => Interlocked.Read(ref _refusedHere);

    /// <summary>Bundles refused by neighbours.</summary>
    public long RefusedThere => Interlocked.Read(ref _refusedThere);

    /// <summary>Bytes of bundles acknowledged by neighbours.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>Bytes of bundles received.</summary>
    public long BytesReceived => Interlocked.Read(ref _bytesReceived);

    /// <summary>Sessions that stood.</summary>
    public long Sessions => Interlocked.Read(ref _sessions);

    /// <summary>Connects and handshakes that failed.</summary>
    public long ConnectFailures => Interlocked.Read(ref _connectFailures);

    /// <summary>Bundles dropped for a reason.</summary>
    public long Dropped(DropReason reason) => Interlocked.Read(ref _drops[(int)reason]);

    internal void CountSent(int bytes)
    {
        Interlocked.Increment(ref _sent);
        Interlocked.Add(ref _bytesSent, bytes);
    }

    internal void CountReceived(int bytes)
    {
        Interlocked.Increment(ref _received);
        Interlocked.Add(ref _bytesReceived, bytes);
    }

    internal void CountDelivered() => Interlocked.Increment(ref _delivered);

    internal void CountDuplicate() => Interlocked.Increment(ref _duplicates);

    internal void CountRefusedHere() => Interlocked.Increment(ref _refusedHere);

    internal void CountRefusedThere() => Interlocked.Increment(ref _refusedThere);

    internal void CountSession() => Interlocked.Increment(ref _sessions);

    internal void CountConnectFailure() => Interlocked.Increment(ref _connectFailures);

    internal void CountDrop(DropReason reason) => Interlocked.Increment(ref _drops[(int)reason]);
}
