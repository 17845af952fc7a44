using SatNode.Flight.Invocations;
using SatNode.Flight.Telemetry;
using SatNode.Functions.Deployments;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Dictionary;

namespace SatNode.Agent.Composition;

/// <summary>What the node lends to one invocation: its functions' state, facts, a clock, and the events for their log.</summary>
internal sealed class NodeEnvironment(
    string node, ulong seed, Invocation invocation, TimeProvider time, NodeFacts facts, FunctionStates states, FunctionDeployments deployments, LogGate logs, IEventSink events)
    : IFunctionEnvironment
{
    private HashSet<string>? _failed;

    public string NodeName => node;

    public ulong Seed => seed;

    public int Depth => invocation.Depth;

    public TimeProvider Clock => time;

    public DateTimeOffset? Deadline => invocation.Deadline;

    public bool TryGetState(string function, string key, out StateValue value) => states.TryGet(function, key, out value);

    public (int Length, ulong Version) DescribeState(string function, string key) => states.Describe(function, key);

    public IReadOnlyList<string> ListState(string function, string prefix) => states.List(function, prefix);

    public long StateBytes(string function) => states.BytesOf(function);

    public bool TryGetFact(string name, out string value) => facts.TryGet(name, out value);

    public DeployedFunction? FindFunction(string name) => deployments.FindReady(name);

    public void CalleeEnded(DeployedFunction function, in InvocationOutcome outcome)
    {
        // Once a function and invocation: its caller may call it again and again.
        if (!outcome.Succeeded && (_failed ??= new(StringComparer.Ordinal)).Add(function.Manifest.Name))
            events.Raise(Events.InvocationFailed, function.Manifest.Name, invocation.Id, outcome.Reason);
    }

    public void Log(string function, FunctionLogLevel level, string text)
    {
        int max = deployments.Find(function)?.Manifest.Limits.LogLinesPerMinuteMax ?? 0;
        if (logs.TryTake(function, time.GetUtcNow(), max, out bool isFirstLost))
            events.Raise(Events.FunctionLogged, function, text);
        else if (isFirstLost)
            events.Raise(Events.FunctionLimitReached, function, invocation.Id, "limits.logLinesPerMinuteMax", $"expected at most {max} lines a minute; what comes in this minute is lost", 1);
    }

    public CommitResult Commit(IReadOnlyList<FunctionEffects> effects) => states.Commit(effects, invocation.Depth);
}
