using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace SatNode.Protocol.Bundles;

/// <summary>Reads the little of CBOR that bundles use from a span, without allocation and with every length checked before use.
/// Refuses integers and lengths that are not in their shortest form (RFC 8949 §4.2.1).</summary>
internal ref struct CborCursor
{
    public const int UnsignedInteger = 0;
    public const int ByteString = 2;
    public const int TextString = 3;
    public const int Array = 4;
    public const byte IndefiniteArray = 0x9F;
    public const byte Break = 0xFF;

    private readonly ReadOnlySpan<byte> _data;
    private readonly string _name;

    /// <summary>Reads <paramref name="data"/>; positions in errors count from <paramref name="origin"/>.</summary>
    public CborCursor(ReadOnlySpan<byte> data, string name, int origin = 0)
    {
        _data = data;
        _name = name;
        Origin = origin;
    }

    public int Origin { get; }

    public int Position { get; private set; }

    public readonly int Remaining => _data.Length - Position;

    public readonly ReadOnlySpan<byte> Since(int start) => _data[start..Position];

    public readonly bool NextIs(byte value) => Position < _data.Length && _data[Position] == value;

    public readonly int NextKind => Position < _data.Length ? _data[Position] >> 5 : -1;

    public void ExpectByte(byte value, string expected)
    {
        if (!NextIs(value))
            Fail(expected);
        Position++;
    }

    public ulong ReadUnsigned(string what) => ReadHead(UnsignedInteger, what);

    public ulong ReadUpTo(ulong max, string what)
    {
        int start = Position;
        ulong value = ReadHead(UnsignedInteger, what);
        if (value > max)
            FailAt(start, $"{what} of at most {max}", value.ToString());
        return value;
    }

    public int ReadArray(int min, int max, string what)
    {
        int start = Position;
        ulong length = ReadHead(Array, what);
        if (length < (ulong)min || length > (ulong)max)
            FailAt(start, min == max ? $"{what} of {min} items" : $"{what} of {min} to {max} items", length.ToString());
        return (int)length;
    }

    /// <summary>The range of a string's bytes, which lie within the data.</summary>
    public ReadOnlySpan<byte> ReadString(int kind, string what, out int start)
    {
        int head = Position;
        ulong length = ReadHead(kind, what);
        if (length > (ulong)Remaining)
            FailAt(head, $"{what} of at most the {Remaining} bytes left", length.ToString());
        start = Position;
        Position += (int)length;
        return _data.Slice(start, (int)length);
    }

    public readonly void ExpectEnd(string what)
    {
        if (Remaining != 0)
            FailAt(Position, $"the end of {what}", $"{Remaining} bytes more");
    }

    [DoesNotReturn]
    public readonly void Fail(string expected) => FailAt(Position, expected, Position < _data.Length ? $"0x{_data[Position]:x2}" : "the end");

    [DoesNotReturn]
    public readonly void FailAt(int position, string expected, string found) =>
        throw new WireFormatException($"{_name}: byte {Origin + position}: expected {expected}, found {found}; dropped");

    private ulong ReadHead(int kind, string what)
    {
        if (Position >= _data.Length || _data[Position] >> 5 != kind)
            Fail(what);
        int start = Position;
        int info = _data[Position] & 0x1F;
        Position++;
        if (info < 24)
            return (ulong)info;
        if (info > 27)
            FailAt(start, $"{what} of definite length", $"0x{_data[start]:x2}");
        int bytes = 1 << (info - 24);
        if (Remaining < bytes)
            FailAt(start, what, "the end");
        ReadOnlySpan<byte> raw = _data.Slice(Position, bytes);
        Position += bytes;
        (ulong value, ulong least) = bytes switch
        {
            1 => (raw[0], 24UL),
            2 => (BinaryPrimitives.ReadUInt16BigEndian(raw), 1UL << 8),
            4 => (BinaryPrimitives.ReadUInt32BigEndian(raw), 1UL << 16),
            _ => (BinaryPrimitives.ReadUInt64BigEndian(raw), 1UL << 32),
        };
        if (value < least)
            FailAt(start, $"{what} in its shortest form", $"{value} in {bytes} bytes");
        return value;
    }
}

/// <summary>Writes the little of CBOR that bundles use into a span that is long enough by construction.</summary>
internal ref struct CborSpanWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Position { get; private set; }

    public readonly ReadOnlySpan<byte> Since(int start) => _destination[start..Position];

    public void WriteByte(byte value) => _destination[Position++] = value;

    public void WriteHead(int kind, ulong value)
    {
        byte major = (byte)(kind << 5);
        Span<byte> rest = _destination[Position..];
        if (value < 24)
        {
            rest[0] = (byte)(major | (byte)value);
            Position++;
        }
        else if (value <= byte.MaxValue)
        {
            rest[0] = (byte)(major | 24);
            rest[1] = (byte)value;
            Position += 2;
        }
        else if (value <= ushort.MaxValue)
        {
            rest[0] = (byte)(major | 25);
            BinaryPrimitives.WriteUInt16BigEndian(rest[1..], (ushort)value);
            Position += 3;
        }
        else if (value <= uint.MaxValue)
        {
            rest[0] = (byte)(major | 26);
            BinaryPrimitives.WriteUInt32BigEndian(rest[1..], (uint)value);
            Position += 5;
        }
        else
        {
            rest[0] = (byte)(major | 27);
            BinaryPrimitives.WriteUInt64BigEndian(rest[1..], value);
            Position += 9;
        }
    }

    public void WriteUnsigned(ulong value) => WriteHead(CborCursor.UnsignedInteger, value);

    public void WriteArray(int length) => WriteHead(CborCursor.Array, (ulong)length);

    public void WriteRaw(scoped ReadOnlySpan<byte> value)
    {
        value.CopyTo(_destination[Position..]);
        Position += value.Length;
    }

    /// <summary>Writes the checksum of everything from <paramref name="blockStart"/> on.</summary>
    public void WriteCrc(CrcType type, int blockStart)
    {
        int length = BundleCrc.Length(type);
        WriteHead(CborCursor.ByteString, (ulong)length);
        BundleCrc.Compute(type, _destination[blockStart..Position], _destination.Slice(Position, length));
        Position += length;
    }
}
