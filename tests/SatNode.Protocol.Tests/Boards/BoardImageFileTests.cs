using System.Security.Cryptography;
using SatNode.Protocol.Boards;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Telecommands;

namespace SatNode.Protocol.Tests.Boards;

public sealed class BoardImageFileTests : IDisposable
{
    private readonly TestImage _image = new();

    [Fact]
    public void An_image_is_read_back()
    {
        byte[] file = _image.File();
        Assert.Equal("SATNODE-IMAGE-1\n"u8.ToArray(), file[..16]);
        Assert.Equal(4096 + _image.Payload.Length, file.Length);
        BoardImageManifest found = _image.Open(file).Manifest;
        Assert.Equal(_image.Manifest with { Digest = found.Digest }, found);
        Assert.True(found.Digest.Span.SequenceEqual(SHA256.HashData(_image.Payload)));
    }

    [Fact]
    public void A_manifest_has_the_bytes_of_its_CDDL()
    {
        BoardImageManifest manifest = _image.Manifest with { SizeBytes = 4096, Digest = new byte[32] };
        Assert.Equal("a6" + "0101" + "026f" + Convert.ToHexStringLower("qemu-virt-arm64"u8) + "0365" + Convert.ToHexStringLower("1.4.0"u8) + "040c" + "05191000"
            + "065820" + new string('0', 64), Convert.ToHexStringLower(manifest.Encode()));
    }

    [Fact]
    public void Refuses_a_stranger()
    {
        using ECDsa stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string id = Convert.ToHexStringLower(TelecommandSignature.KeyId(stranger));
        Assert.Equal($"board image manifest: expected a trusted key, found {id}; dropped", Fault(_image.File(_image.Manifest.Sign(stranger))));
    }

    [Fact]
    public void Refuses_a_signature_made_for_a_telecommand()
    {
        var command = new Telecommand
        {
            Id = "c1",
            Node = "p10-s03",
            Sequence = 1,
            NotBefore = new(0),
            Expiry = new(1),
            DictionaryDigest = new byte[32],
            Name = "node.reboot",
            Arguments = new Dictionary<string, Protocol.Dictionary.ArgumentValue>(StringComparer.Ordinal),
        };
        Assert.Equal("board image manifest: the signature does not fit the content; dropped", Fault(_image.File(TelecommandSignature.Sign(command, _image.Key))));
    }

    [Fact]
    public void Refuses_an_image_for_another_board()
    {
        _image.Manifest = _image.Manifest with { BoardClass = "raspberrypi-4" };
        Assert.Equal("board image: expected one for board class \"qemu-virt-arm64\", found one for \"raspberrypi-4\"; build one for this board", Fault(_image.File()));
    }

    [Fact]
    public void Refuses_a_changed_byte_of_the_squashfs()
    {
        byte[] file = _image.File();
        file[^1] ^= 1;
        string found = Convert.ToHexStringLower(SHA256.HashData(file.AsSpan(4096)));
        Assert.Equal($"board image: expected SHA-256 {Convert.ToHexStringLower(_image.Manifest.Digest.Span)}, found {found}; it is damaged", Fault(file));
    }

    [Fact]
    public void Refuses_any_changed_byte_before_the_squashfs()
    {
        byte[] file = _image.File();
        for (int i = 0; i < 4096; i++)
        {
            file[i] ^= 0x40;
            Assert.Throws<WireFormatException>(() => _image.Open(file));
            file[i] ^= 0x40;
        }
        _image.Open(file);
    }

    [Fact]
    public void Refuses_a_file_that_was_cut_anywhere()
    {
        byte[] file = _image.File();
        for (int length = 0; length < file.Length; length++)
        {
            string expected = length switch
            {
                < 16 => "board image: byte 0: expected the mark SATNODE-IMAGE-1, found none; this is no board image",
                < 4096 => $"board image: expected a header of 4096 bytes, found the end after {length}; the file was cut",
                _ => $"board image: expected 9000 bytes of squashfs, found {length - 4096}; the file was cut or something was added",
            };
            Assert.Equal(expected, Fault(file[..length]));
        }
        Assert.Equal("board image: expected 9000 bytes of squashfs, found 9001; the file was cut or something was added", Fault([.. file, 0]));
    }

    [Fact]
    public void Refuses_a_manifest_longer_than_its_place()
    {
        byte[] file = _image.File();
        (file[16], file[17]) = (0x7F, 0xFF);
        Assert.Matches(@"^board image: byte 16: expected a manifest of at most 4076 bytes, found 21474\d+; the file is damaged$", Fault(file));
    }

    [Theory]
    [InlineData("", "1.0.0", 1L)]
    [InlineData("Qemu", "1.0.0", 1L)]
    [InlineData("-qemu", "1.0.0", 1L)]
    [InlineData("qemu", "1.0", 1L)]
    [InlineData("qemu", "1.0.0", 0L)]
    [InlineData("qemu", "1.0.0", BoardImageFile.MaxPayloadBytes + 1)]
    public void Signs_and_opens_no_nonsense(string boardClass, string version, long size)
    {
        BoardImageManifest manifest = _image.Manifest with { BoardClass = boardClass, Version = version, SizeBytes = size };
        Assert.Throws<InvalidOperationException>(() => manifest.Sign(_image.Key));
        Assert.Throws<WireFormatException>(() => CborDecoder.Decode<BoardImageManifest>(manifest.Encode()));
    }

    [Theory]
    [InlineData("0.0.0", true)]
    [InlineData("1.4.0-rc.1", true)]
    [InlineData("1.4.0-0a.x-y+001.b", true)]
    [InlineData("10.20.30+5", true)]
    [InlineData("1.4", false)]
    [InlineData("1.4.0.0", false)]
    [InlineData("01.4.0", false)]
    [InlineData("1.4.0-", false)]
    [InlineData("1.4.0-01", false)]
    [InlineData("1.4.0-a..b", false)]
    [InlineData("1.4.0+", false)]
    [InlineData("v1.4.0", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Knows_a_semantic_version(string? text, bool valid) => Assert.Equal(valid, SemanticVersion.IsValid(text));

    private string Fault(byte[] file) => Assert.Throws<WireFormatException>(() => _image.Open(file)).Message;

    public void Dispose() => _image.Dispose();
}
