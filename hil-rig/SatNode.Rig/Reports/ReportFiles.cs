using SatNode.Rig.Comparison;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Reports;

/// <summary>Writes a report into the folder of a run: plots, <c>report.md</c>, and last <c>report.json</c>. Each file appears whole or not at all, and
/// there is no <c>report.json</c> without the rest.</summary>
public static class ReportFiles
{
    /// <summary>The report for machines.</summary>
    public const string Json = "report.json";

    /// <summary>The report for people.</summary>
    public const string Markdown = "report.md";

    private const string Plots = "plots";
    private const string Temporary = ".part";

    /// <summary>Takes an earlier run's report away, so that what is there is this run's.</summary>
    public static void Clear(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        File.Delete(Path.Combine(folder, Json));
        File.Delete(Path.Combine(folder, Markdown));
        if (Directory.Exists(Path.Combine(folder, Plots)))
            Directory.Delete(Path.Combine(folder, Plots), recursive: true);
        foreach (string part in Directory.EnumerateFiles(folder, "*" + Temporary))
            File.Delete(part);
    }

    /// <summary>Writes the report and its plots.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static void Write(string folder, FlightRecord flight, Report report)
    {
        ArgumentNullException.ThrowIfNull(flight);
        ArgumentNullException.ThrowIfNull(report);
        string plots = Path.Combine(folder, Plots);
        Directory.CreateDirectory(plots);
        foreach (SatelliteRecord satellite in flight.Satellites)
            WriteWhole(Path.Combine(plots, satellite.Name + ".svg"), SatellitePlot.Draw(flight.Scenario, satellite));
        if (report.Cloud is not null)
            WriteWhole(Path.Combine(plots, SloPlot.Name + ".svg"), SloPlot.Draw(flight, report.Cloud));
        WriteWhole(Path.Combine(folder, Markdown), MarkdownReport.Write(flight, report, name => $"{Plots}/{name}.svg"));
        WriteWhole(Path.Combine(folder, Json), report.ToJson());
    }

    /// <summary>Writes a comparison's report and plot.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static void Write(string folder, PolicyComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        string plots = Path.Combine(folder, Plots);
        Directory.CreateDirectory(plots);
        WriteWhole(Path.Combine(plots, PolicyPlot.Name + ".svg"), PolicyPlot.Draw(comparison));
        WriteWhole(Path.Combine(folder, Markdown), PolicyReport.Write(comparison, $"{Plots}/{PolicyPlot.Name}.svg"));
        WriteWhole(Path.Combine(folder, Json), comparison.ToJson());
    }

    private static void WriteWhole(string path, string text)
    {
        File.WriteAllText(path + Temporary, text);
        File.Move(path + Temporary, path, overwrite: true);
    }
}
