using System.Diagnostics.CodeAnalysis;
using SatNode.Functions.Actors;
using SatNode.Functions.Hosting;
using SatNode.Network.State;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Time;

namespace SatNode.Agent.Composition;

/// <summary>Memories of actors in the node's store, beside their function's state: they count as its, go with it, and are never let go to make room.</summary>
internal sealed class ActorStore(StateStore store, ulong node, TimeProvider time) : IActorStore
{
    public int LengthOf(ActorAddress actor) => store.Describe(KeyOf(actor)).Length;

    public bool TryRead(ActorAddress actor, [NotNullWhen(true)] out byte[]? record)
    {
        record = store.Get(KeyOf(actor))?.Bytes.ToArray();
        return record is not null;
    }

    public bool TryWrite(IReadOnlyList<ActorWrite> writes)
    {
        ulong version = DtnTime.From(time.GetUtcNow()).Milliseconds;
        return store.Apply([.. writes.Select(write => new StateWrite(KeyOf(write.Actor), version, node, write.Record.IsEmpty ? null : write.Record))]) == ApplyStatus.Applied;
    }

    /// <summary>Removes what is on disk of a function's actors.</summary>
    public void Remove(string function) =>
        store.Apply([.. store.List(StateStore.ServiceKey(function, ServiceKeys.ActorMemory("")), int.MaxValue).Select(key => new StateWrite(key, 0, 0, null))]);

    private static string KeyOf(ActorAddress actor) => StateStore.ServiceKey(actor.Function, ServiceKeys.ActorMemory(actor.Key));
}
