using System.Diagnostics.CodeAnalysis;
using SatNode.Flight.Invocations.Actors;
using SatNode.Functions.Actors;
using SatNode.Functions.Hosting;
using SatNode.Functions.Runtime;
using SatNode.Network.State;
using SatNode.Protocol.Functions;

namespace SatNode.Benchmarks.Functions;

/// <summary>A node with a store, and with actors that remember in RAM: what the agent joins, and nothing more.</summary>
internal sealed class StatefulEnvironment : IFunctionEnvironment, IActorStore
{
    private readonly StateStore _store;
    private readonly ActorMemories _memories;

    public StatefulEnvironment(StateStore store, FunctionActor actor)
    {
        _store = store;
        _memories = new(this, _ => actor, TimeProvider.System);
        Mailboxes = new(_memories.PolicyOf, TimeProvider.System);
    }

    /// <summary>Who may have an actor when.</summary>
    public ActorMailboxes Mailboxes { get; }

    public string NodeName => "p01-s02";

    public ulong Seed => 7;

    public int Depth => 0;

    public string Actor => ActorAddress.DefaultKey;

    public TimeProvider Clock => TimeProvider.System;

    public DateTimeOffset? Deadline => null;

    public bool TryGetState(string function, string key, out StateValue value)
    {
        if (ServiceKeys.ActorOf(key) is { } actor)
        {
            ReadOnlyMemory<byte> record = _memories.Activate(new(function, actor));
            value = new(record, 1);
            return !record.IsEmpty;
        }
        StateEntry? entry = _store.Get(StateStore.OwnedKey(function, key));
        value = entry is null ? default : new(entry.Bytes, entry.Version);
        return entry is not null;
    }

    public (int Length, ulong Version) DescribeState(string function, string key) =>
        ServiceKeys.ActorOf(key) is { } actor ? (_memories.LengthOf(new(function, actor)), 1) : _store.Describe(StateStore.OwnedKey(function, key));

    public IReadOnlyList<string> ListState(string function, string prefix) => [];

    public long StateBytes(string function) => _store.BytesOf(function) + _memories.UnsavedBytes(function);

    public bool TryGetFact(string name, out string value)
    {
        value = "";
        return false;
    }

    public DeployedFunction? FindFunction(string name) => null;

    public FunctionManifest? FindManifest(string name) => null;

    public bool TryEnter(ActorAddress actor, out ActorPolicy policy) => Mailboxes.TryEnter(actor, out policy);

    public bool HasRoomFor(ActorAddress actor, FunctionActor limits, int before, long bytes) => Mailboxes.HasRoomFor(actor, limits, before, bytes);

    public void CalleeEnded(DeployedFunction function, in InvocationOutcome outcome)
    {
    }

    public void Log(string function, FunctionLogLevel level, string text)
    {
    }

    public CommitResult Commit(IReadOnlyList<FunctionEffects> effects)
    {
        List<StateWrite> writes = [];
        List<ActorWrite> remembered = [];
        foreach (FunctionEffects of in effects)
        {
            foreach (StateChange change in of.Changes)
            {
                if (ServiceKeys.ActorOf(change.Key) is { } actor)
                    remembered.Add(new(new(of.Function, actor), change.Value ?? default));
                else
                    writes.Add(new(StateStore.OwnedKey(of.Function, change.Key), 1, 1, change.Value, change.Expected));
            }
        }
        if (!_memories.TryReserve(remembered))
            return CommitResult.Refused;
        if (writes.Count > 0 && _store.Apply(writes) != ApplyStatus.Applied)
        {
            _memories.GiveUp(remembered);
            return CommitResult.Refused;
        }
        _memories.Keep(remembered);
        return CommitResult.Committed;
    }

    public int LengthOf(ActorAddress actor) => _store.Describe(KeyOf(actor)).Length;

    public bool TryRead(ActorAddress actor, [NotNullWhen(true)] out byte[]? record)
    {
        record = _store.Get(KeyOf(actor))?.Bytes.ToArray();
        return record is not null;
    }

    public bool TryWrite(IReadOnlyList<ActorWrite> writes) =>
        _store.Apply([.. writes.Select(write => new StateWrite(KeyOf(write.Actor), 1, 1, write.Record.IsEmpty ? null : write.Record))]) == ApplyStatus.Applied;

    private static string KeyOf(ActorAddress actor) => StateStore.ServiceKey(actor.Function, ServiceKeys.ActorMemory(actor.Key));
}
