using SatNode.Flight.Telemetry;
using SatNode.Functions.Runtime;
using SatNode.Network.State;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Time;

namespace SatNode.Agent.Composition;

/// <summary>What the node lends to one invocation: its function's own state, facts, a clock, and the events for its log.</summary>
internal sealed class NodeEnvironment(
    string node, string function, ulong seed, DateTimeOffset deadline, TimeProvider time, NodeFacts facts, StateStore states, ulong nodeNumber, IEventSink events,
    Action<string, StateReferenceChange> whenEmitted) : IFunctionEnvironment
{
    public string NodeName => node;

    public ulong Seed => seed;

    public TimeProvider Clock => time;

    public DateTimeOffset? Deadline => deadline;

    public bool TryGetState(string key, out ReadOnlyMemory<byte> value)
    {
        StateEntry? entry = states.Get(PrivateKey(key));
        value = entry?.Bytes ?? default;
        return entry is not null;
    }

    public bool TryGetFact(string name, out string value) => facts.TryGet(name, out value);

    public void Log(FunctionLogLevel level, string text) => events.Raise(Events.FunctionLogged, function, text);

    public void Commit(FunctionEffects effects)
    {
        ulong version = DtnTime.From(time.GetUtcNow()).Milliseconds;
        foreach (StateChange change in effects.Changes)
        {
            if (change.Value is { } value)
                states.Put(PrivateKey(change.Key), NextVersion(PrivateKey(change.Key), version), nodeNumber, value);
            else
                states.Remove(PrivateKey(change.Key));
        }
        foreach (Emission emission in effects.Emissions)
        {
            string key = $"emitted/{emission.Topic}";
            ulong next = NextVersion(key, version);
            states.Put(key, next, nodeNumber, emission.Payload);
            whenEmitted(function, new StateReferenceChange(emission.Topic, key, next));
        }
    }

    private string PrivateKey(string key) => $"function/{function}/{key}";

    private ulong NextVersion(string key, ulong now) => Math.Max(now, (states.Get(key)?.Version ?? 0) + 1);
}

/// <summary>A topic that a function emitted to, and the state that holds what it emitted.</summary>
internal readonly record struct StateReferenceChange(string Topic, string Key, ulong Version);
