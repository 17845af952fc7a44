using SatNode.Functions.Hosting;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Prefetch;

/// <summary>The values that a manifest names under <c>prefetch</c>, read while the function is being started and held for one invocation. Whoever comes first to a value reads it, a
/// thread that reads ahead or the function itself; who comes while it is being read waits for that. A value that was changed after it was read is never given out.</summary>
/// <remarks>Thread-safe. Dispose it when the invocation ended, or when it is not going to be: the bytes count until then.</remarks>
public sealed class StatePrefetch : IDisposable
{
    private readonly string _function;
    private readonly IPrefetchSource _source;
    private readonly PrefetchBudget _budget;
    private readonly Slot[] _slots;
    private readonly Lock _lock = new();
    private TimeSpan _cpuTime;
    private long _bytes;
    private bool _isDisposed;

    /// <summary>Begins nothing yet: <see cref="ReadAll"/> does, on another thread.</summary>
    public StatePrefetch(FunctionManifest manifest, IPrefetchSource source, PrefetchBudget budget)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        _function = manifest.Name;
        _source = source;
        _budget = budget;
        _slots = [.. manifest.Prefetch.Where(key => !ServiceKeys.IsService(key)).Take(PrefetchLimits.KeysMax).Distinct(StringComparer.Ordinal).Select(key => new Slot(this, key))];
    }

    /// <summary>The function whose values these are.</summary>
    public string Function => _function;

    /// <summary>Bytes that are held.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
                return _bytes;
        }
    }

    /// <summary>Values that were read ahead, or are being read.</summary>
    public int ValuesRead => _slots.Count(slot => slot.IsRead);

    /// <summary>Reads that the function did not have to do.</summary>
    public int Hits { get; private set; }

    /// <summary>CPU time that <see cref="ReadAll"/> took: what the function would have used for the same.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            lock (_lock)
                return _cpuTime;
        }
    }

    /// <summary>Reads what is not read yet, in the manifest's order, on the calling thread; ends early when it is disposed.</summary>
    public void ReadAll()
    {
        TimeSpan before = ThreadCpuClock.Now;
        foreach (Slot slot in _slots)
        {
            _ = slot.Value;
            TimeSpan now = ThreadCpuClock.Now;
            lock (_lock)
                _cpuTime += now - before;
            before = now;
        }
    }

    /// <summary>A value that was read ahead and is still what the store has. For the invocation's thread.</summary>
    /// <returns>False when the store has to be asked: the manifest does not name the key, there is no such value, it has changed, or there was no room for it.</returns>
    public bool TryGet(string function, string key, out StateValue value)
    {
        value = default;
        if (!string.Equals(function, _function, StringComparison.Ordinal))
            return false;
        foreach (Slot slot in _slots)
        {
            if (!string.Equals(slot.Key, key, StringComparison.Ordinal))
                continue;
            if (slot.Value is not { } held || held.Stamp != _source.Look(function, key).Stamp)
                return false;
            value = held.Value;
            Hits++;
            return true;
        }
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        long held;
        lock (_lock)
        {
            _isDisposed = true;
            held = _bytes;
            _bytes = 0;
        }
        _budget.Return(held);
    }

    private Held? Read(string key)
    {
        (int length, long stamp) = _source.Look(_function, key);
        if (length < 0 || !TryTake(length))
            return null;
        if (_source.TryRead(_function, key, out StateValue value) && value.Bytes.Length == length)
            return new(value, stamp);
        GiveBack(length); // gone, or changed since
        return null;
    }

    private bool TryTake(int length)
    {
        lock (_lock)
        {
            if (_isDisposed || _bytes + length > PrefetchLimits.BytesMax || !_budget.TryTake(length))
                return false;
            _bytes += length;
            return true;
        }
    }

    private void GiveBack(int length)
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _bytes -= length;
            _budget.Return(length);
        }
    }

    private sealed record Held(StateValue Value, long Stamp);

    private sealed class Slot(StatePrefetch owner, string key)
    {
        private readonly Lazy<Held?> _value = new(() => owner.Read(key));

        public string Key => key;

        public bool IsRead => _value.IsValueCreated && _value.Value is not null;

        public Held? Value => _value.Value;
    }
}
