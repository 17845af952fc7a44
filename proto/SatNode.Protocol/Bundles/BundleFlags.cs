namespace SatNode.Protocol.Bundles;

/// <summary>Bundle processing control flags; unassigned bits are carried along and ignored. Source: RFC 9171 §4.2.3.</summary>
[Flags]
public enum BundleFlags : ulong
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>The bundle is a fragment.</summary>
    IsFragment = 0x01,

    /// <summary>The payload is an administrative record.</summary>
    IsAdministrativeRecord = 0x02,

    /// <summary>The bundle must not be fragmented.</summary>
    MustNotFragment = 0x04,

    /// <summary>The application asks for an acknowledgement.</summary>
    AcknowledgementRequested = 0x20,

    /// <summary>Status reports shall carry the time.</summary>
    StatusTimeRequested = 0x40,

    /// <summary>Reception shall be reported.</summary>
    ReportReception = 0x4000,

    /// <summary>Forwarding shall be reported.</summary>
    ReportForwarding = 0x10000,

    /// <summary>Delivery shall be reported.</summary>
    ReportDelivery = 0x20000,

    /// <summary>Deletion shall be reported.</summary>
    ReportDeletion = 0x40000,

    /// <summary>All four requests for reports.</summary>
    AllReports = ReportReception | ReportForwarding | ReportDelivery | ReportDeletion,
}

/// <summary>Block processing control flags; unassigned bits are carried along and ignored. Source: RFC 9171 §4.2.4.</summary>
[Flags]
public enum BlockFlags : ulong
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>The block is repeated in every fragment.</summary>
    ReplicateInFragments = 0x01,

    /// <summary>Report when the block can't be processed.</summary>
    ReportIfUnprocessed = 0x02,

    /// <summary>Delete the bundle when the block can't be processed.</summary>
    DeleteBundleIfUnprocessed = 0x04,

    /// <summary>Leave the block out when it can't be processed.</summary>
    DiscardIfUnprocessed = 0x10,
}

/// <summary>Kinds of checksum over a block. Source: RFC 9171 §4.2.1.</summary>
public enum CrcType : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>CRC-16/X-25, two bytes.</summary>
    Crc16 = 1,

    /// <summary>CRC-32C (Castagnoli), four bytes.</summary>
    Crc32C = 2,
}

/// <summary>Block type codes. Source: RFC 9171 §9.1, RFC 9172 §11.1.</summary>
public static class BlockType
{
    /// <summary>Payload.</summary>
    public const ulong Payload = 1;

    /// <summary>Previous node.</summary>
    public const ulong PreviousNode = 6;

    /// <summary>Bundle age.</summary>
    public const ulong BundleAge = 7;

    /// <summary>Hop count.</summary>
    public const ulong HopCount = 10;

    /// <summary>BPSec block integrity.</summary>
    public const ulong BlockIntegrity = 11;

    /// <summary>BPSec block confidentiality.</summary>
    public const ulong BlockConfidentiality = 12;
}
