namespace SatNode.Rig.Devices;

/// <summary>How good a DS3231 is and how it was left.</summary>
public sealed record Ds3231Options
{
    /// <summary>Bound of the drift from 0 to 40 °C, parts per million; 3.5/2 of it outside. Default: the data sheet's 2.</summary>
    public double DriftPpmMax { get; init; } = 2;

    /// <summary>Bound of the error of its thermometer, K.</summary>
    public double TemperatureErrorKelvinMax { get; init; } = 3;

    /// <summary>False for a chip whose cell was never in: it counts from 2000-01-01 and says that its oscillator had stopped.</summary>
    public bool IsSet { get; init; } = true;
}

/// <summary>DS3231 real-time clock: time in BCD with 12- and 24-hour mode, day of the week and century, a temperature-compensated oscillator that drifts by parts per million, oscillator-stop
/// flag, aging offset, thermometer. Source: Maxim Integrated DS3231, rev. 10, table 2 and pages 7 and 11 to 17.</summary>
/// <remarks>A cell feeds it, so it goes on when the board is off. Alarms are stored and never go off; the square wave is not modelled.</remarks>
public sealed class Ds3231Model : II2cChip
{
    private const int Registers = 0x13;
    private const byte OscillatorStopped = 0x80;
    private const byte Enable32Kilohertz = 0x08;
    private const byte ControlReset = 0x1C;
    private const byte Convert = 0x20;
    private const byte Hour12 = 0x40;
    private const byte Afternoon = 0x20;
    private const byte CenturyBit = 0x80;
    private const double AgingPpmPerStep = 0.1;
    private const double CelsiusZeroKelvin = 273.15;

    private static readonly DateTime PowerOn = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly TimeSpan ConversionPeriod = TimeSpan.FromSeconds(64);

    private readonly Func<double> _kelvin;
    private readonly TimeProvider _clock;
    private readonly Ds3231Options _options;
    private readonly Conversions _conversions;
    private readonly double _driftShare;
    private readonly double _temperatureError;
    private readonly byte[] _registers = new byte[Registers];
    private DateTimeOffset _countedAt;
    private DateTime _time;
    private double _remainderTicks;
    private int _weekdayOffset;
    private bool _isTwelveHours;
    private int _pointer;

    /// <summary>Creates the chip.</summary>
    /// <param name="kelvin">The temperature where it sits, K.</param>
    /// <param name="clock">The world's clock.</param>
    /// <param name="seed">Draws the chip's errors.</param>
    /// <param name="options">How good it is; null takes the data sheet's.</param>
    public Ds3231Model(Func<double> kelvin, TimeProvider clock, int seed, Ds3231Options? options = null)
    {
        _kelvin = kelvin;
        _clock = clock;
        _options = options ?? new();
        _conversions = new(clock);
        var error = new SensorError(seed);
        _driftShare = error.Within(1);
        _temperatureError = error.Within(_options.TemperatureErrorKelvinMax);
        LosePower();
        if (!_options.IsSet)
            return;
        _time = clock.GetUtcNow().UtcDateTime;
        _weekdayOffset = 0; // 1 is Monday
        _registers[(int)Register.Status] = Enable32Kilohertz;
    }

    private enum Register
    {
        Seconds = 0x00,
        Minutes = 0x01,
        Hours = 0x02,
        Weekday = 0x03,
        Date = 0x04,
        Month = 0x05,
        Year = 0x06,
        Control = 0x0E,
        Status = 0x0F,
        Aging = 0x10,
        TemperatureHigh = 0x11,
        TemperatureLow = 0x12,
    }

    /// <summary>Board and cell are without power for a moment: all is as on the first day.</summary>
    public void LosePower()
    {
        Array.Clear(_registers);
        _registers[(int)Register.Control] = ControlReset;
        _registers[(int)Register.Status] = OscillatorStopped | Enable32Kilohertz;
        _countedAt = _clock.GetUtcNow();
        _time = PowerOn;
        _remainderTicks = 0;
        _weekdayOffset = -Weekday(PowerOn, 0); // day 1
        _isTwelveHours = false;
        _conversions.Restart();
    }

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return true;
        _pointer = data[0] % Registers;
        if (data.Length == 1)
            return true;
        Latch();
        bool isTimeWritten = false;
        foreach (byte value in data[1..])
        {
            isTimeWritten |= _pointer <= (int)Register.Year;
            WriteRegister(_pointer, value);
            _pointer = (_pointer + 1) % Registers;
        }
        if (isTimeWritten)
            SetTime();
        return true;
    }

    /// <inheritdoc/>
    public bool Read(Span<byte> destination)
    {
        Latch(); // the start condition takes the time over into the registers that are read
        foreach (ref byte value in destination)
        {
            value = _registers[_pointer];
            _pointer = (_pointer + 1) % Registers;
        }
        return true;
    }

    private static byte ToBcd(int value) => (byte)(((value / 10) << 4) | (value % 10));

    private static int FromBcd(int value) => ((value >> 4) * 10) + (value & 0xF);

    private void WriteRegister(int register, byte value)
    {
        switch ((Register)register)
        {
            case Register.Seconds:
                _registers[register] = (byte)(value & 0x7F);
                _remainderTicks = 0; // the countdown chain begins anew
                break;
            case Register.Control:
                _registers[register] = (byte)(value & ~Convert);
                if ((value & Convert) != 0)
                    _conversions.Restart();
                break;
            case Register.Status:
                // Flags can be written to 0 only; BSY cannot be written.
                _registers[register] = (byte)((_registers[register] & value & (OscillatorStopped | 0x03)) | (value & Enable32Kilohertz));
                break;
            case Register.TemperatureHigh or Register.TemperatureLow:
                break;
            default:
                _registers[register] = value;
                break;
        }
    }

    /// <summary>Counts up to now and puts time and temperature into the registers.</summary>
    private void Latch()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        double kelvin = _kelvin();
        double celsius = kelvin - CelsiusZeroKelvin;
        double bound = celsius is >= 0 and <= 40 ? _options.DriftPpmMax : _options.DriftPpmMax * 3.5 / 2;
        double ppm = (_driftShare * bound) - (AgingPpmPerStep * unchecked((sbyte)_registers[(int)Register.Aging]));
        double ticks = Math.Max(0, (now - _countedAt).Ticks) * (1 + (ppm * 1e-6));
        double whole = Math.Floor(ticks + _remainderTicks);
        _remainderTicks += ticks - whole;
        _time = _time.AddTicks((long)whole);
        _countedAt = now;
        if (_conversions.IsDue(ConversionPeriod))
        {
            int quarters = (int)Math.Clamp(Math.Round((celsius + _temperatureError) * 4), -512, 511);
            _registers[(int)Register.TemperatureHigh] = unchecked((byte)(quarters >> 2));
            _registers[(int)Register.TemperatureLow] = (byte)((quarters & 3) << 6);
        }
        int hour = _time.Hour;
        _registers[(int)Register.Seconds] = ToBcd(_time.Second);
        _registers[(int)Register.Minutes] = ToBcd(_time.Minute);
        _registers[(int)Register.Hours] = _isTwelveHours
            ? (byte)(Hour12 | (hour >= 12 ? Afternoon : 0) | ToBcd(((hour + 11) % 12) + 1))
            : ToBcd(hour);
        _registers[(int)Register.Weekday] = (byte)(Weekday(_time, _weekdayOffset) + 1);
        _registers[(int)Register.Date] = ToBcd(_time.Day);
        _registers[(int)Register.Month] = (byte)(ToBcd(_time.Month) | ((_time.Year - 2000) / 100 % 2 == 1 ? CenturyBit : 0));
        _registers[(int)Register.Year] = ToBcd(_time.Year % 100);
    }

    private static int Weekday(DateTime time, int offset) => (int)((time.Ticks / TimeSpan.TicksPerDay % 7) + offset + 7) % 7;

    /// <summary>Takes the time over from the registers; a date that there is not leaves the clock as it was (the data sheet: undefined).</summary>
    private void SetTime()
    {
        int hours = _registers[(int)Register.Hours];
        _isTwelveHours = (hours & Hour12) != 0;
        int hour = _isTwelveHours ? (FromBcd(hours & 0x1F) % 12) + ((hours & Afternoon) != 0 ? 12 : 0) : FromBcd(hours & 0x3F);
        int month = _registers[(int)Register.Month];
        int year = 2000 + FromBcd(_registers[(int)Register.Year]) + ((month & CenturyBit) != 0 ? 100 : 0);
        month = FromBcd(month & 0x1F);
        int day = FromBcd(_registers[(int)Register.Date] & 0x3F), minute = FromBcd(_registers[(int)Register.Minutes]), second = FromBcd(_registers[(int)Register.Seconds]);
        if (month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return;
        long below = _time.Ticks % TimeSpan.TicksPerSecond;
        _time = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).AddTicks(_remainderTicks == 0 ? 0 : below);
        _weekdayOffset = (_registers[(int)Register.Weekday] & 7) - 1 - Weekday(_time, 0);
    }
}
