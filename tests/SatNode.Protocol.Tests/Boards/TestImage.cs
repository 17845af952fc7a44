using System.Security.Cryptography;
using SatNode.Protocol.Boards;

namespace SatNode.Protocol.Tests.Boards;

/// <summary>An image of a few bytes, as the bench would build it.</summary>
internal sealed class TestImage : IDisposable
{
    public const string BoardClass = "qemu-virt-arm64";

    public TestImage(int payloadBytes = 9000)
    {
        Payload = new byte[payloadBytes];
        new Random(5).NextBytes(Payload);
        Manifest = new() { BoardClass = BoardClass, Version = "1.4.0", Sequence = 12, SizeBytes = payloadBytes, Digest = SHA256.HashData(Payload) };
    }

    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public byte[] Payload { get; }

    public BoardImageManifest Manifest { get; set; }

    public byte[] File() => File(Manifest.Sign(Key));

    public byte[] File(byte[] signed)
    {
        using var file = new MemoryStream();
        using var payload = new MemoryStream(Payload);
        BoardImageFile.Write(file, signed, payload);
        return file.ToArray();
    }

    public BoardImageFile Open(byte[] file) => BoardImageFile.Open(new MemoryStream(file), [Key], BoardClass);

    public void Dispose() => Key.Dispose();
}
