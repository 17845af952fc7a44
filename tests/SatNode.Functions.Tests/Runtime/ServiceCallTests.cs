using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Runtime;

/// <summary>The object store and the queue of a function. Handlers return the answers of their calls, four bytes each; "key" stands at 16, "value" at 32.</summary>
public sealed class ServiceCallTests : IDisposable
{
    private const string Imports = """
        (import "satnode" "object_put" (func $object_put (param i32 i32 i64 i32 i32) (result i32)))
        (import "satnode" "object_get" (func $object_get (param i32 i32 i64 i32 i32) (result i32)))
        (import "satnode" "object_size" (func $object_size (param i32 i32) (result i64)))
        (import "satnode" "object_delete" (func $object_delete (param i32 i32) (result i32)))
        (import "satnode" "queue_push" (func $queue_push (param i32 i32) (result i32)))
        (import "satnode" "queue_pop" (func $queue_pop (param i32 i32) (result i32)))
        (import "satnode" "queue_length" (func $queue_length (result i32)))
        (import "satnode" "state_put" (func $state_put (param i32 i32 i32 i32) (result i32)))
        (import "satnode" "state_list" (func $state_list (param i32 i32 i32 i32) (result i32)))
        """;

    private const string Push = "(call $queue_push (i32.const 32) (i32.const 5))";
    private const string Pop = "(call $queue_pop (i32.const 65536) (i32.const 64))";
    private const string QueueLength = "(call $queue_length)";
    private const string Size = "(i32.wrap_i64 (call $object_size (i32.const 16) (i32.const 3)))";
    private const string Delete = "(call $object_delete (i32.const 16) (i32.const 3))";

    private readonly FunctionRuntime _runtime = new(new());
    private readonly TestEnvironment _environment = new();

    public void Dispose() => _runtime.Dispose();

    [Fact]
    public void An_object_is_written_grown_and_read_across_its_pieces()
    {
        byte[] content = Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7 % 251)).ToArray();
        Assert.Equal([0, 100_000], Run([Put(0, 65536, 100_000), Size], input: content));
        Assert.Equal([100_000], Run([Get(0, 100_000)], take: 100_000));
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(_taken));
        Assert.Equal([0, 100_005], Run([Put(100_000, 32, 5), Size])); // appended
        Assert.Equal([0, 100_005], Run([Put(32_766, 32, 5), Size])); // over the border of two pieces
        Assert.Equal([9], Run([Get(32_764, 9)], take: 9));
        Assert.Equal([.. content[32_764..32_766], .. "value"u8, .. content[32_771..32_773]], _taken);
        Assert.Equal([5], Run([Get(100_000, 64)], take: 5));
        Assert.Equal("value", Encoding.UTF8.GetString(_taken));
    }

    [Fact]
    public void What_is_read_beyond_the_end_is_nothing_and_what_is_absent_says_so()
    {
        Assert.Equal([-1, -1, -1], Run([Size, Get(0, 9), Delete]));
        Assert.Equal([0, 0, 0, 2], Run([Put(0, 32, 5), Get(5, 9), Get(-1, 9), Get(3, 9)]));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, -3)] // a hole
    [InlineData(-1, -3)]
    [InlineData(long.MaxValue, -3)]
    public void A_new_object_begins_at_its_beginning(long offset, int answer) => Assert.Equal([answer], Run([Put(offset, 32, 5)]));

    [Fact]
    public void A_deleted_object_leaves_nothing_even_when_it_has_more_pieces_than_keys_may_change()
    {
        for (int i = 0; i < 3; i++)
            Run([Put(i * 1_000_000, 65536, 1_000_000)], input: new byte[1_000_000]);
        Assert.True(_environment.State.Count > 90);
        Assert.Equal([0, -1, 0], Run([Delete, Size, "(call $state_put (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 5))"]));
        Assert.Equal(["key"], _environment.State.Keys);
    }

    [Fact]
    public void What_does_not_fit_the_invocation_is_refused_whole()
    {
        Assert.Equal([-3, -1], Run([Put(0, 65536, (63 * 32 * 1024) + 1), Size], input: new byte[(63 * 32 * 1024) + 1])); // 64 pieces and the length
        Assert.Equal([0], Run([Put(0, 65536, 63 * 32 * 1024)], input: new byte[63 * 32 * 1024]));
    }

    [Fact]
    public void Objects_and_queue_count_as_the_functions_state()
    {
        int full = Encoding.UTF8.GetByteCount("\u0001key") + 4 + "\u0001key\u0001000".Length + 5;
        Assert.Equal([0], Run([Put(0, 32, 5)], limits: new() { StateBytesMax = full }));
        _environment.State.Clear();
        Assert.Equal([-3, -1], Run([Put(0, 32, 5), Size], limits: new() { StateBytesMax = full - 1 }));
        Assert.Equal([-3, 0], Run([Push, QueueLength], limits: new() { StateBytesMax = 20 }));
    }

    [Fact]
    public void A_queue_gives_back_in_order_and_is_empty_then()
    {
        Assert.Equal([0, 0, 2], Run([Push, "(call $queue_push (i32.const 16) (i32.const 3))", QueueLength]));
        Assert.Equal([5, 1], Run([Pop, QueueLength], take: 5));
        Assert.Equal("value", Encoding.UTF8.GetString(_taken));
        Assert.Equal([3, -1, 0], Run([Pop, Pop, QueueLength], take: 3));
        Assert.Equal("key", Encoding.UTF8.GetString(_taken));
    }

    [Fact]
    public void A_queue_sees_what_the_invocation_itself_pushed_and_took() =>
        Assert.Equal([-1, 0, 1, 5, 0, -1], Run([Pop, Push, QueueLength, Pop, QueueLength, Pop]));

    [Theory]
    [InlineData(4, -2, 1)]
    [InlineData(5, 5, 0)]
    public void An_entry_stays_when_the_buffer_is_too_small(int capacity, int answer, int left) =>
        Assert.Equal([0, answer, left], Run([Push, $"(call $queue_pop (i32.const 65536) (i32.const {capacity}))", QueueLength]));

    [Theory]
    [InlineData(65_536, 0)]
    [InlineData(65_537, -3)]
    public void The_size_of_an_entry_is_bounded(int bytes, int answer) =>
        Assert.Equal([answer], Run([$"(call $queue_push (i32.const 65536) (i32.const {bytes}))"], input: new byte[bytes]));

    [Theory]
    [InlineData(1023, 0)]
    [InlineData(1024, -3)]
    public void The_length_of_a_queue_is_bounded(ulong entries, int answer)
    {
        byte[] header = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(header, 7);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), 7 + entries);
        _environment.State["\u0002"] = header;
        Assert.Equal([(int)entries, answer], Run([QueueLength, Push]));
    }

    [Fact]
    public void A_damaged_entry_is_passed_over()
    {
        Run([Push, "(call $queue_push (i32.const 16) (i32.const 3))"]);
        _environment.State.TryRemove("\u00020000000000000000", out _);
        Assert.Equal([3, 0, -1], Run([Pop, QueueLength, Pop]));
    }

    [Fact]
    public void Each_change_expects_what_the_invocation_saw()
    {
        Run([Push, Put(0, 32, 5)]);
        Assert.Equal([("\u0002", 0UL), ("\u0001key", 0UL)], Expected());
        ulong queue = _environment.Versions["\u0002"], size = _environment.Versions["\u0001key"];
        Run([Pop, Push, Put(5, 32, 5), Delete]);
        Assert.Equal([("\u0002", queue), ("\u0001key", size)], Expected());

        (string, ulong)[] Expected() => [.. _environment.Effects.Single().Changes.Where(change => change.Expected is not null).Select(change => (change.Key, change.Expected!.Value))];
    }

    [Fact]
    public void Without_the_need_every_call_is_refused() =>
        Assert.Equal(Enumerable.Repeat(-3, 7), Run([Put(0, 32, 5), Get(0, 5), Size, Delete, Push, Pop, QueueLength], needs: FunctionNeeds.State));

    [Fact]
    public void What_services_keep_is_no_key_of_the_function()
    {
        Assert.Equal([0, 0, 0], Run([Push, Put(0, 32, 5), "(call $state_list (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 99))"]));
        Assert.Equal([0], Run(["(call $state_list (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 99))"]));
    }

    [Theory]
    [InlineData("\\02")] // where the queue stands
    [InlineData("\\01key")]
    [InlineData("a\\0ab")]
    [InlineData("\\c2\\85")] // U+0085
    public void A_name_with_a_control_character_traps(string name)
    {
        int bytes = name.Replace("\\c2\\85", "..", StringComparison.Ordinal).Replace("\\02", ".", StringComparison.Ordinal).Replace("\\01", ".", StringComparison.Ordinal)
            .Replace("\\0a", ".", StringComparison.Ordinal).Length;
        foreach (string call in (string[])[$"(call $state_put (i32.const 80) (i32.const {bytes}) (i32.const 32) (i32.const 5))", $"(call $object_put (i32.const 80) (i32.const {bytes}) (i64.const 0) (i32.const 32) (i32.const 5))"])
        {
            InvocationOutcome outcome = Invoke(Module([call], 0, $"(data (i32.const 80) \"{name}\")"), FunctionNeeds.State | FunctionNeeds.ObjectStore, null, []);
            Assert.Equal(InvocationEnd.Trapped, outcome.End);
            Assert.Contains("expected a name without control characters", outcome.Reason, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("(call $object_put (i32.const 16) (i32.const 3) (i64.const 0) (i32.const -8) (i32.const 9))")]
    [InlineData("(call $object_get (i32.const 16) (i32.const 3) (i64.const 0) (i32.const 4194304) (i32.const 1))")]
    [InlineData("(i32.wrap_i64 (call $object_size (i32.const -1) (i32.const 3)))")]
    [InlineData("(call $object_delete (i32.const 16) (i32.const 129))")]
    [InlineData("(call $queue_push (i32.const 0) (i32.const -1))")]
    [InlineData("(call $queue_pop (i32.const 4194303) (i32.const 2))")]
    public void Traps_on_a_bad_pointer(string call)
    {
        Assert.Equal(InvocationEnd.Trapped, Invoke(Module([call], 0), Needs, null, []).End);
        Assert.Equal(0, _environment.Commits);
    }

    private const FunctionNeeds Needs = FunctionNeeds.State | FunctionNeeds.ObjectStore | FunctionNeeds.Queue;

    private byte[] _taken = [];

    private static string Put(long offset, int at, int length) => $"(call $object_put (i32.const 16) (i32.const 3) (i64.const {offset}) (i32.const {at}) (i32.const {length}))";

    private static string Get(long offset, int capacity) => $"(call $object_get (i32.const 16) (i32.const 3) (i64.const {offset}) (i32.const 65536) (i32.const {capacity}))";

    // Answers go to 1024, inputs and what is read to 65536; the output is the answers, or what was read when a test takes it.
    private int[] Run(string[] calls, byte[]? input = null, int take = 0, FunctionLimits? limits = null, FunctionNeeds needs = Needs)
    {
        InvocationOutcome outcome = Invoke(Module(calls, take), needs, limits, input ?? []);
        Assert.True(outcome.Succeeded, outcome.Reason);
        _taken = outcome.Output.Span[(calls.Length * 4)..].ToArray();
        return [.. Enumerable.Range(0, calls.Length).Select(i => BinaryPrimitives.ReadInt32LittleEndian(outcome.Output.Span[(i * 4)..]))];
    }

    private InvocationOutcome Invoke(byte[] module, FunctionNeeds needs, FunctionLimits? limits, byte[] input)
    {
        FunctionManifest manifest = Modules.Manifest(module) with { Needs = needs, Limits = (limits ?? FunctionLimits.Default) with { InputBytesMax = FunctionLimits.BytesCeiling } };
        using DeployedFunction function = _runtime.Install(manifest, module);
        return _runtime.Invoke(function, input, _environment, CancellationToken.None);
    }

    private static byte[] Module(string[] calls, int take, string before = "")
    {
        int answers = 65536 - (calls.Length * 4);
        string body = string.Concat(calls.Select((call, i) => $"(i32.store (i32.const {answers + (i * 4)}) {call})"));
        return Modules.Text($$"""
            (module {{Imports}}
              (memory (export "memory") 64)
              (data (i32.const 16) "key") (data (i32.const 32) "value") {{before}}
              (func (export "satnode_alloc") (param i32) (result i32) i32.const 65536)
              (func (export "satnode_handle") (param i32 i32) (result i64) {{body}}
                (i64.or (i64.shl (i64.const {{answers}}) (i64.const 32)) (i64.const {{(calls.Length * 4) + take}}))))
            """);
    }
}
