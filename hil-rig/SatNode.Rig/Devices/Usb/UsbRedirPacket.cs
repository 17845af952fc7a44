using System.Buffers.Binary;
using SatNode.Protocol;

namespace SatNode.Rig.Devices.Usb;

/// <summary>The packets that a device with control transfers alone needs. Source: USB Network Redirection protocol description 0.7, packet types.</summary>
internal enum UsbRedirType : uint
{
    Hello = 0,
    DeviceConnect = 1,
    Reset = 3,
    InterfaceInfo = 4,
    EndpointInfo = 5,
    SetConfiguration = 6,
    GetConfiguration = 7,
    ConfigurationStatus = 8,
    SetAlternate = 9,
    GetAlternate = 10,
    AlternateStatus = 11,
    CancelData = 21,
    Control = 100,
}

/// <summary>How a request went (usb_redir_success and so on).</summary>
internal enum UsbRedirStatus : byte
{
    Success = 0,
    Invalid = 2,
    Stall = 4,
}

/// <summary>What a side can do beyond protocol 0.3, a bit each in the hello's capabilities.</summary>
[Flags]
internal enum UsbRedirCapabilities : uint
{
    None = 0,
    EndpointPacketSize = 1 << 4,
    Ids64Bits = 1 << 5,
    BulkLength32Bits = 1 << 6,
}

/// <summary>The header before every packet: type, length of what follows and the id that an answer repeats, little endian.</summary>
/// <param name="Type">The packet's type.</param>
/// <param name="Length">Bytes after the header.</param>
/// <param name="Id">The request's number, 32 bits until both sides have announced 64.</param>
internal readonly record struct UsbRedirHeader(UsbRedirType Type, int Length, ulong Id)
{
    /// <summary>Bytes of a header with an id of 64 bits, the longer one.</summary>
    internal const int BytesMax = 16;

    /// <summary>The version text of a hello, filled with zeros; what follows are capabilities.</summary>
    internal const int HelloVersionBytes = 64;

    /// <summary>The longest packet that is read: a control transfer of QEMU's largest data stage.</summary>
    internal const int LengthMax = UsbControlPacket.Bytes + UsbControlPacket.DataBytesMax;

    private const int CapabilityWordsMax = 16; // protocol 0.7 fills one

    /// <summary>Bytes of a header.</summary>
    internal static int Bytes(bool wideIds) => wideIds ? BytesMax : 12;

    /// <summary>Decodes a header from the guest's side.</summary>
    /// <exception cref="WireFormatException">A type that such a device is never sent, or a length that the type cannot have.</exception>
    internal static UsbRedirHeader Read(ReadOnlySpan<byte> source)
    {
        var type = (UsbRedirType)BinaryPrimitives.ReadUInt32LittleEndian(source);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        (int least, int most) = type switch
        {
            UsbRedirType.Hello => (HelloVersionBytes, HelloVersionBytes + (CapabilityWordsMax * sizeof(uint))),
            UsbRedirType.Reset or UsbRedirType.GetConfiguration or UsbRedirType.CancelData => (0, 0),
            UsbRedirType.SetConfiguration or UsbRedirType.GetAlternate => (1, 1),
            UsbRedirType.SetAlternate => (2, 2),
            UsbRedirType.Control => (UsbControlPacket.Bytes, LengthMax),
            _ => throw new WireFormatException($"usbredir: expected a control packet of the guest, found type {(uint)type}; connection closed"),
        };
        if (length < (uint)least || length > (uint)most)
            throw new WireFormatException($"usbredir: expected {least} to {most} bytes in a packet of type {(uint)type}, found {length}; connection closed");
        ulong id = source.Length < BytesMax ? BinaryPrimitives.ReadUInt32LittleEndian(source[8..]) : BinaryPrimitives.ReadUInt64LittleEndian(source[8..]);
        return new(type, (int)length, id);
    }

    /// <summary>Encodes the header into a destination of <see cref="Bytes"/>.</summary>
    internal void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)Type);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], (uint)Length);
        if (destination.Length < BytesMax)
            BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], unchecked((uint)Id));
        else
            BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Id);
    }
}

/// <summary>A control transfer, without its data stage (usb_redir_control_packet).</summary>
/// <param name="Endpoint">Endpoint 0 with the direction bit.</param>
/// <param name="Setup">The setup stage; in an answer, its length is what was transferred.</param>
/// <param name="Status">How it went; success in a request.</param>
internal readonly record struct UsbControlPacket(byte Endpoint, UsbSetup Setup, UsbRedirStatus Status)
{
    /// <summary>Bytes before the data stage.</summary>
    internal const int Bytes = 10;

    /// <summary>The most bytes in a data stage: QEMU's buffer of a device.</summary>
    internal const int DataBytesMax = 4096;

    /// <summary>Decodes a request.</summary>
    /// <param name="body">The packet after its header: this, and the data stage when it goes to the device.</param>
    /// <exception cref="WireFormatException">The data stage is longer than the bound, or not as long as the setup stage says.</exception>
    internal static UsbControlPacket Read(ReadOnlySpan<byte> body)
    {
        var setup = new UsbSetup(
            RequestType: body[2],
            Request: body[1],
            Value: BinaryPrimitives.ReadUInt16LittleEndian(body[4..]),
            Index: BinaryPrimitives.ReadUInt16LittleEndian(body[6..]),
            Length: BinaryPrimitives.ReadUInt16LittleEndian(body[8..]));
        int expected = setup.IsRead ? 0 : setup.Length;
        if (setup.Length > DataBytesMax || body.Length - Bytes != expected)
        {
            throw new WireFormatException(
                $"usbredir: control transfer of {setup.Length} bytes: expected at most {DataBytesMax} and {expected} of them here, found {body.Length - Bytes}; connection closed");
        }
        return new(body[0], setup, (UsbRedirStatus)body[3]);
    }

    /// <summary>Encodes the packet without its data stage.</summary>
    internal void Write(Span<byte> destination)
    {
        destination[0] = Endpoint;
        destination[1] = Setup.Request;
        destination[2] = Setup.RequestType;
        destination[3] = (byte)Status;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[4..], Setup.Value);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], Setup.Index);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], Setup.Length);
    }
}
