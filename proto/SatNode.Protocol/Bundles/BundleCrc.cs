using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SatNode.Protocol.Bundles;

/// <summary>The two checksums of blocks, taken over the block with zeroes in the checksum's place. Source: RFC 9171 §4.2.1;
/// CRC-16/X-25 (ITU-T X.25), CRC-32C (RFC 4960 appendix B).</summary>
public static class BundleCrc
{
    /// <summary>A third of what is taken at once, in bytes.</summary>
    private const int LaneBytes = 1024;

    private static readonly ushort[] Table16 = MakeTable16();
    private static readonly uint[] PastLane = MakePastLane();

    /// <summary>Bytes of a checksum of this kind: 0, 2 or 4.</summary>
    public static int Length(CrcType type) => type switch { CrcType.Crc16 => 2, CrcType.Crc32C => 4, _ => 0 };

    /// <summary>The CRC-16/X-25 of <paramref name="data"/>.</summary>
    public static ushort Crc16(ReadOnlySpan<byte> data) => (ushort)(Update16(0xFFFF, data) ^ 0xFFFF);

    /// <summary>The CRC-32C of <paramref name="data"/>.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data) => ~Update32(uint.MaxValue, data);

    /// <summary>Writes the checksum of a block that ends where its checksum begins into <paramref name="destination"/>, big-endian.</summary>
    internal static void Compute(CrcType type, ReadOnlySpan<byte> blockBeforeCrc, Span<byte> destination)
    {
        ReadOnlySpan<byte> zeroes = [0, 0, 0, 0];
        if (type == CrcType.Crc16)
            BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(Update16(Update16(0xFFFF, blockBeforeCrc), zeroes[..2]) ^ 0xFFFF));
        else
            BinaryPrimitives.WriteUInt32BigEndian(destination, ~Update32(Update32(uint.MaxValue, blockBeforeCrc), zeroes));
    }

    /// <summary>The processor takes three cycles for each eight bytes and can be at three of them at once: long data goes in three lanes, put together as if one had gone through them all.
    /// A CRC is linear: what comes after a lane adds to what the lane's length of zeroes makes of the CRC before.</summary>
    private static uint Update32(uint crc, ReadOnlySpan<byte> data)
    {
        while (data.Length >= 3 * LaneBytes)
        {
            ReadOnlySpan<ulong> lanes = MemoryMarshal.Cast<byte, ulong>(data[..(3 * LaneBytes)]);
            ReadOnlySpan<ulong> first = lanes[..(LaneBytes / 8)], second = lanes.Slice(LaneBytes / 8, first.Length), third = lanes.Slice(LaneBytes / 4, first.Length);
            uint ofSecond = 0, ofThird = 0;
            for (int i = 0; i < first.Length; i++)
            {
                crc = BitOperations.Crc32C(crc, first[i]); // little-endian machines only: x64 and arm64
                ofSecond = BitOperations.Crc32C(ofSecond, second[i]);
                ofThird = BitOperations.Crc32C(ofThird, third[i]);
            }
            crc = AfterLane(AfterLane(crc) ^ ofSecond) ^ ofThird;
            data = data[(3 * LaneBytes)..];
        }
        return UpdateOneByOne(crc, data);
    }

    private static uint UpdateOneByOne(uint crc, ReadOnlySpan<byte> data)
    {
        while (data.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, MemoryMarshal.Read<ulong>(data));
            data = data[8..];
        }
        foreach (byte value in data)
            crc = BitOperations.Crc32C(crc, value);
        return crc;
    }

    /// <summary>What a lane of zeroes makes of a CRC.</summary>
    private static uint AfterLane(uint crc)
    {
        uint[] table = PastLane;
        return table[crc & 0xFF] ^ table[256 + ((crc >> 8) & 0xFF)] ^ table[512 + ((crc >> 16) & 0xFF)] ^ table[768 + (crc >> 24)];
    }

    private static uint[] MakePastLane()
    {
        var table = new uint[4 * 256];
        Span<byte> zeroes = stackalloc byte[LaneBytes];
        zeroes.Clear();
        for (int i = 0; i < table.Length; i++)
            table[i] = UpdateOneByOne((uint)(i & 0xFF) << (i / 256 * 8), zeroes);
        return table;
    }

    private static ushort Update16(ushort crc, ReadOnlySpan<byte> data)
    {
        ushort[] table = Table16;
        foreach (byte value in data)
            crc = (ushort)((crc >> 8) ^ table[(crc ^ value) & 0xFF]);
        return crc;
    }

    private static ushort[] MakeTable16()
    {
        var table = new ushort[256];
        for (int i = 0; i < table.Length; i++)
        {
            int crc = i;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x8408 : crc >> 1;
            table[i] = (ushort)crc;
        }
        return table;
    }
}
