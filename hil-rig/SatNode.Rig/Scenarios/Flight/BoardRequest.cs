using System.Globalization;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Resources;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>Which satellites of a flight get a board of a bench, from <c>--boards KIND:COUNT</c> or <c>--boards KIND:NAME,NAME</c>; the others are processes.</summary>
/// <param name="Bench">The bench.</param>
/// <param name="BySatellite">The board of each such satellite.</param>
public sealed record BoardRequest(BenchFile Bench, IReadOnlyDictionary<string, BenchBoard> BySatellite)
{
    private const string Folder = "hil-rig/boards";

    /// <summary>True when a board is emulated.</summary>
    public bool HasEmulated => BySatellite.Values.Any(board => board.Resource is QemuBoardResource);

    /// <summary>No satellite gets one.</summary>
    public static BoardRequest None { get; } = new(new("none", "", []), new Dictionary<string, BenchBoard>(StringComparer.Ordinal));

    /// <summary>Reads a request.</summary>
    /// <param name="text">What follows <c>--boards</c>.</param>
    /// <param name="bench">The bench's file; null takes <c>hil-rig/boards/KIND.yaml</c>.</param>
    /// <param name="scenario">The scenario.</param>
    /// <exception cref="BenchException">It asks for what is not there.</exception>
    /// <exception cref="ScenarioException">The bench's file is faulty.</exception>
    public static BoardRequest Read(string text, string? bench, Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(scenario);
        string[] parts = text.Split(':');
        if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0)
            throw new BenchException($"--boards: expected KIND:COUNT or KIND:NAME,NAME such as qemu:2, found '{text}'");
        BenchFile file = BenchFile.Read(bench ?? FileOf(parts[0]));
        BenchBoard[] boards = [.. file.Boards.Where(board => board.Resource.Kind == parts[0])];
        string[] satellites = Satellites(parts[1], scenario);
        if (satellites.Length > boards.Length)
            throw new BenchException($"--boards: expected at most the {boards.Length} boards of kind {parts[0]} in {file.File}, found {satellites.Length}; add boards there");
        return new(file, satellites.Zip(boards).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal));
    }

    /// <summary>The bench's file of a kind, below the working folder or the rig's and their parents.</summary>
    /// <exception cref="BenchException">There is none.</exception>
    public static string FileOf(string kind)
    {
        foreach (string start in (string[])[Environment.CurrentDirectory, AppContext.BaseDirectory])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string path = Path.Combine(folder.FullName, Folder, $"{kind}.yaml");
                if (File.Exists(path))
                    return Path.GetRelativePath(Environment.CurrentDirectory, path);
            }
        }
        throw new BenchException($"boards: expected a bench at {Folder}/{kind}.yaml, found none; kinds are qemu and process");
    }

    private static string[] Satellites(string text, Scenario scenario)
    {
        string[] known = [.. scenario.Satellites.Select(satellite => satellite.Name)];
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            return count >= 1 && count <= known.Length ? known[..count]
                : throw new BenchException($"--boards: expected 1 to the {known.Length} satellites of {scenario.Name}, found {count}");
        }
        string[] names = text.Split(',', StringSplitOptions.TrimEntries);
        foreach (string name in names)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                throw new BenchException($"--boards: expected satellites of {scenario.Name} ({string.Join(", ", known)}), found '{name}'");
        }
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length ? names : throw new BenchException($"--boards: expected each satellite once, found '{text}'");
    }
}
