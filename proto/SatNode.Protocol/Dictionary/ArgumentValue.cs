using System.Formats.Cbor;
using System.Globalization;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Dictionary;

/// <summary>The types that an argument of an event or a telecommand may have.</summary>
public enum ArgumentType
{
    /// <summary>No value; never on the wire.</summary>
    None = 0,

    /// <summary>A signed 64-bit integer.</summary>
    Integer,

    /// <summary>A finite 64-bit floating-point number.</summary>
    Real,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Unicode text.</summary>
    Text,

    /// <summary>Raw bytes.</summary>
    Bytes,
}

/// <summary>One value of an argument: an integer, a real, a boolean, a text or bytes.</summary>
public readonly struct ArgumentValue : IEquatable<ArgumentValue>
{
    /// <summary>The longest text, in UTF-16 characters.</summary>
    public const int MaxTextLength = 4096;

    /// <summary>The most bytes: a chunk of an image (<see cref="Images.ImageDelivery.ChunkBytes"/>), or a function's input.</summary>
    public const int MaxBytes = 64 * 1024;

    private readonly double _real;
    private readonly long _integer;
    private readonly object? _reference;

    private ArgumentValue(ArgumentType type, long integer, double real, object? reference)
    {
        Type = type;
        _integer = integer;
        _real = real;
        _reference = reference;
    }

    /// <summary>Which of the types it is.</summary>
    public ArgumentType Type { get; }

    /// <summary>The integer.</summary>
    /// <exception cref="WireFormatException">It is of another type.</exception>
    public long AsInteger() => Type == ArgumentType.Integer ? _integer : throw Mismatch(ArgumentType.Integer);

    /// <summary>The real; an integer converts.</summary>
    /// <exception cref="WireFormatException">It is of another type.</exception>
    public double AsReal() => Type switch
    {
        ArgumentType.Real => _real,
        ArgumentType.Integer => _integer,
        _ => throw Mismatch(ArgumentType.Real),
    };

    /// <summary>The boolean.</summary>
    /// <exception cref="WireFormatException">It is of another type.</exception>
    public bool AsBoolean() => Type == ArgumentType.Boolean ? _integer != 0 : throw Mismatch(ArgumentType.Boolean);

    /// <summary>The text.</summary>
    /// <exception cref="WireFormatException">It is of another type.</exception>
    public string AsText() => Type == ArgumentType.Text ? (string)_reference! : throw Mismatch(ArgumentType.Text);

    /// <summary>The bytes.</summary>
    /// <exception cref="WireFormatException">It is of another type.</exception>
    public byte[] AsBytes() => Type == ArgumentType.Bytes ? (byte[])_reference! : throw Mismatch(ArgumentType.Bytes);

    /// <summary>Wraps an integer.</summary>
    public static implicit operator ArgumentValue(long value) => new(ArgumentType.Integer, value, 0, null);

    /// <summary>Wraps a real; what is not finite travels as text, because no decoder takes it.</summary>
    public static implicit operator ArgumentValue(double value) =>
        double.IsFinite(value) ? new(ArgumentType.Real, 0, value, null) : new(ArgumentType.Text, 0, 0, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Wraps a boolean.</summary>
    public static implicit operator ArgumentValue(bool value) => new(ArgumentType.Boolean, value ? 1 : 0, 0, null);

    /// <summary>Wraps a text, cut to <see cref="MaxTextLength"/> and made fit for UTF-8.</summary>
    public static implicit operator ArgumentValue(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(ArgumentType.Text, 0, 0, WireText.Cut(value, MaxTextLength));
    }

    /// <summary>Wraps bytes.</summary>
    public static implicit operator ArgumentValue(byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(ArgumentType.Bytes, 0, 0, value);
    }

    /// <summary>Reads a value of whichever type stands there.</summary>
    public static ArgumentValue Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader.PeekState() switch
        {
            CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger => reader.ReadInt64(),
            CborReaderState.DoublePrecisionFloat or CborReaderState.SinglePrecisionFloat or CborReaderState.HalfPrecisionFloat => reader.ReadFinite(),
            CborReaderState.Boolean => reader.ReadBoolean(),
            CborReaderState.TextString => reader.ReadTextUpTo(MaxTextLength),
            CborReaderState.ByteString => reader.ReadBytesUpTo(MaxBytes),
            var other => throw new WireFormatException($"expected an integer, a real, a boolean, a text or bytes, found {other}"),
        };
    }

    /// <summary>Writes the value.</summary>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        switch (Type)
        {
            case ArgumentType.Integer: writer.WriteInt64(_integer); break;
            case ArgumentType.Real: writer.WriteDouble(_real); break;
            case ArgumentType.Boolean: writer.WriteBoolean(_integer != 0); break;
            case ArgumentType.Text: writer.WriteTextString((string)_reference!); break;
            case ArgumentType.Bytes: writer.WriteByteString((byte[])_reference!); break;
            default: throw new InvalidOperationException("an argument without a value has no encoding");
        }
    }

    /// <inheritdoc/>
    public bool Equals(ArgumentValue other) => Type == other.Type && _integer == other._integer && _real.Equals(other._real)
        && (_reference is byte[] bytes ? other._reference is byte[] others && bytes.AsSpan().SequenceEqual(others) : Equals(_reference, other._reference));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ArgumentValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, _integer, _real, _reference is byte[] bytes ? bytes.Length : _reference?.GetHashCode() ?? 0);

    /// <summary>Equal in type and value.</summary>
    public static bool operator ==(ArgumentValue left, ArgumentValue right) => left.Equals(right);

    /// <summary>Different in type or value.</summary>
    public static bool operator !=(ArgumentValue left, ArgumentValue right) => !left.Equals(right);

    /// <summary>For people; bytes as their count.</summary>
    public override string ToString() => Type switch
    {
        ArgumentType.Integer => _integer.ToString(CultureInfo.InvariantCulture),
        ArgumentType.Real => _real.ToString("0.######", CultureInfo.InvariantCulture),
        ArgumentType.Boolean => _integer != 0 ? "true" : "false",
        ArgumentType.Text => (string)_reference!,
        ArgumentType.Bytes => $"{((byte[])_reference!).Length} bytes",
        _ => "",
    };

    private WireFormatException Mismatch(ArgumentType expected) => new($"expected {expected}, found {Type}");
}
