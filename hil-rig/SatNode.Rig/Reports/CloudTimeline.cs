using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Reports;

/// <summary>What a cluster did in a flight: every step with its time in the world, on the machine, and since the objective was missed.</summary>
/// <param name="Steps">The steps, by time; those that did not happen last.</param>
/// <param name="Rate">World seconds a machine second.</param>
/// <param name="Epoch">World time at the start.</param>
/// <param name="Origin">Machine time at the start.</param>
/// <param name="RequestsTaken">Requests that the front door took.</param>
/// <param name="RequestsRefused">Requests that it refused.</param>
/// <param name="ControllerStarts">How often Polaris' two controllers were started.</param>
public sealed record CloudTimeline(IReadOnlyList<CloudStep> Steps, double Rate, DateTimeOffset Epoch, DateTimeOffset Origin, int RequestsTaken, int RequestsRefused, int ControllerStarts)
{
    /// <summary>The steps of a flight; null without a cluster.</summary>
    public static CloudTimeline? Of(FlightRecord flight)
    {
        if (CloudSteps.Of(flight) is not { } steps)
            return null;
        Scenario scenario = flight.Scenario;
        CloudRecord cloud = flight.Cloud!;
        return new([.. steps.Steps.OrderBy(step => step.Time ?? DateTimeOffset.MaxValue)], scenario.Rate, scenario.Epoch, cloud.Origin, cloud.RequestsTaken, cloud.RequestsRefused, cloud.ControllerStarts);
    }

    /// <summary>The numbers that it comes down to.</summary>
    public IEnumerable<KeyValuePair<string, double?>> Metrics =>
    [
        new("cloud.decision_s", Between("objective-missed", "replicas-scaled") / Rate),
        new("cloud.placement_world_s", Between("replicas-scaled", "first-request-served")),
        new("cloud.recovery_world_s", Between("objective-missed", "objective-met")),
    ];

    /// <summary>World seconds since the objective was missed; null when one of both did not happen.</summary>
    public double? SinceMissed(CloudStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return (step.Time - TimeOf("objective-missed"))?.TotalSeconds;
    }

    /// <summary>For machines.</summary>
    public JsonObject ToJson() => new()
    {
        ["requestsTaken"] = RequestsTaken,
        ["requestsRefused"] = RequestsRefused,
        ["controllerStarts"] = ControllerStarts,
        ["steps"] = new JsonArray([.. Steps.Select(step => (JsonNode)new JsonObject
        {
            ["name"] = step.Name,
            ["by"] = step.By,
            ["worldTime"] = step.Time?.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            ["machineTime"] = MachineTime(step)?.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            ["worldSecondsSinceMissed"] = Rounded(SinceMissed(step)),
            ["machineSecondsSinceMissed"] = Rounded(SinceMissed(step) / Rate),
            ["detail"] = step.Detail,
        })]),
    };

    /// <summary>For people.</summary>
    public void WriteTo(StringBuilder text, string plot)
    {
        ArgumentNullException.ThrowIfNull(text);
        text.Append("\n## What the cloud did\n\n");
        text.Append($"![The share of requests that were fast enough, with every step]({plot})\n\n");
        text.Append("| | step | by | world | machine | s since missed, world | machine | what |\n|--:|---|---|---|---|--:|--:|---|\n");
        for (int i = 0; i < Steps.Count; i++)
        {
            CloudStep step = Steps[i];
            text.Append(CultureInfo.InvariantCulture, $"| {i + 1} | `{step.Name}` | {step.By} | {Clock(step.Time)} | {Clock(MachineTime(step))} ");
            text.Append(CultureInfo.InvariantCulture, $"| {Seconds(SinceMissed(step))} | {Seconds(SinceMissed(step) / Rate)} | {step.Detail} |\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"\n{RequestsTaken} requests came through the front door, {RequestsRefused} were refused there. ");
        text.Append("The witnesses: Prometheus' own samples, the API server's audit log, the stages of the telecommand, and the satellite's report of the invocation.\n");
    }

    private DateTimeOffset? MachineTime(CloudStep step) => step.Time is { } time ? Origin + ((time - Epoch) / Rate) : null;

    private DateTimeOffset? TimeOf(string step) => Steps.FirstOrDefault(other => other.Name == step)?.Time;

    private double? Between(string from, string to) => (TimeOf(to) - TimeOf(from))?.TotalSeconds;

    private static double? Rounded(double? seconds) => seconds is { } value ? Math.Round(value, 3) : null;

    private static string Clock(DateTimeOffset? time) => time?.ToString("HH:mm:ss.f", CultureInfo.InvariantCulture) ?? "did not happen";

    private static string Seconds(double? seconds) => seconds?.ToString("0.0", CultureInfo.InvariantCulture) ?? "";
}
