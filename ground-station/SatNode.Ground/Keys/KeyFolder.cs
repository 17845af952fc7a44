using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SatNode.Protocol.Telemetry;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace SatNode.Ground.Keys;

/// <summary>The keys of a mission in a folder: a certificate authority, the broker's certificate, the keys that sign telecommands, function images and board images, and the
/// token of the HTTP API. Private files have the mode 0600, nothing is ever overwritten, and no text of this class contains a key.</summary>
internal static class KeyFolder
{
    /// <summary>The authority's certificate.</summary>
    public const string AuthorityCertificate = "ca.pem";

    /// <summary>The authority's private key.</summary>
    public const string AuthorityKey = "ca.key";

    /// <summary>The broker's certificate.</summary>
    public const string ServerCertificate = "server.pem";

    /// <summary>The broker's private key.</summary>
    public const string ServerKey = "server.key";

    /// <summary>The private key that signs telecommands, P-256.</summary>
    public const string CommandKey = "command.key";

    /// <summary>Its public key, which satellites trust.</summary>
    public const string CommandPublicKey = "command.pub";

    /// <summary>The private key that signs function images, P-256.</summary>
    public const string FunctionKey = "function.key";

    /// <summary>Its public key, which satellites trust.</summary>
    public const string FunctionPublicKey = "function.pub";

    /// <summary>The private key that signs board images, P-256.</summary>
    public const string ImageKey = "image.key";

    /// <summary>Its public key, which boards and benches trust.</summary>
    public const string ImagePublicKey = "image.pub";

    /// <summary>The bearer token of the HTTP API.</summary>
    public const string ApiToken = "api.token";

    /// <summary>A node's certificate, whose common name is the node's name.</summary>
    public const string NodeCertificate = "node.pem";

    /// <summary>A node's private key.</summary>
    public const string NodeKey = "node.key";

    /// <summary>The name that nodes expect in the broker's certificate.</summary>
    public const string ServerName = "satnode-ground";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const int TokenBytes = 32;
    private static readonly string[][] Sets =
    [
        [AuthorityCertificate, AuthorityKey], [ServerCertificate, ServerKey], [CommandKey, CommandPublicKey], [FunctionKey, FunctionPublicKey], [ImageKey, ImagePublicKey], [ApiToken],
    ];

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan Backdated = TimeSpan.FromHours(1);

    /// <summary>Makes the keys of a mission in <paramref name="folder"/>: all of them, or, in a folder of an earlier release, those that it lacks.</summary>
    /// <returns>The files that were made.</returns>
    /// <exception cref="IOException">Nothing is missing, or half of a pair is; or the folder cannot be written. No key was made.</exception>
    public static IReadOnlyList<string> Create(string folder, TimeProvider machineTime)
    {
        Directory.CreateDirectory(folder, Private | UnixFileMode.UserExecute);
        string[] missing = [.. Sets.Where(set => IsMissing(folder, set)).SelectMany(set => set)];
        if (missing.Length == 0)
            throw new IOException($"{folder} has every key of a mission; keys are never overwritten");
        DateTimeOffset now = machineTime.GetUtcNow();
        if (missing.Contains(AuthorityKey))
            WriteAuthority(folder, now);
        if (missing.Contains(ServerKey))
            WriteServer(folder, now);
        foreach ((string key, string publicKey) in (ReadOnlySpan<(string, string)>)[(CommandKey, CommandPublicKey), (FunctionKey, FunctionPublicKey), (ImageKey, ImagePublicKey)])
        {
            if (missing.Contains(key))
                WritePair(folder, key, publicKey);
        }
        if (missing.Contains(ApiToken))
            Write(folder, ApiToken, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes)), Private);
        return missing;
    }

    /// <summary>Issues a node's certificate into <paramref name="target"/>, with copies of what the node must trust.</summary>
    /// <exception cref="InvalidDataException">The name is not a node's name.</exception>
    /// <exception cref="IOException">One of the files exists already, or a key is missing.</exception>
    public static void Enroll(string node, string keysFolder, string target, TimeProvider machineTime)
    {
        if (!Topics.IsNodeName(node))
            throw new InvalidDataException($"node: expected 1 to 32 of a-z, 0-9 and hyphen, found '{node}'");
        using X509Certificate2 authority = ReadAuthority(keysFolder);
        PrepareFolder(target, [NodeCertificate, NodeKey, AuthorityCertificate, CommandPublicKey, FunctionPublicKey]);
        (string certificate, string key) = Issue(authority, node, "1.3.6.1.5.5.7.3.2", names: null, machineTime.GetUtcNow());
        Write(target, NodeKey, key, Private);
        Write(target, NodeCertificate, certificate, Public);
        Write(target, AuthorityCertificate, authority.ExportCertificatePem(), Public);
        foreach (string trusted in (ReadOnlySpan<string>)[CommandPublicKey, FunctionPublicKey])
            Write(target, trusted, File.ReadAllText(Path.Combine(keysFolder, trusted)), Public);
    }

    /// <summary>True when a set of files is not there at all, false when it is whole.</summary>
    private static bool IsMissing(string folder, string[] set)
    {
        string[] absent = [.. set.Where(file => !Path.Exists(Path.Combine(folder, file)))];
        return absent.Length == 0 || absent.Length == set.Length
            ? absent.Length > 0
            : throw new IOException($"{folder}: expected {string.Join(" and ", set)} together, found one without {string.Join(" and ", absent)}; "
                + "put it back, or move the other away for a new pair");
    }

    private static void WriteAuthority(string folder, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=satnode mission authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using X509Certificate2 authority = request.CreateSelfSigned(now - Backdated, now + Lifetime);
        Write(folder, AuthorityKey, key.ExportPkcs8PrivateKeyPem(), Private);
        Write(folder, AuthorityCertificate, authority.ExportCertificatePem(), Public);
    }

    private static void WriteServer(string folder, DateTimeOffset now)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(ServerName);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        using X509Certificate2 authority = ReadAuthority(folder);
        (string certificate, string key) = Issue(authority, ServerName, "1.3.6.1.5.5.7.3.1", names.Build(), now);
        Write(folder, ServerKey, key, Private);
        Write(folder, ServerCertificate, certificate, Public);
    }

    private static void WritePair(string folder, string privateName, string publicName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Write(folder, privateName, key.ExportPkcs8PrivateKeyPem(), Private);
        Write(folder, publicName, key.ExportSubjectPublicKeyInfoPem(), Public);
    }

    private static X509Certificate2 ReadAuthority(string folder) =>
        X509Certificate2.CreateFromPemFile(Path.Combine(folder, AuthorityCertificate), Path.Combine(folder, AuthorityKey));

    private static (string Certificate, string Key) Issue(X509Certificate2 authority, string commonName, string usage, X509Extension? names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (names is not null)
            request.CertificateExtensions.Add(names);
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F; // a serial number is positive
        DateTimeOffset authorityEnd = new(authority.NotAfter.ToUniversalTime());
        DateTimeOffset end = now + Lifetime;
        using X509Certificate2 certificate = request.Create(authority, now - Backdated, end < authorityEnd ? end : authorityEnd, serial);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static void PrepareFolder(string folder, ReadOnlySpan<string> files)
    {
        Directory.CreateDirectory(folder, Private | UnixFileMode.UserExecute);
        foreach (string file in files)
        {
            if (Path.Exists(Path.Combine(folder, file)))
                throw new IOException($"{Path.Combine(folder, file)} exists; keys are never overwritten");
        }
    }

    private static void Write(string folder, string name, string text, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode };
        using var stream = new StreamWriter(Path.Combine(folder, name), options);
        stream.WriteLine(text);
    }
}
