namespace SatNode.Flight.RateGroups;

/// <summary>The rate groups of the flight loop, which run one after the other. Source of the idea: F´'s rate groups and their cycle slips.</summary>
public sealed class LoopGroups
{
    /// <summary>Makes the groups; none is late before <see cref="Start"/>.</summary>
    /// <param name="rate">The world's seconds in one of the machine's.</param>
    /// <param name="tickPeriod">From tick to tick, in the world's time: a group begins with a tick.</param>
    /// <param name="patience">A run that takes longer, in the machine's time, hangs.</param>
    /// <param name="machine">The machine's clock.</param>
    public LoopGroups(double rate, TimeSpan tickPeriod, TimeSpan patience, TimeProvider machine)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(patience, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(machine);
        TimeSpan tick = tickPeriod / rate;
        Scheduler = new("scheduler", rate, tick, patience, machine);
        Sensors = new("sensors", rate, tick, patience, machine);
        Model = new("model", rate, tick, patience, machine);
        Housekeeping = new("housekeeping", rate, tick, patience, machine);
        All = [Scheduler, Sensors, Model, Housekeeping];
    }

    /// <summary>Triggers, waiting functions, profiles: every second of the world, and when something came or ended.</summary>
    public RateGroup Scheduler { get; }

    /// <summary>Reads all sensors: every housekeeping period, at least every 30 s.</summary>
    public RateGroup Sensors { get; }

    /// <summary>Model, forecast, energy books and mode, after the sensors.</summary>
    public RateGroup Model { get; }

    /// <summary>Collects, monitors and tells housekeeping, after the model.</summary>
    public RateGroup Housekeeping { get; }

    /// <summary>All groups. Their order is in flight databases: new ones go to the end.</summary>
    public IReadOnlyList<RateGroup> All { get; }

    /// <summary>The loop begins: each group is due within a period.</summary>
    /// <param name="period">The longest period of a group, in the world's time.</param>
    public void Start(TimeSpan period)
    {
        foreach (RateGroup group in All)
            group.Await(period);
    }

    /// <summary>The loop ends: nothing is due any more.</summary>
    public void Stop()
    {
        foreach (RateGroup group in All)
            group.Stop();
    }

    /// <summary>The group that keeps the loop: the late one that runs, else the first that is late; null when all are in time. May be called from any thread.</summary>
    public RateGroup? Hung()
    {
        RateGroup? hung = null;
        foreach (RateGroup group in All)
        {
            if (!group.IsLate)
                continue;
            if (group.IsRunning)
                return group;
            hung ??= group;
        }
        return hung;
    }
}
