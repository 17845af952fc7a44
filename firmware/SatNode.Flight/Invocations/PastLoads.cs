using SatNode.Flight.Admission;
using SatNode.Flight.Model;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Invocations;

/// <summary>Invocations that ended after the sample from which the forecast starts: the sensors have not shown their heat yet, and without it one short invocation after another would be admitted
/// on a board that is warmer than it seems. Belongs to the scheduler's thread.</summary>
internal sealed class PastLoads(Forecast forecast)
{
    private readonly List<AdmittedLoad> _loads = [];

    /// <summary>Those that the forecast doesn't know; valid until the next call.</summary>
    public IReadOnlyList<AdmittedLoad> Loads
    {
        get
        {
            _loads.RemoveAll(load => load.End <= forecast.Start);
            return _loads;
        }
    }

    /// <summary>Takes in one that ended. Beyond <see cref="InvocationLimits.MaxPastLoads"/> it is added to the last, over the span of both.</summary>
    /// <param name="started">When it started.</param>
    /// <param name="ended">When it ended.</param>
    /// <param name="energy">What it took; nothing is remembered of one that took none.</param>
    public void Add(DateTimeOffset started, DateTimeOffset ended, Energy energy)
    {
        if (!(energy.Joules > 0) || ended <= started)
            return;
        var load = new AdmittedLoad(DtnTime.From(started), DtnTime.From(ended), new(energy.Joules / (ended - started).TotalSeconds), new(double.PositiveInfinity), new(0));
        if (Loads.Count == InvocationLimits.MaxPastLoads)
        {
            AdmittedLoad last = _loads[^1];
            _loads.RemoveAt(_loads.Count - 1);
            DtnTime start = last.Start < load.Start ? last.Start : load.Start, end = last.End > load.End ? last.End : load.End;
            double joules = energy.Joules + (last.Power.Watts * last.End.Since(last.Start).TotalSeconds);
            load = load with { Start = start, End = end, Power = new(joules / end.Since(start).TotalSeconds) };
        }
        _loads.Add(load);
    }
}
