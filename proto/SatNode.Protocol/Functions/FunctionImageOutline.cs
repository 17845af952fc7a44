using System.Text;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Functions;

/// <summary>A <see cref="FunctionImage"/> without its module: the function's manifest names the module's digest, so that with its size the OCI manifest and the
/// image's name follow before a byte of the module is there. What is signed, and what a delivery begins with.</summary>
public sealed class FunctionImageOutline
{
    /// <summary>Outlines an image.</summary>
    /// <param name="encodedManifest">The function's manifest, CBOR, at most <see cref="FunctionImage.FunctionManifestBytesMax"/> bytes.</param>
    /// <param name="moduleBytes">The module's size, 0 to <see cref="FunctionImage.ModuleBytesMax"/>.</param>
    /// <exception cref="WireFormatException">The manifest is not one, or a size is out of its range.</exception>
    public FunctionImageOutline(ReadOnlyMemory<byte> encodedManifest, long moduleBytes)
    {
        if (encodedManifest.Length > FunctionImage.FunctionManifestBytesMax)
            throw new WireFormatException($"function-image: expected a manifest of at most {FunctionImage.FunctionManifestBytesMax} bytes, found {encodedManifest.Length}");
        if (moduleBytes is < 0 or > FunctionImage.ModuleBytesMax)
            throw new WireFormatException($"function-image: expected a module of at most {FunctionImage.ModuleBytesMax} bytes, found {moduleBytes}");
        Manifest = CborDecoder.Decode<FunctionManifest>(encodedManifest);
        (EncodedManifest, ModuleBytes) = (encodedManifest, (int)moduleBytes);
        ModuleDigest = FunctionImage.DigestPrefix + Convert.ToHexStringLower(Manifest.ModuleDigest.Span);
        Config = Encoding.UTF8.GetBytes($$"""{"architecture":"wasm","os":"wasip1","layerDigests":["{{ModuleDigest}}"]}""");
        OciManifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{FunctionImage.ManifestMediaType}}","config":{{Descriptor(FunctionImage.ConfigMediaType, Config.Span)}}"""
            + $$""","layers":[{{Descriptor(FunctionImage.ModuleMediaType, ModuleDigest, ModuleBytes)}},{{Descriptor(FunctionImage.FunctionManifestMediaType, encodedManifest.Span)}}]}""");
        Digest = FunctionImage.DigestOf(OciManifest.Span);
    }

    /// <summary>The image's name: <c>sha256:</c> and 64 hexadecimal digits, over <see cref="OciManifest"/>.</summary>
    public string Digest { get; }

    /// <summary>The function's manifest.</summary>
    public FunctionManifest Manifest { get; }

    /// <summary>The function's manifest as it travels, CBOR.</summary>
    public ReadOnlyMemory<byte> EncodedManifest { get; }

    /// <summary>The module's digest as OCI writes it.</summary>
    public string ModuleDigest { get; }

    /// <summary>The module's size.</summary>
    public int ModuleBytes { get; }

    /// <summary>The OCI config, JSON.</summary>
    public ReadOnlyMemory<byte> Config { get; }

    /// <summary>The OCI manifest, JSON.</summary>
    public ReadOnlyMemory<byte> OciManifest { get; }

    private static string Descriptor(string mediaType, ReadOnlySpan<byte> content) => Descriptor(mediaType, FunctionImage.DigestOf(content), content.Length);

    private static string Descriptor(string mediaType, string digest, int size) => $$"""{"mediaType":"{{mediaType}}","digest":"{{digest}}","size":{{size}}}""";
}
