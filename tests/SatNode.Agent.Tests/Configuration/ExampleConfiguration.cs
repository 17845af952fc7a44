using System.Text.Json.Nodes;
using SatNode.Orbit.Constellations;

namespace SatNode.Agent.Tests.Configuration;

/// <summary>The example of docs/agent-configuration.md, with element sets in the place of its dots.</summary>
internal static class ExampleConfiguration
{
    private static readonly WalkerShell Shell = new()
    {
        Planes = 72,
        SatellitesPerPlane = 22,
        AltitudeKm = 550,
        InclinationDegrees = 53,
        Phasing = 17,
        Epoch = new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero),
    };

    /// <summary>The example's text as the document has it.</summary>
    public static string InTheDocument { get; } = Cut(File.ReadAllText(Path.Combine(Repository(), "docs", "agent-configuration.md")));

    /// <summary>The example with real element sets, to be changed by a test.</summary>
    public static JsonObject New()
    {
        JsonObject example = JsonNode.Parse(InTheDocument)!.AsObject();
        example["orbit"]!["tle"] = Tle(3);
        example["network"]!["nodes"]![0]!["tle"] = Tle(4);
        return example;
    }

    /// <summary>Two lines of an element set.</summary>
    public static JsonArray Tle(int slot)
    {
        (string first, string second) = Shell.ElementsOf(10, slot).ToLines();
        return [first, second];
    }

    private static string Cut(string document)
    {
        const string Fence = "```json\n";
        int start = document.IndexOf(Fence, StringComparison.Ordinal) + Fence.Length;
        return document[start..document.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private static string Repository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "SatNode.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("expected the tests to run inside the repository");
    }
}
