namespace SatNode.Flight.Invocations;

/// <summary>How fast a running invocation may work, and what it used so far: the scheduler sets one, the function's thread tells the other. Thread-safe.</summary>
public sealed class InvocationPace
{
    private const double Thousand = 1000;

    private int _share = (int)Thousand;
    private long _cpuTicks;

    /// <summary>The share of a core that it may use, above 0 to 1; the full core at first.</summary>
    public double Share
    {
        get => Volatile.Read(ref _share) / Thousand;
        set => Volatile.Write(ref _share, (int)Math.Round(value * Thousand));
    }

    /// <summary>CPU time that it used so far, of the board.</summary>
    public TimeSpan CpuTime => new(Interlocked.Read(ref _cpuTicks));

    /// <summary>Takes in what was used so far. Called by the function's thread, every few milliseconds.</summary>
    /// <returns>The share from now on.</returns>
    public double Tell(TimeSpan cpuTime)
    {
        Interlocked.Exchange(ref _cpuTicks, cpuTime.Ticks);
        return Share;
    }
}
