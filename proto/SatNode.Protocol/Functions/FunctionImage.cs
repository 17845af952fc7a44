using System.Security.Cryptography;
using System.Text;
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

    /// <summary>Packs a function.</summary>
    /// <param name="manifest">The function's manifest.</param>
    /// <param name="module">The module that it names by digest.</param>
    /// <exception cref="WireFormatException">The module is not the manifest's.</exception>
    public FunctionImage(FunctionManifest manifest, ReadOnlyMemory<byte> module)
        : this(manifest, (manifest ?? throw new ArgumentNullException(nameof(manifest))).Encode(), module)
    {
    }

    /// <summary>Unpacks a function from its two layers.</summary>
    /// <param name="encodedManifest">The function's manifest, CBOR.</param>
    /// <param name="module">The module.</param>
    /// <exception cref="WireFormatException">The manifest is not one, or the module is not the manifest's.</exception>
    public FunctionImage(ReadOnlyMemory<byte> encodedManifest, ReadOnlyMemory<byte> module)
        : this(CborDecoder.Decode<FunctionManifest>(encodedManifest), encodedManifest, module)
    {
    }

    private FunctionImage(FunctionManifest manifest, ReadOnlyMemory<byte> encodedManifest, ReadOnlyMemory<byte> module)
    {
        byte[] found = SHA256.HashData(module.Span);
        if (!manifest.ModuleDigest.Span.SequenceEqual(found))
            throw new WireFormatException($"function-image: {manifest.Name}: expected the module {DigestPrefix}{Convert.ToHexStringLower(manifest.ModuleDigest.Span)}, found {DigestPrefix}{Convert.ToHexStringLower(found)}");
        (Manifest, EncodedManifest, Module) = (manifest, encodedManifest, module);
        Config = Encoding.UTF8.GetBytes($$"""{"architecture":"wasm","os":"wasip1","layerDigests":["{{DigestOf(module.Span)}}"]}""");
        OciManifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{ManifestMediaType}}","config":{{Descriptor(ConfigMediaType, Config.Span)}}"""
            + $$""","layers":[{{Descriptor(ModuleMediaType, module.Span)}},{{Descriptor(FunctionManifestMediaType, encodedManifest.Span)}}]}""");
        Digest = DigestOf(OciManifest.Span);
    }

    /// <summary>The image's name: <c>sha256:</c> and 64 hexadecimal digits, over <see cref="OciManifest"/>.</summary>
    public string Digest { get; }

    /// <summary>The function's manifest.</summary>
    public FunctionManifest Manifest { get; }

    /// <summary>The function's manifest as it travels, CBOR.</summary>
    public ReadOnlyMemory<byte> EncodedManifest { get; }

    /// <summary>The WebAssembly module.</summary>
    public ReadOnlyMemory<byte> Module { get; }

    /// <summary>The OCI config, JSON.</summary>
    public ReadOnlyMemory<byte> Config { get; }

    /// <summary>The OCI manifest, JSON.</summary>
    public ReadOnlyMemory<byte> OciManifest { get; }

    /// <summary>The digest of bytes as OCI writes it.</summary>
    public static string DigestOf(ReadOnlySpan<byte> content) => DigestPrefix + Convert.ToHexStringLower(SHA256.HashData(content));

    private static string Descriptor(string mediaType, ReadOnlySpan<byte> content) =>
        $$"""{"mediaType":"{{mediaType}}","digest":"{{DigestOf(content)}}","size":{{content.Length}}}""";
}
