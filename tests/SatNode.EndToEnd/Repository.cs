using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SatNode.EndToEnd;

/// <summary>Finds the repository's files and what was built from them.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Architecture => RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x64";

    /// <summary>The published Native AOT agent: what flies, and what these tests run.</summary>
    public static string Agent => AgentFor(Architecture);

    /// <summary>The published agent for a processor.</summary>
    public static string AgentFor(string architecture) => Existing(Path.Combine(Root, "artifacts", "publish", "SatNode.Agent", $"release_linux-{architecture}", "satnode-agent"),
        architecture == Architecture ? "publish it with: make agent" : "publish it with: make boards");

    public static string Built(string project, string file) => Existing(Path.Combine(Root, "artifacts", "bin", project, Configuration(), file), "build it with: make build");

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Existing(string path, string advice) => File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not there; {advice}", path);

    private static string Configuration() => Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    private static string FindRoot([CallerFilePath] string here = "")
    {
        foreach (string start in (string[])[AppContext.BaseDirectory, Path.GetDirectoryName(here) ?? "/"])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "SatNode.sln")))
                    return folder.FullName;
            }
        }
        throw new DirectoryNotFoundException("no folder above the tests holds SatNode.sln");
    }
}
