using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Runtime;

/// <summary>Functions that are made ready before they are wanted, and instances that start before their input is there.</summary>
public sealed class AheadTests : IDisposable
{
    private const string Counts = "(i32.store (i32.const 1024) (i32.add (i32.load (i32.const 1024)) (i32.const 1))) (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 4))";

    // Asks for a value as it starts, and logs.
    private const string Initializes = """
        (func (export "_initialize") (drop (call $state_get (i32.const 16) (i32.const 3) (i32.const 2048) (i32.const 8))) (call $log (i32.const 1) (i32.const 16) (i32.const 3)))
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-ahead-").FullName;
    private readonly TestEnvironment _environment = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData(Initializes)]
    public void An_instance_that_was_ready_gives_the_same_bytes_for_the_same_fuel(string before)
    {
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction function = Install(runtime, Modules.Reactor(Counts, before));
        InvocationOutcome fresh = Invoke(runtime, function);
        Assert.True(runtime.Warm(function, _environment.Clock.GetUtcNow()));
        Assert.True(function.IsAhead);
        InvocationOutcome ahead = Invoke(runtime, function);
        Assert.Equal((InstanceStart.Fresh, InstanceStart.Ahead), (fresh.Start, ahead.Start));
        Assert.Equal((1, fresh.FuelUsed), (BitConverter.ToInt32(ahead.Output.Span), ahead.FuelUsed));
        Assert.False(function.IsAhead);
        Assert.Equal(InstanceStart.Fresh, Invoke(runtime, function).Start); // it served once
    }

    [Fact]
    public void Nothing_of_the_functions_own_runs_before_its_invocation()
    {
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction function = Install(runtime, Modules.Reactor(Counts, Initializes));
        Assert.True(runtime.Warm(function, _environment.Clock.GetUtcNow()));
        Assert.Empty(_environment.Lines);
        Invoke(runtime, function);
        Assert.Single(_environment.Lines);
    }

    [Fact]
    public void A_module_that_starts_itself_is_loaded_and_no_more()
    {
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction function = Install(runtime, Modules.Reactor(Counts, "(start $begin) (func $begin (i32.store (i32.const 1024) (i32.const 41)))"));
        InvocationOutcome fresh = Invoke(runtime, function);
        for (int i = 0; i < FunctionBounds.WarmInstancesMax + 1; i++)
            Assert.True(runtime.Warm(function, _environment.Clock.GetUtcNow()));
        Assert.False(function.IsAhead);
        InvocationOutcome again = Invoke(runtime, function);
        Assert.Equal((42, InstanceStart.Fresh, fresh.FuelUsed), (BitConverter.ToInt32(again.Output.Span), again.Start, again.FuelUsed));
        using DeployedFunction other = Install(runtime, Modules.Echo);
        runtime.Warm(other, _environment.Clock.GetUtcNow());
        Assert.True(other.IsAhead); // the attempts gave their places back
    }

    [Fact]
    public void A_command_can_be_ready_as_well()
    {
        byte[] module = Modules.Text("""
            (module (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1) (data (i32.const 0) "\40\00\00\00\10\00\00\00")
              (func (export "_start") (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4))) (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))))
            """);
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction function = runtime.Install(Modules.Manifest(module, FunctionKind.Command), module);
        Assert.True(runtime.Warm(function, _environment.Clock.GetUtcNow()));
        InvocationOutcome outcome = runtime.InvokeAhead(function, Given("hello"u8.ToArray()), _environment, CancellationToken.None);
        Assert.Equal((InvocationEnd.Completed, InstanceStart.Ahead, "hello"), (outcome.End, outcome.Start, System.Text.Encoding.UTF8.GetString(outcome.Output.Span)));
    }

    [Fact]
    public void A_cold_function_is_loaded_and_goes_again_after_its_idle_time()
    {
        using var runtime = new FunctionRuntime(new() { CacheFolder = _folder });
        using DeployedFunction function = Install(runtime, Modules.Echo);
        FunctionRuntime.ReleaseIdle([function], _environment.Clock.GetUtcNow());
        Assert.False(function.IsLoaded);
        DateTimeOffset now = _environment.Clock.GetUtcNow();
        Assert.True(runtime.Warm(function, now));
        FunctionRuntime.ReleaseIdle([function], now + TimeSpan.FromSeconds(59.9));
        Assert.Equal((true, true), (function.IsLoaded, function.IsAhead));
        FunctionRuntime.ReleaseIdle([function], now + TimeSpan.FromSeconds(60));
        Assert.Equal((false, false), (function.IsLoaded, function.IsAhead));
        Directory.Delete(_folder, recursive: true);
        Assert.False(runtime.Warm(function, now)); // never compiled ahead
        Directory.CreateDirectory(_folder);
    }

    [Fact]
    public void Sixteen_instances_are_ready_at_most_and_each_gives_its_place_back()
    {
        using var runtime = new FunctionRuntime(new() { InstancesMax = 1 });
        DeployedFunction[] functions = [.. Enumerable.Range(0, 24).Select(_ => Install(runtime, Modules.Echo))];
        for (int round = 0; round < 3; round++)
        {
            foreach (DeployedFunction function in functions)
                Assert.True(runtime.Warm(function, _environment.Clock.GetUtcNow()));
            Assert.Equal(FunctionBounds.WarmInstancesMax, functions.Count(function => function.IsAhead));
            foreach (DeployedFunction function in functions)
                Assert.Equal(InvocationEnd.Completed, Invoke(runtime, function).End);
            Assert.DoesNotContain(functions, function => function.IsAhead);
        }
        foreach (DeployedFunction function in functions)
            runtime.Warm(function, _environment.Clock.GetUtcNow());
        foreach (DeployedFunction function in functions)
            function.Dispose();
        Assert.False(runtime.Warm(functions[0], _environment.Clock.GetUtcNow()));
        using DeployedFunction last = Install(runtime, Modules.Echo);
        Assert.True(runtime.Warm(last, _environment.Clock.GetUtcNow()) && last.IsAhead);
    }

    [Fact]
    public void Where_an_instance_waits_already_no_other_is_made()
    {
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction function = runtime.Install(Modules.Manifest(Modules.Echo) with { Instances = new() { KeepWarmMax = 1 } }, Modules.Echo);
        Invoke(runtime, function);
        Assert.True(runtime.Warm(function, _environment.Clock.GetUtcNow()));
        Assert.Equal((1, false), (function.IdleInstances, function.IsAhead));
    }

    [Fact]
    public void The_instance_starts_while_its_input_is_on_its_way()
    {
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction function = Install(runtime, Modules.Reactor("(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))", Initializes));
        using var started = new ManualResetEventSlim();
        var environment = new TestEnvironment
        {
            OnState = _ =>
            {
                started.Set();
                return null;
            },
        };
        // The input comes only once the function's own start has been seen: an instance that waited for it first would wait for ever.
        var input = new Lazy<ReadOnlyMemory<byte>?>(() =>
        {
            started.Wait(TestContext.Current.CancellationToken);
            return new byte[] { 7 };
        });
        Task transfer = Task.Run(() => _ = input.Value, TestContext.Current.CancellationToken);
        InvocationOutcome outcome = runtime.InvokeAhead(function, input, environment, TestContext.Current.CancellationToken);
        Assert.Equal((InvocationEnd.Completed, 7, 1), (outcome.End, outcome.Output.Span[0], outcome.InputBytes));
        Assert.True(transfer.IsCompletedSuccessfully || input.IsValueCreated);
    }

    [Fact]
    public void An_input_that_does_not_come_is_refused_and_leaves_no_trace()
    {
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction function = Install(runtime, Modules.Reactor(Counts, """
            (func (export "_initialize") (drop (call $state_put (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5))))
            """));
        InvocationOutcome outcome = runtime.InvokeAhead(function, new(() => null), _environment, CancellationToken.None);
        Assert.Equal((InvocationEnd.Refused, "the input is not there", 0), (outcome.End, outcome.Reason, _environment.Commits));
    }

    [Theory]
    [InlineData(4, InvocationEnd.Completed, "")]
    [InlineData(5, InvocationEnd.Refused, "limits.inputBytesMax")]
    public void An_input_that_came_late_has_the_same_limit(int length, InvocationEnd end, string limit)
    {
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction function = runtime.Install(Modules.Manifest(Modules.Echo) with { Limits = new() { InputBytesMax = 4 } }, Modules.Echo);
        InvocationOutcome outcome = runtime.InvokeAhead(function, Given(new byte[length]), _environment, CancellationToken.None);
        Assert.Equal((end, limit, length), (outcome.End, outcome.Limit, outcome.InputBytes));
    }

    [Fact]
    public void What_the_thread_does_to_read_the_input_is_not_the_functions_time()
    {
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction function = runtime.Install(Modules.Manifest(Modules.Echo) with { Limits = new() { TimeMax = TimeSpan.FromMilliseconds(20) } }, Modules.Echo);
        InvocationOutcome outcome = runtime.InvokeAhead(function, new(() =>
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            byte[] bytes = new byte[1];
            while (Environment.CpuUsage.TotalTime - before < TimeSpan.FromMilliseconds(200))
                bytes[0] ^= 1;
            return bytes;
        }), _environment, CancellationToken.None);
        Assert.Equal(InvocationEnd.Completed, outcome.End);
    }

    private static Lazy<ReadOnlyMemory<byte>?> Given(byte[] bytes) => new(() => bytes);

    private static DeployedFunction Install(FunctionRuntime runtime, byte[] module) => runtime.Install(Modules.Manifest(module), module);

    private InvocationOutcome Invoke(FunctionRuntime runtime, DeployedFunction function) => runtime.Invoke(function, ReadOnlyMemory<byte>.Empty, _environment, CancellationToken.None);
}
