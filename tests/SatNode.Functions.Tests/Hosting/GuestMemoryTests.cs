using System.Globalization;
using CsCheck;
using SatNode.Functions.Hosting;
using SatNode.Functions.Runtime;
using SatNode.Functions.Tests.Runtime;
using Wasmtime;

namespace SatNode.Functions.Tests.Hosting;

/// <summary>The ABI's pointer checks: for any pointer and length, of any host call, a function gets bytes of its own memory or is ended; memory of the host is never touched.</summary>
public sealed class GuestMemoryTests : IDisposable
{
    private const int Pages = 2;
    private const long MemoryBytes = Pages * 65_536;

    // As a function means them: where the memory begins and ends, where 31 and 32 bits do, and anything.
    private static readonly Gen<int> Numbers = Gen.OneOf(Gen.Int, Gen.Int[-16, 16], Gen.Int[(int)MemoryBytes - 16, (int)MemoryBytes + 16], Gen.Int[int.MaxValue - 16, int.MaxValue], Gen.Int[int.MinValue, int.MinValue + 16],
        Gen.Int[0, (int)MemoryBytes]);

    private readonly Engine _engine = new();
    private readonly Store _store;
    private readonly Memory _memory;
    private readonly InstanceMemory _linear;
    private readonly FunctionRuntime _runtime = new(new());

    public GuestMemoryTests()
    {
        _store = new(_engine);
        _memory = new(_store, Pages, Pages);
        _linear = new(_memory);
    }

    public void Dispose()
    {
        _runtime.Dispose();
        _store.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void Gives_exactly_the_bytes_that_lie_within_and_traps_on_all_others() => Gen.Select(Numbers, Numbers).Sample((pointer, length) =>
    {
        long start = unchecked((uint)pointer), count = unchecked((uint)length);
        if (start + count > MemoryBytes)
        {
            GuestFaultException fault = Assert.Throws<GuestFaultException>(() => GuestMemory.Slice(_linear, pointer, length, "call").Length);
            Assert.Equal((InvocationEnd.Trapped, $"call: expected bytes within a memory of {MemoryBytes}, found {count} at {start}"), (fault.End, fault.Message));
            return;
        }
        Span<byte> slice = GuestMemory.Slice(_linear, pointer, length, "call");
        Assert.Equal(count, slice.Length);
        if (count > 0)
            Assert.True(System.Runtime.CompilerServices.Unsafe.AreSame(ref slice[0], ref _memory.GetSpan(start, 1)[0]), $"the bytes at {start} are others");
    }, iter: 20_000, threads: 1);

    [Fact]
    public void Takes_a_name_that_is_one_and_traps_on_all_others() => Gen.Select(Numbers, Gen.OneOf(Numbers, Gen.Int[0, 130]), Gen.Byte.Array[0, 140]).Sample((pointer, length, bytes) =>
    {
        long start = unchecked((uint)pointer);
        if (start + bytes.Length <= MemoryBytes)
            bytes.CopyTo(_memory.GetSpan(start, bytes.Length));
        try
        {
            string text = GuestMemory.Text(_linear, pointer, length, 128, "call");
            Assert.InRange(text.Length, 1, 128);
            Assert.DoesNotContain(text, char.IsControl);
            Assert.Equal(GuestMemory.Slice(_linear, pointer, length, "call").ToArray(), System.Text.Encoding.UTF8.GetBytes(text));
        }
        catch (GuestFaultException fault)
        {
            Assert.Equal(InvocationEnd.Trapped, fault.End);
        }
    }, iter: 20_000, threads: 1);

    /// <summary>Each host call with any numbers at all: it completes or traps, and the runtime serves on.</summary>
    [Fact]
    public void Every_host_call_with_any_numbers_completes_or_ends_the_function_and_nothing_else()
    {
        HostFunction[] calls = [.. SatNodeCalls.All];
        Gen<long> any = Gen.OneOf(Numbers.Select(number => (long)number), Gen.Long);
        Gen.Select(Gen.Int[0, calls.Length - 1], any.Array[6]).Sample((index, numbers) =>
        {
            HostFunction call = calls[index];
            string arguments = string.Join(' ', call.Parameters.Select((letter, i) => letter == 'I'
                ? string.Create(CultureInfo.InvariantCulture, $"(i64.const {numbers[i]})") : string.Create(CultureInfo.InvariantCulture, $"(i32.const {unchecked((int)numbers[i])})")));
            byte[] module = Module.ConvertText($"""
                (module (import "{call.Module}" "{call.Name}" (func $call (param {Types(call.Parameters)}) {(call.Result.Length > 0 ? $"(result {Types(call.Result)})" : "")}))
                  (memory (export "memory") {Pages})
                  (func (export "satnode_alloc") (param i32) (result i32) i32.const 0)
                  (func (export "satnode_handle") (param i32 i32) (result i64) {(call.Result.Length > 0 ? "(drop " : "")}(call $call {arguments}){(call.Result.Length > 0 ? ")" : "")} i64.const 0))
                """);
            InvocationOutcome outcome = _runtime.InstallAndInvoke(module, new TestEnvironment());
            Assert.True(outcome.End is InvocationEnd.Completed or InvocationEnd.Trapped or InvocationEnd.OutOfMemory, $"{call.Name} {arguments}: {outcome.End}: {outcome.Reason}"); // abort(1) says that there is no memory
            if (outcome.End == InvocationEnd.Trapped)
                Assert.Contains("expected ", outcome.GaveUp ? "expected " : outcome.Reason, StringComparison.Ordinal); // its own words: what the machine itself traps on says a trap's name
        }, iter: 3_000, threads: 1);
    }

    private static string Types(string letters) => string.Join(' ', letters.Select(letter => letter == 'I' ? "i64" : "i32"));
}
