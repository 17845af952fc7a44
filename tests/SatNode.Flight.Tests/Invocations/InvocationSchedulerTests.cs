using SatNode.Flight.Invocations;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Tests.Invocations;

/// <summary>What runs, in which order, and what is reported of it.</summary>
public sealed class InvocationSchedulerTests : IAsyncDisposable
{
    private readonly SchedulerWorld _world = new();

    [Fact]
    public async Task What_follows_what_has_ended_starts_in_the_same_tick()
    {
        using var ended = new ManualResetEventSlim();
        _world.OnDeliver = invocation =>
        {
            if (invocation.Id == "a")
                _world.Enqueue("b");
        };
        _world.OnExecute = (invocation, _) =>
        {
            if (invocation.Id == "b")
                ended.Wait(TestContext.Current.CancellationToken);
            return SchedulerWorld.Completed([1]);
        };
        _world.Enqueue("a");
        while (_world.Delivered.Count == 0)
            _world.Tick();
        Assert.Equal((1, 0), (_world.Scheduler.RunningCount, _world.Scheduler.Queued)); // by the tick that delivered
        ended.Set();
        await _world.Ended(2);
    }

    [Fact]
    public async Task What_comes_and_what_ends_asks_for_a_tick()
    {
        int asked = 0;
        using var hold = new ManualResetEventSlim();
        var fetch = new TaskCompletionSource<StateOrigin?>();
        _world.OnPrepare = _ => fetch.Task;
        _world.OnExecute = (_, _) =>
        {
            hold.Wait(TestContext.Current.CancellationToken);
            return SchedulerWorld.Completed([1]);
        };
        _world.Scheduler.Stirred = () => Interlocked.Increment(ref asked);
        _world.Enqueue("a");
        Assert.Equal(1, asked); // it came
        for (int i = 0; i < 3; i++)
            _world.Tick();
        Assert.Equal((1, 0), (asked, _world.Scheduler.RunningCount)); // it waits for its state
        fetch.SetResult(StateOrigin.Remote);
        Assert.Equal(2, asked);
        _world.Tick();
        Assert.Equal((2, 1), (asked, _world.Scheduler.RunningCount)); // it runs
        hold.Set();
        while (Volatile.Read(ref asked) < 3)
            await Task.Yield();
        _world.Tick(); // one is enough: it had ended when it said so
        Assert.Single(_world.Reports);
        Assert.Equal(3, asked);
    }

    [Fact]
    public void What_finds_no_room_asks_for_nothing()
    {
        for (int i = 0; i < InvocationLimits.MaxQueuedPerFunction; i++)
            _world.Enqueue($"i{i}");
        int asked = 0;
        _world.Scheduler.Stirred = () => asked++;
        Assert.False(_world.Scheduler.TryEnqueue(_world.New("more")));
        Assert.False(_world.Scheduler.TryEnqueue(_world.New("message") with { Actor = "k" })); // a function without actors
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task What_waits_for_its_rate_goes_before_what_comes_later()
    {
        _world.Manifests["detect"] = _world.Manifests["detect"] with { Limits = new FunctionLimits { InvocationsPerSecondMax = 1 } };
        _world.Enqueue("a");
        await _world.Ended(1);
        _world.TickAfter(TimeSpan.FromSeconds(0.7));
        _world.Enqueue("b"); // must wait for the next second, not for a whole one
        _world.Tick();
        Assert.Equal(["a"], _world.Executed);
        _world.Time.Advance(TimeSpan.FromSeconds(0.3));
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("c")));
        await _world.Ended(2);
        Assert.Equal(["a", "b"], _world.Executed);
    }

    [Fact]
    public async Task Runs_what_is_admitted_once_and_reports_it()
    {
        Action<ExecutionResult>? whenEnded = null;
        List<InvocationResult> heard = [];
        whenEnded = result => heard.Add(result.Result);
        Invocation invocation = _world.New("a") with { Workflow = "fire", Run = "r1", Stage = "detect", WhenEnded = whenEnded };
        _world.Time.Advance(TimeSpan.FromSeconds(3));
        _world.Scheduler.TryEnqueue(invocation);
        Assert.Equal(0, _world.Scheduler.RunningCount);

        InvocationReport report = Assert.Single(await _world.Ended(1));
        for (int i = 0; i < 3; i++)
            _world.TickAfter(TimeSpan.FromMinutes(1));

        Assert.Equal(["a"], _world.Executed);
        Assert.Equal(["a 0707"], _world.Delivered);
        Assert.Equal([InvocationResult.Completed], heard);
        Assert.Single(_world.Reports);
        Assert.Equal(("detect", "1.2", "a", "fire", "r1"), (report.Function, report.Version, report.InvocationId, report.Workflow, report.Run));
        Assert.Equal((InvocationResult.Completed, "", StateOrigin.None, 42UL), (report.Result, report.Reason, report.State, report.Fuel));
        DateTimeOffset started = SchedulerWorld.Noon + TimeSpan.FromSeconds(3);
        Assert.Equal((DtnTime.From(SchedulerWorld.Noon), DtnTime.From(started), DtnTime.From(started), DtnTime.From(invocation.Deadline)),
            (report.Queued, report.Started, report.Ended, report.Deadline));
        Assert.Equal(TimeSpan.FromSeconds(0.5), report.CpuTime);
        Assert.Equal(0.5 * 1.46, report.Energy.Joules, 0.05);
        Assert.Equal(report.Energy, _world.Energy.Booked);
        Assert.Equal([7, 7], report.Output.ToArray());
        Assert.Equal(["invocation.started detect a 320 NaN", $"invocation.completed detect a 0.5 {report.Energy.Joules:0.######} 2 none"], _world.Events.Raised);
        Assert.Equal((0, 0), (_world.Scheduler.Queued, _world.Scheduler.RunningCount));
    }

    [Theory]
    [InlineData(true, InvocationReport.MaxOutputBytes, InvocationReport.MaxOutputBytes)]
    [InlineData(true, InvocationReport.MaxOutputBytes + 1, 0)] // stays on the node as state
    [InlineData(false, 2, 0)] // somebody else's input
    public async Task Reports_the_output_only_of_the_last_and_only_when_it_fits(bool isLast, int bytes, int expected)
    {
        _world.IsLast = isLast;
        _world.OnExecute = (_, _) => SchedulerWorld.Completed(new byte[bytes]);
        Assert.Equal(expected, (await _world.RunOne("a")).Output.Length);
    }

    [Fact]
    public async Task Counts_load_in_the_worlds_time()
    {
        await using var world = new SchedulerWorld(loadFactor: 60);
        InvocationReport report = await world.RunOne("a");
        Assert.Equal(TimeSpan.FromSeconds(30), report.CpuTime);
        Assert.Equal(TimeSpan.FromSeconds(30), world.Scheduler.CpuTime);
        Assert.Equal(30 * 1.46, report.Energy.Joules, 1);
        await world.RunOne("b");
        Assert.Equal(TimeSpan.FromSeconds(60), world.Scheduler.CpuTime);
    }

    [Fact]
    public async Task Runs_one_at_a_time_and_never_on_the_callers_thread()
    {
        using var gate = new SemaphoreSlim(0);
        int running = 0, most = 0, onCaller = 0;
        int caller = Environment.CurrentManagedThreadId;
        _world.OnExecute = (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            onCaller += Environment.CurrentManagedThreadId == caller ? 1 : 0;
            gate.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
            Interlocked.Decrement(ref running);
            return SchedulerWorld.Completed([]);
        };
        _world.Enqueue("a", "b", "c");
        for (int i = 0; i < 20; i++)
            _world.Tick();
        Assert.Equal((1, 2), (_world.Scheduler.RunningCount, _world.Scheduler.Queued));
        gate.Release(3);
        await _world.Ended(3);
        Assert.Equal((1, 0), (most, onCaller));
        Assert.Equal(3, _world.Executed.Count);
    }

    [Fact]
    public async Task Takes_the_urgent_first_then_the_earliest_deadline_then_the_first_come()
    {
        DateTimeOffset deadline = _world.Now + TimeSpan.FromMinutes(30);
        foreach ((string id, int priority, int minutes) in ((string, int, int)[])[("low", 0, 0), ("late", 5, 9), ("soon", 5, 1), ("soon-too", 5, 1), ("top", 9, 20)])
            _world.Scheduler.TryEnqueue(_world.New(id) with { Priority = priority, Deadline = deadline + TimeSpan.FromMinutes(minutes) });
        await _world.Ended(5);
        Assert.Equal(["top", "soon", "soon-too", "late", "low"], _world.Executed);
    }

    [Fact]
    public async Task Ends_as_failed_what_throws_and_goes_on()
    {
        _world.OnExecute = (invocation, _) => invocation.Id == "bad" ? throw new InvalidOperationException("the host broke") : SchedulerWorld.Completed([1]);
        InvocationReport bad = await _world.RunOne("bad");
        InvocationReport good = await _world.RunOne("good");
        Assert.Equal((InvocationResult.Trapped, "the host broke"), (bad.Result, bad.Reason));
        Assert.Equal(InvocationResult.Completed, good.Result);
        Assert.Contains("invocation.failed detect bad the host broke", _world.Events.Raised);
        Assert.DoesNotContain(_world.Delivered, delivered => delivered.StartsWith("bad", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_that_never_began_does_not_keep_the_next_from_starting()
    {
        // It used no CPU time: were that its profile, the next would be planned with nothing, which no deadline allows.
        await using var world = new SchedulerWorld(constraints: [new Flight.Admission.DeadlineConstraint()]);
        world.OnExecute = (_, _) => new ExecutionResult { Result = InvocationResult.Refused, Reason = "the input is not there" };
        await world.RunOne("a");
        world.OnExecute = (_, _) => SchedulerWorld.Completed([1]);
        Assert.Equal(InvocationResult.Completed, (await world.RunOne("b")).Result);
    }

    [Theory]
    [InlineData(InvocationResult.Trapped)]
    [InlineData(InvocationResult.LimitReached)]
    [InlineData(InvocationResult.Refused)]
    public async Task Reports_how_it_ended_and_delivers_nothing_but_outputs(InvocationResult result)
    {
        _world.OnExecute = (_, _) => new ExecutionResult { Result = result, Reason = "why", Output = new byte[] { 1 }, CpuTime = TimeSpan.FromSeconds(1) };
        InvocationReport report = await _world.RunOne("a");
        Assert.Equal((result, "why", 0), (report.Result, report.Reason, report.Output.Length));
        Assert.True(report.Energy.Joules > 1, "what a failed run used is booked as well");
        Assert.Empty(_world.Delivered);
    }

    private static readonly string[] Detectors = ["detect-0", "detect-1", "detect-2", "detect-3"];

    private void AddDetectors()
    {
        foreach (string name in Detectors)
            _world.Manifests[name] = _world.Manifests["detect"] with { Name = name };
    }

    [Fact]
    public async Task Takes_32_of_a_function_and_leaves_room_for_others()
    {
        _world.Heat.WaitSeconds = 600;
        for (int i = 0; i < InvocationLimits.MaxQueuedPerFunction; i++)
            Assert.True(_world.Scheduler.TryEnqueue(_world.New($"i{i}")));
        Assert.False(_world.Scheduler.TryEnqueue(_world.New("one-more")));
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("other", "other")));
        _world.Heat.WaitSeconds = 0;
        _world.TickAfter(TimeSpan.FromMinutes(10)); // one starts
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("next")));
        Assert.False(_world.Scheduler.TryEnqueue(_world.New("after-next")));
        await _world.Ended(1);
    }

    [Theory]
    [InlineData(2, 3, 2)]
    [InlineData(9, 3, 3)]
    public async Task Runs_as_many_at_once_as_the_board_and_the_manifest_allow(int perFunction, int runningMax, int expected)
    {
        await using var world = new SchedulerWorld(runningMax: runningMax);
        world.Manifests["detect"] = world.Manifests["detect"] with { Instances = new() { ConcurrencyMax = perFunction } };
        using var gate = new SemaphoreSlim(0);
        world.OnExecute = (_, _) =>
        {
            gate.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
            return SchedulerWorld.Completed([]);
        };
        world.Enqueue("a", "b", "c", "d");
        for (int i = 0; i < 10; i++)
            world.Tick();
        Assert.Equal((expected, 4 - expected), (world.Scheduler.RunningCount, world.Scheduler.Queued));
        gate.Release(4);
        await world.Ended(4);
    }

    [Fact]
    public async Task Those_that_wait_for_their_own_kind_to_end_take_nobodys_turn()
    {
        await using var world = new SchedulerWorld(runningMax: 2);
        world.Manifests["detect"] = world.Manifests["detect"] with { Instances = new() { ConcurrencyMax = 1 } };
        world.Manifests["other"] = world.Manifests["detect"] with { Name = "other" };
        using var gate = new SemaphoreSlim(0);
        world.OnExecute = (_, _) =>
        {
            gate.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
            return SchedulerWorld.Completed([]);
        };
        for (int i = 0; i < InvocationLimits.MaxQueuedPerFunction; i++)
            Assert.True(world.Scheduler.TryEnqueue(world.New($"urgent-{i}") with { Priority = 9 }));
        Assert.True(world.Scheduler.TryEnqueue(world.New("late", "other") with { Priority = 0 }));
        world.Tick();
        world.Tick();
        Assert.Equal(2, world.Scheduler.RunningCount);
        gate.Release(64);
        await world.Ended(2);
        Assert.Contains("late", world.Executed);
    }

    [Fact]
    public async Task Starts_no_more_a_second_than_the_manifest_allows()
    {
        _world.Manifests["detect"] = _world.Manifests["detect"] with { Limits = new FunctionLimits { InvocationsPerSecondMax = 2 } };
        _world.Enqueue("a", "b", "c");
        await _world.Ended(2);
        for (int i = 0; i < 10; i++)
            _world.Tick();
        Assert.Equal(2, _world.Executed.Count);
        _world.TickAfter(TimeSpan.FromSeconds(1));
        Assert.Equal(3, (await _world.Ended(3)).Count);
    }

    [Fact]
    public async Task Holds_back_who_breaks_its_limits_five_times_and_twice_as_long_after_that()
    {
        _world.OnExecute = (_, _) => new() { Result = InvocationResult.LimitReached, Reason = "too long", Limit = "limits.timeMax", IsOffence = true };
        for (int i = 0; i < InvocationLimits.OffencesMax; i++)
            await _world.RunOne($"bad-{i}");
        InvocationReport held = await _world.RunOne("held");
        Assert.Equal((InvocationResult.Refused, 5), (held.Result, _world.Executed.Count));
        Assert.Contains("held back until", held.Reason, StringComparison.Ordinal);
        Assert.Single(_world.Events.Raised, text => text.StartsWith("function.quarantined detect 5 ", StringComparison.Ordinal));
        Assert.Equal(["function.limit-reached detect bad-0 limits.timeMax too long 1"], _world.Events.Raised.Where(text => text.StartsWith("function.limit", StringComparison.Ordinal))); // once in ten minutes

        _world.TickAfter(InvocationLimits.FirstHoldOff);
        Assert.Equal(InvocationResult.LimitReached, (await _world.RunOne("again")).Result); // one offence is enough now
        _world.TickAfter(InvocationLimits.FirstHoldOff);
        Assert.Equal(InvocationResult.Refused, (await _world.RunOne("still-held")).Result);
        Assert.True(_world.Quarantine.Release("detect", _world.Now));
        _world.OnExecute = (_, _) => SchedulerWorld.Completed([1]);
        Assert.Equal(InvocationResult.Completed, (await _world.RunOne("good")).Result);
        Assert.False(_world.Quarantine.Release("detect", _world.Now));
    }

    [Fact]
    public async Task Holds_back_a_called_function_that_breaks_its_limits_and_not_its_caller()
    {
        _world.Manifests["helper"] = _world.Manifests["detect"] with { Name = "helper" };
        _world.OnExecute = (_, _) => SchedulerWorld.Completed([1]) with { Called = [new("helper", "limits.fuelMax", "all fuel used", IsOffence: true, Succeeded: false)] };
        for (int i = 0; i < InvocationLimits.OffencesMax; i++)
        {
            Assert.Null(_world.Quarantine.HeldUntil("helper", _world.Now));
            Assert.Equal(InvocationResult.Completed, (await _world.RunOne($"i{i}")).Result);
            _world.TickAfter(TimeSpan.FromSeconds(1));
        }
        Assert.NotNull(_world.Quarantine.HeldUntil("helper", _world.Now));
        Assert.Null(_world.Quarantine.HeldUntil("detect", _world.Now));
        Assert.Equal(["function.limit-reached helper i0 limits.fuelMax all fuel used 1"], _world.Events.Raised.Where(text => text.StartsWith("function.limit", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_called_function_that_succeeds_has_its_record_cleared_and_one_that_did_both_has_not()
    {
        CalledFunction bad = new("helper", "", "trap", IsOffence: true, Succeeded: false);
        IReadOnlyList<CalledFunction> called = [];
        _world.OnExecute = (_, _) => SchedulerWorld.Completed([1]) with { Called = called };
        foreach (CalledFunction next in (CalledFunction[])[bad, bad, bad, bad, bad with { IsOffence = false, Succeeded = true }, bad, bad, bad, bad with { Succeeded = true }])
        {
            called = [next];
            await _world.RunOne("i");
            _world.TickAfter(TimeSpan.FromSeconds(1));
        }
        Assert.Null(_world.Quarantine.HeldUntil("helper", _world.Now)); // four since the success
        called = [bad];
        await _world.RunOne("i");
        Assert.NotNull(_world.Quarantine.HeldUntil("helper", _world.Now));
    }

    [Fact]
    public async Task A_version_that_was_replaced_while_it_ran_leaves_the_profile_of_the_new_one_alone()
    {
        await using var world = new SchedulerWorld(runningMax: 2);
        using var gate = new SemaphoreSlim(0);
        world.Manifests["detect"] = world.Manifests["detect"] with { Instances = new() { ConcurrencyMax = 2 } };
        world.OnExecute = (invocation, stop) =>
        {
            if (invocation.Id == "old")
                gate.Wait(stop);
            return SchedulerWorld.Completed([]);
        };
        world.Enqueue("old");
        world.Tick();
        world.Manifests["detect"] = world.Manifests["detect"] with { Version = "1.3" };
        await world.RunOne("new");
        gate.Release();
        Assert.Equal(["1.3", "1.2"], (await world.Ended(2)).Select(report => report.Version));
        FunctionProfile profile = world.Profiles.Find("detect")!;
        Assert.Equal(("1.3", 1UL), (profile.Version, profile.Completed));
    }

    [Fact]
    public async Task Counts_what_ended_in_its_profile_and_says_in_the_report_what_it_used()
    {
        _world.OnExecute = (_, _) => SchedulerWorld.Completed([1, 2, 3]) with
        {
            WallTime = TimeSpan.FromSeconds(0.75),
            MemoryBytesHighest = 65_536,
            InputBytes = 2,
            OutputBytes = 3,
            Start = InvocationStart.Cold,
            Limit = "limits.fanOutMax",
        };
        InvocationReport report = await _world.RunOne("a");
        Assert.Equal((TimeSpan.FromSeconds(0.75), 65_536L, 2, 3, InvocationStart.Cold, "limits.fanOutMax"),
            (report.WallTime, report.MemoryBytesHighest, report.InputBytes, report.OutputBytes, report.Start, report.Limit));
        FunctionProfile profile = _world.Profiles.Find("detect")!;
        Assert.Equal(("1.2", 1UL, 1UL, report.Energy), (profile.Version, profile.Completed, profile.ColdStarts, profile.Energy));
        _world.Manifests.Remove("detect"); // what is not on the node leaves no profile
        _world.Profiles.Forget("detect");
        await _world.RunOne("b");
        Assert.Null(_world.Profiles.Find("detect"));
    }

    [Fact]
    public async Task A_success_clears_the_record_and_what_is_no_offence_adds_nothing()
    {
        for (int i = 0; i < 20; i++)
        {
            bool fails = i % 5 != 4;
            _world.OnExecute = (_, _) => fails ? new() { Result = InvocationResult.Trapped, Reason = "trap", IsOffence = true } : SchedulerWorld.Completed([1]);
            await _world.RunOne($"i{i}");
            _world.TickAfter(TimeSpan.FromSeconds(1));
        }
        _world.OnExecute = (_, _) => new() { Result = InvocationResult.Trapped, Reason = "gave up with code 2: no" };
        for (int i = 0; i < 10; i++)
        {
            await _world.RunOne($"gave-up-{i}");
            _world.TickAfter(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(30, _world.Executed.Count);
    }

    [Fact]
    public async Task Takes_128_that_wait_and_not_one_more()
    {
        AddDetectors();
        _world.Heat.WaitSeconds = 600;
        for (int i = 0; i < InvocationLimits.MaxQueued; i++)
        {
            Assert.True(_world.Scheduler.TryEnqueue(_world.New($"i{i}", Detectors[i % 4])), $"refused {i}");
            if (i % 40 == 0)
                _world.Tick(); // some have arrived, some not
        }
        Assert.Equal(128, _world.Scheduler.Queued);
        Assert.False(_world.Scheduler.TryEnqueue(_world.New("one-more", "another")));
        _world.Tick();
        Assert.False(_world.Scheduler.TryEnqueue(_world.New("one-more", "another")));
        Assert.Equal(128, _world.Scheduler.Queued);

        _world.Heat.WaitSeconds = 0;
        _world.TickAfter(TimeSpan.FromMinutes(10)); // the first starts: there is room for one
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("next", "detect-0")));
        Assert.False(_world.Scheduler.TryEnqueue(_world.New("after-next", "detect-0")));
        Assert.DoesNotContain("one-more", _world.Prepared);
        await _world.Ended(1);
    }

    [Fact]
    public void The_bound_holds_for_many_threads_at_once()
    {
        AddDetectors();
        int accepted = 0;
        using var start = new Barrier(8);
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(thread => new Thread(() =>
        {
            start.SignalAndWait();
            for (int i = 0; i < 50; i++)
            {
                if (_world.Scheduler.TryEnqueue(_world.New($"{thread}-{i}", Detectors[i % 4])))
                    Interlocked.Increment(ref accepted);
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal(128, accepted);
        Assert.Equal(128, _world.Scheduler.Queued);
        _world.Heat.IsUnknown = true;
        _world.Tick();
        Assert.Equal(128, _world.Prepared.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Takes_in_from_other_threads_while_it_ticks_and_loses_none()
    {
        const int Total = 400;
        _world.Manifests["detect"] = _world.Manifests["detect"] with { Limits = new FunctionLimits { InvocationsPerOrbitMax = Total, InvocationsPerSecondMax = Total } };
        int accepted = 0;
        Task producer = Task.Run(async () =>
        {
            while (accepted < Total)
            {
                if (_world.Scheduler.TryEnqueue(_world.New($"i{accepted}")))
                    accepted++;
                else
                    await Task.Yield();
            }
        });
        await _world.Ended(Total);
        await producer;
        Assert.Equal(Total, _world.Executed.Distinct(StringComparer.Ordinal).Count());
        Assert.All(_world.Reports, report => Assert.Equal(InvocationResult.Completed, report.Result));
    }

    [Fact]
    public async Task Says_what_waits_before_and_after_it_arrived_and_not_what_runs()
    {
        Assert.False(_world.Scheduler.IsWaiting("detect"));
        _world.Enqueue("a");
        Assert.True(_world.Scheduler.IsWaiting("detect"));
        Assert.False(_world.Scheduler.IsWaiting("other"));
        _world.Heat.WaitSeconds = 60;
        _world.Tick();
        Assert.True(_world.Scheduler.IsWaiting("detect"));
        _world.Heat.WaitSeconds = 0;
        _world.TickAfter(TimeSpan.FromSeconds(60));
        Assert.False(_world.Scheduler.IsWaiting("detect"));
        await _world.Ended(1);
    }

    [Fact]
    public async Task Ends_what_runs_when_it_is_disposed_and_reports_it()
    {
        using var began = new ManualResetEventSlim();
        _world.OnExecute = (_, cancellation) =>
        {
            began.Set();
            bool isCancelled = cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
            return new ExecutionResult { Result = InvocationResult.LimitReached, Reason = isCancelled ? "the agent ends" : "nobody told it" };
        };
        _world.Enqueue("a", "b");
        _world.Tick();
        Assert.True(began.Wait(TimeSpan.FromSeconds(30)));
        await _world.Scheduler.DisposeAsync();
        InvocationReport report = Assert.Single(_world.Reports);
        Assert.Equal(("a", "the agent ends"), (report.InvocationId, report.Reason));
        Assert.Equal(["a"], _world.Executed);
        Assert.Equal(0, _world.Scheduler.RunningCount);
    }

    [Fact]
    public async Task Disposing_outlives_a_run_that_throws_when_it_is_cancelled()
    {
        _world.OnExecute = (_, cancellation) =>
        {
            cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
            throw new OperationCanceledException(cancellation);
        };
        _world.Enqueue("a");
        _world.Tick();
        await _world.Scheduler.DisposeAsync();
        Assert.Equal(InvocationResult.Trapped, Assert.Single(_world.Reports).Result);
    }

    [Fact]
    public async Task Plans_with_the_energy_limit_turned_into_time_and_then_with_what_was_used()
    {
        _world.Manifests["detect"] = _world.Manifests["detect"] with
        {
            Limits = new FunctionLimits { TimeMax = TimeSpan.FromSeconds(100), EnergyPerInvocationMax = new Energy(14.6) },
        };
        await _world.RunOne("a");
        Flight.Admission.AdmissionRequest first = _world.Heat.Asked[0];
        Assert.Equal(10, first.Duration.TotalSeconds, 0.5); // 14.6 J at 1.46 J a second, not the 100 s
        Assert.Equal(1.46, first.Power.Watts, 0.05);
        await _world.RunOne("b");
        Assert.Equal(0.5, _world.Heat.Asked[^1].Duration.TotalSeconds, 1e-6);
    }

    [Fact]
    public async Task Plans_with_the_time_limit_when_that_is_shorter()
    {
        await using var world = new SchedulerWorld(loadFactor: 60);
        world.Manifests["detect"] = world.Manifests["detect"] with
        {
            Limits = new FunctionLimits { TimeMax = TimeSpan.FromSeconds(2), EnergyPerInvocationMax = new Energy(1000) },
            Constraints = new FunctionConstraints { BoardTemperatureMax = Temperature.FromCelsius(50), StateOfChargeMin = new Ratio(0.4) },
        };
        await world.RunOne("a");
        Flight.Admission.AdmissionRequest asked = world.Heat.Asked[0];
        Assert.Equal(120, asked.Duration.TotalSeconds, 1e-6);
        Assert.Equal((Temperature.FromCelsius(50), new Ratio(0.4)), (asked.BoardTemperatureMax, asked.StateOfChargeMin));
        Assert.Equal(DtnTime.From(world.Now + TimeSpan.FromMinutes(60)), asked.Deadline);
    }

    public async ValueTask DisposeAsync() => await _world.DisposeAsync();
}
