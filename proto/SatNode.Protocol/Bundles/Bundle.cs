using SatNode.Protocol.Time;

namespace SatNode.Protocol.Bundles;

/// <summary>A bundle of version 7. One that was decoded keeps slices of the bytes it came from: they must not change while it is used.
/// Source: RFC 9171 §4.</summary>
public sealed class Bundle
{
    /// <summary>The primary block.</summary>
    public required PrimaryBlock Primary { get; init; }

    /// <summary>The blocks between the primary one and the payload, in the order of the wire.</summary>
    public IReadOnlyList<CanonicalBlock> Extensions { get; init; } = [];

    /// <summary>The payload block; its type and number are 1.</summary>
    public required CanonicalBlock PayloadBlock { get; init; }

    /// <summary>The payload block as it was decoded, its checksum and the end of the bundle included; empty for a bundle that was made here. Forwarding changes none of it, so that
    /// it goes on as it came, and what happens to it on the way is seen by the next node's check.</summary>
    public ReadOnlyMemory<byte> EncodedPayload { get; internal init; }

    /// <summary>The payload.</summary>
    public ReadOnlyMemory<byte> Payload => PayloadBlock.Data;

    /// <summary>The hop count, if the bundle has one.</summary>
    public HopCount? HopCount { get; init; }

    /// <summary>The age in ms when the bundle was last sent, if it has one.</summary>
    public ulong? AgeMs { get; init; }

    /// <summary>The node that sent the bundle here, if it says so.</summary>
    public EndpointId? PreviousNode { get; init; }

    /// <summary>What tells this bundle from all others.</summary>
    public BundleId Id => new(Primary.Source, Primary.CreationTime.Milliseconds, Primary.Sequence,
        Primary.IsFragment ? Primary.FragmentOffset : null, Primary.IsFragment ? Payload.Length : 0);

    /// <summary>The most bytes the encoding can take.</summary>
    public int MaxEncodedBytes
    {
        get
        {
            int bytes = 2 + BundleLimits.PrimaryBytes + Primary.Encoded.Length + BundleLimits.BlockOverheadBytes + Payload.Length;
            for (int i = 0; i < Extensions.Count; i++)
                bytes += BundleLimits.BlockOverheadBytes + Extensions[i].Data.Length;
            return bytes;
        }
    }

    /// <summary>Makes a bundle with a payload and, where asked for, a hop count.</summary>
    /// <param name="primary">The primary block.</param>
    /// <param name="payload">The payload; kept, not copied.</param>
    /// <param name="hopLimit">The hop limit, 1 to 255; null for a bundle without.</param>
    /// <param name="crc">The checksum of the blocks after the primary one.</param>
    public static Bundle Create(PrimaryBlock primary, ReadOnlyMemory<byte> payload, byte? hopLimit = null, CrcType crc = CrcType.Crc32C)
    {
        ArgumentNullException.ThrowIfNull(primary);
        if (hopLimit is 0)
            throw new ArgumentOutOfRangeException(nameof(hopLimit), hopLimit, "expected 1 to 255");
        HopCount? hops = hopLimit is { } limit ? new HopCount(limit, 0) : null;
        return new()
        {
            Primary = primary,
            HopCount = hops,
            Extensions = hops is { } count ? [new(BlockType.HopCount, 2, BlockFlags.None, crc, ExtensionData.Encode(count))] : [],
            PayloadBlock = new(BlockType.Payload, 1, BlockFlags.None, crc, payload),
        };
    }

    /// <summary>The moment from which the bundle is of no use. A bundle without creation time expires by its age, counted from <paramref name="received"/>.</summary>
    public DtnTime Expiry(DtnTime received)
    {
        ulong lifetime = Primary.LifetimeMs;
        if (Primary.CreationTime.Milliseconds != 0)
            return new(SaturatingAdd(Primary.CreationTime.Milliseconds, lifetime));
        ulong age = AgeMs ?? 0;
        return new(SaturatingAdd(received.Milliseconds, lifetime > age ? lifetime - age : 0));
    }

    /// <summary>What becomes of the blocks of unknown type on reception: the bundle without those that ask to be discarded, the bundle itself,
    /// or null when a block asks to delete the bundle. Source: RFC 9171 §5.6 step 4.</summary>
    public Bundle? WithoutUnprocessable()
    {
        int discarded = 0;
        foreach (CanonicalBlock block in Extensions)
        {
            if (ExtensionData.IsKnown(block.Type))
                continue;
            if ((block.Flags & BlockFlags.DeleteBundleIfUnprocessed) != 0)
                return null;
            if ((block.Flags & BlockFlags.DiscardIfUnprocessed) != 0)
                discarded++;
        }
        return discarded == 0 ? this : Copy(Extensions.Where(b => ExtensionData.IsKnown(b.Type) || (b.Flags & BlockFlags.DiscardIfUnprocessed) == 0).ToArray());
    }

    /// <summary>The bundle as <paramref name="self"/> forwards it: a hop more, its own id as the previous node, and older by the time it lay here.
    /// Source: RFC 9171 §5.4 step 4, §4.4.</summary>
    public Bundle Forwarded(EndpointId self, TimeSpan held)
    {
        var blocks = new List<CanonicalBlock>(Extensions.Count + 1);
        ulong number = 1;
        HopCount? hops = HopCount?.Next();
        ulong? age = AgeMs is { } before ? SaturatingAdd(before, (ulong)Math.Max(0, held.TotalMilliseconds)) : null;
        foreach (CanonicalBlock block in Extensions)
        {
            number = Math.Max(number, block.Number == ulong.MaxValue ? 1 : block.Number);
            switch (block.Type)
            {
                case BlockType.PreviousNode:
                    break;
                case BlockType.HopCount:
                    blocks.Add(block with { Data = ExtensionData.Encode(hops!.Value) });
                    break;
                case BlockType.BundleAge:
                    blocks.Add(block with { Data = ExtensionData.Encode(age!.Value) });
                    break;
                default:
                    blocks.Add(block);
                    break;
            }
        }
        if (blocks.Count < BundleLimits.MaxBlocks - 1)
            blocks.Insert(0, new(BlockType.PreviousNode, number + 1, BlockFlags.None, CrcType.Crc32C, ExtensionData.Encode(self)));
        return new() { Primary = Primary, PayloadBlock = PayloadBlock, EncodedPayload = EncodedPayload, Extensions = blocks, HopCount = hops, AgeMs = age, PreviousNode = self };
    }

    private static ulong SaturatingAdd(ulong a, ulong b) => a > ulong.MaxValue - b ? ulong.MaxValue : a + b;

    private Bundle Copy(IReadOnlyList<CanonicalBlock> extensions) => new()
    {
        Primary = Primary,
        PayloadBlock = PayloadBlock,
        EncodedPayload = EncodedPayload,
        Extensions = extensions,
        HopCount = HopCount,
        AgeMs = AgeMs,
        PreviousNode = PreviousNode,
    };
}
