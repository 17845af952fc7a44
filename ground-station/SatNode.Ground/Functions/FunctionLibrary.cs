using System.Security.Cryptography;
using SatNode.Protocol;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;

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

/// <summary>The station's function images, on the disk as an OCI image layout: any OCI tool can read the folder. Each is signed with the station's function key as it is pushed.
/// Thread-safe.</summary>
internal sealed class FunctionLibrary
{
    /// <summary>The most images: with modules of at most 4 MiB, 1 GiB of disk.</summary>
    public const int ImagesMax = 256;

    private const int PrefixDigitsMin = 8;
    private const string ReferenceAnnotation = "org.opencontainers.image.ref.name";
    private const string DerivedAnnotation = "org.opencontainers.image.base.digest";

    private readonly FunctionImageFolder _images;
    private readonly ECDsa _key;
    private readonly Lock _lock = new();

    /// <summary>Opens the library; an image that another key signed, or none, is signed anew.</summary>
    /// <param name="folder">Made when absent.</param>
    /// <param name="key">The private key that signs images, P-256; not disposed here.</param>
    /// <param name="onDamage">Told what was found damaged and left out.</param>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public FunctionLibrary(string folder, ECDsa key, Action<string> onDamage)
    {
        _key = key;
        _images = new FunctionImageFolder(folder, damage => onDamage($"{folder}: {damage}; left out"));
        foreach (KeptImage image in _images.Images)
        {
            try
            {
                FunctionImage whole = _images.Load(image.Digest);
                if (ImageSignature.Verify(image.Outline, image.Signature, [key], out _) != SignatureResult.Valid)
                    _images.Put(whole, ImageSignature.Sign(image.Outline, key), image.Annotations);
            }
            catch (Exception e) when (e is IOException or InvalidDataException or WireFormatException or UnauthorizedAccessException)
            {
                onDamage($"{folder}: image {image.Digest}: {e.Message}; left out");
                if (e is not (IOException or UnauthorizedAccessException))
                    _images.Remove(image.Digest);
            }
        }
    }

    /// <summary>The images, in the order in which they were pushed last.</summary>
    public IReadOnlyList<StoredImage> List() => [.. _images.Images.Select(Stored)];

    /// <summary>Keeps an image; one that is there already becomes the latest.</summary>
    /// <param name="image">The image.</param>
    /// <param name="derivedFrom">The image of which it is a copy with other limits: it then goes by its digest alone, and the other keeps the name. One that was
    /// pushed as itself stays so.</param>
    /// <exception cref="InvalidOperationException">The library is full; nothing changed.</exception>
    /// <exception cref="IOException">The disk refused; nothing changed.</exception>
    public StoredImage Push(FunctionImage image, string? derivedFrom = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        lock (_lock)
        {
            KeptImage? present = _images.Find(image.Digest);
            if (derivedFrom is not null && present is not null)
                return Stored(present);
            int others = _images.Images.Count - (present is null ? 0 : 1);
            if (others >= ImagesMax)
                throw new InvalidOperationException($"expected at most {ImagesMax} images in the library, found {others}; remove one first");
            var annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [ReferenceAnnotation] = $"{image.Manifest.Name}:{image.Manifest.Version}" };
            if (derivedFrom is not null)
                annotations[DerivedAnnotation] = derivedFrom;
            return Stored(_images.Put(image, ImageSignature.Sign(image.Outline, _key), annotations));
        }
    }

    /// <summary>Finds an image.</summary>
    /// <param name="reference">A digest, at least 8 digits of one, <c>name:version</c> or a name; of several versions the one pushed last.</param>
    /// <returns>Null when there is none, or when the digits fit several.</returns>
    public StoredImage? Find(string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        IReadOnlyList<StoredImage> images = List();
        if (images.LastOrDefault(image => image.Digest == reference || (image.DerivedFrom is null && (image.Reference == reference || image.Manifest.Name == reference))) is { } named)
            return named;
        string digits = reference.StartsWith(FunctionImage.DigestPrefix, StringComparison.Ordinal) ? reference[FunctionImage.DigestPrefix.Length..] : reference;
        if (digits.Length < PrefixDigitsMin || !digits.All(char.IsAsciiHexDigitLower))
            return null;
        StoredImage[] fitting = [.. images.Where(image => image.Digest.AsSpan(FunctionImage.DigestPrefix.Length).StartsWith(digits, StringComparison.Ordinal))];
        return fitting is [{ } only] ? only : null;
    }

    /// <summary>Finds what a delivery begins with: an image's outline and its signature.</summary>
    /// <param name="digest">The image's whole digest.</param>
    public KeptImage? FindSigned(string digest) => _images.Find(digest);

    /// <summary>Reads an image with its module, every digest checked.</summary>
    /// <param name="digest">The image's whole digest.</param>
    /// <exception cref="IOException">It is not there.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public FunctionImage Load(string digest)
    {
        try
        {
            return _images.Load(digest);
        }
        catch (WireFormatException e)
        {
            throw new InvalidDataException($"{digest}: {e.Message}", e);
        }
    }

    /// <summary>Removes an image and what only it used.</summary>
    /// <param name="digest">The image's whole digest.</param>
    /// <returns>False when there was none.</returns>
    public bool Remove(string digest) => _images.Remove(digest);

    private static StoredImage Stored(KeptImage image) =>
        new(image.Digest, image.Outline.Manifest, image.Outline.ModuleBytes, image.Annotations.GetValueOrDefault(DerivedAnnotation));
}
