using System.Collections.Concurrent;
using SatNode.Flight.Invocations;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Tests.Invocations.Actors;

/// <summary>Messages to actors through the scheduler: each is judged and reported like any invocation, and an actor handles one at a time.</summary>
public sealed class ActorSchedulingTests : IAsyncDisposable
{
    private readonly SchedulerWorld _world = new(runningMax: 4);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Invocation> _handed = new();

    public ActorSchedulingTests()
    {
        Deploy(new() { MailboxMax = 100 });
        _world.OnExecute = (invocation, stop) =>
        {
            _handed.Enqueue(invocation);
            if (_gates.TryGetValue(invocation.Id, out SemaphoreSlim? gate))
                gate.Wait(stop);
            return SchedulerWorld.Completed([1]);
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        foreach (SemaphoreSlim gate in _gates.Values)
            gate.Dispose();
    }

    [Fact]
    public async Task Handles_the_messages_of_an_actor_one_at_a_time_in_the_order_in_which_they_came()
    {
        Hold("m0");
        for (int i = 0; i < 20; i++)
            Send($"m{i}");
        await Started(1);
        _world.TickAfter(TimeSpan.FromSeconds(1));
        _world.TickAfter(TimeSpan.FromSeconds(1));
        Assert.Equal(["m0"], _world.Executed);
        Release("m0");
        await Ended(20);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"m{i}"), _world.Executed);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"m{i}"), _world.Reports.Select(report => report.InvocationId));
    }

    [Fact]
    public async Task Different_actors_of_a_function_run_beside_each_other()
    {
        foreach (string key in (string[])["a", "b", "c"])
        {
            Hold(key);
            Send(key, key);
            Send($"{key}-2", key);
        }
        await Started(3);
        Assert.Equal(["a", "b", "c"], _world.Executed.Order(StringComparer.Ordinal));
        Release("b");
        await Started(4);
        Assert.Equal("b-2", _world.Executed[3]);
        Release("a");
        Release("c");
        await Ended(6);
    }

    [Fact]
    public async Task A_message_that_fails_is_not_in_the_way_of_the_next()
    {
        _world.OnExecute = (invocation, _) => invocation.Id == "m1"
            ? new ExecutionResult { Result = InvocationResult.Trapped, Reason = "unreachable", CpuTime = TimeSpan.FromMilliseconds(1) }
            : invocation.Id == "m2" ? throw new InvalidOperationException("the host's own") : SchedulerWorld.Completed([1]);
        foreach (string id in (string[])["m1", "m2", "m3"])
            Send(id);
        IReadOnlyList<InvocationReport> reports = await Ended(3);
        Assert.Equal([InvocationResult.Trapped, InvocationResult.Trapped, InvocationResult.Completed], reports.Select(report => report.Result));
    }

    [Fact]
    public async Task What_waits_for_actors_takes_no_place_in_the_queue()
    {
        Hold("m0");
        for (int i = 0; i < 100; i++)
            Send($"m{i}");
        await Started(1);
        for (int i = 0; i < InvocationLimits.MaxQueuedPerFunction; i++)
            Assert.True(_world.Scheduler.TryEnqueue(_world.New($"d{i}")));
        Assert.Equal(99 + InvocationLimits.MaxQueuedPerFunction, _world.Scheduler.Queued);
        Assert.False(_world.Scheduler.IsWaiting("alarm")); // of these none is for the actor that triggers mean
        Send("t", ActorAddress.DefaultKey);
        Assert.True(_world.Scheduler.IsWaiting("alarm"));
        Release("m0");
    }

    [Fact]
    public void A_full_mailbox_refuses_and_is_told_of_with_the_count()
    {
        Deploy(new() { MailboxMax = 2 });
        Send("m1");
        Send("m2");
        Assert.False(_world.Scheduler.TryEnqueue(Message("m3")));
        Assert.False(_world.Scheduler.TryEnqueue(Message("m4")));
        _world.Heat.WaitSeconds = 1000;
        _world.Tick();
        Assert.Contains("function.limit-reached alarm  actor.mailboxMax alarm/k: no room for a message, in its mailbox or in all of them 2", _world.Events.Raised);
    }

    [Fact]
    public void A_message_for_a_function_without_actors_is_refused() => Assert.False(_world.Scheduler.TryEnqueue(Message("m1") with { Function = "detect" }));

    [Fact]
    public async Task A_dropped_message_is_answered_and_neither_run_nor_reported()
    {
        SetPolicy(new(ActorPolicyKind.Drop));
        var answers = new ConcurrentQueue<ExecutionResult>();
        Hold("m1");
        Send("m1");
        await Started(1);
        Assert.True(_world.Scheduler.TryEnqueue(Message("m2") with { WhenEnded = answers.Enqueue }));
        _world.Tick();
        Assert.Equal((InvocationResult.Refused, "dropped by the actor's policy"), (answers.Single().Result, answers.Single().Reason));
        Assert.Contains("actor.messages-dropped alarm/k drop 1", _world.Events.Raised);
        Release("m1");
        Assert.Equal(["m1"], (await Ended(1)).Select(report => report.InvocationId));
        Assert.Equal(["m1"], _world.Executed);
    }

    [Fact]
    public async Task A_batch_is_one_invocation_with_as_many_messages_as_its_input_takes_and_all_of_them_are_answered()
    {
        SetPolicy(new(ActorPolicyKind.Batch, 3));
        Deploy(new(), new() { InputBytesMax = 9 + (2 * (9 + 10)) }); // two of ten bytes
        var answered = new ConcurrentQueue<string>();
        for (int i = 0; i < 6; i++)
        {
            string id = $"m{i}";
            Assert.True(_world.Scheduler.TryEnqueue(Message(id) with { Input = new byte[i < 3 ? 10 : 0], Depth = i, WhenEnded = _ => answered.Enqueue(id) }));
        }
        IReadOnlyList<InvocationReport> reports = await Ended(2);
        Assert.Equal(["m0", "m2"], reports.Take(2).Select(report => report.InvocationId)); // the third may have ended as well
        Assert.Equal(["m0 m1", "m2 m3 m4"], _handed.Take(2).Select(invocation => string.Join(' ', invocation.Batch.Select(message => message.Id))));
        Assert.Equal([1, 4], _handed.Take(2).Select(invocation => invocation.Depth));
        await Ended(3);
        Assert.Equal("m5", Assert.Single(_handed.Last().Batch).Id);
        Assert.Equal(["m0", "m1", "m2", "m3", "m4", "m5"], answered);
    }

    [Fact]
    public async Task A_stage_of_a_workflow_is_handed_over_by_itself()
    {
        SetPolicy(new(ActorPolicyKind.Batch, 8));
        foreach ((string id, string workflow) in ((string, string)[])[("m1", ""), ("m2", ""), ("m3", "wildfire"), ("m4", "")])
            Assert.True(_world.Scheduler.TryEnqueue(Message(id) with { Workflow = workflow }));
        await Ended(3);
        Assert.Equal(["m1 m2", "m3", "m4"], _handed.Select(invocation => string.Join(' ', invocation.Batch.Select(message => message.Id))));
    }

    [Fact]
    public async Task The_policy_that_a_message_chose_holds_once_it_has_ended()
    {
        Hold("m1");
        Send("m1");
        Send("m2");
        await Started(1);
        SetPolicy(new(ActorPolicyKind.Coalesce));
        Send("m3");
        Assert.Equal(2, _world.Scheduler.Actors.Count);
        Release("m1");
        await Ended(2);
        Assert.Equal(["m1", "m3"], _world.Executed);
    }

    [Fact]
    public async Task A_prioritised_message_that_came_later_goes_first()
    {
        SetPolicy(new(ActorPolicyKind.Prioritise));
        Hold("m1");
        Send("m1");
        await Started(1);
        Send("m2", priority: 1);
        Send("m3", priority: 8);
        Release("m1");
        await Ended(3);
        Assert.Equal(["m1", "m3", "m2"], _world.Executed);
    }

    [Fact]
    public async Task A_deferred_message_keeps_its_turn()
    {
        _world.Heat.WaitSeconds = 60;
        Send("m1");
        _world.Tick();
        Send("m2");
        _world.Heat.WaitSeconds = 0;
        _world.TickAfter(TimeSpan.FromSeconds(20));
        Assert.Empty(_world.Executed);
        _world.TickAfter(TimeSpan.FromSeconds(40));
        await Ended(2);
        Assert.Equal(["m1", "m2"], _world.Executed);
    }

    [Fact]
    public void A_message_never_moves_to_another_node()
    {
        _world.Candidate = "p01-s03";
        _world.Heat.WaitSeconds = 1800;
        Send("m1");
        _world.Tick();
        Assert.Empty(_world.Offloaded);
        Assert.Equal(1, _world.Scheduler.Actors.Count);
    }

    [Fact]
    public async Task A_message_whose_deadline_passes_while_others_are_handled_is_refused()
    {
        Hold("m1");
        Send("m1");
        await Started(1);
        Assert.True(_world.Scheduler.TryEnqueue(Message("m2") with { Deadline = _world.Now + TimeSpan.FromSeconds(30) }));
        _world.TickAfter(TimeSpan.FromSeconds(29));
        Assert.Equal(1, _world.Scheduler.Actors.Count);
        _world.TickAfter(TimeSpan.FromSeconds(1));
        Assert.Equal(0, _world.Scheduler.Actors.Count);
        Assert.Contains("invocation.refused alarm m2 deadline 30 30 s", _world.Events.Raised);
        Release("m1");
    }

    [Fact]
    public void Many_actors_that_are_put_off_take_nobodys_turn()
    {
        _world.Heat.WaitSeconds = 60;
        for (int i = 0; i < 40; i++)
            Send($"m{i}", $"k{i}", priority: 9);
        _world.Enqueue("d1");
        _world.Tick();
        Assert.Contains(_world.Events.Raised, raised => raised.StartsWith("invocation.deferred detect d1", StringComparison.Ordinal));
    }

    [Fact]
    public void Many_actors_that_have_used_their_rate_take_nobodys_turn()
    {
        Deploy(new(), new() { InvocationsPerSecondMax = 1 });
        for (int i = 0; i < 40; i++)
        {
            Hold($"m{i}");
            Send($"m{i}", $"k{i}", priority: 9);
        }
        Hold("d1");
        _world.Enqueue("d1");
        _world.Tick();
        Assert.Equal(2, _world.Scheduler.RunningCount);
        Release("d1");
        for (int i = 0; i < 40; i++)
            Release($"m{i}");
    }

    [Fact]
    public void A_message_that_gives_way_while_it_is_judged_ends_once()
    {
        SetPolicy(new(ActorPolicyKind.Coalesce));
        _world.Time.Advance(TimeSpan.FromSeconds(1));
        var ended = new List<string>();
        Assert.True(_world.Scheduler.TryEnqueue(Message("m1") with { WhenEnded = result => ended.Add(result.Reason) }));
        for (int i = 0; i < InvocationLimits.OffencesMax; i++)
            _world.Quarantine.Offend("alarm", "unreachable", _world.Now);
        _world.OnFindManifest = () =>
        {
            _world.OnFindManifest = null;
            Send("m2"); // from another thread, between the look at what is due and the verdict
        };
        _world.Tick();
        _world.Tick();
        Assert.Equal(["a newer message took its place, as the actor's policy says"], ended);
        Assert.DoesNotContain(_world.Reports, report => report.InvocationId == "m1");
    }

    [Fact]
    public async Task The_quota_and_the_quarantine_hold_for_messages()
    {
        Deploy(new(), new() { InvocationsPerOrbitMax = 1 });
        Send("m1");
        Send("m2");
        IReadOnlyList<InvocationReport> reports = await Ended(2);
        Assert.Equal([InvocationResult.Completed, InvocationResult.Refused], reports.Select(report => report.Result));
        for (int i = 0; i < InvocationLimits.OffencesMax; i++)
            _world.Quarantine.Offend("alarm", "unreachable", _world.Now);
        Send("m3");
        Assert.StartsWith("held back until", (await Ended(3))[2].Reason, StringComparison.Ordinal);
    }

    private void Deploy(FunctionActor actor, FunctionLimits? limits = null) => _world.Manifests["alarm"] = new FunctionManifest
    {
        Name = "alarm",
        Version = "1",
        Kind = FunctionKind.Reactor,
        ModuleDigest = new byte[32],
        Actor = actor,
        Limits = limits ?? new() { InvocationsPerSecondMax = 100, InvocationsPerOrbitMax = 1000 },
    };

    private void SetPolicy(ActorPolicy policy)
    {
        lock (_world.Policies)
            _world.Policies[new("alarm", "k")] = policy;
    }

    private Invocation Message(string id, string key = "k") => _world.New(id, "alarm") with { Actor = key };

    private void Send(string id, string key = "k", int priority = 5) => Assert.True(_world.Scheduler.TryEnqueue(Message(id, key) with { Priority = priority }));

    private void Hold(string id) => _gates[id] = new SemaphoreSlim(0);

    private void Release(string id) => _gates[id].Release();

    private async Task Started(int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (_world.Executed.Count < count)
        {
            patience.Token.ThrowIfCancellationRequested();
            _world.Tick();
            await Task.Yield();
        }
    }

    private Task<IReadOnlyList<InvocationReport>> Ended(int count) => _world.Ended(count);
}
