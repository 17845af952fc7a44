using System.Security.Cryptography;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;

namespace SatNode.Protocol.Images;

/// <summary>Signs a function's image and checks the signature: COSE_Sign1 (RFC 9052 §4.2) with ES256 (RFC 9053 §2.1), detached, over the image's OCI manifest, which names
/// all that is in the image by digest. The key's id is in the protected header and <see cref="Context"/> is externally supplied data, so that a signature made for
/// anything else never lets an image in.</summary>
public static class ImageSignature
{
    /// <summary>The largest signature: that of ES256 with its headers takes about 100 bytes.</summary>
    public const int BytesMax = 256;

    /// <summary>The externally supplied data that binds a signature to this use.</summary>
    public static ReadOnlySpan<byte> Context => "satnode-function-image-v1"u8;

    /// <summary>Signs an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="key">A private key on P-256.</param>
    public static byte[] Sign(FunctionImageOutline image, ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(image);
        return SignedMessage.SignDetached(image.OciManifest.Span, key, Context);
    }

    /// <summary>Checks a signature.</summary>
    /// <param name="image">The image.</param>
    /// <param name="signature">The COSE_Sign1 message.</param>
    /// <param name="trustedKeys">Public keys on P-256.</param>
    /// <param name="fault">Why not, for people; empty when valid.</param>
    public static SignatureResult Verify(FunctionImageOutline image, ReadOnlyMemory<byte> signature, IReadOnlyList<ECDsa> trustedKeys, out string fault)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (signature.Length > BytesMax)
        {
            fault = $"function-image: expected a signature of at most {BytesMax} bytes, found {signature.Length}";
            return SignatureResult.Malformed;
        }
        return SignedMessage.VerifyDetached(signature, image.OciManifest.Span, trustedKeys, Context, $"function-image {image.Manifest.Name}", out fault);
    }
}
