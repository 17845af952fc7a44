using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Invocations;

/// <summary>How an execution ended and what it used.</summary>
public sealed record ExecutionResult
{
    /// <summary>How it ended.</summary>
    public required InvocationResult Result { get; init; }

    /// <summary>Why, when it did not complete; else empty.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The output, when it completed.</summary>
    public ReadOnlyMemory<byte> Output { get; init; }

    /// <summary>The board's CPU time.</summary>
    public TimeSpan CpuTime { get; init; }

    /// <summary>Time on the wall from start to end, of the board.</summary>
    public TimeSpan WallTime { get; init; }

    /// <summary>The most linear memory it held, in bytes.</summary>
    public long MemoryBytesHighest { get; init; }

    /// <summary>The length of its input, in bytes.</summary>
    public int InputBytes { get; init; }

    /// <summary>The length of its output, in bytes, also where <see cref="Output"/> is elsewhere.</summary>
    public int OutputBytes { get; init; }

    /// <summary>What it started from.</summary>
    public InvocationStart Start { get; init; }

    /// <summary>Why it did not complete; means nothing when it completed or never began.</summary>
    public InvocationFault Fault { get; init; } = InvocationFault.Node;

    /// <summary>What of it a profile counts.</summary>
    internal InvocationUse Use => new()
    {
        Result = Result,
        Fault = Fault,
        Start = Start,
        CpuTime = CpuTime,
        WallTime = WallTime,
        MemoryBytesHighest = MemoryBytesHighest,
        InputBytes = InputBytes,
        OutputBytes = OutputBytes,
    };

    /// <summary>Fuel used.</summary>
    public ulong Fuel { get; init; }

    /// <summary>The limit that ended it, or that refused it something, as the manifest names it; empty when none did.</summary>
    public string Limit { get; init; } = "";

    /// <summary>True when it broke a limit or a rule of the machine: what a function decides for itself, or the node did to it, is no offence.</summary>
    public bool IsOffence { get; init; }

    /// <summary>How the stages ended that ran after it in its instance, in order, as many as did; all but the last completed. Their outputs are no one's but the last one's.</summary>
    public IReadOnlyList<ExecutionResult> Fused { get; init; } = [];

    /// <summary>What became of the functions that it called, one entry a function; empty when it called none.</summary>
    public IReadOnlyList<CalledFunction> Called { get; init; } = [];
}
