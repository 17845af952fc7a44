using SatNode.Flight.Sensors;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Model.Learned;

/// <summary>A forecast by a trained network: it reads the last orbit minute by minute, then what is known of the time to come, and says how board and charge
/// will move. In one form it says all of it, in the other only by how much the identified model will be wrong. Updating and predicting allocate nothing.</summary>
public sealed class LearnedForecast
{
    /// <summary>World seconds of a step.</summary>
    public const double StepSeconds = 60;

    /// <summary>Steps of the past that it reads: an orbit.</summary>
    public const int HistorySteps = 95;

    /// <summary>The most steps ahead: as far as a forecast reaches.</summary>
    public const int MaxSteps = (Forecast.MaxPoints - 1) / PointsPerStep;

    /// <summary>Steps ahead for which the board was learned.</summary>
    public const int BoardSteps = 30;

    internal const int Inputs = 12;
    internal const int Outputs = 2;
    internal const int PointsPerStep = (int)(StepSeconds / Forecast.StepSeconds);

    private const int Columns = 7;
    private const double MaxGapSeconds = 180; // a longer silence, and the past is not known
    private const float BoardScale = 20, BoardResidualScale = 2, ChargeScale = 0.2f, ChargeResidualScale = 0.02f;

    private readonly RecurrentNetwork _network;
    private readonly float[] _history = new float[HistorySteps * Columns];
    private readonly double[] _board = new double[MaxSteps + 1];
    private readonly double[] _charge = new double[MaxSteps + 1];
    private readonly float[] _input = new float[Inputs];
    private DtnTime _lastStep;
    private DtnTime _last;
    private double _boardJoules;
    private double _batteryJoules;
    private double _seconds;
    private int _next;
    private int _known;

    internal LearnedForecast(RecurrentNetwork network, bool isResidual)
    {
        if (network.Inputs != Inputs || network.Outputs != Outputs)
            throw new InvalidDataException($"network: expected {Inputs} inputs and {Outputs} outputs, found {network.Inputs} and {network.Outputs}");
        _network = network;
        IsResidual = isResidual;
    }

    /// <summary>True where it corrects the identified model, false where it forecasts by itself.</summary>
    public bool IsResidual { get; }

    /// <summary>What the network is and how it was trained.</summary>
    public string Description => _network.Description;

    /// <summary>Steps of the last prediction; 0 while less than an orbit of the past is known.</summary>
    public int Count { get; private set; }

    /// <summary>The board at each step, in kelvin; past <see cref="BoardSteps"/> it was not trained.</summary>
    public ReadOnlySpan<double> BoardKelvin => _board.AsSpan(0, Count);

    /// <summary>The state of charge at each step.</summary>
    public ReadOnlySpan<double> StateOfCharge => _charge.AsSpan(0, Count);

    /// <summary>The network that corrects the identified model.</summary>
    public static LearnedForecast Residual() => new(Load("residual"), isResidual: true);

    /// <summary>The network that forecasts by itself.</summary>
    public static LearnedForecast Whole() => new(Load("whole"), isResidual: false);

    /// <summary>Takes a sample; one that is not whole is left out.</summary>
    /// <param name="readings">The sensors.</param>
    /// <param name="charge">The state of charge.</param>
    /// <param name="sun">The share of the Sun in view.</param>
    /// <param name="isInContact">True while a ground station is in view.</param>
    public void Update(in SensorReadings readings, Ratio charge, Ratio sun, bool isInContact)
    {
        double whole = readings.Board.Kelvin + readings.Structure.Kelvin + readings.BoardPower.Watts + readings.BatteryPower.Watts + charge.Value + sun.Value;
        if (!double.IsFinite(whole))
            return;
        double seconds = _last.Milliseconds > 0 ? readings.Time.Since(_last).TotalSeconds : 0;
        if (seconds is < 0 or > MaxGapSeconds)
            (_known, _lastStep, seconds) = (0, default, 0);
        _last = readings.Time;
        _boardJoules += readings.BoardPower.Watts * seconds;
        _batteryJoules += readings.BatteryPower.Watts * seconds;
        _seconds += seconds;
        if (_lastStep.Milliseconds > 0 && readings.Time.Since(_lastStep).TotalSeconds < StepSeconds)
            return;
        Span<float> row = _history.AsSpan(_next * Columns, Columns);
        row[0] = (float)readings.Board.Kelvin;
        row[1] = (float)readings.Structure.Kelvin;
        row[2] = (float)(_seconds > 0 ? _boardJoules / _seconds : readings.BoardPower.Watts);
        row[3] = (float)sun.Value;
        row[4] = (float)(_seconds > 0 ? _batteryJoules / _seconds : readings.BatteryPower.Watts);
        row[5] = (float)charge.Value;
        row[6] = isInContact ? 1 : 0;
        (_boardJoules, _batteryJoules, _seconds, _lastStep) = (0, 0, 0, readings.Time);
        _next = (_next + 1) % HistorySteps;
        _known = Math.Min(HistorySteps, _known + 1);
    }

    /// <summary>Forecasts.</summary>
    /// <param name="model">The identified model's forecast with all loads that are known: it tells sunlight, contacts and the board's power ahead.</param>
    public void Predict(Forecast model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Count = 0;
        if (_known < HistorySteps || model.Count == 0 || !double.IsFinite(model.BoardKelvin[^1] + model.StateOfCharge[^1]) // unknown stays so to the end
            || model.Start.Since(_last).TotalSeconds > MaxGapSeconds)
            return;
        int steps = StepsOf(model);
        _network.Reset();
        for (int i = 0; i < HistorySteps; i++)
        {
            WritePast(i, _input);
            _network.Step(_input);
        }
        (_board[0], _charge[0]) = (model.BoardKelvin[0], model.StateOfCharge[0]);
        for (int k = 1; k <= steps; k++)
        {
            WriteAhead(k, model, IsResidual, _input);
            _network.Step(_input);
            int point = k * PointsPerStep;
            _board[k] = IsResidual ? model.BoardKelvin[point] + (BoardResidualScale * _network.Output(0)) : _board[0] + (BoardScale * _network.Output(0));
            _charge[k] = Math.Clamp(IsResidual ? model.StateOfCharge[point] + (ChargeResidualScale * _network.Output(1)) : _charge[0] + (ChargeScale * _network.Output(1)), 0, 1);
        }
        Count = steps + 1;
    }

    /// <summary>How far the board lies beside the identified model's, some seconds ahead, K: between two steps in proportion, past what was learned fading.</summary>
    internal double BoardCorrection(Forecast model, double seconds)
    {
        int last = Math.Min(BoardSteps, Count - 1);
        double step = Math.Min(seconds / StepSeconds, last);
        double fading = Math.Exp(-Math.Max(0, seconds - (last * StepSeconds)) / (BoardSteps * StepSeconds));
        return fading * Between(_board, model.BoardKelvin, step);
    }

    /// <summary>The same of the state of charge; past what was foreseen it stays.</summary>
    internal double ChargeCorrection(Forecast model, double seconds) => Between(_charge, model.StateOfCharge, Math.Min(seconds / StepSeconds, Count - 1));

    internal static (double Board, double Charge) Scales(bool isResidual) => isResidual ? (BoardResidualScale, ChargeResidualScale) : (BoardScale, ChargeScale);

    /// <summary>Steps to the end of the next eclipse, at least those for the board.</summary>
    internal static int StepsOf(Forecast model)
    {
        int end = (model.EndOfNextEclipse(0) + PointsPerStep - 1) / PointsPerStep;
        return Math.Min((model.Count - 1) / PointsPerStep, Math.Max(end, BoardSteps));
    }

    /// <summary>Writes the inputs of a step of the past, 0 the oldest.</summary>
    internal void WritePast(int step, Span<float> input)
    {
        ReadOnlySpan<float> row = _history.AsSpan((_next + step) % HistorySteps * Columns, Columns);
        ReadOnlySpan<float> now = _history.AsSpan((_next + HistorySteps - 1) % HistorySteps * Columns, Columns);
        input[0] = (row[0] - row[1]) / BoardScale;
        input[1] = (row[1] - now[1]) / 10;
        input[2] = (row[0] - now[0]) / BoardScale;
        input[3] = row[2] / 5;
        input[4] = row[3];
        input[5] = row[4] / 30;
        input[6] = (row[5] - now[5]) / ChargeScale;
        input[7] = row[6];
        input[8] = 0;
        input[9] = 0;
        input[10] = 0;
        input[11] = now[5];
    }

    /// <summary>Writes the inputs of a step ahead, from 1 on.</summary>
    internal void WriteAhead(int step, Forecast model, bool isResidual, Span<float> input)
    {
        ReadOnlySpan<float> now = _history.AsSpan((_next + HistorySteps - 1) % HistorySteps * Columns, Columns);
        int last = step * PointsPerStep;
        double watts = 0, sun = 0, contact = 0;
        for (int point = last - PointsPerStep; point < last; point++)
        {
            watts += model.BoardWatts[point] / PointsPerStep;
            sun += model.SunShare[point] / PointsPerStep;
            contact += model.ContactShare[point] / PointsPerStep;
        }
        input[0] = (now[0] - now[1]) / BoardScale;
        input[1] = 0;
        input[2] = 0;
        input[3] = (float)watts / 5;
        input[4] = (float)sun;
        input[5] = 0;
        input[6] = 0;
        input[7] = (float)contact;
        input[8] = 1;
        input[9] = isResidual ? (float)(model.BoardKelvin[last] - model.BoardKelvin[0]) / BoardScale : 0;
        input[10] = isResidual ? (float)(model.StateOfCharge[last] - model.StateOfCharge[0]) / ChargeScale : 0;
        input[11] = now[5];
    }

    private static double Between(double[] corrected, ReadOnlySpan<double> model, double step)
    {
        int below = (int)step;
        double here = corrected[below] - model[below * PointsPerStep];
        return step == below ? here : here + ((step - below) * (corrected[below + 1] - model[(below + 1) * PointsPerStep] - here));
    }

    private static RecurrentNetwork Load(string kind)
    {
        string name = $"SatNode.Flight.Model.Learned.forecast-{kind}.bin";
        using Stream stream = typeof(LearnedForecast).Assembly.GetManifestResourceStream(name) ?? throw new InvalidDataException($"resource {name}: expected it in the assembly");
        byte[] file = new byte[stream.Length];
        stream.ReadExactly(file);
        return RecurrentNetwork.Read(file);
    }
}
