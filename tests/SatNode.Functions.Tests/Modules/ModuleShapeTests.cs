using System.Text;
using CsCheck;
using SatNode.Functions.Modules;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using Code = SatNode.Functions.Tests.Runtime.Modules;

namespace SatNode.Functions.Tests.Modules;

/// <summary>What would keep the compiler for a minute, take gigabytes, or end the process, is refused before the compiler sees it.</summary>
public sealed class ModuleShapeTests
{
    [Theory]
    [InlineData(FunctionBounds.InstructionsMax - 1, true)] // the end of the body is one as well
    [InlineData(FunctionBounds.InstructionsMax, false)]
    public void Bounds_the_instructions_of_a_function(int count, bool isTaken) => Judge($"(func {Times(count, "nop ")})", isTaken, "at most 20000 instructions in a function");

    [Theory]
    [InlineData(100, 1900, true)]
    [InlineData(100, 1901, false)]
    [InlineData(0, 50_000, false)] // as many as a module of the standard may have: the compiler panics over these
    public void Bounds_the_locals_of_a_function_with_its_parameters(int parameters, int locals, bool isTaken) =>
        Judge($"(func (param {Times(parameters, "i32 ")}) (local {Times(locals, "i64 ")}))", isTaken, "at most 2000 locals in a function");

    [Theory]
    [InlineData(FunctionBounds.BranchTargetsMax / 2, true)]
    [InlineData((FunctionBounds.BranchTargetsMax / 2) + 1, false)]
    public void Bounds_the_targets_of_the_branch_tables_of_a_function(int targets, bool isTaken) =>
        Judge($"(func (param i32) {Times(2, $"(block (br_table {Times(targets, "0 ")} 0 (local.get 0)))")})", isTaken, "at most 8192 branch targets in a function");

    [Theory]
    [InlineData("(block)", 1000, true)]
    [InlineData("(block)", 1001, false)]
    [InlineData("(if (local.get 0) (then) (else (nop)))", 333, true)]
    [InlineData("(if (local.get 0) (then) (else (nop)))", 334, false)]
    [InlineData("(br_if 0 (local.get 0))", 1001, false)]
    public void Bounds_the_blocks_of_a_function_with_many_locals(string block, int count, bool isTaken) =>
        Judge($"(func (local {Times(1000, "i32 ")}) {Times(count, block)})", isTaken, "at most 1000000 blocks times locals in a function");

    [Theory]
    [InlineData(50, true)]
    [InlineData(51, false)]
    public void Bounds_the_loops_of_a_function_with_many_locals(int loops, bool isTaken) =>
        Judge($"(func (local {Times(1000, "i32 ")}) {Times(loops, "(loop)")})", isTaken, "at most 50000 loops times locals in a function");

    [Theory]
    [InlineData(100, 28, true)]
    [InlineData(100, 29, false)] // with 999, a thousand empty functions in a table took 35 s, and 500 calls 11 s
    public void Bounds_the_parameters_and_results_of_a_type(int parameters, int results, bool isTaken) =>
        Judge($"(type (func (param {Times(parameters, "i32 ")}) (result {Times(results, "i64 ")})))", isTaken, "at most 128 parameters and results in a type");

    [Theory]
    [InlineData("call $f", 1666, true)] // 120 each beyond the usual 8
    [InlineData("call $f", 1667, false)]
    [InlineData("(call_indirect (type $t) (i32.const 0))", 1667, false)]
    [InlineData("block (type $t) end", 1562, true)]
    [InlineData("block (type $t) end", 1563, false)]
    [InlineData("(if (type $t) (i32.const 1) (then) (else))", 782, false)]
    [InlineData("(br_if 0 (i32.const 1))", 3126, false)]
    [InlineData("(block (type $t) (br_table 1 1 (i32.const 1)))", 782, false)] // 128 and twice 64
    public void Bounds_the_values_that_calls_blocks_and_branches_carry(string instruction, int count, bool isTaken) => Judge(
        $"""
        (type $t (func (param {Times(64, "i32 ")}) (result {Times(64, "i32 ")}))) (table 1 funcref) (func $f (type $t) {Times(64, "local.get 0 ")})
        (func (type $t) {Times(64, "local.get 0 ")} {Times(count, instruction + " ")})
        """, isTaken, "at most 200000 values of calls, blocks and branches in a function");

    [Theory]
    [InlineData(32, true)] // each 64 parameters and four times 2 × 64 values
    [InlineData(87, false)]
    public void Bounds_the_values_that_loops_carry(int loops, bool isTaken) => Judge(
        $"(type $t (func (param {Times(64, "i32 ")}) (result {Times(64, "i32 ")}))) (func (type $t) {Times(64, "local.get 0 ")} {Times(loops, "loop (type $t) ")} {Times(loops, "end ")})",
        isTaken, "at most 50000 loops times locals in a function");

    [Fact] // 900 KiB of types that take a minute
    public void Counts_what_types_cost() => Judge(
        string.Concat(Enumerable.Range(0, 1 << 15).Select(i => $"(type (func (param {string.Concat(Enumerable.Range(0, 40).Select(bit => (i >> (bit % 15) & 1) == 1 ? "i32 " : "i64 "))})))")),
        isTaken: false, "a compile effort of at most 4000000000");

    [Theory]
    [InlineData(FunctionBounds.FunctionsMax - 2, true)] // the ABI's two come with them
    [InlineData(FunctionBounds.FunctionsMax - 1, false)]
    public void Bounds_the_functions_of_a_module(int count, bool isTaken) => Judge(Times(count, "(func)"), isTaken, "at most 10000 functions");

    [Theory]
    [InlineData(10, true)] // 0.35 billion each, the last 0.43
    [InlineData(11, false)]
    public void Bounds_what_all_functions_cost_together(int count, bool isTaken) =>
        Judge(Times(count, $"(func {Times(FunctionBounds.InstructionsMax - 2_000, "nop ")})") + $"(func {Times(FunctionBounds.InstructionsMax - 1, "nop ")})", isTaken, "a compile effort of at most 4000000000");

    [Fact] // 25 KiB that took 44 s and 3.3 GiB
    public void Refuses_loops_that_carry_many_values() => Judge(
        $"(func (param i32) (local {Times(1900, "i32 ")}) {Times(1000, "(loop ")} {Times(1000, "(br_if 0 (local.get 0)))")})", isTaken: false, "at most 1000000 blocks times locals in a function");

    [Fact]
    public void Walks_over_every_kind_of_instruction() => Judge("""
        (table $t 4 funcref) (elem $e func $f) (data $d "abc") (global $g (mut i64) (i64.const -9223372036854775808))
        (func $f)
        (func (param i32 i64 f32 f64) (result i32) (local v128 funcref)
          (block (result i32) (loop (result i32) (if (result i32) (local.get 0) (then (i32.const -2147483648)) (else (i32.const 1)))))
          (drop (select (local.get 0) (local.get 0) (local.get 0))) (drop (select (result i64) (local.get 1) (local.get 1) (local.get 0)))
          (block (br_if 0 (local.get 0)) (br_table 0 0 0 (local.get 0)))
          (call $f) (call_indirect $t (i32.const 0))
          (global.set $g (i64.const 1)) (drop (global.get $g)) (local.set 0 (local.tee 0 (local.get 0)))
          (i64.store32 offset=70000 (i32.const 0) (i64.load8_s (i32.const 0))) (drop (memory.grow (memory.size)))
          (drop (f32.const 1.5)) (drop (f64.const 2.5)) (drop (i32.trunc_sat_f64_u (local.get 3))) (drop (i64.extend32_s (local.get 1)))
          (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop $d) (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))
          (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 0)) (elem.drop $e) (table.copy (i32.const 0) (i32.const 0) (i32.const 0))
          (table.set $t (i32.const 0) (table.get $t (i32.const 0))) (drop (table.grow $t (ref.null func) (i32.const 0))) (drop (table.size $t)) (table.fill $t (i32.const 0) (ref.func $f) (i32.const 0))
          (drop (ref.is_null (ref.null func)))
          (local.set 4 (v128.const i32x4 1 2 3 4)) (local.set 4 (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (local.get 4) (local.get 4)))
          (drop (i32x4.extract_lane 3 (local.get 4))) (local.set 4 (v128.load64_lane 1 (i32.const 0) (local.get 4))) (local.set 4 (v128.load32_zero (i32.const 0)))
          (v128.store (i32.const 0) (v128.load8x8_s (i32.const 0))) (drop (f64x2.mul (local.get 4) (local.get 4))) (drop (i8x16.swizzle (local.get 4) (local.get 4)))
          (br 0 (i32.const 1)) (return (i32.const 1)) (unreachable))
        """, isTaken: true, "");

    [Fact] // every byte × 256: no exception but the boundary's own, and never a read beyond the end
    public void Every_damaged_byte_and_every_cut_is_taken_or_refused()
    {
        byte[] module = Code.Reactor("(block (br_table 0 0 (local.get 0))) (drop (v128.const i32x4 1 2 3 4)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)) i64.const 0");
        FunctionManifest manifest = Code.Manifest(module);
        for (int i = 0; i < module.Length; i++)
        {
            byte good = module[i];
            for (int value = 0; value < 256; value++)
            {
                module[i] = (byte)value;
                TakeOrRefuse(manifest, module);
            }
            module[i] = good;
            TakeOrRefuse(manifest, module.AsSpan(0, i));
        }
        ModuleShape.Check(manifest, module);
    }

    [Fact]
    public void Bytes_of_chance_behind_a_header_are_taken_or_refused() => Gen.Byte.Array[0, 200].Sample(bytes =>
        TakeOrRefuse(Code.Manifest([]), [.. "\0asm\u0001\0\0\0"u8, .. bytes]));

    private static void TakeOrRefuse(FunctionManifest manifest, ReadOnlySpan<byte> module)
    {
        try
        {
            ModuleShape.Check(manifest, module);
        }
        catch (FunctionModuleException)
        {
        }
    }

    private static void Judge(string functions, bool isTaken, string bound)
    {
        byte[] module = Code.Reactor("i64.const 0", before: functions);
        if (isTaken)
        {
            using var runtime = new FunctionRuntime(new());
            using DeployedFunction function = runtime.Install(Code.Manifest(module), module);
            return;
        }
        string text = Assert.Throws<FunctionModuleException>(() => ModuleShape.Check(Code.Manifest(module), module)).Message;
        Assert.StartsWith($"function probe: expected {bound}, so that it can be compiled on board, found ", text, StringComparison.Ordinal);
        Assert.EndsWith("; not installed", text, StringComparison.Ordinal);
    }

    private static string Times(int count, string text) => new StringBuilder(count * text.Length).Insert(0, text, count).ToString();
}
