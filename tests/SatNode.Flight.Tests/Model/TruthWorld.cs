using SatNode.Flight.Model;
using SatNode.Flight.Sensors;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Tests.Model;

/// <summary>A satellite as it might be, written apart from the agent's model: radiation by the fourth power, a board that also radiates, Earth's
/// infrared and albedo, an attitude, a battery with a curve, a resistance and an efficiency, a transmitter, noisy and stepped sensors.
/// <c>scale</c> moves each constant.</summary>
internal sealed class TruthWorld(Func<int, double> scale, int seed)
{
    public const double OrbitSeconds = 5700;
    public const double EclipseSeconds = 2100;
    public const int Constants = 16;

    /// <summary>Factors of all constants, each moved by up to ±20 %.</summary>
    public static double[] Perturbed(Random random) => [.. Enumerable.Range(0, Constants).Select(_ => 0.8 + (0.4 * random.NextDouble()))];
    public static readonly DtnTime Start = DtnTime.From(new DateTimeOffset(2026, 6, 21, 12, 0, 0, TimeSpan.Zero));

    private const double StefanBoltzmann = 5.670374419e-8;

    private readonly Random _random = new(seed);
    private readonly double _boardCapacity = 36.5 * scale(0);
    private readonly double _conductance = 0.108 * scale(1);
    private readonly double _boardArea = 0.0008 * scale(2);
    private readonly double _frameCapacity = 9000 * scale(3);
    private readonly double _frameArea = 0.20 * scale(4);
    private readonly double _absorbed = 40 * scale(5);
    private readonly double _infrared = 25 * scale(6);
    private readonly double _array = 32 * scale(7);
    private readonly double _bus = 11 * scale(8);
    private readonly double _idle = 2.7 * scale(9);
    private readonly double _core = 1.46 * scale(10);
    private readonly double _transmitter = 15 * scale(11);
    private readonly double _ohms = 0.11 * scale(12);
    private readonly double _curveVolts = 0.12 * (scale(13) - 1); // how far the curve lies off: ±24 mV at ±20 %, bent over the charge
    private readonly double _albedo = 9 * scale(15);

    /// <summary>Four cells in series, volts at equal steps of the charge.</summary>
    public IReadOnlyList<double> Curve { get; init; } = [12.0, 13.9, 14.30, 14.52, 14.75, 15.05, 15.49, 16.02, 16.73];

    /// <summary>The battery's energy over its charge as its maker tells it, V.</summary>
    public double ToldVolts { get; init; } = 14.586;

    public double Seconds { get; private set; }

    public double Board { get; set; } = 303;

    public double Frame { get; set; } = 290;

    public double Charge { get; set; } = 0.85;

    public double BusyCores { get; set; }

    public bool IsInContact { get; set; }

    /// <summary>The array is fixed to a frame that looks at the Earth: it sees the Sun aslant after sunrise and before sunset.</summary>
    public bool LooksAtEarth { get; set; }

    /// <summary>True capacity.</summary>
    public double AmpereHours { get; } = 8.145 * scale(14);

    /// <summary>What the gauge and the agent were told at integration.</summary>
    public double ToldAmpereHours { get; init; } = 8.145 * scale(14);

    /// <summary>The counter is off by this share of the capacity.</summary>
    public double CounterOffset { get; set; }

    /// <summary>The current sensor is off by this, and the counter counts it.</summary>
    public double CurrentBias { get; init; }

    /// <summary>The counter counts so much of what flows.</summary>
    public double CounterGain { get; init; } = 1;

    public bool HasCounter { get; set; } = true;

    public ModelOptions Options => new() { BatteryCapacity = Energy.FromWattHours(ToldAmpereHours * ToldVolts), BatteryAmpereHours = ToldAmpereHours };

    public DtnTime Now => At(Seconds);

    public double Sun => Phase < OrbitSeconds - EclipseSeconds ? 1 : 0;

    private double Phase => Seconds % OrbitSeconds;

    private double Aspect => LooksAtEarth ? 0.25 + (0.95 * Math.Sin(Math.PI * Math.Min(1, Phase / (OrbitSeconds - EclipseSeconds)))) : 1;

    private double BoardPower => _idle + (_core * BusyCores);

    private double Load => _bus + BoardPower + (IsInContact ? _transmitter : 0);

    private double Solar => (Charge >= 1 ? Math.Min(_array * Aspect, Load) : _array * Aspect) * Sun;

    private double OpenVoltage
    {
        get
        {
            double place = Math.Clamp(Charge, 0, 1) * (Curve.Count - 1);
            int below = Math.Min((int)place, Curve.Count - 2);
            return Curve[below] + ((place - below) * (Curve[below + 1] - Curve[below])) + (_curveVolts * Math.Cos(5 * Charge));
        }
    }

    /// <summary>I of P = (OCV + I·R)·I.</summary>
    private double Current
    {
        get
        {
            double open = OpenVoltage;
            return (Math.Sqrt(Math.Max(0, (open * open) + (4 * _ohms * (Solar - Load)))) - open) / (2 * _ohms);
        }
    }

    /// <summary>The coming sunlight, as the orbit tells it.</summary>
    public List<SunInterval> SunAhead()
    {
        var intervals = new List<SunInterval>();
        for (double orbit = Math.Floor(Seconds / OrbitSeconds); orbit < (Seconds / OrbitSeconds) + 4; orbit++)
        {
            double begin = orbit * OrbitSeconds;
            intervals.Add(new(At(begin), At(begin + OrbitSeconds - EclipseSeconds), new(1)));
            intervals.Add(new(At(begin + OrbitSeconds - EclipseSeconds), At(begin + OrbitSeconds), new(0)));
        }
        return intervals;
    }

    public static DtnTime At(double seconds) => new(Start.Milliseconds + (ulong)(seconds * 1000));

    public void Step(double seconds)
    {
        for (double left = seconds; left > 1e-9; left -= 1)
        {
            double step = Math.Min(1, left);
            double toFrame = _conductance * (Board - Frame);
            double fromBoard = _boardArea * StefanBoltzmann * (Math.Pow(Board, 4) - Math.Pow(Frame, 4));
            double out4 = 0.8 * _frameArea * StefanBoltzmann * Math.Pow(Frame, 4);
            double sunlight = _absorbed * (LooksAtEarth ? 0.5 + (0.5 * Aspect) : 1) * Sun;
            Board += step * (BoardPower - toFrame - fromBoard) / _boardCapacity;
            Frame += step * ((sunlight + (_albedo * Sun) + _infrared + toFrame + fromBoard + (0.5 * _bus) + (IsInContact ? 0.7 * _transmitter : 0) - out4) / _frameCapacity);
            double amperes = Current;
            double coulombs = amperes * (amperes > 0 ? 0.985 : 1.01) * step;
            double before = Charge;
            Charge = Math.Clamp(Charge + (coulombs / 3600 / AmpereHours), 0, 1);
            CounterOffset += (CurrentBias * step / 3600 / ToldAmpereHours) + ((CounterGain - 1) * (Charge - before) * AmpereHours / ToldAmpereHours);
            Seconds += step;
        }
    }

    public SensorReadings Read()
    {
        SensorReadings read = ReadAll();
        return read with { BatteryRailVoltage = read.BatteryVoltage, BatteryRailCurrent = read.BatteryCurrent };
    }

    private SensorReadings ReadAll() => new()
    {
        Time = Now,
        Board = new(Stepped(Board - 273.15 + Noise(0.08), 0.0625) + 273.15),
        Structure = new(Stepped(Frame - 273.15 + Noise(0.08), 0.0625) + 273.15),
        Solar = new(Solar + Noise(0.05)),
        BoardPower = new(BoardPower + Noise(0.04)),
        StateOfCharge = new(HasCounter ? Math.Clamp(Stepped((Charge * AmpereHours / ToldAmpereHours) + CounterOffset, 3.4 / 8145), 0, 1) : double.NaN),
        BatteryVoltage = new(OpenVoltage + (Current * _ohms) + Noise(0.01)),
        BatteryCurrent = new(Current + CurrentBias + Noise(0.01)),
    };

    /// <summary>Flies with a pattern of load, feeding the model.</summary>
    public void Fly(OnboardModel model, double seconds, Func<double, double> busyCores)
    {
        for (double end = Seconds + seconds; Seconds < end;)
        {
            BusyCores = busyCores(Seconds);
            Step(10);
            model.Update(Read(), TimeSpan.FromSeconds(BusyCores * 10), new(Sun), IsInContact);
        }
    }

    private static double Stepped(double value, double step) => Math.Floor(value / step) * step;

    private double Noise(double sigma) => sigma * Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
