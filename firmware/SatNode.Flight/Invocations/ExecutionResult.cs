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

    /// <summary>Fuel used.</summary>
    public ulong Fuel { get; init; }

    /// <summary>The limit that ended it, or that refused it something, as the manifest names it; empty when none did.</summary>
    public string Limit { get; init; } = "";

    /// <summary>True when it broke a limit or a rule of the machine: what a function decides for itself, or the node did to it, is no offence.</summary>
    public bool IsOffence { get; init; }
}
