namespace SatNode.Rig.Devices;

/// <summary>How good a TMP102 is.</summary>
public sealed record Tmp102Options
{
    /// <summary>The bound of the error before quantisation, in K: 0 to 10. Default: the data sheet's typical 0.5.</summary>
    public double AccuracyKelvin { get; init; } = 0.5;

    /// <summary>Standard deviation of the noise of one conversion, in K. Default: a quarter of a step.</summary>
    public double NoiseKelvin { get; init; } = 0.016;

    /// <summary>Time constant with which the package follows what it is glued to. Default: half a second.</summary>
    public TimeSpan Lag { get; init; } = TimeSpan.FromSeconds(0.5);
}

/// <summary>TMP102 thermometer: 12 bits of 0.0625 °C (13 in extended mode), registers temperature, configuration, low and high limit.
/// Source: Texas Instruments SBOS397H, section 7.5.</summary>
/// <remarks>Converts at its rate (4 a second after a reset): a read gives the last finished conversion. Between two conversions the lag sees what is true at the later one.</remarks>
public sealed class Tmp102Model : WordRegisterChip
{
    private const double CelsiusPerStep = 0.0625;
    private const double CelsiusZeroKelvin = 273.15;
    private const ushort ConfigurationReset = 0x60A0;
    private const ushort ReadOnlyBits = 0x6020; // R1, R0 and AL
    private const ushort Alert = 0x0020;
    private const ushort Shutdown = 0x0100;
    private const ushort OneShot = 0x8000;
    private const ushort Polarity = 0x0400;
    private const ushort Extended = 0x0010;

    private static readonly TimeSpan[] Periods = [TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(0.125)]; // by CR1, CR0

    private readonly Conversions _conversions;
    private readonly Func<double> _kelvin;
    private readonly TimeProvider _clock;
    private readonly Tmp102Options _options;
    private readonly SensorError _error;
    private readonly double _offsetKelvin;
    private ushort _configuration = ConfigurationReset;
    private ushort _low = 0x4B00;  // 75 °C
    private ushort _high = 0x5000; // 80 °C
    private double _packageKelvin = double.NaN;
    private DateTimeOffset _packageAt;
    private double _convertedCelsius; // 0 °C until the first conversion
    private bool _alert;

    /// <summary>Creates the chip.</summary>
    /// <param name="kelvin">The true temperature of what it is glued to, K.</param>
    /// <param name="clock">The world's clock, for the lag.</param>
    /// <param name="seed">Draws the chip's errors.</param>
    /// <param name="options">How good it is; null takes the data sheet's typical chip.</param>
    public Tmp102Model(Func<double> kelvin, TimeProvider clock, int seed, Tmp102Options? options = null)
    {
        _kelvin = kelvin;
        _clock = clock;
        _conversions = new(clock);
        _options = options ?? new();
        _error = new(seed);
        _offsetKelvin = _error.Within(_options.AccuracyKelvin);
    }

    private enum Register : byte
    {
        Temperature = 0,
        Configuration = 1,
        Low = 2,
        High = 3,
    }

    /// <inheritdoc/>
    protected override ushort ReadRegister(byte pointer)
    {
        if ((_configuration & Shutdown) == 0 && _conversions.IsDue(Periods[(_configuration >> 6) & 3]))
            Convert();
        return (Register)pointer switch
        {
            Register.Temperature => Encode(_convertedCelsius),
            Register.Configuration => (ushort)((_configuration & ~Alert) | (_alert == ((_configuration & Polarity) != 0) ? Alert : 0)),
            Register.Low => _low,
            Register.High => _high,
            _ => 0,
        };
    }

    /// <inheritdoc/>
    protected override void WriteRegister(byte pointer, ushort value)
    {
        switch ((Register)pointer)
        {
            case Register.Configuration:
                _configuration = (ushort)((_configuration & ReadOnlyBits) | (value & ~ReadOnlyBits));
                if ((value & OneShot) != 0 && (value & Shutdown) != 0)
                    Convert();
                break;
            case Register.Low:
                _low = value;
                break;
            case Register.High:
                _high = value;
                break;
        }
    }

    private void Convert()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        double truth = _kelvin();
        double seconds = Math.Max(0, (now - _packageAt).TotalSeconds);
        _packageKelvin = double.IsNaN(_packageKelvin) || _options.Lag <= TimeSpan.Zero
            ? truth
            : truth + ((_packageKelvin - truth) * Math.Exp(-seconds / _options.Lag.TotalSeconds));
        _packageAt = now;
        double error = Math.Clamp(_offsetKelvin + _error.Noise(_options.NoiseKelvin), -_options.AccuracyKelvin, _options.AccuracyKelvin);
        _convertedCelsius = _packageKelvin + error - CelsiusZeroKelvin;
        if (_convertedCelsius >= Decode(_high))
            _alert = true;
        else if (_convertedCelsius < Decode(_low))
            _alert = false;
    }

    private ushort Encode(double celsius)
    {
        bool extended = (_configuration & Extended) != 0;
        double steps = Math.Round(celsius / CelsiusPerStep, MidpointRounding.ToEven);
        return extended
            ? (ushort)((((int)Math.Clamp(steps, -0x1000, 0xFFF) & 0x1FFF) << 3) | 1)
            : (ushort)(((int)Math.Clamp(steps, -0x800, 0x7FF) & 0xFFF) << 4);
    }

    private double Decode(ushort limit) =>
        ((_configuration & Extended) != 0 ? unchecked((short)limit) >> 3 : unchecked((short)limit) >> 4) * CelsiusPerStep;
}
