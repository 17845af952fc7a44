using System.Buffers.Binary;
using System.Net.Sockets;
using SatNode.Protocol.I2c;
using SatNode.Rig.Devices;

namespace SatNode.Rig.Tests.Devices;

/// <summary>A chip as a driver sees it.</summary>
internal static class Bus
{
    internal static byte[] Registers(this II2cChip chip, byte pointer, int length)
    {
        byte[] read = new byte[length];
        Assert.True(chip.Write([pointer]));
        Assert.True(chip.Read(read));
        return read;
    }

    internal static short Word(this II2cChip chip, byte pointer) => BinaryPrimitives.ReadInt16BigEndian(chip.Registers(pointer, 2));

    internal static I2cMessage Write(byte address, params byte[] data) => new(address, IsRead: false, data);

    internal static I2cMessage Read(byte address, Memory<byte> data) => new(address, IsRead: true, data);

    internal static async Task<Socket> Connect(string path)
    {
        var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await Eventually.InTime(client.ConnectAsync(new UnixDomainSocketEndPoint(path)));
        return client;
    }

    /// <summary>A transaction as an agent that is a process runs it; null when it was not acknowledged.</summary>
    internal static async Task<byte[]?> Transfer(Socket client, int expected, params I2cMessage[] messages)
    {
        byte[] request = new byte[16 * 1024];
        int length = I2cFrame.EncodeRequest(messages, request);
        await client.SendAsync(request.AsMemory(0, length));
        using var stream = new NetworkStream(client, ownsSocket: false);
        byte[] status = new byte[1];
        await Eventually.InTime(stream.ReadExactlyAsync(status).AsTask());
        if (status[0] != I2cFrame.Acknowledged)
            return null;
        byte[] data = new byte[expected];
        await Eventually.InTime(stream.ReadExactlyAsync(data).AsTask());
        return data;
    }
}
