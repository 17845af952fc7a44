using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SatNode.Protocol.Functions;

namespace SatNode.Protocol.Images;

/// <summary>A folder with blobs that are named by what is in them, and an index of manifests, as any OCI tool reads it. Each file is written whole or not at all and is on the disk
/// before it has its name. Not thread-safe.</summary>
/// <remarks>Source: OCI Image Format Specification 1.1, image-layout.md.</remarks>
internal sealed class OciLayout
{
    /// <summary>The largest index: 512 images with their signatures.</summary>
    internal const int IndexBytesMax = 1024 * 1024;

    /// <summary>The largest manifest.</summary>
    internal const int ManifestBytesMax = 4 * 1024;

    private const int DigestDigits = 64;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private readonly string _index;
    private readonly string _blobs;

    /// <summary>Opens the folder, makes it when absent, and removes what a power cut left half written.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    internal OciLayout(string folder)
    {
        _index = Path.Combine(folder, "index.json");
        _blobs = Path.Combine(folder, "blobs", "sha256");
        Directory.CreateDirectory(_blobs);
        foreach (string half in (IEnumerable<string>)[.. Directory.GetFiles(_blobs, "*" + WholeFile.Unfinished), .. Directory.GetFiles(folder, "*" + WholeFile.Unfinished)])
            File.Delete(half);
        string layout = Path.Combine(folder, "oci-layout");
        if (!File.Exists(layout))
            WholeFile.Write(layout, """{"imageLayoutVersion":"1.0.0"}"""u8);
    }

    /// <summary>The digests of the blobs that are there, whatever is in them.</summary>
    internal IEnumerable<string> Blobs => Directory.EnumerateFiles(_blobs).Select(path => Path.GetFileName(path)).Where(IsDigits).Select(digits => FunctionImage.DigestPrefix + digits);

    /// <summary>Whether a text is a digest: <c>sha256:</c> and 64 lower-case hexadecimal digits.</summary>
    internal static bool IsDigest(string text) => text.StartsWith(FunctionImage.DigestPrefix, StringComparison.Ordinal) && IsDigits(text.AsSpan(FunctionImage.DigestPrefix.Length));

    /// <summary>Reads the index; empty when there is none yet.</summary>
    /// <exception cref="InvalidDataException">It is not an index.</exception>
    internal IReadOnlyList<OciDescriptor> ReadIndex()
    {
        if (!File.Exists(_index))
            return [];
        if (new FileInfo(_index).Length is > IndexBytesMax and long bytes)
            throw new InvalidDataException($"index.json: expected at most {IndexBytesMax} bytes, found {bytes}");
        return Complete(Parse(File.ReadAllBytes(_index), OciJson.Default.OciIndex, "index.json").Manifests, "index.json");
    }

    /// <summary>Replaces the index.</summary>
    internal void WriteIndex(IReadOnlyList<OciDescriptor> manifests) => WholeFile.Write(_index, JsonSerializer.SerializeToUtf8Bytes(new OciIndex(2, manifests), OciJson.Default.OciIndex));

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="IOException">It is not there.</exception>
    /// <exception cref="InvalidDataException">It is not one, or damaged.</exception>
    internal OciManifest ReadManifest(string digest)
    {
        OciManifest manifest = Parse(ReadBlob(digest, ManifestBytesMax), OciJson.Default.OciManifest, digest);
        Complete(manifest.Layers, digest);
        if (manifest.Subject is { Digest: null })
            throw new InvalidDataException($"{digest}: expected a subject with a digest, found none");
        return manifest;
    }

    /// <summary>Reads a blob and checks its digest.</summary>
    /// <exception cref="IOException">It is not there.</exception>
    /// <exception cref="InvalidDataException">It is larger than told, or damaged.</exception>
    internal byte[] ReadBlob(string digest, long bytesMax)
    {
        string path = PathOf(digest);
        if (new FileInfo(path).Length is var bytes && bytes > bytesMax)
            throw new InvalidDataException($"{digest}: expected at most {bytesMax} bytes, found {bytes}");
        byte[] content = File.ReadAllBytes(path);
        string found = FunctionImage.DigestOf(content);
        return string.Equals(found, digest, StringComparison.Ordinal) ? content : throw new InvalidDataException($"expected content of digest {digest}, found {found}");
    }

    /// <summary>The size of a blob; -1 when it is not there.</summary>
    internal long SizeOf(string digest) => new FileInfo(PathOf(digest)) is { Exists: true } file ? file.Length : -1;

    /// <summary>Writes a blob, also over one of its name that may be damaged.</summary>
    internal void WriteBlob(string digest, ReadOnlySpan<byte> content) => WholeFile.Write(PathOf(digest), content);

    /// <summary>Deletes a blob when it is there.</summary>
    internal void DeleteBlob(string digest) => File.Delete(PathOf(digest));

    private string PathOf(string digest) => IsDigest(digest)
        ? Path.Combine(_blobs, digest[FunctionImage.DigestPrefix.Length..])
        : throw new InvalidDataException($"expected a digest such as sha256:… with {DigestDigits} hexadecimal digits, found '{digest}'");

    private static bool IsDigits(ReadOnlySpan<char> text) => text.Length == DigestDigits && !text.ContainsAnyExcept(HexDigits);

    private static bool IsDigits(string text) => IsDigits(text.AsSpan());

    /// <summary>JSON may leave out what the types say is there.</summary>
    private static IReadOnlyList<OciDescriptor> Complete(IReadOnlyList<OciDescriptor?>? descriptors, string what)
    {
        if (descriptors is null || descriptors.Any(descriptor => descriptor is not { Digest: not null, MediaType: not null }))
            throw new InvalidDataException($"{what}: expected descriptors with media type and digest, found none or others");
        return descriptors!;
    }

    private static T Parse<T>(byte[] json, JsonTypeInfo<T> type, string what)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new InvalidDataException($"{what}: expected JSON, found null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{what}: {e.Message}", e);
        }
    }
}
