namespace SatNode.Flight.RateGroups;

/// <summary>A part of the loop's work with a name and a period. It tells when it begins and ends; runs, overruns and the longest run are counted, and whoever watches sees whether it is late.
/// <see cref="Begin"/> and <see cref="End"/> belong to the loop's thread, <see cref="IsLate"/> to any.</summary>
public sealed class RateGroup
{
    private readonly double _rate;
    private readonly TimeSpan _tick;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _machine;
    private long _since;
    private long _deadline = long.MaxValue;
    private volatile bool _isRunning;

    internal RateGroup(string name, double rate, TimeSpan tick, TimeSpan patience, TimeProvider machine)
    {
        Name = name;
        _rate = rate;
        _tick = tick;
        _patience = patience;
        _machine = machine;
    }

    /// <summary>One word, as events and parameters say it.</summary>
    public string Name { get; }

    /// <summary>Runs that ended.</summary>
    public long Runs { get; private set; }

    /// <summary>Runs that took longer than the group's period.</summary>
    public long Overruns { get; private set; }

    /// <summary>The longest run, in the machine's time.</summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>True between begin and end.</summary>
    public bool IsRunning => _isRunning;

    /// <summary>Since the last begin or end, in the machine's time.</summary>
    public TimeSpan Since => _machine.GetElapsedTime(Volatile.Read(ref _since));

    /// <summary>True when it runs for longer than the patience, or was not begun in its period, a tick and the patience.</summary>
    public bool IsLate => _machine.GetTimestamp() > Volatile.Read(ref _deadline);

    /// <summary>A run begins.</summary>
    public void Begin()
    {
        SetDeadline(TimeSpan.Zero);
        _isRunning = true;
    }

    /// <summary>The run ends.</summary>
    /// <param name="period">In so long of the world's time the next one is due.</param>
    public void End(TimeSpan period)
    {
        TimeSpan took = Since;
        Runs++;
        if (took > period / _rate)
            Overruns++;
        if (took > Longest)
            Longest = took;
        _isRunning = false;
        Await(period);
    }

    internal void Await(TimeSpan period) => SetDeadline((period / _rate) + _tick); // what is due between two ticks begins with the later one

    internal void Stop()
    {
        _isRunning = false;
        Volatile.Write(ref _deadline, long.MaxValue);
    }

    private void SetDeadline(TimeSpan fromNow)
    {
        long now = _machine.GetTimestamp();
        Volatile.Write(ref _since, now);
        Volatile.Write(ref _deadline, now + (long)((fromNow + _patience).TotalSeconds * _machine.TimestampFrequency));
    }
}
