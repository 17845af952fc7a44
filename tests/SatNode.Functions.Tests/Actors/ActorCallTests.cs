using System.Security.Cryptography;
using System.Text;
using SatNode.Functions.Actors;
using SatNode.Functions.Runtime;
using SatNode.Functions.Tests.Runtime;
using SatNode.Protocol.Functions;
using Wat = SatNode.Functions.Tests.Runtime.Modules;

namespace SatNode.Functions.Tests.Actors;

/// <summary>What an actor may do: remember, know its key, choose its policy; and messages and calls to actors. "key" stands at 16, "value" at 32, "other/k" at 64.</summary>
public sealed class ActorCallTests : IDisposable
{
    private const string Remember = "(call $memory_put (local.get 0) (local.get 1))";
    private const string Recall = "(i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.extend_i32_u (call $memory_get (i32.const 1024) (i32.const 64))))";
    private const string CallOther = "(call $invoke (i32.const 64) (i32.const 7) (local.get 0) (local.get 1))";

    private readonly FunctionRuntime _runtime = new(new());
    private readonly TestEnvironment _environment = new() { Actor = "k1" };

    public void Dispose()
    {
        foreach (DeployedFunction function in _environment.Functions.Values)
            function.Dispose();
        _runtime.Dispose();
    }

    [Fact]
    public void Remembers_over_messages_and_each_key_for_itself()
    {
        Assert.Equal(0, Answer(Remember, input: "first"u8.ToArray()));
        Assert.Equal("first", Encoding.UTF8.GetString(Run(Wat.Reactor(Recall)).Output.Span));
        Assert.Equal(0, Answer(Remember, input: "2nd"u8.ToArray()));
        Assert.Equal(3, Answer("(call $memory_size)"));
        _environment.Actor = "k2";
        Assert.Equal(-1, Answer("(call $memory_size)"));
        Assert.Equal(-1, Answer("(call $memory_get (i32.const 1024) (i32.const 64))"));
        _environment.Actor = "k1";
        Assert.Equal("2nd", Encoding.UTF8.GetString(Run(Wat.Reactor(Recall)).Output.Span));
    }

    [Fact]
    public void A_message_sees_what_it_wrote_and_an_empty_memory_is_none()
    {
        Assert.Equal(5, Answer($"(block (result i32) (drop {Remember}) (call $memory_size))", input: "hello"u8.ToArray()));
        Assert.Equal(-2, Answer("(call $memory_get (i32.const 1024) (i32.const 4))"));
        Assert.Equal(5, Answer("(call $memory_get (i32.const 1024) (i32.const 5))"));
        Assert.Equal(0, Answer(Remember));
        Assert.Empty(_environment.State); // nothing to keep leaves nothing behind
    }

    [Fact]
    public void A_message_that_traps_leaves_the_memory_as_it_was()
    {
        Assert.Equal(0, Answer(Remember, input: "kept"u8.ToArray()));
        InvocationOutcome outcome = Run(Wat.Reactor($"(drop {Remember}) (drop (call $actor_policy (i32.const 3) (i32.const 0))) unreachable"), "lost"u8.ToArray());
        Assert.Equal(InvocationEnd.Trapped, outcome.End);
        Assert.Equal("kept", Encoding.UTF8.GetString(Run(Wat.Reactor(Recall)).Output.Span));
        Assert.Equal(default, ActorRecord.PolicyOf(_environment.State["\u0003k1"].Span));
    }

    [Fact]
    public void Remembers_as_much_as_the_manifest_says_and_not_a_byte_more()
    {
        Assert.Equal(0, Answer(Remember, actor: new() { MemoryBytesMax = 5 }, input: "12345"u8.ToArray()));
        InvocationOutcome outcome = Run(Wat.Answer(Remember), "123456"u8.ToArray(), new() { MemoryBytesMax = 5 });
        Assert.Equal((-3, "actor.memoryBytesMax"), (BitConverter.ToInt32(outcome.Output.Span), outcome.Limit));
        Assert.Equal(5, Answer("(call $memory_size)"));
    }

    [Fact]
    public void A_memory_counts_as_the_functions_state()
    {
        // Record of 6 + 5 bytes under a key of 1 + 2.
        Assert.Equal(0, Answer(Remember, input: "12345"u8.ToArray(), limits: new() { StateBytesMax = 14 }));
        _environment.State.Clear();
        InvocationOutcome outcome = Run(Wat.Answer(Remember), "12345"u8.ToArray(), limits: new() { StateBytesMax = 13 });
        Assert.Equal((-3, "limits.stateBytesMax"), (BitConverter.ToInt32(outcome.Output.Span), outcome.Limit));
    }

    [Theory]
    [InlineData("(call $memory_size)", -3)]
    [InlineData("(call $memory_get (i32.const 1024) (i32.const 64))", -3)]
    [InlineData(Remember, -3)]
    [InlineData("(call $actor_policy (i32.const 3) (i32.const 0))", -3)]
    [InlineData("(call $actor_key (i32.const 1024) (i32.const 64))", -1)]
    public void A_function_without_actors_has_none_of_it(string call, int answer)
    {
        using DeployedFunction function = _runtime.Install(Wat.Manifest(Wat.Answer(call)), Wat.Answer(call));
        Assert.Equal(answer, BitConverter.ToInt32(_runtime.Invoke(function, default, _environment, TestContext.Current.CancellationToken).Output.Span));
        Assert.Empty(_environment.State);
    }

    [Fact]
    public void An_actor_knows_its_key()
    {
        const string Key = "(i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.extend_i32_u (call $actor_key (i32.const 1024) (i32.const 2))))";
        Assert.Equal("k1", Encoding.UTF8.GetString(Run(Wat.Reactor(Key)).Output.Span));
        Assert.Equal(-2, Answer("(call $actor_key (i32.const 1024) (i32.const 1))"));
    }

    [Theory]
    [InlineData(0, 0, ActorPolicyKind.Queue)]
    [InlineData(1, 0, ActorPolicyKind.Drop)]
    [InlineData(1, 86_400_000, ActorPolicyKind.Drop)]
    [InlineData(2, 1, ActorPolicyKind.Batch)]
    [InlineData(2, 64, ActorPolicyKind.Batch)]
    [InlineData(3, 0, ActorPolicyKind.Coalesce)]
    [InlineData(4, 0, ActorPolicyKind.Prioritise)]
    public void Chooses_its_policy_and_keeps_its_memory(int policy, int value, ActorPolicyKind kind)
    {
        Assert.Equal(0, Answer($"(block (result i32) (drop {Remember}) (call $actor_policy (i32.const {policy}) (i32.const {value})))", input: "m"u8.ToArray()));
        Assert.Equal(new ActorPolicy(kind, value), ActorRecord.PolicyOf(_environment.State["\u0003k1"].Span));
        Assert.Equal(0, Answer(Remember, input: "mm"u8.ToArray()));
        Assert.Equal(new ActorPolicy(kind, value), ActorRecord.PolicyOf(_environment.State["\u0003k1"].Span));
        Assert.Equal("mm", Encoding.UTF8.GetString(Run(Wat.Reactor(Recall)).Output.Span));
    }

    [Theory]
    [InlineData(-1, 0, "actor_policy: expected a policy of 0 (queue), 1 (drop), 2 (batch), 3 (coalesce) or 4 (prioritise), found -1")]
    [InlineData(5, 0, "actor_policy: expected a policy of 0 (queue), 1 (drop), 2 (batch), 3 (coalesce) or 4 (prioritise), found 5")]
    [InlineData(0, 1, "actor_policy: expected a value of 0 to 0 for the policy Queue, found 1")]
    [InlineData(1, -1, "actor_policy: expected a value of 0 to 86400000 for the policy Drop, found -1")]
    [InlineData(1, 86_400_001, "actor_policy: expected a value of 0 to 86400000 for the policy Drop, found 86400001")]
    [InlineData(2, 0, "actor_policy: expected a value of 1 to 64 for the policy Batch, found 0")]
    [InlineData(2, 65, "actor_policy: expected a value of 1 to 64 for the policy Batch, found 65")]
    public void Traps_on_what_is_no_policy(int policy, int value, string reason)
    {
        InvocationOutcome outcome = Run(Wat.Answer($"(call $actor_policy (i32.const {policy}) (i32.const {value}))"));
        Assert.Equal((InvocationEnd.Trapped, reason), (outcome.End, outcome.Reason));
    }

    [Theory]
    [InlineData("(call $send (i32.const 64) (i32.const 7) (local.get 0) (local.get 1) (i32.const 9))", 9)]
    [InlineData("(call $emit (i32.const 64) (i32.const 7) (local.get 0) (local.get 1))", 5)] // to an actor's address: at the priority of its manifest
    public void Sends_a_message_to_an_actor_with_the_commit(string call, int priority)
    {
        Deploy("other", Wat.Echo);
        Assert.Equal(0, Answer(call, input: "hello"u8.ToArray()));
        Emission message = Assert.Single(_environment.Emissions);
        Assert.Equal(("other/k", "hello", priority), (message.Topic, Encoding.UTF8.GetString(message.Payload.Span), message.MessagePriority));
    }

    [Fact]
    public void A_topic_with_a_slash_that_is_no_actor_is_a_topic()
    {
        Deploy("other", Wat.Echo, actor: null);
        Assert.Equal(0, Answer("(call $emit (i32.const 64) (i32.const 7) (local.get 0) (local.get 1))"));
        Assert.Null(Assert.Single(_environment.Emissions).MessagePriority);
        Assert.Equal(-1, Answer("(call $send (i32.const 64) (i32.const 7) (local.get 0) (local.get 1) (i32.const 9))"));
    }

    [Fact]
    public void Refuses_a_message_with_the_limit_that_it_met()
    {
        const string Send = "(call $send (i32.const 64) (i32.const 7) (local.get 0) (local.get 1) (i32.const 0))";
        Assert.Equal(-1, Answer(Send)); // there is none
        Deploy("other", Wat.Echo, limits: new() { InputBytesMax = 4 });
        Assert.Equal(0, Answer(Send, input: new byte[4]));
        Refused("message bytes", input: new byte[5]);
        _environment.HasRoom = false;
        Refused("actor.mailboxMax");
        _environment.HasRoom = true;
        _environment.RoomFor = 1;
        Assert.Equal(0, Answer($"(i32.add {Send} (i32.const 0))"));
        Assert.Equal(-3, Answer($"(drop {Send}) {Send}")); // what it sends itself takes room as well
        _environment.RoomFor = int.MaxValue;
        Deploy("other", Wat.Echo, limits: new() { DepthMax = 0 });
        Refused("limits.depthMax");
        Deploy("other", Wat.Echo, limits: new() { InputBytesMax = FunctionLimits.BytesCeiling });
        Assert.Equal(0, Answer(Send, input: new byte[FunctionBounds.MessageBytesMax], memory: "3"));
        Refused("message bytes", input: new byte[FunctionBounds.MessageBytesMax + 1]);
        Refused("limits.fanOutMax", limits: new() { FanOutMax = 0 });
        InvocationOutcome toItself = Run(Wat.Reactor($"(i32.store (i32.const 1024) {Send}) (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 4))",
            before: """(data (i32.const 64) "probe/k")"""));
        Assert.Equal(-1, BitConverter.ToInt32(toItself.Output.Span)); // the probe is not deployed in this environment
        _environment.Functions["probe"] = _environment.Functions["other"];
        toItself = Run(Wat.Reactor($"(i32.store (i32.const 1024) {Send}) (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 4))",
            before: """(data (i32.const 64) "probe/k")"""));
        Assert.Equal((-3, "message to itself"), (BitConverter.ToInt32(toItself.Output.Span), toItself.Limit));

        void Refused(string limit, byte[]? input = null, FunctionLimits? limits = null)
        {
            InvocationOutcome outcome = Run(Module(Send, "3"), input, limits: limits);
            Assert.Equal((InvocationEnd.Completed, -3, limit), (outcome.End, BitConverter.ToInt32(outcome.Output.Span), outcome.Limit));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    public void Traps_on_what_is_no_priority(int priority) =>
        Assert.Equal($"send: expected a priority of 0 to 9, found {priority}",
            Run(Module($"(call $send (i32.const 64) (i32.const 7) (local.get 0) (local.get 1) (i32.const {priority}))")).Reason);

    [Fact]
    public void Calls_an_actor_which_keeps_its_memory_with_the_callers_commit_or_not_at_all()
    {
        Deploy("other", Wat.Answer(Remember));
        Assert.Equal(InvocationEnd.Trapped, Run(Wat.Reactor($"(drop {CallOther}) unreachable", """(data (i32.const 64) "other/k")"""), "lost"u8.ToArray()).End);
        Assert.Empty(_environment.State);
        Assert.Equal(4, Answer(CallOther, input: "kept"u8.ToArray()));
        Assert.Equal("kept", Encoding.UTF8.GetString(ActorRecord.MemoryOf(_environment.State["\u0003k"]).Span));
        Assert.Equal([new("other", "k"), new("other", "k")], _environment.Entered);
    }

    [Fact]
    public void What_a_called_actor_remembered_before_it_trapped_goes()
    {
        Deploy("other", Wat.Reactor($"(drop {Remember}) unreachable"));
        Assert.Equal(-5, Answer(CallOther, input: "lost"u8.ToArray()));
        Assert.Empty(_environment.State);
    }

    [Fact]
    public void A_call_to_a_busy_actor_is_answered_at_once()
    {
        Deploy("other", Wat.Echo);
        _environment.OnEnter = _ => (false, default);
        Assert.Equal(-6, Answer(CallOther));
        Assert.Empty(_environment.Callees);
    }

    [Fact]
    public void A_key_of_a_function_without_actors_is_answered_as_absent()
    {
        Deploy("other", Wat.Echo, actor: null);
        Assert.Equal(-1, Answer(CallOther));
        Assert.Empty(_environment.Entered);
    }

    [Fact]
    public void An_actor_that_calls_itself_is_refused_instead_of_waiting_for_ever()
    {
        byte[] module = Module(CallOther);
        Deploy("other", module);
        using DeployedFunction actor = _runtime.Install(Wat.Manifest(module) with { Name = "other", Actor = new() }, module);
        _environment.Actor = "k";
        InvocationOutcome outcome = _runtime.Invoke(actor, default, _environment, TestContext.Current.CancellationToken);
        Assert.Equal((-3, "call to itself"), (BitConverter.ToInt32(outcome.Output.Span), outcome.Limit));
        Assert.Empty(_environment.Entered);
        _environment.Actor = "another"; // calls other/k, which calls other/k
        outcome = _runtime.Invoke(actor, default, _environment, TestContext.Current.CancellationToken);
        Assert.Equal(4, BitConverter.ToInt32(outcome.Output.Span));
        Assert.Equal("call to itself", _environment.Callees.Single().Outcome.Limit);
    }

    [Fact]
    public void An_actor_that_calls_itself_through_another_function_is_refused()
    {
        byte[] between = Wat.Reactor($"(i32.store (i32.const 1024) {CallOther}) (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 4))", """(data (i32.const 64) "probe/k")""");
        Deploy("other", between, actor: null);
        byte[] module = Wat.Reactor($"""
            (i32.store (i32.const 1024) (call $invoke (i32.const 64) (i32.const 5) (local.get 0) (local.get 1)))
            (drop (call $invoke_output (i32.const 1024) (i32.const 4)))
            (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 4))
            """, """(data (i32.const 64) "other")""");
        Deploy("probe", module);
        _environment.Actor = "k";
        InvocationOutcome outcome = _runtime.Invoke(_environment.Functions["probe"], default, _environment, TestContext.Current.CancellationToken);
        Assert.Equal(-3, BitConverter.ToInt32(outcome.Output.Span));
        Assert.Equal(("other", "call to itself"), (_environment.Callees.Single().Function, _environment.Callees.Single().Outcome.Limit));
    }

    [Fact]
    public void A_called_actor_that_wants_batches_gets_an_array_of_one()
    {
        Deploy("other", Wat.Echo);
        _environment.OnEnter = _ => (true, new(ActorPolicyKind.Batch, 8));
        byte[] module = Wat.Reactor($"(drop {CallOther}) (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.extend_i32_u (call $invoke_output (i32.const 1024) (i32.const 64))))",
            """(data (i32.const 64) "other/k")""");
        Assert.Equal("8143616263", Convert.ToHexString(Run(module, "abc"u8.ToArray()).Output.Span));
    }

    [Fact]
    public void Fused_functions_have_no_actors()
    {
        Deploy("other", Wat.Echo);
        var other = new FusedFunction(_environment.Functions["other"], _environment);
        Assert.False(FunctionRuntime.CanFuse(other.Function.Manifest, other.Function.Manifest));
        Assert.Throws<ArgumentException>(() => _runtime.InvokeFused([other, other], new(ReadOnlyMemory<byte>.Empty), TestContext.Current.CancellationToken));
    }

    private static byte[] Module(string call, string memory = "1") => Wat.Reactor(
        $"(i32.store (i32.const 1024) {call}) (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 4))", """(data (i32.const 64) "other/k")""", memory);

    private void Deploy(string name, byte[] module, FunctionLimits? limits = null) => Deploy(name, module, new(), limits);

    private void Deploy(string name, byte[] module, FunctionActor? actor, FunctionLimits? limits = null)
    {
        if (_environment.Functions.Remove(name, out DeployedFunction? before))
            before.Dispose();
        _environment.Functions[name] = _runtime.Install(new()
        {
            Name = name,
            Version = "1",
            Kind = FunctionKind.Reactor,
            ModuleDigest = SHA256.HashData(module),
            Limits = limits ?? FunctionLimits.Default,
            Actor = actor,
        }, module);
    }

    private int Answer(string call, byte[]? input = null, FunctionActor? actor = null, FunctionLimits? limits = null, string memory = "1")
    {
        InvocationOutcome outcome = Run(Module(call, memory), input, actor, limits);
        Assert.Equal(InvocationEnd.Completed, outcome.End);
        return BitConverter.ToInt32(outcome.Output.Span);
    }

    private InvocationOutcome Run(byte[] module, byte[]? input = null, FunctionActor? actor = null, FunctionLimits? limits = null)
    {
        using DeployedFunction function = _runtime.Install(Wat.Manifest(module) with { Actor = actor ?? new(), Limits = limits ?? FunctionLimits.Default }, module);
        return _runtime.Invoke(function, input ?? [], _environment, TestContext.Current.CancellationToken);
    }
}
