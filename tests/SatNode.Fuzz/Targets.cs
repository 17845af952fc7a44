using System.Security.Cryptography;
using System.Text;
using SatNode.Functions.Modules;
using SatNode.Functions.Runtime;
using SatNode.Ground.Configuration;
using SatNode.Ground.Functions;
using SatNode.Protocol;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Telemetry;

namespace SatNode.Fuzz;

/// <summary>The boundaries that are tried, each with its bounds. One more is one line more in <see cref="All"/>.</summary>
internal static class Targets
{
    private const int Kilobyte = 1024;

    private static readonly byte[] Empty = "\0asm\u0001\0\0\0"u8.ToArray();
    private static readonly Lazy<FunctionRuntime> Runtime = new(() => new FunctionRuntime(new()));

    private static readonly ImageFolderInput Images = new(new FunctionImage(Manifest(Empty).Encode(), Empty));

    private static byte[][] ModuleWords { get; } = [[0x02, 0x40], [0x03, 0x40], [0x04, 0x40], [0x05], [0x0B], [0x0E, 0x01, 0x00, 0x00], [0x10, 0x00], [0xFC, 0x08, 0x00, 0x00], [0xFD, 0x0C], [0x60, 0x00, 0x00],
        [0x41, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x28, 0x02, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], "satnode"u8.ToArray(), "memory"u8.ToArray()];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("function-manifest", 64 * Kilobyte, length => (64 * length) + (256 * Kilobyte), TakeManifest, e => e is WireFormatException) { Seeds = Manifests() },
        new("module-shape", 64 * Kilobyte, length => (16 * length) + (64 * Kilobyte), module => ModuleShape.Check(Manifest(module), module), e => e is FunctionModuleException)
        {
            Seeds = Modules(),
            Words = ModuleWords,
        },
        new("module-install", 32 * Kilobyte, length => (64 * length) + (256 * Kilobyte), Install, e => e is FunctionModuleException)
        {
            Seeds = Modules(),
            Words = ModuleWords,
            MayEndTheProcess = true,
        },
        new("function-yaml", 80 * Kilobyte, length => (2_000L * length) + (1024 * Kilobyte), bytes => FunctionManifestYaml.Read("f.yaml", Encoding.UTF8.GetString(bytes), Empty), e => e is YamlInputException)
        {
            Seeds = [.. Files("function.yaml")],
            MayEndTheProcess = true,
            Words = [.. ((string[])["triggers:", "limits:", "- ", "{ ", "}: ", "[", "]", "&a ", "*a", "!!int ", "\n", "  ", "? ", "|\n", ".inf", "1e309", "~", "<<: *a", "%YAML 1.2\n---\n", "\t"]).Select(Encoding.UTF8.GetBytes)],
        },
        new("image-folder", 8 * Kilobyte, length => (256L * length) + (1024 * Kilobyte), Images.Take, e => e is InvalidDataException)
        {
            Seeds = Images.Seeds,
            Words = [.. ((string[])["null", "[]", "{}", "\"digest\":", "\"layers\":", "\"subject\":", "\"artifactType\":", "sha256:", "1e9", ",", "\\ud800"]).Select(Encoding.UTF8.GetBytes)],
        },
        new("telemetry", 8 * Kilobyte, length => (64 * length) + (64 * Kilobyte), TakeTelemetry, e => e is WireFormatException) { Seeds = Records() },
    ];

    private static FunctionManifest Manifest(byte[] module) => new() { Name = "probe", Version = "1", Kind = FunctionKind.Reactor, ModuleDigest = SHA256.HashData(module), Needs = FunctionNeeds.State };

    private static void TakeManifest(byte[] bytes)
    {
        FunctionManifest manifest = CborDecoder.Decode<FunctionManifest>(bytes);
        if (manifest.Faults().Count > 0)
            return;
        byte[] again = manifest.Encode(); // what is taken can be kept and sent on, and means the same
        if (!CborDecoder.Decode<FunctionManifest>(again).Encode().AsSpan().SequenceEqual(again))
            throw new InvalidOperationException("expected the same bytes again");
    }

    private static void Install(byte[] module) => Runtime.Value.Install(Manifest(module), module).Dispose();

    private static void TakeTelemetry(byte[] bytes)
    {
        if (bytes.Length > 0 && bytes[0] % 2 == 0)
            _ = CborDecoder.Decode<TelemetryRecord<FunctionProfile>>(bytes.AsMemory(1)).Encode();
        else
            _ = CborDecoder.Decode<TelemetryRecord<InvocationReport>>(bytes.Length == 0 ? bytes : bytes.AsMemory(1)).Encode();
    }

    private static IReadOnlyList<byte[]> Modules() => [Empty, .. Files("*.wasm").Where(module => module.Length <= 10 * Kilobyte)];

    private static IReadOnlyList<byte[]> Manifests() => [.. Files("function.yaml").Select(text => FunctionManifestYaml.Read("f.yaml", Encoding.UTF8.GetString(text), Empty).Encode())];

    private static IReadOnlyList<byte[]> Records()
    {
        var times = new DurationHistogram();
        times.Add(TimeSpan.FromMilliseconds(3));
        times.Add(TimeSpan.FromSeconds(3));
        return
        [
            [0, .. new TelemetryRecord<FunctionProfile>(1, 2, new(3), new() { Function = "f", Version = "1", Since = new(4), CpuTime = times, WallTime = times }).Encode()],
            [1, .. new TelemetryRecord<InvocationReport>(1, 2, new(3), new()
            {
                Function = "f", Version = "1", InvocationId = "n-1-1", Result = InvocationResult.Completed, Queued = new(1), Started = new(2), Ended = new(3), CpuTime = TimeSpan.FromSeconds(1),
                Energy = new(1), Fuel = 7, State = StateOrigin.Local,
            }).Encode()],
        ];
    }

    private static IEnumerable<byte[]> Files(string pattern) =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "functions"), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);
}
