using System.Security.Cryptography;
using System.Text.Json;
using SatNode.Ground.Functions;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;

namespace SatNode.Ground.Tests.Functions;

public sealed class FunctionLibraryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-library-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<string> _damage = [];

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Finds_an_image_by_digest_by_part_of_it_by_name_and_by_version()
    {
        FunctionLibrary library = Open();
        FunctionImage first = Image("greet", "1.0.0");
        FunctionImage second = Image("greet", "1.1.0");
        library.Push(first);
        library.Push(second);
        Assert.Equal(first.Digest, library.Find(first.Digest)?.Digest);
        Assert.Equal(first.Digest, library.Find(first.Digest["sha256:".Length..][..8])?.Digest);
        Assert.Equal(first.Digest, library.Find(first.Digest[..("sha256:".Length + 12)])?.Digest);
        Assert.Equal(first.Digest, library.Find("greet:1.0.0")?.Digest);
        Assert.Equal(second.Digest, library.Find("greet")?.Digest);
        Assert.Null(library.Find(first.Digest["sha256:".Length..][..7])); // a digit too few
        Assert.Null(library.Find("greet:2"));
        Assert.Null(library.Find(""));
    }

    [Fact]
    public void Keeps_images_over_a_restart_and_calls_the_one_pushed_last_by_name()
    {
        FunctionImage first = Image("greet", "1.0.0");
        FunctionImage second = Image("greet", "1.1.0");
        FunctionLibrary library = Open();
        library.Push(first);
        library.Push(second);
        library.Push(first);
        FunctionLibrary again = Open();
        Assert.Equal([second.Digest, first.Digest], again.List().Select(image => image.Digest));
        Assert.Equal(first.Digest, again.Find("greet")?.Digest);
        FunctionImage loaded = again.Load(second.Digest);
        Assert.Equal(second.Module.ToArray(), loaded.Module.ToArray());
        Assert.Equal("1.1.0", loaded.Manifest.Version);
        Assert.Empty(_damage);
    }

    [Fact]
    public void A_copy_with_other_limits_goes_by_its_digest_and_leaves_the_name_to_the_original()
    {
        FunctionImage original = Image("greet", "1.0.0");
        var copy = new FunctionImage(original.Manifest with { Limits = FunctionLimits.Default with { FanOutMax = 0 } }, original.Module);
        Assert.NotEqual(original.Digest, copy.Digest);
        FunctionLibrary library = Open();
        library.Push(original);
        library.Push(copy, derivedFrom: original.Digest);
        foreach (FunctionLibrary each in (FunctionLibrary[])[library, Open()])
        {
            Assert.Equal(original.Digest, each.Find("greet")?.Digest);
            Assert.Equal(original.Digest, each.Find("greet:1.0.0")?.Digest);
            Assert.Equal((copy.Digest, original.Digest), (each.Find(copy.Digest)?.Digest, each.Find(copy.Digest)?.DerivedFrom));
        }
        library.Push(original, derivedFrom: copy.Digest); // what was pushed as itself stays so
        Assert.Equal(original.Digest, library.Find("greet")?.Digest);
    }

    [Fact]
    public void Signs_anew_what_another_key_signed()
    {
        FunctionImage image = Image("greet", "1.0.0");
        using (ECDsa before = ECDsa.Create(ECCurve.NamedCurves.nistP256))
            new FunctionLibrary(_folder, before, _damage.Add).Push(image);
        FunctionLibrary library = Open();
        Assert.Equal(SignatureResult.Valid, ImageSignature.Verify(image.Outline, library.FindSigned(image.Digest)!.Signature, [_key], out _));
        Assert.Equal("greet:1.0.0", library.Find("greet")?.Reference);
        Assert.Empty(_damage);
    }

    [Fact]
    public void Is_an_OCI_image_layout()
    {
        FunctionImage image = Image("greet", "1.0.0");
        Open().Push(image);
        using JsonDocument layout = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "oci-layout")));
        Assert.Equal("1.0.0", layout.RootElement.GetProperty("imageLayoutVersion").GetString());
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "index.json")));
        JsonElement descriptor = index.RootElement.GetProperty("manifests")[0];
        Assert.Equal(image.Digest, descriptor.GetProperty("digest").GetString());
        Assert.Equal("greet:1.0.0", descriptor.GetProperty("annotations").GetProperty("org.opencontainers.image.ref.name").GetString());
        foreach (string blob in Directory.GetFiles(Path.Combine(_folder, "blobs", "sha256")))
            Assert.Equal(Path.GetFileName(blob), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(blob))));
    }

    [Fact]
    public void Removes_what_only_that_image_used()
    {
        FunctionLibrary library = Open();
        FunctionImage first = Image("greet", "1.0.0");
        FunctionImage second = Image("greet", "1.1.0"); // the same module
        library.Push(first);
        library.Push(second);
        Assert.True(library.Remove(first.Digest));
        Assert.False(library.Remove(first.Digest));
        Assert.Equal(second.Digest, library.Load(second.Digest).Digest);
        Assert.True(library.Remove(second.Digest));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "blobs", "sha256")));
        Assert.Empty(Open().List());
    }

    [Fact]
    public void Leaves_out_a_damaged_image_says_so_and_keeps_the_others()
    {
        FunctionImage good = Image("greet", "1.0.0");
        FunctionImage bad = Image("alarm", "1.0.0", [7]);
        FunctionLibrary library = Open();
        library.Push(good);
        library.Push(bad);
        string module = Path.Combine(_folder, "blobs", "sha256", FunctionImage.DigestOf(bad.Module.Span)["sha256:".Length..]);
        byte[] bytes = File.ReadAllBytes(module);
        bytes[^1] ^= 1;
        File.WriteAllBytes(module, bytes);
        Assert.Equal([good.Digest], Open().List().Select(image => image.Digest));
        Assert.Contains(bad.Digest, Assert.Single(_damage), StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => library.Load(bad.Digest)); // nobody uses what is damaged
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Removes_an_image_although_another_is_damaged(bool isGone)
    {
        FunctionImage good = Image("greet", "1.0.0");
        FunctionImage bad = Image("alarm", "1.0.0", [7]);
        FunctionLibrary library = Open();
        library.Push(good);
        library.Push(bad);
        string manifest = Path.Combine(_folder, "blobs", "sha256", bad.Digest["sha256:".Length..]);
        if (isGone)
            File.Delete(manifest);
        else
            File.WriteAllText(manifest, "damaged");
        Assert.True(library.Remove(good.Digest));
        Assert.DoesNotContain(good.Digest, library.List().Select(image => image.Digest));
        Assert.Empty(Open().List());
    }

    [Fact]
    public void Takes_as_many_images_as_it_says_and_not_one_more()
    {
        FunctionLibrary library = Open();
        for (int i = 0; i < FunctionLibrary.ImagesMax; i++)
            library.Push(Image("greet", $"1.{i}"));
        library.Push(Image("greet", "1.0")); // is there already
        Assert.Contains("at most 256 images", Assert.Throws<InvalidOperationException>(() => library.Push(Image("greet", "2"))).Message, StringComparison.Ordinal);
        Assert.Equal(FunctionLibrary.ImagesMax, Open().List().Count);
    }

    [Theory]
    [InlineData("sha256:../../../../etc/passwd")]
    [InlineData("sha256:00")]
    [InlineData("md5:0000000000000000000000000000000000000000000000000000000000000000")]
    public void Reads_no_file_that_is_not_a_blob(string digest) => Assert.Throws<InvalidDataException>(() => Open().Load(digest));

    private FunctionLibrary Open() => new(_folder, _key, _damage.Add);

    private static FunctionImage Image(string name, string version, byte[]? tail = null)
    {
        byte[] module = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, .. tail ?? []];
        return new(new FunctionManifest { Name = name, Version = version, Kind = FunctionKind.Reactor, ModuleDigest = SHA256.HashData(module) }, module);
    }
}
