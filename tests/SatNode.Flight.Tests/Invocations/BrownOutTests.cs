using System.Collections.Concurrent;
using SatNode.Flight.Invocations;
using SatNode.Flight.Tests.Model;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Tests.Invocations;

/// <summary>What runs when the world turns out worse than it was at admission: it is slowed, then stopped and put back, in order of priority, and nothing is lost.</summary>
public sealed class BrownOutTests : IAsyncDisposable
{
    private static readonly TimeSpan Sample = TimeSpan.FromSeconds(10);

    private readonly SchedulerWorld _world = new(runningMax: 4, guards: true);
    private readonly ConcurrentDictionary<string, bool> _working = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _stopping = new(StringComparer.Ordinal);

    public BrownOutTests()
    {
        Deploy("detect");
        _world.OnExecute = Work;
        _world.Busy = () => _working.Keys.Sum(id => _world.Paces[id].Share);
        Truth.Frame = 290;
    }

    private TruthWorld Truth => _world.Truth!;

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_board_that_grows_hotter_than_foreseen_slows_and_then_stops_before_the_limit()
    {
        await Begin("a");
        List<double> shares = [1];
        double hottest = 0;
        for (int i = 0; _world.Scheduler.Suspended == 0; i++)
        {
            Assert.True(i < 400, "it was never stopped");
            await HeatFrame(0.25);
            hottest = Math.Max(hottest, Truth.Board);
            if (_world.Scheduler.DutyCycle != shares[^1] && _world.Scheduler.RunningCount > 0)
                shares.Add(_world.Scheduler.DutyCycle);
        }
        Assert.InRange(hottest, 330, 338.15);
        Assert.Equal(shares.OrderDescending(), shares);
        Assert.True(shares.Count > 1, "it was never slowed");
        Assert.StartsWith("invocation.slowed detect a board-temperature 338.", Raised("invocation.slowed")[0], StringComparison.Ordinal);
        Assert.StartsWith("invocation.suspended detect a board-temperature 338.", Assert.Single(Raised("invocation.suspended")), StringComparison.Ordinal);
        Assert.EndsWith("338.15 K 0.25 waits", Raised("invocation.suspended")[0], StringComparison.Ordinal);
        Assert.Equal((0, 1, 0), (_world.Scheduler.RunningCount, _world.Scheduler.Queued, _world.Reports.Count));

        _world.OnExecute = (_, _) => SchedulerWorld.Completed([1], cpuSeconds: 1.5);
        for (int i = 0; i < 60; i++)
            await Look(30);
        InvocationReport report = Assert.Single(await _world.Ended(1));
        Assert.Equal((InvocationResult.Completed, TimeSpan.FromSeconds(1.75)), (report.Result, report.CpuTime)); // with what was given up
        Assert.Equal(_world.Energy.Booked.Joules, report.Energy.Joules, 1e-9);
        Assert.Equal(["a", "a"], _world.Executed);
    }

    [Fact]
    public async Task Noise_at_a_limit_does_not_chatter()
    {
        await Begin("a");
        await Heat(0.1, () => _world.Scheduler.DutyCycle < 1);
        double frame = Truth.Frame;
        double[] noise = [0.3, -0.2, 0.2, -0.3, 0, 0.25, -0.25];
        int before = _world.Events.Raised.Count;
        for (int i = 0; i < 60; i++)
        {
            Truth.Frame = frame + noise[i % noise.Length];
            await HeatFrame(0);
        }
        Assert.InRange(_world.Events.Raised.Count - before, 0, 4);
    }

    [Fact]
    public async Task A_board_that_cools_gives_the_speed_back_step_by_step()
    {
        await Begin("a");
        await Heat(0.05, () => _world.Scheduler.DutyCycle < 1);
        double slowed = _world.Scheduler.DutyCycle;
        Assert.Equal(slowed, _world.Paces["a"].Share);
        await Look(30);
        Assert.Equal(slowed, _world.Scheduler.DutyCycle); // for a minute nothing is given back
        for (int i = 0; i < 60; i++)
            await Look(30);
        Assert.Equal((1.0, 1.0), (_world.Scheduler.DutyCycle, _world.Paces["a"].Share));
        Assert.Equal("invocation.sped-up detect a 1", Raised("invocation.sped-up")[^1]);
    }

    [Fact]
    public async Task The_lowest_priority_gives_way_first()
    {
        await Begin("high", "low");
        List<string> order = [];
        await Heat(0.25, () =>
        {
            order.AddRange(Raised("invocation.suspended").Select(text => text.Split(' ')[2]).Skip(order.Count));
            return order.Count == 2;
        });
        Assert.Equal(["low", "high"], order);
        string[] slowed = [.. Raised("invocation.slowed").Select(text => text.Split(' ')[2])];
        Assert.Equal("low", slowed[0]);
    }

    [Fact]
    public async Task Of_equals_the_one_with_the_most_to_come_gives_way_first()
    {
        await Begin("a", "b");
        _world.Paces["a"].Tell(TimeSpan.FromSeconds(200)); // 400 s of its 600 are to come
        await Heat(0.05, () => Raised("invocation.slowed").Count + Raised("invocation.suspended").Count > 0);
        Assert.All(Raised("invocation.slowed").Concat(Raised("invocation.suspended")), text => Assert.Equal("b", text.Split(' ')[2]));
    }

    [Fact]
    public async Task What_a_running_function_used_is_counted_while_it_runs()
    {
        await Begin("a");
        TimeSpan before = _world.Scheduler.CpuTimeSoFar;
        _world.Paces["a"].Tell(TimeSpan.FromSeconds(200));
        Assert.Equal((TimeSpan.FromSeconds(200), TimeSpan.Zero), (_world.Scheduler.CpuTimeSoFar - before, _world.Scheduler.CpuTime));
    }

    [Fact]
    public async Task Charge_that_falls_under_what_a_function_wants_left_stops_it()
    {
        await Begin("a");
        Truth.Charge = 0.29;
        await Look(30);
        await Suspended(1);
        Assert.StartsWith("invocation.suspended detect a state-of-charge 0.2", Assert.Single(Raised("invocation.suspended")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_unknown_for_a_moment_changes_nothing_and_for_a_minute_stops()
    {
        await Begin("a");
        for (int i = 0; i < 6; i++)
            await Look(double.NaN);
        Assert.Equal(0, _world.Scheduler.Suspended);
        await Look(30);
        for (int i = 0; i < 6; i++)
            await Look(double.NaN);
        Assert.Equal(0, _world.Scheduler.Suspended); // the minute began anew
        await Look(double.NaN);
        await Suspended(1);
        Assert.StartsWith("invocation.suspended detect a board-temperature NaN", Assert.Single(Raised("invocation.suspended")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forecast_that_grows_old_stops()
    {
        await Begin("a");
        _world.Time.Advance(TimeSpan.FromSeconds(60));
        _world.Tick();
        Assert.Equal(0, _world.Scheduler.Suspended);
        _world.Time.Advance(TimeSpan.FromSeconds(1));
        _world.Tick(); // unknown from now on
        _world.Time.Advance(TimeSpan.FromSeconds(59));
        _world.Tick();
        Assert.Equal(0, _world.Scheduler.Suspended);
        _world.Time.Advance(TimeSpan.FromSeconds(1));
        _world.Tick();
        await Suspended(1);
    }

    [Fact]
    public async Task What_has_no_time_to_run_again_ends_and_says_so()
    {
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("a") with { Deadline = _world.Now + TimeSpan.FromSeconds(610) })); // it was admitted for 600 s
        await Started(1);
        await Look(30);
        await Look(66);
        InvocationReport report = Assert.Single(await _world.Ended(1));
        Assert.Equal(InvocationResult.Trapped, report.Result);
        Assert.StartsWith("stopped, because board-temperature would have been 3", report.Reason, StringComparison.Ordinal);
        Assert.EndsWith(" K of 338.15; no time is left to run it again", report.Reason, StringComparison.Ordinal);
        Assert.EndsWith(" ended", Assert.Single(Raised("invocation.suspended")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_put_back_five_times_ends_the_next_time()
    {
        await Begin("a");
        for (int i = 1; i <= InvocationLimits.MaxSuspensions; i++)
        {
            await Look(66);
            await Suspended(i);
            await Rest(() => _world.Executed.Count > i);
            await Started(1);
            Assert.Empty(_world.Reports);
        }
        await Look(66);
        Assert.Equal(InvocationResult.Trapped, Assert.Single(await _world.Ended(1)).Result);
        Assert.Equal(1 + InvocationLimits.MaxSuspensions, _world.Executed.Count);
    }

    [Fact]
    public async Task Running_again_costs_no_second_of_the_orbits_invocations()
    {
        Deploy("detect", perOrbit: 1);
        await Begin("a");
        await Look(66);
        await Suspended(1);
        _world.OnExecute = (_, _) => SchedulerWorld.Completed([1]);
        await Rest(() => _world.Reports.Count > 0);
        Assert.Equal(InvocationResult.Completed, _world.Reports[0].Result);
    }

    [Fact]
    public async Task A_function_that_ends_by_itself_while_it_is_told_to_stop_has_ended()
    {
        _world.OnExecute = (invocation, stop) =>
        {
            _working[invocation.Id] = true;
            stop.WaitHandle.WaitOne();
            return SchedulerWorld.Completed([5]);
        };
        await Begin("a");
        await Look(66);
        Assert.Equal(InvocationResult.Completed, Assert.Single(await _world.Ended(1)).Result);
        Assert.Equal(0, _world.Scheduler.Suspended);
    }

    [Fact]
    public async Task What_runs_longer_than_it_was_admitted_for_is_taken_to_need_as_much_again()
    {
        _world.OnExecute = (_, _) => SchedulerWorld.Completed([1], cpuSeconds: 10);
        await _world.RunOne("taught");
        _world.OnExecute = Work;
        await Begin("a"); // admitted for 10 s
        bool isDone = false;
        for (int i = 0; !isDone; i++)
        {
            Assert.True(i < 400, "what uses more than it was admitted for was never slowed");
            _world.Paces["a"].Tell(TimeSpan.FromSeconds(595)); // 5 s more are all that the manifest allows, and do no harm yet
            await HeatFrame(0.25);
            Assert.Equal((1.0, 0), (_world.Scheduler.DutyCycle, _world.Scheduler.Suspended));
            _world.Paces["a"].Tell(TimeSpan.FromSeconds(200));
            await HeatFrame(0);
            isDone = _world.Scheduler.DutyCycle < 1 || _world.Scheduler.Suspended > 0;
        }
    }

    [Fact]
    public async Task Safe_mode_stops_what_runs_and_it_runs_again_afterwards()
    {
        await Begin("a");
        _world.Modes.Enter();
        await Look(30);
        await Suspended(1);
        Assert.StartsWith("invocation.suspended detect a mode 1 0 1 0.25 waits", Assert.Single(Raised("invocation.suspended")), StringComparison.Ordinal);
        for (int i = 0; i < 30; i++)
            await Look(30);
        Assert.Equal((1, 0), (_world.Scheduler.Queued, _world.Reports.Count)); // not refused, as what comes anew is
        _world.OnExecute = (_, _) => SchedulerWorld.Completed([1]);
        Assert.True(_world.Modes.Leave());
        await Look(30);
        await Look(30);
        Assert.Equal("", Assert.Single(await _world.Ended(1)).Reason);
        Assert.Equal(InvocationResult.Completed, _world.Reports[0].Result);
    }

    [Fact]
    public async Task Eclipse_saving_stops_what_is_not_urgent_and_holds_it_back_until_it_is_left()
    {
        await Begin("high", "low");
        _world.Modes.Save();
        await Look(30);
        await Suspended(1);
        Assert.StartsWith("invocation.suspended detect low mode 2 0 1", Assert.Single(Raised("invocation.suspended")), StringComparison.Ordinal);
        _world.Enqueue("late"); // of priority 5
        for (int i = 0; i < 30; i++)
            await Look(30);
        Assert.Equal((1, 2), (_world.Scheduler.RunningCount, _world.Scheduler.Queued));
        Assert.Equal(["high", "low"], _world.Executed.Order(StringComparer.Ordinal));
        Assert.True(_world.Modes.StopSaving());
        _world.OnExecute = (_, _) => SchedulerWorld.Completed([1]);
        await Look(30);
        await Look(30);
        await _world.Ended(2);
    }

    [Fact]
    public async Task What_eclipse_saving_holds_back_is_refused_at_its_deadline()
    {
        _world.Modes.Save();
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("a") with { Deadline = _world.Now + TimeSpan.FromMinutes(1) }));
        for (int i = 0; i < 8; i++)
            await Look(30);
        InvocationReport report = Assert.Single(await _world.Ended(1));
        Assert.Equal((InvocationResult.Refused, "the mode eclipse-saving held it back until its deadline"), (report.Result, report.Reason));
        Assert.Empty(_world.Executed);
    }

    [Fact]
    public async Task What_waits_through_safe_mode_is_refused_at_its_deadline()
    {
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("a") with { Deadline = _world.Now + TimeSpan.FromMinutes(10.5) }));
        await Started(1);
        _world.Modes.Enter();
        for (int i = 0; i < 64; i++)
            await Look(30);
        Assert.Equal(InvocationResult.Refused, Assert.Single(await _world.Ended(1)).Result);
    }

    [Theory]
    [InlineData(ActorPolicyKind.Queue, "m0 m0 m1 m2")]
    [InlineData(ActorPolicyKind.Coalesce, "m0 m2")] // a newer one came meanwhile, and only the newest counts
    public async Task An_actors_message_goes_back_to_the_head_of_its_mailbox(ActorPolicyKind policy, string expected)
    {
        Deploy("detect", actor: new() { MailboxMax = 10 });
        lock (_world.Policies)
            _world.Policies[new("detect", "k")] = new(policy, 0);
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("m0") with { Actor = "k" }));
        await Started(1);
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("m1") with { Actor = "k" }));
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("m2") with { Actor = "k" }));
        _world.Modes.Enter();
        await Look(30);
        await Suspended(1);
        await Look(30);
        Assert.Empty(_world.Reports);
        _world.OnExecute = (_, _) => SchedulerWorld.Completed([1]);
        _world.Modes.Leave();
        int messages = expected.Split(' ').Distinct().Count(id => id != "m0" || policy == ActorPolicyKind.Queue);
        await Rest(() => _world.Reports.Count >= messages);
        Assert.Equal(expected, string.Join(' ', _world.Executed));
        Assert.Equal(0, _world.Scheduler.Queued);
    }

    private List<string> Raised(string name) => [.. _world.Events.Raised.Where(text => text.StartsWith(name + " ", StringComparison.Ordinal))];

    private ExecutionResult Work(Invocation invocation, CancellationToken stop)
    {
        using CancellationTokenRegistration told = stop.Register(() => _stopping[invocation.Id] = true);
        _working[invocation.Id] = true;
        stop.WaitHandle.WaitOne();
        _working.TryRemove(invocation.Id, out _);
        return new ExecutionResult { Result = InvocationResult.Trapped, Reason = "cancelled by the caller", CpuTime = TimeSpan.FromSeconds(0.25) };
    }

    private void Deploy(string name, int perOrbit = 1000, FunctionActor? actor = null) => _world.Manifests[name] = new FunctionManifest
    {
        Name = name,
        Version = "1",
        Kind = FunctionKind.Reactor,
        ModuleDigest = new byte[32],
        Actor = actor,
        Limits = new() { TimeMax = TimeSpan.FromMinutes(10), EnergyPerInvocationMax = new(10_000), InvocationsPerOrbitMax = perOrbit, InvocationsPerSecondMax = 100 },
        Instances = new() { ConcurrencyMax = 4 },
    };

    /// <summary>Starts invocations, of the priority that their names say, else alike.</summary>
    private async Task Begin(params string[] ids)
    {
        foreach (string id in ids)
            Assert.True(_world.Scheduler.TryEnqueue(_world.New(id) with { Priority = id switch { "high" => 8, "low" => 2, _ => 5 } }));
        await Until(() => ids.All(_working.ContainsKey));
    }

    private async Task Heat(double step, Func<bool> until)
    {
        for (int i = 0; !until(); i++)
        {
            Assert.True(i < 1000 && Truth.Board < 340, $"nothing happened up to {Truth.Board} K");
            await HeatFrame(step);
        }
    }

    /// <summary>Warms the frame, as nobody foresaw, and the board with it.</summary>
    private async Task HeatFrame(double step)
    {
        Truth.Frame += step;
        _world.TickAfter(Sample);
        await Settle();
    }

    private async Task Rest(Func<bool> until)
    {
        for (int i = 0; !until(); i++)
        {
            Assert.True(i < 300, "nothing happened in 50 minutes at 30 °C");
            await Look(30);
        }
    }

    private async Task Look(double celsius)
    {
        if (_world.IsBlind = double.IsNaN(celsius))
            celsius = 30;
        (Truth.Board, Truth.Frame) = (celsius + 273.15, celsius + 273.15 - 24); // so much warmer is an idle board
        _world.TickAfter(Sample);
        await Settle();
    }

    /// <summary>Lets what was told to stop end, and harvests it.</summary>
    private async Task Settle()
    {
        if (!_stopping.IsEmpty)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            int running = _world.Scheduler.RunningCount, stopping = _stopping.Count;
            while (_world.Scheduler.RunningCount > running - stopping)
            {
                patience.Token.ThrowIfCancellationRequested();
                _world.Tick();
                await Task.Yield();
            }
            _stopping.Clear();
        }
    }

    private Task Started(int count) => Until(() => _working.Count >= count);

    private Task Suspended(int count) => Until(() => _world.Scheduler.Suspended >= count);

    private async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            _world.Tick();
            await Task.Yield();
        }
    }
}
