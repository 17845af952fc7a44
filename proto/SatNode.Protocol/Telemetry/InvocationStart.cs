namespace SatNode.Protocol.Telemetry;

/// <summary>What an invocation started from.</summary>
public enum InvocationStart
{
    /// <summary>It never started, or nobody noted it.</summary>
    None = 0,

    /// <summary>The function's machine code had to be loaded first.</summary>
    Cold = 1,

    /// <summary>A fresh instance of code in memory.</summary>
    Fresh = 2,

    /// <summary>An instance that had served before.</summary>
    Warm = 3,
}
