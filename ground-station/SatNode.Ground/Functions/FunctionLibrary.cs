using System.Text.Json;
using System.Text.Json.Serialization;
using SatNode.Protocol;
using SatNode.Protocol.Functions;

namespace SatNode.Ground.Functions;

/// <summary>An image in the library, without its module.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="Manifest">The function's manifest.</param>
/// <param name="ModuleBytes">Size of the module.</param>
/// <param name="DerivedFrom">The image of which it is a copy with other limits, made by the station; null for what was pushed.</param>
internal sealed record StoredImage(string Digest, FunctionManifest Manifest, long ModuleBytes, string? DerivedFrom = null)
{
    /// <summary><c>name:version</c>.</summary>
    public string Reference => $"{Manifest.Name}:{Manifest.Version}";
}

/// <summary>The station's function images, on the disk as an OCI image layout: any OCI tool can read the folder. Thread-safe.</summary>
/// <remarks>A blob is on the disk before the index names it, and the index takes its place by a rename: whenever the power goes, the next start finds the
/// library before or after. Source: OCI Image Format Specification 1.1, image-layout.md.</remarks>
internal sealed class FunctionLibrary
{
    /// <summary>The most images: with modules of at most 480 KiB, 120 MiB of disk.</summary>
    public const int ImagesMax = 256;

    private const int PrefixDigitsMin = 8;
    private const int DigestDigits = 64;
    private const int IndexBytesMax = 1024 * 1024;
    private const int BlobBytesMax = 1024 * 1024;
    private const string IndexFile = "index.json";
    private const string ReferenceAnnotation = "org.opencontainers.image.ref.name";
    private const string DerivedAnnotation = "org.opencontainers.image.base.digest";

    private readonly string _folder;
    private readonly string _blobs;
    private readonly Lock _lock = new();
    private readonly List<StoredImage> _images = []; // in the order in which they were pushed

    /// <summary>Opens the library.</summary>
    /// <param name="folder">Made when absent.</param>
    /// <param name="onDamage">Told what was found damaged and left out.</param>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="InvalidDataException">The index is not one.</exception>
    public FunctionLibrary(string folder, Action<string> onDamage)
    {
        _folder = folder;
        _blobs = Path.Combine(folder, "blobs", "sha256");
        Directory.CreateDirectory(_blobs);
        foreach (string unfinished in Directory.EnumerateFiles(_blobs, "*.new"))
            File.Delete(unfinished);
        Write(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}"""u8);
        foreach (OciDescriptor descriptor in ReadIndex())
        {
            try
            {
                FunctionImage image = Load(descriptor.Digest);
                _images.Add(new(image.Digest, image.Manifest, image.Module.Length, descriptor.Annotations?.GetValueOrDefault(DerivedAnnotation)));
            }
            catch (Exception e) when (e is IOException or InvalidDataException or WireFormatException or UnauthorizedAccessException)
            {
                onDamage($"{folder}: image {descriptor.Digest}: {e.Message}; left out");
            }
        }
    }

    /// <summary>The images, in the order in which they were pushed last.</summary>
    public IReadOnlyList<StoredImage> List()
    {
        lock (_lock)
            return [.. _images];
    }

    /// <summary>Keeps an image; one that is there already becomes the latest.</summary>
    /// <param name="image">The image.</param>
    /// <param name="derivedFrom">The image of which it is a copy with other limits: it then goes by its digest alone, and the other keeps the name. One that was
    /// pushed as itself stays so.</param>
    /// <exception cref="InvalidOperationException">The library is full; nothing changed.</exception>
    /// <exception cref="IOException">The disk refused; nothing changed.</exception>
    public StoredImage Push(FunctionImage image, string? derivedFrom = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        var stored = new StoredImage(image.Digest, image.Manifest, image.Module.Length, derivedFrom);
        lock (_lock)
        {
            if (derivedFrom is not null && _images.Find(known => known.Digest == image.Digest) is { } present)
                return present;
            StoredImage[] others = [.. _images.Where(known => known.Digest != image.Digest)];
            if (others.Length >= ImagesMax)
                throw new InvalidOperationException($"expected at most {ImagesMax} images in the library, found {others.Length}; remove one first");
            foreach (ReadOnlyMemory<byte> blob in (ReadOnlySpan<ReadOnlyMemory<byte>>)[image.Module, image.EncodedManifest, image.Config, image.OciManifest])
                Write(BlobPath(FunctionImage.DigestOf(blob.Span)), blob.Span);
            WriteIndex([.. others, stored]);
        }
        return stored;
    }

    /// <summary>Finds an image.</summary>
    /// <param name="reference">A digest, at least 8 digits of one, <c>name:version</c> or a name; of several versions the one pushed last.</param>
    /// <returns>Null when there is none, or when the digits fit several.</returns>
    public StoredImage? Find(string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        lock (_lock)
        {
            if (_images.LastOrDefault(image => image.Digest == reference || (image.DerivedFrom is null && (image.Reference == reference || image.Manifest.Name == reference))) is { } named)
                return named;
            string digits = reference.StartsWith(FunctionImage.DigestPrefix, StringComparison.Ordinal) ? reference[FunctionImage.DigestPrefix.Length..] : reference;
            if (digits.Length < PrefixDigitsMin || !digits.All(char.IsAsciiHexDigitLower))
                return null;
            StoredImage[] fitting = [.. _images.Where(image => image.Digest.AsSpan(FunctionImage.DigestPrefix.Length).StartsWith(digits, StringComparison.Ordinal))];
            return fitting is [{ } only] ? only : null;
        }
    }

    /// <summary>Reads an image with its module, every digest checked.</summary>
    /// <param name="digest">The image's whole digest.</param>
    /// <exception cref="IOException">It is not there.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public FunctionImage Load(string digest)
    {
        byte[] manifest = ReadBlob(digest);
        OciManifest oci = Parse<OciManifest>(manifest, digest);
        FunctionImage image;
        try
        {
            image = new(ReadBlob(Layer(oci, FunctionImage.FunctionManifestMediaType, digest)), ReadBlob(Layer(oci, FunctionImage.ModuleMediaType, digest)));
        }
        catch (WireFormatException e)
        {
            throw new InvalidDataException($"{digest}: {e.Message}", e);
        }
        return image.Digest == digest ? image : throw new InvalidDataException($"{digest}: expected an image as this station packs it, found {image.Digest} for the same layers");
    }

    /// <summary>Removes an image and what only it used.</summary>
    /// <param name="digest">The image's whole digest.</param>
    /// <returns>False when there was none.</returns>
    public bool Remove(string digest)
    {
        lock (_lock)
        {
            StoredImage[] others = [.. _images.Where(image => image.Digest != digest)];
            if (others.Length == _images.Count)
                return false;
            HashSet<string> gone = [.. BlobsOf(digest)];
            gone.ExceptWith(others.SelectMany(other => BlobsOf(other.Digest)));
            WriteIndex(others);
            foreach (string blob in gone)
                File.Delete(BlobPath(blob));
            return true;
        }
    }

    /// <summary>What an image is made of; of a damaged one its manifest alone.</summary>
    private IReadOnlyList<string> BlobsOf(string digest)
    {
        try
        {
            OciManifest oci = Parse<OciManifest>(ReadBlob(digest), digest);
            return [digest, oci.Config.Digest, .. oci.Layers.Select(layer => layer.Digest)];
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return [digest];
        }
    }

    private static string Layer(OciManifest manifest, string mediaType, string digest) =>
        manifest.Layers.FirstOrDefault(layer => layer.MediaType == mediaType)?.Digest ?? throw new InvalidDataException($"{digest}: expected a layer {mediaType}, found none");

    private OciDescriptor[] ReadIndex()
    {
        string path = Path.Combine(_folder, IndexFile);
        if (!File.Exists(path))
            return [];
        if (new FileInfo(path).Length > IndexBytesMax)
            throw new InvalidDataException($"{path}: expected at most {IndexBytesMax} bytes, found {new FileInfo(path).Length}");
        return [.. Parse<OciIndex>(File.ReadAllBytes(path), path).Manifests.Take(ImagesMax)];
    }

    private void WriteIndex(StoredImage[] images)
    {
        images = [.. images.Where(image => File.Exists(BlobPath(image.Digest)))]; // one whose manifest somebody took away is none any more
        var index = new OciIndex(2, [.. images.Select(image => new OciDescriptor(FunctionImage.ManifestMediaType, image.Digest, new FileInfo(BlobPath(image.Digest)).Length,
            Annotations(image)))]);
        Write(Path.Combine(_folder, IndexFile), JsonSerializer.SerializeToUtf8Bytes(index, JsonSerializerOptions.Web));
        _images.Clear();
        _images.AddRange(images);
    }

    private static Dictionary<string, string> Annotations(StoredImage image)
    {
        Dictionary<string, string> annotations = new(StringComparer.Ordinal) { [ReferenceAnnotation] = image.Reference };
        if (image.DerivedFrom is { } from)
            annotations[DerivedAnnotation] = from;
        return annotations;
    }

    private byte[] ReadBlob(string digest)
    {
        string path = BlobPath(digest);
        if (new FileInfo(path).Length > BlobBytesMax)
            throw new InvalidDataException($"{digest}: expected at most {BlobBytesMax} bytes, found {new FileInfo(path).Length}");
        byte[] content = File.ReadAllBytes(path);
        string found = FunctionImage.DigestOf(content);
        return found == digest ? content : throw new InvalidDataException($"expected content of digest {digest}, found {found}");
    }

    private string BlobPath(string digest)
    {
        string digits = digest.StartsWith(FunctionImage.DigestPrefix, StringComparison.Ordinal) ? digest[FunctionImage.DigestPrefix.Length..] : "";
        return digits.Length == DigestDigits && digits.All(char.IsAsciiHexDigitLower)
            ? Path.Combine(_blobs, digits)
            : throw new InvalidDataException($"expected a digest such as sha256:… with {DigestDigits} hexadecimal digits, found '{digest}'");
    }

    private static T Parse<T>(byte[] json, string what)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Strict) ?? throw new InvalidDataException($"{what}: expected JSON, found null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{what}: {e.Message}", e);
        }
    }

    /// <summary>Writes a file whole or not at all.</summary>
    private static void Write(string path, ReadOnlySpan<byte> content)
    {
        string unfinished = path + ".new";
        using (FileStream file = File.Create(unfinished))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, path, overwrite: true);
    }

    private sealed record OciIndex([property: JsonPropertyName("schemaVersion")] int SchemaVersion, [property: JsonPropertyName("manifests")] IReadOnlyList<OciDescriptor> Manifests);

    private sealed record OciManifest([property: JsonPropertyName("schemaVersion")] int SchemaVersion, [property: JsonPropertyName("mediaType")] string MediaType,
        [property: JsonPropertyName("config")] OciDescriptor Config, [property: JsonPropertyName("layers")] IReadOnlyList<OciDescriptor> Layers);

    private sealed record OciDescriptor([property: JsonPropertyName("mediaType")] string MediaType, [property: JsonPropertyName("digest")] string Digest, [property: JsonPropertyName("size")] long Size,
        [property: JsonPropertyName("annotations"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? Annotations = null);
}
