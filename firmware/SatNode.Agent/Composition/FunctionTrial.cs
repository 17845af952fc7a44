using System.Globalization;
using SatNode.Agent.Configuration;
using SatNode.Functions.Runtime;
using SatNode.Protocol;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;

namespace SatNode.Agent.Composition;

/// <summary>Runs functions outside of a flight, to see on a board, or on the processor that it has, what they do there: each function of a folder on each input beside
/// it. What it prints depends on function and input alone, so that two boards' lines can be compared; outputs are written beside the inputs.</summary>
/// <remarks>Folder: <c>NAME/manifest.cbor</c>, <c>NAME/module.wasm</c> and any number of <c>NAME/*.input</c>; without one a
/// function runs once on nothing. Seed, clock and node name are always the same; state is empty at first and lasts for one function's inputs.</remarks>
internal static class FunctionTrial
{
    private const string Nothing = "nothing";

    /// <summary>Runs all and prints a line for each: <c>function, input, end, length and SHA-256 of the output, fuel, highest memory in bytes, reason</c>, separated by tabs.</summary>
    /// <returns>False when a function could not be installed; a function that traps is a result like any other.</returns>
    /// <exception cref="OptionsException">The folder is none, or holds no function.</exception>
    public static bool Run(string folder, TextWriter output)
    {
        string[] functions = Directory.Exists(folder)
            ? [.. Directory.GetDirectories(folder).Where(path => File.Exists(Path.Combine(path, "manifest.cbor"))).Order(StringComparer.Ordinal)]
            : throw new OptionsException($"{folder}: expected a folder with a folder a function, found none");
        if (functions.Length == 0)
            throw new OptionsException($"{folder}: expected folders with manifest.cbor and module.wasm, found none");
        using var runtime = new FunctionRuntime(new FunctionRuntimeOptions { InstancesMax = 1, Worker = AgentWorkers.Program });
        bool all = true;
        foreach (string path in functions)
            all &= Try(runtime, path, output);
        return all;
    }

    private static bool Try(FunctionRuntime runtime, string path, TextWriter output)
    {
        string name = Path.GetFileName(path);
        try
        {
            FunctionManifest manifest = CborDecoder.Decode<FunctionManifest>(File.ReadAllBytes(Path.Combine(path, "manifest.cbor")));
            using DeployedFunction function = runtime.Install(manifest, File.ReadAllBytes(Path.Combine(path, "module.wasm")));
            var node = new TrialNode();
            string[] inputs = [.. Directory.GetFiles(path, "*.input").Order(StringComparer.Ordinal)];
            foreach (string input in inputs)
                Try(runtime, function, name, Path.GetFileNameWithoutExtension(input), ReadInput(input), node, output, Path.ChangeExtension(input, ".output"));
            if (inputs.Length == 0)
                Try(runtime, function, name, Nothing, [], node, output, Path.Combine(path, Nothing + ".output"));
            return true;
        }
        catch (Exception e) when (e is WireFormatException or FunctionModuleException or IOException or UnauthorizedAccessException)
        {
            Line(output, name, Nothing, "NotInstalled", "0", "", "0", "0", e.Message);
            return false;
        }
    }

    private static void Try(FunctionRuntime runtime, DeployedFunction function, string name, string inputName, byte[] input, TrialNode node, TextWriter output, string outputPath)
    {
        InvocationOutcome outcome = runtime.Invoke(function, input, node, CancellationToken.None);
        if (outcome.Succeeded)
            File.WriteAllBytes(outputPath, outcome.Output.Span);
        Line(output, name, inputName, outcome.End.ToString(), outcome.Output.Length.ToString(CultureInfo.InvariantCulture), FunctionImage.DigestOf(outcome.Output.Span),
            outcome.FuelUsed.ToString(CultureInfo.InvariantCulture), outcome.MemoryBytesHighest.ToString(CultureInfo.InvariantCulture), outcome.Reason);
    }

    private static byte[] ReadInput(string path) => new FileInfo(path).Length <= FunctionLimits.BytesCeiling
        ? File.ReadAllBytes(path)
        : throw new IOException($"{Path.GetFileName(path)}: expected at most {FunctionLimits.BytesCeiling} bytes, found {new FileInfo(path).Length}");

    private static void Line(TextWriter output, params ReadOnlySpan<string> fields) => output.WriteLine(string.Join('\t', fields));

    private sealed class TrialNode : IFunctionEnvironment
    {
        private readonly SortedDictionary<string, StateValue> _state = new(StringComparer.Ordinal);

        public string NodeName => "trial";

        public ulong Seed => 1;

        public int Depth => 0;

        public string Actor => ActorAddress.DefaultKey;

        public TimeProvider Clock { get; } = new StoppedClock();

        public DateTimeOffset? Deadline => null;

        public bool TryGetState(string function, string key, out StateValue value) => _state.TryGetValue(key, out value);

        public (int Length, ulong Version) DescribeState(string function, string key) => _state.TryGetValue(key, out StateValue value) ? (value.Bytes.Length, value.Version) : (-1, 0);

        public IReadOnlyList<string> ListState(string function, string prefix) =>
            [.. _state.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Take(FunctionBounds.StateListMax)];

        public long StateBytes(string function) => _state.Sum(pair => (long)pair.Key.Length + pair.Value.Bytes.Length);

        public bool TryGetFact(string name, out string value)
        {
            value = "";
            return false;
        }

        public DeployedFunction? FindFunction(string name) => null; // each is tried alone

        public FunctionManifest? FindManifest(string name) => null;

        public bool TryEnter(ActorAddress actor, out ActorPolicy policy)
        {
            policy = default;
            return false;
        }

        public bool HasRoomFor(ActorAddress actor, FunctionActor limits, int before, long bytes) => false;

        public void CalleeEnded(DeployedFunction function, in InvocationOutcome outcome)
        {
            // nobody is called
        }

        public void Log(string function, FunctionLogLevel level, string text)
        {
            // What a function says is for its operator; here its result speaks.
        }

        public CommitResult Commit(IReadOnlyList<FunctionEffects> effects)
        {
            foreach (StateChange change in effects.SelectMany(of => of.Changes))
            {
                ulong version = _state.TryGetValue(change.Key, out StateValue before) ? before.Version : 0;
                if (change.Value is { } value)
                    _state[change.Key] = new(value, version + 1);
                else
                    _state.Remove(change.Key);
            }
            return CommitResult.Committed;
        }
    }

    private sealed class StoppedClock : TimeProvider
    {
        private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
