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
}
