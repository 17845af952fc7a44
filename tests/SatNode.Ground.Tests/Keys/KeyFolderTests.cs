using System.Security.Cryptography.X509Certificates;
using SatNode.Ground.Keys;

namespace SatNode.Ground.Tests.Keys;

public sealed class KeyFolderTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Private_files_are_for_their_owner_alone_and_nothing_is_overwritten()
    {
        string keys = Path.Combine(_folder, "keys");
        string node = Path.Combine(_folder, "node");
        KeyFolder.Create(keys, TimeProvider.System);
        KeyFolder.Enroll("p10-s03", keys, node, TimeProvider.System);
        foreach (string file in (string[])[Path.Combine(keys, "ca.key"), Path.Combine(keys, "server.key"), Path.Combine(keys, "command.key"), Path.Combine(keys, "api.token"), Path.Combine(node, "node.key")])
            Assert.Equal(Private, File.GetUnixFileMode(file));
        Assert.Equal(File.ReadAllText(Path.Combine(keys, "ca.pem")), File.ReadAllText(Path.Combine(node, "ca.pem")));
        string before = File.ReadAllText(Path.Combine(keys, "ca.key"));
        Assert.Contains("never overwritten", Assert.Throws<IOException>(() => KeyFolder.Create(keys, TimeProvider.System)).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => KeyFolder.Enroll("p10-s03", keys, node, TimeProvider.System));
        Assert.Equal(before, File.ReadAllText(Path.Combine(keys, "ca.key")));
        Assert.Throws<InvalidDataException>(() => KeyFolder.Enroll("../x", keys, Path.Combine(_folder, "x"), TimeProvider.System));
    }

    [Fact]
    public void A_folder_of_an_earlier_release_gets_what_it_lacks()
    {
        KeyFolder.Create(_folder, TimeProvider.System);
        File.Delete(Path.Combine(_folder, "function.key"));
        File.Delete(Path.Combine(_folder, "function.pub"));
        File.Delete(Path.Combine(_folder, "server.key"));
        File.Delete(Path.Combine(_folder, "server.pem"));
        string authority = File.ReadAllText(Path.Combine(_folder, "ca.key"));

        Assert.Equal(["server.pem", "server.key", "function.key", "function.pub"], KeyFolder.Create(_folder, TimeProvider.System));
        Assert.Equal(authority, File.ReadAllText(Path.Combine(_folder, "ca.key")));
        Assert.Equal(Private, File.GetUnixFileMode(Path.Combine(_folder, "function.key")));
        using var server = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(_folder, "server.pem")));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(_folder, "ca.pem"))));
        Assert.True(chain.Build(server));
    }

    [Fact]
    public void Refuses_half_of_a_pair()
    {
        KeyFolder.Create(_folder, TimeProvider.System);
        File.Delete(Path.Combine(_folder, "command.pub"));
        File.Delete(Path.Combine(_folder, "api.token"));
        string message = Assert.Throws<IOException>(() => KeyFolder.Create(_folder, TimeProvider.System)).Message;
        Assert.Contains("without command.pub", message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder, "api.token")));
    }
}
