using System.Globalization;
using System.Text;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Reports;

/// <summary>The report for people: the verdict, what was checked, what heat and charge decided, and a plot of each satellite.</summary>
internal static class MarkdownReport
{
    private const int MaxDecisions = 40;

    private static readonly Dictionary<string, (string Label, string Format)> MetricNames = new(StringComparer.Ordinal)
    {
        ["agent.rss_mb"] = ("Resident memory of an agent (median)", "0.0 MB"),
        ["agent.binary_mb"] = ("Agent's binary", "0.0 MB"),
        ["agent.start_ms"] = ("From exec to first telemetry sent (median)", "0 ms"),
        ["boards.emulated"] = ("Emulated boards", "0"),
        ["boards.boot_s"] = ("Emulated board: from power on to the agent's first event (longest)", "0.0 s"),
        ["boards.first_telemetry_s"] = ("Emulated board: from power on to the first telemetry sent (longest)", "0.0 s"),
        ["flight.wall_s"] = ("Flight in machine time", "0.0 s"),
        ["events.total"] = ("Events archived", "0"),
        ["invocations.total"] = ("Invocations reported", "0"),
        ["state.local_hits"] = ("State already on the node", "0"),
        ["state.remote_hits"] = ("State fetched from another node", "0"),
        ["cloud.decision_s"] = ("From the missed objective to the new number of replicas, in machine time", "0.0 s"),
        ["cloud.placement_world_s"] = ("From there to the first request that the replica answered, in the world", "0.0 s"),
        ["cloud.recovery_world_s"] = ("From the missed objective to one that is met again, in the world", "0 s"),
    };

    /// <summary>Writes the report.</summary>
    /// <param name="flight">The flight.</param>
    /// <param name="report">What it came down to.</param>
    /// <param name="plot">The relative path of a satellite's plot.</param>
    public static string Write(FlightRecord flight, Report report, Func<string, string> plot)
    {
        var text = new StringBuilder();
        Scenario scenario = flight.Scenario;
        int passed = report.Checks.Count(check => check.Passed);
        text.Append($"# {scenario.Name}: {(report.Passed ? "passed" : "failed")}\n\n");
        if (scenario.Description.Length > 0)
            text.Append($"{scenario.Description}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{passed} of {report.Checks.Count} checks passed. {scenario.Satellites.Count} satellites flew {scenario.Duration.TotalMinutes:0} minutes ");
        text.Append(CultureInfo.InvariantCulture, $"from {scenario.Epoch:yyyy-MM-dd HH:mm} UTC at {scenario.Rate:0} × real time, seed {scenario.Seed}.\n\n");
        if (report.Warning is not null)
            text.Append($"**Warning:** {report.Warning}.\n\n");

        text.Append("## Checks\n\n| | check | what was found |\n|---|---|---|\n");
        foreach (CheckResult check in report.Checks)
            text.Append($"| {(check.Passed ? "✓" : "✗")} | `{check.Name}` | {Cell(check.Detail)} |\n");

        text.Append("\n## Numbers\n\n| | |\n|---|--:|\n");
        foreach ((string name, double? value) in report.Metrics)
        {
            (string label, string format) = MetricNames.GetValueOrDefault(name, (name, "0.###"));
            text.Append($"| {label} | {(value is { } number ? number.ToString(format, CultureInfo.InvariantCulture) : "unknown")} |\n");
        }

        if (report.Cloud is { } cloud)
            cloud.WriteTo(text, plot(SloPlot.Name));
        WriteDecisions(text, flight);
        text.Append("\n## Satellites\n");
        foreach (SatelliteRecord satellite in flight.Satellites)
            WriteSatellite(text, satellite, plot);
        return text.ToString();
    }

    private static void WriteDecisions(StringBuilder text, FlightRecord flight)
    {
        (string Satellite, EventRecord Event)[] decisions =
        [
            .. flight.Satellites.SelectMany(satellite => satellite.Archive.Where(IsDecision).Select(item => (satellite.Name, item))).OrderBy(pair => pair.item.Time),
        ];
        text.Append("\n## What heat and charge decided\n\n");
        if (decisions.Length == 0)
        {
            text.Append("Nothing was deferred, offloaded or refused.\n");
            return;
        }
        text.Append("| minute | satellite | function | decision | constraint | predicted | limit |\n|--:|---|---|---|---|--:|--:|\n");
        foreach ((string satellite, EventRecord item) in decisions.Take(MaxDecisions))
        {
            string decision = item.Name == Events.InvocationDeferred.Name ? $"deferred until {item.Text("until")}"
                : item.Name == Events.InvocationOffloaded.Name ? $"offloaded to {item.Text("to")}" : "refused";
            string unit = item.Text("unit");
            text.Append(CultureInfo.InvariantCulture, $"| {(item.Time - flight.Scenario.Epoch).TotalMinutes:0.0} | {satellite} | {item.Text("function")} | {Cell(decision)} ");
            text.Append($"| {item.Text("constraint")} | {ForPeople(item.Number("predicted"), unit)} | {ForPeople(item.Number("limit"), unit)} |\n");
        }
        if (decisions.Length > MaxDecisions)
            text.Append(CultureInfo.InvariantCulture, $"\nand {decisions.Length - MaxDecisions} more\n");
    }

    private static bool IsDecision(EventRecord item) =>
        item.Name == Events.InvocationDeferred.Name || item.Name == Events.InvocationOffloaded.Name || item.Name == Events.InvocationRefused.Name;

    private static void WriteSatellite(StringBuilder text, SatelliteRecord satellite, Func<string, string> plot)
    {
        text.Append($"\n### {satellite.Name}\n\n![Temperature and charge of {satellite.Name} over the flight]({plot(satellite.Name)})\n\n");
        IEnumerable<string> functions = satellite.Invocations.Where(report => report.Result != InvocationResult.Offloaded).GroupBy(report => report.Function, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Key} {group.Count()} × ({group.Sum(report => report.CpuTime.TotalSeconds).ToString("0.#", CultureInfo.InvariantCulture)} s CPU, {group.Sum(report => report.Energy.Joules).ToString("0", CultureInfo.InvariantCulture)} J)");
        string ran = string.Join("; ", functions);
        if (satellite.IsEmulated)
            text.Append($"An emulated board of kind {satellite.BoardKind}; the agent spoke {Seconds(satellite.BootSeconds)} after power on, its first telemetry went down {Seconds(satellite.FirstTelemetrySeconds)} after it. ");
        text.Append($"{(ran.Length > 0 ? $"Ran {ran}." : "Ran no function.")} {satellite.Archive.Count} events, {satellite.Samples.Count} samples archived.\n");
    }

    private static string Seconds(double? value) => value is { } number ? number.ToString("0.0 s", CultureInfo.InvariantCulture) : "at a time that is not known";

    private static string ForPeople(double value, string unit) => unit switch
    {
        "K" => (value - 273.15).ToString("0.0 °C", CultureInfo.InvariantCulture),
        "ratio" or "1" or "" when value is >= 0 and <= 1.5 => (value * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %",
        _ => value.ToString("0.###", CultureInfo.InvariantCulture) + (unit.Length > 0 ? " " + unit : ""),
    };

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
