namespace SatNode.Protocol.Bundles;

/// <summary>A block other than the primary one. Source: RFC 9171 §4.3.2.</summary>
/// <param name="Type">The block type code, see <see cref="BlockType"/>.</param>
/// <param name="Number">The block's number, unique in its bundle; the payload's is 1, others are 2 and more.</param>
/// <param name="Flags">What to do with a block of unknown type.</param>
/// <param name="Crc">The checksum over the block.</param>
/// <param name="Data">The data; a slice of what was decoded.</param>
public readonly record struct CanonicalBlock(ulong Type, ulong Number, BlockFlags Flags, CrcType Crc, ReadOnlyMemory<byte> Data);

/// <summary>How often a bundle was forwarded and how often it may be. Source: RFC 9171 §4.4.3.</summary>
/// <param name="Limit">1 to 255.</param>
/// <param name="Count">0 and more.</param>
public readonly record struct HopCount(byte Limit, ulong Count)
{
    /// <summary>Whether the bundle went further than it may and is to be deleted.</summary>
    public bool IsExceeded => Count > Limit;

    /// <summary>One hop more.</summary>
    public HopCount Next() => this with { Count = Count == ulong.MaxValue ? Count : Count + 1 };
}
