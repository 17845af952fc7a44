using SatNode.Flight.Model;
using SatNode.Flight.Sensors;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Tests.Model;

/// <summary>A satellite as it might be, written apart from the agent's model: radiation by the fourth power, a board that also radiates, Earth's
/// infrared and albedo, a voltage that falls with charge, efficiency, loads that jump, noisy and stepped sensors. <c>scale</c> moves each constant.</summary>
internal sealed class TruthWorld(Func<int, double> scale, int seed)
{
    public const double OrbitSeconds = 5700;
    public const double EclipseSeconds = 2100;
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
    private readonly double _amperehours = 8.145;

    public double Seconds { get; private set; }

    public double Board { get; set; } = 303;

    public double Frame { get; set; } = 290;

    public double Charge { get; set; } = 0.85;

    public double BusyCores { get; set; }

    public DtnTime Now => new(Start.Milliseconds + (ulong)(Seconds * 1000));

    public double Sun => SunAt(Seconds);

    private double BoardPower => _idle + (_core * BusyCores);

    private double Voltage => 12.2 + (3.8 * Charge);

    private double BatteryPower => (Charge >= 1 ? Math.Min(_array, _bus + BoardPower) : _array) * Sun - _bus - BoardPower;

    private static double SunAt(double seconds) => seconds % OrbitSeconds < OrbitSeconds - EclipseSeconds ? 1 : 0;

    /// <summary>The coming sunlight, as the orbit tells it.</summary>
    public List<SunInterval> SunAhead()
    {
        var intervals = new List<SunInterval>();
        for (double orbit = Math.Floor(Seconds / OrbitSeconds); orbit < (Seconds / OrbitSeconds) + 4; orbit++)
        {
            DtnTime At(double seconds) => new(Start.Milliseconds + (ulong)(seconds * 1000));
            double begin = orbit * OrbitSeconds;
            intervals.Add(new(At(begin), At(begin + OrbitSeconds - EclipseSeconds), new(1)));
            intervals.Add(new(At(begin + OrbitSeconds - EclipseSeconds), At(begin + OrbitSeconds), new(0)));
        }
        return intervals;
    }

    public void Step(double seconds)
    {
        for (double left = seconds; left > 1e-9; left -= 1)
        {
            double step = Math.Min(1, left);
            double toFrame = _conductance * (Board - Frame);
            double fromBoard = _boardArea * StefanBoltzmann * (Math.Pow(Board, 4) - Math.Pow(Frame, 4));
            double out4 = 0.8 * _frameArea * StefanBoltzmann * Math.Pow(Frame, 4);
            double albedo = 9 * Sun;
            Board += step * (BoardPower - toFrame - fromBoard) / _boardCapacity;
            Frame += step * (((_absorbed * Sun) + albedo + _infrared + toFrame + fromBoard + (0.5 * _bus) - out4) / _frameCapacity);
            double coulombs = BatteryPower / Voltage * (BatteryPower > 0 ? 0.985 : 1.01) * step;
            Charge = Math.Clamp(Charge + (coulombs / 3600 / _amperehours), 0, 1);
            Seconds += step;
        }
    }

    public SensorReadings Read()
    {
        double solar = (Charge >= 1 ? Math.Min(_array, _bus + BoardPower) : _array) * Sun;
        return new()
        {
            Time = Now,
            Board = new(Stepped(Board - 273.15 + Noise(0.08), 0.0625) + 273.15),
            Structure = new(Stepped(Frame - 273.15 + Noise(0.08), 0.0625) + 273.15),
            Solar = new(solar + Noise(0.05)),
            BoardPower = new(BoardPower + Noise(0.04)),
            StateOfCharge = new(Math.Clamp(Stepped(Charge, 3.4 / 8145), 0, 1)),
            BatteryVoltage = new(Voltage + Noise(0.01)),
            BatteryCurrent = new((BatteryPower / Voltage) + Noise(0.01)),
        };
    }

    /// <summary>Flies with a pattern of load, feeding the model.</summary>
    public void Fly(OnboardModel model, double seconds, Func<double, double> busyCores)
    {
        for (double end = Seconds + seconds; Seconds < end;)
        {
            BusyCores = busyCores(Seconds);
            Step(10);
            model.Update(Read(), TimeSpan.FromSeconds(BusyCores * 10), new(Sun));
        }
    }

    private static double Stepped(double value, double step) => Math.Floor(value / step) * step;

    private double Noise(double sigma) => sigma * Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
