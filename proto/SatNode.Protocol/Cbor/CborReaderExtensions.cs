using System.Formats.Cbor;

namespace SatNode.Protocol.Cbor;

/// <summary>Reads with bounds. Every method throws <see cref="WireFormatException"/> with what was expected and found.</summary>
public static class CborReaderExtensions
{
    /// <summary>Reads the start of a definite-length array of exactly <paramref name="length"/> items.</summary>
    public static void Expect(this CborReader reader, int length)
    {
        int? found = reader.ReadStartArray();
        if (found != length)
            throw new WireFormatException($"expected an array of {length}, found {found?.ToString() ?? "an indefinite one"}");
    }

    /// <summary>Reads the start of a definite-length array and returns its length, at most <paramref name="max"/>.</summary>
    public static int ReadStartArrayUpTo(this CborReader reader, int max)
    {
        int found = reader.ReadStartArray() ?? throw new WireFormatException("expected an array of definite length, found an indefinite one");
        return found <= max ? found : throw new WireFormatException($"expected an array of at most {max}, found {found}");
    }

    /// <summary>Reads the start of a definite-length map and returns its number of pairs, at most <paramref name="max"/>.</summary>
    public static int ReadStartMapUpTo(this CborReader reader, int max)
    {
        int found = reader.ReadStartMap() ?? throw new WireFormatException("expected a map of definite length, found an indefinite one");
        return found <= max ? found : throw new WireFormatException($"expected a map of at most {max}, found {found}");
    }

    /// <summary>Reads an unsigned integer of 0 to <paramref name="max"/>.</summary>
    public static ulong ReadUpTo(this CborReader reader, ulong max)
    {
        ulong found = reader.ReadUInt64();
        return found <= max ? found : throw new WireFormatException($"expected 0 to {max}, found {found}");
    }

    /// <summary>Reads an unsigned integer of 0 to <paramref name="max"/> as a 32-bit number.</summary>
    public static int ReadInt32UpTo(this CborReader reader, int max) => (int)reader.ReadUpTo((ulong)max);

    /// <summary>Reads a finite floating-point number; NaN and infinities are refused.</summary>
    public static double ReadFinite(this CborReader reader)
    {
        double found = reader.ReadDouble();
        return double.IsFinite(found) ? found : throw new WireFormatException($"expected a finite number, found {found}");
    }

    /// <summary>Reads a text string of at most <paramref name="maxLength"/> UTF-16 characters.</summary>
    public static string ReadTextUpTo(this CborReader reader, int maxLength)
    {
        string found = reader.ReadTextString();
        return found.Length <= maxLength ? found : throw new WireFormatException($"expected text of at most {maxLength} characters, found {found.Length}");
    }

    /// <summary>Reads a byte string of at most <paramref name="maxLength"/> bytes.</summary>
    public static byte[] ReadBytesUpTo(this CborReader reader, int maxLength)
    {
        byte[] found = reader.ReadByteString();
        return found.Length <= maxLength ? found : throw new WireFormatException($"expected at most {maxLength} bytes, found {found.Length}");
    }

    /// <summary>Reads null, or an item by <paramref name="read"/>.</summary>
    public static T? ReadNullOr<T>(this CborReader reader, Func<CborReader, T> read) where T : struct
    {
        ArgumentNullException.ThrowIfNull(read);
        if (reader.PeekState() != CborReaderState.Null)
            return read(reader);
        reader.ReadNull();
        return null;
    }
}
