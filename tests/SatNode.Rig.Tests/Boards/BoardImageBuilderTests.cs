using System.Security.Cryptography;
using SatNode.Protocol.Boards;
using SatNode.Rig.Boards.Images;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Tests.Boards;

public sealed class BoardImageBuilderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-image-test-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Two_builds_of_one_input_are_the_same_file_whenever_and_wherever_they_are_made()
    {
        string one = Publish("one"), other = Publish("other");
        File.SetLastWriteTimeUtc(other, new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        File.SetUnixFileMode(other, UnixFileMode.UserRead);

        await Build(one, "one.img");
        Environment.SetEnvironmentVariable("SOURCE_DATE_EPOCH", "1000000000");
        try
        {
            await Build(other, "other.img");
        }
        finally
        {
            Environment.SetEnvironmentVariable("SOURCE_DATE_EPOCH", null);
        }

        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(_folder, "one.img"), Stop), await File.ReadAllBytesAsync(Path.Combine(_folder, "other.img"), Stop));
    }

    [Fact]
    public async Task An_image_is_what_a_board_of_its_class_takes()
    {
        BoardImageManifest built = await Build(Publish("one"), "one.img");

        await using FileStream file = File.OpenRead(Path.Combine(_folder, "one.img"));
        BoardImageManifest found = BoardImageFile.Open(file, [_key], "qemu-virt-arm64").Manifest;
        Assert.Equal(("1.4.0", 1_000_004_000_000UL), (found.Version, found.Sequence));
        Assert.Equal(built.Digest.ToArray(), found.Digest.ToArray());
    }

    [Fact]
    public async Task A_build_that_fails_leaves_an_earlier_image_as_it_was_and_nothing_beside_it()
    {
        string image = Path.Combine(_folder, "one.img");
        await File.WriteAllTextAsync(image, "earlier", Stop);
        string agent = Publish("one");
        File.Delete(Path.Combine(Path.GetDirectoryName(agent)!, "libwasm.so"));

        BenchException fault = await Assert.ThrowsAsync<BenchException>(() => Build(agent, "one.img"));

        Assert.Contains("expected native libraries (*.so) beside", fault.Message, StringComparison.Ordinal);
        Assert.Equal("earlier", await File.ReadAllTextAsync(image, Stop));
        Assert.Equal([image], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("0.1.0", 1_000_000UL)]
    [InlineData("1.4.2", 1_000_004_000_002UL)]
    [InlineData("1.4.2-rc.1+build.5", 1_000_004_000_002UL)]
    [InlineData("999999.999999.999999", 999_999_999_999_999_999UL)]
    [InlineData("1000000.0.0", null)]
    [InlineData("1.4", null)]
    [InlineData("one", null)]
    public void A_version_has_a_place_in_the_order_of_images(string version, ulong? expected) => Assert.Equal(expected, BoardImageBuilder.SequenceOf(version));

    private Task<BoardImageManifest> Build(string agent, string file)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mksquashfs"), "mksquashfs is not installed; Debian package: squashfs-tools");
        return BoardImageBuilder.Build(new(agent, "qemu-virt-arm64", "1.4.0", BoardImageBuilder.SequenceOf("1.4.0")!.Value), _key, Path.Combine(_folder, file), Stop);
    }

    private string Publish(string name)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        File.WriteAllText(Path.Combine(folder, "libwasm.so"), "a library");
        File.WriteAllText(Path.Combine(folder, "notes.pdb"), name); // does not fly
        string agent = Path.Combine(folder, "satnode-agent");
        File.WriteAllText(agent, "an agent");
        return agent;
    }
}
