namespace SatNode.Functions.Runtime;

/// <summary>The bounds that no manifest can move.</summary>
public static class FunctionBounds
{
    /// <summary>The longest module, 4 MiB: compiling costs about a second a MiB on a board, and no clock can stop a compiler.</summary>
    public const int ModuleBytesMax = 4 * 1024 * 1024;

    /// <summary>The most keys that one invocation changes.</summary>
    public const int StateChangesMax = 64;

    /// <summary>The most bytes that one invocation writes to state and emits, together: 2 MiB, as much as a default output.</summary>
    public const int EffectBytesMax = 2 * 1024 * 1024;

    /// <summary>The most log lines of an invocation; more are counted, not kept.</summary>
    public const int LogLinesMax = 64;

    /// <summary>The longest log line, in bytes; the rest is cut.</summary>
    public const int LogBytesMax = 256;

    /// <summary>The native stack of a function, in bytes: a third of what a pool thread has.</summary>
    public const int StackBytesMax = 512 * 1024;

    /// <summary>The most elements of a function table.</summary>
    public const int TableElementsMax = 10_000;
}
