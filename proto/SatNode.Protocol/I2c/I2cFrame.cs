using System.Buffers.Binary;

namespace SatNode.Protocol.I2c;

/// <summary>One message of an I²C transaction: a read or a write between start conditions. As the kernel's <c>struct i2c_msg</c>.</summary>
/// <param name="Address">The chip's 7-bit address.</param>
/// <param name="IsRead">True to read <paramref name="Data"/>.Length bytes into it, false to write it.</param>
/// <param name="Data">What is written, or where what is read goes; at most <see cref="I2cFrame.MaxDataBytes"/>.</param>
public readonly record struct I2cMessage(byte Address, bool IsRead, Memory<byte> Data);

/// <summary>An I²C bus over a stream socket, for boards that are processes: the client sends a transaction, the adapter answers it; one at a time.
/// <para>Request: <c>count: u8</c>, then for each message <c>address: u8, flags: u8 (1 = read), length: u16 LE</c> and, for a write, its bytes.</para>
/// <para>Answer: <c>status: u8</c> (0 acknowledged, 1 not acknowledged) and, when acknowledged, the bytes of all reads in order.</para></summary>
public static class I2cFrame
{
    /// <summary>The most messages of one transaction: the kernel's limit (I2C_RDWR_IOCTL_MAX_MSGS).</summary>
    public const int MaxMessages = 42;

    /// <summary>The most bytes of one message: what i2c-tiny-usb and SMBus block transfers stay below.</summary>
    public const int MaxDataBytes = 256;

    /// <summary>The transaction was acknowledged.</summary>
    public const byte Acknowledged = 0;

    /// <summary>No chip has the address, or it did not take the data.</summary>
    public const byte NotAcknowledged = 1;

    /// <summary>Bytes before a message's data.</summary>
    public const int MessageHeaderBytes = 4;

    private const byte ReadFlag = 1;

    /// <summary>Encodes a request.</summary>
    /// <returns>The length in bytes.</returns>
    /// <exception cref="ArgumentException">Too many messages, too much data, or no room in the destination.</exception>
    public static int EncodeRequest(ReadOnlySpan<I2cMessage> messages, Span<byte> destination)
    {
        if (messages.Length is 0 or > MaxMessages)
            throw new ArgumentException($"i2c: expected 1 to {MaxMessages} messages, found {messages.Length}", nameof(messages));
        destination[0] = (byte)messages.Length;
        int at = 1;
        foreach (I2cMessage message in messages)
        {
            if (message.Data.Length > MaxDataBytes)
                throw new ArgumentException($"i2c: expected at most {MaxDataBytes} bytes a message, found {message.Data.Length}", nameof(messages));
            destination[at] = message.Address;
            destination[at + 1] = message.IsRead ? ReadFlag : (byte)0;
            BinaryPrimitives.WriteUInt16LittleEndian(destination[(at + 2)..], (ushort)message.Data.Length);
            at += MessageHeaderBytes;
            if (!message.IsRead)
            {
                message.Data.Span.CopyTo(destination[at..]);
                at += message.Data.Length;
            }
        }
        return at;
    }

    /// <summary>Decodes a message's header.</summary>
    /// <exception cref="WireFormatException">The address has more than 7 bits, a flag is unknown or the length is above the bound.</exception>
    public static (byte Address, bool IsRead, int Length) DecodeMessageHeader(ReadOnlySpan<byte> header)
    {
        byte address = header[0];
        byte flags = header[1];
        int length = BinaryPrimitives.ReadUInt16LittleEndian(header[2..]);
        if (address > 0x7F || flags > ReadFlag || length > MaxDataBytes)
        {
            throw new WireFormatException(
                $"i2c: expected address 0 to 0x7f, flags 0 to 1 and length 0 to {MaxDataBytes}, found 0x{address:x2}, {flags} and {length}; connection closed");
        }
        return (address, flags == ReadFlag, length);
    }
}
