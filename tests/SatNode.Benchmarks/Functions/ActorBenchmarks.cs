using System.Buffers;
using SatNode.Benchmarks.Measuring;
using SatNode.Functions.Runtime;
using SatNode.Network.State;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Benchmarks.Functions;

/// <summary>A message that reads 64 bytes, changes them and keeps them: remembered by an actor, and through the store as a function without actors does it.</summary>
internal static class ActorBenchmarks
{
    private const int MemoryBytes = 64;

    /// <summary>A round trip: message in, memory read, changed and kept, answer out.</summary>
    public static Comparison RoundTrip(Workspace workspace)
    {
        var comparison = new Comparison("function.actor", "a message: 64 bytes of memory read, changed and kept");
        var runtime = comparison.Own(new FunctionRuntime(new()));
        var durable = comparison.Own(StateStore.Open(new() { Path = workspace.Fresh("durable.db") }));
        var synced = comparison.Own(StateStore.Open(new() { Path = workspace.Fresh("not-synced.db"), SurvivesPowerLoss = false }));
        var memory = comparison.Own(StateStore.Open(new()));
        byte[] remembers = Counter("memory_get", "memory_put", ""), keeps = Counter("state_get", "state_put", "(i32.const 16) (i32.const 3)");
        DeployedFunction actor = Install(comparison, runtime, remembers, keepWarm: 1, new()), freshActor = Install(comparison, runtime, remembers, keepWarm: 0, new());
        DeployedFunction function = Install(comparison, runtime, keeps, keepWarm: 0, null), warm = Install(comparison, runtime, keeps, keepWarm: 1, null);
        comparison
            .Add(Role.Product, "an actor, kept warm", Loop(runtime, actor, durable))
            .Add(Role.Product, "an actor, a fresh instance each", Loop(runtime, freshActor, durable))
            .Add(Role.Limit, "the invocation alone, nothing kept, warm", Loop(runtime, Install(comparison, runtime, Reactors.Echo, keepWarm: 1, null), memory))
            .Add(Role.Today, "state through a store in RAM, warm", Loop(runtime, warm, memory))
            .Add(Role.Today, "state through the store, not synced, fresh", Loop(runtime, function, synced), threads: true)
            .Add(Role.Today, "state through the store, durable, fresh", Loop(runtime, function, durable), threads: true);
        if (RedisServer.TryStart(workspace, out RedisServer? redis, out string why))
        {
            comparison.Own(redis);
            byte[] payload = new byte[MemoryBytes];
            comparison.Add(Role.Today, "Redis over loopback, set and got, without the function", n => redis.Pass(payload, n), threads: true);
        }
        else
        {
            comparison.Notes.Add($"Redis is not measured: {why}");
        }
        return comparison;
    }

    private static Action<int> Loop(FunctionRuntime runtime, DeployedFunction function, StateStore store)
    {
        var environment = new StatefulEnvironment(store, new());
        var address = new ActorAddress(function.Manifest.Name, ActorAddress.DefaultKey);
        var output = new ArrayBufferWriter<byte>(MemoryBytes);
        byte[] message = new byte[8];
        return n =>
        {
            for (int i = 0; i < n; i++)
            {
                output.ResetWrittenCount();
                if (function.Manifest.Actor is not null && !environment.Mailboxes.TryEnter(address, out _))
                    Check.Fail("an actor that is free");
                InvocationOutcome outcome = runtime.Invoke(function, message, environment, output, CancellationToken.None);
                if (!outcome.Succeeded || output.WrittenCount != 8)
                    Check.Fail($"{function.Manifest.Name} to complete, found {outcome.Reason}");
                if (function.Manifest.Actor is not null)
                    environment.Mailboxes.Leave(address);
            }
        };
    }

    // Counts in the first of 64 bytes; traps when they cannot be kept.
    private static byte[] Counter(string get, string put, string key)
    {
        string keyType = key.Length == 0 ? "" : " i32 i32";
        return Module.ConvertText($"""
            (module
              (import "satnode" "{get}" (func $get (param{keyType} i32 i32) (result i32)))
              (import "satnode" "{put}" (func $put (param{keyType} i32 i32) (result i32)))
              (memory (export "memory") 1) (data (i32.const 16) "key")
              (func (export "satnode_alloc") (param i32) (result i32) i32.const 4096)
              (func (export "satnode_handle") (param i32 i32) (result i64)
                (drop (call $get {key} (i32.const 1024) (i32.const {MemoryBytes})))
                (i64.store (i32.const 1024) (i64.add (i64.load (i32.const 1024)) (i64.const 1)))
                (if (call $put {key} (i32.const 1024) (i32.const {MemoryBytes})) (then unreachable))
                (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 8))))
            """);
    }

    private static DeployedFunction Install(Comparison owner, FunctionRuntime runtime, byte[] module, int keepWarm, FunctionActor? actor) =>
        owner.Own(runtime.Install(Reactors.Manifest("counter", module, keepWarm: keepWarm) with { Actor = actor, Needs = FunctionNeeds.State }, module));
}
