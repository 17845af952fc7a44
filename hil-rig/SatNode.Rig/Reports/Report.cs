using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SatNode.Protocol.Telemetry;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Reports;

/// <summary>What a flight comes down to: its checks and a few numbers.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Checks">The checks.</param>
/// <param name="Metrics">Numbers by name, in the order of the report; null where a number could not be had.</param>
public sealed record Report(string Scenario, IReadOnlyList<CheckResult> Checks, IReadOnlyList<KeyValuePair<string, double?>> Metrics)
{
    // Relaxed: the report is a file, never part of a web page, and people read the degree signs and arrows in it.
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The steps of the cluster, or null without one.</summary>
    public CloudTimeline? Cloud { get; init; }

    /// <summary>What makes the checks doubtful, in one line, or null.</summary>
    public string? Warning { get; init; }

    /// <summary>True when there are checks and every one passed.</summary>
    public bool Passed => Checks.Count > 0 && Checks.All(check => check.Passed);

    /// <summary>Judges a flight.</summary>
    public static Report Of(FlightRecord flight)
    {
        ArgumentNullException.ThrowIfNull(flight);
        var cloud = CloudTimeline.Of(flight);
        InvocationReport[] invocations = [.. flight.Satellites.SelectMany(satellite => satellite.Invocations)];
        return new(flight.Scenario.Name, FlightChecks.Run(flight),
        [
            new("agent.rss_mb", Median(flight.Satellites.Select(satellite => satellite.ResidentBytes / 1e6))),
            new("agent.binary_mb", flight.Machine.BinaryBytes > 0 ? flight.Machine.BinaryBytes / 1e6 : null),
            new("agent.start_ms", Median(flight.Satellites.Select(satellite => satellite.StartMilliseconds))),
            .. Emulated(flight),
            new("flight.wall_s", flight.Machine.WallSeconds),
            new("events.total", flight.Satellites.Sum(satellite => satellite.Archive.Count)),
            new("invocations.total", invocations.Count(report => report.Result != InvocationResult.Offloaded)), // these report again where they run
            new("state.local_hits", invocations.Count(report => report.State == StateOrigin.Local)),
            new("state.remote_hits", invocations.Count(report => report.State == StateOrigin.Remote)),
            .. cloud?.Metrics ?? [],
        ])
        {
            Cloud = cloud,
            Warning = flight.Machine.LateSeconds > 0
                ? string.Create(CultureInfo.InvariantCulture, $"this machine was too slow for the start: the flight was ready {flight.Machine.LateSeconds:0.0} s after the epoch, and checks of its first minutes may fail for that")
                : null,
        };
    }

    /// <summary>Of emulated boards: how many, and the longest that one took to boot and to send its first telemetry.</summary>
    private static IEnumerable<KeyValuePair<string, double?>> Emulated(FlightRecord flight)
    {
        SatelliteRecord[] emulated = [.. flight.Satellites.Where(satellite => satellite.IsEmulated)];
        return emulated.Length == 0 ? [] :
        [
            new("boards.emulated", emulated.Length),
            new("boards.boot_s", emulated.Max(satellite => satellite.BootSeconds)),
            new("boards.first_telemetry_s", emulated.Max(satellite => satellite.FirstTelemetrySeconds)),
        ];
    }

    /// <summary>The report as JSON, ending in a line break.</summary>
    public string ToJson()
    {
        var checks = new JsonArray();
        foreach (CheckResult check in Checks)
            checks.Add((JsonNode)new JsonObject { ["name"] = check.Name, ["passed"] = check.Passed, ["detail"] = check.Detail });
        var metrics = new JsonObject();
        foreach ((string name, double? value) in Metrics)
            metrics[name] = value is { } number && double.IsFinite(number) ? Math.Round(number, 3) : null;
        var report = new JsonObject { ["scenario"] = Scenario, ["passed"] = Passed, ["checks"] = checks, ["metrics"] = metrics };
        if (Cloud is not null)
            report["cloud"] = Cloud.ToJson();
        if (Warning is not null)
            report["warning"] = Warning;
        return report.ToJsonString(Indented) + "\n";
    }

    /// <summary>The median of what is known, or null.</summary>
    private static double? Median(IEnumerable<double?> values)
    {
        double[] known = [.. values.Where(value => value is { } number && double.IsFinite(number)).Select(value => value!.Value).Order()];
        return known.Length == 0 ? null : (known[(known.Length - 1) / 2] + known[known.Length / 2]) / 2;
    }
}
