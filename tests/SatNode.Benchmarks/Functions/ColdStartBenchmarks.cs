using SatNode.Agent.Composition;
using SatNode.Benchmarks.Measuring;
using SatNode.Flight.Invocations;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Telemetry;

namespace SatNode.Benchmarks.Functions;

/// <summary>What a cold start costs when it is used for something else as well.</summary>
internal static class ColdStartBenchmarks
{
    private const int Keys = 4;
    private const int KeyBytes = 16 * 1024 * 1024;

    /// <summary>Stages and payload. Truffle has 20 and 40 MB as well; the largest input of a function here is 16 MiB.</summary>
    public static IReadOnlyList<(int Stages, int Bytes)> Chains { get; } =
        [.. from stages in (int[])[2, 5] from bytes in (int[])[1024, 10 * 1024 * 1024, 16 * 1024 * 1024] select (stages, bytes)];

    public static string NameOf((int Stages, int Bytes) chain) => $"function.chain-{chain.Stages}-{(chain.Bytes < 1024 * 1024 ? $"{chain.Bytes / 1024}KiB" : $"{chain.Bytes / 1024 / 1024}MiB")}";

    /// <summary>A cold function that reads 64 MiB of its state, in four values.</summary>
    public static Comparison State(Workspace workspace)
    {
        var comparison = new Comparison("function.cold-state-64MiB", "a cold function that reads 64 MiB of state");
        BenchNode node = comparison.OwnAsync(new BenchNode(workspace));
        byte[] value = new byte[KeyBytes];
        new Random(1).NextBytes(value);
        foreach ((string function, int keys) in (ReadOnlySpan<(string, int)>)[("ahead", Keys), ("alone", 0)])
            node.Deploy(function, LargeReactor.Reads, keys);
        // One function's state is all that the store has room for beside what it may let go.
        for (int i = 0; i < Keys; i++)
            node.States.Put(FunctionStates.StoreKey("ahead", $"k{i}"), 1, 1, value);
        for (int i = 0; i < Keys - 1; i++)
            node.States.Put(FunctionStates.StoreKey("alone", $"k{i}"), 1, 1, value);
        node.States.Put(FunctionStates.StoreKey("alone", "k3"), 1, 1, value.AsMemory(0, KeyBytes - 1024));
        comparison.Notes.Add("Start: load the code from the cache, compute a table. Fetch: four values of 16 MiB from the store. The limit does both at once on two threads, and copies nothing into the function.");
        return comparison
            .Add(Role.Product, "read ahead while it starts", n => Invoke(node, "ahead", "r"u8.ToArray(), n), threads: true)
            .Add(Role.Product, "read when it asks", n => Invoke(node, "alone", "r"u8.ToArray(), n), threads: true)
            .Add(Role.Limit, "max(start, fetch): both at once", n =>
            {
                for (int i = 0; i < n; i++)
                {
                    Task fetch = Task.Run(() => Fetch(node, 1));
                    Invoke(node, "alone", "n"u8.ToArray(), 1);
                    fetch.GetAwaiter().GetResult();
                }
            }, threads: true)
            .Add(Role.Limit, "the start alone, nothing read", n => Invoke(node, "alone", "n"u8.ToArray(), n), threads: true)
            .Add(Role.Limit, "the fetch alone", n => Fetch(node, n), threads: true);
    }

    /// <summary>Cold functions one after the other, each with the output of the one before.</summary>
    public static Comparison Chain(Workspace workspace, (int Stages, int Bytes) chain)
    {
        var comparison = new Comparison(NameOf(chain), $"{chain.Stages} cold functions, one after the other, {chain.Bytes / 1024.0 / 1024:0.###} MiB of payload");
        BenchNode node = comparison.OwnAsync(new BenchNode(workspace));
        string[] names = [.. Enumerable.Range(0, chain.Stages).Select(i => $"f{i}")];
        DeployedFunction[] functions = [.. names.Select(name => node.Deploy(name, LargeReactor.Works))];
        node.Chain(names);
        byte[] payload = new byte[chain.Bytes];
        new Random(1).NextBytes(payload);
        return comparison
            .Add(Role.Product, "made ready while the one before runs", n => Run(isOff: false, n), threads: true)
            .Add(Role.Product, "each started when its turn comes", n => Run(isOff: true, n), threads: true)
            .Add(Role.Limit, "the functions alone, code in memory, payload in memory", n =>
            {
                var environment = new BareEnvironment();
                for (int i = 0; i < n; i++)
                {
                    ReadOnlyMemory<byte> passed = payload;
                    foreach (DeployedFunction function in functions)
                        passed = node.Runtime.Invoke(function, passed, environment, CancellationToken.None).Output;
                    Check.That(passed.Length == payload.Length, "the payload");
                }
            }, threads: true);

        void Run(bool isOff, int times)
        {
            node.Functions.Ahead.IsOff = isOff;
            for (int i = 0; i < times; i++)
            {
                node.MakeCold();
                node.Run(names[0], payload, names[^1]);
            }
        }
    }

    private static void Invoke(BenchNode node, string function, byte[] input, int times)
    {
        for (int i = 0; i < times; i++)
        {
            node.MakeCold();
            ExecutionResult result = node.Functions.Execute(new Invocation
            {
                Id = "1",
                Function = function,
                Input = input,
                Queued = TimeProvider.System.GetUtcNow(),
                Deadline = DateTimeOffset.MaxValue,
            }, new InvocationPace(), CancellationToken.None);
            if (result.Start != InvocationStart.Cold || (input[0] == 'r' && BitConverter.ToInt32(result.Output.Span) < (Keys * KeyBytes) - 1024))
                Check.Fail($"a cold start and 64 MiB read, found {result.Start} and {result.Reason}");
        }
    }

    private static void Fetch(BenchNode node, int times)
    {
        for (int i = 0; i < times; i++)
        {
            for (int key = 0; key < Keys; key++)
                Check.That(node.States.Get(FunctionStates.StoreKey("ahead", $"k{key}"))!.Bytes.Length == KeyBytes, "the value");
        }
    }
}
