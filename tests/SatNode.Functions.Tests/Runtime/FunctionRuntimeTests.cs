using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Runtime;

/// <summary>The pool, the clocks, and what an invocation reports of itself.</summary>
public sealed class FunctionRuntimeTests
{
    private const string Forever = "(loop $l br $l) i64.const 0";

    [Fact]
    public void Reports_what_was_really_used()
    {
        using var runtime = new FunctionRuntime(new());
        InvocationOutcome outcome = runtime.InstallAndInvoke(Modules.Echo, input: new byte[1000]);
        Assert.Equal((InvocationEnd.Completed, "", 1000, 1000), (outcome.End, outcome.Reason, outcome.InputBytes, outcome.Output.Length));
        Assert.Equal(65536, outcome.MemoryBytesHighest);
        Assert.InRange(outcome.FuelUsed, 5u, 50u);
        Assert.InRange(outcome.CpuTime, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Starts_every_invocation_from_the_same_memory()
    {
        using var runtime = new FunctionRuntime(new() { InstancesMax = 1 });
        byte[] module = Modules.Answer("(i32.load8_u (i32.const 16)) (i32.store8 (i32.const 16) (i32.const 1))");
        using DeployedFunction function = runtime.Install(Modules.Manifest(module), module);
        for (int i = 0; i < 3; i++)
            Assert.Equal([(byte)'k', 0, 0, 0], runtime.Invoke(function, default, new TestEnvironment(), CancellationToken.None).Output.ToArray());
    }

    [Theory]
    [InlineData(8, InvocationEnd.Completed)]
    [InlineData(9, InvocationEnd.Refused)]
    public void Takes_input_up_to_its_limit(int bytes, InvocationEnd expected)
    {
        using var runtime = new FunctionRuntime(new());
        Assert.Equal(expected, runtime.InstallAndInvoke(Modules.Echo, limits: new() { InputBytesMax = 8 }, input: new byte[bytes]).End);
    }

    [Theory]
    [InlineData(8, InvocationEnd.Completed)]
    [InlineData(9, InvocationEnd.Trapped)]
    public void Gives_output_up_to_its_limit(int bytes, InvocationEnd expected)
    {
        using var runtime = new FunctionRuntime(new());
        Assert.Equal(expected, runtime.InstallAndInvoke(Modules.Echo, limits: new() { OutputBytesMax = 8 }, input: new byte[bytes]).End);
    }

    [Fact]
    public void Calls_initialize_before_the_handler()
    {
        using var runtime = new FunctionRuntime(new());
        byte[] module = Modules.Reactor("i64.const 0x0000001000000003", before: """(func (export "_initialize") (i32.store8 (i32.const 16) (i32.const 65)))""");
        Assert.Equal("Aey"u8.ToArray(), runtime.InstallAndInvoke(module).Output.ToArray());
    }

    [Fact]
    public async Task Ends_a_running_function_when_the_caller_gives_up()
    {
        using var runtime = new FunctionRuntime(new());
        using var cancel = new CancellationTokenSource();
        Task<InvocationOutcome> running = Task.Run(() => runtime.InstallAndInvoke(Modules.Reactor(Forever),
            limits: new() { TimeMax = TimeSpan.FromMinutes(1), FuelMax = FunctionLimits.FuelCeiling }, cancellation: cancel.Token));
        await cancel.CancelAsync();
        Assert.Equal(InvocationEnd.Cancelled, (await running).End);
    }

    [Fact]
    public void A_slowed_function_uses_no_more_of_a_core_than_its_share()
    {
        using var runtime = new FunctionRuntime(new());
        var environment = new TestEnvironment { OnPace = used => used < TimeSpan.FromMilliseconds(20) ? 1 : 0.25 };
        InvocationOutcome outcome = runtime.InstallAndInvoke(Modules.Reactor(Forever), environment, new() { TimeMax = TimeSpan.FromMilliseconds(120), FuelMax = FunctionLimits.FuelCeiling });
        Assert.Equal("limits.timeMax", outcome.Limit); // its limit is one of CPU time: resting costs it nothing
        Assert.True(environment.Paced > TimeSpan.FromMilliseconds(20) && environment.Paced <= outcome.CpuTime, $"{environment.Paced.TotalMilliseconds} ms told");
        // What it was told of is rested for: three times as long as it worked at a quarter.
        TimeSpan least = environment.Paced + ((environment.Paced - TimeSpan.FromMilliseconds(40)) * 3);
        Assert.True(outcome.WallTime >= least, $"{outcome.CpuTime.TotalMilliseconds} ms of CPU time in {outcome.WallTime.TotalMilliseconds} ms, expected {least.TotalMilliseconds} or more");
    }

    [Fact]
    public void A_share_below_the_least_is_the_least()
    {
        using var runtime = new FunctionRuntime(new());
        var environment = new TestEnvironment { OnPace = _ => 0 };
        InvocationOutcome outcome = runtime.InstallAndInvoke(Modules.Reactor(Forever), environment, new() { TimeMax = TimeSpan.FromMilliseconds(30), FuelMax = FunctionLimits.FuelCeiling });
        Assert.Equal("limits.timeMax", outcome.Limit);
        Assert.True(outcome.WallTime >= environment.Paced * 5, $"{environment.Paced.TotalMilliseconds} ms told, {outcome.WallTime.TotalMilliseconds} ms in all");
    }

    [Fact]
    public async Task A_slowed_function_still_ends_when_the_caller_gives_up()
    {
        using var runtime = new FunctionRuntime(new());
        using var cancel = new CancellationTokenSource();
        using var slowed = new ManualResetEventSlim();
        var environment = new TestEnvironment
        {
            OnPace = _ =>
            {
                slowed.Set();
                return FunctionBounds.ShareMin;
            },
        };
        Task<InvocationOutcome> running = Task.Run(() => runtime.InstallAndInvoke(Modules.Reactor(Forever), environment,
            new() { TimeMax = TimeSpan.FromMinutes(1), FuelMax = FunctionLimits.FuelCeiling }, cancellation: cancel.Token));
        slowed.Wait(TestContext.Current.CancellationToken);
        await cancel.CancelAsync();
        Assert.Equal(InvocationEnd.Cancelled, (await running).End);
    }

    [Fact]
    public void Ends_a_running_function_at_its_deadline_on_the_mission_clock()
    {
        using var runtime = new FunctionRuntime(new());
        var environment = new TestEnvironment();
        environment.Deadline = environment.Time.GetUtcNow().AddSeconds(1);
        environment.Time.AutoAdvanceAmount = TimeSpan.FromMilliseconds(300);
        InvocationOutcome outcome = runtime.InstallAndInvoke(Modules.Reactor(Forever), environment,
            new() { TimeMax = TimeSpan.FromMinutes(1), FuelMax = FunctionLimits.FuelCeiling });
        Assert.Equal((InvocationEnd.DeadlineExceeded, "expected to end by 2026-11-01T12:00:01.0000000+00:00 on the mission clock"), (outcome.End, outcome.Reason));
    }

    [Fact]
    public async Task Waits_for_an_instance_and_answers_when_there_is_none_in_time()
    {
        using var runtime = new FunctionRuntime(new() { InstancesMax = 1, WaitersMax = 1, WaitMax = TimeSpan.FromMilliseconds(200) });
        using var entered = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        byte[] asks = Modules.Answer("(call $state_size (i32.const 16) (i32.const 3))");
        Task<InvocationOutcome> holder = Task.Run(() => runtime.InstallAndInvoke(asks, new() { OnState = _ => { entered.Set(); goOn.Wait(); return [1]; } }));
        entered.Wait(TestContext.Current.CancellationToken);
        Assert.Equal(InvocationEnd.PoolFull, runtime.InstallAndInvoke(Modules.Echo).End);
        Task<InvocationOutcome> waiter = Task.Run(() => runtime.InstallAndInvoke(Modules.Echo));
        goOn.Set();
        Assert.Equal(InvocationEnd.Completed, (await holder).End);
        Assert.Equal(InvocationEnd.Completed, (await waiter).End);
    }

    [Fact]
    public void Does_not_queue_more_callers_than_it_is_told()
    {
        using var runtime = new FunctionRuntime(new() { InstancesMax = 1, WaitersMax = 0, WaitMax = TimeSpan.FromSeconds(60) });
        byte[] asks = Modules.Answer("(call $state_size (i32.const 16) (i32.const 3))");
        InvocationOutcome? inner = null;
        // The one instance is held by this very thread, so a caller that were let wait would wait the whole minute.
        runtime.InstallAndInvoke(asks, new() { OnState = _ => { inner = runtime.InstallAndInvoke(Modules.Echo); return [1]; } });
        Assert.Equal(InvocationEnd.PoolFull, inner!.Value.End);
    }

    [Fact]
    public void Runs_as_many_at_once_as_there_are_instances()
    {
        using var runtime = new FunctionRuntime(new() { InstancesMax = 4 });
        using DeployedFunction echo = runtime.Install(Modules.Manifest(Modules.Echo), Modules.Echo);
        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            byte[] input = BitConverter.GetBytes(i);
            Assert.Equal(input, runtime.Invoke(echo, input, new TestEnvironment(), CancellationToken.None).Output.ToArray());
        });
    }

    [Fact]
    public void Says_so_when_a_function_was_removed()
    {
        using var runtime = new FunctionRuntime(new());
        DeployedFunction function = runtime.Install(Modules.Manifest(Modules.Echo), Modules.Echo);
        function.Dispose();
        InvocationOutcome outcome = runtime.Invoke(function, default, new TestEnvironment(), CancellationToken.None);
        Assert.Equal((InvocationEnd.BadModule, "function probe: expected a deployed function, found one that was removed"), (outcome.End, outcome.Reason));
    }

    [Fact]
    public void Lists_every_fault_of_its_options()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new FunctionRuntime(new() { InstancesMax = 0, WaitersMax = 257, TickPeriod = TimeSpan.Zero }));
        Assert.StartsWith("instancesMax: expected 1 to 64, found 0; waitersMax: expected 0 to 256, found 257; tickPeriod: expected 1 to 100 ms, found 0 ms",
            e.Message, StringComparison.Ordinal);
    }

    // What a fresh store, instance, copy in and copy out cost. Not timed here: only that nothing grows with the number of calls.
    [Fact]
    public void Allocates_a_few_kilobytes_an_invocation_and_no_more()
    {
        using var runtime = new FunctionRuntime(new());
        using DeployedFunction echo = runtime.Install(Modules.Manifest(Modules.Echo), Modules.Echo);
        var environment = new TestEnvironment();
        for (int i = 0; i < 100; i++)
            runtime.Invoke(echo, default, environment, CancellationToken.None);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            runtime.Invoke(echo, default, environment, CancellationToken.None);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1000, 0, 4096);
    }
}
