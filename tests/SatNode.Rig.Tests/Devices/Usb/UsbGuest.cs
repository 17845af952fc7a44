using System.Buffers.Binary;
using System.Net.Sockets;

namespace SatNode.Rig.Tests.Devices.Usb;

/// <summary>A packet as it was on the wire.</summary>
internal sealed record UsbPacket(uint Type, ulong Id, byte[] Body);

/// <summary>What QEMU's usb-redir device is to the adapter: the other end of the usbredir protocol, byte by byte.</summary>
internal sealed class UsbGuest : IDisposable
{
    internal const uint Hello = 0;
    internal const uint DeviceConnect = 1;
    internal const uint Reset = 3;
    internal const uint InterfaceInfo = 4;
    internal const uint EndpointInfo = 5;
    internal const uint SetConfiguration = 6;
    internal const uint GetConfiguration = 7;
    internal const uint ConfigurationStatus = 8;
    internal const uint SetAlternate = 9;
    internal const uint GetAlternate = 10;
    internal const uint AlternateStatus = 11;
    internal const uint CancelData = 21;
    internal const uint ControlPacket = 100;
    internal const uint QemuCapabilities = 0xFE; // all but bulk streams, as QEMU 7.2 says

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly bool _wide;
    private bool _saidHello;
    private ulong _id;

    private UsbGuest(Socket socket, bool wide)
    {
        _socket = socket;
        _stream = new(socket, ownsSocket: true);
        _wide = wide;
        _id = wide ? 0x1_0000_0000ul : 1; // more than 32 bits hold
    }

    internal static async Task<UsbGuest> Connect(string path, bool wide = true)
    {
        return new(await Bus.Connect(path), wide);
    }

    /// <summary>Connects and exchanges hellos; returns after the device has arrived.</summary>
    internal static async Task<UsbGuest> Boot(string path, uint capabilities = QemuCapabilities)
    {
        UsbGuest guest = await Connect(path, wide: (capabilities & (1 << 5)) != 0);
        await guest.Send(Packet(Hello, 0, HelloBody(capabilities), wide: false));
        Assert.Equal(Hello, (await guest.Receive()).Type);
        guest._saidHello = true;
        while ((await guest.Receive()).Type != DeviceConnect)
        {
        }
        return guest;
    }

    internal static byte[] HelloBody(uint capabilities)
    {
        byte[] body = new byte[68];
        "qemu usb-redir guest 7.2"u8.CopyTo(body);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(64), capabilities);
        return body;
    }

    internal static byte[] Packet(uint type, ulong id, byte[] body, bool wide = true, uint? length = null)
    {
        byte[] packet = new byte[(wide ? 16 : 12) + body.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(packet, type);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(4), length ?? (uint)body.Length);
        if (wide)
            BinaryPrimitives.WriteUInt64LittleEndian(packet.AsSpan(8), id);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), (uint)id);
        body.CopyTo(packet, wide ? 16 : 12);
        return packet;
    }

    /// <summary>The body of a control packet: usb_redir_control_packet_header and a data stage to the device.</summary>
    internal static byte[] ControlBody(byte requestType, byte request, ushort value, ushort index, ushort length, params byte[] data)
    {
        byte[] body = [(byte)(requestType & 0x80), request, requestType, 0, 0, 0, 0, 0, 0, 0, .. data];
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(4), value);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(6), index);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(8), length);
        return body;
    }

    internal async Task Send(byte[] bytes) => await Eventually.InTime(_stream.WriteAsync(bytes).AsTask());

    internal async Task<UsbPacket> Receive()
    {
        bool wide = _wide && _saidHello;
        byte[] header = new byte[wide ? 16 : 12];
        await Eventually.InTime(_stream.ReadExactlyAsync(header).AsTask());
        byte[] body = new byte[BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4))];
        await Eventually.InTime(_stream.ReadExactlyAsync(body).AsTask());
        ulong id = wide ? BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(8)) : BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8));
        return new(BinaryPrimitives.ReadUInt32LittleEndian(header), id, body);
    }

    /// <summary>Sends a request and returns the answer, which must carry its id.</summary>
    internal async Task<UsbPacket> Ask(uint type, params byte[] body)
    {
        ulong id = _id++;
        await Send(Packet(type, id, body, _wide));
        UsbPacket answer = await Receive();
        while (answer.Type is EndpointInfo or InterfaceInfo)
            answer = await Receive();
        Assert.Equal(id, answer.Id);
        return answer;
    }

    /// <summary>A control transfer: the status, the length that the answer states, and the data stage from the device.</summary>
    internal async Task<(byte Status, int Length, byte[] Data)> Control(
        byte requestType, byte request, ushort value, ushort index, ushort length, params byte[] data)
    {
        UsbPacket answer = await Ask(ControlPacket, ControlBody(requestType, request, value, index, length, data));
        Assert.Equal(ControlPacket, answer.Type);
        return (answer.Body[3], BinaryPrimitives.ReadUInt16LittleEndian(answer.Body.AsSpan(8)), answer.Body[10..]);
    }

    /// <summary>A message as the kernel's i2c-tiny-usb sends it; returns what was read, or null when the status says not acknowledged.</summary>
    internal async Task<byte[]?> Write(byte address, byte[] data, bool isFirst = true, bool isLast = true)
    {
        (byte status, int length, _) = await Control(0x41, Command(isFirst, isLast), 0, address, (ushort)data.Length, data);
        Assert.Equal((0, data.Length), ((int)status, length));
        return await IsAcknowledged() ? [] : null;
    }

    /// <summary>The same for a read.</summary>
    internal async Task<byte[]?> Read(byte address, ushort length, bool isFirst = true, bool isLast = true)
    {
        (byte status, int transferred, byte[] data) = await Control(0xC1, Command(isFirst, isLast), 1, address, length);
        Assert.Equal((0, (int)length, (int)length), ((int)status, transferred, data.Length));
        return await IsAcknowledged() ? data : null;
    }

    internal async Task<byte[]?> ReadRegister(byte address, byte pointer, ushort length) =>
        await Write(address, [pointer], isLast: false) is null ? null : await Read(address, length, isFirst: false);

    /// <summary>Waits for the adapter to close; whatever it still sends is passed over.</summary>
    internal async Task<bool> IsDisconnected()
    {
        byte[] rest = new byte[4096];
        try
        {
            while (await Eventually.InTime(_stream.ReadAsync(rest).AsTask()) > 0)
            {
            }
        }
        catch (IOException)
        {
            // reset: closed as well
        }
        return true;
    }

    internal void CloseWriting() => _socket.Shutdown(SocketShutdown.Send);

    public void Dispose() => _stream.Dispose();

    private static byte Command(bool isFirst, bool isLast) => (byte)(4 + (isFirst ? 1 : 0) + (isLast ? 2 : 0));

    private async Task<bool> IsAcknowledged()
    {
        (byte status, int length, byte[] data) = await Control(0xC1, 3, 0, 0, 1);
        Assert.Equal((0, 1), ((int)status, length));
        return data[0] switch
        {
            1 => true,
            2 => false,
            byte other => throw new InvalidOperationException($"expected status 1 or 2 after a message, found {other}"),
        };
    }
}
