using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;

namespace SatNode.Flight.Housekeeping;

/// <summary>One parameter's state by its four limits and its age. Each limit counts on its own, so that samples that change between warning and alarm are a warning at least.</summary>
internal sealed class MonitoredParameter(ParameterDefinition definition)
{
    private readonly Crossing[] _crossings = new Crossing[4]; // by MonitoringState: hard low, soft low, soft high, hard high
    private DateTimeOffset? _heard; // the last valid sample, or the first look

    public ParameterDefinition Definition { get; } = definition;

    public MonitoringState State { get; private set; }

    public bool IsEnabled { get; private set; } = true;

    /// <summary>The limits of a command; null: the dictionary's.</summary>
    public ParameterLimits? Commanded { get; private set; }

    public ParameterLimits Limits => Commanded ?? Definition.Limits;

    /// <summary>Takes new limits; what is violated stays so until enough samples say otherwise.</summary>
    public void Set(ParameterLimits? limits) => Commanded = limits;

    public void Enable(bool isEnabled)
    {
        if (isEnabled == IsEnabled)
            return;
        IsEnabled = isEnabled;
        _heard = null;
        BeginAnew();
    }

    /// <summary>Judges a valid sample.</summary>
    public void Take(double value, DateTimeOffset now, IEventSink events)
    {
        if (!IsEnabled)
            return;
        if (State == MonitoringState.Stale)
        {
            events.Raise(Events.ParameterRecovered, Definition.Name, value, Age(now), Name(State), Name(MonitoringState.Nominal));
            BeginAnew();
        }
        _heard = now;
        ParameterLimits limits = Limits;
        _crossings[0].Take(value < limits.Hard.Low + Hysteresis(0, limits), limits.Persistence);
        _crossings[1].Take(value < limits.Soft.Low + Hysteresis(1, limits), limits.Persistence);
        _crossings[2].Take(value > limits.Soft.High - Hysteresis(2, limits), limits.Persistence);
        _crossings[3].Take(value > limits.Hard.High - Hysteresis(3, limits), limits.Persistence);
        MonitoringState was = State, next = Found();
        if (next == was)
            return;
        State = next;
        EventDefinition kind = Math.Abs((int)next) switch { 2 => Events.LimitHardViolated, 1 => Events.LimitSoftViolated, _ => Events.LimitCleared };
        events.Raise(kind, Definition.Name, value, Crossed(was, next, limits) is { } limit ? limit : (ArgumentValue)"none", Name(was), Name(next));
    }

    /// <summary>To be called after a sample's time: a parameter that was not in it grows old.</summary>
    public void Look(DateTimeOffset now, IEventSink events)
    {
        if (!IsEnabled || Definition.ExpectedAge is not { } expected || State == MonitoringState.Stale)
            return;
        _heard ??= now;
        if (now - _heard <= expected)
            return;
        events.Raise(Events.ParameterStale, Definition.Name, Age(now), Name(State), Name(MonitoringState.Stale));
        State = MonitoringState.Stale;
    }

    public override string ToString()
    {
        string age = Definition.ExpectedAge is { } expected ? $"; expected at least every {expected.TotalSeconds:F0} s" : "";
        return $"{Definition.Name}: {(IsEnabled ? Name(State) : "disabled")}; soft {Limits.Soft}, hard {Limits.Hard} {Definition.Unit.ToString().ToLowerInvariant()}, persistence {Limits.Persistence}, " +
            $"by {(Commanded is null ? "the dictionary" : "command")}{age}";
    }

    public static string Name(MonitoringState state) => state switch
    {
        MonitoringState.HardLow => "hard-low",
        MonitoringState.SoftLow => "soft-low",
        MonitoringState.SoftHigh => "soft-high",
        MonitoringState.HardHigh => "hard-high",
        MonitoringState.Stale => "stale",
        _ => "nominal",
    };

    private void BeginAnew()
    {
        State = MonitoringState.Nominal;
        Array.Clear(_crossings);
    }

    private double Age(DateTimeOffset now) => (now - (_heard ?? now)).TotalSeconds;

    private MonitoringState Found() => _crossings[0].IsBeyond ? MonitoringState.HardLow
        : _crossings[3].IsBeyond ? MonitoringState.HardHigh
        : _crossings[1].IsBeyond ? MonitoringState.SoftLow
        : _crossings[2].IsBeyond ? MonitoringState.SoftHigh : MonitoringState.Nominal;

    /// <summary>The way back is as much farther, so that noise at a limit does not chatter: the sensor's accuracy, 1 % of the limit where there is none, at most a quarter of the range.</summary>
    private double Hysteresis(int crossing, ParameterLimits limits)
    {
        if (!_crossings[crossing].IsBeyond)
            return 0;
        ParameterRange range = crossing is 0 or 3 ? limits.Hard : limits.Soft;
        double limit = (crossing < 2 ? range.Low : range.High) ?? 0;
        double width = range.High - range.Low ?? double.PositiveInfinity;
        return Math.Min(Definition.Accuracy > 0 ? Definition.Accuracy : Math.Abs(limit) / 100, width / 4);
    }

    /// <summary>The limit that was crossed: on the way out that of the new state, on the way in the last one that was left behind.</summary>
    private static double? Crossed(MonitoringState was, MonitoringState next, ParameterLimits limits)
    {
        bool isWayIn = next == MonitoringState.Nominal || (Math.Sign((int)next) == Math.Sign((int)was) && Math.Abs((int)next) < Math.Abs((int)was));
        if (!isWayIn)
            return LimitOf(next, limits);
        return (next == MonitoringState.Nominal ? LimitOf((MonitoringState)Math.Sign((int)was), limits) : null) ?? LimitOf(was, limits);
    }

    private static double? LimitOf(MonitoringState state, ParameterLimits limits) => state switch
    {
        MonitoringState.HardLow => limits.Hard.Low,
        MonitoringState.SoftLow => limits.Soft.Low,
        MonitoringState.SoftHigh => limits.Soft.High,
        MonitoringState.HardHigh => limits.Hard.High,
        _ => null,
    };

    private struct Crossing
    {
        private int _count;

        public bool IsBeyond { get; private set; }

        public void Take(bool isBeyond, int persistence)
        {
            _count = isBeyond != IsBeyond ? _count + 1 : 0;
            if (_count < persistence)
                return;
            IsBeyond = isBeyond;
            _count = 0;
        }
    }
}
