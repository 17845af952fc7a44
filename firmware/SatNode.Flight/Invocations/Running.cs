using SatNode.Flight.Admission;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Invocations;

/// <summary>An invocation that runs.</summary>
internal sealed class Running(Pending pending, IReadOnlyList<Pending> others, InvocationScheduler.Stage[] stages, DateTimeOffset started, StateOrigin origin, AdmissionRequest request) : IDisposable
{
    private CancellationTokenSource? _stop;

    public Pending Pending => pending;

    /// <summary>The messages that were handed over with it.</summary>
    public IReadOnlyList<Pending> Others => others;

    /// <summary>The invocation, and those that run in its instance after it.</summary>
    public InvocationScheduler.Stage[] Stages => stages;

    public DateTimeOffset Started => started;

    public StateOrigin Origin => origin;

    public required Task<ExecutionResult> Execution { get; init; }

    public required InvocationPace Pace { get; init; }

    /// <summary>What it was admitted for, in world seconds of a core.</summary>
    public TimeSpan Expected => request.Duration;

    /// <summary>What its manifest allows, in world seconds of a core.</summary>
    public required TimeSpan Allowed { get; init; }

    /// <summary>World seconds of load for a second of the board's CPU time.</summary>
    public required double LoadFactor { get; init; }

    /// <summary>Ends it when it is cancelled.</summary>
    public required CancellationTokenSource Stop
    {
        init => _stop = value;
    }

    /// <summary>The share that brown-out left it; 1 unless it was slowed.</summary>
    public double Share { get; private set; } = 1;

    /// <summary>Why it was told to stop; null while it may go on.</summary>
    public Margin? StoppedFor { get; private set; }

    /// <summary>World seconds of a core that are still to come. One that has used more than it was admitted for is taken to need as much again, within what its manifest allows.</summary>
    public TimeSpan Left
    {
        get
        {
            TimeSpan used = Pace.CpuTime * LoadFactor;
            if (used < Expected)
                return Expected - used;
            TimeSpan allowed = Allowed - used;
            return used < allowed ? used : allowed < InvocationLimits.LeftMin ? InvocationLimits.LeftMin : allowed;
        }
    }

    /// <summary>What it will do to the board from a time on, at a share of its speed.</summary>
    public AdmittedLoad LoadFrom(DateTimeOffset now, double share)
    {
        TimeSpan duration = Left / share;
        if (duration > InvocationLimits.SlowedHorizon)
            duration = InvocationLimits.SlowedHorizon;
        return new(DtnTime.From(now), DtnTime.From(now + duration), new(request.Power.Watts * share), request.BoardTemperatureMax, request.StateOfChargeMin);
    }

    /// <summary>Has it work at a share of its speed.</summary>
    public void SetShare(double share) => Pace.Share = Share = share;

    /// <summary>Tells it to stop; once.</summary>
    public void StopFor(in Margin margin)
    {
        if (StoppedFor is not null)
            return;
        StoppedFor = margin;
        _stop?.Cancel();
    }

    public void Dispose()
    {
        _stop?.Dispose();
        _stop = null;
    }
}
