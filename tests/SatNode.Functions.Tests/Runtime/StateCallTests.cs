using System.Text;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Runtime;

/// <summary>Versions, compare-and-set, lists and the bound of a function's state; "key" stands at 16, "value" at 32.</summary>
public sealed class StateCallTests : IDisposable
{
    private readonly FunctionRuntime _runtime = new(new());
    private readonly TestEnvironment _environment = new();

    public void Dispose() => _runtime.Dispose();

    [Fact]
    public void A_version_grows_with_each_write_and_is_seen_at_once()
    {
        const string Put = "(drop (call $state_put (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5)))";
        const string Version = "(i32.wrap_i64 (call $state_version (i32.const 16) (i32.const 3)))";
        Assert.Equal(-1, Answer(Version));
        _environment.State["key"] = new byte[1];
        _environment.Versions["key"] = 41;
        Assert.Equal(41, Answer(Version));
        Assert.Equal(42, Answer($"(block (result i32) {Put} {Version})"));
        Assert.Equal(-1, Answer($"(block (result i32) (drop (call $state_delete (i32.const 16) (i32.const 3))) {Version})"));
    }

    [Theory]
    [InlineData(0, false, 0)] // expected absent, and it is
    [InlineData(0, true, -4)]
    [InlineData(7, true, 0)]
    [InlineData(6, true, -4)]
    [InlineData(8, true, -4)]
    [InlineData(7, false, -4)]
    [InlineData(-1, false, -4)] // what state_version answers for absent is no version
    public void Sets_only_what_is_as_expected(long expected, bool isThere, int answer)
    {
        if (isThere)
            (_environment.State["key"], _environment.Versions["key"]) = (new byte[1], 7);
        Assert.Equal(answer, Answer($"(call $state_compare_and_set (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5) (i64.const {expected}))"));
        Assert.Equal(answer == 0 ? "value" : isThere ? "\0" : null, _environment.State.TryGetValue("key", out ReadOnlyMemory<byte> now) ? Encoding.UTF8.GetString(now.Span) : null);
    }

    [Fact]
    public void What_changed_before_the_commit_is_a_conflict_and_leaves_no_trace()
    {
        _environment.OnCommit = CommitResult.Conflict;
        InvocationOutcome outcome = Run("(call $state_compare_and_set (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5) (i64.const 0))");
        Assert.Equal((InvocationEnd.Conflict, 0), (outcome.End, outcome.Output.Length));
        Assert.Empty(_environment.State);
    }

    [Fact]
    public void The_expectation_of_the_first_write_is_what_the_commit_checks()
    {
        Assert.True(Run("""
            (block (result i32)
              (drop (call $state_compare_and_set (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5) (i64.const 0)))
              (call $state_compare_and_set (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 2) (i64.const 1)))
            """).Succeeded);
        StateChange change = Assert.Single(_environment.Effects.Single().Changes);
        Assert.Equal(("key", 0UL, "va"), (change.Key, change.Expected, Encoding.UTF8.GetString(change.Value!.Value.Span)));
    }

    [Fact]
    public void Lists_the_keys_of_a_prefix_as_the_invocation_sees_them()
    {
        foreach (string key in (string[])["kb", "ka", "other", "key"])
            _environment.State[key] = new byte[1];
        string body = """
            (drop (call $state_delete (i32.const 16) (i32.const 3)))
            (drop (call $state_put (i32.const 16) (i32.const 2) (i32.const 32) (i32.const 1)))
            (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.extend_i32_u (call $state_list (i32.const 16) (i32.const 1) (i32.const 1024) (i32.const 9))))
            """;
        Assert.Equal("ka\0kb\0ke\0", Encoding.UTF8.GetString(_runtime.InstallAndInvoke(Modules.Reactor(body), _environment).Output.Span));
    }

    [Theory]
    [InlineData(5, -2)]
    [InlineData(6, 6)]
    public void A_list_that_does_not_fit_says_so(int capacity, int answer)
    {
        (_environment.State["k1"], _environment.State["k2"]) = (new byte[1], new byte[1]);
        Assert.Equal(answer, Answer($"(call $state_list (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const {capacity}))"));
    }

    [Theory]
    [InlineData(8, 0)]
    [InlineData(7, -3)]
    public void State_is_bounded_by_the_manifest(int stateBytesMax, int answer)
    {
        InvocationOutcome outcome = Run("(call $state_put (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5))", new() { StateBytesMax = stateBytesMax });
        Assert.Equal((answer, answer == 0 ? "" : "limits.stateBytesMax"), (BitConverter.ToInt32(outcome.Output.Span), outcome.Limit));
    }

    [Fact]
    public void What_replaces_counts_only_what_it_adds()
    {
        _environment.State["key"] = new byte[5];
        Assert.Equal(0, BitConverter.ToInt32(Run("(call $state_put (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5))", new() { StateBytesMax = 8 }).Output.Span));
    }

    [Theory]
    [InlineData(FunctionBounds.StateWritesMax, "")]
    [InlineData(FunctionBounds.StateWritesMax + 1, "state writes")]
    public void Writes_are_bounded_even_to_one_key_and_of_no_bytes(int writes, string limit)
    {
        string body = $"(local $n i32) (loop $l (drop (call $state_put (i32.const 16) (i32.const 3) (i32.const 0) (i32.const 0))) (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const {writes})))) i64.const 0";
        InvocationOutcome outcome = _runtime.InstallAndInvoke(Modules.Reactor(body), _environment, new() { HostCallsMax = FunctionLimits.HostCallsCeiling });
        Assert.Equal((InvocationEnd.Completed, limit), (outcome.End, outcome.Limit));
    }

    [Theory]
    [InlineData(3, InvocationEnd.Completed)]
    [InlineData(2, InvocationEnd.Trapped)]
    public void Host_calls_are_bounded_by_the_manifest(int hostCallsMax, InvocationEnd end)
    {
        const string Call = "(drop (call $time_ms))";
        InvocationOutcome outcome = _runtime.InstallAndInvoke(Modules.Reactor($"{Call} {Call} {Call} i64.const 0"), _environment, new() { HostCallsMax = hostCallsMax });
        Assert.Equal((end, end == InvocationEnd.Completed ? "" : "limits.hostCallsMax"), (outcome.End, outcome.Limit));
    }

    private int Answer(string call) => BitConverter.ToInt32(Run(call).Output.Span);

    private InvocationOutcome Run(string call, FunctionLimits? limits = null) => _runtime.InstallAndInvoke(Modules.Answer(call), _environment, limits);
}
