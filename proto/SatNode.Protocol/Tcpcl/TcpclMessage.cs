namespace SatNode.Protocol.Tcpcl;

/// <summary>Kinds of messages. Source: RFC 9174 §8.5 (message types); the contact header of §4.2 is counted among them as 0.</summary>
public enum TcpclKind : byte
{
    /// <summary>The contact header that opens a connection.</summary>
    ContactHeader = 0,

    /// <summary>XFER_SEGMENT.</summary>
    Segment = 1,

    /// <summary>XFER_ACK.</summary>
    Acknowledge = 2,

    /// <summary>XFER_REFUSE.</summary>
    Refuse = 3,

    /// <summary>KEEPALIVE.</summary>
    KeepAlive = 4,

    /// <summary>SESS_TERM.</summary>
    Terminate = 5,

    /// <summary>MSG_REJECT.</summary>
    Reject = 6,

    /// <summary>SESS_INIT.</summary>
    Initialize = 7,
}

/// <summary>Flags of segments and of the acknowledgements that repeat them. Source: RFC 9174 §5.2.2.</summary>
[Flags]
public enum SegmentFlags : byte
{
    /// <summary>A segment in the middle.</summary>
    None = 0,

    /// <summary>The last segment of a transfer.</summary>
    End = 1,

    /// <summary>The first segment of a transfer.</summary>
    Start = 2,
}

/// <summary>Why a transfer is refused. Source: RFC 9174 §8.7.</summary>
public enum RefuseReason : byte
{
    /// <summary>Not said.</summary>
    Unknown = 0,

    /// <summary>The receiver has the whole bundle already.</summary>
    Completed = 1,

    /// <summary>The receiver has no room.</summary>
    NoResources = 2,

    /// <summary>The receiver met a problem and asks for the bundle again.</summary>
    Retransmit = 3,

    /// <summary>The receiver will never take this bundle.</summary>
    NotAcceptable = 4,

    /// <summary>An extension item could not be processed.</summary>
    ExtensionFailure = 5,

    /// <summary>The session is ending.</summary>
    SessionTerminating = 6,
}

/// <summary>Why a session ends. Source: RFC 9174 §8.8.</summary>
public enum TerminateReason : byte
{
    /// <summary>Not said.</summary>
    Unknown = 0,

    /// <summary>Nothing was to be sent.</summary>
    IdleTimeout = 1,

    /// <summary>No common version.</summary>
    VersionMismatch = 2,

    /// <summary>Too much to do.</summary>
    Busy = 3,

    /// <summary>The session's parameters can't be agreed on.</summary>
    ContactFailure = 4,

    /// <summary>No room.</summary>
    ResourceExhaustion = 5,
}

/// <summary>Why a message is rejected. Source: RFC 9174 §8.9.</summary>
public enum RejectReason : byte
{
    /// <summary>The message type is not known.</summary>
    TypeUnknown = 1,

    /// <summary>The message can't be processed.</summary>
    Unsupported = 2,

    /// <summary>The message came at the wrong time.</summary>
    Unexpected = 3,
}

/// <summary>A message of TCPCL version 4; of a segment only what comes before its data. Which fields count depends on the kind. Source: RFC 9174 §4 to §6.</summary>
/// <param name="Kind">The kind.</param>
public readonly record struct TcpclMessage(TcpclKind Kind)
{
    /// <summary>Contact header: the version offered, 4 here.</summary>
    public byte Version { get; init; }

    /// <summary>Contact header: whether the peer can use TLS.</summary>
    public bool CanTls { get; init; }

    /// <summary>Segment and acknowledgement: the flags.</summary>
    public SegmentFlags Flags { get; init; }

    /// <summary>Segment, acknowledgement, refusal: the transfer.</summary>
    public ulong TransferId { get; init; }

    /// <summary>Segment: bytes of data that follow. Acknowledgement: bytes of the transfer received so far.</summary>
    public ulong Length { get; init; }

    /// <summary>First segment: the length of the whole transfer where announced. Source: RFC 9174 §5.2.5.1.</summary>
    public ulong? TotalLength { get; init; }

    /// <summary>Whether an extension item that must be understood was not.</summary>
    public bool HasUnknownCriticalExtension { get; init; }

    /// <summary>Initialisation: seconds between keepalives, 0 for none.</summary>
    public ushort KeepAliveSeconds { get; init; }

    /// <summary>Initialisation: the longest segment taken, in bytes.</summary>
    public ulong SegmentMru { get; init; }

    /// <summary>Initialisation: the longest transfer taken, in bytes.</summary>
    public ulong TransferMru { get; init; }

    /// <summary>Initialisation: the peer's node id, such as <c>ipn:5.0</c>.</summary>
    public string? NodeId { get; init; }

    /// <summary>Termination: whether this answers one.</summary>
    public bool IsReply { get; init; }

    /// <summary>Refusal, termination, rejection: the reason's code, known or not.</summary>
    public byte Reason { get; init; }

    /// <summary>Rejection: the header byte of the message that was rejected.</summary>
    public byte RejectedHeader { get; init; }
}
