using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Runtime;

/// <summary>Functions of one module in one instance: what they share, and that each keeps its own limits.</summary>
public sealed class FusedFunctionTests : IDisposable
{
    private const string Alike = "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))";

    // Writes a byte to its key, and gives its input back.
    private const string Puts = "(drop (call $state_put (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 1)))";

    private readonly FunctionRuntime _runtime = new(new() { InstancesMax = 1 });
    private readonly TestEnvironment _environment = new();
    private readonly List<DeployedFunction> _functions = [];

    public void Dispose()
    {
        _functions.ForEach(function => function.Dispose());
        _runtime.Dispose();
    }

    [Fact]
    public void They_hand_on_where_the_bytes_lie_and_commit_once()
    {
        // The second writes into the first one's output, and gives that back: it is where the first one left it, 2048.
        IReadOnlyList<InvocationOutcome> outcomes = Run("abc"u8.ToArray(), [$"{Puts} (i32.store (i32.const 2048) (i32.load (local.get 0))) (i64.const 0x0000_0800_0000_0003)",
            $"{Puts} (i32.store8 (local.get 0) (i32.const 90)) (i64.or (i64.const 0x0000_0800_0000_0000) (i64.extend_i32_u (local.get 1)))"]);
        Assert.Equal([InvocationEnd.Completed, InvocationEnd.Completed], outcomes.Select(outcome => outcome.End));
        Assert.Equal("Zbc"u8.ToArray(), outcomes[1].Output.ToArray());
        Assert.Equal((0, 3, 3), (outcomes[0].Output.Length, outcomes[0].OutputBytes, outcomes[1].InputBytes)); // nobody's but the next one's
        Assert.Equal((1, 2), (_environment.Commits, _environment.Effects.Count)); // one transaction for the state of both
        Assert.Equal((InstanceStart.Fresh, InstanceStart.Warm), (outcomes[0].Start, outcomes[1].Start));
    }

    [Fact]
    public void Each_has_its_own_budget_and_what_it_used_is_its_own()
    {
        // Three host calls are the limit, of each.
        const string calls = $"{Puts} {Puts} {Puts}";
        FunctionLimits limits = new() { HostCallsMax = 3, FuelMax = 40_000 };
        const string spends = "(loop $l (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 3000))))";
        IReadOnlyList<InvocationOutcome> outcomes = Run([], [$"{calls} {spends} {Alike}", $"{calls} {spends} {Alike}"], limits, limits);
        Assert.All(outcomes, outcome => Assert.Equal((InvocationEnd.Completed, 3), (outcome.End, outcome.HostCalls)));
        Assert.All(outcomes, outcome => Assert.InRange(outcome.FuelUsed, 20_000UL, 40_000UL)); // together more than one may use
    }

    [Fact]
    public void When_a_later_one_is_cancelled_none_of_them_has_happened()
    {
        using var cancel = new CancellationTokenSource();
        _environment.OnPace = _ =>
        {
            cancel.Cancel(); // the first is far too short to be asked
            return 1;
        };
        FunctionLimits limits = new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = TimeSpan.FromMinutes(1) };
        DeployedFunction[] functions = Install([$"{Puts} {Alike}", "(loop $l br $l) i64.const 0"], limits, limits);
        IReadOnlyList<InvocationOutcome> outcomes = _runtime.InvokeFused([new(functions[0], _environment), new(functions[1], _environment)], Input([1]), cancel.Token);
        Assert.Equal(InvocationEnd.Cancelled, Assert.Single(outcomes).End);
        Assert.Equal(0, _environment.Commits);
    }

    [Theory]
    [InlineData("unreachable", InvocationEnd.Trapped, "")]
    [InlineData("(loop $l br $l) i64.const 0", InvocationEnd.OutOfFuel, "limits.fuelMax")]
    [InlineData($"{Puts} {Puts} {Alike}", InvocationEnd.Trapped, "limits.hostCallsMax")]
    [InlineData("(i64.const 0x0000_0800_0000_0009)", InvocationEnd.Trapped, "limits.outputBytesMax")]
    [InlineData("(drop (memory.grow (i32.const 1))) (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable)) i64.const 0", InvocationEnd.OutOfMemory, "limits.memoryBytesMax")]
    public void One_that_fails_leaves_no_trace_and_what_came_before_it_stays(string harm, InvocationEnd end, string limit)
    {
        IReadOnlyList<InvocationOutcome> outcomes = Run([1], [$"{Puts} {Alike}", $"{Puts} {harm}", Alike], null,
            new() { FuelMax = 10_000, HostCallsMax = 2, OutputBytesMax = 8, MemoryBytesMax = 2 * 65_536 });
        Assert.Equal([InvocationEnd.Completed, end], outcomes.Select(outcome => outcome.End)); // and nothing ran after it
        Assert.Equal((limit, true), (outcomes[1].Limit, outcomes[1].IsOffence)); // its own, not the first one's
        Assert.Equal(["f0"], _environment.Effects.Select(effects => effects.Function));
        Assert.Equal(1, _environment.Commits);
    }

    [Theory] // an output of 100 bytes, in a memory of three pages
    [InlineData(99, 3, 1)]
    [InlineData(100, 3, 2)]
    [InlineData(100, 2, 1)]
    public void The_next_does_not_begin_where_its_own_limits_forbid_it(int inputBytesMax, int pages, int ran)
    {
        IReadOnlyList<InvocationOutcome> outcomes = Run(new byte[100], [$"(drop (memory.grow (i32.const 2))) {Puts} {Alike}", Alike], null,
            new() { InputBytesMax = inputBytesMax, MemoryBytesMax = pages * 65_536 });
        Assert.Equal((ran, InvocationEnd.Completed, 100), (outcomes.Count, outcomes[^1].End, outcomes[^1].Output.Length)); // the output is there for it to run by itself
        Assert.Equal(1, _environment.Commits);
    }

    [Fact]
    public void One_that_was_removed_or_stands_too_deep_does_not_begin()
    {
        DeployedFunction[] functions = Install([Alike, Alike], new() { DepthMax = 3 }, new() { DepthMax = 2 });
        TestEnvironment deep = new() { Depth = 3 };
        Assert.Single(_runtime.InvokeFused([new(functions[0], deep), new(functions[1], deep)], Input([1]), TestContext.Current.CancellationToken));
        functions[1].Dispose();
        Assert.Single(_runtime.InvokeFused([new(functions[0], _environment), new(functions[1], _environment)], Input([1]), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_next_has_its_own_randomness_and_deadline()
    {
        const string random = "(call $random (i32.const 2048) (i32.const 8)) (i64.const 0x0000_0800_0000_0008)";
        DeployedFunction[] functions = Install([Alike, random]);
        TestEnvironment second = new() { Seed = 99 };
        byte[] alone = _runtime.Invoke(functions[1], default, second, TestContext.Current.CancellationToken).Output.ToArray();
        IReadOnlyList<InvocationOutcome> fused = _runtime.InvokeFused([new(functions[0], _environment), new(functions[1], second)], Input([]), TestContext.Current.CancellationToken);
        Assert.Equal(alone, fused[1].Output.ToArray());

        functions = Install([Alike, "(loop $l br $l) i64.const 0"], null, new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = FunctionLimits.TimeCeiling });
        second.Deadline = second.Time.GetUtcNow() - TimeSpan.FromSeconds(1);
        fused = _runtime.InvokeFused([new(functions[0], _environment), new(functions[1], second)], Input([]), TestContext.Current.CancellationToken);
        Assert.Equal((InvocationEnd.Completed, InvocationEnd.DeadlineExceeded, "slo.deadline"), (fused[0].End, fused[1].End, fused[1].Limit));
    }

    [Theory]
    [InlineData(CommitResult.Conflict, InvocationEnd.Conflict)]
    [InlineData(CommitResult.Refused, InvocationEnd.NotCommitted)]
    public void When_the_commit_fails_none_of_them_has_completed(CommitResult answer, InvocationEnd end)
    {
        _environment.OnCommit = answer;
        IReadOnlyList<InvocationOutcome> outcomes = Run([1], [$"{Puts} {Alike}", Alike]);
        Assert.All(outcomes, outcome => Assert.Equal((end, 0, 0), (outcome.End, outcome.OutputBytes, outcome.Output.Length)));
    }

    [Fact]
    public void An_instance_that_several_used_serves_none_of_them_again_and_one_that_one_used_does()
    {
        DeployedFunction[] functions = InstallWarm([Alike, Alike], 1);
        _runtime.InvokeFused([new(functions[0], _environment), new(functions[1], _environment)], Input([1]), TestContext.Current.CancellationToken);
        Assert.Equal(0, functions[0].IdleInstances + functions[1].IdleInstances);
        _runtime.InvokeFused([new(functions[0], _environment)], Input([1]), TestContext.Current.CancellationToken);
        Assert.Equal(1, functions[0].IdleInstances);
    }

    [Fact]
    public void A_fault_of_the_nodes_own_leaves_the_runtime_as_it_was()
    {
        DeployedFunction[] functions = Install([Alike, $"(drop (call $state_size (i32.const 16) (i32.const 3))) {Alike}"]);
        var broken = new TestEnvironment { OnState = _ => throw new InvalidDataException("the store is gone") };
        Assert.Equal("the store is gone", Assert.Throws<InvalidDataException>(
            () => _runtime.InvokeFused([new(functions[0], _environment), new(functions[1], broken)], Input([1]), TestContext.Current.CancellationToken)).Message);
        Assert.Equal(InvocationEnd.Completed, _runtime.Invoke(functions[0], default, _environment, TestContext.Current.CancellationToken).End); // the only instance is free again
    }

    [Fact]
    public void Only_reactors_of_one_module_are_fused()
    {
        DeployedFunction one = Install([Alike])[0], other = Install(["i64.const 0"])[0];
        Assert.False(FunctionRuntime.CanFuse(one.Manifest, other.Manifest));
        Assert.False(FunctionRuntime.CanFuse(one.Manifest with { Kind = FunctionKind.Command }, one.Manifest with { Kind = FunctionKind.Command }));
        Assert.True(FunctionRuntime.CanFuse(one.Manifest, one.Manifest));
        Assert.Throws<ArgumentException>(() => _runtime.InvokeFused([new(one, _environment), new(other, _environment)], Input([]), TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => _runtime.InvokeFused([], Input([]), TestContext.Current.CancellationToken));
    }

    private static Lazy<ReadOnlyMemory<byte>?> Input(byte[] bytes) => new(bytes);

    private IReadOnlyList<InvocationOutcome> Run(byte[] input, string[] handlers, params FunctionLimits?[] limits) =>
        _runtime.InvokeFused([.. Install(handlers, limits).Select(function => new FusedFunction(function, _environment))], Input(input), TestContext.Current.CancellationToken);

    private DeployedFunction[] Install(string[] handlers, params FunctionLimits?[] limits) => InstallWarm(handlers, 0, limits);

    /// <summary>One module with a handler a function, named f0, f1 and so on.</summary>
    private DeployedFunction[] InstallWarm(string[] handlers, int keepWarm, params FunctionLimits?[] limits)
    {
        byte[] module = Modules.Text($"""
            (module
              (import "satnode" "state_put" (func $state_put (param i32 i32 i32 i32) (result i32)))
              (import "satnode" "state_size" (func $state_size (param i32 i32) (result i32)))
              (import "satnode" "random" (func $random (param i32 i32)))
              (memory (export "memory") 1) (data (i32.const 16) "key") (data (i32.const 32) "v")
              (func (export "satnode_alloc") (param i32) (result i32) i32.const 4096)
              {string.Join('\n', handlers.Select((handler, i) => $"(func (export \"f{i}\") (param i32 i32) (result i64) (local $i i32) {handler})"))})
            """);
        DeployedFunction[] functions = [.. handlers.Select((_, i) => _runtime.Install(Modules.Manifest(module) with
        {
            Name = $"f{i}",
            Handler = $"f{i}",
            Limits = limits.ElementAtOrDefault(i) ?? FunctionLimits.Default,
            Instances = new() { KeepWarmMax = keepWarm },
        }, module))];
        _functions.AddRange(functions);
        return functions;
    }
}
