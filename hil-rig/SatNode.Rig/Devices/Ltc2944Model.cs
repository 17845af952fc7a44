using System.Buffers.Binary;

namespace SatNode.Rig.Devices;

/// <summary>How a battery gauge was integrated and how good it is; the error bounds are the data sheet's.</summary>
public sealed record Ltc2944Options
{
    /// <summary>The sense resistor in Ω, above 0.</summary>
    public required double ShuntOhms { get; init; }

    /// <summary>The charge in the battery, in C, when the gauge was set at integration.</summary>
    public required double ChargeCoulombsAtIntegration { get; init; }

    /// <summary>The prescaler M set at integration: 1, 4, 16, 64, 256, 1,024 or 4,096. Default 256: with 5 mΩ, 13.9 Ah fill the register.</summary>
    public int Prescaler { get; init; } = 256;

    /// <summary>Bound of the error of counted charge, a share.</summary>
    public double ChargeErrorMax { get; init; } = 0.01;

    /// <summary>Bound of the gain error of the voltage, a share.</summary>
    public double VoltageErrorMax { get; init; } = 0.013;

    /// <summary>Bound of the gain error of the current, a share.</summary>
    public double CurrentErrorMax { get; init; } = 0.013;

    /// <summary>Bound of the error of the gauge's own thermometer, K.</summary>
    public double TemperatureErrorKelvinMax { get; init; } = 3;
}

/// <summary>What a battery gauge is connected to.</summary>
/// <param name="Volts">The battery's terminal voltage, V.</param>
/// <param name="Amperes">The current into the battery, A; negative discharges.</param>
/// <param name="NetCoulombs">All charge that went into the battery less all that came out since integration, C; never reset.</param>
/// <param name="Kelvin">The temperature where the gauge sits, K.</param>
public readonly record struct GaugeInputs(double Volts, double Amperes, double NetCoulombs, double Kelvin);

/// <summary>LTC2944 battery gas gauge: a coulomb counter whose register times q_LSB = 0.340 mAh · 50 mΩ/R · M/4096 is the charge in the battery, and a converter
/// for voltage (0 to 70.8 V), current (±64 mV over the shunt) and temperature (0 to 510 K). Source: Linear Technology 2944fa, pages 3 and 9 to 14.</summary>
/// <remarks>A read gives the last finished conversion: voltage 48 ms, current and temperature 8 ms each, page 4. The battery itself feeds the gauge, so it counts on when the board is off. Thresholds are stored; no alert is raised.</remarks>
public sealed class Ltc2944Model : II2cChip
{
    private const int Registers = 0x18;
    private const int StatusUndervoltage = 0x01; // set at power-up, cleared by the read
    private const double ChargeStepCoulombs = 0.340e-3 * 3600;
    private const double NominalShuntOhms = 0.05;
    private const int PrescalerMax = 4096;
    private const double FullScaleVolts = 70.8;
    private const double FullScaleSenseVolts = 64e-3;
    private const double FullScaleKelvin = 510;
    private const int CurrentZero = 0x7FFF;
    private const byte ModeMask = 0xC0;
    private const byte ModeAutomatic = 0xC0;
    private const byte ModeManual = 0x40;
    private const byte ModeSleep = 0x00;
    private const byte ShutdownBit = 0x01;
    private const byte AlertMode = 0x04;

    private static readonly TimeSpan ConversionTime = TimeSpan.FromMilliseconds(64);

    private readonly Conversions _conversions;
    private readonly Func<GaugeInputs> _inputs;
    private readonly Ltc2944Options _options;
    private readonly double _chargeGain;
    private readonly double _voltageGain;
    private readonly double _currentGain;
    private readonly double _temperatureOffset;
    private readonly byte[] _registers = new byte[Registers];
    private int _pointer;
    private double _count;         // the register with its fraction
    private double _countedCoulombs; // what the fraction was counted up to

    /// <summary>Creates the gauge as integration leaves it: prescaler set, converter automatic, register at the battery's charge.</summary>
    /// <param name="inputs">The truth it measures.</param>
    /// <param name="clock">The world's clock, for the conversions.</param>
    /// <param name="seed">Draws the chip's errors.</param>
    /// <param name="options">How it was integrated and how good it is.</param>
    /// <exception cref="ArgumentException">The prescaler is none of the chip's.</exception>
    public Ltc2944Model(Func<GaugeInputs> inputs, TimeProvider clock, int seed, Ltc2944Options options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        _conversions = new(clock);
        _inputs = inputs;
        _options = options;
        int exponent = Array.IndexOf([1, 4, 16, 64, 256, 1024, PrescalerMax], options.Prescaler);
        if (exponent < 0)
            throw new ArgumentException($"ltc2944: expected a prescaler of 1, 4, 16, 64, 256, 1024 or 4096, found {options.Prescaler}", nameof(options));
        var error = new SensorError(seed);
        _chargeGain = 1 + error.Within(options.ChargeErrorMax);
        _voltageGain = 1 + error.Within(options.VoltageErrorMax);
        _currentGain = 1 + error.Within(options.CurrentErrorMax);
        _temperatureOffset = error.Within(options.TemperatureErrorKelvinMax);
        _registers[(int)Register.Status] = StatusUndervoltage;
        _registers[(int)Register.Control] = (byte)(ModeAutomatic | (exponent << 3) | AlertMode);
        foreach (Register high in (ReadOnlySpan<Register>)[Register.ChargeHighLimit, Register.VoltageHighLimit, Register.CurrentHighLimit, Register.TemperatureHighLimit])
            _registers[(int)high] = 0xFF;
        _registers[(int)Register.ChargeHighLimit + 1] = _registers[(int)Register.VoltageHighLimit + 1] = _registers[(int)Register.CurrentHighLimit + 1] = 0xFF;
        _countedCoulombs = inputs().NetCoulombs;
        _count = Math.Clamp(options.ChargeCoulombsAtIntegration / CoulombsPerStep, 0, ushort.MaxValue);
    }

    private enum Register
    {
        Status = 0x00,
        Control = 0x01,
        Charge = 0x02,
        ChargeHighLimit = 0x04,
        Voltage = 0x08,
        VoltageHighLimit = 0x0A,
        Current = 0x0E,
        CurrentHighLimit = 0x10,
        Temperature = 0x14,
        TemperatureHighLimit = 0x16,
    }

    private byte Control => _registers[(int)Register.Control];

    private int Prescaler => Math.Min(PrescalerMax, 1 << (2 * ((Control >> 3) & 7)));

    private double CoulombsPerStep => ChargeStepCoulombs * (NominalShuntOhms / _options.ShuntOhms) * Prescaler / PrescalerMax;

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return true;
        _pointer = data[0];
        if (data.Length > 1)
            Count();
        foreach (byte value in data[1..])
        {
            if (_pointer < Registers)
                WriteRegister(_pointer, value);
            _pointer = (_pointer + 1) & 0xFF;
        }
        return true;
    }

    /// <inheritdoc/>
    public bool Read(Span<byte> destination)
    {
        Count();
        if ((Control & ModeMask) != ModeSleep && _conversions.IsDue(ConversionTime))
            Convert();
        Store(Register.Charge, (ushort)_count);
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = _pointer < Registers ? _registers[_pointer] : (byte)0xFF;
            if (_pointer == (int)Register.Status)
                _registers[_pointer] = 0;
            _pointer = (_pointer + 1) & 0xFF;
        }
        return true;
    }

    private void WriteRegister(int register, byte value)
    {
        switch ((Register)register)
        {
            case Register.Status or (>= Register.Voltage and < Register.VoltageHighLimit) or (>= Register.Current and < Register.CurrentHighLimit)
                or (>= Register.Temperature and < Register.TemperatureHighLimit):
                return; // read only
            case Register.Control:
                _registers[register] = value;
                _conversions.Restart();
                _count = Math.Floor(_count); // a new prescaler or a shutdown loses what is below one step
                if ((value & ModeMask) == ModeManual)
                {
                    Convert();
                    _registers[register] = (byte)(value & ~ModeMask);
                }
                return;
            case Register.Charge:
                _count = (value << 8) | ((int)_count & 0xFF);
                return;
            case Register.Charge + 1:
                _count = ((int)_count & 0xFF00) | value;
                return;
            default:
                _registers[register] = value;
                return;
        }
    }

    private void Count()
    {
        double netCoulombs = _inputs().NetCoulombs;
        if ((Control & ShutdownBit) == 0)
            _count = Math.Clamp(_count + ((netCoulombs - _countedCoulombs) * _chargeGain / CoulombsPerStep), 0, ushort.MaxValue);
        _countedCoulombs = netCoulombs;
    }

    private void Convert()
    {
        GaugeInputs now = _inputs();
        Store(Register.Voltage, Quantise(now.Volts * _voltageGain / FullScaleVolts * ushort.MaxValue, bits: 14));
        double sense = now.Amperes * _currentGain * _options.ShuntOhms / FullScaleSenseVolts;
        Store(Register.Current, Quantise(CurrentZero + (sense * CurrentZero), bits: 12));
        Store(Register.Temperature, Quantise((now.Kelvin + _temperatureOffset) / FullScaleKelvin * ushort.MaxValue, bits: 11));
    }

    /// <summary>Rounds to the converter's bits, which stand at the top of the register.</summary>
    private static ushort Quantise(double code, int bits)
    {
        int step = 1 << (16 - bits);
        return (ushort)Math.Clamp(Math.Round(code / step) * step, 0, ushort.MaxValue);
    }

    private void Store(Register register, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(_registers.AsSpan((int)register), value);
}
