using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Security.Cryptography.Cose;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Telecommands;

/// <summary>Signs and opens telecommands: COSE_Sign1 (RFC 9052 §4.2) with ES256 (RFC 9053 §2.1) over the encoded <see cref="Telecommand"/>, the key's id
/// in the protected header and <see cref="Context"/> as externally supplied data, so that a signature made for anything else never opens a command.</summary>
public static class TelecommandSignature
{
    private const int MaxOverheadBytes = 512;

    /// <summary>The externally supplied data that binds a signature to this use.</summary>
    public static ReadOnlySpan<byte> Context => "satnode-telecommand-v1"u8;

    /// <summary>Names a key: the first 8 bytes of SHA-256 over its subject public key info.</summary>
    public static byte[] KeyId(ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return SHA256.HashData(key.ExportSubjectPublicKeyInfo())[..8];
    }

    /// <summary>Signs a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="key">A private key on P-256.</param>
    public static byte[] Sign(Telecommand command, ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(command);
        var headers = new CoseHeaderMap { [CoseHeaderLabel.KeyIdentifier] = CoseHeaderValue.FromBytes(KeyId(key)) };
        return CoseSign1Message.SignEmbedded(command.Encode(), new CoseSigner(key, HashAlgorithmName.SHA256, headers), Context);
    }

    /// <summary>Opens a signed command with one of the trusted keys.</summary>
    /// <param name="encoded">The COSE_Sign1 message.</param>
    /// <param name="trustedKeys">Public keys on P-256.</param>
    /// <param name="command">The command, when the result is <see cref="SignatureResult.Valid"/>.</param>
    /// <param name="fault">Why not, for people; empty when valid.</param>
    public static SignatureResult Open(ReadOnlyMemory<byte> encoded, IReadOnlyList<ECDsa> trustedKeys, out Telecommand? command, out string fault) =>
        Open(encoded, trustedKeys, out command, out _, out fault);

    /// <summary>Opens a signed command with one of the trusted keys, and tells which: what a replay window is kept by.</summary>
    /// <param name="encoded">The COSE_Sign1 message.</param>
    /// <param name="trustedKeys">Public keys on P-256.</param>
    /// <param name="command">The command, when the result is <see cref="SignatureResult.Valid"/>.</param>
    /// <param name="keyId">The key's <see cref="KeyId"/>, when the result is <see cref="SignatureResult.Valid"/>.</param>
    /// <param name="fault">Why not, for people; empty when valid.</param>
    public static SignatureResult Open(ReadOnlyMemory<byte> encoded, IReadOnlyList<ECDsa> trustedKeys, out Telecommand? command, out byte[]? keyId, out string fault)
    {
        ArgumentNullException.ThrowIfNull(trustedKeys);
        command = null;
        keyId = null;
        if (encoded.Length > Telecommand.MaxEncodedBytes + MaxOverheadBytes)
        {
            fault = $"telecommand: expected at most {Telecommand.MaxEncodedBytes + MaxOverheadBytes} bytes, found {encoded.Length}; dropped";
            return SignatureResult.Malformed;
        }
        try
        {
            CoseSign1Message message = CoseMessage.DecodeSign1(encoded.Span);
            if (message.Content is not { } content || !message.ProtectedHeaders.TryGetValue(CoseHeaderLabel.KeyIdentifier, out CoseHeaderValue keyHeader))
            {
                fault = "telecommand: expected content and a key id in the protected header, found neither or one; dropped";
                return SignatureResult.Malformed;
            }
            byte[] wanted = keyHeader.GetValueAsBytes();
            ECDsa? key = trustedKeys.FirstOrDefault(trusted => KeyId(trusted).AsSpan().SequenceEqual(wanted));
            if (key is null)
            {
                fault = $"telecommand: expected a trusted key, found {Convert.ToHexStringLower(wanted.AsSpan(0, Math.Min(8, wanted.Length)))}; dropped";
                return SignatureResult.UnknownKey;
            }
            if (!message.VerifyEmbedded(key, Context))
            {
                fault = "telecommand: the signature does not fit the content; dropped";
                return SignatureResult.BadSignature;
            }
            command = CborDecoder.Decode<Telecommand>(content);
            keyId = wanted;
            fault = "";
            return SignatureResult.Valid;
        }
        catch (Exception e) when (e is CryptographicException or CborContentException or InvalidOperationException or WireFormatException or ArgumentException)
        {
            fault = e is WireFormatException ? e.Message : $"telecommand: {e.Message.TrimEnd('.')}; dropped";
            return SignatureResult.Malformed;
        }
    }
}

/// <summary>What opening a signed telecommand found.</summary>
public enum SignatureResult
{
    /// <summary>Not a COSE_Sign1 message with a telecommand in it.</summary>
    Malformed = 0,

    /// <summary>Signed by a key that is not trusted.</summary>
    UnknownKey,

    /// <summary>The signature does not fit the content.</summary>
    BadSignature,

    /// <summary>Signed by a trusted key, and whole.</summary>
    Valid,
}
