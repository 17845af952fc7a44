using System.Security.Cryptography;
using SatNode.Protocol;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;

namespace SatNode.Functions.Images;

/// <summary>The images on the node: takes them in chunks over as many contacts as it takes, lets in only what a trusted key signed, keeps them whole on the disk, and makes room by
/// removing what no deployment uses and was not used for longest. Thread-safe.</summary>
public sealed class ImageStore
{
    private const string UnfinishedFolder = "unfinished";
    private static readonly Dictionary<string, string> NoAnnotations = [];

    private readonly FunctionImageFolder _images;
    private readonly string _unfinishedFolder;
    private readonly IReadOnlyList<ECDsa> _trustedKeys;
    private readonly ImageLimits _limits;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, UnfinishedDelivery> _unfinished = new(StringComparer.Ordinal);
    private readonly HashSet<string> _pinned = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Opens the store.</summary>
    /// <param name="folder">Made when absent.</param>
    /// <param name="trustedKeys">The public keys whose images are let in; not disposed here.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="time">The clock by which unfinished deliveries age.</param>
    /// <param name="onDamage">Told what was found damaged and left out.</param>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public ImageStore(string folder, IReadOnlyList<ECDsa> trustedKeys, ImageLimits limits, TimeProvider time, Action<string> onDamage)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(onDamage);
        (_trustedKeys, _limits, _time) = (trustedKeys, limits, time);
        _images = new FunctionImageFolder(folder, damage => onDamage($"images: {damage}"));
        _unfinishedFolder = Path.Combine(folder, UnfinishedFolder);
        Directory.CreateDirectory(_unfinishedFolder);
        foreach (string path in Directory.GetDirectories(_unfinishedFolder))
        {
            try
            {
                UnfinishedDelivery delivery = UnfinishedDelivery.Read(path, time.GetUtcNow());
                CheckSignature(delivery.Outline, delivery.Signature);
                if (_images.Find(delivery.Outline.Digest) is null)
                    _unfinished[delivery.Outline.Digest] = delivery;
                else
                    delivery.Delete(); // it was finished when the power went
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or WireFormatException or ImageException)
            {
                onDamage($"images: unfinished {Path.GetFileName(path)}: {e.Message}");
                Directory.Delete(path, recursive: true);
            }
        }
    }

    /// <summary>How many images are here.</summary>
    public int Count => _images.Images.Count;

    /// <summary>Begins a delivery, or takes up one that was interrupted.</summary>
    /// <param name="encodedManifest">The function's manifest, CBOR.</param>
    /// <param name="moduleBytes">The size of its module.</param>
    /// <param name="signature">The image's signature, see <see cref="ImageSignature"/>.</param>
    /// <returns>The image's digest, and what is missing of its module; nothing when the image is here.</returns>
    /// <exception cref="WireFormatException">The manifest is not one.</exception>
    /// <exception cref="ImageException">It is not signed by a trusted key, or there is no room.</exception>
    public (string Image, ImageDelivery State) Begin(ReadOnlyMemory<byte> encodedManifest, long moduleBytes, ReadOnlyMemory<byte> signature)
    {
        var outline = new FunctionImageOutline(encodedManifest, moduleBytes);
        CheckSignature(outline, signature);
        lock (_lock)
            return (outline.Digest, OnDisk(outline, () => Begin(outline, signature)));
    }

    /// <summary>Takes a chunk; with the last one the image is checked whole, and is here.</summary>
    /// <param name="image">The image's digest.</param>
    /// <param name="chunk">Which chunk, from 0.</param>
    /// <param name="bytes">The chunk: <see cref="ImageDelivery.ChunkBytes"/>, the last one what is left.</param>
    /// <returns>What is missing still.</returns>
    /// <exception cref="WireFormatException">There is no such chunk, or it has another size.</exception>
    /// <exception cref="ImageException">No delivery of the image was begun; or the chunks together are not the module, and all are forgotten; or the disk refused.</exception>
    public ImageDelivery Take(string image, int chunk, ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            if (!_unfinished.TryGetValue(image, out UnfinishedDelivery? delivery))
            {
                return _images.Find(image) is { } here
                    ? ImageDelivery.Whole(here.Outline.ModuleBytes)
                    : throw new ImageException(ImageFault.NotFound, $"image {image}: expected image.begin before its chunks, found none; begin it");
            }
            return OnDisk(delivery.Outline, () =>
            {
                delivery.Take(chunk, bytes.Span, _time.GetUtcNow());
                if (delivery.State.IsComplete && !TryFinish(delivery, out string fault))
                    throw new ImageException(ImageFault.Refused, $"{fault}; every chunk is forgotten, send them again");
                return delivery.State;
            });
        }
    }

    /// <summary>Reads an image for use: its signature and every digest are checked.</summary>
    /// <param name="image">The image's digest.</param>
    /// <exception cref="ImageException">It is not here or not whole, damaged, or no longer trusted.</exception>
    public FunctionImage Load(string image)
    {
        lock (_lock)
        {
            if (_images.Find(image) is not { } kept)
            {
                throw new ImageException(ImageFault.NotFound, _unfinished.TryGetValue(image, out UnfinishedDelivery? delivery)
                    ? $"image {image}: {delivery.State}; deliver it whole first"
                    : $"image {image}: expected it on this node, found none; deliver it first");
            }
            CheckSignature(kept.Outline, kept.Signature);
            return OnDisk(kept.Outline, () =>
            {
                FunctionImage loaded = LoadWhole(image, out string damage) ?? throw new ImageException(ImageFault.NotFound, $"image {image}: {damage}; deliver it again");
                _images.Touch(image);
                return loaded;
            });
        }
    }

    /// <summary>Holds an image: it is not removed to make room.</summary>
    public void Pin(string image)
    {
        lock (_lock)
            _pinned.Add(image);
    }

    /// <summary>Lets an image go: it stays while there is room.</summary>
    public void Unpin(string image)
    {
        lock (_lock)
            _pinned.Remove(image);
    }

    private void CheckSignature(FunctionImageOutline outline, ReadOnlyMemory<byte> signature)
    {
        if (signature.IsEmpty)
            throw new ImageException(ImageFault.Refused, $"function-image {outline.Manifest.Name}: expected a signature, found none; refused");
        if (ImageSignature.Verify(outline, signature, _trustedKeys, out string fault) != SignatureResult.Valid)
            throw new ImageException(ImageFault.Refused, fault);
    }

    private ImageDelivery Begin(FunctionImageOutline outline, ReadOnlyMemory<byte> signature)
    {
        if (_images.Find(outline.Digest) is { } kept && LoadWhole(outline.Digest, out _) is { } whole)
        {
            if (kept.Signature.Span.SequenceEqual(signature.Span))
                _images.Touch(outline.Digest);
            else
                _images.Put(whole, signature, NoAnnotations); // a key took the place of another, or what was here is damaged
            return ImageDelivery.Whole(outline.ModuleBytes);
        }
        if (_unfinished.TryGetValue(outline.Digest, out UnfinishedDelivery? begun))
        {
            if (begun.State.IsComplete)
                TryFinish(begun, out _); // the power went, or the disk refused, after the last chunk
            return begun.State;
        }
        DateTimeOffset now = _time.GetUtcNow();
        foreach (UnfinishedDelivery old in _unfinished.Values.Where(delivery => now - delivery.Heard > _limits.UnfinishedAge).ToArray())
            Abandon(old);
        while (_unfinished.Count >= _limits.UnfinishedMax)
            Abandon(_unfinished.Values.MinBy(delivery => delivery.Heard)!);
        MakeRoom(outline);
        begun = UnfinishedDelivery.Begin(Path.Combine(_unfinishedFolder, outline.Digest[FunctionImage.DigestPrefix.Length..]), outline, signature, now);
        _unfinished[outline.Digest] = begun;
        return begun.State;
    }

    /// <summary>Reads an image; one that is damaged is removed, to be delivered anew.</summary>
    private FunctionImage? LoadWhole(string image, out string damage)
    {
        try
        {
            damage = "";
            return _images.Load(image);
        }
        catch (Exception e) when (e is InvalidDataException or WireFormatException or FileNotFoundException)
        {
            damage = e.Message;
            _images.Remove(image);
            return null;
        }
    }

    /// <summary>Makes an image of its chunks; when they are not the module, or cannot be read any more, all of them are forgotten.</summary>
    private bool TryFinish(UnfinishedDelivery delivery, out string fault)
    {
        FunctionImageOutline outline = delivery.Outline;
        FunctionImage image;
        try
        {
            image = new FunctionImage(outline, delivery.Join());
        }
        catch (Exception e) when (e is WireFormatException or IOException or UnauthorizedAccessException)
        {
            fault = e.Message;
            delivery.Restart();
            return false;
        }
        _images.Put(image, delivery.Signature, NoAnnotations);
        _unfinished.Remove(outline.Digest);
        delivery.Delete();
        fault = "";
        return true;
    }

    private void Abandon(UnfinishedDelivery delivery)
    {
        _unfinished.Remove(delivery.Outline.Digest);
        delivery.Delete();
    }

    /// <summary>Removes what is used least until an image fits, its chunks and its module beside each other.</summary>
    private void MakeRoom(FunctionImageOutline outline)
    {
        long Needed() => _images.Bytes + _unfinished.Values.Sum(delivery => 2L * delivery.Outline.ModuleBytes) + (2L * outline.ModuleBytes) + FunctionImage.FunctionManifestBytesMax;
        while (_images.Images.Count + _unfinished.Count >= _limits.ImagesMax || Needed() > _limits.BytesMax)
        {
            KeptImage? least = _images.Images.FirstOrDefault(image => !_pinned.Contains(image.Digest)) ?? throw new ImageException(ImageFault.NoRoom,
                $"image {outline.Manifest.Name}: expected room for {2L * outline.ModuleBytes} bytes within {_limits.BytesMax} and for one of {_limits.ImagesMax} images, "
                + $"found {_images.Images.Count} deployed images and {_unfinished.Count} unfinished ones of {_images.Bytes} bytes and more; undeploy a function first");
            _images.Remove(least.Digest);
        }
    }

    private static T OnDisk<T>(FunctionImageOutline outline, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageException(ImageFault.NoRoom, $"image {outline.Manifest.Name}: the disk refused: {e.Message}");
        }
    }
}
