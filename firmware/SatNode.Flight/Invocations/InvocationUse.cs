using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Invocations;

/// <summary>How one invocation ended and what it used, as far as a profile counts it. Times are the board's.</summary>
public readonly record struct InvocationUse
{
    /// <summary>How it ended.</summary>
    public required InvocationResult Result { get; init; }

    /// <summary>Why it did not complete; means nothing when it completed or never began.</summary>
    public InvocationFault Fault { get; init; }

    /// <summary>What it started from; times are counted only when it started.</summary>
    public InvocationStart Start { get; init; }

    /// <summary>CPU time.</summary>
    public TimeSpan CpuTime { get; init; }

    /// <summary>Time on the wall from start to end.</summary>
    public TimeSpan WallTime { get; init; }

    /// <summary>The most linear memory it held, in bytes.</summary>
    public long MemoryBytesHighest { get; init; }

    /// <summary>The length of its input, in bytes.</summary>
    public int InputBytes { get; init; }

    /// <summary>The length of its output, in bytes.</summary>
    public int OutputBytes { get; init; }
}
