using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.EndToEnd;

/// <summary>The published agent runs functions in worker processes, which run the same file: each ends as it does in the agent's process, and no worker outlives its agent.</summary>
public sealed class IsolatedFunctionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-isolated-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Ends_every_function_as_in_the_agents_process()
    {
        string[] shared = await Try("shared", FunctionIsolation.Shared), isolated = await Try("isolated", FunctionIsolation.Process);
        Assert.Equal(7, shared.Length);
        Assert.Equal(shared, isolated);
        Assert.Equal(3, isolated.Count(line => line.Split('\t')[2] is "Completed"));
    }

    [Fact]
    public async Task A_worker_ends_with_its_agent()
    {
        string folder = Path.Combine(_folder, "endless");
        Function(folder, "loops", Harm("(loop $on (br $on))"), FunctionIsolation.Process, FunctionLimits.FuelCeiling);
        using Process agent = Start(folder);
        int worker = 0;
        await Until(() => (worker = WorkerOf(agent.Id)) != 0);
        agent.Kill(); // it alone, as a fault would
        await agent.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Until(() => !File.Exists($"/proc/{worker}/cmdline") || File.ReadAllText($"/proc/{worker}/cmdline").Length == 0);
    }

    private static byte[] Harm(string body) => Module.ConvertText($"""
        (module (memory (export "memory") 1 1)
          (func (export "satnode_alloc") (param i32) (result i32) i32.const 0)
          (func $handle (export "satnode_handle") (param i32 i32) (result i64) {body} (i64.const 0)))
        """);

    private static void Function(string folder, string name, byte[] module, FunctionIsolation isolation, ulong fuelMax, FunctionKind kind = FunctionKind.Reactor, byte[]? input = null)
    {
        string path = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        var manifest = new FunctionManifest
        {
            Name = name,
            Version = "1",
            Kind = kind,
            ModuleDigest = SHA256.HashData(module),
            Limits = new() { TimeMax = FunctionLimits.TimeCeiling, FuelMax = fuelMax, MemoryBytesMax = 32 * 1024 * 1024 },
            Needs = FunctionNeeds.State,
            Isolation = isolation,
        };
        File.WriteAllBytes(Path.Combine(path, "manifest.cbor"), manifest.Encode());
        File.WriteAllBytes(Path.Combine(path, "module.wasm"), module);
        if (input is not null)
            File.WriteAllBytes(Path.Combine(path, "a.input"), input);
    }

    private static Process Start(string folder) => Process.Start(new ProcessStartInfo(Repository.Agent, ["--try", folder])
    {
        RedirectStandardOutput = true,
        UseShellExecute = false,
    })!;

    private static int WorkerOf(int agent)
    {
        string expected = $"--worker\0{agent.ToString(CultureInfo.InvariantCulture)}\0";
        foreach (string process in Directory.GetDirectories("/proc").Where(path => Path.GetFileName(path).All(char.IsAsciiDigit)))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(process, "cmdline")).EndsWith(expected, StringComparison.Ordinal))
                    return int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // it has just ended
            }
        }
        return 0;
    }

    private static async Task Until(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!isSo())
            await Task.Delay(20, patience.Token);
    }

    private static byte[] Sample(string name) => File.ReadAllBytes(Repository.PathOf("firmware", "functions", name, name + ".wasm"));

    private async Task<string[]> Try(string name, FunctionIsolation isolation)
    {
        const ulong fuel = 10_000_000_000;
        string folder = Path.Combine(_folder, name);
        Function(folder, "ingest", Sample("ingest"), isolation, fuel, input: await File.ReadAllBytesAsync(Repository.PathOf("hil-rig", "scenarios", "data", "landsat7-olinda.tif")));
        Function(folder, "greet", Sample("greet"), isolation, fuel, FunctionKind.Command, "Ada"u8.ToArray());
        Function(folder, "tally", Sample("tally"), isolation, fuel, input: "Ada"u8.ToArray());
        Function(folder, "divides-by-zero", Harm("(drop (i32.div_u (i32.const 1) (i32.const 0)))"), isolation, fuel);
        Function(folder, "loops", Harm("(loop $on (br $on))"), isolation, 1_000_000);
        Function(folder, "reads-outside", Harm("(drop (i32.load (i32.const 65536)))"), isolation, fuel);
        Function(folder, "lies-about-its-output", Harm("(return (i64.const 0x0000_0001_7fff_ffff))"), isolation, fuel);
        using Process agent = Start(folder);
        string output = await agent.StandardOutput.ReadToEndAsync();
        await agent.WaitForExitAsync();
        Assert.Equal(0, agent.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
