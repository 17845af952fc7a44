using SatNode.Agent.Composition;
using SatNode.Flight.Invocations;
using SatNode.Functions.Prefetch;
using SatNode.Protocol.Functions;
using SatNode.Protocol.State;
using SatNode.Protocol.Telemetry;

namespace SatNode.Agent.Tests.Composition;

/// <summary>What is made ready while something else runs, and that nothing depends on it.</summary>
public sealed class WarmAheadTests : IAsyncDisposable
{
    private readonly NodeWorld _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    private bool IsSecondReady => _world.Deployments.Find("second") is { IsAhead: true } && _world.Functions.Ahead.Budget.Taken == 2;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_follows_is_ready_while_its_predecessor_still_runs_and_then_reads_nothing(bool byOutput)
    {
        Deploy(byOutput);
        // The predecessor goes on only once it has seen its successor ready: code, instance and both values.
        _world.OnLog = (function, _) =>
        {
            if (function == "first")
                NodeWorld.Wait(() => IsSecondReady && _world.States.Reads == 2);
        };
        Start();
        await _world.Until(() => _world.OutputOf("second") is not null);
        Assert.Equal([1, 2], _world.OutputOf("second")!);
        Assert.Equal(2, _world.States.Reads); // neither its values nor its input were read again
        Assert.Equal((0, 0L), (_world.Functions.Ahead.Count, _world.Functions.Ahead.Budget.Taken));
        Assert.Equal(2, _world.Count("invocation.completed"));
    }

    [Fact]
    public async Task A_value_that_changed_after_it_was_read_ahead_is_read_anew()
    {
        Deploy(byOutput: false);
        _world.OnLog = (function, _) =>
        {
            if (function != "first")
                return;
            NodeWorld.Wait(() => IsSecondReady);
            _world.Put("second", "other", [9]);
        };
        Start();
        await _world.Until(() => _world.OutputOf("second") is not null);
        Assert.Equal([1, 9], _world.OutputOf("second")!);
        Assert.Equal(3, _world.States.Reads);
    }

    [Fact]
    public async Task A_predecessor_that_fails_leaves_nothing_held_and_the_function_as_good_as_before()
    {
        Deploy(byOutput: false, first: NodeWorld.Reactor("(call $log (i32.const 1) (i32.const 16) (i32.const 3)) unreachable"));
        _world.OnLog = (function, _) =>
        {
            if (function == "first")
                NodeWorld.Wait(() => IsSecondReady);
        };
        Start();
        await _world.Until(() => _world.Count("invocation.failed first") == 1);
        Assert.Equal((0, 0L), (_world.Functions.Ahead.Count, _world.Functions.Ahead.Budget.Taken));
        Assert.Equal(0, _world.Count("invocation.started second"));
        Assert.True(_world.Functions.Trigger("second", InputSource.Bytes, default));
        await _world.Until(() => _world.OutputOf("second") is not null);
        Assert.Equal([1, 2], _world.OutputOf("second")!);
    }

    [Fact]
    public async Task What_nobody_takes_goes_after_a_minute()
    {
        _world.Deploy("second", NodeWorld.Reads, ["key"]);
        _world.Put("second", "key", [1]);
        await _world.Functions.Ahead.Warm("second", "there");
        _world.Functions.Ahead.Hold(new("k", 1, 1), new byte[5], takers: 1);
        _world.Time.Advance(WarmAhead.HeldFor - TimeSpan.FromMilliseconds(1));
        _world.Functions.Ahead.Expire();
        Assert.Equal((1, 6L), (_world.Functions.Ahead.Count, _world.Functions.Ahead.Budget.Taken));
        _world.Time.Advance(TimeSpan.FromMilliseconds(1));
        _world.Functions.Ahead.Expire();
        Assert.Equal((0, 0L), (_world.Functions.Ahead.Count, _world.Functions.Ahead.Budget.Taken));
    }

    [Fact]
    public async Task State_is_held_for_16_functions_and_the_oldest_goes()
    {
        for (int i = 0; i <= WarmAhead.FunctionsMax; i++)
        {
            _world.Deploy($"f{i}", NodeWorld.Reads, ["key"]);
            _world.Put($"f{i}", "key", new byte[1]);
            await _world.Functions.Ahead.Warm($"f{i}", "there");
        }
        Assert.Equal((WarmAhead.FunctionsMax, (long)WarmAhead.FunctionsMax), (_world.Functions.Ahead.Count, _world.Functions.Ahead.Budget.Taken));
        Assert.Null(_world.Functions.Ahead.Take(_world.Deployments.Find("f0")!.Manifest, isCold: false));
        using StatePrefetch? last = _world.Functions.Ahead.Take(_world.Deployments.Find("f16")!.Manifest, isCold: false);
        Assert.Equal(1, last!.Bytes);
    }

    [Fact]
    public async Task An_output_that_is_not_on_disk_yet_is_an_input_already()
    {
        _world.Deploy("second", NodeWorld.Says);
        var state = new StateReference("workflow/chain/r/one", 1, 1);
        var invocation = new Invocation
        {
            Id = "1",
            Function = "second",
            Source = InputSource.State,
            States = [state],
            Queued = _world.Time.GetUtcNow(),
            Deadline = DateTimeOffset.MaxValue,
        };
        Assert.Null(await _world.Functions.Prepare(invocation, CancellationToken.None));
        Assert.True(_world.Functions.Ahead.Hold(state, new byte[] { 5 }, takers: 1));
        Assert.Equal(StateOrigin.Local, await _world.Functions.Prepare(invocation, CancellationToken.None));
        ExecutionResult result = await Task.Run(() => _world.Functions.Execute(invocation, new InvocationPace(), CancellationToken.None), TestContext.Current.CancellationToken);
        Assert.Equal([5], result.Output.ToArray());
    }

    [Fact]
    public async Task An_output_goes_to_the_disk_as_well()
    {
        Deploy(byOutput: false);
        Start();
        await _world.Until(() => _world.OutputOf("second") is not null && _world.States.List("workflow/chain/", 9).Count == 1);
    }

    [Fact]
    public void Sixteen_outputs_are_held_within_the_budget_and_each_goes_with_its_last_taker()
    {
        WarmAhead ahead = _world.Functions.Ahead;
        for (ulong i = 0; i <= WarmAhead.OutputsMax; i++)
            ahead.Hold(new("k", i, 1), new byte[1], takers: 2);
        Assert.Equal(WarmAhead.OutputsMax, ahead.Budget.Taken);
        Assert.Null(ahead.Take(new StateReference("k", 0, 1)));
        Assert.NotNull(ahead.Take(new StateReference("k", 16, 1)));
        Assert.NotNull(ahead.Take(new StateReference("k", 16, 1)));
        Assert.Null(ahead.Take(new StateReference("k", 16, 1)));
        Assert.Equal(WarmAhead.OutputsMax - 1, ahead.Budget.Taken);
        ahead.Hold(new("too large", 1, 1), new byte[PrefetchLimits.NodeBytesMax - WarmAhead.OutputsMax + 2], takers: 1);
        Assert.Null(ahead.Take(new StateReference("too large", 1, 1)));
    }

    [Fact]
    public void Where_the_next_stage_is_placed_elsewhere_that_node_is_asked()
    {
        List<(string Node, string Function)> asked = [];
        _world.Deploy("first", NodeWorld.Says);
        _world.Chain("first", "second", on: "there");
        WarmAhead ahead = New((node, function) => asked.Add((node, function)));
        ahead.Begin(new Invocation { Id = "1", Function = "first", Queued = default, Deadline = DateTimeOffset.MaxValue, Workflow = "chain", Run = "r", Stage = "one" });
        Assert.Equal([("there", "second")], asked);
        ahead.Begin(new Invocation { Id = "2", Function = "first", Queued = default, Deadline = DateTimeOffset.MaxValue });
        Assert.Single(asked); // of no workflow
    }

    [Fact]
    public async Task A_node_that_is_asked_makes_ready_what_it_has()
    {
        _world.Deploy("second", NodeWorld.Reads, ["key", "other"]);
        _world.Put("second", "key", [1]);
        _world.Put("second", "other", [2]);
        _world.MakeCold();
        await _world.Functions.WarmRequested(new("second"), 2, CancellationToken.None);
        await _world.Functions.WarmRequested(new("unknown"), 2, CancellationToken.None);
        NodeWorld.Wait(() => IsSecondReady);
        Assert.Equal(2, _world.States.Reads);
    }

    [Fact]
    public async Task Asking_again_reads_nothing_again()
    {
        _world.Deploy("second", NodeWorld.Reads, ["key"]);
        _world.Put("second", "key", [1]);
        await _world.Functions.Ahead.Warm("second", "a");
        await _world.Functions.Ahead.Warm("second", "b");
        Assert.Equal((1, 1L, 1L), (_world.Functions.Ahead.Count, _world.Functions.Ahead.Budget.Taken, _world.States.Reads));
        _world.Deploy("second", NodeWorld.Reads, ["other"]); // another version reads other keys
        await _world.Functions.Ahead.Warm("second", "c");
        Assert.Equal((1, 0L), (_world.Functions.Ahead.Count, _world.Functions.Ahead.Budget.Taken));
    }

    [Fact]
    public async Task What_was_fetched_more_than_a_minute_ago_is_fetched_again()
    {
        int fetches = 0;
        _world.Deploy("second", NodeWorld.Reads, [Elsewhere()]);
        WarmAhead ahead = New((_, _) => { }, (_, _, _, _, _) =>
        {
            fetches++;
            return Task.FromResult<Network.State.StateEntry?>(null);
        });
        await ahead.Warm("second", "there");
        foreach ((TimeSpan after, int expected) in ((TimeSpan, int)[])[(WarmAhead.HeldFor - TimeSpan.FromMilliseconds(1), 1), (TimeSpan.FromMilliseconds(1), 2)])
        {
            _world.Time.Advance(after);
            var invocation = new Invocation { Id = "1", Function = "second", Queued = _world.Time.GetUtcNow(), Deadline = _world.Time.GetUtcNow() + TimeSpan.FromSeconds(20) };
            await ahead.Prepare(invocation, Task.CompletedTask, CancellationToken.None);
            Assert.Equal(expected, fetches);
        }
    }

    [Fact]
    public async Task Code_is_loaded_while_state_comes_from_another_node_and_what_comes_late_is_done_without()
    {
        var never = new TaskCompletionSource<Network.State.StateEntry?>();
        _world.Deploy("second", NodeWorld.Reads, [Elsewhere()]);
        _world.MakeCold();
        WarmAhead ahead = New((_, _) => { }, (_, _, _, _, _) => never.Task);
        var invocation = new Invocation { Id = "1", Function = "second", Queued = _world.Time.GetUtcNow(), Deadline = _world.Time.GetUtcNow() + TimeSpan.FromSeconds(20) };
        Task prepared = ahead.Prepare(invocation, Task.CompletedTask, CancellationToken.None);
        NodeWorld.Wait(() => _world.Deployments.Find("second") is { IsLoaded: true });
        Assert.False(prepared.IsCompleted);
        _world.Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(prepared.IsCompleted);
        _world.Time.Advance(TimeSpan.FromSeconds(0.1)); // half of the time until the deadline
        await prepared;
        never.SetResult(null);
    }

    [Fact]
    public async Task Code_is_not_loaded_before_admission_where_nothing_has_to_be_waited_for()
    {
        _world.Deploy("second", NodeWorld.Reads, ["key"]);
        _world.MakeCold();
        var invocation = new Invocation { Id = "1", Function = "second", Queued = _world.Time.GetUtcNow(), Deadline = DateTimeOffset.MaxValue };
        await _world.Functions.Ahead.Prepare(invocation, Task.CompletedTask, CancellationToken.None);
        Assert.False(_world.Deployments.Find("second")!.IsLoaded);
    }

    [Fact]
    public async Task A_cold_function_starts_while_another_thread_reads_its_input_and_state()
    {
        // Its own start ends only once all has been read: input, "key" and "other".
        byte[] module = NodeWorld.Reactor("""
            (i64.or (i64.const 0x800_0000_0000) (i64.extend_i32_u (i32.add
              (call $state_get (i32.const 16) (i32.const 3) (i32.const 0x800) (i32.const 64))
              (call $state_get (i32.const 32) (i32.const 5) (i32.const 0x801) (i32.const 64)))))
            """, """(func (export "_initialize") (call $log (i32.const 1) (i32.const 16) (i32.const 3)))""");
        _world.Deploy("second", module, ["key", "other"]);
        _world.Put("second", "key", [1]);
        _world.Put("second", "other", [2]);
        _world.States.Put("input", 1, 1, new byte[] { 3 });
        _world.MakeCold();
        _world.OnLog = (_, _) => NodeWorld.Wait(() => _world.States.Reads == 3);
        var invocation = new Invocation
        {
            Id = "1",
            Function = "second",
            Source = InputSource.State,
            States = [new("input", 1, 1)],
            Queued = _world.Time.GetUtcNow(),
            Deadline = DateTimeOffset.MaxValue,
        };
        ExecutionResult result = await Task.Run(() => _world.Functions.Execute(invocation, new InvocationPace(), CancellationToken.None), TestContext.Current.CancellationToken);
        Assert.Equal([1, 2], result.Output.ToArray());
        Assert.Equal((3, 0L), (_world.States.Reads, _world.Functions.Ahead.Budget.Taken));
    }

    private void Deploy(bool byOutput, byte[]? first = null)
    {
        _world.Deploy("first", first ?? NodeWorld.Says);
        _world.Deploy("second", NodeWorld.Reads, ["key", "other"], byOutput ? [new OutputTrigger("first")] : []);
        _world.Put("second", "key", [1]);
        _world.Put("second", "other", [2]);
        if (!byOutput)
            _world.Chain("first", "second");
        _world.MakeCold();
    }

    private void Start() => Assert.True(_world.Functions.Trigger("first", InputSource.Bytes, default));

    private string Elsewhere() => Enumerable.Range(0, 64).Select(i => $"global/{i}").First(key => _world.Own.HomeOf("second", key) == 2);

    private WarmAhead New(Action<string, string> ask, RemotePrefetch.FetchState? fetch = null) =>
        new("here", _world.Deployments, _world.Workflows, _world.Triggers, _world.Own, new RemotePrefetch(_world.Own, 1, fetch ?? ((_, _, _, _, _) => throw new InvalidOperationException()), () => []),
            ask, _world.Time);
}
