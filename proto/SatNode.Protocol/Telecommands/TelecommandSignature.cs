using System.Security.Cryptography;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Telecommands;

/// <summary>Signs and opens telecommands: COSE_Sign1 (RFC 9052 §4.2) with ES256 (RFC 9053 §2.1) over the encoded <see cref="Telecommand"/>, the key's id
/// in the protected header and <see cref="Context"/> as externally supplied data, so that a signature made for anything else never opens a command.</summary>
public static class TelecommandSignature
{
    /// <summary>The externally supplied data that binds a signature to this use.</summary>
    public static ReadOnlySpan<byte> Context => "satnode-telecommand-v1"u8;

    /// <summary>Names a key: the first 8 bytes of SHA-256 over its subject public key info.</summary>
    public static byte[] KeyId(ECDsa key) => SignedMessage.KeyId(key);

    /// <summary>Signs a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="key">A private key on P-256.</param>
    public static byte[] Sign(Telecommand command, ECDsa key) => SignedMessage.Sign(command, key, Context);

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
    public static SignatureResult Open(ReadOnlyMemory<byte> encoded, IReadOnlyList<ECDsa> trustedKeys, out Telecommand? command, out byte[]? keyId, out string fault) =>
        SignedMessage.Open(encoded, trustedKeys, Context, out command, out keyId, out fault);
}
