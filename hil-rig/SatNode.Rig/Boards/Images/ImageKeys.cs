using System.Security.Cryptography;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Images;

/// <summary>The keys of board images, as <c>satnode-ground keys new</c> makes them. No text of this class contains a key.</summary>
public static class ImageKeys
{
    /// <summary>The private key's file in a keys folder.</summary>
    public const string PrivateFile = "image.key";

    /// <summary>The public key's file in a keys folder.</summary>
    public const string PublicFile = "image.pub";

    /// <summary>Reads a private key.</summary>
    /// <exception cref="BenchException">There is none, or it is no private key on P-256.</exception>
    public static ECDsa ReadPrivate(string file) => Read(file, isPrivate: true);

    /// <summary>Reads a public key.</summary>
    /// <exception cref="BenchException">There is none, or it is no key on P-256.</exception>
    public static ECDsa ReadPublic(string file) => Read(file, isPrivate: false);

    private static ECDsa Read(string file, bool isPrivate)
    {
        string what = isPrivate ? "private key" : "public key";
        string pem;
        try
        {
            pem = File.ReadAllText(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            string why = fault is FileNotFoundException or DirectoryNotFoundException ? "no such file; make one with: satnode-ground keys new --out FOLDER" : fault.Message;
            throw new BenchException($"{file}: {what} for board images: {why}", fault);
        }
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.ExportParameters(isPrivate).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
                return key;
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            // What it is instead may be secret: the text does not say.
        }
        key.Dispose();
        throw new BenchException($"{file}: expected a {what} on P-256 in PEM, found something else");
    }
}
