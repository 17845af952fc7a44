using SatNode.Functions.Prefetch;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Prefetch;

/// <summary>What is read ahead, what is given out, and what it may hold.</summary>
public sealed class StatePrefetchTests
{
    private readonly Source _source = new();
    private readonly PrefetchBudget _budget = new();

    [Fact]
    public void What_was_read_ahead_is_read_once()
    {
        _source.Put("a", [1]);
        _source.Put("b", [2, 3]);
        using StatePrefetch prefetch = New("a", "b", "a");
        prefetch.ReadAll();
        Assert.True(prefetch.TryGet("probe", "b", out StateValue value));
        Assert.Equal([2, 3], value.Bytes.ToArray());
        Assert.Equal(1UL, value.Version);
        Assert.True(prefetch.TryGet("probe", "a", out _));
        Assert.True(prefetch.TryGet("probe", "a", out _));
        Assert.Equal((2, 3, 3L, 3L), (_source.Reads, prefetch.Hits, prefetch.Bytes, _budget.Taken));
    }

    [Fact]
    public void What_was_not_read_yet_is_read_by_who_asks_and_not_again()
    {
        _source.Put("a", [1]);
        using StatePrefetch prefetch = New("a");
        Assert.Equal(0, prefetch.ValuesRead);
        Assert.True(prefetch.TryGet("probe", "a", out _));
        prefetch.ReadAll();
        Assert.Equal((1, 1), (_source.Reads, prefetch.ValuesRead));
    }

    [Fact]
    public async Task Who_asks_for_what_is_being_read_waits_for_that_read()
    {
        _source.Put("a", [1]);
        using var reading = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        _source.OnRead = () =>
        {
            reading.Set();
            goOn.Wait(TestContext.Current.CancellationToken);
        };
        using StatePrefetch prefetch = New("a");
        Task ahead = Task.Run(prefetch.ReadAll, TestContext.Current.CancellationToken);
        reading.Wait(TestContext.Current.CancellationToken);
        Task<bool> asks = Task.Run(() => prefetch.TryGet("probe", "a", out _), TestContext.Current.CancellationToken);
        goOn.Set();
        Assert.True(await asks);
        await ahead;
        Assert.Equal(1, _source.Reads);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("deleted")]
    [InlineData("deleted and written again with the same version")]
    public void A_value_that_was_touched_since_is_not_given_out(string how)
    {
        _source.Put("a", [1]);
        using StatePrefetch prefetch = New("a");
        prefetch.ReadAll();
        if (how != "changed")
            _source.Remove("a");
        if (how != "deleted")
            _source.Put("a", [2]);
        Assert.False(prefetch.TryGet("probe", "a", out _));
        Assert.Equal(0, prefetch.Hits);
    }

    [Fact]
    public void A_value_that_changes_while_it_is_read_is_not_given_out()
    {
        _source.Put("a", [1]);
        _source.Put("b", [1]);
        _source.OnRead = () =>
        {
            _source.OnRead = null;
            _source.Put("a", [2]); // as long as before
            _source.Put("b", [2, 2]);
        };
        using StatePrefetch prefetch = New("a", "b");
        prefetch.ReadAll();
        Assert.False(prefetch.TryGet("probe", "a", out _));
        Assert.True(prefetch.TryGet("probe", "b", out StateValue b)); // it was read after it had changed
        Assert.Equal([2, 2], b.Bytes.ToArray());
    }

    [Fact]
    public void A_missing_value_and_what_the_manifest_does_not_name_are_left_to_the_store()
    {
        _source.Put("a", [1]);
        using StatePrefetch prefetch = New("gone");
        prefetch.ReadAll();
        Assert.False(prefetch.TryGet("probe", "gone", out _));
        Assert.False(prefetch.TryGet("probe", "a", out _));
        Assert.False(prefetch.TryGet("other", "gone", out _));
        Assert.Equal((0, 0L), (_source.Reads, _budget.Taken));
    }

    [Fact] // which one that it calls asks for under the same name
    public void Another_functions_key_of_the_same_name_is_left_to_the_store()
    {
        _source.Put("a", [1]);
        using StatePrefetch prefetch = New("a");
        prefetch.ReadAll();
        Assert.False(prefetch.TryGet("other", "a", out _));
        Assert.True(prefetch.TryGet("probe", "a", out _));
    }

    [Fact]
    public void One_invocation_holds_64_MiB_at_most()
    {
        byte[] large = new byte[16 * 1024 * 1024];
        string[] keys = [.. Enumerable.Range(0, 6).Select(i => $"k{i}")];
        foreach (string key in keys)
            _source.Put(key, large);
        _source.Put("k5", [1]);
        using var prefetch = new StatePrefetch(Manifest(keys), _source, new(long.MaxValue));
        prefetch.ReadAll();
        Assert.Equal((4, PrefetchLimits.BytesMax), (prefetch.ValuesRead, prefetch.Bytes));
        Assert.False(prefetch.TryGet("probe", "k4", out _));
        Assert.False(prefetch.TryGet("probe", "k5", out _)); // not one byte more
    }

    [Fact]
    public void All_invocations_together_hold_what_the_budget_has()
    {
        var budget = new PrefetchBudget(3);
        _source.Put("a", [1, 2]);
        var first = new StatePrefetch(Manifest("a"), _source, budget);
        first.ReadAll();
        using (var late = new StatePrefetch(Manifest("a"), _source, budget))
        {
            late.ReadAll();
            Assert.False(late.TryGet("probe", "a", out _));
        }
        Assert.Equal(2, budget.Taken);
        first.Dispose();
        first.Dispose();
        Assert.Equal(0, budget.Taken);
        using var next = new StatePrefetch(Manifest("a"), _source, budget);
        Assert.True(next.TryGet("probe", "a", out _));
    }

    [Fact]
    public void Nothing_more_is_read_once_nobody_wants_it()
    {
        _source.Put("a", [1]);
        _source.Put("b", [1]);
        StatePrefetch prefetch = New("a", "b");
        _source.OnRead = prefetch.Dispose; // in the middle of the first
        prefetch.ReadAll();
        Assert.Equal((1, 0L), (_source.Reads, _budget.Taken));
    }

    private StatePrefetch New(params string[] keys) => new(Manifest(keys), _source, _budget);

    private static FunctionManifest Manifest(params string[] keys) => Runtime.Modules.Manifest(Runtime.Modules.Echo) with { Prefetch = keys };

    /// <summary>A store in memory that counts its reads.</summary>
    private sealed class Source : IPrefetchSource
    {
        private readonly Dictionary<string, (byte[] Bytes, long Stamp)> _values = [];
        private readonly Lock _lock = new();
        private long _stamp;
        private int _reads;

        public Action? OnRead { get; set; }

        public int Reads => _reads;

        public void Put(string key, byte[] value)
        {
            lock (_lock)
                _values[key] = (value, ++_stamp);
        }

        public void Remove(string key)
        {
            lock (_lock)
                _values.Remove(key);
        }

        public (int Length, long Stamp) Look(string function, string key)
        {
            lock (_lock)
                return _values.TryGetValue(key, out (byte[] Bytes, long Stamp) value) ? (value.Bytes.Length, value.Stamp) : (-1, 0);
        }

        public bool TryRead(string function, string key, out StateValue value)
        {
            Interlocked.Increment(ref _reads);
            OnRead?.Invoke();
            lock (_lock)
            {
                value = _values.TryGetValue(key, out (byte[] Bytes, long Stamp) found) ? new(found.Bytes, 1) : default;
                return value.Version > 0;
            }
        }
    }
}
