using System.Buffers.Binary;

namespace SatNode.Fuzz;

/// <summary>Makes an input from others: a few changes of bits, bytes, numbers, pieces and words. One seed, one sequence.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words, int bytesMax)
{
    private const int ChangesMax = 6;
    private const int PieceBytesMax = 64;
    private static readonly long[] Numbers = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, int.MaxValue, uint.MaxValue, 1L << 32, long.MaxValue, -1, int.MinValue, long.MinValue];

    public byte[] Change(byte[] input, byte[] other)
    {
        List<byte> bytes = [.. input];
        int changes = random.Next(1, ChangesMax + 1);
        for (int i = 0; i < changes; i++)
            ChangeOnce(bytes, other);
        if (bytes.Count > bytesMax)
            bytes.RemoveRange(bytesMax, bytes.Count - bytesMax);
        return [.. bytes];
    }

    private void ChangeOnce(List<byte> bytes, byte[] other)
    {
        int at = random.Next(bytes.Count + 1);
        int piece = Math.Min(random.Next(1, PieceBytesMax), bytes.Count - at);
        switch (random.Next(10))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.Insert(at, (byte)random.Next(256));
                break;
            case 3:
                bytes.RemoveRange(at, piece);
                break;
            case 4: // a piece again, somewhere else
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, piece));
                break;
            case 5 when other.Length > 0: // a piece of another
                int from = random.Next(other.Length);
                bytes.InsertRange(at, other.AsSpan(from, Math.Min(random.Next(1, PieceBytesMax), other.Length - from)).ToArray());
                break;
            case 6 when other.Length > 0: // its beginning, the other's end
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other.AsSpan(random.Next(other.Length)).ToArray());
                break;
            case 7:
                bytes.InsertRange(at, Number());
                break;
            case 8 when words.Count > 0:
                bytes.InsertRange(at, words[random.Next(words.Count)]);
                break;
            case 9:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                break;
        }
    }

    /// <summary>A number that sits on an edge, as machines, CBOR or LEB128 write it.</summary>
    private byte[] Number()
    {
        long number = Numbers[random.Next(Numbers.Length)];
        var bytes = new byte[9];
        switch (random.Next(4))
        {
            case 0:
                BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
                return bytes[..(1 << random.Next(4))];
            case 1:
                BinaryPrimitives.WriteInt64BigEndian(bytes, number);
                return bytes[..8];
            case 2:
                bytes[0] = (byte)((random.Next(7) << 5) | 27); // any major type of CBOR with 64 bits
                BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), number);
                return bytes;
            default:
                List<byte> leb = [];
                ulong rest = unchecked((ulong)number);
                for (; rest >= 0x80; rest >>= 7)
                    leb.Add((byte)((rest & 0x7F) | 0x80));
                leb.Add((byte)rest);
                return [.. leb];
        }
    }
}
