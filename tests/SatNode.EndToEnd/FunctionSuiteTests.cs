using System.Diagnostics;
using System.Security.Cryptography;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.EndToEnd;

/// <summary>The published agent runs functions of three toolchains, and functions that do harm, on this processor and, emulated instruction by instruction, on arm64: every
/// function ends in the same way with the same bytes and the same fuel.</summary>
public sealed class FunctionSuiteTests : IDisposable
{
    // In namespaces of its own, which end with it: a root with the board's libraries, in which the kernel starts programs for arm64, workers among them, through the emulator. The agent knows nothing of it.
    private const string OnArm64 = """
        mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
        printf '%s' ':arm64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:'"$(command -v qemu-aarch64-static)"':F' > /proc/sys/fs/binfmt_misc/register
        mkdir -p "$1/proc" "$1/dev" "$1/tmp" "$1/agent" "$1/suite"
        mount --rbind /proc "$1/proc"
        mount --rbind /dev "$1/dev"
        mount --bind "$2" "$1/agent"
        mount --bind "$3" "$1/suite"
        exec chroot "$1" /agent/satnode-agent --try /suite
        """;

    // Since Linux 6.7 a namespace may have a registry of its own of what starts foreign programs; on an older kernel the functions in processes of their own are tried on the machine's processor alone.
    private static bool StartsWorkersOnArm64 => Environment.OSVersion.Version >= new Version(6, 7);

    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-suite-").FullName;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        if (Directory.Exists(_folder + "-arm64"))
            Directory.Delete(_folder + "-arm64", recursive: true);
    }

    [Fact]
    public async Task Ends_every_function_alike_on_both_processors()
    {
        Sample("ingest", await File.ReadAllBytesAsync(Repository.PathOf("hil-rig", "scenarios", "data", "landsat7-olinda.tif")));
        Sample("denoise", [1]);
        Sample("greet", "Ada"u8, FunctionKind.Command);
        Sample("tally", "Ada"u8);
        Sample("fire-alarm", "75"u8);
        Apart("greet", "Ada"u8, FunctionKind.Command);
        Apart("tally", "Ada"u8);
        Harm("divides-by-zero", "(drop (i32.div_u (i32.const 1) (i32.const 0)))");
        Harm("loops", "(loop $on (br $on))");
        Harm("recurses", "(call $handle (i32.const 0) (i32.const 0)) drop");
        Harm("reads-outside", "(drop (i32.load (i32.const 65536)))");
        Harm("lies-about-its-output", "(return (i64.const 0x0000_0001_7fff_ffff))");
        Harm("apart-loops", "(loop $on (br $on))");
        Harm("apart-reads-outside", "(drop (i32.load (i32.const 65536)))");
        string[] first = await Try(Repository.Agent);
        Feed("ingest", "extract-frames");
        Feed("ingest", "ndvi");
        await Try(Repository.Agent);
        Feed("extract-frames", "object-det");
        await Try(Repository.Agent);
        Feed("object-det", "prepare-ds");
        string[] here = await Try(Repository.Agent);
        Assert.Subset(here.ToHashSet(StringComparer.Ordinal), first.ToHashSet(StringComparer.Ordinal)); // the same function on the same input, another run

        Assert.Equal(18, here.Length);
        string Line(string function) => here.Single(line => line.StartsWith(function + "\t", StringComparison.Ordinal));
        foreach (string sample in (string[])["ingest", "extract-frames", "object-det", "prepare-ds", "denoise", "greet", "ndvi", "tally", "fire-alarm"])
            Assert.Contains("\tCompleted\t", Line(sample), StringComparison.Ordinal);
        Assert.Equal("hello Ada, this is greet on trial\n", await File.ReadAllTextAsync(Path.Combine(_folder, "greet", "a.output")));
        Assert.Equal("1", await File.ReadAllTextAsync(Path.Combine(_folder, "tally", "a.output")));
        Assert.Equal("suspicion 1", await File.ReadAllTextAsync(Path.Combine(_folder, "fire-alarm", "a.output")));
        Assert.Contains("\tTrapped\t", Line("divides-by-zero"), StringComparison.Ordinal);
        Assert.Contains("\tOutOfFuel\t", Line("loops"), StringComparison.Ordinal);
        Assert.Contains("\tTrapped\t", Line("recurses"), StringComparison.Ordinal);
        Assert.Contains("\tTrapped\t", Line("reads-outside"), StringComparison.Ordinal);
        Assert.Contains("expected at most 2097152 bytes of output, found 2147483647", Line("lies-about-its-output"), StringComparison.Ordinal);

        foreach (string apart in (string[])["greet", "tally", "loops", "reads-outside"])
            Assert.Equal(Line(apart), Line("apart-" + apart)["apart-".Length..]); // a worker process gives the same

        if (!StartsWorkersOnArm64)
        {
            foreach (string apart in Directory.GetDirectories(_folder, "apart-*"))
                Directory.Delete(apart, recursive: true);
            here = [.. here.Where(line => !line.StartsWith("apart-", StringComparison.Ordinal))];
        }
        string[] onArm64 = await Try(Repository.AgentFor("arm64"), libraries: await Arm64Libraries());
        Assert.Equal(here.Select(WithoutFuelOfATrap), onArm64.Select(WithoutFuelOfATrap));
    }

    // A trap loses what was used since the last call, and how deep a stack of 512 KiB goes is the processor's affair.
    private static string WithoutFuelOfATrap(string line)
    {
        string[] fields = line.Split('\t');
        if (fields[2] is "Trapped")
            fields[5] = "-";
        return string.Join('\t', fields);
    }

    private void Sample(string name, ReadOnlySpan<byte> input, FunctionKind kind = FunctionKind.Reactor)
    {
        Function(name, File.ReadAllBytes(Repository.PathOf("firmware", "functions", name, name + ".wasm")), kind);
        File.WriteAllBytes(Path.Combine(_folder, name, "a.input"), input);
    }

    /// <summary>The same, in a process of its own.</summary>
    private void Apart(string name, ReadOnlySpan<byte> input, FunctionKind kind = FunctionKind.Reactor)
    {
        Function("apart-" + name, File.ReadAllBytes(Repository.PathOf("firmware", "functions", name, name + ".wasm")), kind);
        File.WriteAllBytes(Path.Combine(_folder, "apart-" + name, "a.input"), input);
    }

    private void Feed(string from, string to) => Sample(to, File.ReadAllBytes(Path.Combine(_folder, from, "a.output")));

    private void Harm(string name, string body) => Function(name, Module.ConvertText($"""
        (module (memory (export "memory") 1 1)
          (func (export "satnode_alloc") (param i32) (result i32) i32.const 0)
          (func $handle (export "satnode_handle") (param i32 i32) (result i64) {body} (i64.const 0)))
        """), FunctionKind.Reactor);

    private void Function(string name, byte[] module, FunctionKind kind)
    {
        // Time differs between processors, fuel does not: only fuel ends these.
        var limits = new FunctionLimits { TimeMax = FunctionLimits.TimeCeiling, FuelMax = 10_000_000_000, MemoryBytesMax = 32 * 1024 * 1024 };
        if (name is "loops" or "apart-loops")
            limits = limits with { FuelMax = 1_000_000 };
        var manifest = new FunctionManifest
        {
            Name = name.StartsWith("apart-", StringComparison.Ordinal) ? name["apart-".Length..] : name, // which greet says
            Version = "1",
            Kind = kind,
            ModuleDigest = SHA256.HashData(module),
            Limits = limits,
            Needs = FunctionNeeds.State,
            Actor = name is "fire-alarm" ? new() : null,
            Isolation = name.StartsWith("apart-", StringComparison.Ordinal) ? FunctionIsolation.Process : FunctionIsolation.Shared,
        };
        Directory.CreateDirectory(Path.Combine(_folder, name));
        File.WriteAllBytes(Path.Combine(_folder, name, "manifest.cbor"), manifest.Encode());
        File.WriteAllBytes(Path.Combine(_folder, name, "module.wasm"), module);
    }

    private async Task<string[]> Try(string agent, string? libraries = null)
    {
        ProcessStartInfo start = libraries is null ? new(agent, ["--try", _folder])
            : !StartsWorkersOnArm64 ? new("qemu-aarch64-static", ["-L", libraries, agent, "--try", _folder])
            : new("unshare", ["--user", "--map-root-user", "--mount", "sh", "-euc", OnArm64, "sh", libraries, Path.GetDirectoryName(agent)!, _folder]);
        (int code, string output, string errors) = await Run(start);
        Assert.True(code == 0, $"exit code {code}\n{errors}\n{output}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The libraries that emulated boards boot with, unpacked.</summary>
    private async Task<string> Arm64Libraries()
    {
        (await RigCommand.Rig("setup", "qemu")).Done();
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        string archive = Directory.GetFiles(Path.Combine(cache, "satnode", "qemu"), "base.cpio", SearchOption.AllDirectories).MaxBy(File.GetLastWriteTimeUtc)!;
        string libraries = Directory.CreateDirectory(_folder + "-arm64").FullName;
        (int code, _, string errors) = await Run(new("cpio", ["-idu", "--quiet", "--no-absolute-filenames", "-F", archive, "*lib*"]) { WorkingDirectory = libraries });
        Assert.True(code == 0, errors);
        return libraries;
    }

    private static async Task<(int Code, string Output, string Errors)> Run(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }
}
