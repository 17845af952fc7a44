namespace SatNode.Flight.Invocations;

/// <summary>What a function used so far: mean and deviation of its CPU time, forgetting slowly. Before the first run the manifest's limit stands.</summary>
public sealed class ExecutionProfile
{
    private const double Weight = 0.2;
    private const double Deviations = 3;

    private double _meanSeconds;
    private double _varianceSeconds2;
    private int _runs;

    /// <summary>Takes in the CPU time of a run; one that used none never began and tells nothing.</summary>
    public void Add(TimeSpan cpuTime)
    {
        if (cpuTime <= TimeSpan.Zero)
            return;
        double seconds = cpuTime.TotalSeconds;
        if (_runs++ == 0)
        {
            _meanSeconds = seconds;
            return;
        }
        double difference = seconds - _meanSeconds;
        _meanSeconds += Weight * difference;
        _varianceSeconds2 = (1 - Weight) * (_varianceSeconds2 + (Weight * difference * difference));
    }

    /// <summary>The CPU time to plan with: mean plus three deviations, at most the limit; the limit before the first run.</summary>
    public TimeSpan Expected(TimeSpan limit)
    {
        if (_runs == 0)
            return limit;
        double seconds = _meanSeconds + (Deviations * Math.Sqrt(_varianceSeconds2));
        return seconds < limit.TotalSeconds ? TimeSpan.FromSeconds(seconds) : limit;
    }
}
