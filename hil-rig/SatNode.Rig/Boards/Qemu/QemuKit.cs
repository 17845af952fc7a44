using System.Security.Cryptography;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Qemu;

/// <summary>What every emulated board starts from: Debian's kernel, and an initial file system that plays the boot ROM.</summary>
/// <param name="Kernel">Full path of the kernel.</param>
/// <param name="Rom">Full path of the initial file system.</param>
public sealed record QemuKit(string Kernel, string Rom)
{
    internal const string KernelFile = "vmlinuz", PackagesFile = "packages.txt", BaseFile = "base.cpio";

    private const int RomsMax = 4; // builds of the boot stage kept: the checkouts somebody works in at a time
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    /// <summary>The link to the guest's current folder: a build of the rig that wants other packages or modules gets one of its own.</summary>
    internal static string GuestLink { get; } = $"guest-{Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join(' ', [.. QemuPackages.Guest, .. QemuPackages.Modules]))))[..8]}";

    /// <summary>The folder that holds it all: <c>satnode/qemu</c> in the user's cache.</summary>
    public static string CacheFolder
    {
        get
        {
            string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            return Path.Combine(cache is { Length: > 0 } && Path.IsPathFullyQualified(cache) ? cache
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "satnode", "qemu");
        }
    }

    /// <summary>Refuses when <see cref="QemuSetup"/> has not been run.</summary>
    /// <exception cref="BenchException">It has not.</exception>
    public static void Require(string cache)
    {
        string guest = Path.Combine(cache, GuestLink);
        if (!File.Exists(Path.Combine(guest, PackagesFile)))
            throw new BenchException($"qemu: expected Debian's kernel for emulated boards in '{guest}', found none; run: satnode-rig setup qemu");
    }

    /// <summary>The kit with a boot stage: made when this build of it is new, in a second.</summary>
    /// <param name="cache">The folder.</param>
    /// <param name="bootStage">Full path of the boot stage, arm64.</param>
    /// <param name="cancellation">Ends it, with nothing half done.</param>
    /// <exception cref="BenchException">The setup has not been run.</exception>
    public static async Task<QemuKit> Prepare(string cache, string bootStage, CancellationToken cancellation)
    {
        Require(cache);
        byte[] init = ReadInit();
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(init);
        digest.AppendData(await File.ReadAllBytesAsync(bootStage, cancellation));
        string guest = Path.Combine(cache, GuestLink);
        string rom = Path.Combine(guest, $"rom-{Convert.ToHexStringLower(digest.GetHashAndReset())[..16]}.cpio");
        if (!File.Exists(rom))
            await Make(rom, Path.Combine(guest, BaseFile), init, bootStage, cancellation);
        return new(Path.Combine(guest, KernelFile), rom);
    }

    /// <summary>Packs a folder as the kernel unpacks it: the same content, the same bytes but for the times of files.</summary>
    internal static Task Pack(string tree, string archive, CancellationToken cancellation) => HostTool.Run("qemu", "sh",
        ["-c", "find . -print0 | LC_ALL=C sort -z | cpio --quiet --null --create --format=newc --reproducible --owner=0:0 --file=\"$1\"", "sh", archive], cancellation, tree);

    /// <summary>The kernel unpacks archives that follow each other one over the other: the base stays as it is, and what is ours comes behind it.</summary>
    private static async Task Make(string rom, string basis, byte[] init, string bootStage, CancellationToken cancellation)
    {
        string work = Directory.CreateDirectory($"{rom}.{Environment.ProcessId}").FullName;
        try
        {
            string tree = Path.Combine(work, "tree"), stage = Path.Combine(Directory.CreateDirectory(Path.Combine(tree, "sbin")).FullName, "satnode-boot");
            await File.WriteAllBytesAsync(Path.Combine(tree, "init"), init, cancellation);
            File.Copy(bootStage, stage);
            File.SetUnixFileMode(Path.Combine(tree, "init"), Executable);
            File.SetUnixFileMode(stage, Executable);
            await Pack(tree, Path.Combine(work, "own.cpio"), cancellation);
            string whole = Path.Combine(work, "rom.cpio");
            File.Copy(basis, whole);
            await using (FileStream end = new(whole, FileMode.Append))
            await using (FileStream own = File.OpenRead(Path.Combine(work, "own.cpio")))
                await own.CopyToAsync(end, cancellation);
            File.Move(whole, rom, overwrite: true);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
        foreach (string old in Directory.GetFiles(Path.GetDirectoryName(rom)!, "rom-*.cpio").OrderByDescending(File.GetLastWriteTimeUtc).Skip(RomsMax))
            File.Delete(old);
    }

    private static byte[] ReadInit()
    {
        using Stream resource = typeof(QemuKit).Assembly.GetManifestResourceStream("SatNode.Rig.Boards.Qemu.init")!;
        byte[] bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
