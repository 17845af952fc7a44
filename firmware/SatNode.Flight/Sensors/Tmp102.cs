using System.Buffers.Binary;
using System.Device.I2c;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Sensors;

/// <summary>TMP102 thermometer: 12 bits of 0.0625 K, two's complement, or 13 bits in extended mode, which bit 0 of the answer tells.
/// Source: Texas Instruments SBOS397, tables 3 to 7. Owns <paramref name="device"/>.</summary>
/// <param name="device">The chip, at 0x48 to 0x4B.</param>
public sealed class Tmp102(I2cDevice device) : IDisposable
{
    private const double KelvinPerStep = 0.0625;
    private const int AlwaysSet = 0x6000; // R1 and R0 of the configuration read 11 on a chip that lives

    private enum Register : byte
    {
        Temperature = 0x00,
        Configuration = 0x01,
    }

    /// <summary>The temperature, −55 to 150 °C.</summary>
    /// <exception cref="IOException">The chip did not acknowledge: absent, or the bus is stuck.</exception>
    /// <exception cref="SensorException">Bits that always read 0 are set, or a zero came with a dead configuration: brown-out.</exception>
    public Temperature ReadTemperature()
    {
        short raw = Read(Register.Temperature);
        bool extended = (raw & 1) != 0;
        int unused = raw & (extended ? 0x6 : 0xE);
        if (unused != 0)
            throw new SensorException($"tmp102 register 0x00: expected unused bits 0, found 0x{raw:x4}");
        if (raw == 0 && (Read(Register.Configuration) & AlwaysSet) != AlwaysSet)
            throw new SensorException("tmp102 register 0x01: expected bits 14 and 13 set, found a chip that reads 0");
        return Temperature.FromCelsius((raw >> (extended ? 3 : 4)) * KelvinPerStep);
    }

    /// <inheritdoc/>
    public void Dispose() => device.Dispose();

    private short Read(Register register)
    {
        Span<byte> value = stackalloc byte[2];
        device.WriteRead([(byte)register], value);
        return BinaryPrimitives.ReadInt16BigEndian(value);
    }
}
