using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Invocations;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Telemetry;

namespace SatNode.Agent.Tests.Composition;

/// <summary>Actors on a node: real modules, the scheduler, and a disk.</summary>
public sealed class ActorTests : IAsyncLifetime
{
    private static readonly FunctionActor Limits = new() { MemoryLifetime = TimeSpan.FromMinutes(10), MailboxMax = 8 };

    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-actors-").FullName;
    private readonly FakeTimeProvider _time = new(new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
    private ActorNode _node = null!;

    public ValueTask InitializeAsync()
    {
        _node = new(_folder, _time);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Remembers_over_messages_in_order_and_each_key_for_itself()
    {
        _node.Deploy("log", ActorNode.Remembers, Limits);
        Task<Flight.Invocations.ExecutionResult>[] answers = [.. "abcdef".Select(letter => _node.Send("log/x", letter.ToString()))];
        Assert.Equal("1", await _node.Ask("log/y", "1"));
        Assert.Equal("abcdef", await _node.Answer(answers[^1]));
        Assert.Equal("a", await _node.Answer(answers[0]));
        Assert.Equal("abcdefg", await _node.Ask("log/x", "g"));
        Assert.Equal("d", await _node.Ask("log", "d")); // the key that is meant when none is named
        Assert.Equal("d!", await _node.Ask("log/default", "!"));
        Assert.Equal(0, _node.Scheduler.Actors.Mailboxes);
    }

    [Fact]
    public async Task An_idle_memory_goes_to_disk_and_wakes_with_the_next_message()
    {
        _node.Deploy("log", ActorNode.Remembers, Limits);
        await _node.Ask("log/x", "a");
        Assert.Equal(0, _node.States.Count);
        _time.Advance(Limits.MemoryLifetime - TimeSpan.FromSeconds(1));
        _node.Functions.Actors.PassivateIdle();
        Assert.Equal(0, _node.States.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        _node.Functions.Actors.PassivateIdle();
        Assert.Equal(1, _node.States.Count);
        Assert.Equal("ab", await _node.Ask("log/x", "b"));
    }

    [Fact]
    public async Task A_clean_stop_keeps_all_memories_and_policies_and_a_power_cut_what_was_on_disk()
    {
        byte[] module = ActorNode.Reactor("""
            (drop (call $actor_policy (i32.const 1) (i32.const 60000)))
            (local.set $n (call $memory_get (i32.const 1024) (i32.const 8)))
            (drop (call $memory_put (local.get 0) (local.get 1)))
            (drop (call $state_put (i32.const 16) (i32.const 1) (local.get 0) (local.get 1)))
            (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.extend_i32_u (select (local.get $n) (i32.const 0) (i32.gt_s (local.get $n) (i32.const 0)))))
            """, "k");
        _node.Deploy("last", module, Limits);
        Assert.Equal("", await _node.Ask("last/x", "one"));
        await _node.Stop();
        _node = new(_folder, _time);
        Assert.Equal("one", await _node.Ask("last/x", "two"));
        await _node.DisposeAsync(); // the power goes: "two" is remembered by nobody, but its put is
        _node = new(_folder, _time);
        Assert.Equal("two", System.Text.Encoding.UTF8.GetString(_node.States.Get("fn/last/k")!.Bytes.Span));
        Assert.Equal(new ActorPolicy(ActorPolicyKind.Drop, 60_000), _node.Functions.PolicyOf(new("last", "x")));
        Assert.Equal("one", await _node.Ask("last/x", "three"));
        Assert.StartsWith("Refused: dropped by the actor's policy", await _node.Ask("last/x", "four"), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("three", await _node.Ask("last/x", "five"));
    }

    [Fact]
    public async Task A_message_that_traps_changes_nothing_and_the_next_goes_on()
    {
        _node.Deploy("picky", ActorNode.Reactor("""
            (local.set $n (call $memory_get (i32.const 1024) (i32.const 8)))
            (drop (call $memory_put (local.get 0) (local.get 1)))
            (drop (call $state_put (i32.const 16) (i32.const 1) (local.get 0) (local.get 1)))
            (if (i32.eq (i32.load8_u (local.get 0)) (i32.const 33)) (then unreachable))
            (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.extend_i32_u (select (local.get $n) (i32.const 0) (i32.gt_s (local.get $n) (i32.const 0)))))
            """, "k"), Limits);
        Task<ExecutionResult> first = _node.Send("picky/x", "good"), second = _node.Send("picky/x", "!bad"), third = _node.Send("picky/x", "after");
        Assert.Equal("", await _node.Answer(first));
        Assert.StartsWith("Trapped:", await _node.Answer(second), StringComparison.Ordinal);
        Assert.Equal("good", await _node.Answer(third));
    }

    [Fact]
    public async Task Functions_send_to_actors_with_their_commit_and_nothing_of_it_stands_on_disk()
    {
        _node.Deploy("log", ActorNode.Remembers, Limits);
        _node.Deploy("sender", ActorNode.Reactor("""
            (if (call $send (i32.const 16) (i32.const 5) (local.get 0) (local.get 1) (i32.const 9)) (then unreachable))
            (if (call $emit (i32.const 16) (i32.const 5) (local.get 0) (local.get 1)) (then unreachable))
            (i64.const 0)
            """, "log/x"), actor: null);
        Assert.Equal("", await _node.Ask("sender", "a"));
        Assert.Equal("aab", await _node.Ask("log/x", "b"));
        Assert.Equal(0, _node.States.Count);
    }

    [Fact]
    public async Task Two_actors_that_send_to_each_other_end_at_the_depth_of_the_manifest()
    {
        byte[] ping = ActorNode.Reactor("(drop (call $send (i32.const 16) (i32.const 6) (local.get 0) (local.get 1) (i32.const 5))) (i64.const 0)", "pong/x");
        byte[] pong = ActorNode.Reactor("(drop (call $send (i32.const 16) (i32.const 6) (local.get 0) (local.get 1) (i32.const 5))) (i64.const 0)", "ping/x");
        _node.Deploy("ping", ping, Limits);
        _node.Deploy("pong", pong, Limits);
        await _node.Ask("ping/x", "a");
        await _node.Until(() => _node.Scheduler is { Queued: 0, RunningCount: 0 });
        Assert.Equal(5, _node.Events.Raised.Count(text => text.StartsWith("invocation.completed p", StringComparison.Ordinal)));
        Assert.Contains(_node.Events.Raised, text => text.Contains("limits.depthMax", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Functions_call_actors_and_their_memory_comes_and_goes_with_the_callers_commit()
    {
        _node.Deploy("log", ActorNode.Remembers, Limits);
        _node.Deploy("caller", ActorNode.Reactor("""
            (local.set $n (call $invoke (i32.const 16) (i32.const 5) (local.get 0) (local.get 1)))
            (if (i32.lt_s (local.get $n) (i32.const 0)) (then (return (i64.or (i64.shl (i64.const 16) (i64.const 32)) (i64.extend_i32_u (i32.sub (i32.const 0) (local.get $n)))))))
            (local.set $n (call $invoke_output (i32.const 1024) (i32.const 4096)))
            (if (i32.eq (i32.load8_u (local.get 0)) (i32.const 33)) (then unreachable))
            (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.extend_i32_u (local.get $n)))
            """, "log/x"), actor: null);
        Assert.Equal("a", await _node.Ask("caller", "a"));
        Assert.StartsWith("Trapped:", await _node.Ask("caller", "!"), StringComparison.Ordinal);
        Assert.Equal("ab", await _node.Ask("caller", "b"));
        Assert.Equal("abc", await _node.Ask("log/x", "c"));
        Assert.Equal(0, _node.Scheduler.Actors.Mailboxes); // every call set its actor free
        Assert.True(_node.Scheduler.Actors.TryEnter(new("log", "x"), out _));
        Assert.Equal("log/x\0", await _node.Ask("caller", "d")); // busy: it answered -6
    }

    [Fact]
    public async Task A_batch_hands_over_all_that_waited_as_an_array()
    {
        _node.Deploy("batch", ActorNode.Reactor("""
            (drop (call $actor_policy (i32.const 2) (i32.const 10)))
            (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))
            """), Limits);
        Task<ExecutionResult>[] answers = [.. "abc".Select(letter => _node.Send("batch/x", letter.ToString()))];
        Assert.Equal("a", await _node.Answer(answers[0])); // the policy was not chosen yet
        await _node.Until(() => answers[2].IsCompleted);
        Assert.Equal("8241624163", Convert.ToHexString((await answers[2]).Output.Span));
        Assert.Equal(await answers[1], await answers[2]);
    }

    [Fact]
    public async Task Triggers_mean_the_actor_default()
    {
        _node.Deploy("log", ActorNode.Remembers, Limits, [new OutputTrigger("source")]);
        _node.Deploy("source", ActorNode.Reactor("(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))"), actor: null);
        await _node.Ask("source", "s");
        await _node.Until(() => _node.Scheduler is { Queued: 0, RunningCount: 0 });
        Assert.Equal("s!", await _node.Ask("log/default", "!"));
    }

    [Fact]
    public async Task Undeploying_leaves_no_memory_and_no_message_behind()
    {
        _node.Deploy("log", ActorNode.Remembers, Limits);
        await _node.Ask("log/x", "a");
        _time.Advance(Limits.MemoryLifetime);
        _node.Functions.Actors.PassivateIdle();
        await _node.Ask("log/y", "b"); // one on disk, one in RAM
        Task<ExecutionResult> waiting = _node.Send("log/z", "c");
        _node.Undeploy("log");
        Assert.Equal("Refused: function 'log' was removed while the message waited", await _node.Answer(waiting));
        Assert.Equal((0, 0), (_node.States.Count, _node.Scheduler.Actors.Mailboxes));
        _node.Deploy("log", ActorNode.Remembers, Limits);
        Assert.Equal("n", await _node.Ask("log/x", "n"));
        Assert.Equal("n", await _node.Ask("log/y", "n"));
    }

    [Fact]
    public async Task A_new_version_goes_on_with_the_memories_and_one_without_actors_drops_them()
    {
        _node.Deploy("log", ActorNode.Remembers, Limits);
        await _node.Ask("log/x", "a");
        _node.Deploy("log", ActorNode.Remembers, Limits, version: "2");
        Assert.Equal("ab", await _node.Ask("log/x", "b"));
        Task<ExecutionResult> waiting = _node.Send("log/x", "c");
        _node.Deploy("log", ActorNode.Reactor("(i64.const 0)"), actor: null, version: "3");
        _node.Functions.ForgetActors("log");
        Assert.StartsWith("Refused: ", await _node.Answer(waiting), StringComparison.Ordinal);
        Assert.Equal("", await _node.Ask("log", ""));
        _node.Deploy("log", ActorNode.Remembers, Limits, version: "4");
        Assert.Equal("n", await _node.Ask("log/x", "n"));
    }

    [Fact]
    public async Task A_disk_that_refuses_at_the_end_is_told_of_with_what_was_lost()
    {
        await _node.DisposeAsync();
        _node = new(_folder, _time, stateBytesMax: 10);
        _node.Deploy("log", ActorNode.Remembers, Limits);
        await _node.Ask("log/x", "abcde");
        await _node.Ask("log/y", "abcdef");
        ActorNode.KeptEvents events = _node.Events;
        await _node.Stop();
        Assert.Contains("actor.memories-lost 2 23", events.Raised); // six bytes of each say how to read it
    }

    [Fact]
    public async Task Memories_count_as_state_in_ram_as_on_disk()
    {
        _node.Deploy("log", ActorNode.Remembers, Limits with { MemoryBytesMax = 10 });
        Assert.Equal("0123456789", await _node.Ask("log/x", "0123456789"));
        Assert.StartsWith("Trapped:", await _node.Ask("log/x", "+"), StringComparison.Ordinal);
        Assert.Equal("0123456789", await _node.Ask("log/x", ""));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // one of its name is there again, and is another
    public async Task Nothing_stays_behind_of_what_is_removed_while_it_runs(bool isDeployedAgain)
    {
        byte[] keeps = ActorNode.Reactor("""
            (drop (call $memory_put (local.get 0) (local.get 1)))
            (drop (call $state_put (i32.const 16) (i32.const 1) (local.get 0) (local.get 1)))
            (call $log (i32.const 1) (i32.const 16) (i32.const 1))
            (i64.const 0)
            """, "k");
        _node.Deploy("log", keeps, Limits);
        Assert.Equal("", await _node.Ask("log/x", "before"));
        _node.Events.OnRaised = text =>
        {
            if (!text.StartsWith("function.logged", StringComparison.Ordinal))
                return;
            _node.Events.OnRaised = null;
            _node.Undeploy("log");
            if (isDeployedAgain)
                _node.Deploy("log", keeps, Limits, version: "2");
        };
        Assert.StartsWith("Trapped: the node could not keep", await _node.Ask("log/x", "while"), StringComparison.Ordinal);
        _node.Functions.Actors.PassivateAll();
        Assert.Equal(0, _node.States.Count);
        Assert.Equal(0, _node.Functions.Actors.Memories.Count);
        Assert.Equal(0UL, _node.Profiles.Find("log")?.Runs ?? 0);
    }

    [Fact]
    public async Task An_update_while_a_message_is_handled_keeps_what_it_remembers()
    {
        byte[] keeps = ActorNode.Reactor("""
            (call $log (i32.const 1) (i32.const 16) (i32.const 1))
            (drop (call $memory_put (local.get 0) (local.get 1)))
            (i64.const 0)
            """, "k");
        _node.Deploy("log", keeps, Limits);
        _node.Events.OnRaised = text =>
        {
            if (!text.StartsWith("function.logged", StringComparison.Ordinal))
                return;
            _node.Events.OnRaised = null;
            _node.Deploy("log", ActorNode.Remembers, Limits, version: "2");
        };
        Assert.Equal("", await _node.Ask("log/x", "a"));
        Assert.Equal("ab", await _node.Ask("log/x", "b"));
    }

    [Fact]
    public async Task Attempts_that_lost_count_for_what_an_invocation_used()
    {
        _node.Deploy("count", ActorNode.Reactor("""
            (drop (call $state_compare_and_set (i32.const 16) (i32.const 1) (local.get 0) (local.get 1) (call $state_version (i32.const 16) (i32.const 1))))
            (call $log (i32.const 1) (i32.const 16) (i32.const 1))
            (i64.const 0)
            """, "k"), actor: null);
        _node.States.Put("fn/count/k", 1, 2, new byte[1]);
        Task<ExecutionResult> alone = _node.Send("count", "a");
        await _node.Answer(alone);
        int lost = 0;
        _node.Events.OnRaised = text =>
        {
            if (text.StartsWith("function.logged", StringComparison.Ordinal) && lost++ < 2)
                _node.States.Apply([new("fn/count/k", 1, 2, new byte[1])]); // another was first, twice
        };
        Task<ExecutionResult> third = _node.Send("count", "a");
        await _node.Answer(third);
        Assert.Equal((InvocationResult.Completed, 3 * (await alone).Fuel), ((await third).Result, (await third).Fuel));
    }
}
