using SatNode.Flight.Invocations;
using SatNode.Flight.Invocations.Actors;
using SatNode.Flight.Telemetry;
using SatNode.Functions.Deployments;
using SatNode.Functions.Prefetch;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;

namespace SatNode.Agent.Composition;

/// <summary>What the node lends to one invocation: its functions' state, facts, a clock, and the events for their log. Stages that run as one have one each, and share the first one's actors
/// and its knowledge of who was deployed.</summary>
internal sealed class NodeEnvironment(
    string node, ulong seed, Invocation invocation, TimeProvider time, NodeFacts facts, FunctionStates states, FunctionDeployments deployments, ActorMailboxes mailboxes, LogGate logs, long tenure,
    IEventSink events, Quarantine quarantine, FunctionProfiles profiles, double loadRate, StatePrefetch? prefetch, InvocationPace pace,
    NodeEnvironment? first)
    : IFunctionEnvironment
{
    private readonly CalledFunctions _called = new();
    private TimeSpan? _usedBefore; // by the stages before it
    private readonly Dictionary<string, long> _tenures = Share(first?._tenures, invocation.Function, tenure);
    private readonly Dictionary<ActorAddress, ActorPolicy> _entered = first?._entered ?? [];

    /// <summary>What became of the functions that were called so far, one entry a function.</summary>
    public IReadOnlyList<CalledFunction> Called => _called.All;

    /// <summary>CPU time that another thread took to read for it.</summary>
    public TimeSpan PrefetchCpuTime => prefetch?.CpuTime ?? default;

    public string NodeName => node;

    public ulong Seed => seed;

    public int Depth => invocation.Depth;

    public string Actor => invocation.Actor;

    public TimeProvider Clock => time;

    public DateTimeOffset? Deadline => invocation.Deadline;

    public double Pace(TimeSpan cpuTime) => pace.Tell((_usedBefore ??= first is null ? TimeSpan.Zero : pace.CpuTime) + cpuTime);

    public bool TryGetState(string function, string key, out StateValue value) =>
        prefetch?.TryGet(function, key, out value) == true || states.TryGet(function, key, out value);

    public (int Length, ulong Version) DescribeState(string function, string key) => states.Describe(function, key);

    public IReadOnlyList<string> ListState(string function, string prefix) => states.List(function, prefix);

    public long StateBytes(string function) => states.BytesOf(function);

    public bool TryGetFact(string name, out string value) => facts.TryGet(name, out value);

    public DeployedFunction? FindFunction(string name)
    {
        if (!_tenures.ContainsKey(name) && deployments.TenureOf(name) is > 0 and long tenure)
            _tenures[name] = tenure;
        return deployments.FindReady(name);
    }

    public bool IsHeldBack(string name) => quarantine.HeldUntil(name, time.GetUtcNow()) is not null;

    public FunctionManifest? FindManifest(string name) => deployments.Find(name)?.Manifest;

    public bool TryEnter(ActorAddress actor, out ActorPolicy policy)
    {
        if (_entered.TryGetValue(actor, out policy))
            return true;
        if (_entered.Count == FunctionBounds.ActorsCalledMax || !mailboxes.TryEnter(actor, out policy))
            return false;
        _entered.Add(actor, policy);
        return true;
    }

    public bool HasRoomFor(ActorAddress actor, FunctionActor limits, int before, long bytes) => mailboxes.HasRoomFor(actor, limits, before, bytes);

    /// <summary>Sets the actors free that were called. Call it when the invocation ended.</summary>
    public void LeaveActors()
    {
        foreach (ActorAddress actor in _entered.Keys)
            mailboxes.Leave(actor);
    }

    public void CalleeEnded(DeployedFunction function, in InvocationOutcome outcome)
    {
        string name = function.Manifest.Name;
        if (string.Equals(deployments.Find(name)?.Manifest.Version, function.Manifest.Version, StringComparison.Ordinal)) // what was removed or replaced meanwhile counts for no other version
            profiles.Add(name, function.Manifest.Version, Executions.UseOf(outcome), loadRate, default, isCalled: true, time.GetUtcNow());
        if (_called.Add(name, outcome))
            events.Raise(Events.InvocationFailed, name, invocation.Id, outcome.Reason);
    }

    public void Log(string function, FunctionLogLevel level, string text)
    {
        int max = deployments.Find(function)?.Manifest.Limits.LogLinesPerMinuteMax ?? 0;
        if (logs.TryTake(function, time.GetUtcNow(), max, out bool isFirstLost))
            events.Raise(Events.FunctionLogged, function, text);
        else if (isFirstLost)
            events.Raise(Events.FunctionLimitReached, function, invocation.Id, "limits.logLinesPerMinuteMax", $"expected at most {max} lines a minute; what comes in this minute is lost", 1);
    }

    public CommitResult Commit(IReadOnlyList<FunctionEffects> effects) => states.Commit(effects, invocation.Depth, IsStillDeployed);

    private static Dictionary<string, long> Share(Dictionary<string, long>? tenures, string function, long tenure)
    {
        tenures ??= new(StringComparer.Ordinal);
        tenures[function] = tenure;
        return tenures;
    }

    /// <summary>Whether a function was not removed since it began to run here: what it keeps would stay behind.</summary>
    private bool IsStillDeployed(string function) => deployments.TenureOf(function) == _tenures.GetValueOrDefault(function);
}
