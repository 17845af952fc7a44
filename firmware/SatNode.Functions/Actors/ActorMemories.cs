using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Actors;

/// <summary>The short-term memories of actors: in RAM while they are used, on disk when an actor was idle for its lifetime, when others need the room, and at the agent's end; back in
/// RAM with the next message. What was written since a memory last went to disk is lost in a power cut, and only that.</summary>
/// <remarks>Thread-safe. An actor handles one message at a time, so that no two threads change one memory; taking one out of RAM meanwhile does no harm, since a message's changes come
/// with its commit.</remarks>
public sealed class ActorMemories
{
    private readonly IActorStore _store;
    private readonly Func<string, FunctionActor?> _find;
    private readonly TimeProvider _time;
    private readonly Dictionary<ActorAddress, LinkedListNode<Resident>> _residents = [];
    private readonly LinkedList<Resident> _byUse = new();
    private readonly Dictionary<string, long> _unsaved = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Lock _passivation = new(); // taken before the gate: an older memory never overwrites a newer one on disk
    private int _reservedCount;
    private long _reservedBytes;
    private long _bytes;

    /// <summary>Nothing is in RAM yet.</summary>
    /// <param name="store">The disk.</param>
    /// <param name="find">What a function's manifest says of its actors; null when the node has no such function, or it has no actors.</param>
    /// <param name="time">The mission clock.</param>
    public ActorMemories(IActorStore store, Func<string, FunctionActor?> find, TimeProvider time)
    {
        _store = store;
        _find = find;
        _time = time;
    }

    /// <summary>Memories in RAM.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _byUse.Count;
        }
    }

    /// <summary>What they take, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    /// <summary>An actor's record, from the disk if it is not in RAM; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Activate(ActorAddress actor)
    {
        lock (_gate)
        {
            if (Find(actor) is { } known)
                return known.Record;
        }
        if (!_store.TryRead(actor, out byte[]? record))
            return default;
        if (TryReserve(1, record.Length))
        {
            lock (_gate)
            {
                Unreserve(1, record.Length);
                if (Find(actor) is { } known)
                    return known.Record;
                Add(new(actor) { Record = record, StoredLength = record.Length, LastUsed = _time.GetUtcNow() });
            }
        }
        return record; // a disk that is full can still be read
    }

    /// <summary>The length of an actor's record in bytes, −1 when there is none; reads nothing from the disk.</summary>
    public int LengthOf(ActorAddress actor)
    {
        lock (_gate)
        {
            if (_residents.TryGetValue(actor, out LinkedListNode<Resident>? node))
                return node.Value.Record.IsEmpty ? -1 : node.Value.Record.Length;
        }
        return _store.LengthOf(actor);
    }

    /// <summary>An actor's policy, without making it resident.</summary>
    public ActorPolicy PolicyOf(ActorAddress actor)
    {
        lock (_gate)
        {
            if (_residents.TryGetValue(actor, out LinkedListNode<Resident>? node))
                return ActorRecord.PolicyOf(node.Value.Record.Span);
        }
        return _store.LengthOf(actor) >= 0 && _store.TryRead(actor, out byte[]? record) ? ActorRecord.PolicyOf(record) : default;
    }

    /// <summary>By how much a function's memories would grow on disk if they went there now, in bytes of records and characters of keys; negative when they would shrink.</summary>
    public long UnsavedBytes(string function)
    {
        lock (_gate)
            return _unsaved.GetValueOrDefault(function);
    }

    /// <summary>Makes room for memories that are about to be kept: others go to disk for it, the least recently used first.</summary>
    /// <returns>False when there is none, because the disk refuses; nothing is reserved then. Else call <see cref="Keep"/> or <see cref="GiveUp"/> with the same writes.</returns>
    public bool TryReserve(IReadOnlyList<ActorWrite> writes)
    {
        ArgumentNullException.ThrowIfNull(writes);
        return TryReserve(writes.Count, writes.Sum(write => (long)write.Record.Length));
    }

    /// <summary>Keeps what was reserved for, in RAM.</summary>
    public void Keep(IReadOnlyList<ActorWrite> writes)
    {
        ArgumentNullException.ThrowIfNull(writes);
        lock (_gate)
        {
            GiveUp(writes);
            foreach (ActorWrite write in writes)
            {
                if (_find(write.Actor.Function) is null)
                    continue; // it was undeployed while it ran
                if (Find(write.Actor) is { } known)
                {
                    Change(known, write.Record);
                }
                else
                {
                    var made = new Resident(write.Actor) { StoredLength = _store.LengthOf(write.Actor), LastUsed = _time.GetUtcNow() };
                    Add(made);
                    Change(made, write.Record);
                }
            }
        }
    }

    /// <summary>Gives back what was reserved.</summary>
    public void GiveUp(IReadOnlyList<ActorWrite> writes)
    {
        ArgumentNullException.ThrowIfNull(writes);
        lock (_gate)
            Unreserve(writes.Count, writes.Sum(write => (long)write.Record.Length));
    }

    /// <summary>Puts to disk what was idle for its function's lifetime. Cheap when there is nothing to do; call it now and then. What the disk refuses stays for the next time.</summary>
    public void PassivateIdle()
    {
        DateTimeOffset now = _time.GetUtcNow();
        Passivate(resident => _find(resident.Actor.Function) is not { } actor || resident.LastUsed + actor.MemoryLifetime <= now);
    }

    /// <summary>Puts all to disk, for the agent's end.</summary>
    /// <returns>How many could not be kept, and how many bytes these were; 0 and 0 when all is well.</returns>
    public (int Actors, long Bytes) PassivateAll()
    {
        while (Passivate(_ => true) && Count > 0)
        {
            // as many as one transaction takes at a time
        }
        return (Count, Bytes);
    }

    /// <summary>Forgets what a function's actors have in RAM.</summary>
    public void Remove(string function)
    {
        lock (_passivation) // what is on its way to disk is there before the caller removes it there
        {
            lock (_gate)
            {
                foreach (LinkedListNode<Resident> node in _residents.Values.Where(node => string.Equals(node.Value.Actor.Function, function, StringComparison.Ordinal)).ToArray())
                    Drop(node);
            }
        }
    }

    private bool TryReserve(int count, long bytes)
    {
        if (count > FunctionBounds.ActorsResidentMax || bytes > FunctionBounds.ActorBytesResidentMax)
            return false;
        while (true)
        {
            lock (_gate)
            {
                if (_byUse.Count + _reservedCount + count <= FunctionBounds.ActorsResidentMax && _bytes + _reservedBytes + bytes <= FunctionBounds.ActorBytesResidentMax)
                {
                    _reservedCount += count;
                    _reservedBytes += bytes;
                    return true;
                }
                if (_byUse.Count == 0)
                    return false; // all of it is reserved by others
            }
            if (!Passivate(static _ => true))
                return false;
        }
    }

    private void Unreserve(int count, long bytes)
    {
        _reservedCount -= count;
        _reservedBytes -= bytes;
    }

    /// <summary>Takes some out of RAM, the least recently used first, in one transaction.</summary>
    /// <returns>False when the disk refused; all stay.</returns>
    private bool Passivate(Func<Resident, bool> isDue)
    {
        lock (_passivation)
        {
            List<(Resident Resident, long Generation)> going = [];
            List<ActorWrite> writes = [];
            lock (_gate)
            {
                foreach (Resident resident in _byUse)
                {
                    if (going.Count == FunctionBounds.ActorsPassivatedAtOnce)
                        break;
                    if (!isDue(resident))
                        continue;
                    going.Add((resident, resident.Generation));
                    if (resident.IsChanged && _find(resident.Actor.Function) is not null)
                        writes.Add(new(resident.Actor, resident.Record));
                }
            }
            if (writes.Count > 0 && !_store.TryWrite(writes))
                return false;
            lock (_gate)
            {
                foreach ((Resident resident, long generation) in going)
                {
                    if (!_residents.TryGetValue(resident.Actor, out LinkedListNode<Resident>? node) || node.Value != resident)
                        continue;
                    if (resident.Generation == generation)
                    {
                        Drop(node);
                        continue;
                    }
                    CountUnsaved(resident, -1);
                    resident.StoredLength = _store.LengthOf(resident.Actor); // it was used meanwhile, and stays
                    CountUnsaved(resident, 1);
                }
            }
            return true;
        }
    }

    private Resident? Find(ActorAddress actor)
    {
        if (!_residents.TryGetValue(actor, out LinkedListNode<Resident>? node))
            return null;
        node.Value.LastUsed = _time.GetUtcNow();
        _byUse.Remove(node);
        _byUse.AddLast(node);
        return node.Value;
    }

    private void Add(Resident resident)
    {
        _residents[resident.Actor] = _byUse.AddLast(resident);
        _bytes += resident.Record.Length;
    }

    private void Change(Resident resident, ReadOnlyMemory<byte> record)
    {
        _bytes += record.Length - resident.Record.Length;
        CountUnsaved(resident, -1);
        resident.Change(record);
        CountUnsaved(resident, 1);
    }

    private void CountUnsaved(Resident resident, int sign)
    {
        string function = resident.Actor.Function;
        long bytes = _unsaved.GetValueOrDefault(function) + (sign * resident.Growth);
        if (bytes == 0)
            _unsaved.Remove(function);
        else
            _unsaved[function] = bytes;
    }

    private void Drop(LinkedListNode<Resident> node)
    {
        CountUnsaved(node.Value, -1);
        _residents.Remove(node.Value.Actor);
        _byUse.Remove(node);
        _bytes -= node.Value.Record.Length;
    }

    private sealed class Resident(ActorAddress actor)
    {
        public ActorAddress Actor => actor;

        public ReadOnlyMemory<byte> Record { get; set; }

        /// <summary>What the disk has, in bytes; −1 for nothing.</summary>
        public int StoredLength { get; set; }

        public DateTimeOffset LastUsed { get; set; }

        public long Generation { get; private set; }

        public bool IsChanged { get; private set; }

        public long Growth => IsChanged ? Size(Record.IsEmpty ? -1 : Record.Length) - Size(StoredLength) : 0;

        public void Change(ReadOnlyMemory<byte> record)
        {
            Record = record;
            IsChanged = true;
            Generation++;
        }

        // As the store counts it: the record, and the key under which it stands.
        private long Size(int length) => length < 0 ? 0 : length + 1 + actor.Key.Length;
    }
}
