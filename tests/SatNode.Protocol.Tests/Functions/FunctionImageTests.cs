using System.Security.Cryptography;
using System.Text.Json;
using SatNode.Protocol.Functions;

namespace SatNode.Protocol.Tests.Functions;

public sealed class FunctionImageTests
{
    private static readonly byte[] Module = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];
    private static readonly FunctionManifest Manifest = new() { Name = "greet", Version = "1.0.0", Kind = FunctionKind.Reactor, ModuleDigest = SHA256.HashData(Module) };

    [Fact]
    public void Is_an_OCI_artifact_that_names_its_layers_by_digest_and_size()
    {
        var image = new FunctionImage(Manifest, Module);
        using JsonDocument oci = JsonDocument.Parse(image.OciManifest);
        Assert.Equal(2, oci.RootElement.GetProperty("schemaVersion").GetInt32());
        Assert.Equal("application/vnd.oci.image.manifest.v1+json", oci.RootElement.GetProperty("mediaType").GetString());
        AssertDescribes(oci.RootElement.GetProperty("config"), "application/vnd.wasm.config.v0+json", image.Config.Span);
        JsonElement layers = oci.RootElement.GetProperty("layers");
        Assert.Equal(2, layers.GetArrayLength());
        AssertDescribes(layers[0], "application/wasm", Module);
        AssertDescribes(layers[1], "application/vnd.satnode.function.manifest.v1+cbor", image.EncodedManifest.Span);
        using JsonDocument config = JsonDocument.Parse(image.Config);
        Assert.Equal("wasm", config.RootElement.GetProperty("architecture").GetString());
        Assert.Equal(FunctionImage.DigestOf(Module), config.RootElement.GetProperty("layerDigests")[0].GetString());
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(image.OciManifest.Span)), image.Digest);
    }

    /// <summary>Fixed bytes: a digest that changes makes every image in every library another one.</summary>
    [Fact]
    public void Has_the_digest_it_has_had_ever_since() =>
        Assert.Equal("sha256:f8dbadf9455dfe4b034879c4f2b73dfcfac64778cffb483229b250a8ab418bcd", new FunctionImage(Manifest, Module).Digest);

    [Fact]
    public void Is_the_same_whether_packed_or_unpacked_and_another_when_a_limit_changes()
    {
        var packed = new FunctionImage(Manifest, Module);
        Assert.Equal(packed.Digest, new FunctionImage(packed.EncodedManifest, packed.Module).Digest);
        FunctionManifest other = Manifest with { Limits = Manifest.Limits with { FuelMax = Manifest.Limits.FuelMax + 1 } };
        Assert.NotEqual(packed.Digest, new FunctionImage(other, Module).Digest);
    }

    [Fact]
    public void Refuses_a_module_that_is_not_the_manifests()
    {
        string text = Assert.Throws<WireFormatException>(() => new FunctionImage(Manifest, "another"u8.ToArray())).Message;
        Assert.StartsWith("function-image: greet: expected the module sha256:", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Writes_a_digest_as_OCI_does() =>
        Assert.Equal("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", FunctionImage.DigestOf("abc"u8)); // FIPS 180-4's example

    private static void AssertDescribes(JsonElement descriptor, string mediaType, ReadOnlySpan<byte> content)
    {
        Assert.Equal(mediaType, descriptor.GetProperty("mediaType").GetString());
        Assert.Equal(FunctionImage.DigestOf(content), descriptor.GetProperty("digest").GetString());
        Assert.Equal(content.Length, descriptor.GetProperty("size").GetInt32());
    }
}
