using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Qemu;

/// <summary>An apt for arm64 packages with state of its own: it reads the machine's sources and keys, and changes nothing of the machine.</summary>
/// <param name="folder">Where its state is.</param>
internal sealed class GuestArchive(string folder)
{
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal) { ["APT_CONFIG"] = Path.Combine(folder, "apt.conf"), ["LC_ALL"] = "C" };

    /// <summary>Fetches the guest's packages in their current versions.</summary>
    /// <param name="into">The folder for them, made here.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Their full paths.</returns>
    /// <exception cref="BenchException">The archive cannot be reached, or has not what is needed.</exception>
    public async Task<string[]> Fetch(string into, CancellationToken cancellation)
    {
        foreach (string part in (string[])["state/lists/partial", "cache/archives/partial"])
            Directory.CreateDirectory(Path.Combine(folder, part));
        await File.WriteAllTextAsync(Path.Combine(folder, "status"), "", cancellation);
        await File.WriteAllTextAsync(_environment["APT_CONFIG"], $$"""
            Dir::State "{{folder}}/state";
            Dir::State::status "{{folder}}/status";
            Dir::Cache "{{folder}}/cache";
            APT::Architecture "arm64";
            APT::Architectures { "arm64"; };
            APT::Sandbox::User "";
            Acquire::Languages "none";
            #clear APT::Update::Post-Invoke-Success;
            """, cancellation);
        Directory.CreateDirectory(into);
        await Apt("apt-get", "update", "-qq", "-o", "APT::Update::Error-Mode=any");
        string depends = await Apt("apt-cache", "depends", "--important", QemuPackages.KernelOf);
        string? kernel = depends.Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(line => line.StartsWith("Depends: linux-image-", StringComparison.Ordinal))?["Depends: ".Length..];
        if (kernel is null)
            throw new BenchException($"setup qemu: expected {QemuPackages.KernelOf} to depend on a kernel, found '{depends.ReplaceLineEndings(" ")}'");
        await Apt(["apt-get", "download", "-qq", kernel, .. QemuPackages.Guest]);
        return Directory.GetFiles(into, "*.deb");

        Task<string> Apt(params string[] command) => HostTool.Run("setup qemu", command[0], command[1..], cancellation, into, _environment);
    }

    /// <summary>A package's name and version, from the name of its file: <c>libc6_2.36-9_arm64.deb</c>.</summary>
    public static string NameOf(string file) => Uri.UnescapeDataString(string.Join(' ', Path.GetFileName(file).Split('_')[..2]));
}
