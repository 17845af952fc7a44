using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.Nist;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;

namespace SatNode.Rig.Boards.Images;

/// <summary>ECDSA on P-256 whose signature of one hash is always the same, so that an image built twice is the same file: the nonce comes from key and hash
/// (RFC 6979 §3.2, HMAC-SHA-256). The framework's own draws its nonces at random.</summary>
/// <param name="key">A private key on P-256 that may be exported; stays the caller's.</param>
internal sealed class DeterministicEcdsa(ECDsa key) : ECDsa
{
    private const int ScalarBytes = 32;

    private static readonly X9ECParameters Curve = NistNamedCurves.GetByName("P-256");

    public override int KeySize
    {
        get => key.KeySize;
        set => key.KeySize = value;
    }

    public override KeySizes[] LegalKeySizes => key.LegalKeySizes;

    /// <summary>The signature of a hash: r and s (IEEE P1363).</summary>
    /// <exception cref="CryptographicException">The key has no private part, or its private part can't be exported.</exception>
    public override byte[] SignHash(byte[] hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        var secret = new BigInteger(1, key.ExportParameters(includePrivateParameters: true).D);
        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(forSigning: true, new ECPrivateKeyParameters(secret, new ECDomainParameters(Curve)));
        return [.. signer.GenerateSignature(hash).SelectMany(Bytes)];
    }

    public override bool VerifyHash(byte[] hash, byte[] signature) => key.VerifyHash(hash, signature);

    public override ECParameters ExportParameters(bool includePrivateParameters) => key.ExportParameters(includePrivateParameters);

    public override byte[] ExportSubjectPublicKeyInfo() => key.ExportSubjectPublicKeyInfo();

    private static byte[] Bytes(BigInteger scalar)
    {
        byte[] bytes = scalar.ToByteArrayUnsigned();
        return [.. new byte[ScalarBytes - bytes.Length], .. bytes]; // one in 256 is shorter
    }
}
