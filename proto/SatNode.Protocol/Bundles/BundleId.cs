namespace SatNode.Protocol.Bundles;

/// <summary>What makes a bundle this one and no other: its source, creation time and sequence, and for a fragment its place. Source: RFC 9171 §4.2.7, §5.9.</summary>
/// <param name="Source">The source node's endpoint.</param>
/// <param name="CreationTimeMs">Creation time in ms since 2000; 0 for a source without a clock.</param>
/// <param name="Sequence">The sequence number within that time.</param>
/// <param name="FragmentOffset">The fragment's place; null for a whole bundle.</param>
/// <param name="FragmentBytes">The fragment's length in bytes; 0 for a whole bundle.</param>
public readonly record struct BundleId(EndpointId Source, ulong CreationTimeMs, ulong Sequence, ulong? FragmentOffset = null, int FragmentBytes = 0)
{
    /// <summary>For people.</summary>
    public override string ToString() =>
        FragmentOffset is { } offset ? $"{Source}/{CreationTimeMs}/{Sequence}+{offset}..{FragmentBytes}" : $"{Source}/{CreationTimeMs}/{Sequence}";
}
