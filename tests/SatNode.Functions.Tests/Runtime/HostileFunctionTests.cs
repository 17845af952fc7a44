using System.Security.Cryptography;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Runtime;

/// <summary>Functions that want to do harm: each ends as it should, and after each the runtime still serves a good one.</summary>
public sealed class HostileFunctionTests : IDisposable
{
    private static readonly FunctionLimits Tight = new() { MemoryBytesMax = 1024 * 1024, TimeMax = TimeSpan.FromMilliseconds(50), FuelMax = FunctionLimits.FuelCeiling };

    private readonly FunctionRuntime _runtime = new(new() { InstancesMax = 1, WaitMax = TimeSpan.Zero });

    public void Dispose() => _runtime.Dispose();

    [Fact]
    public void Ends_an_endless_loop_at_its_cpu_time()
    {
        InvocationOutcome outcome = Run(Modules.Reactor("(loop $l br $l) i64.const 0"), Tight);
        Assert.Equal(InvocationEnd.DeadlineExceeded, outcome.End);
        Assert.StartsWith("expected to end within 50 ms of CPU time, found ", outcome.Reason, StringComparison.Ordinal);
        Assert.InRange(outcome.CpuTime.TotalMilliseconds, 50, 200);
    }

    [Fact]
    public void Ends_an_endless_loop_at_its_fuel()
    {
        InvocationOutcome outcome = Run(Modules.Reactor("(loop $l br $l) i64.const 0"), Tight with { FuelMax = 10_000, TimeMax = TimeSpan.FromMinutes(1) });
        Assert.Equal(InvocationEnd.OutOfFuel, outcome.End);
        Assert.Equal("expected to end within 10000 units of fuel, found all used", outcome.Reason);
        Assert.Equal(10_000u, outcome.FuelUsed);
    }

    [Fact]
    public void Ends_an_endless_loop_of_host_calls()
    {
        byte[] module = Modules.Reactor("(loop $l (call $log (i32.const 0) (i32.const 16) (i32.const 3)) br $l) i64.const 0");
        Assert.Equal("limits.hostCallsMax", Run(module, Tight with { HostCallsMax = 1000 }).Limit);
        InvocationOutcome outcome = Run(module, Tight with { HostCallsMax = FunctionLimits.HostCallsCeiling });
        Assert.Equal(InvocationEnd.DeadlineExceeded, outcome.End);
        Assert.True(outcome.LogLinesLost > 0, "log lines over the bound are counted");
    }

    [Fact]
    public void Ends_a_start_function_that_loops()
    {
        InvocationOutcome outcome = Run(Modules.Reactor("i64.const 0", before: "(func $s (loop $l br $l)) (start $s)"), Tight);
        Assert.Equal(InvocationEnd.DeadlineExceeded, outcome.End);
    }

    [Fact]
    public void Ends_an_allocator_that_loops()
    {
        InvocationOutcome outcome = Run(Modules.Text("""
            (module (memory (export "memory") 1)
              (func (export "satnode_alloc") (param i32) (result i32) (loop $l br $l) i32.const 0)
              (func (export "satnode_handle") (param i32 i32) (result i64) i64.const 0))
            """), Tight, input: [1]);
        Assert.Equal(InvocationEnd.DeadlineExceeded, outcome.End);
    }

    [Theory]
    [InlineData("(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable")]
    [InlineData("(call $abort (i32.const 1) (i32.const 16) (i32.const 3)) unreachable")]
    public void Ends_a_memory_bomb(string body)
    {
        InvocationOutcome outcome = Run(Modules.Reactor(body), Tight);
        Assert.Equal(InvocationEnd.OutOfMemory, outcome.End);
        Assert.True(outcome.MemoryBytesHighest <= Tight.MemoryBytesMax, $"{outcome.MemoryBytesHighest} bytes were held");
    }

    [Fact]
    public void Gives_a_function_exactly_its_memory_and_not_a_page_more()
    {
        byte[] module = Modules.Answer("(memory.grow (i32.const 15))");
        InvocationOutcome outcome = Run(module, Tight);
        Assert.Equal(1, BitConverter.ToInt32(outcome.Output.Span));
        Assert.Equal(Tight.MemoryBytesMax, outcome.MemoryBytesHighest);
        Assert.Equal(-1, BitConverter.ToInt32(Run(Modules.Answer("(memory.grow (i32.const 16))"), Tight).Output.Span));
    }

    [Fact]
    public void Ends_an_allocator_without_memory()
    {
        InvocationOutcome outcome = Run(Modules.Text("""
            (module (memory (export "memory") 1)
              (func (export "satnode_alloc") (param i32) (result i32) i32.const 0)
              (func (export "satnode_handle") (param i32 i32) (result i64) i64.const 0))
            """), Tight, input: [1]);
        Assert.Equal(InvocationEnd.OutOfMemory, outcome.End);
        Assert.Equal("satnode_alloc: expected room for 1 bytes of input, found none", outcome.Reason);
    }

    [Theory]
    [InlineData("(call $handle (local.get 0) (local.get 1))", "StackOverflow: ")]
    [InlineData("unreachable", "Unreachable: ")]
    [InlineData("(i64.load (i32.const 0x7fffffff))", "MemoryOutOfBounds: ")]
    [InlineData("(drop (i32.div_u (i32.const 1) (i32.const 0))) i64.const 0", "IntegerDivisionByZero: ")]
    [InlineData("(call $abort (i32.const 9) (i32.const 16) (i32.const 3)) unreachable", "gave up with code 9: key")]
    [InlineData("i64.const 0x0000000100200000", "satnode_handle: expected at most 1048576 bytes of output, found 2097152")]
    [InlineData("i64.const 0x00000001ffffffff", "satnode_handle: expected at most 1048576 bytes of output, found 4294967295")]
    [InlineData("i64.const 0x7fff000000000010", "satnode_handle: expected bytes within a memory of 65536, found 16 at 2147418112")]
    [InlineData("i64.const 0xffffffff00000001", "satnode_handle: expected bytes within a memory of 65536, found 1 at 4294967295")]
    [InlineData("i64.const 0x0000ffff00000002", "satnode_handle: expected bytes within a memory of 65536, found 2 at 65535")]
    public void Traps(string body, string reason)
    {
        InvocationOutcome outcome = Run(Modules.Reactor(body), Tight with { OutputBytesMax = 1024 * 1024 });
        Assert.Equal(InvocationEnd.Trapped, outcome.End);
        Assert.StartsWith(reason, outcome.Reason, StringComparison.Ordinal);
    }

    // Every pointer of every host call, once just over the end, once far outside, once wrapping around.
    public static TheoryData<string, string> BadPointers()
    {
        TheoryData<string, string> cases = [];
        string[] bad = ["(i32.const 65536) (i32.const 1)", "(i32.const 65535) (i32.const 2)", "(i32.const -1) (i32.const 1)",
            "(i32.const 0x7fffffff) (i32.const 128)", "(i32.const 16) (i32.const -1)"];
        foreach (string p in bad)
        {
            cases.Add("state_size", $"(drop (call $state_size {p}))");
            cases.Add("state_delete", $"(drop (call $state_delete {p}))");
            foreach (string call in (string[])["state_get", "state_put", "emit", "node_fact"])
            {
                cases.Add(call, $"(drop (call ${call} {p} (i32.const 1024) (i32.const 8)))");
                cases.Add(call, $"(drop (call ${call} (i32.const 16) (i32.const 3) {p}))");
            }
            foreach (string call in (string[])["memory_get", "memory_put", "actor_key"])
                cases.Add(call, $"(drop (call ${call} {p}))");
            cases.Add("send", $"(drop (call $send {p} (i32.const 1024) (i32.const 8) (i32.const 0)))");
            cases.Add("send", $"(drop (call $send (i32.const 16) (i32.const 3) {p} (i32.const 0)))");
            cases.Add("log", $"(call $log (i32.const 0) {p})");
            cases.Add("random", $"(call $random {p})");
            cases.Add("abort", $"(call $abort (i32.const 2) {p})");
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(BadPointers))]
    public void Traps_on_a_bad_pointer(string call, string body)
    {
        var environment = new TestEnvironment();
        InvocationOutcome outcome = Run(Modules.Reactor(body + " i64.const 0"), Tight, environment);
        Assert.Equal(InvocationEnd.Trapped, outcome.End);
        Assert.StartsWith(call + ": expected ", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal(0, environment.Commits);
    }

    [Theory]
    [InlineData("(drop (call $state_size (i32.const 16) (i32.const 0)))", "state_size: expected a name of 1 to 128 bytes, found 0")]
    [InlineData("(drop (call $state_size (i32.const 16) (i32.const 129)))", "state_size: expected a name of 1 to 128 bytes, found 129")]
    [InlineData("(i32.store8 (i32.const 16) (i32.const 255)) (drop (call $state_size (i32.const 16) (i32.const 3)))",
        "state_size: expected a name in UTF-8, found other bytes")]
    [InlineData("(call $log (i32.const 4) (i32.const 16) (i32.const 3))", "log: expected a level of 0 to 3, found 4")]
    public void Traps_on_a_bad_argument(string body, string reason)
    {
        InvocationOutcome outcome = Run(Modules.Reactor(body + " i64.const 0"), Tight);
        Assert.Equal(InvocationEnd.Trapped, outcome.End);
        Assert.Equal(reason, outcome.Reason);
    }

    [Theory]
    [InlineData("""(module (memory (export "memory") 1))""", "expected an exported function satnode_alloc, found none")]
    [InlineData("(module)", "expected an exported memory named memory, found none")]
    [InlineData("""(module (import "env" "system" (func (param i32))) (memory (export "memory") 1))""",
        "expected imports that docs/function-abi.md lists for a reactor, found env.system")]
    [InlineData("""(module (import "satnode" "log" (global i32)) (memory (export "memory") 1))""",
        "expected imports that docs/function-abi.md lists for a reactor, found satnode.log")]
    [InlineData("""(module (import "satnode" "log" (func (param i64))) (memory (export "memory") 1))""",
        "expected satnode.log as (iii) -> (), found (I) -> ()")]
    [InlineData("""(module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))) (memory (export "memory") 1))""",
        "expected imports that docs/function-abi.md lists for a reactor, found wasi_snapshot_preview1.sched_yield")]
    [InlineData("""(module (memory (export "memory") 17))""",
        "expected a memory of at most 1048576 bytes (limits.memoryBytesMax), found one that starts with 1114112")]
    [InlineData("""(module (memory (export "memory") 1) (func (export "satnode_alloc") (result i32) i32.const 0))""",
        "expected satnode_alloc as (i) -> (i), found () -> (i)")]
    public void Refuses_a_module_that_breaks_the_abi(string wat, string reason)
    {
        byte[] module = Modules.Text(wat);
        Assert.Equal($"function probe: {reason}; not installed", RefusalOf(Modules.Manifest(module) with { Limits = Tight }, module));
    }

    [Fact]
    public void Refuses_what_it_cannot_give_instead_of_leaving_it_out()
    {
        FunctionManifest manifest = Modules.Manifest(Modules.Echo);
        Assert.Contains("isolation: expected shared", RefusalOf(manifest with { Isolation = FunctionIsolation.Process }, Modules.Echo), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_bytes_that_are_no_module()
    {
        byte[] text = "(module)"u8.ToArray(), cut = Modules.Echo[..^1], huge = new byte[FunctionBounds.ModuleBytesMax + 1];
        Assert.Equal("function probe: expected a WebAssembly module, found other bytes; not installed", RefusalOf(Modules.Manifest(text), text));
        Assert.StartsWith("function probe: expected a WebAssembly module that can be compiled, found: ", RefusalOf(Modules.Manifest(cut), cut), StringComparison.Ordinal);
        Assert.Equal("function probe: expected a module of at most 4194304 bytes, found 4194305; not installed", RefusalOf(Modules.Manifest(huge), huge));
    }

    [Fact]
    public void Refuses_a_module_of_another_digest()
    {
        FunctionManifest manifest = Modules.Manifest(Modules.Echo) with { ModuleDigest = SHA256.HashData([]) };
        Assert.StartsWith("function probe: expected a module of digest sha256:e3b0c44298fc1c14", RefusalOf(manifest, Modules.Echo), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_module_of_a_dimension_that_the_pool_does_not_have()
    {
        byte[] module = Modules.Reactor("i64.const 0", before: $"(table {FunctionBounds.TableElementsMax + 1} funcref)");
        Assert.Contains("table", RefusalOf(Modules.Manifest(module), module), StringComparison.Ordinal);
    }

    private string RefusalOf(FunctionManifest manifest, byte[] module)
    {
        string text = Assert.Throws<FunctionModuleException>(() => _runtime.Install(manifest, module)).Message;
        AssertServes();
        return text;
    }

    private InvocationOutcome Run(byte[] module, FunctionLimits limits, TestEnvironment? environment = null, byte[]? input = null)
    {
        InvocationOutcome outcome = _runtime.InstallAndInvoke(module, environment, limits, input);
        AssertServes();
        return outcome;
    }

    private void AssertServes()
    {
        InvocationOutcome good = _runtime.InstallAndInvoke(Modules.Echo, input: "still here"u8.ToArray());
        Assert.Equal(InvocationEnd.Completed, good.End);
        Assert.Equal("still here"u8.ToArray(), good.Output.ToArray());
    }
}
