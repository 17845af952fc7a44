using System.Security.Cryptography;
using SatNode.Rig.Boards.Images;

namespace SatNode.Rig.Tests.Boards;

public sealed class DeterministicEcdsaTests
{
    [Theory] // RFC 6979, appendix A.2.5, SHA-256
    [InlineData("sample", "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716", "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8")]
    [InlineData("test", "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367", "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083")]
    public void A_signature_is_that_of_RFC_6979(string message, string r, string s)
    {
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            D = Convert.FromHexString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"),
        });
        using var deterministic = new DeterministicEcdsa(key);
        byte[] data = System.Text.Encoding.ASCII.GetBytes(message);
        byte[] signature = deterministic.SignData(data, HashAlgorithmName.SHA256);
        Assert.Equal(r + s, Convert.ToHexString(signature));
        Assert.True(key.VerifyData(data, signature, HashAlgorithmName.SHA256));
    }

    [Fact] // small r and s keep their leading zeroes: one in 256 begins with one
    public void A_thousand_signatures_verify()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var deterministic = new DeterministicEcdsa(key);
        for (int i = 0; i < 1000; i++)
        {
            byte[] hash = SHA256.HashData(BitConverter.GetBytes(i));
            byte[] signature = deterministic.SignHash(hash);
            Assert.Equal(64, signature.Length);
            Assert.True(key.VerifyHash(hash, signature));
        }
    }
}
