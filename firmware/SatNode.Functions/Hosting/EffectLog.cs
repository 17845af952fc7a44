using System.Diagnostics.CodeAnalysis;
using SatNode.Functions.Runtime;

namespace SatNode.Functions.Hosting;

/// <summary>What an invocation and all that it called want changed, until it is committed as one. What a callee wrote goes again when it fails.</summary>
internal sealed class EffectLog
{
    private readonly Dictionary<(string Function, string Key), Change> _changes = [];
    private readonly List<(string Function, string Key)> _order = [];
    private readonly List<(string Function, Emission Emission)> _emissions = [];
    private readonly List<(string Function, string Key, Change? Before)> _journal = [];
    private int _bytes;
    private int _counted;

    /// <summary>A place to go back to.</summary>
    public readonly record struct Mark(int Journal, int Order, int Emissions, int Bytes, int Counted);

    /// <summary>Bytes that may still be written or emitted.</summary>
    public int BytesLeft => FunctionBounds.EffectBytesMax - _bytes;

    /// <summary>Keys that may still be changed for the first time.</summary>
    public int KeysLeft => FunctionBounds.StateChangesMax - _counted;

    /// <summary>Writes that may still be noted: each is remembered until the end, so that it can be taken back.</summary>
    public int WritesLeft => FunctionBounds.StateWritesMax - _journal.Count;

    public bool IsEmpty => _order.Count == 0 && _emissions.Count == 0;

    public void Clear()
    {
        if (IsEmpty && _bytes == 0)
            return;
        _changes.Clear();
        _order.Clear();
        _emissions.Clear();
        _journal.Clear();
        _bytes = _counted = 0;
    }

    public bool TryFind(string function, string key, [NotNullWhen(true)] out Change? change) => _changes.TryGetValue((function, key), out change);

    /// <summary>What the function's changes add to what it keeps, in bytes; negative when they take away.</summary>
    public long GrowthOf(string function)
    {
        long growth = 0;
        foreach ((string Function, string Key) entry in _order)
        {
            if (string.Equals(entry.Function, function, StringComparison.Ordinal))
                growth += _changes[entry].Growth;
        }
        return growth;
    }

    /// <summary>The function's keys that were changed, whether they are there now or not.</summary>
    public IEnumerable<(string Key, bool IsThere)> Changed(string function) =>
        _order.Where(entry => string.Equals(entry.Function, function, StringComparison.Ordinal)).Select(entry => (entry.Key, _changes[entry].Value is not null));

    /// <summary>Notes the last word on a key.</summary>
    /// <param name="function">Whose.</param>
    /// <param name="key">The key.</param>
    /// <param name="change">The word.</param>
    /// <param name="isFree">True when it counts as no changed key: what goes with an object or a queue's entry, of which there are not more than the store holds.</param>
    public void Set(string function, string key, Change change, bool isFree = false)
    {
        _changes.TryGetValue((function, key), out Change? before);
        if (before is null)
        {
            _order.Add((function, key));
            _counted += isFree ? 0 : 1;
        }
        _journal.Add((function, key, before));
        _changes[(function, key)] = change;
        _bytes += change.Value?.Length ?? 0;
    }

    public void Emit(string function, Emission emission)
    {
        _emissions.Add((function, emission));
        _bytes += emission.Payload.Length;
    }

    /// <summary>The messages to an actor that are on their way: how many, and how long.</summary>
    public (int Count, long Bytes) MessagesTo(string address)
    {
        (int count, long bytes) = (0, 0);
        foreach ((_, Emission emission) in _emissions)
        {
            if (emission.MessagePriority is null || !string.Equals(emission.Topic, address, StringComparison.Ordinal))
                continue;
            count++;
            bytes += emission.Payload.Length;
        }
        return (count, bytes);
    }

    public int EmissionsOf(string function) => _emissions.Count(emission => string.Equals(emission.Function, function, StringComparison.Ordinal));

    public Mark Save() => new(_journal.Count, _order.Count, _emissions.Count, _bytes, _counted);

    public void Restore(in Mark mark)
    {
        for (int i = _journal.Count - 1; i >= mark.Journal; i--)
        {
            (string function, string key, Change? before) = _journal[i];
            if (before is null)
                _changes.Remove((function, key));
            else
                _changes[(function, key)] = before;
        }
        _journal.RemoveRange(mark.Journal, _journal.Count - mark.Journal);
        _order.RemoveRange(mark.Order, _order.Count - mark.Order);
        _emissions.RemoveRange(mark.Emissions, _emissions.Count - mark.Emissions);
        _bytes = mark.Bytes;
        _counted = mark.Counted;
    }

    /// <summary>All of it, a function at a time, in the order of first appearance.</summary>
    public IReadOnlyList<FunctionEffects> ToEffects()
    {
        var effects = new List<FunctionEffects>(1);
        foreach ((string function, _) in _order)
            Add(effects, function);
        foreach ((string function, _) in _emissions)
            Add(effects, function);
        return effects;
    }

    private void Add(List<FunctionEffects> effects, string function)
    {
        foreach (FunctionEffects known in effects)
        {
            if (string.Equals(known.Function, function, StringComparison.Ordinal))
                return;
        }
        var changes = new List<StateChange>(_order.Count);
        foreach ((string Function, string Key) entry in _order)
        {
            if (string.Equals(entry.Function, function, StringComparison.Ordinal))
            {
                Change change = _changes[entry];
                changes.Add(new(entry.Key, change.Value is { } value ? (ReadOnlyMemory<byte>?)value : null, change.Expected));
            }
        }
        var emissions = new List<Emission>(_emissions.Count);
        foreach ((string of, Emission emission) in _emissions)
        {
            if (string.Equals(of, function, StringComparison.Ordinal))
                emissions.Add(emission);
        }
        effects.Add(new(function, changes, emissions));
    }

    /// <summary>The last word on a key.</summary>
    /// <param name="Value">The new value; null deletes.</param>
    /// <param name="Version">What the function sees as its version: one more than what it replaced.</param>
    /// <param name="Expected">The version that the store must still have, 0 for absent; null when it does not matter.</param>
    /// <param name="Growth">What it adds to what the store has under this key, in bytes of key and value.</param>
    internal sealed record Change(byte[]? Value, ulong Version, ulong? Expected, long Growth);
}
