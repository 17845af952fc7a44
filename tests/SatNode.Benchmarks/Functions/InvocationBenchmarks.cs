using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using SatNode.Benchmarks.Measuring;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Benchmarks.Functions;

/// <summary>What one invocation costs beside the function's own work, warm and cold, and what its data costs on the way in and out.</summary>
internal static class InvocationBenchmarks
{
    private static readonly byte[] Input = "p01-s02!"u8.ToArray();

    /// <summary>The whole path of an invocation, from what admission let through to the result, 1 KiB in and out.</summary>
    public static Comparison Warm()
    {
        byte[] input = new byte[1024];
        var comparison = new Comparison("function.invoke", "one invocation, 1 KiB in and out");
        var runtime = comparison.Own(new FunctionRuntime(new()));
        DeployedFunction warm = Install(comparison, runtime, "echo", Reactors.Echo, keepWarm: 1), fresh = Install(comparison, runtime, "echo", Reactors.Echo);
        DeployedFunction greet = Install(comparison, runtime, "greet", Workspace.Function("greet"), FunctionKind.Command);
        RawGuest raw = comparison.Own(new RawGuest(Reactors.Echo));
        HttpEcho http = comparison.OwnAsync(HttpEcho.Start());
        return comparison
            .Add(Role.Product, "reactor, kept warm", n => InvokeWarm(runtime, warm, input, n))
            .Add(Role.Product, "reactor, fresh instance", n => Invoke(runtime, fresh, input, n))
            .Add(Role.Product, "WASI command (greet.wasm), 8 bytes, fresh instance", n => Invoke(runtime, greet, Input, n))
            .Add(Role.Limit, "the engine alone, one instance", n => raw.Kept(input, n))
            .Add(Role.Limit, "the engine alone, a store and an instance each", n => raw.Fresh(input, n))
            .Add(Role.Today, "HTTP POST over loopback, kept alive", n => http.Post(input, n), threads: true)
            .Add(Role.Today, "a process each (/bin/true)", Spawn, threads: true);
    }

    /// <summary>Small warm invocations on one core.</summary>
    public static Comparison Throughput()
    {
        var comparison = new Comparison("function.throughput", "small warm invocations a second, one core", Display.Rate);
        var runtime = comparison.Own(new FunctionRuntime(new()));
        DeployedFunction warm = Install(comparison, runtime, "echo", Reactors.Echo, keepWarm: 1);
        RawGuest raw = comparison.Own(new RawGuest(Reactors.Echo));
        return comparison
            .Add(Role.Product, "reactor, kept warm, 8 bytes", n => InvokeWarm(runtime, warm, Input, n))
            .Add(Role.Limit, "the engine alone, one instance", n => raw.Kept(Input, n));
    }

    /// <summary>From bytes to a function that can be invoked, and its first invocation.</summary>
    public static Comparison Cold(Workspace workspace)
    {
        byte[] module = Workspace.Function("ingest");
        FunctionManifest manifest = Reactors.Manifest("ingest", module);
        var comparison = new Comparison("function.cold-start", $"make ingest.wasm ({module.Length} bytes) ready");
        var cached = comparison.Own(new FunctionRuntime(new() { CacheFolder = workspace.Fresh("modules") }));
        var uncached = comparison.Own(new FunctionRuntime(new()));
        DeployedFunction ready = comparison.Own(cached.Install(manifest, module));
        byte[] native = new byte[64 * 1024];
        string file = workspace.Fresh("native");
        File.WriteAllBytes(file, native);
        return comparison
            .Add(Role.Product, "from the module cache", n => Deploy(cached, manifest, module, ModuleOrigin.Cache, n))
            .Add(Role.Product, "scaled to zero, loaded again and invoked", n => Revive(cached, ready, n))
            .Add(Role.Product, "compiled", n => Deploy(uncached, manifest, module, ModuleOrigin.Compiled, n))
            .Add(Role.Limit, "read a file of 64 KiB", n =>
            {
                for (int i = 0; i < n; i++)
                    Check.That(File.ReadAllBytes(file).Length == native.Length, "the file");
            })
            .Add(Role.Today, "a process (/bin/true)", Spawn, threads: true);
    }

    /// <summary>A payload through a reactor, unchanged.</summary>
    public static Comparison Data(int bytes)
    {
        var comparison = new Comparison($"function.data-{Size(bytes)}", $"{Size(bytes)} into a function and out again", Display.Time, bytes);
        var runtime = comparison.Own(new FunctionRuntime(new()));
        DeployedFunction echo = Install(comparison, runtime, "echo", Reactors.Echo);
        HttpEcho http = comparison.OwnAsync(HttpEcho.Start());
        byte[] input = new byte[bytes], middle = new byte[bytes], output = new byte[bytes];
        new Random(1).NextBytes(input);
        return comparison
            .Add(Role.Product, "reactor", n => Invoke(runtime, echo, input, n))
            .Add(Role.Limit, "copied twice between buffers", n =>
            {
                for (int i = 0; i < n; i++)
                {
                    input.CopyTo(middle, 0);
                    middle.CopyTo(output, 0);
                }
                Check.That(output[^1] == input[^1], "the bytes");
            })
            .Add(Role.Limit, "copied once, and into a new array", n =>
            {
                for (int i = 0; i < n; i++)
                {
                    input.CopyTo(middle, 0);
                    Check.That(middle.AsSpan().ToArray().Length == bytes, "the bytes");
                }
            })
            .Add(Role.Today, "HTTP POST over loopback, kept alive", n => http.Post(input, n), threads: true);
    }

    private static string Size(int bytes) => bytes >= 1024 * 1024 ? $"{bytes / 1024 / 1024}MiB" : $"{bytes / 1024}KiB";

    private static DeployedFunction Install(Comparison owner, FunctionRuntime runtime, string name, byte[] module, FunctionKind kind = FunctionKind.Reactor, int keepWarm = 0) =>
        owner.Own(runtime.Install(Reactors.Manifest(name, module, kind, keepWarm), module));

    private static void InvokeWarm(FunctionRuntime runtime, DeployedFunction function, byte[] input, int times)
    {
        var environment = new BareEnvironment();
        var output = new ArrayBufferWriter<byte>(input.Length);
        for (int i = 0; i < times; i++)
        {
            output.ResetWrittenCount();
            InvocationOutcome outcome = runtime.Invoke(function, input, environment, output, CancellationToken.None);
            if (!outcome.Succeeded || output.WrittenCount != input.Length)
                Check.Fail($"{function.Manifest.Name} to complete, found {outcome.Reason}");
        }
    }

    private static void Revive(FunctionRuntime runtime, DeployedFunction function, int times)
    {
        var environment = new BareEnvironment();
        for (int i = 0; i < times; i++)
        {
            FunctionRuntime.ReleaseIdle([function], DateTimeOffset.MaxValue);
            InvocationOutcome outcome = runtime.Invoke(function, Input, environment, CancellationToken.None); // traps: the input is no scene
            if (outcome.Start != InstanceStart.Cold)
                Check.Fail($"a cold start, found {outcome.Start} {outcome.Reason}");
        }
    }

    private static void Invoke(FunctionRuntime runtime, DeployedFunction function, byte[] input, int times)
    {
        var environment = new BareEnvironment();
        for (int i = 0; i < times; i++)
        {
            InvocationOutcome outcome = runtime.Invoke(function, input, environment, CancellationToken.None);
            if (!outcome.Succeeded || outcome.Output.Length < input.Length)
                Check.Fail($"{function.Manifest.Name} to complete, found {outcome.Reason}");
        }
    }

    private static void Deploy(FunctionRuntime runtime, FunctionManifest manifest, byte[] module, ModuleOrigin origin, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using DeployedFunction function = runtime.Install(manifest, module);
            if (function.Origin != origin)
                Check.Fail($"a module from {origin}, found {function.Origin} {function.CacheRemark}");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte[] Direct(byte[] input) => [.. input];

    private static void Spawn(int times)
    {
        for (int i = 0; i < times; i++)
        {
            using Process process = Process.Start("/bin/true");
            process.WaitForExit();
            Check.That(process.ExitCode == 0, "/bin/true to succeed");
        }
    }
}
