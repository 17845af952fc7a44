using System.Security.Cryptography;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Functions;

/// <summary>A function packed as an OCI artifact: its manifest and its module as layers, named by the digest of the OCI manifest that lists them. The same
/// two byte strings have the same digest everywhere, so that ground and node name a function by one word.</summary>
/// <remarks>Source: OCI Image Format Specification 1.1, manifest.md; media types of config and module: CNCF TAG Runtime, Wasm OCI Artifact Layout. The function's
/// manifest is a layer of its own. Nothing in it depends on time or machine.</remarks>
public sealed class FunctionImage
{
    /// <summary>Media type of the OCI manifest.</summary>
    public const string ManifestMediaType = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>Media type of the config.</summary>
    public const string ConfigMediaType = "application/vnd.wasm.config.v0+json";

    /// <summary>Media type of the module's layer.</summary>
    public const string ModuleMediaType = "application/wasm";

    /// <summary>Media type of the layer of the function's manifest.</summary>
    public const string FunctionManifestMediaType = "application/vnd.satnode.function.manifest.v1+cbor";

    /// <summary>What a digest begins with.</summary>
    public const string DigestPrefix = "sha256:";

    /// <summary>The largest module, 4 MiB: <see cref="Images.ImageDelivery.ChunksMax"/> chunks.</summary>
    public const int ModuleBytesMax = 4 * 1024 * 1024;

    /// <summary>The largest function manifest as it travels.</summary>
    public const int FunctionManifestBytesMax = 16 * 1024;

    private readonly FunctionImageOutline _outline;

    /// <summary>Packs a function.</summary>
    /// <param name="manifest">The function's manifest.</param>
    /// <param name="module">The module that it names by digest.</param>
    /// <exception cref="WireFormatException">The module is not the manifest's.</exception>
    public FunctionImage(FunctionManifest manifest, ReadOnlyMemory<byte> module)
        : this((manifest ?? throw new ArgumentNullException(nameof(manifest))).Encode(), module)
    {
    }

    /// <summary>Unpacks a function from its two layers.</summary>
    /// <param name="encodedManifest">The function's manifest, CBOR.</param>
    /// <param name="module">The module.</param>
    /// <exception cref="WireFormatException">The manifest is not one, or the module is not the manifest's.</exception>
    public FunctionImage(ReadOnlyMemory<byte> encodedManifest, ReadOnlyMemory<byte> module)
        : this(new FunctionImageOutline(encodedManifest, module.Length), module)
    {
    }

    /// <summary>Completes an outline with its module.</summary>
    /// <param name="outline">All of the image but the module.</param>
    /// <param name="module">The module.</param>
    /// <exception cref="WireFormatException">The module is not the outline's.</exception>
    public FunctionImage(FunctionImageOutline outline, ReadOnlyMemory<byte> module)
    {
        ArgumentNullException.ThrowIfNull(outline);
        string found = DigestOf(module.Span);
        if (!string.Equals(found, outline.ModuleDigest, StringComparison.Ordinal) || module.Length != outline.ModuleBytes)
            throw new WireFormatException($"function-image: {outline.Manifest.Name}: expected the module {outline.ModuleDigest} of {outline.ModuleBytes} bytes, found {found} of {module.Length}");
        (_outline, Module) = (outline, module);
    }

    /// <summary>The image's name: <c>sha256:</c> and 64 hexadecimal digits, over <see cref="OciManifest"/>.</summary>
    public string Digest => _outline.Digest;

    /// <summary>All of the image but its module.</summary>
    public FunctionImageOutline Outline => _outline;

    /// <summary>The function's manifest.</summary>
    public FunctionManifest Manifest => _outline.Manifest;

    /// <summary>The function's manifest as it travels, CBOR.</summary>
    public ReadOnlyMemory<byte> EncodedManifest => _outline.EncodedManifest;

    /// <summary>The WebAssembly module.</summary>
    public ReadOnlyMemory<byte> Module { get; }

    /// <summary>The OCI config, JSON.</summary>
    public ReadOnlyMemory<byte> Config => _outline.Config;

    /// <summary>The OCI manifest, JSON.</summary>
    public ReadOnlyMemory<byte> OciManifest => _outline.OciManifest;

    /// <summary>The digest of bytes as OCI writes it.</summary>
    public static string DigestOf(ReadOnlySpan<byte> content) => DigestPrefix + Convert.ToHexStringLower(SHA256.HashData(content));
}
