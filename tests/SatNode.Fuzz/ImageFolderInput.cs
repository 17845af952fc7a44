using System.Text;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;

namespace SatNode.Fuzz;

/// <summary>Puts an input into an image folder, as its index or as a manifest that the index names, and opens it: a damaged disk costs images, never the start.</summary>
internal sealed class ImageFolderInput
{
    private const byte Index = 0;
    private const byte Manifest = 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-fuzz-images-").FullName;
    private readonly FunctionImage _image;

    public ImageFolderInput(FunctionImage image)
    {
        _image = image;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(_folder, recursive: true);
        var folder = new FunctionImageFolder(_folder, Assert.Fail);
        folder.Put(image, new byte[] { 0x84, 0x40, 0xA0, 0x40, 0x40 }, new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "b" });
        Seeds = [[Index, .. File.ReadAllBytes(Path.Combine(_folder, "index.json"))], [Manifest, .. image.OciManifest.Span]];
    }

    public IReadOnlyList<byte[]> Seeds { get; }

    public void Take(byte[] input)
    {
        bool isManifest = input.Length > 0 && input[0] % 2 == Manifest;
        byte[] content = input.Length == 0 ? [] : input[1..];
        string digest = FunctionImage.DigestOf(content);
        Write(_image.OciManifest, _image.Config, _image.EncodedManifest, _image.Module);
        if (isManifest)
            Write(content);
        File.WriteAllBytes(Path.Combine(_folder, "index.json"), isManifest
            ? Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{digest}}","size":{{content.Length}}}]}""") : content);
        string damage = "";
        var folder = new FunctionImageFolder(_folder, text => damage += text);
        foreach (KeptImage image in folder.Images)
            folder.Load(image.Digest);
        if (damage.Length > 0)
            throw new InvalidDataException(damage);
    }

    private void Write(params ReadOnlySpan<ReadOnlyMemory<byte>> blobs)
    {
        foreach (ReadOnlyMemory<byte> blob in blobs)
            File.WriteAllBytes(Path.Combine(_folder, "blobs", "sha256", FunctionImage.DigestOf(blob.Span)["sha256:".Length..]), blob.Span);
    }
}
