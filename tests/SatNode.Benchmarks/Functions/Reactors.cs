using System.Security.Cryptography;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Benchmarks.Functions;

/// <summary>Functions for measuring what a runtime costs beside the function's own work.</summary>
internal static class Reactors
{
    /// <summary>Gives its input back from where it was put: grows its memory for it, and copies nothing itself.</summary>
    public static byte[] Echo { get; } = Module.ConvertText("""
        (module
          (memory (export "memory") 1)
          (func (export "satnode_alloc") (param $length i32) (result i32)
            (local $short i32)
            (local.set $short (i32.sub (i32.add (local.get $length) (i32.const 4096)) (i32.shl (memory.size) (i32.const 16))))
            (if (i32.gt_s (local.get $short) (i32.const 0))
              (then (if (i32.eq (memory.grow (i32.shr_u (i32.add (local.get $short) (i32.const 65535)) (i32.const 16))) (i32.const -1))
                (then (return (i32.const 0))))))
            (i32.const 4096))
          (func (export "satnode_handle") (param i32 i32) (result i64)
            (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))))
        """);

    /// <summary>Calls "echo" as often as the first four bytes of its input say, each time with all of its input. Its output is empty.</summary>
    public static byte[] Caller { get; } = Module.ConvertText("""
        (module
          (import "satnode" "invoke" (func $invoke (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1) (data (i32.const 16) "echo")
          (func (export "satnode_alloc") (param $length i32) (result i32)
            (if (i32.eq (memory.grow (i32.add (i32.shr_u (local.get $length) (i32.const 16)) (i32.const 1))) (i32.const -1)) (then (return (i32.const 0))))
            (i32.const 65536))
          (func (export "satnode_handle") (param $at i32) (param $length i32) (result i64)
            (local $left i32)
            (local.set $left (i32.load (local.get $at)))
            (loop $again
              (if (i32.ne (call $invoke (i32.const 16) (i32.const 4) (local.get $at) (local.get $length)) (local.get $length)) (then unreachable))
              (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
            (i64.const 0)))
        """);

    /// <summary>A manifest with room for the largest input.</summary>
    public static FunctionManifest Manifest(string name, byte[] module, FunctionKind kind = FunctionKind.Reactor, int keepWarm = 0) => new()
    {
        Name = name,
        Version = "1",
        Kind = kind,
        ModuleDigest = SHA256.HashData(module),
        Instances = new() { KeepWarmMax = keepWarm },
        Limits = new()
        {
            MemoryBytesMax = FunctionLimits.MemoryBytesCeiling,
            FuelMax = FunctionLimits.FuelCeiling,
            TimeMax = FunctionLimits.TimeCeiling,
            HostCallsMax = FunctionLimits.HostCallsCeiling,
            InputBytesMax = FunctionLimits.BytesCeiling,
            OutputBytesMax = FunctionLimits.BytesCeiling,
        },
    };
}
