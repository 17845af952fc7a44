using System.Security.Cryptography;
using System.Text.Json;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;

namespace SatNode.Protocol.Tests.Images;

public sealed class FunctionImageFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-folder-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<string> _damage = [];

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What a registry's tools look for: an artifact manifest with the image as its subject.</summary>
    [Fact]
    public void A_signature_is_an_artifact_that_refers_to_its_image()
    {
        FunctionImage image = Image("greet");
        byte[] signature = Put(Open(), image).Signature.ToArray();
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "index.json")));
        JsonElement listed = index.RootElement.GetProperty("manifests")[1];
        Assert.Equal("application/vnd.satnode.function.signature.v1+cose", listed.GetProperty("artifactType").GetString());
        using JsonDocument artifact = JsonDocument.Parse(Blob(listed.GetProperty("digest").GetString()!));
        Assert.Equal(image.Digest, artifact.RootElement.GetProperty("subject").GetProperty("digest").GetString());
        Assert.Equal("application/vnd.oci.empty.v1+json", artifact.RootElement.GetProperty("config").GetProperty("mediaType").GetString());
        Assert.Equal(signature, Blob(artifact.RootElement.GetProperty("layers")[0].GetProperty("digest").GetString()!));
        foreach (string blob in Directory.GetFiles(Path.Combine(_folder, "blobs", "sha256")))
            Assert.Equal(Path.GetFileName(blob), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(blob))));
    }

    [Fact]
    public void Keeps_images_signatures_and_annotations_over_a_restart()
    {
        FunctionImageFolder folder = Open();
        FunctionImage first = Image("first"), second = Image("second");
        KeptImage kept = Put(folder, first, ("a", "1"));
        Put(folder, second);
        Put(folder, first, ("a", "1")); // the last now
        FunctionImageFolder again = Open();
        Assert.Equal([second.Digest, first.Digest], again.Images.Select(image => image.Digest));
        KeptImage found = again.Find(first.Digest)!;
        Assert.Equal(kept.Outline.EncodedManifest.ToArray(), found.Outline.EncodedManifest.ToArray());
        Assert.Equal(SatNode.Protocol.Cbor.SignatureResult.Valid, ImageSignature.Verify(found.Outline, found.Signature, [_key], out _));
        Assert.Equal("1", found.Annotations["a"]);
        Assert.Equal(folder.Bytes, again.Bytes);
        Assert.Equal(Directory.GetFiles(Path.Combine(_folder, "blobs", "sha256")).Sum(file => new FileInfo(file).Length), again.Bytes);
        Assert.Empty(_damage);
    }

    [Fact]
    public void Blobs_that_no_image_uses_and_half_written_files_are_gone_after_a_restart()
    {
        FunctionImageFolder folder = Open();
        Put(folder, Image("greet"));
        string blobs = Path.Combine(_folder, "blobs", "sha256");
        int files = Directory.GetFiles(blobs).Length;
        File.WriteAllText(Path.Combine(blobs, FunctionImage.DigestOf("orphan"u8)[FunctionImage.DigestPrefix.Length..]), "orphan");
        File.WriteAllText(Path.Combine(blobs, "half.new"), "half");
        File.WriteAllText(Path.Combine(_folder, "index.json.new"), "half");
        Open();
        Assert.Equal(files, Directory.GetFiles(blobs).Length);
        Assert.False(File.Exists(Path.Combine(_folder, "index.json.new")));
        Assert.True(folder.Remove(folder.Images[0].Digest));
        Assert.Empty(Directory.GetFiles(blobs));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"schemaVersion\":2,\"manifests\":null}")]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[],\"extra\":1}")]
    [InlineData("{\"schemaVersion\":2,\"schemaVersion\":2,\"manifests\":[]}")]
    [InlineData("{\"schemaVersion\":2}")]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[null]}")]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a\",\"digest\":\"\\ud800\",\"size\":1}]}")]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a\",\"digest\":\"b\",\"size\":1,\"annotations\":{\"\\ud800\":\"x\"}}]}")]
    [InlineData("[[[[[[[[[[[[]]]]]]]]]]]]")]
    public void An_index_that_is_none_is_made_anew_from_the_blobs(string index)
    {
        FunctionImage image = Image("greet");
        Put(Open(), image);
        File.WriteAllText(Path.Combine(_folder, "index.json"), index);
        FunctionImageFolder folder = Open();
        Assert.Equal(2, _damage.Count);
        Assert.Equal(image.Digest, folder.Load(image.Digest).Digest);
        Assert.False(folder.Find(image.Digest)!.Signature.IsEmpty);
        _damage.Clear();
        Assert.Equal(image.Digest, Assert.Single(Open().Images).Digest);
        Assert.Empty(_damage);
    }

    /// <summary>An artifact that other tools packed, or an attacker: valid OCI, but not what this project writes.</summary>
    [Theory]
    [InlineData("\"annotations\":{\"a\":\"b\"},")]
    [InlineData("")]
    public void A_foreign_artifact_is_left_out_and_told_of(string extra)
    {
        FunctionImage image = Image("greet");
        Put(Open(), image);
        string text = System.Text.Encoding.UTF8.GetString(image.OciManifest.Span).Replace("{\"schemaVersion\":2,", "{" + extra + "\"schemaVersion\": 2,", StringComparison.Ordinal);
        byte[] foreign = System.Text.Encoding.UTF8.GetBytes(text);
        string digest = FunctionImage.DigestOf(foreign);
        File.WriteAllBytes(Path.Combine(_folder, "blobs", "sha256", digest[FunctionImage.DigestPrefix.Length..]), foreign);
        File.WriteAllText(Path.Combine(_folder, "index.json"), $$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{FunctionImage.ManifestMediaType}}","digest":"{{digest}}","size":{{foreign.Length}}}]}""");
        Assert.Empty(Open().Images);
        Assert.StartsWith($"image {digest}: {digest}: ", Assert.Single(_damage), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_flipped_byte_of_the_index_and_of_every_blob_is_told_of_or_harmless()
    {
        FunctionImage image = Image("greet");
        Put(Open(), image);
        Dictionary<string, byte[]> files = Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.ReadAllBytes, StringComparer.Ordinal);
        foreach ((string path, byte[] whole) in files)
        {
            for (int i = 0; i < whole.Length; i += whole.Length > 200 ? 7 : 1)
            {
                foreach ((string each, byte[] content) in files)
                    File.WriteAllBytes(each, content);
                byte[] flipped = [.. whole];
                flipped[i] ^= 0x11;
                File.WriteAllBytes(path, flipped);
                _damage.Clear();
                FunctionImageFolder folder = Open();
                foreach (KeptImage kept in folder.Images)
                {
                    // What is listed is the image, or is found damaged when it is read.
                    Assert.Equal(image.Digest, kept.Digest);
                    if (Record.Exception(() => folder.Load(kept.Digest)) is { } found)
                        Assert.IsType<InvalidDataException>(found);
                }
            }
        }
    }

    [Theory]
    [InlineData("sha256:../../../../etc/passwd")]
    [InlineData("sha256:00")]
    [InlineData("")]
    public void Reads_no_file_that_is_not_a_blob(string digest) => Assert.Throws<InvalidDataException>(() => Open().Load(digest));

    private FunctionImageFolder Open() => new(_folder, _damage.Add);

    private KeptImage Put(FunctionImageFolder folder, FunctionImage image, params (string Key, string Value)[] annotations) =>
        folder.Put(image, ImageSignature.Sign(image.Outline, _key), annotations.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal));

    private byte[] Blob(string digest) => File.ReadAllBytes(Path.Combine(_folder, "blobs", "sha256", digest[FunctionImage.DigestPrefix.Length..]));

    private static FunctionImage Image(string name)
    {
        byte[] module = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];
        return new(new FunctionManifest { Name = name, Version = "1.0.0", Kind = FunctionKind.Reactor, ModuleDigest = SHA256.HashData(module) }, module);
    }
}
