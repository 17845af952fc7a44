using System.Buffers.Binary;
using System.Device.I2c;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Sensors;

/// <summary>What the coulomb counter saw at one moment.</summary>
/// <param name="ChargeMilliampereHours">Charge in the battery, from the accumulated charge register.</param>
/// <param name="Voltage">The battery's voltage.</param>
/// <param name="Current">The current; positive charges.</param>
/// <param name="Temperature">Where the gauge sits: at the battery; ±3 K.</param>
public readonly record struct BatterySample(double ChargeMilliampereHours, ElectricPotential Voltage, ElectricCurrent Current, Temperature Temperature);

/// <summary>LTC2944 battery gas gauge: counts charge in steps of <c>0.340 mAh · (50 mΩ / R) · (M / 4096)</c>, and converts voltage (70.8 V full scale),
/// current (±64 mV over the shunt, 12 bits) and its own temperature (510 K full scale, 11 bits). Source: Analog Devices LTC2944 data sheet (2944fa), tables 1 to 3 and pages 11 to 14.
/// Owns <paramref name="device"/>.</summary>
/// <param name="device">The chip, at 0x64.</param>
/// <param name="shuntOhms">The shunt's resistance, above 0.</param>
/// <remarks>The register is set at integration so that count times step is the charge in the battery. The prescaler M chosen there is therefore read,
/// never written: another one would change the meaning of the count. The driver only switches the converter to automatic, and again after every
/// brown-out, which sets the register to mid-scale; at M = 4096 and 5 mΩ that reads 111 Ah, which no plausibility check lets pass as a charge.</remarks>
public sealed class Ltc2944(I2cDevice device, double shuntOhms) : IDisposable
{
    private const double StepMilliampereHours = 0.340;
    private const double StepShuntOhms = 0.050;
    private const double FullScaleVolts = 70.8;
    private const double FullScaleKelvin = 510;
    private const double FullScaleShuntVolts = 0.064;
    private const double MinSupplyVolts = 3.6;
    private const double MaxSupplyVolts = 60;
    private const int ZeroCurrent = 32767;
    private const byte AutomaticMode = 0b1100_0000;
    private const byte PrescalerBits = 0b0011_1000;
    private const byte AlertPinBits = 0b0000_0110;
    private const byte ShutdownBit = 0b0000_0001;

    private readonly double _shuntOhms = shuntOhms > 0 ? shuntOhms
        : throw new ArgumentOutOfRangeException(nameof(shuntOhms), shuntOhms, "expected a resistance above 0");

    private enum Register : byte
    {
        Control = 0x01,
        AccumulatedCharge = 0x02,
        Voltage = 0x08,
        Current = 0x0E,
        Temperature = 0x14,
    }

    /// <summary>Reads charge, voltage and current.</summary>
    /// <returns>The sample, or null when the converter has just been switched on and has nothing yet.</returns>
    /// <exception cref="IOException">The chip did not acknowledge: absent, or the bus is stuck.</exception>
    /// <exception cref="SensorException">The control register holds what is not allowed, or the voltage is one at which the chip does not live.</exception>
    public BatterySample? Read()
    {
        byte control = ReadByte(Register.Control);
        if ((control & AlertPinBits) == AlertPinBits)
            throw new SensorException($"ltc2944 register 0x01: expected bits 2 and 1 not both set, found 0x{control:x2}");
        bool wasSwitchedOn = (control & (AutomaticMode | ShutdownBit)) != AutomaticMode;
        if (wasSwitchedOn)
            device.Write([(byte)Register.Control, (byte)(AutomaticMode | (control & (PrescalerBits | AlertPinBits)))]);
        ushort charge = ReadWord(Register.AccumulatedCharge);
        ushort rawVoltage = ReadWord(Register.Voltage);
        if (rawVoltage == 0 && wasSwitchedOn)
            return null;
        double volts = FullScaleVolts * rawVoltage / ushort.MaxValue;
        if (volts is not (>= MinSupplyVolts and <= MaxSupplyVolts))
            throw new SensorException($"ltc2944 register 0x08: expected {MinSupplyVolts} to {MaxSupplyVolts} V, found {volts:F2} V");
        int rawCurrent = ReadWord(Register.Current);
        double amperes = FullScaleShuntVolts / _shuntOhms * (rawCurrent - ZeroCurrent) / ZeroCurrent;
        return new(charge * MilliampereHoursPerStep(control), new(volts), new(amperes), new(FullScaleKelvin * ReadWord(Register.Temperature) / ushort.MaxValue));
    }

    /// <summary>The charge of one step of the accumulated charge register under a control register's prescaler, in mAh.</summary>
    public double MilliampereHoursPerStep(byte control)
    {
        int code = Math.Min((control & PrescalerBits) >> 3, 6); // 6 and 7 both mean 4096
        return StepMilliampereHours * (StepShuntOhms / _shuntOhms) * (1 << (2 * code)) / 4096;
    }

    /// <inheritdoc/>
    public void Dispose() => device.Dispose();

    private byte ReadByte(Register register)
    {
        Span<byte> value = stackalloc byte[1];
        device.WriteRead([(byte)register], value);
        return value[0];
    }

    private ushort ReadWord(Register register)
    {
        Span<byte> value = stackalloc byte[2];
        device.WriteRead([(byte)register], value);
        return BinaryPrimitives.ReadUInt16BigEndian(value);
    }
}
