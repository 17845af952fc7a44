using System.Buffers;
using System.Security.Cryptography;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Runtime;

/// <summary>Fresh and warm instances, and their end after idleness.</summary>
public sealed class InstanceTests : IDisposable
{
    // Counts its invocations in its own memory.
    private const string Counts = "(i32.store (i32.const 1024) (i32.add (i32.load (i32.const 1024)) (i32.const 1))) (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 4))";

    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-instances-").FullName;
    private readonly TestEnvironment _environment = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0, 1, InstanceStart.Fresh)]
    [InlineData(1, 2, InstanceStart.Warm)]
    public void Keeps_memory_from_one_invocation_to_the_next_only_where_the_manifest_says_so(int keepWarm, int second, InstanceStart start)
    {
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction function = Install(runtime, Modules.Reactor(Counts), keepWarm);
        InvocationOutcome one = Invoke(runtime, function), two = Invoke(runtime, function);
        Assert.Equal((1, InstanceStart.Fresh), (BitConverter.ToInt32(one.Output.Span), one.Start));
        Assert.Equal((second, start), (BitConverter.ToInt32(two.Output.Span), two.Start));
        Assert.Equal(keepWarm, function.IdleInstances);
    }

    [Fact]
    public void A_warm_invocation_allocates_nothing()
    {
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction echo = Install(runtime, Modules.Echo, keepWarm: 1);
        byte[] input = new byte[1024];
        var output = new ArrayBufferWriter<byte>(2048);
        var environment = new TestEnvironment();
        void Round()
        {
            output.ResetWrittenCount();
            InvocationOutcome outcome = runtime.Invoke(echo, input, environment, output, CancellationToken.None);
            if (outcome.Start != InstanceStart.Warm || output.WrittenCount != 1024)
                Assert.Equal(InvocationEnd.Completed, outcome.End);
        }
        for (int i = 0; i < 200; i++)
            Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Round();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("unreachable")]
    [InlineData("(loop $l br $l) i64.const 0")]
    [InlineData("(drop (i32.load (i32.const -1))) i64.const 0")]
    public void An_instance_that_was_ended_never_serves_again(string harm)
    {
        using var runtime = new FunctionRuntime(new());
        string body = $"(if (i32.eqz (local.get 1)) (then (return (block (result i64) {Counts})))) {harm}";
        byte[] module = Modules.Reactor(body);
        using DeployedFunction function = runtime.Install(Modules.Manifest(module) with { Instances = new() { KeepWarmMax = 2 }, Limits = new() { FuelMax = 1_000_000 } }, module);
        Invoke(runtime, function);
        Assert.Equal(InstanceStart.Warm, runtime.Invoke(function, new byte[] { 1 }, _environment, CancellationToken.None).Start);
        Assert.Equal(0, function.IdleInstances);
        InvocationOutcome next = Invoke(runtime, function);
        Assert.Equal((1, InstanceStart.Fresh), (BitConverter.ToInt32(next.Output.Span), next.Start));
    }

    [Theory]
    [InlineData(527, 1)] // 528 pages of 64 KiB are 33 MiB
    [InlineData(528, 0)]
    public void An_instance_that_grew_large_is_not_kept(int pages, int kept)
    {
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction function = Install(runtime, Grows(pages), keepWarm: 1);
        Assert.Equal(InvocationEnd.Completed, Invoke(runtime, function).End);
        Assert.Equal(kept, function.IdleInstances);
    }

    [Fact]
    public void Idle_instances_of_all_functions_keep_no_more_memory_than_the_bound()
    {
        using var runtime = new FunctionRuntime(new());
        byte[] third = Grows(351), little = Grows(1); // 22 MiB each: three are the bound
        DeployedFunction[] functions = [.. Enumerable.Range(0, 3).Select(_ => Install(runtime, third, keepWarm: 1)), Install(runtime, little, keepWarm: 1)];
        foreach (DeployedFunction function in functions)
            Invoke(runtime, function);
        Assert.Equal([1, 1, 1, 0], functions.Select(function => function.IdleInstances));
        functions[0].Dispose(); // gives its share back
        Invoke(runtime, functions[3]);
        Assert.Equal([0, 1, 1, 1], functions.Select(function => function.IdleInstances));
        foreach (DeployedFunction function in functions)
            function.Dispose();
    }

    [Fact]
    public void Idle_instances_and_code_go_after_the_time_of_the_manifest_and_come_back()
    {
        using var runtime = new FunctionRuntime(new() { CacheFolder = _folder });
        using DeployedFunction function = Install(runtime, Modules.Reactor(Counts), keepWarm: 1);
        Invoke(runtime, function);
        FunctionRuntime.ReleaseIdle([function], _environment.Clock.GetUtcNow() + TimeSpan.FromSeconds(59.9));
        Assert.Equal((true, 1), (function.IsLoaded, function.IdleInstances));
        FunctionRuntime.ReleaseIdle([function], _environment.Clock.GetUtcNow() + TimeSpan.FromSeconds(60));
        Assert.Equal((false, 0), (function.IsLoaded, function.IdleInstances));
        InvocationOutcome cold = Invoke(runtime, function);
        Assert.Equal((InvocationEnd.Completed, InstanceStart.Cold), (cold.End, cold.Start));
        FunctionRuntime.ReleaseIdle([function], _environment.Clock.GetUtcNow() + TimeSpan.FromHours(1));
        Assert.True(function.Prepare());
        Assert.Equal(InstanceStart.Fresh, Invoke(runtime, function).Start);
    }

    [Fact]
    public void Code_that_nobody_could_load_again_stays()
    {
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction function = Install(runtime, Modules.Echo, keepWarm: 0);
        Invoke(runtime, function);
        FunctionRuntime.ReleaseIdle([function], DateTimeOffset.MaxValue);
        Assert.True(function.IsLoaded);
    }

    [Fact]
    public void Idle_instances_of_many_functions_leave_room_for_those_that_run()
    {
        using var runtime = new FunctionRuntime(new() { InstancesMax = 1 });
        DeployedFunction[] functions = [.. Enumerable.Range(0, 24).Select(_ => Install(runtime, Modules.Echo, keepWarm: 1))];
        foreach (DeployedFunction function in functions)
            Assert.Equal(InvocationEnd.Completed, Invoke(runtime, function).End);
        Assert.Equal(FunctionBounds.WarmInstancesMax, functions.Sum(function => function.IdleInstances));
        foreach (DeployedFunction function in functions)
        {
            Assert.Equal(InvocationEnd.Completed, Invoke(runtime, function).End);
            function.Dispose();
        }
    }

    [Fact]
    public void A_handler_that_the_module_lacks_is_refused() => Assert.Equal("function probe: expected an exported function detect, found none; not installed",
        Assert.Throws<FunctionModuleException>(() =>
        {
            using var runtime = new FunctionRuntime(new());
            runtime.Install(Modules.Manifest(Modules.Echo) with { Handler = "detect" }, Modules.Echo);
        }).Message);

    // To so many pages more, the first time.
    private static byte[] Grows(int pages) => Modules.Reactor($"(if (i32.eq (memory.size) (i32.const 1)) (then (drop (memory.grow (i32.const {pages}))))) i64.const 0");

    private InvocationOutcome Invoke(FunctionRuntime runtime, DeployedFunction function) => runtime.Invoke(function, default, _environment, CancellationToken.None);

    private static DeployedFunction Install(FunctionRuntime runtime, byte[] module, int keepWarm) =>
        runtime.Install(new() { Name = "probe", Version = "1", Kind = FunctionKind.Reactor, ModuleDigest = SHA256.HashData(module), Instances = new() { KeepWarmMax = keepWarm }, Limits = new() { MemoryBytesMax = FunctionLimits.MemoryBytesCeiling } }, module);
}
