namespace SatNode.Protocol.State;

/// <summary>What messages about state may carry at most.</summary>
public static class StateLimits
{
    /// <summary>The longest key in characters.</summary>
    public const int MaxKeyLength = 200;

    /// <summary>The longest name of a workflow, run, stage or function in characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>The largest state in bytes.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>The most inputs of one invocation: as wide as a fan-in gets.</summary>
    public const int MaxInputs = 64;

    /// <summary>The most times an invocation is passed on to another node.</summary>
    public const int MaxOffloads = 16;

    /// <summary>The greatest version, 2⁶²: a version that came from outside can still be followed by as many.</summary>
    public const ulong MaxVersion = 1UL << 62;

    /// <summary>The deepest ancestry: no manifest allows more below the first invocation.</summary>
    public const int MaxDepth = 16;

    /// <summary>Room for everything beside the state's bytes: 64 inputs of 200 characters of 3 bytes and two numbers.</summary>
    internal const int MaxOverheadBytes = 64 * 1024;
}
