using System.Buffers.Binary;
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
}
