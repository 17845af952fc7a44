using SatNode.Protocol.Time;

namespace SatNode.Protocol.Bundles;

/// <summary>The primary block: who, to whom, when and for how long. It never changes on the way; a received one is passed on byte for byte.
/// Source: RFC 9171 §4.3.1.</summary>
public sealed class PrimaryBlock
{
    /// <summary>The processing flags.</summary>
    public BundleFlags Flags { get; init; }

    /// <summary>The checksum over this block.</summary>
    public CrcType Crc { get; init; } = CrcType.Crc32C;

    /// <summary>Where the bundle goes.</summary>
    public required EndpointId Destination { get; init; }

    /// <summary>The node that made the bundle.</summary>
    public required EndpointId Source { get; init; }

    /// <summary>Where reports about the bundle go.</summary>
    public EndpointId ReportTo { get; init; }

    /// <summary>When the bundle was made; 0 when the source has no clock, the bundle then carries its age.</summary>
    public required DtnTime CreationTime { get; init; }

    /// <summary>Tells bundles of one source and time apart.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>How long the bundle is of use, in ms from its creation.</summary>
    public required ulong LifetimeMs { get; init; }

    /// <summary>A fragment's place in the whole, in bytes; 0 otherwise.</summary>
    public ulong FragmentOffset { get; init; }

    /// <summary>The length of the whole that a fragment belongs to, in bytes; 0 otherwise.</summary>
    public ulong TotalBytes { get; init; }

    /// <summary>Whether the bundle is a fragment.</summary>
    public bool IsFragment => (Flags & BundleFlags.IsFragment) != 0;

    /// <summary>The bytes it was decoded from; empty for one made here.</summary>
    internal ReadOnlyMemory<byte> Encoded { get; init; }
}
