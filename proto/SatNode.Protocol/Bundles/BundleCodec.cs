using System.Buffers;
using System.Diagnostics;
using SatNode.Protocol.Time;

namespace SatNode.Protocol.Bundles;

/// <summary>Bundles to and from bytes. The decoder takes nothing on trust, copies no payload, and refuses with <see cref="WireFormatException"/>;
/// the encoder is deterministic. Source: RFC 9171 §4; the rules and their tests are listed in the README beside.</summary>
public static class BundleCodec
{
    internal const string Name = "bundle";

    private const ulong Version = 7;

    /// <summary>Decodes exactly one bundle from all of <paramref name="encoded"/>, of which the bundle keeps slices.</summary>
    /// <param name="encoded">The bytes.</param>
    /// <param name="requireAge">Whether a bundle with creation time 0 must carry its age, as RFC 9171 §4.4.2 has it; the examples of RFC 9173 do not.</param>
    /// <param name="checkPayload">Whether the payload's checksum is checked; not needed for bytes that this process decoded before, and the whole cost of a large bundle.</param>
    /// <exception cref="WireFormatException">The bytes are not one well-formed bundle of version 7.</exception>
    public static Bundle Decode(ReadOnlyMemory<byte> encoded, bool requireAge = true, bool checkPayload = true)
    {
        if (encoded.Length > BundleLimits.MaxBundleBytes)
            throw new WireFormatException($"bundle: expected at most {BundleLimits.MaxBundleBytes} bytes, found {encoded.Length}; dropped");
        var cursor = new CborCursor(encoded.Span, Name);
        cursor.ExpectByte(CborCursor.IndefiniteArray, "an array of indefinite length");
        PrimaryBlock primary = ReadPrimary(ref cursor, encoded);
        var blocks = new CanonicalBlock[4];
        int count = 0;
        HopCount? hops = null;
        ulong? age = null;
        EndpointId? previous = null;
        while (true)
        {
            int at = cursor.Position;
            if (count == BundleLimits.MaxBlocks)
                cursor.FailAt(at, $"at most {BundleLimits.MaxBlocks} blocks", "more");
            CanonicalBlock block = ReadCanonical(ref cursor, encoded, checkPayload, out int dataAt);
            foreach (ref readonly CanonicalBlock other in blocks.AsSpan(0, count))
            {
                if (other.Number == block.Number)
                    cursor.FailAt(at, "a block number that is not taken", block.Number.ToString());
                if (other.Type == block.Type && ExtensionData.IsKnown(block.Type))
                    cursor.FailAt(at, $"at most one block of type {block.Type}", "another");
            }
            switch (block.Type)
            {
                case BlockType.Payload:
                    if (block.Number != 1)
                        cursor.FailAt(at, "payload block number 1", block.Number.ToString());
                    cursor.ExpectByte(CborCursor.Break, "the end of the bundle after the payload");
                    cursor.ExpectEnd("the bundle");
                    Check(ref cursor, primary, block, requireAge && age is null);
                    return new()
                    {
                        Primary = primary,
                        Extensions = new ArraySegment<CanonicalBlock>(blocks, 0, count),
                        PayloadBlock = block,
                        EncodedPayload = encoded[at..],
                        HopCount = hops,
                        AgeMs = age,
                        PreviousNode = previous,
                    };
                case BlockType.HopCount:
                    hops = ExtensionData.ReadHopCount(block.Data.Span, dataAt);
                    break;
                case BlockType.BundleAge:
                    age = ExtensionData.ReadAge(block.Data.Span, dataAt);
                    break;
                case BlockType.PreviousNode:
                    previous = ExtensionData.ReadPreviousNode(block.Data.Span, dataAt);
                    break;
            }
            if (block.Number < 2)
                cursor.FailAt(at, "a block number of 2 or more", block.Number.ToString());
            if (count == blocks.Length)
                System.Array.Resize(ref blocks, count * 2);
            blocks[count++] = block;
        }
    }

    /// <summary>Encodes what comes before a bundle's <see cref="Bundle.EncodedPayload"/>: the two are the bundle.</summary>
    /// <exception cref="ArgumentException">The bundle was not decoded.</exception>
    public static void EncodeHead(Bundle bundle, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(destination);
        if (bundle.EncodedPayload.IsEmpty)
            throw new ArgumentException("expected a bundle that was decoded, found one that was made", nameof(bundle));
        var writer = new CborSpanWriter(destination.GetSpan(bundle.MaxEncodedBytes - bundle.Payload.Length));
        WriteHead(ref writer, bundle);
        destination.Advance(writer.Position);
    }

    /// <summary>Encodes a bundle; a primary block that was decoded is written byte for byte.</summary>
    public static void Encode(Bundle bundle, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(destination);
        destination.Advance(Encode(bundle, destination.GetSpan(bundle.MaxEncodedBytes)));
    }

    /// <summary>Encodes a bundle to the start of <paramref name="destination"/>, which holds at least what <see cref="Measure"/> says.</summary>
    /// <returns>The number of bytes written.</returns>
    public static int Encode(Bundle bundle, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        var writer = new CborSpanWriter(destination);
        WriteHead(ref writer, bundle);
        WriteCanonical(ref writer, bundle.PayloadBlock);
        writer.WriteByte(CborCursor.Break);
        return writer.Position;
    }

    /// <summary>The bytes that a bundle takes. The little around its payload is written for it, so that the payload is copied once, to where it belongs.</summary>
    public static int Measure(Bundle bundle)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bundle.MaxEncodedBytes - bundle.Payload.Length);
        var around = new CborSpanWriter(buffer);
        WriteHead(ref around, bundle);
        WriteUpToData(ref around, bundle.PayloadBlock);
        ArrayPool<byte>.Shared.Return(buffer);
        CrcType crc = bundle.PayloadBlock.Crc;
        return around.Position + bundle.Payload.Length + (crc == CrcType.None ? 0 : 1 + BundleCrc.Length(crc)) + 1;
    }

    /// <summary>Encodes a bundle to a new array.</summary>
    public static byte[] Encode(Bundle bundle)
    {
        byte[] encoded = GC.AllocateUninitializedArray<byte>(Measure(bundle));
        int length = Encode(bundle, encoded);
        return length == encoded.Length ? encoded : throw new UnreachableException($"bundle: expected {encoded.Length} bytes, found {length}");
    }

    private static PrimaryBlock ReadPrimary(ref CborCursor cursor, ReadOnlyMemory<byte> encoded)
    {
        int start = cursor.Position;
        int items = cursor.ReadArray(8, 11, "a primary block");
        int at = cursor.Position;
        ulong version = cursor.ReadUnsigned("a version");
        if (version != Version)
            cursor.FailAt(at, "version 7", version.ToString());
        var flags = (BundleFlags)cursor.ReadUnsigned("bundle flags");
        CrcType crc = ReadCrcType(ref cursor);
        int expected = 8 + ((flags & BundleFlags.IsFragment) != 0 ? 2 : 0) + (crc != CrcType.None ? 1 : 0);
        if (items != expected)
            cursor.FailAt(start, $"a primary block of {expected} items by its flags", items.ToString());
        EndpointId destination = EndpointCodec.Read(ref cursor, "a destination");
        EndpointId source = EndpointCodec.Read(ref cursor, "a source");
        EndpointId reportTo = EndpointCodec.Read(ref cursor, "a report-to endpoint");
        cursor.ReadArray(2, 2, "a creation timestamp");
        ulong time = cursor.ReadUnsigned("a creation time");
        ulong sequence = cursor.ReadUnsigned("a sequence number");
        ulong lifetime = cursor.ReadUnsigned("a lifetime");
        ulong offset = 0, total = 0;
        if ((flags & BundleFlags.IsFragment) != 0)
        {
            offset = cursor.ReadUnsigned("a fragment offset");
            total = cursor.ReadUnsigned("a total length");
        }
        CheckCrc(ref cursor, crc, start);
        return new()
        {
            Flags = flags,
            Crc = crc,
            Destination = destination,
            Source = source,
            ReportTo = reportTo,
            CreationTime = new DtnTime(time),
            Sequence = sequence,
            LifetimeMs = lifetime,
            FragmentOffset = offset,
            TotalBytes = total,
            Encoded = encoded[start..cursor.Position],
        };
    }

    private static CanonicalBlock ReadCanonical(ref CborCursor cursor, ReadOnlyMemory<byte> encoded, bool checkPayload, out int dataAt)
    {
        int start = cursor.Position;
        int items = cursor.ReadArray(5, 6, "a block");
        ulong type = cursor.ReadUnsigned("a block type");
        if (type == 0)
            cursor.FailAt(start, "a block type of 1 or more", "0"); // RFC 9171 §9.1: reserved
        ulong number = cursor.ReadUnsigned("a block number");
        var flags = (BlockFlags)cursor.ReadUnsigned("block flags");
        CrcType crc = ReadCrcType(ref cursor);
        if (items != (crc == CrcType.None ? 5 : 6))
            cursor.FailAt(start, $"a block of {(crc == CrcType.None ? 5 : 6)} items by its CRC type", items.ToString());
        int length = cursor.ReadString(CborCursor.ByteString, "block data", out dataAt).Length;
        CheckCrc(ref cursor, crc, start, isChecked: checkPayload || type != BlockType.Payload);
        return new(type, number, flags, crc, encoded.Slice(dataAt, length));
    }

    private static CrcType ReadCrcType(ref CborCursor cursor) => (CrcType)cursor.ReadUpTo((ulong)CrcType.Crc32C, "a CRC type");

    private static void CheckCrc(ref CborCursor cursor, CrcType crc, int start, bool isChecked = true)
    {
        if (crc == CrcType.None)
            return;
        int head = cursor.Position;
        ReadOnlySpan<byte> found = cursor.ReadString(CborCursor.ByteString, "a CRC", out int at);
        int length = BundleCrc.Length(crc);
        if (found.Length != length)
            cursor.FailAt(head, $"a CRC of {length} bytes", found.Length.ToString());
        if (!isChecked)
            return;
        Span<byte> computed = stackalloc byte[length];
        BundleCrc.Compute(crc, cursor.Since(start)[..^length], computed);
        if (!computed.SequenceEqual(found))
            cursor.FailAt(at, $"CRC {Convert.ToHexStringLower(computed)}", Convert.ToHexStringLower(found));
    }

    /// <summary>The rules that bind more than one block.</summary>
    private static void Check(ref CborCursor cursor, PrimaryBlock primary, in CanonicalBlock payload, bool lacksAge)
    {
        BundleFlags flags = primary.Flags;
        if ((flags & BundleFlags.IsAdministrativeRecord) != 0 && (flags & BundleFlags.AllReports) != 0)
            cursor.FailAt(1, "no request for reports on an administrative record", $"flags 0x{(ulong)flags:x}"); // §4.2.3
        if (primary.Source.IsNull && ((flags & BundleFlags.MustNotFragment) == 0 || (flags & BundleFlags.AllReports) != 0))
            cursor.FailAt(1, "no fragmentation and no reports without a source", $"flags 0x{(ulong)flags:x}"); // §4.2.3
        if (primary.IsFragment && (flags & BundleFlags.MustNotFragment) != 0)
            cursor.FailAt(1, "no fragment of what must not be fragmented", $"flags 0x{(ulong)flags:x}");
        if (primary.CreationTime.Milliseconds == 0 && lacksAge)
            cursor.FailAt(1, "an age with creation time 0", "none"); // §4.4.2
        if (primary.IsFragment && (primary.FragmentOffset > primary.TotalBytes || (ulong)payload.Data.Length > primary.TotalBytes - primary.FragmentOffset))
            cursor.FailAt(1, $"a fragment within {primary.TotalBytes} bytes", $"{payload.Data.Length} from {primary.FragmentOffset}");
    }

    private static void WritePrimary(ref CborSpanWriter writer, PrimaryBlock primary)
    {
        int start = writer.Position;
        writer.WriteArray(8 + (primary.IsFragment ? 2 : 0) + (primary.Crc != CrcType.None ? 1 : 0));
        writer.WriteUnsigned(Version);
        writer.WriteUnsigned((ulong)primary.Flags);
        writer.WriteUnsigned((ulong)primary.Crc);
        EndpointCodec.Write(ref writer, primary.Destination);
        EndpointCodec.Write(ref writer, primary.Source);
        EndpointCodec.Write(ref writer, primary.ReportTo);
        writer.WriteArray(2);
        writer.WriteUnsigned(primary.CreationTime.Milliseconds);
        writer.WriteUnsigned(primary.Sequence);
        writer.WriteUnsigned(primary.LifetimeMs);
        if (primary.IsFragment)
        {
            writer.WriteUnsigned(primary.FragmentOffset);
            writer.WriteUnsigned(primary.TotalBytes);
        }
        if (primary.Crc != CrcType.None)
            writer.WriteCrc(primary.Crc, start);
    }

    /// <summary>Writes all blocks before the payload.</summary>
    private static void WriteHead(ref CborSpanWriter writer, Bundle bundle)
    {
        writer.WriteByte(CborCursor.IndefiniteArray);
        if (bundle.Primary.Encoded.IsEmpty)
            WritePrimary(ref writer, bundle.Primary);
        else
            writer.WriteRaw(bundle.Primary.Encoded.Span);
        IReadOnlyList<CanonicalBlock> extensions = bundle.Extensions;
        for (int i = 0; i < extensions.Count; i++)
            WriteCanonical(ref writer, extensions[i]);
    }

    private static void WriteUpToData(ref CborSpanWriter writer, in CanonicalBlock block)
    {
        writer.WriteArray(block.Crc == CrcType.None ? 5 : 6);
        writer.WriteUnsigned(block.Type);
        writer.WriteUnsigned(block.Number);
        writer.WriteUnsigned((ulong)block.Flags);
        writer.WriteUnsigned((ulong)block.Crc);
        writer.WriteHead(CborCursor.ByteString, (ulong)block.Data.Length);
    }

    private static void WriteCanonical(ref CborSpanWriter writer, in CanonicalBlock block)
    {
        int start = writer.Position;
        WriteUpToData(ref writer, block);
        writer.WriteRaw(block.Data.Span);
        if (block.Crc != CrcType.None)
            writer.WriteCrc(block.Crc, start);
    }
}
