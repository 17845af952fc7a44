namespace SatNode.Protocol.Functions;

/// <summary>What stands between a function and the agent beside WebAssembly's own walls.</summary>
public enum FunctionIsolation
{
    /// <summary>It runs in the agent's process.</summary>
    Shared = 0,

    /// <summary>It runs in a process of its own on the board: whatever takes that process away leaves the agent alone.</summary>
    Process = 1,
}
