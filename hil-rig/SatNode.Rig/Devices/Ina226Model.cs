namespace SatNode.Rig.Devices;

/// <summary>How good an INA226 and its shunt are; the defaults are the data sheet's maxima.</summary>
public sealed record Ina226Options
{
    /// <summary>The shunt in Ω, above 0.</summary>
    public required double ShuntOhms { get; init; }

    /// <summary>Bound of the gain error of both measurements, a share.</summary>
    public double GainErrorMax { get; init; } = 0.001;

    /// <summary>Bound of the offset of the shunt measurement, V.</summary>
    public double ShuntOffsetVoltsMax { get; init; } = 10e-6;

    /// <summary>Bound of the offset of the bus measurement, V.</summary>
    public double BusOffsetVoltsMax { get; init; } = 7.5e-3;

    /// <summary>Noise of one shunt conversion, V (standard deviation); averaging divides it by the root of the count.</summary>
    public double ShuntNoiseVolts { get; init; } = 2.5e-6;

    /// <summary>Noise of one bus conversion, V (standard deviation).</summary>
    public double BusNoiseVolts { get; init; } = 1.25e-3;
}

/// <summary>INA226 current and power monitor: shunt ±81.92 mV in steps of 2.5 µV, bus 0 to 40.96 V in steps of 1.25 mV; current and power by its calibration
/// register. Source: Texas Instruments SBOS547B, sections 5.5, 6 and 7.1.</summary>
/// <remarks>A read gives the last finished conversion, which takes as long as configured (2.2 ms after a reset). Alerts are stored and not raised.</remarks>
public sealed class Ina226Model : WordRegisterChip
{
    private const double ShuntVoltsPerStep = 2.5e-6;
    private const double BusVoltsPerStep = 1.25e-3;
    private const ushort ConfigurationReset = 0x4127;
    private const ushort Reset = 0x8000;
    private const ushort ManufacturerId = 0x5449; // "TI"
    private const ushort DieId = 0x2260;
    private const int CurrentDivisor = 2048;  // equation 3
    private const int PowerDivisor = 20_000;  // equation 4

    private static readonly int[] Averages = [1, 4, 16, 64, 128, 256, 512, 1024];

    private static readonly int[] ConversionMicroseconds = [140, 204, 332, 588, 1100, 2116, 4156, 8244];

    private readonly Conversions _conversions;
    private readonly Func<double> _volts;
    private readonly Func<double> _amperes;
    private readonly Ina226Options _options;
    private readonly SensorError _error;
    private readonly double _shuntGain;
    private readonly double _shuntOffset;
    private readonly double _busGain;
    private readonly double _busOffset;
    private ushort _configuration = ConfigurationReset;
    private ushort _calibration;
    private ushort _maskEnable;
    private ushort _alertLimit;
    private short _shunt;
    private ushort _bus;

    /// <summary>Creates the chip.</summary>
    /// <param name="volts">The true voltage of the bus, V.</param>
    /// <param name="amperes">The true current through the shunt, A, positive from IN+ to IN−.</param>
    /// <param name="clock">The world's clock, for the conversions.</param>
    /// <param name="seed">Draws the chip's errors.</param>
    /// <param name="options">The shunt and how good the chip is.</param>
    public Ina226Model(Func<double> volts, Func<double> amperes, TimeProvider clock, int seed, Ina226Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _conversions = new(clock);
        _volts = volts;
        _amperes = amperes;
        _options = options;
        _error = new(seed);
        _shuntGain = 1 + _error.Within(options.GainErrorMax);
        _busGain = 1 + _error.Within(options.GainErrorMax);
        _shuntOffset = _error.Within(options.ShuntOffsetVoltsMax);
        _busOffset = _error.Within(options.BusOffsetVoltsMax);
    }

    private enum Register : byte
    {
        Configuration = 0x00,
        ShuntVoltage = 0x01,
        BusVoltage = 0x02,
        Power = 0x03,
        Current = 0x04,
        Calibration = 0x05,
        MaskEnable = 0x06,
        AlertLimit = 0x07,
        Manufacturer = 0xFE,
        Die = 0xFF,
    }

    /// <inheritdoc/>
    protected override ushort ReadRegister(byte pointer)
    {
        if (_conversions.IsDue(ConversionTime))
            Convert();
        return (Register)pointer switch
        {
            Register.Configuration => _configuration,
            Register.ShuntVoltage => unchecked((ushort)_shunt),
            Register.BusVoltage => _bus,
            Register.Power => (ushort)Math.Min(ushort.MaxValue, (long)Math.Abs(Current) * _bus / PowerDivisor),
            Register.Current => unchecked((ushort)Current),
            Register.Calibration => _calibration,
            Register.MaskEnable => _maskEnable,
            Register.AlertLimit => _alertLimit,
            Register.Manufacturer => ManufacturerId,
            Register.Die => DieId,
            _ => 0,
        };
    }

    /// <inheritdoc/>
    protected override void WriteRegister(byte pointer, ushort value)
    {
        switch ((Register)pointer)
        {
            case Register.Configuration when (value & Reset) != 0:
                _configuration = ConfigurationReset;
                _calibration = _maskEnable = _alertLimit = 0;
                _shunt = 0;
                _bus = 0;
                _conversions.Restart();
                break;
            case Register.Configuration:
                _configuration = value;
                Convert();
                break;
            case Register.Calibration:
                _calibration = (ushort)(value & 0x7FFF);
                break;
            case Register.MaskEnable:
                _maskEnable = value;
                break;
            case Register.AlertLimit:
                _alertLimit = value;
                break;
        }
    }

    /// <summary>From one finished conversion to the next: of both channels that are on, as often as it averages.</summary>
    private TimeSpan ConversionTime => TimeSpan.FromMicroseconds(Averages[(_configuration >> 9) & 7]
        * (((_configuration & 1) != 0 ? ConversionMicroseconds[(_configuration >> 3) & 7] : 0) + ((_configuration & 2) != 0 ? ConversionMicroseconds[(_configuration >> 6) & 7] : 0)));

    private short Current => (short)Math.Clamp((long)_shunt * _calibration / CurrentDivisor, short.MinValue, short.MaxValue);

    private void Convert()
    {
        bool shunt = (_configuration & 1) != 0; // mode bits: 1 shunt, 2 bus, 4 continuous; 0 and 4 power down and keep the last result
        bool bus = (_configuration & 2) != 0;
        double averaging = Math.Sqrt(Averages[(_configuration >> 9) & 7]);
        if (shunt)
        {
            double volts = (_amperes() * _options.ShuntOhms * _shuntGain) + _shuntOffset + _error.Noise(_options.ShuntNoiseVolts / averaging);
            _shunt = (short)Math.Clamp(Math.Round(volts / ShuntVoltsPerStep), short.MinValue, short.MaxValue);
        }
        if (bus)
        {
            double volts = (_volts() * _busGain) + _busOffset + _error.Noise(_options.BusNoiseVolts / averaging);
            _bus = (ushort)Math.Clamp(Math.Round(volts / BusVoltsPerStep), 0, 0x7FFF);
        }
    }
}
