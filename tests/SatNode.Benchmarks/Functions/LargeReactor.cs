using System.Globalization;
using System.Text;
using Wasmtime;

namespace SatNode.Benchmarks.Functions;

/// <summary>A function as large as a real one with a model in it: half a megabyte of code that has to be loaded, and a start of its own that computes a table of 4 MiB.</summary>
internal static class LargeReactor
{
    private const int Functions = 250;
    private const int Steps = 400;

    /// <summary>Its own start takes about as long as reading 64 MiB: where overlapping them matters most. Reads the values k0 to k3 one after the other into one place, where its input is "r"; gives back their length.</summary>
    public static byte[] Reads { get; } = Build("""
        (local $i i32) (local $read i32)
        (if (i32.ne (i32.load8_u (local.get 0)) (i32.const 114)) (then (return (i64.const 0))))
        (loop $next
          (i32.store8 (i32.const 17) (i32.add (i32.const 48) (local.get $i)))
          (local.set $read (i32.add (local.get $read) (call $state_get (i32.const 16) (i32.const 2) (i32.const 8388608) (i32.const 16777216))))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4))))
        (i32.store (i32.const 32) (local.get $read))
        (i64.const 0x20_0000_0004)
        """, pages: 512, passes: 40);

    /// <summary>Works for some milliseconds and gives its input back.</summary>
    public static byte[] Works { get; } = Build("""
        (local $i i32) (local $sum i64)
        (loop $next
          (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 6364136223846793005)) (i64.extend_i32_u (local.get $i))))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5000000))))
        (i64.store (i32.const 32) (local.get $sum))
        (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))
        """, pages: 400, passes: 1);

    private static byte[] Build(string handle, int pages, int passes)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $$"""
            (module
              (import "satnode" "state_get" (func $state_get (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") {{pages}}) (data (i32.const 16) "k0")
              (func (export "satnode_alloc") (param i32) (result i32) i32.const 8388608)
              (func (export "satnode_handle") (param i32 i32) (result i64) {{handle}})
              (func (export "_initialize") (local $i i32) (local $pass i32)
                (loop $again
                  (local.set $i (i32.const 0))
                  (loop $next
                    (i32.store (i32.add (i32.const 1048576) (local.get $i)) (i32.mul (i32.add (local.get $i) (local.get $pass)) (i32.const 2654435761)))
                    (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 4194304))))
                  (br_if $again (i32.lt_u (local.tee $pass (i32.add (local.get $pass) (i32.const 1))) (i32.const {{passes}})))))
            """);
        for (int i = 0; i < Functions; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"(func (export \"f{i}\") (param i64) (result i64) (local.get 0)");
            for (int step = 0; step < Steps; step++)
                text.Append(CultureInfo.InvariantCulture, $"(i64.const {((long)i * Steps) + step + 1}) {(step % 3 == 0 ? "i64.add" : step % 3 == 1 ? "i64.xor" : "i64.mul")} ");
            text.Append(')');
        }
        return Module.ConvertText(text.Append(')').ToString());
    }
}
