namespace SatNode.Flight.Boards;

/// <summary>What must be well for a slot on trial to be confirmed, at the end of one tick.</summary>
/// <param name="AreSensorsRead">The latest reading has a value of every sensor.</param>
/// <param name="WriteFailures">Transactions of the flight database that failed since the start.</param>
public readonly record struct Health(bool AreSensorsRead, long WriteFailures);

/// <summary>What a health check has come to.</summary>
public enum HealthVerdict
{
    /// <summary>Not yet decided.</summary>
    Open = 0,

    /// <summary>All was well without a break for the check's duration.</summary>
    Passed,

    /// <summary>It was not, in <see cref="HealthCheck.Patience"/> times the duration.</summary>
    Failed,
}

/// <summary>Watches a slot on trial: passes when all is well for a duration without a break. It gives the board three times as long, because a bus or a disk may
/// take some seconds after power-on.</summary>
/// <param name="duration">Machine time for which all must be well.</param>
/// <param name="tickPeriod">From tick to tick, in the machine's time: 1 s by the world's rate.</param>
/// <param name="machine">The machine's clock.</param>
public sealed class HealthCheck(TimeSpan duration, TimeSpan tickPeriod, TimeProvider machine)
{
    /// <summary>How late a tick may be. The machine's time: at sixty times real time a tick is late in the world whenever the garbage is collected.</summary>
    public static readonly TimeSpan LatenessMax = TimeSpan.FromSeconds(2);

    /// <summary>The whole check takes as many durations at most.</summary>
    public const int Patience = 3;

    private readonly long _begin = machine.GetTimestamp();
    private long? _goodSince;
    private long? _previousTick;
    private long _writeFailures;

    /// <summary>What was wrong last, for people.</summary>
    public string Fault { get; private set; } = "no tick finished";

    /// <summary>Looks at the end of a tick.</summary>
    public HealthVerdict Look(in Health health)
    {
        long now = machine.GetTimestamp();
        string? fault = FaultOf(health, now);
        (_previousTick, _writeFailures) = (now, health.WriteFailures);
        if (fault is not null)
        {
            Fault = fault;
            _goodSince = null;
        }
        else
        {
            _goodSince ??= now;
            if (machine.GetElapsedTime(_goodSince.Value, now) >= duration)
                return HealthVerdict.Passed;
        }
        return machine.GetElapsedTime(_begin, now) >= duration * Patience ? HealthVerdict.Failed : HealthVerdict.Open;
    }

    private string? FaultOf(in Health health, long now)
    {
        if (!health.AreSensorsRead)
            return "a sensor does not answer";
        if (health.WriteFailures > _writeFailures)
            return "the flight database can't be written";
        return _previousTick is { } previous && machine.GetElapsedTime(previous, now) > tickPeriod + LatenessMax ? "ticks are late" : null;
    }
}
