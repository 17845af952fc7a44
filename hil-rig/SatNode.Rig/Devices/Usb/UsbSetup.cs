namespace SatNode.Rig.Devices.Usb;

/// <summary>The setup stage of a control transfer. Source: USB specification 1.1, section 9.3.</summary>
/// <param name="RequestType">bmRequestType: bit 7 reads from the device, bits 6 and 5 say who defined the request, the rest whom it is for.</param>
/// <param name="Request">bRequest.</param>
/// <param name="Value">wValue.</param>
/// <param name="Index">wIndex.</param>
/// <param name="Length">wLength: bytes of the data stage, at most when it is read.</param>
internal readonly record struct UsbSetup(byte RequestType, byte Request, ushort Value, ushort Index, ushort Length)
{
    /// <summary>The direction bit of a request type and of an endpoint.</summary>
    internal const byte ReadBit = 0x80;

    /// <summary>The data stage comes from the device.</summary>
    internal bool IsRead => (RequestType & ReadBit) != 0;

    /// <summary>The device's vendor defined the request.</summary>
    internal bool IsVendor => (RequestType & 0x60) == 0x40;

    /// <summary>The USB specification defined the request.</summary>
    internal bool IsStandard => (RequestType & 0x60) == 0;
}
