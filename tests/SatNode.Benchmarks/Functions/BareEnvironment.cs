using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Benchmarks.Functions;

/// <summary>A node that lends nothing but other functions.</summary>
internal sealed class BareEnvironment(DeployedFunction? other = null) : IFunctionEnvironment
{
    /// <summary>Bytes that completed calls of the other function took in.</summary>
    public long CalleeBytes { get; set; }

    public string NodeName => "p01-s02";

    public ulong Seed => 7;

    public int Depth => 0;

    public string Actor => ActorAddress.DefaultKey;

    public TimeProvider Clock => TimeProvider.System;

    public DateTimeOffset? Deadline => null;

    public bool TryGetState(string function, string key, out StateValue value)
    {
        value = default;
        return false;
    }

    public (int Length, ulong Version) DescribeState(string function, string key) => (-1, 0);

    public IReadOnlyList<string> ListState(string function, string prefix) => [];

    public long StateBytes(string function) => 0;

    public bool TryGetFact(string name, out string value)
    {
        value = "";
        return false;
    }

    public DeployedFunction? FindFunction(string name) => other;

    public FunctionManifest? FindManifest(string name) => other?.Manifest;

    public bool TryEnter(ActorAddress actor, out ActorPolicy policy)
    {
        policy = default;
        return false;
    }

    public bool HasRoomFor(ActorAddress actor, FunctionActor limits, int before, long bytes) => false;

    public void CalleeEnded(DeployedFunction function, in InvocationOutcome outcome) => CalleeBytes += outcome.Succeeded ? outcome.InputBytes : 0;

    public void Log(string function, FunctionLogLevel level, string text)
    {
    }

    public CommitResult Commit(IReadOnlyList<FunctionEffects> effects) => CommitResult.Committed;
}
