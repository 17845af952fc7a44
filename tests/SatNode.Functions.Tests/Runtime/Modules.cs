using System.Security.Cryptography;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Tests.Runtime;

/// <summary>Small modules in text form.</summary>
internal static class Modules
{
    private const string Imports = """
        (import "satnode" "state_size" (func $state_size (param i32 i32) (result i32)))
        (import "satnode" "state_get" (func $state_get (param i32 i32 i32 i32) (result i32)))
        (import "satnode" "state_put" (func $state_put (param i32 i32 i32 i32) (result i32)))
        (import "satnode" "state_delete" (func $state_delete (param i32 i32) (result i32)))
        (import "satnode" "state_version" (func $state_version (param i32 i32) (result i64)))
        (import "satnode" "state_compare_and_set" (func $state_compare_and_set (param i32 i32 i32 i32 i64) (result i32)))
        (import "satnode" "state_list" (func $state_list (param i32 i32 i32 i32) (result i32)))
        (import "satnode" "invoke" (func $invoke (param i32 i32 i32 i32) (result i32)))
        (import "satnode" "invoke_output" (func $invoke_output (param i32 i32) (result i32)))
        (import "satnode" "emit" (func $emit (param i32 i32 i32 i32) (result i32)))
        (import "satnode" "log" (func $log (param i32 i32 i32)))
        (import "satnode" "deadline_ms" (func $deadline_ms (result i64)))
        (import "satnode" "time_ms" (func $time_ms (result i64)))
        (import "satnode" "random" (func $random (param i32 i32)))
        (import "satnode" "node_fact" (func $node_fact (param i32 i32 i32 i32) (result i32)))
        (import "satnode" "memory_size" (func $memory_size (result i32)))
        (import "satnode" "memory_get" (func $memory_get (param i32 i32) (result i32)))
        (import "satnode" "memory_put" (func $memory_put (param i32 i32) (result i32)))
        (import "satnode" "actor_key" (func $actor_key (param i32 i32) (result i32)))
        (import "satnode" "actor_policy" (func $actor_policy (param i32 i32) (result i32)))
        (import "satnode" "send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
        (import "satnode" "abort" (func $abort (param i32 i32 i32)))
        """;

    private const string Alloc = """(func (export "satnode_alloc") (param i32) (result i32) i32.const 4096)""";

    /// <summary>Gives its input back.</summary>
    public static byte[] Echo { get; } = Reactor("(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))");

    /// <summary>A reactor whose handler is <paramref name="body"/>; locals 0 and 1 are the input, "key" stands at 16, "value" at 32.</summary>
    public static byte[] Reactor(string body, string before = "", string memory = "1") => Text($"""
        (module {Imports} {before}
          (memory (export "memory") {memory})
          (data (i32.const 16) "key") (data (i32.const 32) "value") (data (i32.const 48) "board.celsius")
          {Alloc}
          (func $handle (export "satnode_handle") (param i32 i32) (result i64) {body}))
        """);

    /// <summary>A reactor that returns what <paramref name="call"/>, an i32, answers, as four bytes.</summary>
    public static byte[] Answer(string call, string memory = "1") => Reactor(
        $"(i32.store (i32.const 1024) {call}) (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 4))", memory: memory);

    public static byte[] Text(string wat) => Module.ConvertText(wat);

    public static FunctionManifest Manifest(byte[] module, FunctionKind kind = FunctionKind.Reactor) => new()
    {
        Name = "probe",
        Version = "1",
        Kind = kind,
        ModuleDigest = SHA256.HashData(module),
        Needs = FunctionNeeds.State,
    };

    public static InvocationOutcome InstallAndInvoke(this FunctionRuntime runtime, byte[] module, TestEnvironment? environment = null,
        FunctionLimits? limits = null, byte[]? input = null, FunctionKind kind = FunctionKind.Reactor, CancellationToken cancellation = default)
    {
        FunctionManifest manifest = Manifest(module, kind) with { Limits = limits ?? FunctionLimits.Default };
        using DeployedFunction function = runtime.Install(manifest, module);
        return runtime.Invoke(function, input ?? [], environment ?? new(), cancellation);
    }
}
