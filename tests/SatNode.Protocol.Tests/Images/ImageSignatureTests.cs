using System.Security.Cryptography;
using System.Security.Cryptography.Cose;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;
using SatNode.Protocol.Telecommands;

namespace SatNode.Protocol.Tests.Images;

public sealed class ImageSignatureTests : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly FunctionImageOutline _image = Outline("greet", 8);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Is_over_all_that_is_in_the_image_and_small()
    {
        byte[] signature = ImageSignature.Sign(_image, _key);
        Assert.InRange(signature.Length, 64, ImageSignature.BytesMax);
        Assert.Equal(SignatureResult.Valid, Verify(_image, signature));
        Assert.Equal(SignatureResult.BadSignature, Verify(Outline("other", 8), signature));
        Assert.Equal(SignatureResult.BadSignature, Verify(Outline("greet", 9), signature));
    }

    [Fact]
    public void One_that_was_made_for_another_use_does_not_fit()
    {
        var headers = new CoseHeaderMap { [CoseHeaderLabel.KeyIdentifier] = CoseHeaderValue.FromBytes(TelecommandSignature.KeyId(_key)) };
        var signer = new CoseSigner(_key, HashAlgorithmName.SHA256, headers);
        Assert.Equal(SignatureResult.BadSignature, Verify(_image, CoseSign1Message.SignDetached(_image.OciManifest.Span, signer, TelecommandSignature.Context)));
        Assert.Equal(SignatureResult.Malformed, Verify(_image, CoseSign1Message.SignEmbedded(_image.OciManifest.Span[..50], signer, ImageSignature.Context)));
        Assert.Equal(SignatureResult.Malformed, Verify(_image, CoseSign1Message.SignDetached(_image.OciManifest.Span, new CoseSigner(_key, HashAlgorithmName.SHA256), ImageSignature.Context)));
    }

    private SignatureResult Verify(FunctionImageOutline image, byte[] signature) => ImageSignature.Verify(image, signature, [_key], out _);

    private static FunctionImageOutline Outline(string name, int moduleBytes) =>
        new(new FunctionManifest { Name = name, Version = "1.0.0", Kind = FunctionKind.Reactor, ModuleDigest = SHA256.HashData("module"u8) }.Encode(), moduleBytes);
}
