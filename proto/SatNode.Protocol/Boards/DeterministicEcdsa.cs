using System.Numerics;
using System.Security.Cryptography;

namespace SatNode.Protocol.Boards;

/// <summary>ECDSA on P-256 whose signature of one hash is always the same, so that an image built twice is the same file: the nonce comes from key and hash
/// (RFC 6979 §3.2, HMAC-SHA-256). The platform multiplies the point; the arithmetic around it takes time that depends on the key, which a bench
/// that signs its own builds can afford and a service that signs for others cannot.</summary>
/// <param name="key">A private key on P-256 that may be exported; stays the caller's.</param>
internal sealed class DeterministicEcdsa(ECDsa key) : ECDsa
{
    private const int ScalarBytes = 32;

    // The order of P-256. Source: SEC 2 version 2.0, section 2.4.2.
    private static readonly BigInteger Order = BigInteger.Parse("115792089210356248762697446949407573529996955224135760342422259061068512044369");

    public override int KeySize
    {
        get => key.KeySize;
        set => key.KeySize = value;
    }

    public override KeySizes[] LegalKeySizes => key.LegalKeySizes;

    /// <summary>The signature of a hash of 32 bytes: r and s (IEEE P1363).</summary>
    /// <exception cref="CryptographicException">The key has no private part, or its private part can't be exported.</exception>
    public override byte[] SignHash(byte[] hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        byte[] secret = key.ExportParameters(includePrivateParameters: true).D!;
        BigInteger d = Scalar(secret);
        BigInteger z = Scalar(hash.AsSpan(0, ScalarBytes));
        foreach (BigInteger k in Nonces(secret, Bytes(z % Order)))
        {
            using var point = Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Bytes(k) });
            BigInteger r = Scalar(point.ExportParameters(includePrivateParameters: false).Q.X) % Order;
            BigInteger s = BigInteger.ModPow(k, Order - 2, Order) * (z + (r * d)) % Order; // the order is a prime: k^(n-2) is k's inverse
            if (!r.IsZero && !s.IsZero)
                return [.. Bytes(r), .. Bytes(s)];
        }
        throw new System.Diagnostics.UnreachableException();
    }

    public override bool VerifyHash(byte[] hash, byte[] signature) => key.VerifyHash(hash, signature);

    public override ECParameters ExportParameters(bool includePrivateParameters) => key.ExportParameters(includePrivateParameters);

    public override byte[] ExportSubjectPublicKeyInfo() => key.ExportSubjectPublicKeyInfo();

    private static IEnumerable<BigInteger> Nonces(byte[] secret, byte[] hash)
    {
        var v = new byte[ScalarBytes];
        v.AsSpan().Fill(1);
        byte[] k = HMACSHA256.HashData(new byte[ScalarBytes], (byte[])[.. v, 0, .. secret, .. hash]);
        v = HMACSHA256.HashData(k, v);
        k = HMACSHA256.HashData(k, (byte[])[.. v, 1, .. secret, .. hash]);
        v = HMACSHA256.HashData(k, v);
        while (true)
        {
            v = HMACSHA256.HashData(k, v);
            BigInteger candidate = Scalar(v);
            if (!candidate.IsZero && candidate < Order)
                yield return candidate;
            k = HMACSHA256.HashData(k, (byte[])[.. v, 0]);
            v = HMACSHA256.HashData(k, v);
        }
    }

    private static BigInteger Scalar(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] Bytes(BigInteger scalar)
    {
        var bytes = new byte[ScalarBytes];
        scalar.TryWriteBytes(bytes.AsSpan(ScalarBytes - scalar.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
        return bytes;
    }
}
