using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Security.Cryptography.Cose;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;
using SatNode.Protocol.Telecommands;

namespace SatNode.Protocol.Tests.Telecommands;

public sealed class TelecommandSignatureTests : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static Telecommand Command() => new()
    {
        Id = "c1",
        Node = "p10-s03",
        Sequence = 42,
        NotBefore = new(1000),
        Expiry = new(2000),
        DictionaryDigest = MissionDictionary.Digest,
        Name = "function.invoke",
        Arguments = new Dictionary<string, ArgumentValue>(StringComparer.Ordinal) { ["name"] = "ndvi", ["input"] = new byte[] { 1, 2, 3 } },
    };

    private SignatureResult Open(byte[] encoded, out Telecommand? command) => TelecommandSignature.Open(encoded, [_key], out command, out _);

    [Fact]
    public void A_command_comes_back_whole()
    {
        byte[] signed = TelecommandSignature.Sign(Command(), _key);
        Assert.Equal(SignatureResult.Valid, TelecommandSignature.Open(signed, [_key], out Telecommand? command, out byte[]? keyId, out string fault));
        Assert.Equal("", fault);
        Assert.Equal(TelecommandSignature.KeyId(_key), keyId);
        Assert.NotNull(command);
        Assert.Equal(("c1", "p10-s03", 42UL, 1000UL, 2000UL, "function.invoke"),
            (command.Id, command.Node, command.Sequence, command.NotBefore.Milliseconds, command.Expiry.Milliseconds, command.Name));
        Assert.True(command.DictionaryDigest.Span.SequenceEqual(MissionDictionary.Digest.Span));
        Assert.Equal(Command().Arguments, command.Arguments);
    }

    [Fact]
    public void The_largest_chunk_of_an_image_fits()
    {
        Telecommand command = Command() with
        {
            Name = "image.chunk",
            Arguments = new Dictionary<string, ArgumentValue>(StringComparer.Ordinal)
            {
                ["image"] = FunctionImage.DigestOf([]),
                ["chunk"] = ImageDelivery.ChunksMax - 1,
                ["bytes"] = new byte[ImageDelivery.ChunkBytes],
            },
        };
        Assert.Equal(SignatureResult.Valid, Open(TelecommandSignature.Sign(command, _key), out _));
        Assert.Null(Commands.DeliverChunk.Fault(command.Arguments));
    }

    [Fact]
    public void A_foreign_key_is_unknown()
    {
        using ECDsa foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(SignatureResult.UnknownKey, Open(TelecommandSignature.Sign(Command(), foreign), out Telecommand? command));
        Assert.Null(command);
    }

    [Fact] // the key's id says trusted, the signature says another
    public void A_stolen_key_id_does_not_help()
    {
        using ECDsa foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(SignatureResult.BadSignature, Open(Sign(Command().Encode(), foreign, TelecommandSignature.KeyId(_key), TelecommandSignature.Context), out _));
    }

    [Fact] // a signature of the same key for another use
    public void Another_context_does_not_open() =>
        Assert.Equal(SignatureResult.BadSignature, Open(Sign(Command().Encode(), _key, TelecommandSignature.KeyId(_key), "satnode-update-v1"u8), out _));

    [Fact]
    public void Nonsense_that_is_signed_is_still_malformed() =>
        Assert.Equal(SignatureResult.Malformed, Open(Sign([0x01], _key, TelecommandSignature.KeyId(_key), TelecommandSignature.Context), out _));

    [Fact]
    public void Detached_content_and_a_missing_key_id_are_malformed()
    {
        byte[] detached = CoseSign1Message.SignDetached(Command().Encode(), Signer(_key, TelecommandSignature.KeyId(_key)), TelecommandSignature.Context);
        byte[] anonymous = CoseSign1Message.SignEmbedded(Command().Encode(), new CoseSigner(_key, HashAlgorithmName.SHA256), TelecommandSignature.Context);
        Assert.Equal(SignatureResult.Malformed, Open(detached, out _));
        Assert.Equal(SignatureResult.Malformed, Open(anonymous, out _));
    }

    [Fact]
    public void An_empty_id_is_malformed() => Assert.Equal(SignatureResult.Malformed, Open(TelecommandSignature.Sign(Command() with { Id = "" }, _key), out _));

    [Fact]
    public void An_argument_twice_is_malformed()
    {
        byte[] content = Command().Encode();
        int name = content.AsSpan().IndexOf("input"u8);
        "names"u8.CopyTo(content.AsSpan(name));
        Assert.Equal(SignatureResult.Valid, Open(Sign(content, _key, TelecommandSignature.KeyId(_key), TelecommandSignature.Context), out _)); // another name: the dictionary's to refuse
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteStartMap(2);
        for (int i = 0; i < 2; i++)
        {
            writer.WriteTextString("name");
            writer.WriteTextString("ndvi");
        }
        writer.WriteEndMap();
        byte[] empty = (Command() with { Arguments = new Dictionary<string, ArgumentValue>(StringComparer.Ordinal) }).Encode();
        byte[] twice = [.. empty[..^1], .. writer.Encode()];
        Assert.Equal(SignatureResult.Malformed, Open(Sign(twice, _key, TelecommandSignature.KeyId(_key), TelecommandSignature.Context), out _));
    }

    [Fact] // 256 values a byte of what is signed, decoded without the signature's protection
    public void Every_damaged_byte_of_the_content_is_taken_or_refused()
    {
        byte[] content = Command().Encode();
        for (int i = 0; i < content.Length; i++)
        {
            byte good = content[i];
            for (int value = 0; value < 256; value++)
            {
                content[i] = (byte)value;
                try
                {
                    CborDecoder.Decode<Telecommand>(content);
                }
                catch (WireFormatException)
                {
                }
            }
            content[i] = good;
            Assert.Throws<WireFormatException>(() => CborDecoder.Decode<Telecommand>(content.AsMemory(0, i)));
        }
    }

    private static CoseSigner Signer(ECDsa key, byte[] keyId) =>
        new(key, HashAlgorithmName.SHA256, new CoseHeaderMap { [CoseHeaderLabel.KeyIdentifier] = CoseHeaderValue.FromBytes(keyId) });

    private static byte[] Sign(byte[] content, ECDsa key, byte[] keyId, ReadOnlySpan<byte> context) => CoseSign1Message.SignEmbedded(content, Signer(key, keyId), context);

    public void Dispose() => _key.Dispose();
}
