using System.Text.Json;
using SatNode.Protocol.Functions;

namespace SatNode.Protocol.Images;

/// <summary>Function images on a disk, as an OCI image layout that any OCI tool can read, each with its signature as an artifact that refers to it. Thread-safe.</summary>
/// <remarks>A blob is on the disk before the index names it, and the index takes its place by a rename: whenever the power goes, the next start finds the folder before or
/// after. An index that is damaged is made anew from the blobs; blobs that no image uses are removed. At the start the modules' sizes are checked, their digests
/// whenever they are read. Source: OCI Image Format Specification 1.1, image-layout.md; referrers: manifest.md, "subject".</remarks>
public sealed class FunctionImageFolder
{
    /// <summary>What an artifact with a signature is.</summary>
    public const string SignatureArtifactType = "application/vnd.satnode.function.signature.v1+cose";

    private const string EmptyConfigMediaType = "application/vnd.oci.empty.v1+json";
    private const string CoseMediaType = "application/cose; cose-type=\"cose-sign1\"";

    private readonly OciLayout _layout;
    private readonly Lock _lock = new();
    private readonly List<KeptImage> _images = []; // the one put last is the last

    /// <summary>Opens the folder.</summary>
    /// <param name="folder">Made when absent.</param>
    /// <param name="onDamage">Told what was found damaged and left out.</param>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public FunctionImageFolder(string folder, Action<string> onDamage)
    {
        ArgumentNullException.ThrowIfNull(onDamage);
        _layout = new OciLayout(folder);
        IReadOnlyList<OciDescriptor> listed = ReadIndex(onDamage, out bool isMadeAnew);
        Dictionary<string, byte[]> signatures = ReadSignatures(listed, onDamage);
        foreach (OciDescriptor descriptor in listed.Where(descriptor => descriptor.ArtifactType is null))
        {
            if (Try(() => ReadImage(descriptor, signatures), $"image {descriptor.Digest}", onDamage) is { } image && !_images.Exists(known => known.Digest == image.Digest))
                _images.Add(image);
        }
        HashSet<string> used = [.. _images.SelectMany(image => BlobsOf(image).Keys)];
        if (isMadeAnew || listed.Count != _images.Sum(image => image.Signature.IsEmpty ? 1 : 2))
            WriteIndex(_images);
        foreach (string blob in _layout.Blobs.Where(blob => !used.Contains(blob)).ToArray())
            _layout.DeleteBlob(blob);
    }

    /// <summary>The images; the one put or touched last is the last.</summary>
    public IReadOnlyList<KeptImage> Images
    {
        get
        {
            lock (_lock)
                return [.. _images];
        }
    }

    /// <summary>What the blobs take, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
                return _images.SelectMany(BlobsOf).DistinctBy(blob => blob.Key, StringComparer.Ordinal).Sum(blob => blob.Value);
        }
    }

    /// <summary>Finds an image by its whole digest.</summary>
    public KeptImage? Find(string digest)
    {
        lock (_lock)
            return _images.Find(image => string.Equals(image.Digest, digest, StringComparison.Ordinal));
    }

    /// <summary>Keeps an image; one that is there already becomes the last.</summary>
    /// <param name="image">The image.</param>
    /// <param name="signature">Its signature; empty when it has none.</param>
    /// <param name="annotations">Words beside it in the index.</param>
    /// <exception cref="IOException">The disk refused; nothing changed.</exception>
    public KeptImage Put(FunctionImage image, ReadOnlyMemory<byte> signature, IReadOnlyDictionary<string, string> annotations)
    {
        ArgumentNullException.ThrowIfNull(image);
        var kept = new KeptImage(image.Outline, signature, annotations);
        lock (_lock)
        {
            foreach (ReadOnlyMemory<byte> blob in (ReadOnlySpan<ReadOnlyMemory<byte>>)[image.Module, image.EncodedManifest, image.Config, image.OciManifest])
                _layout.WriteBlob(FunctionImage.DigestOf(blob.Span), blob.Span);
            if (!signature.IsEmpty)
            {
                foreach (ReadOnlyMemory<byte> blob in (ReadOnlySpan<ReadOnlyMemory<byte>>)["{}"u8.ToArray(), signature, SignatureManifest(kept)])
                    _layout.WriteBlob(FunctionImage.DigestOf(blob.Span), blob.Span);
            }
            Replace([.. _images.Where(known => known.Digest != kept.Digest), kept]);
        }
        return kept;
    }

    /// <summary>Makes an image the last; on the disk with the next change.</summary>
    public void Touch(string digest)
    {
        lock (_lock)
        {
            int i = _images.FindIndex(image => string.Equals(image.Digest, digest, StringComparison.Ordinal));
            if (i < 0)
                return;
            KeptImage image = _images[i];
            _images.RemoveAt(i);
            _images.Add(image);
        }
    }

    /// <summary>Reads an image with its module, every digest checked.</summary>
    /// <param name="digest">The image's whole digest.</param>
    /// <exception cref="IOException">It is not there, or the disk refused.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public FunctionImage Load(string digest)
    {
        lock (_lock)
        {
            FunctionImageOutline outline = ReadOutline(digest);
            return new(outline, _layout.ReadBlob(outline.ModuleDigest, FunctionImage.ModuleBytesMax));
        }
    }

    /// <summary>Removes an image and what only it used.</summary>
    /// <param name="digest">The image's whole digest.</param>
    /// <returns>False when there was none.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    public bool Remove(string digest)
    {
        lock (_lock)
        {
            KeptImage[] others = [.. _images.Where(image => !string.Equals(image.Digest, digest, StringComparison.Ordinal))];
            return others.Length != _images.Count && Replace(others);
        }
    }

    /// <summary>Lists these images from here on, and then removes what none of them uses.</summary>
    private bool Replace(KeptImage[] images)
    {
        HashSet<string> gone = [.. _images.SelectMany(image => BlobsOf(image).Keys)];
        gone.ExceptWith(images.SelectMany(image => BlobsOf(image).Keys));
        WriteIndex(images);
        _images.Clear();
        _images.AddRange(images);
        foreach (string blob in gone)
            _layout.DeleteBlob(blob);
        return true;
    }

    private void WriteIndex(IReadOnlyList<KeptImage> images)
    {
        var listed = new List<OciDescriptor>(2 * images.Count);
        foreach (KeptImage image in images)
        {
            listed.Add(Describe(image.Outline) with { Annotations = image.Annotations.Count > 0 ? image.Annotations : null });
            if (!image.Signature.IsEmpty)
            {
                byte[] artifact = SignatureManifest(image);
                listed.Add(new(FunctionImage.ManifestMediaType, FunctionImage.DigestOf(artifact), artifact.Length, SignatureArtifactType));
            }
        }
        _layout.WriteIndex(listed);
    }

    private IReadOnlyList<OciDescriptor> ReadIndex(Action<string> onDamage, out bool isMadeAnew)
    {
        IReadOnlyList<OciDescriptor>? index = Try(_layout.ReadIndex, "the index", onDamage);
        isMadeAnew = index is null;
        if (index is not null)
            return index;
        onDamage("the index is made anew from the blobs");
        var found = new List<OciDescriptor>();
        foreach (string blob in _layout.Blobs)
        {
            // Most blobs are no manifests: that is no damage.
            if (_layout.SizeOf(blob) is > 0 and <= OciLayout.ManifestBytesMax and long size && Try(() => _layout.ReadManifest(blob), blob, _ => { }) is { } manifest)
                found.Add(new(manifest.MediaType, blob, size, manifest.ArtifactType));
        }
        return found;
    }

    private Dictionary<string, byte[]> ReadSignatures(IReadOnlyList<OciDescriptor> listed, Action<string> onDamage)
    {
        var signatures = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (OciDescriptor descriptor in listed.Where(descriptor => string.Equals(descriptor.ArtifactType, SignatureArtifactType, StringComparison.Ordinal)))
        {
            Try<byte[]>(() =>
            {
                OciManifest artifact = _layout.ReadManifest(descriptor.Digest);
                if (artifact is not { Subject: { } subject, Layers: [{ MediaType: CoseMediaType } layer] })
                    throw new InvalidDataException("expected a signature that refers to an image, found none");
                return signatures[subject.Digest] = _layout.ReadBlob(layer.Digest, ImageSignature.BytesMax);
            }, $"signature {descriptor.Digest}", onDamage);
        }
        return signatures;
    }

    private KeptImage ReadImage(OciDescriptor descriptor, Dictionary<string, byte[]> signatures)
    {
        FunctionImageOutline outline = ReadOutline(descriptor.Digest);
        if (_layout.SizeOf(outline.ModuleDigest) is var bytes && bytes != outline.ModuleBytes)
            throw new InvalidDataException($"expected a module of {outline.ModuleBytes} bytes, found {(bytes < 0 ? "none" : $"{bytes}")}");
        return new(outline, signatures.GetValueOrDefault(descriptor.Digest), descriptor.Annotations ?? new Dictionary<string, string>(StringComparer.Ordinal));
    }

    private FunctionImageOutline ReadOutline(string digest)
    {
        OciManifest manifest = _layout.ReadManifest(digest);
        try
        {
            FunctionImageOutline outline = new(_layout.ReadBlob(Layer(manifest, FunctionImage.FunctionManifestMediaType).Digest, FunctionImage.FunctionManifestBytesMax),
                Layer(manifest, FunctionImage.ModuleMediaType).Size);
            return string.Equals(outline.Digest, digest, StringComparison.Ordinal)
                ? outline
                : throw new InvalidDataException($"{digest}: expected an image as SatNode packs it, found {outline.Digest} for the same layers");
        }
        catch (WireFormatException e)
        {
            throw new InvalidDataException($"{digest}: {e.Message}", e);
        }
    }

    private static OciDescriptor Layer(OciManifest manifest, string mediaType) =>
        manifest.Layers.FirstOrDefault(layer => string.Equals(layer?.MediaType, mediaType, StringComparison.Ordinal)) ?? throw new InvalidDataException($"expected a layer {mediaType}, found none");

    private static OciDescriptor Describe(FunctionImageOutline outline) => new(FunctionImage.ManifestMediaType, outline.Digest, outline.OciManifest.Length);

    private static byte[] SignatureManifest(KeptImage image) => JsonSerializer.SerializeToUtf8Bytes(
        new OciManifest(2, FunctionImage.ManifestMediaType, new(EmptyConfigMediaType, FunctionImage.DigestOf("{}"u8), 2),
            [new(CoseMediaType, FunctionImage.DigestOf(image.Signature.Span), image.Signature.Length)], SignatureArtifactType, Describe(image.Outline)),
        OciJson.Default.OciManifest);

    /// <summary>What an image is made of, with sizes.</summary>
    private static Dictionary<string, long> BlobsOf(KeptImage image)
    {
        FunctionImageOutline outline = image.Outline;
        var blobs = new Dictionary<string, long>(StringComparer.Ordinal) { [outline.Digest] = outline.OciManifest.Length, [outline.ModuleDigest] = outline.ModuleBytes };
        ReadOnlySpan<ReadOnlyMemory<byte>> signature = image.Signature.IsEmpty ? [] : ["{}"u8.ToArray(), image.Signature, SignatureManifest(image)];
        foreach (ReadOnlyMemory<byte> blob in (ReadOnlySpan<ReadOnlyMemory<byte>>)[outline.EncodedManifest, outline.Config, .. signature])
            blobs[FunctionImage.DigestOf(blob.Span)] = blob.Length;
        return blobs;
    }

    /// <summary>What a read gives, or null after telling what was damaged.</summary>
    private static T? Try<T>(Func<T> read, string what, Action<string> onDamage) where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            onDamage($"{what}: {e.Message}");
            return null;
        }
    }
}
