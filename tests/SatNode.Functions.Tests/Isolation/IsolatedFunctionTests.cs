using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using SatNode.Functions.Isolation;
using SatNode.Functions.Runtime;
using SatNode.Functions.Tests.Runtime;
using SatNode.Protocol.Functions;
using Wat = SatNode.Functions.Tests.Runtime.Modules;

namespace SatNode.Functions.Tests.Isolation;

/// <summary>Functions in worker processes: the same bytes and the same ends as in the agent's process, and nothing that they do reaches the agent.</summary>
public sealed class IsolatedFunctionTests : IDisposable
{
    private const string Gives = "(i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 32))";

    private readonly List<WorkerLoss> _losses = [];
    private readonly TestEnvironment _environment = new();
    private readonly List<DeployedFunction> _functions = [];
    private readonly FunctionRuntime _runtime;

    public IsolatedFunctionTests() => _runtime = Runtime(new()
    {
        WorkerLost = loss =>
        {
            lock (_losses)
                _losses.Add(loss);
        },
    });

    public void Dispose()
    {
        foreach (DeployedFunction function in _functions)
            function.Dispose();
        _runtime.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(FunctionLimits.BytesCeiling)]
    public void Gives_the_bytes_back_that_went_in(int length)
    {
        byte[] input = new byte[length];
        new Random(length).NextBytes(input);
        InvocationOutcome outcome = Invoke(Deploy("probe", Large), input);
        Assert.Equal((InvocationEnd.Completed, "", length), (outcome.End, outcome.Reason, outcome.InputBytes));
        Assert.True(outcome.Output.Span.SequenceEqual(input));
        Assert.True(outcome.CpuTime > TimeSpan.Zero);
        Assert.True(outcome.ResidentBytesHighest > 1024 * 1024);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Does_as_it_would_in_the_agents_process(string body)
    {
        byte[] module = Wat.Reactor(body, before: """(data (i32.const 64) "other")""");
        InvocationOutcome shared = Compare(module, FunctionIsolation.Shared, out TestEnvironment here), isolated = Compare(module, FunctionIsolation.Process, out TestEnvironment there);
        Assert.Equal((shared.End, shared.Reason, shared.Limit, shared.GaveUp, shared.HostCalls, shared.LogLinesLost, shared.OutputBytes, shared.MemoryBytesHighest),
            (isolated.End, isolated.Reason, isolated.Limit, isolated.GaveUp, isolated.HostCalls, isolated.LogLinesLost, isolated.OutputBytes, isolated.MemoryBytesHighest));
        Assert.Equal(shared.Output.ToArray(), isolated.Output.ToArray());
        if (shared.Succeeded)
            Assert.Equal(shared.FuelUsed, isolated.FuelUsed);
        Assert.Equal(here.State.ToDictionary(pair => pair.Key, pair => Convert.ToHexString(pair.Value.Span)), there.State.ToDictionary(pair => pair.Key, pair => Convert.ToHexString(pair.Value.Span)));
        Assert.Equal(here.Lines, there.Lines);
        Assert.Equal(here.Emissions.Select(emission => (emission.Topic, Convert.ToHexString(emission.Payload.Span))), there.Emissions.Select(emission => (emission.Topic, Convert.ToHexString(emission.Payload.Span))));
        Assert.Equal((here.Commits, here.Callees.Count), (there.Commits, there.Callees.Count));
        Assert.Empty(_losses);
    }

    public static TheoryData<string> Bodies { get; } =
    [
        "i64.const 0",
        "unreachable",
        "(drop (i32.div_u (i32.const 1) (i32.const 0))) i64.const 0",
        "(drop (call $state_put (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5))) (i32.store (i32.const 1024) (call $state_size (i32.const 16) (i32.const 3))) " + Gives,
        "(drop (call $state_put (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5))) (i32.store (i32.const 1024) (call $state_get (i32.const 16) (i32.const 3) (i32.const 1028) (i32.const 60000))) " + Gives,
        "(i32.store (i32.const 1024) (call $state_get (i32.const 16) (i32.const 3) (i32.const 1028) (i32.const 4))) " + Gives,
        "(drop (call $state_put (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5))) unreachable",
        "(i32.store (i32.const 1024) (call $state_delete (i32.const 16) (i32.const 3))) (i64.store (i32.const 1028) (call $state_version (i32.const 16) (i32.const 3))) " + Gives,
        "(i32.store (i32.const 1024) (call $state_compare_and_set (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5) (i64.const 0))) (i32.store (i32.const 1028) (call $state_compare_and_set (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 4) (i64.const 7))) " + Gives,
        "(drop (call $state_put (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5))) (i32.store (i32.const 1024) (call $state_list (i32.const 16) (i32.const 0) (i32.const 1028) (i32.const 20))) " + Gives,
        "(i32.store (i32.const 1024) (call $state_list (i32.const 16) (i32.const 0) (i32.const 1028) (i32.const 1))) " + Gives,
        "(i32.store (i32.const 1024) (call $emit (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5))) " + Gives,
        "(loop $l (drop (call $emit (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5))) (i32.store (i32.const 1024) (i32.add (i32.load (i32.const 1024)) (i32.const 1))) (br_if $l (i32.lt_u (i32.load (i32.const 1024)) (i32.const 9)))) " + Gives,
        "(call $log (i32.const 1) (i32.const 32) (i32.const 5)) i64.const 0",
        "(loop $l (call $log (i32.const 2) (i32.const 32) (i32.const 5)) (i32.store (i32.const 1024) (i32.add (i32.load (i32.const 1024)) (i32.const 1))) (br_if $l (i32.lt_u (i32.load (i32.const 1024)) (i32.const 70)))) " + Gives,
        "(call $log (i32.const 9) (i32.const 32) (i32.const 5)) i64.const 0",
        "(call $log (i32.const 1) (i32.const 0) (i32.const 5000)) i64.const 0",
        "(i64.store (i32.const 1024) (call $time_ms)) (i64.store (i32.const 1032) (call $deadline_ms)) " + Gives,
        "(call $random (i32.const 1024) (i32.const 31)) (call $random (i32.const 1055) (i32.const 1)) " + Gives,
        "(i32.store (i32.const 1024) (call $node_fact (i32.const 48) (i32.const 13) (i32.const 1028) (i32.const 28))) " + Gives,
        "(i32.store (i32.const 1024) (call $node_fact (i32.const 48) (i32.const 13) (i32.const 1028) (i32.const 1))) " + Gives,
        "(call $abort (i32.const 3) (i32.const 32) (i32.const 5)) i64.const 0",
        "(call $abort (i32.const 1) (i32.const 32) (i32.const 5)) i64.const 0",
        "(i32.store (i32.const 1024) (call $invoke (i32.const 64) (i32.const 5) (i32.const 32) (i32.const 5))) (i32.store (i32.const 1028) (call $invoke_output (i32.const 1032) (i32.const 5))) " + Gives,
        "(i32.store (i32.const 1024) (call $invoke (i32.const 64) (i32.const 4) (i32.const 32) (i32.const 5))) (i32.store (i32.const 1028) (call $invoke_output (i32.const 1032) (i32.const 5))) " + Gives,
        "(drop (call $invoke (i32.const 64) (i32.const 5) (i32.const 32) (i32.const 5))) (i32.store (i32.const 1028) (call $invoke_output (i32.const 1032) (i32.const 4))) " + Gives,
        "(drop (call $state_get (i32.const 16) (i32.const 3) (i32.const 65530) (i32.const 100))) i64.const 0",
        "(drop (call $state_put (i32.const 16) (i32.const 0) (i32.const 32) (i32.const 5))) i64.const 0",
        "(drop (call $state_put (i32.const 16) (i32.const 200) (i32.const 32) (i32.const 5))) i64.const 0",
        "(drop (call $state_put (i32.const 16) (i32.const -1) (i32.const 32) (i32.const 5))) i64.const 0",
        "(drop (call $state_put (i32.const 8) (i32.const 3) (i32.const 32) (i32.const 5))) i64.const 0", // a control character
    ];

    [Fact]
    public void Payloads_longer_than_any_that_is_taken_are_refused_as_ever()
    {
        // 20 MiB of state, 40 MiB of room for it, 40 MiB of random bytes, and the last of these.
        byte[] module = Wat.Reactor("""
            (i32.store (i32.const 1024) (call $state_put (i32.const 16) (i32.const 3) (i32.const 4096) (i32.const 20971520)))
            (i32.store (i32.const 1028) (call $state_get (i32.const 16) (i32.const 3) (i32.const 4096) (i32.const 41943040)))
            (i32.store (i32.const 1032) (call $emit (i32.const 16) (i32.const 3) (i32.const 4096) (i32.const 41943040)))
            (call $random (i32.const 4096) (i32.const 41943037))
            (i64.store (i32.const 1036) (i64.load (i32.const 41947125)))
            (i64.store (i32.const 1044) (i64.load (i32.const 20971520)))
            """ + Gives, memory: "700");
        InvocationOutcome shared = Compare(module, FunctionIsolation.Shared, out _), isolated = Compare(module, FunctionIsolation.Process, out _);
        Assert.Equal((InvocationEnd.Completed, "", shared.Limit), (isolated.End, isolated.Reason, isolated.Limit));
        Assert.Equal((-3, -1, -3), (BitConverter.ToInt32(isolated.Output.Span), BitConverter.ToInt32(isolated.Output.Span[4..]), BitConverter.ToInt32(isolated.Output.Span[8..])));
        Assert.Equal(shared.Output.ToArray(), isolated.Output.ToArray());
    }

    [Theory]
    [InlineData(FunctionIsolation.Shared, FunctionIsolation.Process)]
    [InlineData(FunctionIsolation.Process, FunctionIsolation.Shared)]
    [InlineData(FunctionIsolation.Process, FunctionIsolation.Process)]
    public void Calls_over_the_wall_and_back_and_commits_as_one(FunctionIsolation caller, FunctionIsolation callee)
    {
        const string Puts = "(drop (call $state_put (i32.const 16) (i32.const {0}) (i32.const 32) (i32.const 5)))";
        string other = Puts.Replace("{0}", "3", StringComparison.Ordinal) + "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))";
        string calls = Puts.Replace("{0}", "2", StringComparison.Ordinal) + """
            (i32.store (i32.const 1024) (call $invoke (i32.const 64) (i32.const 5) (local.get 0) (local.get 1)))
            (i32.store (i32.const 1028) (call $invoke_output (i32.const 1032) (i32.const 64)))
            """ + Gives;
        _environment.Functions["other"] = Deploy("other", Wat.Reactor(other), callee);
        DeployedFunction first = Deploy("probe", Wat.Reactor(calls, before: """(data (i32.const 64) "other")"""), caller);
        for (int i = 0; i < 3; i++)
        {
            InvocationOutcome outcome = Invoke(first, "hello"u8.ToArray());
            Assert.Equal((InvocationEnd.Completed, ""), (outcome.End, outcome.Reason));
            Assert.Equal((5, 5, "hello"), (BitConverter.ToInt32(outcome.Output.Span), BitConverter.ToInt32(outcome.Output.Span[4..]), Encoding.UTF8.GetString(outcome.Output.Span[8..13])));
        }
        Assert.Equal(["ke", "key"], _environment.State.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((3, 3), (_environment.Commits, _environment.Callees.Count));
    }

    [Fact]
    public void A_callee_in_a_worker_runs_on_its_callers_fuel_and_what_it_changed_goes_with_its_caller()
    {
        _environment.Functions["other"] = Deploy("other", Wat.Reactor("(drop (call $state_put (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5))) (loop $l br $l) i64.const 0"),
            limits: new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = FunctionLimits.TimeCeiling });
        DeployedFunction caller = Deploy("probe", Wat.Reactor("(drop (call $invoke (i32.const 64) (i32.const 5) (i32.const 0) (i32.const 0))) i64.const 0", before: """(data (i32.const 64) "other")"""),
            limits: new() { FuelMax = 1_000_000 });
        InvocationOutcome outcome = Invoke(caller);
        Assert.Equal((InvocationEnd.OutOfFuel, "limits.fuelMax"), (outcome.End, outcome.Limit));
        Assert.InRange(outcome.FuelUsed, 999_000u, 1_000_000u);
        Assert.Empty(_environment.State);
    }

    [Fact]
    public void Ends_an_endless_loop_at_its_cpu_time()
    {
        InvocationOutcome outcome = Invoke(Deploy("probe", Wat.Reactor("(loop $l br $l) i64.const 0"), limits: new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = TimeSpan.FromMilliseconds(50) }));
        Assert.Equal((InvocationEnd.DeadlineExceeded, "limits.timeMax"), (outcome.End, outcome.Limit));
        Assert.True(outcome.CpuTime >= TimeSpan.FromMilliseconds(50));
        Assert.Empty(_losses);
    }

    [Fact]
    public void A_slowed_function_uses_no_more_of_a_core_than_its_share()
    {
        DeployedFunction function = Deploy("probe", Wat.Reactor("(if (local.get 1) (then (loop $l br $l))) i64.const 0"),
            limits: new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = TimeSpan.FromMilliseconds(120) });
        Assert.True(Invoke(function).Succeeded); // the worker has started
        _environment.OnPace = _ => 0.25;
        InvocationOutcome outcome = Invoke(function, [1]);
        Assert.Equal("limits.timeMax", outcome.Limit);
        Assert.True(_environment.Paced > TimeSpan.Zero);
        Assert.True(outcome.WallTime >= outcome.CpuTime * 2.5, $"{outcome.CpuTime.TotalMilliseconds} ms of CPU time in {outcome.WallTime.TotalMilliseconds} ms");
        Assert.Empty(_losses);
    }

    [Fact]
    public void A_callee_in_a_worker_works_within_its_callers_share()
    {
        _environment.Functions["other"] = Deploy("other", Wat.Reactor("(loop $l br $l) i64.const 0"), limits: new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = TimeSpan.FromMilliseconds(100) });
        DeployedFunction caller = Deploy("probe", Wat.Reactor("(drop (call $invoke (i32.const 64) (i32.const 5) (i32.const 0) (i32.const 0))) i64.const 0", before: """(data (i32.const 64) "other")"""),
            limits: new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = FunctionLimits.TimeCeiling });
        TimeSpan told = default;
        _environment.OnPace = used =>
        {
            told = used > told ? used : told; // once the callee has ended, its caller tells of itself alone
            return 0.25;
        };
        Invoke(caller);
        InvocationOutcome callee = Assert.Single(_environment.Callees).Outcome;
        Assert.Equal("limits.timeMax", callee.Limit);
        Assert.True(told >= TimeSpan.FromMilliseconds(50), $"{told.TotalMilliseconds} ms told"); // its callee's time is told as well
        Assert.True(callee.WallTime >= callee.CpuTime * 2.5, $"{callee.CpuTime.TotalMilliseconds} ms of CPU time in {callee.WallTime.TotalMilliseconds} ms");
    }

    [Fact]
    public void What_a_worker_used_its_callee_in_the_agents_process_does_not_rest_for_again()
    {
        _environment.Functions["other"] = Deploy("other", Wat.Reactor("(loop $l br $l) i64.const 0"), FunctionIsolation.Shared, new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = TimeSpan.FromMilliseconds(40) });
        DeployedFunction caller = Deploy("probe", Wat.Reactor(
            "(local $i i32) (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 400000000))))"
            + " (drop (call $invoke (i32.const 64) (i32.const 5) (i32.const 0) (i32.const 0))) i64.const 0", before: """(data (i32.const 64) "other")"""),
            limits: new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = FunctionLimits.TimeCeiling });
        _environment.OnPace = _ => 0.5; // a second of rest for a second of work
        InvocationOutcome outcome = Invoke(caller);
        InvocationOutcome callee = Assert.Single(_environment.Callees).Outcome;
        Assert.True(outcome.CpuTime > callee.CpuTime * 3, $"{outcome.CpuTime.TotalMilliseconds} ms, of which {callee.CpuTime.TotalMilliseconds} ms are the callee's");
        Assert.InRange(outcome.RestOwed, TimeSpan.Zero, callee.CpuTime * 1.5);
    }

    [Fact]
    public void CPU_time_of_workers_is_counted_while_they_live_and_when_they_have_ended()
    {
        Assert.Equal(TimeSpan.Zero, _runtime.WorkerCpuTime);
        DeployedFunction function = Deploy("probe", Wat.Reactor("(loop $l br $l) i64.const 0"), limits: new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = TimeSpan.FromMilliseconds(50) });
        InvocationOutcome outcome = Invoke(function);
        TimeSpan living = _runtime.WorkerCpuTime;
        Assert.True(living >= TimeSpan.FromMilliseconds(40), $"{living.TotalMilliseconds} ms of workers, {outcome.CpuTime.TotalMilliseconds} ms of the invocation");
        FunctionRuntime.ReleaseIdle([function], DateTimeOffset.UnixEpoch);
        FunctionRuntime.ReleaseIdle([function], DateTimeOffset.UnixEpoch.AddDays(1));
        Assert.Empty(Workers());
        TimeSpan ended = _runtime.WorkerCpuTime;
        Assert.True(ended >= living, $"{living.TotalMilliseconds} ms, then {ended.TotalMilliseconds} ms");
        Assert.Equal(ended, _runtime.WorkerCpuTime);
        Invoke(function);
        Assert.True(_runtime.WorkerCpuTime >= ended + TimeSpan.FromMilliseconds(40));
    }

    [Fact]
    public void Ends_at_the_deadline_of_the_mission_clock_and_serves_on()
    {
        _environment.Deadline = _environment.Time.GetUtcNow() - TimeSpan.FromSeconds(1);
        DeployedFunction function = Deploy("probe", Wat.Reactor("(if (local.get 1) (then (loop $l br $l))) i64.const 0"), limits: new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = FunctionLimits.TimeCeiling });
        InvocationOutcome outcome = Invoke(function, [1]);
        Assert.Equal((InvocationEnd.DeadlineExceeded, "slo.deadline"), (outcome.End, outcome.Limit));
        _environment.Deadline = null;
        Assert.Equal(InvocationEnd.Completed, Invoke(function).End);
        Assert.Empty(_losses);
    }

    [Fact]
    public void Ends_when_the_caller_gives_up()
    {
        using var cancellation = new CancellationTokenSource();
        _environment.Functions["other"] = Deploy("other", Wat.Echo, FunctionIsolation.Shared);
        DeployedFunction function = Deploy("probe", Wat.Reactor("(drop (call $state_size (i32.const 16) (i32.const 3))) (loop $l br $l) i64.const 0"),
            limits: new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = FunctionLimits.TimeCeiling });
        var environment = new TestEnvironment
        {
            OnState = _ =>
            {
                cancellation.Cancel(); // it runs now
                return null;
            },
        };
        Assert.Equal(InvocationEnd.Cancelled, _runtime.Invoke(function, default, environment, cancellation.Token).End);
    }

    [Fact]
    public void Is_kept_warm_in_its_worker_where_the_manifest_says_so()
    {
        const string Counts = "(i32.store (i32.const 1024) (i32.add (i32.load (i32.const 1024)) (i32.const 1))) " + Gives;
        DeployedFunction fresh = Deploy("fresh", Wat.Reactor(Counts)), warm = Deploy("warm", Wat.Reactor(Counts), keepWarm: 1);
        Assert.Equal([(1, InstanceStart.Cold), (1, InstanceStart.Fresh), (1, InstanceStart.Fresh)], Enumerable.Range(0, 3).Select(_ => Count(fresh)));
        Assert.Equal([(1, InstanceStart.Cold), (2, InstanceStart.Warm), (3, InstanceStart.Warm)], Enumerable.Range(0, 3).Select(_ => Count(warm)));

        (int, InstanceStart) Count(DeployedFunction function)
        {
            InvocationOutcome outcome = Invoke(function);
            return (BitConverter.ToInt32(outcome.Output.Span), outcome.Start);
        }
    }

    [Fact]
    public void Runs_a_command_with_its_input_its_environment_and_its_log()
    {
        byte[] module = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "functions", "greet", "greet.wasm"));
        var manifest = new FunctionManifest { Name = "greet", Version = "1", Kind = FunctionKind.Command, ModuleDigest = SHA256.HashData(module) };
        using DeployedFunction shared = _runtime.Install(manifest, module), isolated = _runtime.Install(manifest with { Isolation = FunctionIsolation.Process }, module);
        InvocationOutcome expected = Invoke(shared, "Ada"u8.ToArray()), outcome = Invoke(isolated, "Ada"u8.ToArray());
        Assert.Equal("hello Ada, this is greet on p01-s02\n", Encoding.UTF8.GetString(outcome.Output.Span));
        Assert.Equal((expected.FuelUsed, expected.HostCalls, expected.MemoryBytesHighest), (outcome.FuelUsed, outcome.HostCalls, outcome.MemoryBytesHighest));
    }

    // A command that asks for the time, random bytes and a line of log through WASI.
    [Fact]
    public void A_command_gets_the_nodes_clock_randomness_and_log()
    {
        byte[] module = Wat.Text("""
            (module
              (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
              (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1) (data (i32.const 16) "careful\n")
              (data (i32.const 32) "\40\00\00\00\18\00\00\00") (data (i32.const 40) "\10\00\00\00\08\00\00\00")
              (func (export "_start")
                (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 64)))
                (drop (call $random (i32.const 72) (i32.const 13)))
                (drop (call $write (i32.const 2) (i32.const 40) (i32.const 1) (i32.const 8)))
                (drop (call $write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 8)))))
            """);
        TestEnvironment here = new(), there = new();
        FunctionManifest manifest = Wat.Manifest(module, FunctionKind.Command);
        using DeployedFunction shared = _runtime.Install(manifest, module), isolated = _runtime.Install(manifest with { Isolation = FunctionIsolation.Process }, module);
        InvocationOutcome expected = _runtime.Invoke(shared, default, here, CancellationToken.None), outcome = _runtime.Invoke(isolated, default, there, CancellationToken.None);
        Assert.Equal((InvocationEnd.Completed, 24, expected.FuelUsed), (outcome.End, outcome.OutputBytes, outcome.FuelUsed));
        Assert.Equal(expected.Output.ToArray(), outcome.Output.ToArray());
        Assert.Equal(["Warning: careful"], there.Lines);
        Assert.Equal(here.Lines, there.Lines);
    }

    [Fact]
    public void Every_host_call_goes_over_as_its_types_say() => Assert.All(WorkerCalls.Served.Zip(WorkerCalls.ShapesServed), call =>
        Assert.Equal(call.First.Parameters, string.Concat(call.Second.Select(c => c is 'i' or 'I' ? $"{c}" : "ii"))));

    [Fact]
    public void An_actor_has_its_memory_its_key_and_its_policy()
    {
        byte[] module = Wat.Text("""
            (module
              (import "satnode" "memory_get" (func $get (param i32 i32) (result i32)))
              (import "satnode" "memory_put" (func $put (param i32 i32) (result i32)))
              (import "satnode" "memory_size" (func $size (result i32)))
              (import "satnode" "actor_key" (func $key (param i32 i32) (result i32)))
              (import "satnode" "actor_policy" (func $policy (param i32 i32) (result i32)))
              (import "satnode" "send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1) (data (i32.const 64) "probe/other")
              (func (export "satnode_alloc") (param i32) (result i32) i32.const 4096)
              (func (export "satnode_handle") (param i32 i32) (result i64)
                (i32.store (i32.const 1024) (call $put (local.get 0) (local.get 1)))
                (i32.store (i32.const 1028) (call $get (i32.const 1044) (i32.const 12)))
                (i32.store (i32.const 1032) (call $size))
                (i32.store (i32.const 1036) (call $key (i32.const 1048) (i32.const 8)))
                (i32.store (i32.const 1040) (i32.add (call $policy (i32.const 1) (i32.const 0)) (call $send (i32.const 64) (i32.const 11) (i32.const 0) (i32.const 3) (i32.const 5))))
                (i64.const 0x0000_0400_0000_0020)))
            """);
        InvocationOutcome Run(FunctionIsolation isolation, out TestEnvironment environment)
        {
            environment = new() { Actor = "p7" };
            using DeployedFunction function = _runtime.Install(Manifest("probe", module) with { Isolation = isolation, Actor = new() }, module);
            return _runtime.Invoke(function, "abc"u8.ToArray(), environment, CancellationToken.None);
        }
        InvocationOutcome shared = Run(FunctionIsolation.Shared, out TestEnvironment here), isolated = Run(FunctionIsolation.Process, out TestEnvironment there);
        Assert.Equal((InvocationEnd.Completed, "", shared.Limit), (isolated.End, isolated.Reason, isolated.Limit));
        Assert.Equal(shared.Output.ToArray(), isolated.Output.ToArray());
        Assert.Equal(3, BitConverter.ToInt32(isolated.Output.Span[4..]));
        Assert.Equal(here.State.Keys, there.State.Keys);
    }

    [Fact]
    public void An_input_on_its_way_is_taken_when_it_comes_and_a_prepared_worker_is_ahead()
    {
        DeployedFunction function = Deploy("probe", Wat.Echo);
        Assert.True(_runtime.Warm(function, _environment.Clock.GetUtcNow()));
        Assert.True(SpinWait.SpinUntil(() => function.IdleInstances == 1, TimeSpan.FromSeconds(30)));
        InvocationOutcome outcome = _runtime.InvokeAhead(function, new(() => new byte[] { 1, 2 }), _environment, CancellationToken.None);
        Assert.Equal((InvocationEnd.Completed, InstanceStart.Ahead, 2, 2), (outcome.End, outcome.Start, outcome.InputBytes, outcome.OutputBytes));
        InvocationOutcome refused = _runtime.InvokeAhead(function, new(() => null), _environment, CancellationToken.None);
        Assert.Equal((InvocationEnd.Refused, "the input is not there"), (refused.End, refused.Reason));
        Assert.Equal(InvocationEnd.Completed, Invoke(function, [1]).End);
        Assert.Empty(_losses);
    }

    [Fact]
    public void Several_run_at_once()
    {
        using var runtime = Runtime(new() { InstancesMax = 4, WaitMax = TimeSpan.FromSeconds(60) });
        byte[] module = Wat.Echo;
        using DeployedFunction function = runtime.Install(Manifest("probe", module), module);
        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            byte[] input = BitConverter.GetBytes(i);
            InvocationOutcome outcome = runtime.Invoke(function, input, new TestEnvironment(), CancellationToken.None);
            Assert.Equal((InvocationEnd.Completed, ""), (outcome.End, outcome.Reason));
            Assert.Equal(input, outcome.Output.ToArray());
        });
        Assert.InRange(function.IdleInstances, 1, WorkerBounds.WorkersPerFunctionMax);
    }

    [Fact]
    public void More_functions_than_workers_take_turns()
    {
        DeployedFunction[] functions = [.. Enumerable.Range(0, WorkerBounds.WorkersMax + 2).Select(i => Deploy(string.Create(CultureInfo.InvariantCulture, $"probe-{i}"), Wat.Echo))];
        foreach (DeployedFunction function in functions)
            Assert.Equal(InvocationEnd.Completed, Invoke(function, [1]).End);
        Assert.InRange(functions.Sum(function => function.IdleInstances), 1, WorkerBounds.WorkersMax);
        Assert.Equal(InvocationEnd.Completed, Invoke(functions[0], [1]).End);
        Assert.Empty(_losses);
    }

    [Fact]
    public void Idle_workers_go_after_the_time_of_the_manifest_and_come_back()
    {
        DeployedFunction function = Deploy("probe", Wat.Echo);
        DateTimeOffset now = _environment.Clock.GetUtcNow();
        Assert.Equal(InstanceStart.Cold, Invoke(function, [1]).Start);
        FunctionRuntime.ReleaseIdle([function], now); // first seen idle
        FunctionRuntime.ReleaseIdle([function], now + TimeSpan.FromSeconds(59.9));
        Assert.Equal(1, function.IdleInstances);
        FunctionRuntime.ReleaseIdle([function], now + TimeSpan.FromSeconds(60));
        Assert.Equal(0, function.IdleInstances);
        Assert.Equal((InvocationEnd.Completed, InstanceStart.Cold), (Invoke(function, [1]).End, Invoke(Deploy("next", Wat.Echo), [1]).Start));
        Assert.Empty(_losses);
    }

    [Fact]
    public void Is_refused_where_there_is_no_program_for_workers()
    {
        using var runtime = new FunctionRuntime(new());
        Assert.Equal("function probe: isolation: expected shared, because this node has no program for worker processes, found process; not installed",
            Assert.Throws<FunctionModuleException>(() => runtime.Install(Manifest("probe", Wat.Echo), Wat.Echo)).Message);
    }

    [Fact]
    public void Is_not_fused()
    {
        DeployedFunction one = Deploy("one", Wat.Echo), two = Deploy("two", Wat.Echo);
        Assert.False(FunctionRuntime.CanFuse(one.Manifest, two.Manifest));
        Assert.Throws<ArgumentException>(() => _runtime.InvokeFused([new(one, _environment), new(two, _environment)], new(ReadOnlyMemory<byte>.Empty), CancellationToken.None));
    }

    [Fact]
    public void A_fault_of_the_nodes_own_leaves_the_runtime_unchanged_and_the_next_invocation_works()
    {
        DeployedFunction function = Deploy("probe", Wat.Answer("(call $state_size (i32.const 16) (i32.const 3))"));
        var broken = new TestEnvironment { OnState = _ => throw new InvalidDataException("the store is gone") };
        Assert.Equal("the store is gone", Assert.Throws<InvalidDataException>(() => _runtime.Invoke(function, default, broken, CancellationToken.None)).Message);
        Assert.Equal(InvocationEnd.Completed, Invoke(function).End);
    }

    [Fact]
    public void A_worker_that_is_killed_at_work_is_told_and_the_next_invocation_works()
    {
        const string expected = "signal 9 (SIGKILL)";
        // Tells that it runs, and runs on when it has an input.
        DeployedFunction function = Deploy("probe", Wat.Reactor("(drop (call $state_size (i32.const 16) (i32.const 3))) (if (local.get 1) (then (loop $l br $l))) i64.const 0"),
            limits: new() { FuelMax = FunctionLimits.FuelCeiling, TimeMax = FunctionLimits.TimeCeiling });
        var environment = new TestEnvironment
        {
            OnState = _ =>
            {
                Shoot();
                return null;
            },
        };
        InvocationOutcome outcome = _runtime.Invoke(function, new byte[] { 1 }, environment, CancellationToken.None);
        Assert.Equal((InvocationEnd.Trapped, $"its worker process was lost: {expected}"), (outcome.End, outcome.Reason));
        Assert.Equal([new("probe", expected, 1, TimeSpan.FromMilliseconds(100))], _losses);
        Assert.Equal(InvocationEnd.Completed, Invoke(function).End);
    }

    [Fact]
    public void One_that_dies_while_it_is_idle_is_found_out_and_replaced()
    {
        DeployedFunction function = Deploy("probe", Wat.Echo);
        Invoke(function, [1]);
        Shoot();
        Assert.True(SpinWait.SpinUntil(() =>
        {
            FunctionRuntime.ReleaseIdle([function], _environment.Clock.GetUtcNow());
            return _losses.Count > 0;
        }, TimeSpan.FromSeconds(20)));
        Assert.Equal("signal 9 (SIGKILL)", Assert.Single(_losses).Reason);
        InvocationOutcome next = Invoke(function, [1]);
        Assert.Equal((InvocationEnd.Completed, InstanceStart.Cold), (next.End, next.Start));
    }

    [Fact]
    public void A_worker_has_given_up_what_it_can()
    {
        Invoke(Deploy("probe", Wat.Echo), [1]);
        int worker = Assert.Single(Workers());
        string[] status = File.ReadAllLines($"/proc/{worker}/status"), limits = File.ReadAllLines($"/proc/{worker}/limits");
        Assert.Contains("NoNewPrivs:\t1", status);
        Assert.Equal("1000", File.ReadAllText($"/proc/{worker}/oom_score_adj").Trim());
        Assert.Contains(limits, line => line.StartsWith("Max file size             0                    0", StringComparison.Ordinal));
        Assert.Contains(limits, line => line.StartsWith("Max core file size        0                    0", StringComparison.Ordinal));
        Assert.Contains(limits, line => line.StartsWith("Max open files            64                   64", StringComparison.Ordinal));
        Assert.Contains(limits, line => line.StartsWith("Max cpu time              3660                 3660", StringComparison.Ordinal));
        Assert.DoesNotContain(limits, line => line.StartsWith("Max data size             unlimited", StringComparison.Ordinal));
        Assert.Equal(worker.ToString(CultureInfo.InvariantCulture), File.ReadAllText($"/proc/{worker}/stat").Split(')')[1].Split(' ')[3]); // a process group of its own
    }

    [Fact]
    public void A_program_that_does_not_start_is_told_and_starts_are_spaced_out()
    {
        var time = new FakeTimeProvider();
        var losses = new List<WorkerLoss>();
        using var runtime = new FunctionRuntime(new() { Worker = new("/bin/false", []), WorkerLost = losses.Add, Time = time, WaitMax = TimeSpan.FromSeconds(1) });
        using DeployedFunction function = runtime.Install(Manifest("probe", Wat.Echo), Wat.Echo);
        InvocationOutcome outcome = runtime.Invoke(function, default, _environment, CancellationToken.None);
        Assert.Equal(InvocationEnd.PoolFull, outcome.End);
        Assert.Equal("no worker process: 1 lost in a row, the last: could not be started: its end of the socket is closed; exit code 1", outcome.Reason);
        Assert.Equal([new("probe", "could not be started: its end of the socket is closed; exit code 1", 1, TimeSpan.FromMilliseconds(100))], losses); // and no other one while the clock stands
        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(InvocationEnd.PoolFull, runtime.Invoke(function, default, _environment, CancellationToken.None).End);
        Assert.Equal((2, 2, TimeSpan.FromMilliseconds(200)), (losses.Count, losses[^1].InARow, losses[^1].BackOff));
    }

    // Only these tests have workers, and they run one after the other.
    private static IEnumerable<int> Workers() => Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
        .Where(id =>
        {
            try
            {
                return File.ReadAllText($"/proc/{id}/cmdline").Split('\0') is [.., "--worker", var agent, ""] && agent == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                return false; // it has just ended
            }
        });

    private static void Shoot()
    {
        using var kill = System.Diagnostics.Process.Start("/bin/kill", ["-KILL", .. Workers().Select(id => id.ToString(CultureInfo.InvariantCulture))]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private static byte[] Large { get; } = Wat.Text("""
        (module (memory (export "memory") 1)
          (func (export "satnode_alloc") (param i32) (result i32)
            (if (i32.eq (memory.grow (i32.shr_u (i32.add (local.get 0) (i32.const 65535)) (i32.const 16))) (i32.const -1)) (then (return (i32.const 0)))) (i32.const 4096))
          (func (export "satnode_handle") (param i32 i32) (result i64) (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))))
        """);

    private static FunctionRuntime Runtime(FunctionRuntimeOptions options) => new(options with { Worker = TestWorkers.Program });

    private static FunctionManifest Manifest(string name, byte[] module) => Wat.Manifest(module) with { Name = name, Isolation = FunctionIsolation.Process };

    private InvocationOutcome Compare(byte[] module, FunctionIsolation isolation, out TestEnvironment environment)
    {
        environment = new();
        environment.Functions["other"] = Deploy("other", Wat.Echo, FunctionIsolation.Shared);
        DeployedFunction function = Deploy("probe", module, isolation, new() { MemoryBytesMax = FunctionLimits.MemoryBytesCeiling });
        return _runtime.Invoke(function, "input"u8.ToArray(), environment, CancellationToken.None);
    }

    private DeployedFunction Deploy(string name, byte[] module, FunctionIsolation isolation = FunctionIsolation.Process, FunctionLimits? limits = null, int keepWarm = 0)
    {
        limits ??= new() { MemoryBytesMax = FunctionLimits.MemoryBytesCeiling, InputBytesMax = FunctionLimits.BytesCeiling, OutputBytesMax = FunctionLimits.BytesCeiling };
        _functions.Add(_runtime.Install(Manifest(name, module) with { Isolation = isolation, Limits = limits, Instances = new() { KeepWarmMax = keepWarm } }, module));
        return _functions[^1];
    }

    private InvocationOutcome Invoke(DeployedFunction function, byte[]? input = null) => _runtime.Invoke(function, input ?? [], _environment, CancellationToken.None);
}
