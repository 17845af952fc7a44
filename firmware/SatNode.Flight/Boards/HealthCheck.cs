namespace SatNode.Flight.Boards;

/// <summary>What must be well for a slot on trial to be confirmed, at the end of one tick.</summary>
/// <param name="AreSensorsRead">The latest reading has a value of every sensor.</param>
/// <param name="TickSlips">Ticks that started late since the start.</param>
/// <param name="WriteFailures">Transactions of the flight database that failed since the start.</param>
public readonly record struct Health(bool AreSensorsRead, long TickSlips, long WriteFailures);

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
/// <param name="machine">The machine's clock.</param>
public sealed class HealthCheck(TimeSpan duration, TimeProvider machine)
{
    /// <summary>The whole check takes as many durations at most.</summary>
    public const int Patience = 3;

    private readonly long _begin = machine.GetTimestamp();
    private long? _goodSince;
    private Health? _previous;

    /// <summary>What was wrong last, for people.</summary>
    public string Fault { get; private set; } = "no tick finished";

    /// <summary>Looks at the end of a tick.</summary>
    public HealthVerdict Look(in Health health)
    {
        long now = machine.GetTimestamp();
        string? fault = FaultOf(health);
        _previous = health;
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

    private string? FaultOf(in Health health)
    {
        if (!health.AreSensorsRead)
            return "a sensor does not answer";
        if (health.WriteFailures > (_previous?.WriteFailures ?? 0))
            return "the flight database can't be written";
        return _previous is { } previous && health.TickSlips > previous.TickSlips ? "ticks are late" : null;
    }
}
