using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Security.Cryptography.Cose;

namespace SatNode.Protocol.Cbor;

/// <summary>Signs and opens messages: COSE_Sign1 (RFC 9052 §4.2) with ES256 (RFC 9053 §2.1) over the encoded message, the key's id in the protected
/// header and a context as externally supplied data, so that a signature made for one use never opens another.</summary>
internal static class SignedMessage
{
    /// <summary>Room for the headers and the signature around a message.</summary>
    internal const int MaxOverheadBytes = 512;

    private const int KeyIdBytes = 8;

    /// <summary>Names a key: the first 8 bytes of SHA-256 over its subject public key info.</summary>
    internal static byte[] KeyId(ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return SHA256.HashData(key.ExportSubjectPublicKeyInfo())[..KeyIdBytes];
    }

    internal static byte[] Sign<T>(T message, ECDsa key, ReadOnlySpan<byte> context) where T : class, ICborMessage<T>
    {
        ArgumentNullException.ThrowIfNull(message);
        return CoseSign1Message.SignEmbedded(message.Encode(), Signer(key), context);
    }

    internal static byte[] SignDetached(ReadOnlySpan<byte> content, ECDsa key, ReadOnlySpan<byte> context) => CoseSign1Message.SignDetached(content, Signer(key), context);

    /// <summary>Checks a signature that travels beside what it is over.</summary>
    /// <param name="signature">The COSE_Sign1 message without content.</param>
    /// <param name="content">What it is over.</param>
    /// <param name="trustedKeys">Public keys on P-256.</param>
    /// <param name="context">The externally supplied data it was signed with.</param>
    /// <param name="what">What the content is, for people.</param>
    /// <param name="fault">Why not, for people; empty when valid.</param>
    internal static SignatureResult VerifyDetached(ReadOnlyMemory<byte> signature, ReadOnlySpan<byte> content, IReadOnlyList<ECDsa> trustedKeys, ReadOnlySpan<byte> context, string what,
        out string fault)
    {
        ArgumentNullException.ThrowIfNull(trustedKeys);
        try
        {
            CoseSign1Message signed = CoseMessage.DecodeSign1(signature.Span);
            if (signed.Content is not null || !signed.ProtectedHeaders.TryGetValue(CoseHeaderLabel.KeyIdentifier, out CoseHeaderValue keyHeader))
            {
                fault = $"{what}: expected a detached signature with a key id in the protected header, found another; refused";
                return SignatureResult.Malformed;
            }
            if (FindKey(keyHeader, trustedKeys, out byte[] wanted) is not { } key)
            {
                fault = $"{what}: {UnknownKey(wanted)}; refused";
                return SignatureResult.UnknownKey;
            }
            bool fits = signed.VerifyDetached(key, content, context);
            fault = fits ? "" : $"{what}: the signature does not fit the content; refused";
            return fits ? SignatureResult.Valid : SignatureResult.BadSignature;
        }
        catch (Exception e) when (e is CryptographicException or CborContentException or InvalidOperationException or ArgumentException)
        {
            fault = $"{what}: {e.Message.TrimEnd('.')}; refused";
            return SignatureResult.Malformed;
        }
    }

    /// <summary>Opens a signed message with one of the trusted keys, and tells which.</summary>
    /// <param name="encoded">The COSE_Sign1 message.</param>
    /// <param name="trustedKeys">Public keys on P-256.</param>
    /// <param name="context">The externally supplied data it was signed with.</param>
    /// <param name="message">The message, when the result is <see cref="SignatureResult.Valid"/>.</param>
    /// <param name="keyId">The key's <see cref="KeyId"/>, when the result is <see cref="SignatureResult.Valid"/>.</param>
    /// <param name="fault">Why not, for people; empty when valid.</param>
    internal static SignatureResult Open<T>(ReadOnlyMemory<byte> encoded, IReadOnlyList<ECDsa> trustedKeys, ReadOnlySpan<byte> context,
        out T? message, out byte[]? keyId, out string fault) where T : class, ICborMessage<T>
    {
        ArgumentNullException.ThrowIfNull(trustedKeys);
        message = null;
        keyId = null;
        if (encoded.Length > T.MaxEncodedBytes + MaxOverheadBytes)
        {
            fault = $"{T.MessageName}: expected at most {T.MaxEncodedBytes + MaxOverheadBytes} bytes, found {encoded.Length}; dropped";
            return SignatureResult.Malformed;
        }
        try
        {
            CoseSign1Message signed = CoseMessage.DecodeSign1(encoded.Span);
            if (signed.Content is not { } content || !signed.ProtectedHeaders.TryGetValue(CoseHeaderLabel.KeyIdentifier, out CoseHeaderValue keyHeader))
            {
                fault = $"{T.MessageName}: expected content and a key id in the protected header, found neither or one; dropped";
                return SignatureResult.Malformed;
            }
            if (FindKey(keyHeader, trustedKeys, out byte[] wanted) is not { } key)
            {
                fault = $"{T.MessageName}: {UnknownKey(wanted)}; dropped";
                return SignatureResult.UnknownKey;
            }
            if (!signed.VerifyEmbedded(key, context))
            {
                fault = $"{T.MessageName}: the signature does not fit the content; dropped";
                return SignatureResult.BadSignature;
            }
            message = CborDecoder.Decode<T>(content);
            keyId = wanted;
            fault = "";
            return SignatureResult.Valid;
        }
        catch (Exception e) when (e is CryptographicException or CborContentException or InvalidOperationException or WireFormatException or ArgumentException)
        {
            fault = e is WireFormatException ? e.Message : $"{T.MessageName}: {e.Message.TrimEnd('.')}; dropped";
            return SignatureResult.Malformed;
        }
    }

    private static CoseSigner Signer(ECDsa key) =>
        new(key, HashAlgorithmName.SHA256, new CoseHeaderMap { [CoseHeaderLabel.KeyIdentifier] = CoseHeaderValue.FromBytes(KeyId(key)) });

    private static ECDsa? FindKey(CoseHeaderValue header, IReadOnlyList<ECDsa> trustedKeys, out byte[] wanted)
    {
        byte[] id = wanted = header.GetValueAsBytes();
        return trustedKeys.FirstOrDefault(trusted => KeyId(trusted).AsSpan().SequenceEqual(id));
    }

    private static string UnknownKey(byte[] wanted) => $"expected a trusted key, found {Convert.ToHexStringLower(wanted.AsSpan(0, Math.Min(KeyIdBytes, wanted.Length)))}";
}
