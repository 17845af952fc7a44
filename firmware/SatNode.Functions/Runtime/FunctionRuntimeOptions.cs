using SatNode.Functions.Isolation;

namespace SatNode.Functions.Runtime;

/// <summary>How much of the board functions may take at once.</summary>
public sealed record FunctionRuntimeOptions
{
    /// <summary>Instances that run at once, 1 to 64; 4 unless told. Each reserves address space, not memory.</summary>
    public int InstancesMax { get; init; } = 4;

    /// <summary>Callers that wait for an instance, 0 to 256; 32 unless told.</summary>
    public int WaitersMax { get; init; } = 32;

    /// <summary>How long a caller waits for an instance, in real time, 0 to 60 s; 5 s unless told.</summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a running function is looked at, in real time, 1 to 100 ms; 2 ms unless told. A time limit is kept to this.</summary>
    public TimeSpan TickPeriod { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Where compiled modules are kept; null compiles anew after every start.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Compiled modules kept, the oldest goes first, 1 to 1,024; 64 unless told.</summary>
    public int CacheEntriesMax { get; init; } = 64;

    /// <summary>What worker processes run; null refuses functions that ask for a process of their own.</summary>
    public WorkerProgram? Worker { get; init; }

    /// <summary>Told of each worker process that was lost, from any thread, one at a time; it must not call the runtime.</summary>
    public Action<WorkerLoss>? WorkerLost { get; init; }

    /// <summary>The machine's clock, for the time between two starts of a worker.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>All that is out of range; empty when usable.</summary>
    public IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        if (InstancesMax is < 1 or > 64)
            faults.Add($"instancesMax: expected 1 to 64, found {InstancesMax}");
        if (WaitersMax is < 0 or > 256)
            faults.Add($"waitersMax: expected 0 to 256, found {WaitersMax}");
        if (WaitMax < TimeSpan.Zero || WaitMax > TimeSpan.FromSeconds(60))
            faults.Add($"waitMax: expected 0 to 60 s, found {WaitMax.TotalSeconds} s");
        if (TickPeriod < TimeSpan.FromMilliseconds(1) || TickPeriod > TimeSpan.FromMilliseconds(100))
            faults.Add($"tickPeriod: expected 1 to 100 ms, found {TickPeriod.TotalMilliseconds} ms");
        if (CacheEntriesMax is < 1 or > 1024)
            faults.Add($"cacheEntriesMax: expected 1 to 1024, found {CacheEntriesMax}");
        return faults;
    }
}
