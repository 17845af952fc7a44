using System.Security.Cryptography;
using SatNode.Functions.Runtime;
using SatNode.Functions.Tests.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Workflow;

/// <summary>The sample functions as they are committed, and the outputs of the wildfire workflow on the scene.</summary>
public sealed class WildfireChain : IDisposable
{
    public static string ScenePath { get; } = Path.Combine(AppContext.BaseDirectory, "data", "landsat7-olinda.tif");

    public WildfireChain()
    {
        byte[] input = File.ReadAllBytes(ScenePath);
        foreach (string name in (string[])["ingest", "extract-frames", "object-det", "prepare-ds"])
        {
            InvocationOutcome outcome = Run(name, input);
            Assert.True(outcome.Succeeded, $"{name}: {outcome.End}: {outcome.Reason}");
            input = outcome.Output.ToArray();
            Outputs[name] = input;
        }
    }

    public FunctionRuntime Runtime { get; } = new(new());

    internal Dictionary<string, byte[]> Outputs { get; } = new(StringComparer.Ordinal);

    public InvocationOutcome Run(string name, byte[] input, FunctionKind kind = FunctionKind.Reactor)
    {
        using DeployedFunction function = Install(name, kind);
        return Runtime.Invoke(function, input, new TestEnvironment(), CancellationToken.None);
    }

    public DeployedFunction Install(string name, FunctionKind kind = FunctionKind.Reactor)
    {
        byte[] module = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "functions", name, name + ".wasm"));
        return Runtime.Install(new() { Name = name, Version = "1.0.0", Kind = kind, ModuleDigest = SHA256.HashData(module) }, module);
    }

    public void Dispose() => Runtime.Dispose();
}
