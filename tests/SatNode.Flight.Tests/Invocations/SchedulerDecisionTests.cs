using SatNode.Flight.Invocations;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Tests.Invocations;

/// <summary>What becomes of an invocation that may not start now.</summary>
public sealed class SchedulerDecisionTests : IAsyncDisposable
{
    private readonly SchedulerWorld _world = new();

    [Fact]
    public async Task A_deferred_one_is_told_of_once_a_constraint_and_looked_at_again_half_way()
    {
        _world.Heat.WaitSeconds = 100;
        _world.Enqueue("a");
        _world.Tick();
        string until = DtnTime.From(SchedulerWorld.Noon + TimeSpan.FromSeconds(100)).ToString();
        Assert.Equal([$"invocation.deferred detect a board-temperature 340 338.15 K {until}"], _world.Events.Raised);

        _world.Heat.WaitSeconds = 0; // what the forecast says before is not asked
        _world.TickAfter(TimeSpan.FromSeconds(49));
        Assert.Empty(_world.Executed);
        _world.Heat.WaitSeconds = 40;
        _world.TickAfter(TimeSpan.FromSeconds(1)); // still too hot: half of forty more, without another event
        Assert.Empty(_world.Executed);
        Assert.Single(_world.Events.Raised);
        _world.Heat.WaitSeconds = 0;
        _world.TickAfter(TimeSpan.FromSeconds(19));
        Assert.Empty(_world.Executed);
        _world.TickAfter(TimeSpan.FromSeconds(1));
        Assert.Equal(InvocationResult.Completed, (await _world.Ended(1))[0].Result);
        Assert.Equal(3, _world.Events.Raised.Count);
    }

    [Theory]
    [InlineData(InvocationFault.Node, false)] // the node stopped it, or it never had a chance
    [InlineData(InvocationFault.Fuel, true)] // what it did, it did itself
    [InlineData(InvocationFault.Trap, true)]
    public async Task A_run_that_the_node_cut_short_tells_nothing_of_what_a_function_needs(InvocationFault fault, bool isLearnt)
    {
        _world.OnExecute = (_, _) => SchedulerWorld.Completed([1], cpuSeconds: 0.5);
        await _world.RunOne("a");
        _world.OnExecute = (_, _) => new ExecutionResult { Result = InvocationResult.Trapped, Fault = fault, CpuTime = TimeSpan.FromSeconds(0.1) };
        await _world.RunOne("b");
        await _world.RunOne("c");
        TimeSpan planned = _world.Heat.Asked[^1].Duration;
        Assert.Equal(isLearnt, planned != TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public async Task Two_constraints_in_turn_make_two_events_and_not_more()
    {
        var charge = new ScriptedConstraint("state-of-charge");
        var heat = new ScriptedConstraint("board-temperature");
        await using var world = new SchedulerWorld(constraints: [heat, charge]);
        world.Enqueue("a");
        for (int i = 0; i < 6; i++)
        {
            heat.WaitSeconds = i % 2 == 0 ? 20 : 0;
            charge.WaitSeconds = i % 2 == 0 ? 0 : 20;
            world.TickAfter(TimeSpan.FromSeconds(20));
        }
        Assert.Equal(2, world.Events.Raised.Count);
        Assert.Empty(world.Executed);
    }

    [Fact]
    public void A_deferral_lasts_ten_seconds_at_least()
    {
        _world.Heat.IsUnknown = true;
        _world.Enqueue("a");
        _world.Tick();
        int asked = _world.Heat.Asked.Count;
        for (int i = 0; i < 9; i++)
            _world.TickAfter(TimeSpan.FromSeconds(1));
        Assert.Equal(asked, _world.Heat.Asked.Count);
        _world.TickAfter(TimeSpan.FromSeconds(1));
        Assert.Equal(asked + 1, _world.Heat.Asked.Count);
    }

    [Theory]
    [InlineData(180, false)] // three minutes are waited for
    [InlineData(181, true)]
    public async Task Moves_what_would_wait_longer_than_patience_to_the_next_candidate(double wait, bool isMoved)
    {
        _world.Candidate = "p10-s04";
        _world.Heat.WaitSeconds = wait;
        List<InvocationResult> heard = [];
        _world.Scheduler.TryEnqueue(_world.New("a") with { WhenEnded = result => heard.Add(result.Result) });
        _world.Tick();
        Assert.Equal(isMoved ? ["a p10-s04"] : [], _world.Offloaded);
        Assert.Equal(isMoved ? 0 : 1, _world.Scheduler.Queued);
        if (isMoved)
        {
            Assert.Equal(["invocation.offloaded detect a board-temperature 340 338.15 K p10-s04"], _world.Events.Raised);
            InvocationReport report = Assert.Single(_world.Reports);
            Assert.Equal((InvocationResult.Offloaded, "board-temperature: moved to p10-s04", report.Ended), (report.Result, report.Reason, report.Started));
            Assert.Equal([InvocationResult.Offloaded], heard);
        }
        _world.Heat.WaitSeconds = 0;
        _world.TickAfter(TimeSpan.FromMinutes(4));
        if (!isMoved)
            await _world.Ended(1);
        Assert.Equal(isMoved ? [] : ["a"], _world.Executed); // never both here and there
    }

    [Fact]
    public void Waits_for_ever_so_long_where_there_is_no_other_candidate()
    {
        _world.Heat.WaitSeconds = 1800;
        _world.Enqueue("a");
        _world.Tick();
        Assert.Empty(_world.Offloaded);
        Assert.Equal(1, _world.Scheduler.Queued);
        Assert.StartsWith("invocation.deferred", Assert.Single(_world.Events.Raised), StringComparison.Ordinal);
    }

    [Fact]
    public void Keeps_what_the_network_would_not_take()
    {
        _world.Candidate = "p10-s04";
        _world.TakesOffloads = false;
        _world.Heat.WaitSeconds = 1800;
        _world.Enqueue("a");
        _world.Tick();
        Assert.Equal(1, _world.Scheduler.Queued);
        Assert.Empty(_world.Reports);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)] // it has been passed on often enough
    public void Passes_on_three_times_at_most(int offloads, bool isMoved)
    {
        _world.Candidate = "p10-s04";
        _world.Heat.WaitSeconds = 1800;
        _world.Scheduler.TryEnqueue(_world.New("a") with { Offloads = offloads });
        _world.Tick();
        Assert.Equal(isMoved ? 1 : 0, _world.Offloaded.Count);
    }

    [Fact]
    public void Refuses_a_function_that_is_not_here()
    {
        _world.Scheduler.TryEnqueue(_world.New("a", "unknown"));
        _world.Tick();
        InvocationReport report = Assert.Single(_world.Reports);
        Assert.Equal((InvocationResult.Refused, "no function 'unknown' on this node", ""), (report.Result, report.Reason, report.Version));
        Assert.Equal(report.Ended, report.Started);
        Assert.Equal(["invocation.refused unknown a deployment NaN NaN "], _world.Events.Raised);
        Assert.Equal(0, _world.Scheduler.Queued);
    }

    [Fact]
    public async Task Refuses_beyond_the_quota_of_an_orbit_and_admits_again_after_it()
    {
        _world.Manifests["detect"] = _world.Manifests["detect"] with { Limits = new FunctionLimits { InvocationsPerOrbitMax = 2 } };
        await _world.RunOne("a");
        await _world.RunOne("b");
        InvocationReport third = await _world.RunOne("c");
        Assert.Equal((InvocationResult.Refused, "the manifest's limit of invocations an orbit is used up"), (third.Result, third.Reason));
        Assert.Contains("invocation.refused detect c invocations-per-orbit 3 2 1", _world.Events.Raised);
        _world.TickAfter(InvocationLimits.Orbit);
        Assert.Equal(InvocationResult.Completed, (await _world.RunOne("d")).Result);
        Assert.Equal(["a", "b", "d"], _world.Executed);
    }

    [Fact]
    public async Task What_waits_takes_nothing_from_the_quota()
    {
        _world.Manifests["detect"] = _world.Manifests["detect"] with { Limits = new FunctionLimits { InvocationsPerOrbitMax = 1 } };
        _world.Heat.WaitSeconds = 20;
        _world.Enqueue("a");
        for (int i = 0; i < 5; i++)
            _world.TickAfter(TimeSpan.FromSeconds(20));
        _world.Heat.WaitSeconds = 0;
        _world.TickAfter(TimeSpan.FromSeconds(20));
        Assert.Equal(InvocationResult.Completed, (await _world.Ended(1))[0].Result);
    }

    [Theory]
    [InlineData(10, true)] // planned with its 10 s
    [InlineData(9.999, false)]
    public async Task Refuses_what_cannot_end_by_its_deadline(double seconds, bool isAdmitted)
    {
        await using var world = new SchedulerWorld(constraints: [new Flight.Admission.DeadlineConstraint()]);
        world.Manifests["detect"] = world.Manifests["detect"] with { Limits = new FunctionLimits { TimeMax = TimeSpan.FromSeconds(10), EnergyPerInvocationMax = new(100) } };
        world.Scheduler.TryEnqueue(world.New("a") with { Deadline = world.Now + TimeSpan.FromSeconds(seconds) });
        InvocationReport report = (await world.Ended(1))[0];
        Assert.Equal(isAdmitted ? InvocationResult.Completed : InvocationResult.Refused, report.Result);
        if (!isAdmitted)
        {
            Assert.Equal("deadline allows no start before the deadline", report.Reason);
            Assert.Equal(["invocation.refused detect a deadline 10 9.999 s"], world.Events.Raised);
        }
    }

    [Fact]
    public void Waits_while_nothing_is_known_never_admits_and_refuses_at_the_deadline()
    {
        _world.Heat.IsUnknown = true;
        _world.Scheduler.TryEnqueue(_world.New("a") with { Deadline = _world.Now + TimeSpan.FromMinutes(5) });
        for (int i = 0; i < 28; i++)
        {
            _world.TickAfter(TimeSpan.FromSeconds(10));
            Assert.Equal(1, _world.Scheduler.Queued);
        }
        Assert.Single(_world.Events.Raised);
        _world.TickAfter(TimeSpan.FromSeconds(10));
        Assert.Equal(InvocationResult.Refused, Assert.Single(_world.Reports).Result);
        Assert.Empty(_world.Executed);
        Assert.Equal("invocation.refused detect a board-temperature NaN 338.15 K", _world.Events.Raised[^1]);
    }

    [Fact]
    public async Task Runs_when_what_was_unknown_becomes_known()
    {
        _world.Heat.IsUnknown = true;
        _world.Enqueue("a");
        _world.Tick();
        _world.Heat.IsUnknown = false;
        _world.TickAfter(TimeSpan.FromSeconds(10));
        Assert.Equal(InvocationResult.Completed, (await _world.Ended(1))[0].Result);
    }

    [Fact]
    public async Task A_forecast_that_has_grown_old_admits_nothing()
    {
        await using var world = new SchedulerWorld(constraints: [new Flight.Admission.PowerConstraint()]);
        world.Time.Advance(TimeSpan.FromSeconds(61));
        world.Enqueue("a");
        world.Tick(); // nobody has forecast anew
        Assert.Empty(world.Executed);
        Assert.Equal(1, world.Scheduler.Queued);
    }

    [Fact]
    public async Task Starts_nothing_in_safe_mode_and_moves_it_where_it_can()
    {
        _world.Modes.Enter();
        InvocationReport refused = await _world.RunOne("a");
        Assert.Equal((InvocationResult.Refused, "mode allows no start before the deadline"), (refused.Result, refused.Reason));
        _world.Candidate = "p10-s04";
        Assert.Equal(InvocationResult.Offloaded, (await _world.RunOne("b")).Result);
        Assert.True(_world.Modes.Leave());
        Assert.Equal(InvocationResult.Completed, (await _world.RunOne("c")).Result);
        Assert.Equal(["c"], _world.Executed);
    }

    [Fact]
    public async Task Counts_where_the_states_were()
    {
        foreach (StateOrigin origin in (StateOrigin[])[StateOrigin.Local, StateOrigin.Remote, StateOrigin.Remote, StateOrigin.None])
        {
            _world.OnPrepare = _ => Task.FromResult<StateOrigin?>(origin);
            Assert.Equal(origin, (await _world.RunOne("a")).State);
        }
        Assert.Equal((1, 2), (_world.Scheduler.LocalHits, _world.Scheduler.RemoteHits));
        Assert.Equal(["local", "remote", "remote", "none"], _world.Events.Raised.Where(raised => raised.StartsWith("invocation.completed", StringComparison.Ordinal))
            .Select(raised => raised.Split(' ')[^1]));
    }

    [Fact]
    public async Task Waits_for_its_states_while_others_pass()
    {
        var arrival = new TaskCompletionSource<StateOrigin?>();
        _world.OnPrepare = invocation => invocation.Id == "a" ? arrival.Task : Task.FromResult<StateOrigin?>(StateOrigin.None);
        _world.Scheduler.TryEnqueue(_world.New("a") with { Priority = 9 });
        _world.Enqueue("b");
        await _world.Ended(1);
        Assert.Equal(["b"], _world.Executed);
        arrival.SetResult(StateOrigin.Remote);
        await _world.Ended(2);
        Assert.Equal(["b", "a"], _world.Executed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Asks_for_its_states_every_half_minute_until_the_deadline(bool fails)
    {
        _world.OnPrepare = _ => fails ? Task.FromException<StateOrigin?>(new TimeoutException()) : Task.FromResult<StateOrigin?>(null);
        _world.Scheduler.TryEnqueue(_world.New("a") with { Deadline = _world.Now + TimeSpan.FromSeconds(100) });
        _world.Tick();
        for (int second = 1; second <= 90; second++)
            _world.TickAfter(TimeSpan.FromSeconds(1));
        Assert.Equal(4, _world.Prepared.Count); // at 0, and again after each failure at 0, 30 and 60 s; 90 s leaves no half minute
        InvocationReport report = Assert.Single(_world.Reports);
        Assert.Equal((InvocationResult.Refused, "the state could not be fetched before the deadline"), (report.Result, report.Reason));
        Assert.Empty(_world.Executed);
    }

    [Fact]
    public void Gives_up_at_the_deadline_what_still_waits_for_its_states()
    {
        _world.OnPrepare = _ => new TaskCompletionSource<StateOrigin?>().Task;
        _world.Scheduler.TryEnqueue(_world.New("a") with { Deadline = _world.Now + TimeSpan.FromSeconds(100) });
        _world.Tick();
        _world.TickAfter(TimeSpan.FromSeconds(99));
        Assert.Equal(1, _world.Scheduler.Queued);
        _world.TickAfter(TimeSpan.FromSeconds(1));
        Assert.Equal(0, _world.Scheduler.Queued);
        Assert.Equal(InvocationResult.Refused, Assert.Single(_world.Reports).Result);
    }

    public async ValueTask DisposeAsync() => await _world.DisposeAsync();
}
