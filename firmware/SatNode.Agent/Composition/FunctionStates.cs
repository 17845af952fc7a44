using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SatNode.Functions.Actors;
using SatNode.Functions.Hosting;
using SatNode.Functions.Prefetch;
using SatNode.Functions.Runtime;
using SatNode.Network.State;
using SatNode.Protocol.Functions;
using SatNode.Protocol.State;
using SatNode.Protocol.Time;

namespace SatNode.Agent.Composition;

/// <summary>The state of functions in the node's store, and where it goes beyond the node. The key says how far: <c>neighbourhood/…</c> goes to the nodes that have a link with this one,
/// <c>global/…</c> to its home, every other key is the function's own here.</summary>
/// <remarks>The home of a global key is the node that rendezvous hashing gives it: every node computes the same one, and when the nodes change, only the keys of those that went move.
/// Source: Thaler and Ravishankar, IEEE/ACM Transactions on Networking 6(1), 1998. Versions are the mission clock's milliseconds, so that the last writer is the same on all nodes.</remarks>
internal sealed class FunctionStates(StateStore store, ActorMemories memories, IReadOnlyList<ulong> nodes, ulong node, TimeProvider time) : IPrefetchSource
{
    /// <summary>What the key of a state begins with that its function shares with the neighbours.</summary>
    public const string Neighbourhood = "neighbourhood/";

    /// <summary>What the key of a state begins with that its function shares with all nodes.</summary>
    public const string Global = "global/";

    // What functions emit stands in a ring a topic: as long as twice the largest fan-out, so that what is on its way to a function is not overwritten by the same invocation.
    private const int RingLength = 64;

    private int _emitted;

    /// <summary>Told of each key that was written, after it is on disk.</summary>
    public Action<FunctionWrite>? Written { get; set; }

    /// <summary>Told of each message that was emitted, after it is on disk.</summary>
    public Action<FunctionWrite>? Emitted { get; set; }

    /// <summary>Told of each key that other nodes are to have.</summary>
    public Action<FunctionWrite, StateUpdate>? Shared { get; set; }

    /// <summary>Told of each message to an actor, after what was changed with it is on disk.</summary>
    public Action<ActorAddress, Emission, int>? Sent { get; set; }

    public bool TryGet(string function, string key, out StateValue value)
    {
        if (ServiceKeys.ActorOf(key) is { } actor)
        {
            ReadOnlyMemory<byte> record = memories.Activate(new(function, actor));
            value = new(record, record.IsEmpty ? 0UL : 1);
            return !record.IsEmpty;
        }
        StateEntry? entry = store.Get(StoreKey(function, key));
        value = entry is null ? default : new(entry.Bytes, entry.Version);
        return entry is not null;
    }

    public bool TryRead(string function, string key, out StateValue value) => TryGet(function, key, out value);

    public (int Length, long Stamp) Look(string function, string key) => store.Look(StoreKey(function, key));

    public (int Length, ulong Version) Describe(string function, string key) =>
        ServiceKeys.ActorOf(key) is { } actor ? (memories.LengthOf(new(function, actor)), 1) : store.Describe(StoreKey(function, key));

    public IReadOnlyList<string> List(string function, string prefix)
    {
        string own = StateStore.OwnedKey(function, ""), shared = StateStore.SharedKey(function, "");
        return
        [
            .. store.List(own + prefix, FunctionBounds.StateListMax).Select(key => key[own.Length..])
                .Concat(store.List(shared + prefix, FunctionBounds.StateListMax).Select(key => key[shared.Length..])).Order(StringComparer.Ordinal).Take(FunctionBounds.StateListMax),
        ];
    }

    /// <summary>What a function keeps, memories of its actors that are not on disk yet among it: they will find room there.</summary>
    public long BytesOf(string function) => store.BytesOf(function) + memories.UnsavedBytes(function);

    /// <summary>Keeps what an invocation changed, all of it or nothing.</summary>
    /// <param name="effects">What it changed.</param>
    /// <param name="depth">How deep in its ancestry it is.</param>
    /// <param name="isStillDeployed">False for a function that was removed since it began, whose state went then. Asked before the write, which then is refused, and after it, so that nothing
    /// stays behind of one that goes at that moment; null when none can go.</param>
    public CommitResult Commit(IReadOnlyList<FunctionEffects> effects, int depth, Func<string, bool>? isStillDeployed = null)
    {
        ulong version = DtnTime.From(time.GetUtcNow()).Milliseconds;
        List<StateWrite> writes = [];
        List<(FunctionWrite Write, ReadOnlyMemory<byte> Value)> written = [];
        List<FunctionWrite> emitted = [];
        List<ActorWrite> remembered = [];
        List<(ActorAddress Actor, Emission Message)> sent = [];
        foreach (FunctionEffects of in effects)
        {
            foreach (StateChange change in of.Changes)
            {
                if (ServiceKeys.ActorOf(change.Key) is { } actor)
                {
                    remembered.Add(new(new(of.Function, actor), change.Value ?? default));
                    continue;
                }
                string key = StoreKey(of.Function, change.Key);
                writes.Add(new(key, version, node, change.Value, change.Expected));
                if (change.Value is { } value && !ServiceKeys.IsService(change.Key))
                    written.Add((new(of.Function, change.Key, key, depth), value));
            }
            foreach (Emission emission in of.Emissions)
            {
                if (emission.MessagePriority is not null && ActorAddress.TryParse(emission.Topic, out ActorAddress to))
                {
                    sent.Add((to, emission)); // a mailbox holds what it waits for
                    continue;
                }
                string key = RingKey($"emitted/{emission.Topic}");
                writes.Add(new(key, version, node, emission.Payload));
                emitted.Add(new(of.Function, emission.Topic, key, depth));
            }
        }
        if ((isStillDeployed is not null && !effects.All(of => isStillDeployed(of.Function))) || !memories.TryReserve(remembered))
            return CommitResult.Refused;
        ApplyStatus applied = writes.Count == 0 ? ApplyStatus.Applied : store.Apply(writes);
        if (applied != ApplyStatus.Applied)
        {
            memories.GiveUp(remembered);
            return applied == ApplyStatus.Conflict ? CommitResult.Conflict : CommitResult.Refused;
        }
        foreach (FunctionEffects gone in effects.Where(of => isStillDeployed?.Invoke(of.Function) == false))
        {
            store.Apply([.. gone.Changes.Where(change => ServiceKeys.ActorOf(change.Key) is null)
                .Select(change => new StateWrite(StoreKey(gone.Function, change.Key), 0, 0, null))]);
        }
        memories.Keep(remembered);
        foreach ((FunctionWrite write, ReadOnlyMemory<byte> value) in written)
        {
            FunctionWrite kept = write with { Version = store.Describe(write.StoreKey).Version };
            Written?.Invoke(kept);
            if (IsShared(write.Key))
                Shared?.Invoke(kept, new(write.StoreKey, kept.Version, node, value, null, depth));
        }
        foreach (FunctionWrite write in emitted)
            Emitted?.Invoke(write with { Version = store.Describe(write.StoreKey).Version });
        foreach ((ActorAddress actor, Emission message) in sent)
            Sent?.Invoke(actor, message, depth);
        return CommitResult.Committed;
    }

    /// <summary>Keeps a function's output for those that wait for it.</summary>
    /// <returns>Where it stands; null when the store could not take it.</returns>
    public FunctionWrite? Keep(string function, ReadOnlyMemory<byte> output, int depth)
    {
        string key = RingKey($"output/{function}");
        return store.Apply([new(key, DtnTime.From(time.GetUtcNow()).Milliseconds, node, output)]) == ApplyStatus.Applied
            ? new(function, "output", key, depth, store.Describe(key).Version) : null;
    }

    /// <summary>The node that keeps a global key.</summary>
    public ulong HomeOf(string function, string key)
    {
        ulong home = node, highest = 0;
        foreach (ulong candidate in nodes)
        {
            ulong weight = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{candidate} {function}/{key}")));
            if (weight >= highest)
                (home, highest) = (candidate, weight);
        }
        return home;
    }

    private string RingKey(string ring) => $"{ring}/{(uint)Interlocked.Increment(ref _emitted) % RingLength}";

    public static bool IsShared(string key) => key.StartsWith(Neighbourhood, StringComparison.Ordinal) || key.StartsWith(Global, StringComparison.Ordinal);

    public static string StoreKey(string function, string key) => ServiceKeys.IsService(key) ? StateStore.ServiceKey(function, key)
        : IsShared(key) ? StateStore.SharedKey(function, key) : StateStore.OwnedKey(function, key);
}

/// <summary>Something that a function wrote or emitted.</summary>
/// <param name="Function">The function.</param>
/// <param name="Key">Its own key, or the topic.</param>
/// <param name="StoreKey">Where it stands in the store.</param>
/// <param name="Depth">How deep in its ancestry the invocation was.</param>
/// <param name="Version">The version that the store gave it.</param>
internal readonly record struct FunctionWrite(string Function, string Key, string StoreKey, int Depth, ulong Version = 0);
