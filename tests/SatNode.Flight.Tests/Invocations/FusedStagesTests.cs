using SatNode.Flight.Admission;
using SatNode.Flight.Invocations;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Tests.Invocations;

/// <summary>Stages that start as one: when they may, and that each is counted and told of by itself.</summary>
public sealed class FusedStagesTests : IAsyncDisposable
{
    private readonly SchedulerWorld _world = new();
    private IReadOnlyList<string> _started = [];

    public FusedStagesTests()
    {
        foreach (string name in (string[])["prepare", "sort"])
            _world.Manifests[name] = _world.Manifests["detect"] with { Name = name };
        _world.OnFusible = invocation => invocation.Id == "a" ? [_world.New("a-2", "prepare"), _world.New("a-3", "sort")] : [];
        _world.OnExecute = (invocation, _) => Run(invocation);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Are_counted_and_told_of_one_by_one_and_the_last_ones_output_goes_on()
    {
        _world.Enqueue("a");
        IReadOnlyList<InvocationReport> reports = await _world.Ended(3);
        Assert.Equal(["a"], _world.Executed); // one invocation of the host
        Assert.Equal(["a-2", "a-3"], _started);
        Assert.Equal(["detect a", "prepare a-2", "sort a-3"], reports.Select(report => $"{report.Function} {report.InvocationId}"));
        Assert.All(reports, report => Assert.Equal((InvocationResult.Completed, TimeSpan.FromSeconds(0.5)), (report.Result, report.CpuTime)));
        Assert.Equal([0, 0, 2], reports.Select(report => report.Output.Length));
        Assert.Equal([StateOrigin.None, StateOrigin.Local, StateOrigin.Local], reports.Select(report => report.State));
        Assert.Equal(["a-3 0909"], _world.Delivered);
        Assert.Equal(_world.Energy.Booked.Joules, reports.Sum(report => report.Energy.Joules), 6);
        Assert.Equal(["invocation.started detect a", "invocation.completed detect a", "invocation.fused prepare a-2", "invocation.completed prepare a-2", "invocation.fused sort a-3", "invocation.completed sort a-3"],
            _world.Events.Raised.Select(text => string.Join(' ', text.Split(' ').Take(3))));
    }

    [Fact]
    public async Task Their_times_follow_each_other_within_those_of_the_whole()
    {
        _world.OnExecute = (invocation, _) =>
        {
            _world.Time.Advance(TimeSpan.FromSeconds(10));
            return Run(invocation, wallSeconds: 2);
        };
        _world.Enqueue("a");
        IReadOnlyList<InvocationReport> reports = await _world.Ended(3);
        DtnTime At(int seconds) => DtnTime.From(SchedulerWorld.Noon + TimeSpan.FromSeconds(seconds));
        Assert.Equal([(At(0), At(2)), (At(2), At(4)), (At(4), At(10))], reports.Select(report => (report.Started, report.Ended)));
    }

    [Fact]
    public async Task One_that_fails_is_held_against_it_alone_and_nothing_goes_on()
    {
        _world.OnExecute = (invocation, _) => Run(invocation) with
        {
            Fused = invocation.Fused.Count == 0 ? [] : [new() { Result = InvocationResult.Trapped, Reason = "unreachable", IsOffence = true, Limit = "stack" }],
        };
        for (int i = 0; i < InvocationLimits.OffencesMax; i++)
        {
            _world.Enqueue("a");
            await _world.Ended((i + 1) * 2);
        }
        Assert.Empty(_world.Delivered);
        Assert.Null(_world.Quarantine.HeldUntil("detect", _world.Now));
        Assert.NotNull(_world.Quarantine.HeldUntil("prepare", _world.Now));
        Assert.Equal(1, _world.Events.Raised.Count(text => text.StartsWith("function.limit-reached prepare a-2 stack", StringComparison.Ordinal)));

        _world.Enqueue("a"); // what is held back runs with nobody
        await _world.Ended((InvocationLimits.OffencesMax * 2) + 1);
        Assert.Empty(_started);
    }

    [Fact]
    public async Task Are_judged_by_their_sum_and_the_tightest_of_their_constraints()
    {
        FunctionManifest prepare = _world.Manifests["prepare"];
        _world.Manifests["prepare"] = prepare with { Constraints = prepare.Constraints with { BoardTemperatureMax = Temperature.FromCelsius(41), StateOfChargeMin = new(0.7) } };
        _world.Enqueue("a");
        await _world.Ended(3);
        Assert.Equal((Temperature.FromCelsius(41), new Ratio(0.7)), (_world.Heat.Asked[^1].BoardTemperatureMax, _world.Heat.Asked[^1].StateOfChargeMin));
        TimeSpan together = _world.Heat.Asked[^1].Duration;
        _world.OnFusible = _ => [];
        _world.Manifests["alone"] = prepare with { Name = "alone" };
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("b", "alone")));
        await _world.Ended(4);
        Assert.Equal(3, together / _world.Heat.Asked[^1].Duration, 6);
    }

    [Fact]
    public async Task What_is_too_much_as_one_is_done_in_part()
    {
        // The second asks for a board that is never so cold.
        FunctionManifest prepare = _world.Manifests["prepare"];
        _world.Manifests["prepare"] = prepare with { Constraints = prepare.Constraints with { BoardTemperatureMax = Temperature.FromCelsius(-30) } };
        await using var world = new SchedulerWorld(constraints: [new Coldest()]);
        foreach ((string name, FunctionManifest manifest) in _world.Manifests)
            world.Manifests[name] = manifest;
        world.OnFusible = _world.OnFusible;
        world.OnExecute = _world.OnExecute;
        world.Enqueue("a");
        await world.Ended(1);
        Assert.Empty(_started);
        Assert.Equal(["a 0101"], world.Delivered); // which starts the next as ever
    }

    [Theory]
    [InlineData(1, 2)] // the orbit's starts of the second are used up
    [InlineData(2, 4)]
    public async Task Each_ones_quota_and_rate_hold(int perOrbit, int runs)
    {
        FunctionManifest prepare = _world.Manifests["prepare"];
        _world.Manifests["prepare"] = prepare with { Limits = prepare.Limits with { InvocationsPerOrbitMax = perOrbit } };
        _world.OnFusible = invocation => [_world.New($"{invocation.Id}-2", "prepare")];
        int told = 0;
        for (int i = 0; i < 3; i++)
        {
            _world.Enqueue($"i{i}");
            await _world.Ended(told += i < perOrbit ? 2 : 1);
            _world.TickAfter(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(runs, _world.Reports.Count(report => report.InvocationId.EndsWith("-2", StringComparison.Ordinal)) * 2);
    }

    [Fact]
    public async Task A_less_urgent_one_does_not_run_with_an_urgent_one_in_eclipse_saving()
    {
        _world.OnFusible = invocation => invocation.Id == "a" ? [_world.New("a-2", "prepare") with { Priority = 6 }] : [];
        _world.Modes.Save();
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("a") with { Priority = 7 }));
        await _world.Ended(1);
        Assert.Empty(_started);
        Assert.Equal(["a 0101"], _world.Delivered);
    }

    [Fact]
    public async Task One_that_did_not_come_to_run_has_used_nothing_of_its_quota()
    {
        FunctionManifest prepare = _world.Manifests["prepare"];
        _world.Manifests["prepare"] = prepare with { Limits = prepare.Limits with { InvocationsPerOrbitMax = 1 } };
        _world.OnExecute = (invocation, _) => Run(invocation) with { Fused = [] };
        _world.Enqueue("a");
        await _world.Ended(1);
        Assert.Equal(["a 0101"], _world.Delivered);
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("b", "prepare")));
        Assert.Equal(InvocationResult.Completed, (await _world.Ended(2))[^1].Result);
    }

    [Fact]
    public async Task Run_as_one_counts_for_what_each_may_run_at_once_and_a_function_once()
    {
        await using var world = new SchedulerWorld(runningMax: 4);
        world.Manifests["prepare"] = world.Manifests["detect"] with { Name = "prepare", Instances = new() { ConcurrencyMax = 1 } };
        using var gate = new ManualResetEventSlim();
        world.OnExecute = (invocation, _) =>
        {
            gate.Wait(TestContext.Current.CancellationToken);
            return Run(invocation);
        };
        world.OnFusible = invocation => invocation.Id == "a" ? [world.New("a-2", "prepare"), world.New("a-3", "prepare")] : [];
        world.Enqueue("a");
        world.Tick();
        Assert.True(world.Scheduler.TryEnqueue(world.New("b", "prepare")));
        world.Tick();
        Assert.Equal((1, 1), (world.Scheduler.RunningCount, world.Scheduler.Queued));
        gate.Set();
        await world.Ended(3);
        Assert.Equal(["a-2"], world.Reports.Where(report => report.InvocationId.StartsWith("a-", StringComparison.Ordinal)).Select(report => report.InvocationId)); // the other waits for its own turn
    }

    [Fact]
    public async Task No_more_than_the_bound_start_as_one()
    {
        for (int i = 0; i <= InvocationLimits.MaxFused; i++)
            _world.Manifests[$"f{i}"] = _world.Manifests["detect"] with { Name = $"f{i}" };
        _world.OnFusible = _ => [.. Enumerable.Range(0, InvocationLimits.MaxFused + 1).Select(i => _world.New($"a-{i}", $"f{i}"))];
        _world.Enqueue("a");
        await _world.Ended(InvocationLimits.MaxFused + 1);
        Assert.Equal(InvocationLimits.MaxFused, _started.Count);
    }

    private ExecutionResult Run(Invocation invocation, double wallSeconds = 0)
    {
        _started = [.. invocation.Fused.Select(stage => stage.Id)];
        ExecutionResult Ended(byte[] output) => SchedulerWorld.Completed(output) with { WallTime = TimeSpan.FromSeconds(wallSeconds) };
        return Ended(invocation.Fused.Count == 0 ? [1, 1] : []) with
        {
            Output = new byte[] { 1, 1 },
            Fused = [.. invocation.Fused.Select((_, i) => Ended(i == invocation.Fused.Count - 1 ? [9, 9] : []))],
        };
    }

    /// <summary>Admits what may run on any board that is above freezing.</summary>
    private sealed class Coldest : IConstraint
    {
        public string Name => "coldest";

        public bool MayImprove => true;

        public Margin Judge(in AdmissionRequest request, in Candidate candidate) =>
            new(Name, Quantity.Temperature, Bound.AtMost, 273, request.BoardTemperatureMax.Kelvin);
    }
}
