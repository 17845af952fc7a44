using System.Buffers.Binary;
using System.Device.I2c;

namespace SatNode.Flight.Sensors;

/// <summary>24AA02E48 EEPROM: 256 bytes, the last six a world-wide unique EUI-48. Read only: it is written at integration. Source: Microchip DS20002124, sections 5 and 8.
/// Owns <paramref name="device"/>.</summary>
/// <param name="device">The chip, at 0x50.</param>
public sealed class Eeprom24AA02E48(I2cDevice device) : IDisposable
{
    /// <summary>Bytes of the memory.</summary>
    public const int Bytes = 256;

    private const byte EuiAt = 0xFA;

    /// <summary>Reads bytes from an address on.</summary>
    /// <exception cref="ArgumentException">More than the chip has from there on.</exception>
    /// <exception cref="IOException">The chip did not acknowledge: absent, busy with a write, or the bus is stuck.</exception>
    public void Read(byte address, Span<byte> destination)
    {
        if (destination.Length > Bytes - address)
            throw new ArgumentException($"24aa02e48: expected at most {Bytes - address} bytes from 0x{address:x2}, found {destination.Length}", nameof(destination));
        device.WriteRead([address], destination);
    }

    /// <summary>Reads the unique address: six bytes, big-endian.</summary>
    /// <exception cref="IOException">The chip did not acknowledge.</exception>
    /// <exception cref="SensorException">All bits are alike: a floating or stuck bus.</exception>
    public ulong ReadEui48()
    {
        Span<byte> bytes = stackalloc byte[8];
        device.WriteRead([EuiAt], bytes[2..]);
        ulong eui = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return eui is not (0 or 0xFFFF_FFFF_FFFF) ? eui : throw new SensorException($"24aa02e48 address 0xfa: expected an EUI-48, found {eui:x12}");
    }

    /// <inheritdoc/>
    public void Dispose() => device.Dispose();
}
