using System.Security.Cryptography;
using System.Text;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Runtime;

/// <summary>Functions that call others: bytes straight from memory to memory, one budget, one commit, and no way to go on for ever.</summary>
public sealed class NestedInvocationTests : IDisposable
{
    // Calls the function whose name stands at 64, gives what it answered and the first bytes of its output.
    private const string CallsOther = """
        (i32.store (i32.const 1024) (call $invoke (i32.const 64) (i32.const 5) (local.get 0) (local.get 1)))
        (i32.store (i32.const 1028) (call $invoke_output (i32.const 1032) (i32.const 64)))
        """;

    private const string Gives = "(i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 32))";

    private readonly FunctionRuntime _runtime = new(new());
    private readonly TestEnvironment _environment = new();

    public void Dispose()
    {
        foreach (DeployedFunction function in _environment.Functions.Values)
            function.Dispose();
        _runtime.Dispose();
    }

    [Fact]
    public void Hands_bytes_to_another_function_and_takes_its_output()
    {
        Deploy("other", Modules.Echo);
        InvocationOutcome outcome = Run(CallsOther + Gives, "hello"u8.ToArray());
        Assert.Equal(InvocationEnd.Completed, outcome.End);
        Assert.Equal((5, 5, "hello"), (BitConverter.ToInt32(outcome.Output.Span), BitConverter.ToInt32(outcome.Output.Span[4..]), Encoding.UTF8.GetString(outcome.Output.Span[8..13])));
        Assert.Equal(("other", InvocationEnd.Completed), (_environment.Callees.Single().Function, _environment.Callees.Single().Outcome.End));
    }

    [Fact]
    public void Answers_when_there_is_no_such_function()
    {
        InvocationOutcome outcome = Run(CallsOther + Gives);
        Assert.Equal((-1, -1), (BitConverter.ToInt32(outcome.Output.Span), BitConverter.ToInt32(outcome.Output.Span[4..])));
    }

    [Fact]
    public void What_a_failed_callee_wrote_goes_and_its_caller_goes_on()
    {
        Deploy("other", Modules.Reactor("(drop (call $state_put (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5))) unreachable"));
        InvocationOutcome outcome = Run("(drop (call $state_put (i32.const 32) (i32.const 5) (i32.const 16) (i32.const 3)))" + CallsOther + Gives);
        Assert.Equal((InvocationEnd.Completed, -5), (outcome.End, BitConverter.ToInt32(outcome.Output.Span)));
        Assert.Equal(["value"], _environment.State.Keys);
        Assert.Equal(1, _environment.Commits);
    }

    [Fact]
    public void What_a_callee_wrote_is_kept_with_what_its_caller_wrote_or_not_at_all()
    {
        Deploy("other", Modules.Reactor("(drop (call $state_put (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5))) i64.const 0"));
        Assert.Equal(InvocationEnd.Trapped, Run(CallsOther + "unreachable").End);
        Assert.Empty(_environment.State);
        Assert.Equal(InvocationEnd.Completed, Run(CallsOther + Gives).End);
        Assert.Equal((1, 1), (_environment.State.Count, _environment.Commits));
    }

    [Fact]
    public void A_callee_runs_on_its_callers_fuel()
    {
        Deploy("other", Modules.Reactor("(loop $l br $l) i64.const 0"), new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = FunctionLimits.TimeCeiling });
        InvocationOutcome outcome = Run(CallsOther + Gives, limits: new() { FuelMax = 1_000_000 });
        Assert.Equal((InvocationEnd.OutOfFuel, "limits.fuelMax"), (outcome.End, outcome.Limit));
        Assert.InRange(outcome.FuelUsed, 999_000u, 1_000_000u);
    }

    [Fact]
    public void A_callee_ends_with_its_callers_time()
    {
        Deploy("other", Modules.Reactor("(loop $l br $l) i64.const 0"), new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = FunctionLimits.TimeCeiling });
        InvocationOutcome outcome = Run(CallsOther + Gives, limits: new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = TimeSpan.FromMilliseconds(20) });
        Assert.Equal((InvocationEnd.DeadlineExceeded, "limits.timeMax"), (outcome.End, outcome.Limit));
    }

    [Fact]
    public void A_callee_that_uses_its_own_time_leaves_its_caller_the_rest()
    {
        Deploy("other", Modules.Reactor("(loop $l br $l) i64.const 0"), new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = TimeSpan.FromMilliseconds(10) });
        InvocationOutcome outcome = Run(CallsOther + Gives, limits: new() { FuelMax = FunctionLimits.FuelCeiling });
        Assert.Equal((InvocationEnd.Completed, -5), (outcome.End, BitConverter.ToInt32(outcome.Output.Span)));
        Assert.Equal("limits.timeMax", _environment.Callees.Single().Outcome.Limit);
    }

    [Theory]
    [InlineData(FunctionLimits.FuelCeiling, 1_000_000UL, false)] // its own fuel
    [InlineData(1_000_000UL, 2_000_000UL, true)] // what its caller had left
    [InlineData(1_000_000UL, 1_000_000UL, true)] // some of it was its caller's already
    public void Running_out_of_fuel_is_the_fault_of_whose_it_was(ulong callersFuel, ulong fuel, bool isCallers)
    {
        Deploy("other", Modules.Reactor("(loop $l br $l) i64.const 0"), new() { FuelMax = fuel });
        InvocationOutcome outcome = Run(CallsOther + Gives, limits: new() { FuelMax = callersFuel });
        InvocationOutcome callee = Assert.Single(_environment.Callees).Outcome;
        Assert.Equal((InvocationEnd.OutOfFuel, isCallers, !isCallers), (callee.End, callee.IsCallersLimit, callee.IsOffence));
        Assert.Equal((!isCallers, isCallers), (outcome.Succeeded, outcome.IsOffence));
    }

    [Theory]
    [InlineData(1000, 20, false)]
    [InlineData(20, 1000, true)]
    public void Running_out_of_time_is_the_fault_of_whose_it_was(int callersMilliseconds, int milliseconds, bool isCallers)
    {
        Deploy("other", Modules.Reactor("(loop $l br $l) i64.const 0"), new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = TimeSpan.FromMilliseconds(milliseconds) });
        InvocationOutcome outcome = Run(CallsOther + Gives, limits: new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = TimeSpan.FromMilliseconds(callersMilliseconds) });
        InvocationOutcome callee = Assert.Single(_environment.Callees).Outcome;
        Assert.Equal((InvocationEnd.DeadlineExceeded, isCallers, !isCallers), (callee.End, callee.IsCallersLimit, callee.IsOffence));
        Assert.Equal((!isCallers, isCallers), (outcome.Succeeded, outcome.IsOffence));
    }

    [Fact] // A calls B, which calls C, which runs for ever: A's fuel ends it, and only A broke a limit
    public void Two_levels_down_it_is_still_the_fault_of_whose_it_was()
    {
        Deploy("third", Modules.Reactor("(loop $l br $l) i64.const 0"), new() { FuelMax = FunctionLimits.FuelCeiling });
        Deploy("other", Modules.Reactor(CallsOther + Gives, before: """(data (i32.const 64) "third")"""), new() { FuelMax = FunctionLimits.FuelCeiling });
        Assert.True(Run(CallsOther + Gives, limits: new() { FuelMax = 1_000_000 }).IsOffence);
        Assert.Equal([("third", true, false), ("other", true, false)], _environment.Callees.Select(callee => (callee.Function, callee.Outcome.IsCallersLimit, callee.Outcome.IsOffence)));
    }

    [Fact]
    public void A_trap_of_a_callee_is_its_own_fault_and_giving_up_is_nobodys()
    {
        Deploy("other", Modules.Reactor("unreachable"));
        Assert.False(Run(CallsOther + Gives).IsOffence);
        Deploy("other", Modules.Reactor("(call $abort (i32.const 7) (i32.const 16) (i32.const 3)) i64.const 0"));
        Assert.False(Run(CallsOther + Gives).IsOffence);
        Assert.Equal([true, false], _environment.Callees.Select(callee => callee.Outcome.IsOffence));
    }

    [Fact]
    public void A_function_that_is_held_back_is_not_called_either()
    {
        Deploy("other", Modules.Echo);
        _environment.HeldBack.Add("other");
        InvocationOutcome outcome = Run(CallsOther + Gives);
        Assert.Equal((-3, "quarantine"), (BitConverter.ToInt32(outcome.Output.Span), outcome.Limit));
        Assert.Empty(_environment.Callees);
        _environment.HeldBack.Clear();
        Assert.Equal(0, BitConverter.ToInt32(Run(CallsOther + Gives).Output.Span));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Two_functions_that_call_each_other_end_at_the_depth_of_the_manifest(int depthMax)
    {
        // Each calls the other, whose name stands at 64; the deepest is refused.
        byte[] module = Modules.Reactor(CallsOther + Gives, before: """(data (i32.const 64) "other")""");
        Deploy("other", module, new() { DepthMax = depthMax });
        InvocationOutcome outcome = Run(CallsOther + Gives);
        Assert.Equal(InvocationEnd.Completed, outcome.End);
        Assert.Equal(depthMax, _environment.Callees.Count);
        if (depthMax == 0)
            Assert.Equal((-3, "limits.depthMax"), (BitConverter.ToInt32(outcome.Output.Span), outcome.Limit));
    }

    [Fact]
    public void Recursion_is_bounded_whatever_the_manifest_says()
    {
        byte[] module = Modules.Reactor(CallsOther + Gives, before: """(data (i32.const 64) "other")""");
        Deploy("other", module, new() { DepthMax = FunctionLimits.DepthCeiling });
        Assert.Equal(InvocationEnd.Completed, Run(CallsOther + Gives).End);
        Assert.Equal(FunctionBounds.NestedMax, _environment.Callees.Count);
    }

    [Fact]
    public void A_depth_from_another_node_counts()
    {
        Deploy("other", Modules.Echo, new() { DepthMax = 4 });
        var deep = new TestEnvironment { Depth = 4 };
        foreach ((string name, DeployedFunction function) in _environment.Functions)
            deep.Functions[name] = function;
        InvocationOutcome outcome = Run(CallsOther + Gives, environment: deep);
        Assert.Equal((-3, "limits.depthMax"), (BitConverter.ToInt32(outcome.Output.Span), outcome.Limit));
    }

    [Theory]
    [InlineData(18, 0)]
    [InlineData(17, -3)]
    public void State_is_bounded_over_all_calls_of_an_invocation(int stateBytesMax, int answer)
    {
        // Puts "value" under the four bytes of its input, and gives what that answered.
        Deploy("other", Modules.Reactor("(i32.store (i32.const 1024) (call $state_put (local.get 0) (local.get 1) (i32.const 32) (i32.const 5))) (i64.const 0x0000_0400_0000_0004)"),
            new() { StateBytesMax = stateBytesMax });
        const string Calls = "(drop (call $invoke (i32.const 64) (i32.const 5) (i32.const 16) (i32.const 4)))";
        InvocationOutcome outcome = _runtime.InstallAndInvoke(Modules.Reactor($"{Calls} (i32.store (i32.const 16) (i32.const 0x64636261)) {Calls} (drop (call $invoke_output (i32.const 1024) (i32.const 4))) (i64.const 0x0000_0400_0000_0004)",
            before: """(data (i32.const 64) "other") (data (i32.const 16) "keys")"""), _environment);
        Assert.Equal((InvocationEnd.Completed, answer), (outcome.End, BitConverter.ToInt32(outcome.Output.Span)));
    }

    [Fact]
    public void What_is_kept_of_called_functions_is_bounded_for_all_and_comes_free()
    {
        using var runtime = new FunctionRuntime(new() { InstancesMax = 16 });
        using DeployedFunction other = runtime.Install(Modules.Manifest(Modules.Echo) with { Name = "other" }, Modules.Echo);
        byte[] holds = Modules.Reactor(CallsOther + "(drop (call $state_size (i32.const 16) (i32.const 3)))" + Gives, before: """(data (i32.const 64) "other")""");
        using var arrived = new CountdownEvent(FunctionBounds.NestedInstancesMax);
        using var goOn = new ManualResetEventSlim();
        InvocationOutcome Hold() => runtime.InstallAndInvoke(holds, With(other, () =>
        {
            arrived.Signal();
            goOn.Wait();
        }));
        Task<InvocationOutcome>[] holders = [.. Enumerable.Range(0, FunctionBounds.NestedInstancesMax).Select(_ => Task.Factory.StartNew(Hold, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        arrived.Wait(TestContext.Current.CancellationToken);
        InvocationOutcome refused = runtime.InstallAndInvoke(holds, With(other, () => { }));
        goOn.Set();
        Assert.All(holders, holder => Assert.Equal(0, BitConverter.ToInt32(holder.GetAwaiter().GetResult().Output.Span)));
        Assert.Equal((-3, "nested instances"), (BitConverter.ToInt32(refused.Output.Span), refused.Limit));
        Assert.Equal(0, BitConverter.ToInt32(runtime.InstallAndInvoke(holds, With(other, () => { })).Output.Span));
    }

    private static TestEnvironment With(DeployedFunction other, Action onState)
    {
        var environment = new TestEnvironment
        {
            OnState = _ =>
            {
                onState();
                return null;
            },
        };
        environment.Functions["other"] = other;
        return environment;
    }

    // Each level goes some 400 KiB deep before it calls the next, and the call of the last is refused.
    [Fact]
    public void Functions_that_call_each_other_deep_down_have_stack_enough()
    {
        const string Deep = """
            (data (i32.const 64) "other")
            (func $down (param $n i32) (param $at i32) (param $length i32) (result i32)
              (if (result i32) (i32.eqz (local.get $n))
                (then (call $invoke (i32.const 64) (i32.const 5) (local.get $at) (local.get $length)))
                (else (i32.add (call $down (i32.sub (local.get $n) (i32.const 1)) (local.get $at) (local.get $length)) (i32.const 0)))))
            """;
        byte[] module = Modules.Reactor("(i32.store (i32.const 1024) (call $down (i32.const 5000) (local.get 0) (local.get 1))) (i64.const 0x0000_0400_0000_0004)", before: Deep);
        Deploy("other", module, new() { DepthMax = FunctionLimits.DepthCeiling });
        InvocationOutcome outcome = default;
        var thread = new Thread(() => outcome = _runtime.InstallAndInvoke(module, _environment), FunctionBounds.ThreadStackBytes);
        thread.Start();
        thread.Join();
        Assert.Equal((InvocationEnd.Completed, FunctionBounds.NestedMax), (outcome.End, _environment.Callees.Count));
        Assert.All(_environment.Callees, callee => Assert.Equal(InvocationEnd.Completed, callee.Outcome.End));
    }

    // Large enough for large pages, neither end on the edge of one.
    [Theory]
    [InlineData(2 * 1024 * 1024)]
    [InlineData((5 * 1024 * 1024) + 77)]
    [InlineData(16 * 1024 * 1024)]
    public void Hands_a_large_payload_over_and_back_byte_for_byte(int length)
    {
        byte[] grows = Grows("(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))");
        var limits = new FunctionLimits { MemoryBytesMax = FunctionLimits.MemoryBytesCeiling, InputBytesMax = FunctionLimits.BytesCeiling, OutputBytesMax = FunctionLimits.BytesCeiling };
        Deploy("other", grows, limits);
        byte[] input = new byte[length];
        new Random(length).NextBytes(input);
        // Takes the output 3 bytes behind the input, after a place at the end of its memory was too small by one.
        byte[] calls = Grows("""
            (if (i32.ne (call $invoke (i32.const 64) (i32.const 5) (local.get 0) (local.get 1)) (local.get 1)) (then unreachable))
            (if (i32.ne (call $invoke_output (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.sub (local.get 1) (i32.const 1))) (i32.sub (local.get 1) (i32.const 1))) (i32.const -2)) (then unreachable))
            (if (i32.ne (call $invoke_output (i32.add (i32.add (local.get 0) (local.get 1)) (i32.const 3)) (local.get 1)) (local.get 1)) (then unreachable))
            (i64.or (i64.shl (i64.extend_i32_u (i32.add (i32.add (local.get 0) (local.get 1)) (i32.const 3))) (i64.const 32)) (i64.extend_i32_u (local.get 1)))
            """);
        InvocationOutcome outcome = _runtime.InstallAndInvoke(calls, _environment, limits, input);
        Assert.Equal((InvocationEnd.Completed, ""), (outcome.End, outcome.Reason));
        Assert.True(outcome.Output.Span.SequenceEqual(input));
    }

    // Room for the input twice, and a page.
    private static byte[] Grows(string body) => Modules.Text($"""
        (module
          (import "satnode" "invoke" (func $invoke (param i32 i32 i32 i32) (result i32)))
          (import "satnode" "invoke_output" (func $invoke_output (param i32 i32) (result i32)))
          (memory (export "memory") 1) (data (i32.const 64) "other")
          (func (export "satnode_alloc") (param i32) (result i32)
            (if (i32.eq (memory.grow (i32.add (i32.shr_u (local.get 0) (i32.const 15)) (i32.const 2))) (i32.const -1)) (then (return (i32.const 0))))
            i32.const 4099)
          (func (export "satnode_handle") (param i32 i32) (result i64) {body}))
        """);

    [Fact]
    public void Calls_a_command_with_its_standard_input()
    {
        byte[] module = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "functions", "greet", "greet.wasm"));
        _environment.Functions["other"] = _runtime.Install(new() { Name = "other", Version = "1", Kind = FunctionKind.Command, ModuleDigest = SHA256.HashData(module) }, module);
        InvocationOutcome outcome = Run(CallsOther + "(i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 72))", "Ada"u8.ToArray());
        Assert.StartsWith("hello Ada, this is other on", Encoding.UTF8.GetString(outcome.Output.Span[8..]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(call $invoke (i32.const 64) (i32.const 5) (i32.const 65530) (i32.const 100))")]
    [InlineData("(call $invoke (i32.const -1) (i32.const 5) (i32.const 0) (i32.const 0))")]
    [InlineData("(call $invoke (i32.const 64) (i32.const 0) (i32.const 0) (i32.const 0))")]
    [InlineData("(call $invoke (i32.const 64) (i32.const 64) (i32.const 0) (i32.const 0))")]
    [InlineData("(call $invoke_output (i32.const 65530) (i32.const 100))")]
    [InlineData("(call $state_list (i32.const 16) (i32.const 3) (i32.const -4) (i32.const 8))")]
    [InlineData("(call $state_compare_and_set (i32.const 16) (i32.const 3) (i32.const 65536) (i32.const 1) (i64.const 0))")]
    [InlineData("(i32.wrap_i64 (call $state_version (i32.const 65535) (i32.const 3)))")]
    public void Traps_on_a_bad_pointer(string call)
    {
        Deploy("other", Modules.Echo);
        Assert.Equal(InvocationEnd.Trapped, Run($"(drop {call}) i64.const 0").End);
        Assert.Empty(_environment.Callees);
    }

    private void Deploy(string name, byte[] module, FunctionLimits? limits = null) =>
        _environment.Functions[name] = _runtime.Install(Modules.Manifest(module) with { Name = name, Limits = limits ?? FunctionLimits.Default }, module);

    private InvocationOutcome Run(string body, byte[]? input = null, FunctionLimits? limits = null, TestEnvironment? environment = null) =>
        _runtime.InstallAndInvoke(Modules.Reactor(body, before: """(data (i32.const 64) "other")"""), environment ?? _environment, limits, input);
}
