using System.Runtime.InteropServices;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>A program of the project: a native binary, an app host, or an assembly that <c>dotnet</c> runs.</summary>
/// <param name="File">Full path of what is started.</param>
/// <param name="Prefix">Arguments before the program's own.</param>
/// <param name="Program">Full path of the program itself.</param>
public sealed record Executable(string File, IReadOnlyList<string> Prefix, string Program)
{
    private const string Artifacts = "artifacts";

    /// <summary>Finds the agent: the one told, else the published binary, else the build.</summary>
    /// <exception cref="FlightException">There is none.</exception>
    public static Executable Agent(string? told) => Find(told, "--agent", "satnode-agent",
        [$"publish/SatNode.Agent/release_{RuntimeInformation.RuntimeIdentifier}/satnode-agent", "publish/SatNode.Agent/release/satnode-agent", // another machine's may be beside it
         "bin/SatNode.Agent/release/satnode-agent.dll", "bin/SatNode.Agent/debug/satnode-agent.dll"]);

    /// <summary>Finds the ground station.</summary>
    /// <exception cref="FlightException">There is none.</exception>
    public static Executable Ground(string? told) => Find(told, "--ground", "satnode-ground",
        ["publish/SatNode.Ground/release/satnode-ground.dll", "bin/SatNode.Ground/release/satnode-ground.dll", "bin/SatNode.Ground/debug/satnode-ground.dll"]);

    /// <summary>Finds the boot stage of emulated boards.</summary>
    /// <exception cref="FlightException">There is none.</exception>
    public static Executable BootStage(string? told) => Find(told, "--boot-stage", "satnode-boot", ["publish/SatNode.Boot/release_linux-arm64/satnode-boot"]);

    /// <summary>Finds the agent for boards, arm64.</summary>
    /// <exception cref="FlightException">There is none.</exception>
    public static Executable BoardAgent(string? told) => Find(told, "--agent", "satnode-agent", ["publish/SatNode.Agent/release_linux-arm64/satnode-agent"]);

    /// <summary>The bytes of the program's own file.</summary>
    public long Bytes => new FileInfo(Program).Length;

    /// <summary>Full path of a program on the PATH, or null.</summary>
    public static string? OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(System.IO.File.Exists);

    private static Executable Find(string? told, string option, string name, ReadOnlySpan<string> candidates)
    {
        if (told is not null)
            return System.IO.File.Exists(told) ? Of(Path.GetFullPath(told)) : throw new FlightException($"{option}: no such file '{told}'");
        foreach (string folder in Folders())
        {
            foreach (string candidate in candidates)
            {
                string path = Path.Combine(folder, Artifacts, candidate);
                if (System.IO.File.Exists(path))
                    return Of(path);
            }
        }
        throw new FlightException($"{name} was not found below {Artifacts}/; {(candidates[0].Contains("arm64", StringComparison.Ordinal) ? "publish it with: make boards" : "publish or build it")}, or name it by {option} PATH");
    }

    /// <summary>The working folder and its parents, then the folder of the rig and its parents.</summary>
    private static IEnumerable<string> Folders()
    {
        foreach (string start in (string[])[Environment.CurrentDirectory, AppContext.BaseDirectory])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
                yield return folder.FullName;
        }
    }

    private static Executable Of(string path) =>
        path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? new(Dotnet(), [path], path) : new(path, [], path);

    private static string Dotnet() => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host && System.IO.File.Exists(host)
        ? host : OnPath("dotnet") ?? throw new FlightException("dotnet was not found on the PATH");
}

/// <summary>A flight cannot be prepared or ended early, for a reason that whoever started it can mend. The text says what and where, on one line.</summary>
public sealed class FlightException : Exception
{
    /// <summary>Creates it.</summary>
    public FlightException(string text, Exception? inner = null) : base(text.ReplaceLineEndings(" "), inner)
    {
    }
}
