using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Runtime;

/// <summary>A node in memory.</summary>
internal sealed class TestEnvironment : IFunctionEnvironment
{
    public ConcurrentDictionary<string, ReadOnlyMemory<byte>> State { get; } = new(StringComparer.Ordinal);

    public List<string> Lines { get; } = [];

    public List<Emission> Emissions { get; } = [];

    public int Commits { get; private set; }

    /// <summary>What was committed last.</summary>
    public IReadOnlyList<FunctionEffects> Effects { get; private set; } = [];

    public Func<string, byte[]?>? OnState { get; init; }

    public string NodeName => "p01-s02";

    public ulong Seed { get; init; } = 7;

    public FakeTimeProvider Time { get; } = new(new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    public TimeProvider Clock => Time;

    public DateTimeOffset? Deadline { get; set; }

    public int Depth { get; init; }

    public string Actor { get; set; } = "";

    /// <summary>Actors that are called; each answers whether it is free, with its policy.</summary>
    public Func<ActorAddress, (bool IsFree, ActorPolicy Policy)> OnEnter { get; set; } = _ => (true, default);

    public List<ActorAddress> Entered { get; } = [];

    /// <summary>The share of a core that it leaves, by what was used.</summary>
    public Func<TimeSpan, double> OnPace { get; set; } = _ => 1;

    /// <summary>What it was told last.</summary>
    public TimeSpan Paced { get; private set; }

    public double Pace(TimeSpan cpuTime)
    {
        Paced = cpuTime;
        return OnPace(cpuTime);
    }

    public int RoomFor { get; set; } = int.MaxValue;

    public bool HasRoom { get; set; } = true;

    public ConcurrentDictionary<string, ulong> Versions { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, DeployedFunction> Functions { get; } = new(StringComparer.Ordinal);

    public HashSet<string> HeldBack { get; } = new(StringComparer.Ordinal);

    public List<(string Function, InvocationOutcome Outcome)> Callees { get; } = [];

    /// <summary>What a commit answers; null commits.</summary>
    public CommitResult? OnCommit { get; set; }

    public bool TryGetState(string function, string key, out StateValue value)
    {
        value = default;
        if (OnState?.Invoke(key) is { } made)
            value = new(made, 1);
        else if (State.TryGetValue(key, out ReadOnlyMemory<byte> kept))
            value = new(kept, Versions.GetValueOrDefault(key, 1UL));
        return value.Version > 0;
    }

    public (int Length, ulong Version) DescribeState(string function, string key) => TryGetState(function, key, out StateValue value) ? (value.Bytes.Length, value.Version) : (-1, 0);

    public IReadOnlyList<string> ListState(string function, string prefix) =>
        [.. State.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public long StateBytes(string function) => State.Sum(pair => pair.Key.Length + pair.Value.Length);

    public DeployedFunction? FindFunction(string name) => Functions.GetValueOrDefault(name);

    public bool IsHeldBack(string name) => HeldBack.Contains(name);

    public FunctionManifest? FindManifest(string name) => FindFunction(name)?.Manifest;

    public bool TryEnter(ActorAddress actor, out ActorPolicy policy)
    {
        (bool isFree, policy) = OnEnter(actor);
        if (isFree)
            Entered.Add(actor);
        return isFree;
    }

    public bool HasRoomFor(ActorAddress actor, FunctionActor limits, int before, long bytes) => HasRoom && before < RoomFor;

    public void CalleeEnded(DeployedFunction function, in InvocationOutcome outcome) => Callees.Add((function.Manifest.Name, outcome));

    public bool TryGetFact(string name, out string value)
    {
        value = "41.5";
        return name is "board.celsius";
    }

    public void Log(string function, FunctionLogLevel level, string text) => Lines.Add($"{level}: {text}");

    public CommitResult Commit(IReadOnlyList<FunctionEffects> effects)
    {
        if (OnCommit is { } answer && answer != CommitResult.Committed)
            return answer;
        Commits++;
        Effects = effects;
        foreach (FunctionEffects of in effects)
        {
            foreach (StateChange change in of.Changes)
            {
                Versions.AddOrUpdate(change.Key, 2, (_, version) => version + 1);
                if (change.Value is { } value)
                    State[change.Key] = value;
                else
                    State.TryRemove(change.Key, out _);
            }
            Emissions.AddRange(of.Emissions);
        }
        return CommitResult.Committed;
    }
}
