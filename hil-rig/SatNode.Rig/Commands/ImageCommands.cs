using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using SatNode.Protocol.Boards;
using SatNode.Rig.Boards.Images;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Commands;

/// <summary><c>satnode-rig image</c>: makes what boards are flashed with.</summary>
internal static class ImageCommands
{
    /// <summary>The folder of the mission's keys, as for the ground station.</summary>
    internal static Option<string> KeysFolder() => new("--keys")
    {
        Description = "The folder of the mission's keys. Default: SATNODE_GROUND_KEYS, or keys.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("SATNODE_GROUND_KEYS") is { Length: > 0 } folder ? folder : "keys",
    };

    /// <summary>The version of this build, without what a build adds.</summary>
    internal static string BuildVersion { get; } = typeof(ImageCommands).Assembly.GetName().Version!.ToString(3);

    /// <summary>The command.</summary>
    public static Command Create(TextWriter output)
    {
        var file = new Option<string>("--out") { Description = "The image file.", Required = true };
        Option<string> keys = KeysFolder();
        var key = new Option<string?>("--key") { Description = "The private key that signs it, P-256 PEM. Unless told, image.key of the keys folder." };
        var version = new Option<string>("--version") { Description = "Its semantic version.", DefaultValueFactory = _ => BuildVersion };
        var sequence = new Option<ulong?>("--sequence") { Description = "Its place in the order of all images. Unless told, that of its version." };
        var boardClass = new Option<string>("--class") { Description = "The class of boards that it runs on.", DefaultValueFactory = _ => "qemu-virt-arm64" };
        var agent = new Option<string?>("--agent") { Description = "The agent for the board, with its libraries beside it. Unless told, what was published for arm64." };
        var build = new Command("build", "Builds a signed board image of the published agent. The same input gives the same bytes.") { file, version, sequence, boardClass, key, keys, agent };
        build.SetAction(async (parsed, cancellation) =>
        {
            string text = parsed.GetRequiredValue(version);
            ulong place = parsed.GetValue(sequence) ?? BoardImageBuilder.SequenceOf(text)
                ?? throw new BenchException($"--version: expected a semantic version such as 1.4.0 with numbers up to 999999, found '{text}'");
            using ECDsa signer = ImageKeys.ReadPrivate(parsed.GetValue(key) ?? Path.Combine(parsed.GetRequiredValue(keys), ImageKeys.PrivateFile));
            var request = new BoardImageRequest(Executable.BoardAgent(parsed.GetValue(agent)).Program, parsed.GetRequiredValue(boardClass), text, place);
            string path = parsed.GetRequiredValue(file);
            BoardImageManifest manifest = await BoardImageBuilder.Build(request, signer, path, cancellation);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{path}: {manifest.BoardClass} {manifest.Version} (sequence {manifest.Sequence}), {manifest.SizeBytes / 1e6:0.0} MB, sha256 {Convert.ToHexStringLower(manifest.Digest.Span)}"));
            return RigCommands.Passed;
        });
        return new("image", "Makes what boards are flashed with.") { build };
    }
}
