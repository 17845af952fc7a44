using System.Buffers.Binary;
using System.Text;
using SatNode.Protocol.Bundles;

namespace SatNode.Protocol.Boards;

/// <summary>Who a board is, as its EEPROM holds it from integration on, big-endian:
/// <code>
///  0  8  mark "SNBOARD" 01 (the last: format version)
///  8 24  class, ASCII, filled up with 0
/// 32 24  serial number, ASCII, filled up with 0
/// 56  4  0
/// 60  4  CRC-32C (RFC 4960 appendix B) of bytes 0 to 59
/// </code></summary>
/// <param name="BoardClass">Class of the board: 1 to 24 printable ASCII characters without blanks.</param>
/// <param name="Serial">Serial number: 1 to 24 printable ASCII characters without blanks.</param>
public sealed record BoardIdentity(string BoardClass, string Serial)
{
    /// <summary>Length of the record.</summary>
    public const int EncodedBytes = 64;

    /// <summary>The most characters of a text.</summary>
    public const int TextMax = 24;

    private const int ClassOffset = 8;
    private const int SerialOffset = ClassOffset + TextMax;
    private const int ReservedOffset = SerialOffset + TextMax;
    private const int CrcOffset = 60;

    private static ReadOnlySpan<byte> Mark => "SNBOARD\u0001"u8;

    /// <summary>Writes the record.</summary>
    /// <param name="destination">At least <see cref="EncodedBytes"/>.</param>
    /// <exception cref="ArgumentException">A text is empty, too long or not printable.</exception>
    public void Write(Span<byte> destination)
    {
        destination[..EncodedBytes].Clear();
        Mark.CopyTo(destination);
        WriteText(BoardClass, destination.Slice(ClassOffset, TextMax), nameof(BoardClass));
        WriteText(Serial, destination.Slice(SerialOffset, TextMax), nameof(Serial));
        BinaryPrimitives.WriteUInt32BigEndian(destination[CrcOffset..], BundleCrc.Crc32C(destination[..CrcOffset]));
    }

    /// <summary>The record in <paramref name="bytes"/>, or null when it is erased, damaged or of another format.</summary>
    public static BoardIdentity? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < EncodedBytes || !bytes.StartsWith(Mark)
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[CrcOffset..]) != BundleCrc.Crc32C(bytes[..CrcOffset])
            || bytes[ReservedOffset..CrcOffset].ContainsAnyExcept((byte)0))
            return null;
        return ReadText(bytes.Slice(ClassOffset, TextMax)) is { } boardClass && ReadText(bytes.Slice(SerialOffset, TextMax)) is { } serial ? new(boardClass, serial) : null;
    }

    private static void WriteText(string text, Span<byte> destination, string name)
    {
        if (text.Length is 0 or > TextMax || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new ArgumentException($"{name}: expected 1 to {TextMax} printable ASCII characters without blanks, found '{text}'", name);
        Encoding.ASCII.GetBytes(text, destination);
    }

    private static string? ReadText(ReadOnlySpan<byte> bytes)
    {
        int length = bytes.IndexOf((byte)0) is var end and >= 0 ? end : bytes.Length;
        return length > 0 && !bytes[..length].ContainsAnyExceptInRange((byte)'!', (byte)'~') && !bytes[length..].ContainsAnyExcept((byte)0)
            ? Encoding.ASCII.GetString(bytes[..length]) : null;
    }
}
