using SatNode.Protocol.Bundles;

namespace SatNode.Network.Links;

/// <summary>How TCPCL sessions are kept. Times are in the node's clock.</summary>
public sealed record TcpclOptions
{
    /// <summary>Time between keepalives, 1 to 65,535 s; a session in which nothing comes for twice as long is closed.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest a peer may take from the connection to the end of its session initialisation.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The pause after a first failed connect; doubled with each further one up to <see cref="MaxBackOff"/>.</summary>
    public TimeSpan MinBackOff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between connects.</summary>
    public TimeSpan MaxBackOff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The most sessions at once, those in their handshake included.</summary>
    public int MaxSessions { get; init; } = 32;

    /// <summary>The most bytes of transfers on their way in, over all sessions; more are refused until some are stored.</summary>
    public long MaxReceivingBytes { get; init; } = 4L * BundleLimits.MaxBundleBytes;
}

/// <summary>Limits of a session that need no setting.</summary>
internal static class TcpclSessionLimits
{
    /// <summary>The longest segment taken: the peer's acknowledgements interleave at this grain.</summary>
    public const int SegmentMru = 1024 * 1024;

    /// <summary>The longest segment sent: each is a call, and an acknowledgement that the other way carries.</summary>
    public const int MaxSegmentSent = 1024 * 1024;

    /// <summary>So many bytes of small bundles are gathered before they are written out.</summary>
    public const int MaxGathered = 256 * 1024;

    /// <summary>From so many bytes of a segment on they go between memory and socket without a copy: a copy of fewer costs less than the call that it saves.</summary>
    public const int MinUncopied = 32 * 1024;

    /// <summary>A peer that takes only shorter segments is refused: its overhead would be more than its data.</summary>
    public const int MinSegmentMru = 1024;

    /// <summary>The most transfers sent and not yet acknowledged: enough to fill the group commit of the other side.</summary>
    public const int MaxOutstanding = 256;

    /// <summary>The most bytes sent and not yet acknowledged, unless it is a single bundle.</summary>
    public const int MaxOutstandingBytes = 8 * 1024 * 1024;

    /// <summary>The most acknowledgements waiting to be written: what a peer with our own limits can cause, and reserve. More ends the session.</summary>
    public const int MaxPendingAcknowledgements = 4096;
}
