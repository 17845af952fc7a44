using System.Buffers.Binary;
using System.Text;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Runtime;

/// <summary>What a well-behaved function gets from its node.</summary>
public sealed class HostCallTests : IDisposable
{
    private const string Key = "(i32.const 16) (i32.const 3)";
    private const string Value = "(i32.const 32) (i32.const 5)";

    private readonly FunctionRuntime _runtime = new(new());
    private readonly TestEnvironment _environment = new();

    public void Dispose() => _runtime.Dispose();

    [Theory]
    [InlineData(-1, null, "(call $state_size (i32.const 16) (i32.const 3))")]
    [InlineData(4, "kept", "(call $state_size (i32.const 16) (i32.const 3))")]
    [InlineData(0, "", "(call $state_size (i32.const 16) (i32.const 3))")]
    [InlineData(-1, null, "(call $state_get (i32.const 16) (i32.const 3) (i32.const 512) (i32.const 8))")]
    [InlineData(4, "kept", "(call $state_get (i32.const 16) (i32.const 3) (i32.const 512) (i32.const 4))")]
    [InlineData(-2, "kept", "(call $state_get (i32.const 16) (i32.const 3) (i32.const 512) (i32.const 3))")]
    [InlineData(-1, null, "(call $state_delete (i32.const 16) (i32.const 3))")]
    [InlineData(0, "kept", "(call $state_delete (i32.const 16) (i32.const 3))")]
    [InlineData(4, null, "(call $node_fact (i32.const 48) (i32.const 13) (i32.const 512) (i32.const 4))")]
    [InlineData(-2, null, "(call $node_fact (i32.const 48) (i32.const 13) (i32.const 512) (i32.const 3))")]
    [InlineData(-1, null, "(call $node_fact (i32.const 16) (i32.const 3) (i32.const 512) (i32.const 4))")]
    public void Answers(int expected, string? stored, string call)
    {
        if (stored is not null)
            _environment.State["key"] = Encoding.UTF8.GetBytes(stored);
        Assert.Equal(expected, Answer(call));
    }

    [Fact]
    public void Reads_the_value_into_the_buffer()
    {
        _environment.State["key"] = "kept"u8.ToArray();
        byte[] module = Modules.Reactor($"(drop (call $state_get {Key} (i32.const 512) (i32.const 8))) i64.const 0x0000020000000004");
        Assert.Equal("kept"u8.ToArray(), _runtime.InstallAndInvoke(module, _environment).Output.ToArray());
    }

    [Fact]
    public void Sees_its_own_writes_and_commits_the_last_word_on_each_key_once()
    {
        string body = $"(drop (call $state_put {Key} {Value})) (drop (call $state_put {Key} (i32.const 32) (i32.const 2)))"
            + $"(i32.store (i32.const 1024) (call $state_size {Key})) i64.const 0x0000040000000004";
        InvocationOutcome outcome = _runtime.InstallAndInvoke(Modules.Reactor(body), _environment);
        Assert.Equal(2, BinaryPrimitives.ReadInt32LittleEndian(outcome.Output.Span));
        Assert.Equal("va"u8.ToArray(), _environment.State["key"].ToArray());
        Assert.Equal(1, _environment.Commits);
    }

    [Fact]
    public void Leaves_no_trace_when_it_traps()
    {
        _environment.State["key"] = "kept"u8.ToArray();
        string body = $"(drop (call $state_put {Key} {Value})) (drop (call $emit {Key} {Value})) unreachable";
        Assert.Equal(InvocationEnd.Trapped, _runtime.InstallAndInvoke(Modules.Reactor(body), _environment).End);
        Assert.Equal("kept"u8.ToArray(), _environment.State["key"].ToArray());
        Assert.Empty(_environment.Emissions);
        Assert.Equal(0, _environment.Commits);
    }

    [Fact]
    public void Deletes_when_it_completes()
    {
        _environment.State["key"] = "kept"u8.ToArray();
        Assert.Equal(0, Answer($"(call $state_delete {Key})"));
        Assert.Empty(_environment.State);
    }

    [Fact]
    public void Refuses_state_to_a_function_that_does_not_ask_for_it()
    {
        _environment.State["key"] = "kept"u8.ToArray();
        Assert.Equal(-3, Answer($"(call $state_put {Key} {Value})", FunctionNeeds.None));
        Assert.Equal(-1, Answer($"(call $state_size {Key})", FunctionNeeds.None));
        Assert.Equal(0, _environment.Commits);
    }

    [Theory]
    [InlineData(0, -3, 0)]
    [InlineData(1, -3, 1)]
    [InlineData(2, 0, 2)]
    public void Emits_up_to_the_fan_out(int fanOut, int second, int emitted)
    {
        byte[] module = Modules.Reactor($"(drop (call $emit {Key} {Value})) (i32.store (i32.const 1024) (call $emit {Key} {Value})) i64.const 0x0000040000000004");
        InvocationOutcome outcome = _runtime.InstallAndInvoke(module, _environment, new() { FanOutMax = fanOut });
        Assert.Equal(second, BinaryPrimitives.ReadInt32LittleEndian(outcome.Output.Span));
        Assert.Equal(emitted, _environment.Emissions.Count);
        Assert.All(_environment.Emissions, e => Assert.Equal(("key", "value"), (e.Topic, Encoding.UTF8.GetString(e.Payload.Span))));
    }

    // 64 keys of one byte at 64 to 127; the 65th is refused, one that is known already is not.
    [Fact]
    public void Changes_at_most_64_keys()
    {
        const string Loop = """
            (local $i i32) (local $r i32)
            (loop $l
              (i32.store8 (i32.const 200) (i32.add (local.get $i) (i32.const 33)))
              (local.set $r (call $state_put (i32.const 200) (i32.const 1) (i32.const 32) (i32.const 1)))
              (br_if $l (i32.and (i32.eqz (local.get $r)) (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 90)))))
            (i32.store (i32.const 1024) (local.get $i))
            (i32.store8 (i32.const 200) (i32.const 33))
            (i32.store (i32.const 1028) (call $state_put (i32.const 200) (i32.const 1) (i32.const 32) (i32.const 2)))
            i64.const 0x0000040000000008
            """;
        InvocationOutcome outcome = _runtime.InstallAndInvoke(Modules.Reactor(Loop), _environment);
        Assert.Equal(FunctionBounds.StateChangesMax + 1, BinaryPrimitives.ReadInt32LittleEndian(outcome.Output.Span));
        Assert.Equal(0, BinaryPrimitives.ReadInt32LittleEndian(outcome.Output.Span[4..]));
        Assert.Equal(FunctionBounds.StateChangesMax, _environment.State.Count);
    }

    [Fact]
    public void Writes_at_most_two_mebibytes()
    {
        const string Two = "(call $state_put (i32.const 16) (i32.const 3) (i32.const 0) (i32.const 1048576))";
        string body = $"(drop {Two}) (drop {Two}) (i32.store (i32.const 1024) (call $emit (i32.const 16) (i32.const 3) (i32.const 0) (i32.const 1))) i64.const 0x0000040000000004";
        InvocationOutcome outcome = _runtime.InstallAndInvoke(Modules.Reactor(body, memory: "16"), _environment);
        Assert.Equal(-3, BinaryPrimitives.ReadInt32LittleEndian(outcome.Output.Span));
    }

    [Fact]
    public void Logs_in_order_with_its_level()
    {
        _runtime.InstallAndInvoke(Modules.Reactor($"(call $log (i32.const 1) {Key}) (call $log (i32.const 3) {Value}) i64.const 0"), _environment);
        Assert.Equal(["Information: key", "Error: value"], _environment.Lines);
    }

    [Fact]
    public void Keeps_64_log_lines_and_counts_the_rest()
    {
        string body = string.Concat(Enumerable.Repeat($"(call $log (i32.const 0) {Key})", 66)) + " i64.const 0";
        InvocationOutcome outcome = _runtime.InstallAndInvoke(Modules.Reactor(body), _environment);
        Assert.Equal((64, 2), (_environment.Lines.Count, outcome.LogLinesLost));
    }

    [Fact]
    public void Tells_mission_time_and_what_is_left_of_it()
    {
        _environment.Deadline = _environment.Time.GetUtcNow().AddSeconds(90);
        const string Body = "(i64.store (i32.const 1024) (call $deadline_ms)) (i64.store (i32.const 1032) (call $time_ms)) i64.const 0x0000040000000010";
        ReadOnlySpan<byte> output = _runtime.InstallAndInvoke(Modules.Reactor(Body), _environment).Output.Span;
        Assert.Equal(90_000, BinaryPrimitives.ReadInt64LittleEndian(output));
        Assert.Equal((long)(new DateTime(2026, 11, 1, 12, 0, 0) - new DateTime(2000, 1, 1)).TotalMilliseconds, BinaryPrimitives.ReadInt64LittleEndian(output[8..]));
        _environment.Deadline = null;
        Assert.Equal(long.MaxValue, BinaryPrimitives.ReadInt64LittleEndian(_runtime.InstallAndInvoke(Modules.Reactor(Body), _environment).Output.Span));
    }

    // The first outputs of SplitMix64 from seed 0 are published with the algorithm: e220a8397b1dcdaf, 6e789e6aa1b965f4.
    [Fact]
    public void Draws_the_published_numbers_from_seed_zero()
    {
        byte[] module = Modules.Reactor("(call $random (i32.const 1024) (i32.const 12)) i64.const 0x000004000000000c");
        byte[] drawn = _runtime.InstallAndInvoke(module, new TestEnvironment { Seed = 0 }).Output.ToArray();
        Assert.Equal(0xe220a8397b1dcdaf, BinaryPrimitives.ReadUInt64LittleEndian(drawn));
        Assert.Equal(0xa1b965f4, BinaryPrimitives.ReadUInt32LittleEndian(drawn.AsSpan(8)));
        Assert.NotEqual(drawn, _runtime.InstallAndInvoke(module, new TestEnvironment { Seed = 1 }).Output.ToArray());
    }

    [Fact]
    public void Lets_the_nodes_own_exception_through_and_serves_on()
    {
        var broken = new TestEnvironment { OnState = _ => throw new IOException("the disk is gone") };
        byte[] module = Modules.Answer($"(call $state_size {Key})");
        Assert.Equal("the disk is gone", Assert.Throws<IOException>(() => _runtime.InstallAndInvoke(module, broken)).Message);
        Assert.Equal(-1, Answer($"(call $state_size {Key})"));
    }

    private int Answer(string call, FunctionNeeds needs = FunctionNeeds.State)
    {
        byte[] module = Modules.Answer(call);
        using DeployedFunction function = _runtime.Install(Modules.Manifest(module) with { Needs = needs }, module);
        InvocationOutcome outcome = _runtime.Invoke(function, default, _environment, CancellationToken.None);
        Assert.True(outcome.Succeeded, outcome.Reason);
        return BinaryPrimitives.ReadInt32LittleEndian(outcome.Output.Span);
    }
}
