using SatNode.Functions.Isolation;

namespace SatNode.Agent.Composition;

/// <summary>Worker processes run the agent's own program.</summary>
internal static class AgentWorkers
{
    /// <summary>How to start one; null when the system does not tell what this process runs.</summary>
    public static WorkerProgram? Program { get; } = Environment.ProcessPath is { } path ? new(path, ["--worker"]) : null;
}
