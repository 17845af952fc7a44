namespace SatNode.Functions.Runtime;

/// <summary>How an invocation ended.</summary>
public enum InvocationEnd
{
    /// <summary>It never began: its input is longer than the manifest allows.</summary>
    Refused = 0,

    /// <summary>It never began: no instance became free in time, or too many wait.</summary>
    PoolFull = 1,

    /// <summary>It returned; its effects were committed.</summary>
    Completed = 2,

    /// <summary>It broke a rule of the machine or of the ABI, or gave up by itself.</summary>
    Trapped = 3,

    /// <summary>It used its fuel.</summary>
    OutOfFuel = 4,

    /// <summary>It used its CPU time, or the mission clock passed its deadline.</summary>
    DeadlineExceeded = 5,

    /// <summary>It could not get the memory it asked for.</summary>
    OutOfMemory = 6,

    /// <summary>It could not be instantiated.</summary>
    BadModule = 7,

    /// <summary>The caller gave up.</summary>
    Cancelled = 8,

    /// <summary>It returned, but a key that it compared and set had changed meanwhile: nothing was committed, and it may be tried again.</summary>
    Conflict = 9,

    /// <summary>It returned, but the node could not keep its effects.</summary>
    NotCommitted = 10,
}

/// <summary>What an invocation started from.</summary>
public enum InstanceStart
{
    /// <summary>It never started.</summary>
    None = 0,

    /// <summary>The function's machine code had to be loaded first.</summary>
    Cold = 1,

    /// <summary>A fresh instance of code in memory.</summary>
    Fresh = 2,

    /// <summary>An instance that had served before.</summary>
    Warm = 3,

    /// <summary>A fresh instance that was made ready before it was wanted.</summary>
    Ahead = 4,
}

/// <summary>How an invocation ended and what it really used. Nothing is rounded up, nothing is estimated.</summary>
public readonly record struct InvocationOutcome
{
    /// <summary>How it ended.</summary>
    public required InvocationEnd End { get; init; }

    /// <summary>For people, with the numbers; empty when it completed.</summary>
    public string Reason
    {
        get => field ?? "";
        init;
    }

    /// <summary>The limit that ended it, or the first that refused it something, as the manifest names it, such as <c>limits.fuelMax</c>; empty when none did.</summary>
    public string Limit
    {
        get => field ?? "";
        init;
    }

    /// <summary>The output; empty unless it completed, and when it was written elsewhere.</summary>
    public ReadOnlyMemory<byte> Output { get; init; }

    /// <summary>The length of the output, in bytes.</summary>
    public int OutputBytes { get; init; }

    /// <summary>CPU time of the thread that ran it, from instantiation to release, and of its worker process; that of the functions it called is in it.</summary>
    public TimeSpan CpuTime { get; init; }

    /// <summary>Time on the wall for the same.</summary>
    public TimeSpan WallTime { get; init; }

    /// <summary>The rest that the thread that ran it owed for its share of a core; what its worker process rested by itself is not in it.</summary>
    internal TimeSpan RestOwed { get; init; }

    /// <summary>Fuel used, about one unit a WebAssembly instruction: exact when it completed or ran out; a trap loses what was used since the last call.</summary>
    public ulong FuelUsed { get; init; }

    /// <summary>The most linear memory it held, in bytes.</summary>
    public long MemoryBytesHighest { get; init; }

    /// <summary>The most memory that its worker process had resident since that started, in bytes, machine code and runtime included; 0 for one that ran in the agent's process.</summary>
    public long ResidentBytesHighest { get; init; }

    /// <summary>The length of the input, in bytes.</summary>
    public int InputBytes { get; init; }

    /// <summary>Host calls that it made.</summary>
    public int HostCalls { get; init; }

    /// <summary>Log lines that were over the bound, and lost.</summary>
    public int LogLinesLost { get; init; }

    /// <summary>What it started from.</summary>
    public InstanceStart Start { get; init; }

    /// <summary>True when the function itself gave up, by <c>abort</c> or an exit code.</summary>
    public bool GaveUp { get; init; }

    /// <summary>True when what ended it was not its own limit but one of the function that called it, or of one above that.</summary>
    public bool IsCallersLimit { get; init; }

    /// <summary>True when it broke a limit of its own or a rule of the machine. What it decides for itself, what the node did to it, and what its caller left it too little for is none.</summary>
    public bool IsOffence => !IsCallersLimit && (End is InvocationEnd.OutOfFuel or InvocationEnd.OutOfMemory
        || (End == InvocationEnd.DeadlineExceeded && Limit is not "slo.deadline")
        || (End == InvocationEnd.Trapped && !GaveUp)
        || (End == InvocationEnd.BadModule && Start != InstanceStart.None));

    /// <summary>True when it completed.</summary>
    public bool Succeeded => End == InvocationEnd.Completed;
}
