using System.Buffers.Binary;
using System.Device.I2c;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Sensors;

/// <summary>Voltage and current of a bus.</summary>
/// <param name="Voltage">The voltage.</param>
/// <param name="Current">The current; negative flows back to the source.</param>
/// <param name="IsOfOneMoment">True when that current flowed at that voltage; false when it kept changing while they were read.</param>
public readonly record struct BusSample(ElectricPotential Voltage, ElectricCurrent Current, bool IsOfOneMoment);

/// <summary>INA226 power monitor: the drop over a shunt, ±81.92 mV in 2.5 µV steps, positive from IN+ to IN−, and the bus voltage, 0 to 36 V in
/// 1.25 mV steps. Source: Texas Instruments SBOS547B, sections 6.5.3 and 7.1. Owns <paramref name="device"/>.</summary>
/// <param name="device">The chip, at 0x40 to 0x4F.</param>
/// <param name="shuntOhms">The shunt's resistance, above 0.</param>
/// <remarks>The chip's own current register stays unused: a brown-out clears its calibration, and it then reads 0, like an idle battery.</remarks>
public sealed class Ina226(I2cDevice device, double shuntOhms) : IDisposable
{
    private const double ShuntVoltsPerStep = 2.5e-6;
    private const double BusVoltsPerStep = 1.25e-3;
    private const short ManufacturerTexasInstruments = 0x5449;
    private const int SampleAttempts = 3;

    private readonly double _shuntOhms = shuntOhms > 0 ? shuntOhms
        : throw new ArgumentOutOfRangeException(nameof(shuntOhms), shuntOhms, "expected a resistance above 0");

    private enum Register : byte
    {
        ShuntVoltage = 0x01,
        BusVoltage = 0x02,
        Manufacturer = 0xFE,
    }

    /// <summary>The current; negative flows back to the source.</summary>
    /// <exception cref="IOException">The chip did not acknowledge: absent, or the bus is stuck.</exception>
    /// <exception cref="SensorException">The converter is at an end of its range: the current is larger than the shunt allows to measure.</exception>
    public ElectricCurrent ReadCurrent()
    {
        short raw = Read(Register.ShuntVoltage);
        if (raw is short.MaxValue or short.MinValue)
            throw new SensorException($"ina226 register 0x01: expected a drop within ±81.92 mV, found a saturated 0x{raw:x4}");
        return new(raw * ShuntVoltsPerStep / _shuntOhms);
    }

    /// <summary>The bus voltage.</summary>
    /// <exception cref="IOException">The chip did not acknowledge: absent, or the bus is stuck.</exception>
    /// <exception cref="SensorException">Bit 15, always 0, is set; or a zero came from something that is no INA226.</exception>
    public ElectricPotential ReadBusVoltage()
    {
        short raw = Read(Register.BusVoltage);
        if (raw < 0)
            throw new SensorException($"ina226 register 0x02: expected bit 15 to be 0, found 0x{raw:x4}");
        if (raw == 0 && Read(Register.Manufacturer) is var manufacturer and not ManufacturerTexasInstruments)
            throw new SensorException($"ina226 register 0xfe: expected 0x5449, found 0x{manufacturer:x4}");
        return new(raw * BusVoltsPerStep);
    }

    /// <summary>The power, with the current's sign.</summary>
    /// <exception cref="IOException">The chip did not acknowledge: absent, or the bus is stuck.</exception>
    /// <exception cref="SensorException">As <see cref="ReadCurrent"/> and <see cref="ReadBusVoltage"/>.</exception>
    public Power ReadPower() => ReadBusVoltage() * ReadCurrent();

    /// <summary>Voltage and current that belong together. The chip converts one after the other, over and over, and two registers may come from two of its cycles: the current is read before the
    /// voltage and after it, and again until it stayed.</summary>
    /// <param name="changeMax">By how much the current may differ between the two reads.</param>
    /// <exception cref="IOException">The chip did not acknowledge: absent, or the bus is stuck.</exception>
    /// <exception cref="SensorException">As <see cref="ReadCurrent"/> and <see cref="ReadBusVoltage"/>.</exception>
    public BusSample ReadSample(ElectricCurrent changeMax)
    {
        double before = ReadCurrent().Amperes;
        for (int attempt = 1; ; attempt++)
        {
            ElectricPotential voltage = ReadBusVoltage();
            double after = ReadCurrent().Amperes;
            bool isSteady = Math.Abs(after - before) <= changeMax.Amperes;
            if (isSteady || attempt == SampleAttempts)
                return new(voltage, new(isSteady ? (before + after) / 2 : after), isSteady);
            before = after;
        }
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
