using System.Buffers.Binary;
using System.Text;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Runtime;

/// <summary>WASI preview 1 as commands see it: their input, their output, SATNODE_* and the mission clock, and nothing of the machine.</summary>
public sealed class WasiCommandTests : IDisposable
{
    private const string Imports = """
        (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
        (import "satnode" "emit" (func $emit (param i32 i32 i32 i32) (result i32)))
        """;

    // Writes the word at 1024 to stdout.
    private const string WriteWord = "(i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 4)) (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))";

    private readonly FunctionRuntime _runtime = new(new() { InstancesMax = 1 });
    private readonly TestEnvironment _environment = new();

    public void Dispose() => _runtime.Dispose();

    [Theory]
    [InlineData(52, "(call $path_open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 3) (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0))")]
    [InlineData(52, "(call $poll_oneoff (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))")]
    [InlineData(8, "(call $fd_prestat_get (i32.const 3) (i32.const 0))")]
    [InlineData(8, "(call $fd_read (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0))")]
    [InlineData(8, "(call $fd_write (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))")]
    [InlineData(28, "(call $clock_time_get (i32.const 4) (i64.const 0) (i32.const 0))")]
    public void Refuses_what_a_function_may_not_have(int errno, string call)
    {
        InvocationOutcome outcome = Run($"(i32.store (i32.const 1024) {call}) {WriteWord}");
        Assert.Equal(errno, BinaryPrimitives.ReadInt32LittleEndian(outcome.Output.Span));
    }

    [Theory]
    [InlineData("fd_read", "(drop (call $fd_read (i32.const 0) (i32.const 65532) (i32.const 1) (i32.const 8)))")]
    [InlineData("fd_read", "(drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1025) (i32.const 8)))")]
    [InlineData("fd_read", "(drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 65535)))")]
    [InlineData("fd_write", "(i32.store (i32.const 0) (i32.const -1)) (i32.store (i32.const 4) (i32.const 4)) (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))")]
    [InlineData("fd_write", "(drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const -1) (i32.const 8)))")]
    [InlineData("sizes_get", "(drop (call $environ_sizes_get (i32.const 65533) (i32.const 0)))")]
    [InlineData("strings_get", "(drop (call $environ_get (i32.const 0) (i32.const 65530)))")]
    [InlineData("strings_get", "(drop (call $environ_get (i32.const -4) (i32.const 0)))")]
    [InlineData("clock_time_get", "(drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 65529)))")]
    [InlineData("random_get", "(drop (call $random_get (i32.const 65535) (i32.const 2)))")]
    public void Traps_on_a_bad_pointer(string call, string body)
    {
        InvocationOutcome outcome = Run(body);
        Assert.Equal(InvocationEnd.Trapped, outcome.End);
        Assert.StartsWith(call + ": expected ", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal(InvocationEnd.Completed, Run("").End);
    }

    [Theory]
    [InlineData(0, InvocationEnd.Completed, "")]
    [InlineData(3, InvocationEnd.Trapped, "ended with exit code 3")]
    public void Ends_by_its_exit_code_and_commits_only_after_zero(int code, InvocationEnd end, string reason)
    {
        InvocationOutcome outcome = Run($"(i32.store (i32.const 1024) (i32.const 7)) {WriteWord} (drop (call $emit (i32.const 16) (i32.const 3) (i32.const 16) (i32.const 3))) (call $proc_exit (i32.const {code}))");
        Assert.Equal((end, reason), (outcome.End, outcome.Reason));
        Assert.Equal(code == 0 ? 4 : 0, outcome.Output.Length);
        Assert.Equal(code == 0 ? 1 : 0, _environment.Emissions.Count);
    }

    [Fact]
    public void Reads_the_mission_clock()
    {
        InvocationOutcome outcome = Run($"(drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 1024))) {WriteWord.Replace("(i32.const 4))", "(i32.const 8))", StringComparison.Ordinal)}");
        Assert.Equal((_environment.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100, BinaryPrimitives.ReadInt64LittleEndian(outcome.Output.Span));
    }

    [Fact]
    public void Sees_an_environment_of_satnode_variables_alone()
    {
        _environment.Deadline = _environment.Time.GetUtcNow().AddMinutes(1);
        InvocationOutcome outcome = Run("""
            (drop (call $environ_sizes_get (i32.const 8192) (i32.const 8196)))
            (drop (call $environ_get (i32.const 8200) (i32.const 1024)))
            (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.load (i32.const 8196)))
            (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
            """);
        Assert.Equal("SATNODE_FUNCTION=probe\0SATNODE_VERSION=1\0SATNODE_NODE=p01-s02\0SATNODE_TIME=2026-11-01T12:00:00.000Z\0SATNODE_DEADLINE=2026-11-01T12:01:00.000Z\0",
            Encoding.UTF8.GetString(outcome.Output.Span));
    }

    [Fact]
    public void Ends_output_without_end_at_its_limit()
    {
        InvocationOutcome outcome = Run($"(loop $l {WriteWord} br $l)", new() { OutputBytesMax = 1000 });
        Assert.Equal((InvocationEnd.Trapped, "output: expected at most 1000 bytes, found 1004"), (outcome.End, outcome.Reason));
    }

    [Fact]
    public void Logs_standard_error_as_warnings()
    {
        Run("(i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 3)) (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))");
        Assert.Equal(["Warning: key"], _environment.Lines);
    }

    [Fact]
    public void Reads_its_input_in_pieces_to_the_end()
    {
        const string Copy = """
            (local $n i32)
            (loop $l
              (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 7))
              (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
              (i32.store (i32.const 4) (local.tee $n (i32.load (i32.const 8))))
              (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
              (br_if $l (local.get $n)))
            """;
        byte[] input = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i % 251))];
        Assert.Equal(input, Run(Copy, input: input).Output.ToArray());
    }

    [Fact]
    public void Refuses_a_command_without_start()
    {
        byte[] module = Modules.Text("""(module (memory (export "memory") 1))""");
        Assert.Equal("function probe: expected an exported function _start, found none; not installed",
            Assert.Throws<FunctionModuleException>(() => _runtime.Install(Modules.Manifest(module, FunctionKind.Command), module)).Message);
    }

    private InvocationOutcome Run(string body, FunctionLimits? limits = null, byte[]? input = null)
    {
        byte[] module = Modules.Text($"""(module {Imports} (memory (export "memory") 1) (data (i32.const 16) "key") (func (export "_start") {body}))""");
        return _runtime.InstallAndInvoke(module, _environment, limits, input, FunctionKind.Command);
    }
}
