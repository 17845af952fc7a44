using System.Globalization;
using System.Security.Cryptography;
using SatNode.Protocol.Boards;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Qemu;

namespace SatNode.Rig.Boards.Images;

/// <summary>What goes into a board image.</summary>
/// <param name="Agent">The agent's binary for the board; the native libraries are beside it.</param>
/// <param name="BoardClass">The class of boards that it runs on.</param>
/// <param name="Version">Its version, a semantic version.</param>
/// <param name="Sequence">Its place in the order of all images.</param>
public sealed record BoardImageRequest(string Agent, string BoardClass, string Version, ulong Sequence);

/// <summary>Builds board images: the agent and its libraries as a squashfs, behind a signed manifest. The same input gives the same bytes.</summary>
public static class BoardImageBuilder
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    private const int VersionPartMax = 999_999;

    /// <summary>The sequence number of a version: 1.4.2 is 1,000,004,000,002; a pre-release is that of its version.</summary>
    /// <returns>Null when the text is no semantic version, or a part of it is above 999,999.</returns>
    public static ulong? SequenceOf(string version)
    {
        if (!SemanticVersion.IsValid(version))
            return null;
        ulong sequence = 0;
        foreach (string part in version.Split('-', '+')[0].Split('.'))
        {
            if (!uint.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) || number > VersionPartMax)
                return null;
            sequence = (sequence * (VersionPartMax + 1)) + number;
        }
        return sequence;
    }

    /// <summary>Builds an image into a file; an end in between leaves an earlier file as it was.</summary>
    /// <param name="request">What goes in.</param>
    /// <param name="key">The private key that signs it, P-256.</param>
    /// <param name="file">The file.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="BenchException">A part is missing or wrong, or the file cannot be written.</exception>
    public static async Task<BoardImageManifest> Build(BoardImageRequest request, ECDsa key, string file, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        string work = Directory.CreateTempSubdirectory("satnode-image-").FullName;
        string unfinished = $"{file}.{Environment.ProcessId}";
        try
        {
            string squashfs = Path.Combine(work, "slot.squashfs");
            await Squash(request, Path.Combine(work, "tree"), squashfs, cancellation);
            await using FileStream payload = File.OpenRead(squashfs);
            var manifest = new BoardImageManifest
            {
                BoardClass = request.BoardClass,
                Version = request.Version,
                Sequence = request.Sequence,
                SizeBytes = payload.Length,
                Digest = await SHA256.HashDataAsync(payload, cancellation),
            };
            if (manifest.Fault() is { } fault)
                throw new BenchException($"image: {fault}");
            payload.Position = 0;
            using var signer = new DeterministicEcdsa(key);
            await using (FileStream image = new(unfinished, FileMode.Create, FileAccess.Write))
                BoardImageFile.Write(image, manifest.Sign(signer), payload);
            File.Move(unfinished, file, overwrite: true);
            return manifest;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"image: '{file}' cannot be written: {fault.Message}", fault);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
            File.Delete(unfinished);
        }
    }

    private static async Task Squash(BoardImageRequest request, string tree, string squashfs, CancellationToken cancellation)
    {
        string agent = Directory.CreateDirectory(Path.Combine(tree, "agent")).FullName;
        string[] libraries = Directory.GetFiles(Path.GetDirectoryName(request.Agent)!, "*.so");
        if (libraries.Length == 0)
            throw new BenchException($"image: expected native libraries (*.so) beside '{request.Agent}', found none; publish it with: make boards");
        foreach (string part in (string[])[request.Agent, .. libraries])
        {
            string to = Path.Combine(agent, part == request.Agent ? "satnode-agent" : Path.GetFileName(part));
            File.Copy(part, to);
            File.SetUnixFileMode(to, Executable);
        }
        File.SetUnixFileMode(tree, Executable);
        File.SetUnixFileMode(agent, Executable);
        // Owners and times would make two builds differ; of those, the variable is the limit (and a caller's own is of no interest). LZ4: the board's one core unpacks it while it boots.
        await HostTool.Run("image", "mksquashfs", [tree, squashfs, "-comp", "lz4", "-all-root", "-no-xattrs", "-noappend", "-quiet", "-no-progress"], cancellation,
            environment: new Dictionary<string, string>(StringComparer.Ordinal) { ["SOURCE_DATE_EPOCH"] = "0" });
    }
}
