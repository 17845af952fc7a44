using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Qemu;

/// <summary>Takes from unpacked Debian packages what the boot ROM holds.</summary>
/// <param name="debian">Where the packages were unpacked.</param>
internal sealed class GuestTree(string debian)
{
    private static readonly string[] Libraries = ["lib/ld-linux-aarch64.so.1", "lib/aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu"];

    /// <summary>Writes the tree: busybox, libraries, and modules whose names sort in the order of loading.</summary>
    /// <returns>The kernel's version.</returns>
    /// <exception cref="BenchException">A package has not what is expected of it.</exception>
    public async Task<string> Write(string tree, CancellationToken cancellation)
    {
        string version = Directory.GetDirectories(Path.Combine(debian, "lib", "modules")) is [var only] ? Path.GetFileName(only)
            : throw new BenchException("setup qemu: expected the modules of one kernel, found none or more");
        await HostTool.Run("setup qemu", "depmod", ["-b", debian, version], cancellation);
        string modules = Directory.CreateDirectory(Path.Combine(tree, "lib", "modules")).FullName;
        string[] order = Order(await File.ReadAllLinesAsync(Path.Combine(debian, "lib", "modules", version, "modules.dep"), cancellation), QemuPackages.Modules);
        for (int i = 0; i < order.Length; i++)
            File.Copy(Path.Combine(debian, "lib", "modules", version, order[i]), Path.Combine(modules, $"{i:00}-{Path.GetFileName(order[i])}"));
        Directory.CreateDirectory(Path.Combine(tree, "bin"));
        File.Copy(Path.Combine(debian, "bin", "busybox"), Path.Combine(tree, "bin", "busybox"));
        foreach (string library in Libraries)
            CopyLibraries(library, tree);
        return version;
    }

    /// <summary>Modules with what they depend on, each once, what is needed before what needs it.</summary>
    /// <param name="dependencies">The lines of <c>modules.dep</c>: <c>PATH: NEEDED NEEDED…</c>, where the last is to be loaded first.</param>
    /// <param name="names">The modules.</param>
    internal static string[] Order(IEnumerable<string> dependencies, IEnumerable<string> names)
    {
        Dictionary<string, (string Path, string[] Needs)> known = new(StringComparer.Ordinal);
        foreach (string line in dependencies)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                known[Path.GetFileNameWithoutExtension(line[..colon])] = (line[..colon], line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
        List<string> order = [];
        foreach (string name in names)
        {
            if (!known.TryGetValue(name, out (string Path, string[] Needs) module))
                throw new BenchException($"setup qemu: expected the kernel's module {name}, found none");
            order.AddRange(module.Needs.Reverse().Append(module.Path).Where(path => !order.Contains(path, StringComparer.Ordinal)));
        }
        return [.. order];
    }

    private void CopyLibraries(string name, string tree)
    {
        string from = Path.Combine(debian, name);
        if (!Directory.Exists(from))
        {
            CopyFile(from, Path.Combine(tree, name));
            return;
        }
        foreach (string file in Directory.GetFiles(from).Where(file => Path.GetFileName(file).Contains(".so", StringComparison.Ordinal)))
            CopyFile(file, Path.Combine(tree, name, Path.GetFileName(file)));
    }

    private static void CopyFile(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        if (new FileInfo(from).LinkTarget is { } target)
            File.CreateSymbolicLink(to, target);
        else
            File.Copy(from, to);
    }
}
