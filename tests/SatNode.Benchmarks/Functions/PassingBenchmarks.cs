using SatNode.Benchmarks.Bundles;
using SatNode.Benchmarks.Measuring;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Benchmarks.Functions;

/// <summary>What it costs to hand a payload from one function to another, one way: memory to memory in one process, to another process of the board, and
/// over a network to another node.</summary>
/// <remarks>What is larger than the largest input of a function goes in pieces of that size, with us and with all that we are compared with.</remarks>
internal static class PassingBenchmarks
{
    private const int PieceMax = FunctionLimits.BytesCeiling;

    public static IReadOnlyList<int> Sizes { get; } = [1024, 64 * 1024, 1024 * 1024, 16 * 1024 * 1024, 256 * 1024 * 1024];

    public static string NameOf(string mode, int bytes) => $"passing.{mode}-{(bytes >= 1024 * 1024 ? $"{bytes / 1024 / 1024}MiB" : $"{bytes / 1024}KiB")}";

    /// <summary>From a function's memory into that of one that it calls.</summary>
    public static Comparison UserSpace(Workspace workspace, int bytes)
    {
        (Comparison comparison, byte[] piece, int pieces) = Begin("user-space", "function to function of one process", bytes);
        var runtime = comparison.Own(new FunctionRuntime(new()));
        DeployedFunction caller = Install(comparison, runtime, "caller", Reactors.Caller);
        var warm = new BareEnvironment(Install(comparison, runtime, "echo", Reactors.Echo, keepWarm: 1));
        var fresh = new BareEnvironment(Install(comparison, runtime, "echo", Reactors.Echo));
        byte[] into = new byte[piece.Length];
        int calls = CallsOf(bytes);
        comparison
            .Add(Role.Product, "called, kept warm", n => Call(runtime, caller, warm, piece, n * pieces * calls), operationsPerRun: calls)
            .Add(Role.Product, "called, a fresh instance each", n => Call(runtime, caller, fresh, piece, n * pieces * calls), operationsPerRun: calls)
            .Add(Role.Limit, "copied", n =>
            {
                for (int i = 0; i < n * pieces; i++)
                    piece.CopyTo(into, 0);
                Check.That(into[^1] == piece[^1], "the bytes");
            })
            .Add(Role.Limit, "copied to pages fresh from the kernel", n => FreshPages.Copy(piece, n * pieces));
        return Today(comparison, workspace, piece, pieces);
    }

    /// <summary>From a function's memory into that of one in a process of its own.</summary>
    public static Comparison KernelSpace(Workspace workspace, int bytes)
    {
        (Comparison comparison, byte[] piece, int pieces) = Begin("kernel-space", "function to function of another process", bytes);
        string program = Environment.ProcessPath!;
        string[] arguments = Path.GetFileName(program) is "dotnet" ? [typeof(PassingBenchmarks).Assembly.Location, "--worker"] : ["--worker"];
        var runtime = comparison.Own(new FunctionRuntime(new() { Worker = new(program, arguments) }));
        DeployedFunction caller = Install(comparison, runtime, "caller", Reactors.Caller);
        var warm = new BareEnvironment(Install(comparison, runtime, "echo", Reactors.Echo, keepWarm: 1, FunctionIsolation.Process));
        var fresh = new BareEnvironment(Install(comparison, runtime, "echo", Reactors.Echo, isolation: FunctionIsolation.Process));
        var memory = comparison.Own(new BareExchange(piece.Length));
        int calls = CallsOf(bytes);
        comparison
            .Add(Role.Product, "called, kept warm in its worker", n => Call(runtime, caller, warm, piece, n * pieces * calls), threads: true, operationsPerRun: calls)
            .Add(Role.Product, "called, a fresh instance each in its worker", n => Call(runtime, caller, fresh, piece, n * pieces * calls), threads: true, operationsPerRun: calls)
            .Add(Role.Limit, "bare shared memory: copied in, told, copied out", n => memory.Share(piece, n * pieces), threads: true)
            .Add(Role.Limit, "a bare pipe, a byte back for each", n => memory.Pipe(piece, n * pieces), threads: true);
        comparison.Notes.Add("CPU time of a worker is not in cpu/op: it is another process");
        return Today(comparison, workspace, piece, pieces);
    }

    /// <summary>From a node to a service of another one.</summary>
    public static Comparison Network(Workspace workspace, int bytes)
    {
        (Comparison comparison, byte[] piece, int pieces) = Begin("network", "node to node over loopback, stores in memory", bytes);
        NodePair nodes = comparison.OwnAsync(NodePair.Join());
        var tcp = comparison.Own(new TcpPeer(piece.Length, 1));
        byte[] answer = new byte[1];
        comparison
            .Add(Role.Product, "a bundle, sent to delivered", n => nodes.Send(piece, n * pieces, inFlight: 1), threads: true)
            .Add(Role.Limit, "bare TCP, a byte back for each", n => tcp.Stream(piece, answer, n * pieces), threads: true);
        return Today(comparison, workspace, piece, pieces);
    }

    /// <summary>The least calls that a caller makes once it has its payload: its own start is not what is measured.</summary>
    private static int CallsOf(int bytes) => bytes == PieceMax ? 8 : 1;

    private static (Comparison Comparison, byte[] Piece, int Pieces) Begin(string mode, string title, int bytes)
    {
        byte[] piece = new byte[Math.Min(bytes, PieceMax)];
        new Random(1).NextBytes(piece);
        int pieces = bytes / piece.Length;
        string name = NameOf(mode, bytes), size = name[(name.LastIndexOf('-') + 1)..];
        return (new(name, $"{size}{(pieces > 1 ? $", in pieces of {PieceMax / 1024 / 1024}MiB" : "")}, {title}", Display.Time, bytes), piece, pieces);
    }

    /// <summary>What people use to pass data between functions, in one process or on one board as well as between machines.</summary>
    private static Comparison Today(Comparison comparison, Workspace workspace, byte[] piece, int pieces)
    {
        HttpSink http = comparison.OwnAsync(HttpSink.Start());
        comparison
            .Add(Role.Today, "HTTP POST over loopback, the bytes as the body", n => http.Post(piece, n * pieces), threads: true)
            .Add(Role.Today, "HTTP POST over loopback, base64 in JSON", n => http.PostJson(piece, n * pieces), threads: true);
        if (RedisServer.TryStart(workspace, out RedisServer? redis, out string why))
            comparison.Own(redis);
        else
            comparison.Notes.Add($"Redis is not measured: {why}");
        if (redis is not null)
            comparison.Add(Role.Today, "Redis over loopback, set and got", n => redis.Pass(piece, n * pieces), threads: true);
        return comparison;
    }

    private static DeployedFunction Install(Comparison owner, FunctionRuntime runtime, string name, byte[] module, int keepWarm = 0,
        FunctionIsolation isolation = FunctionIsolation.Shared) =>
        owner.Own(runtime.Install(Reactors.Manifest(name, module, keepWarm: keepWarm) with { Isolation = isolation }, module));

    private static void Call(FunctionRuntime runtime, DeployedFunction caller, BareEnvironment environment, byte[] payload, int times)
    {
        BitConverter.TryWriteBytes(payload, times);
        InvocationOutcome outcome = runtime.Invoke(caller, payload, environment, CancellationToken.None);
        if (!outcome.Succeeded || environment.CalleeBytes != (long)times * payload.Length)
            Check.Fail($"{times} calls with {payload.Length} bytes, found {environment.CalleeBytes} bytes: {outcome.Reason}");
        environment.CalleeBytes = 0;
    }
}
