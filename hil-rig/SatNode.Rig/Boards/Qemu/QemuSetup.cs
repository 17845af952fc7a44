using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Qemu;

/// <summary>Makes what emulated boards need from Debian packages, in a cache folder. What is there already stays; each part is built aside and then renamed, so that
/// an end in between leaves nothing half done. Only missing packages of the host are installed on the machine itself; the guest's come through an apt of their own in
/// the folder.</summary>
/// <param name="cache">The folder.</param>
/// <param name="say">Takes a line for the user.</param>
/// <param name="machine">The machine's clock.</param>
internal sealed class QemuSetup(string cache, Action<string> say, TimeProvider machine)
{
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(200);

    /// <summary>Makes what is missing.</summary>
    /// <param name="cancellation">Ends it, with nothing half done.</param>
    /// <exception cref="BenchException">Something cannot be had; the text says what to do.</exception>
    public async Task Run(CancellationToken cancellation)
    {
        await InstallOnHost(cancellation);
        Directory.CreateDirectory(cache);
        await using FileStream turn = await TakeTurn(cancellation);
        foreach (string leftover in Directory.GetDirectories(cache, "new-*"))
            Directory.Delete(leftover, recursive: true);

        string guest = Path.Combine(cache, QemuKit.GuestLink);
        if (!File.Exists(Path.Combine(guest, QemuKit.PackagesFile)))
            await MakeGuest(guest, cancellation);
        foreach (string line in Lines(cache))
            say(line);
    }

    /// <summary>What is there, a line each.</summary>
    public static IEnumerable<string> Lines(string cache)
    {
        string guest = Path.Combine(cache, QemuKit.GuestLink), packages = Path.Combine(guest, QemuKit.PackagesFile);
        if (!File.Exists(packages))
            return ["  guest  not there; run: satnode-rig setup qemu"];
        return File.ReadAllLines(packages).Select(package => $"  guest  {package}");
    }

    /// <summary>Waits until no other setup works on the folder.</summary>
    private async Task<FileStream> TakeTurn(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new(Path.Combine(cache, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(Path.Combine(cache, "lock")))
            {
                await Task.Delay(LockPoll, machine, cancellation);
            }
        }
    }

    private async Task InstallOnHost(CancellationToken cancellation)
    {
        string[] missing = await Missing(cancellation);
        if (missing.Length > 0)
        {
            string install = $"apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends {string.Join(' ', missing)}";
            if (!Environment.IsPrivilegedProcess)
                throw new BenchException($"setup qemu: Debian packages are missing; run: sudo apt-get update && sudo {install}");
            say($"  host   installing {string.Join(' ', missing)}");
            var quiet = new Dictionary<string, string>(StringComparer.Ordinal) { ["DEBIAN_FRONTEND"] = "noninteractive" };
            await HostTool.Run("setup qemu", "apt-get", ["update", "-qq", "-o", "APT::Update::Error-Mode=any"], cancellation, environment: quiet);
            cancellation.ThrowIfCancellationRequested();
            await HostTool.Run("setup qemu", "apt-get", install.Split(' ')[1..], CancellationToken.None, environment: quiet); // a killed dpkg leaves packages half installed
        }
        say($"  host   {string.Join(' ', QemuPackages.Host)}");
    }

    private static async Task<string[]> Missing(CancellationToken cancellation)
    {
        // All packages' states at once: asking for one that dpkg never heard of would be an error.
        string states = await HostTool.Run("setup qemu (needs Debian)", "dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\n"], cancellation);
        var installed = states.Split('\n').Where(line => line.EndsWith(" installed", StringComparison.Ordinal)).Select(line => line[..line.IndexOf(' ', StringComparison.Ordinal)]).ToHashSet(StringComparer.Ordinal);
        return [.. QemuPackages.Host.Where(package => !installed.Contains(package))];
    }

    private async Task MakeGuest(string link, CancellationToken cancellation)
    {
        long begin = machine.GetTimestamp();
        say("  guest  fetching Debian's kernel and libraries for arm64");
        string work = Directory.CreateDirectory(Path.Combine(cache, $"new-{Environment.ProcessId}")).FullName;
        try
        {
            string[] packages = await new GuestArchive(Path.Combine(work, "apt")).Fetch(Path.Combine(work, "packages"), cancellation);
            string root = Directory.CreateDirectory(Path.Combine(work, "debian")).FullName;
            foreach (string package in packages)
                await HostTool.Run("setup qemu", "dpkg", ["-x", package, root], cancellation);
            string made = Directory.CreateDirectory(Path.Combine(work, "guest")).FullName;
            string version = await new GuestTree(root).Write(Path.Combine(work, "tree"), cancellation);
            File.Copy(Path.Combine(root, "boot", $"vmlinuz-{version}"), Path.Combine(made, QemuKit.KernelFile));
            await QemuKit.Pack(Path.Combine(work, "tree"), Path.Combine(made, QemuKit.BaseFile), cancellation);
            await File.WriteAllLinesAsync(Path.Combine(made, QemuKit.PackagesFile), packages.Select(GuestArchive.NameOf).Order(StringComparer.Ordinal), cancellation);

            string name = $"{version}-{QemuKit.GuestLink}", folder = Path.Combine(cache, name);
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            Directory.Move(made, folder);
            File.CreateSymbolicLink(Path.Combine(work, QemuKit.GuestLink), name);
            File.Move(Path.Combine(work, QemuKit.GuestLink), link, overwrite: true);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
        say($"  guest  made in {machine.GetElapsedTime(begin).TotalSeconds:0} s");
    }
}
