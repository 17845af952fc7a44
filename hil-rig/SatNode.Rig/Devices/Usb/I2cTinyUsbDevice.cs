using System.Buffers.Binary;
using SatNode.Protocol.I2c;

namespace SatNode.Rig.Devices.Usb;

/// <summary>An i2c-tiny-usb adapter, the USB device that Linux drives with its module of that name: control transfers at endpoint 0 and nothing else, one
/// for each message of an I²C transaction and one for how it went. Source: Linux drivers/i2c/busses/i2c-tiny-usb.c; USB specification 1.1, sections 9.4 and
/// 9.6.</summary>
internal sealed class I2cTinyUsbDevice(I2cBus bus)
{
    /// <summary>The vendor's number (FTDI, who gave the product number to the project).</summary>
    internal const ushort VendorId = 0x0403;

    /// <summary>The product's number.</summary>
    internal const ushort ProductId = 0xC631;

    /// <summary>The one configuration.</summary>
    internal const byte Configuration = 1;

    /// <summary>bInterfaceClass: defined by the vendor.</summary>
    internal const byte InterfaceClass = 0xFF;

    /// <summary>bMaxPacketSize0.</summary>
    internal const byte PacketBytes = 8;

    private const byte GetStatus = 0;
    private const byte GetDescriptor = 6;
    private const byte DeviceDescriptorType = 1;
    private const byte ConfigurationDescriptorType = 2;

    private static readonly byte[] DeviceDescriptor =
    [
        18, DeviceDescriptorType, 0x10, 0x01, 0, 0, 0, PacketBytes, VendorId & 0xFF, VendorId >> 8, ProductId & 0xFF, ProductId >> 8,
        0x05, 0x02, 0, 0, 0, 1, // version 2.05, no texts, one configuration
    ];

    private static readonly byte[] ConfigurationDescriptor =
    [
        9, ConfigurationDescriptorType, 18, 0, 1, Configuration, 0, 0x80, 50, // powered by the bus, 100 mA
        9, 4, 0, 0, 0, InterfaceClass, 0, 0, 0,                              // interface 0 has no endpoints of its own
    ];

    private readonly byte[] _message = new byte[I2cFrame.MaxDataBytes];
    private IoStatus _status;

    private enum Command : byte
    {
        Echo = 0,
        GetFunctions = 1,
        SetDelay = 2,
        GetStatus = 3,
        Io = 4,
    }

    [Flags]
    private enum IoFlags : byte
    {
        None = 0,
        Begin = 1,
        End = 2,
    }

    private enum IoStatus : byte
    {
        Idle = 0,
        Acknowledged = 1,
        NotAcknowledged = 2,
    }

    /// <summary>I2C_FUNC_I2C and I2C_FUNC_SMBUS_EMUL without packet error codes, which the chips do not have (Linux include/uapi/linux/i2c.h).</summary>
    private const uint Functions = 0x0EFF_0001;

    /// <summary>A bus reset or an unplugged cable: an open transaction ends.</summary>
    internal void Reset()
    {
        bus.Stop(this);
        _status = IoStatus.Idle;
    }

    /// <summary>Runs a control transfer at endpoint 0.</summary>
    /// <param name="setup">The setup stage.</param>
    /// <param name="data">The data stage, as long as the setup stage says: what is written, or where what is read goes.</param>
    /// <returns>Bytes transferred in the data stage, or null: the device does not know the request and stalls (section 9.2.7).</returns>
    internal int? Transfer(in UsbSetup setup, Span<byte> data) => setup switch
    {
        { IsStandard: true, IsRead: true, Request: GetDescriptor } => Describe(setup.Value >> 8, data),
        { IsStandard: true, IsRead: true, Request: GetStatus } => Read([0, 0], data), // powered by the bus, does not wake, not halted
        { IsVendor: true } => (Command)setup.Request switch
        {
            Command.Echo when setup.IsRead => ReadNumber(setup.Value, sizeof(ushort), data),
            Command.GetFunctions when setup.IsRead => ReadNumber(Functions, sizeof(uint), data),
            Command.SetDelay when !setup.IsRead => data.Length, // these wires have no clock to slow down
            Command.GetStatus when setup.IsRead => Read([(byte)_status], data),
            >= Command.Io and <= Command.Io + (byte)(IoFlags.Begin | IoFlags.End) => RunMessage(setup, (IoFlags)(setup.Request - (byte)Command.Io), data),
            _ => null,
        },
        _ => null,
    };

    private static int? Describe(int type, Span<byte> destination) => type switch
    {
        DeviceDescriptorType => Read(DeviceDescriptor, destination),
        ConfigurationDescriptorType => Read(ConfigurationDescriptor, destination),
        _ => null,
    };

    /// <summary>Reads are cut short where the host asks for less.</summary>
    private static int Read(ReadOnlySpan<byte> answer, Span<byte> destination)
    {
        int length = Math.Min(answer.Length, destination.Length);
        answer[..length].CopyTo(destination);
        return length;
    }

    private static int ReadNumber(uint value, int bytes, Span<byte> destination)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(number, value);
        return Read(number[..bytes], destination);
    }

    /// <summary>wIndex is the chip's address. wValue has the kernel's message flags, of which the direction is known already.</summary>
    private int? RunMessage(in UsbSetup setup, IoFlags flags, Span<byte> data)
    {
        if (data.Length > _message.Length)
            return null;
        Memory<byte> message = _message.AsMemory(0, data.Length);
        message.Span.Clear();
        if (!setup.IsRead)
            data.CopyTo(message.Span);
        byte address = (byte)Math.Min(setup.Index, byte.MaxValue); // no chip has more than 7 bits
        bool acknowledged = bus.Transfer(this, new(address, setup.IsRead, message), flags.HasFlag(IoFlags.Begin), flags.HasFlag(IoFlags.End));
        _status = acknowledged ? IoStatus.Acknowledged : IoStatus.NotAcknowledged;
        if (setup.IsRead)
            message.Span.CopyTo(data);
        return data.Length; // also when no chip answered: the driver takes a short transfer for a broken cable, and asks for the status next
    }
}
