using System.Text.Json.Nodes;
using System.Xml.Linq;
using SatNode.Rig.Reports;
using SatNode.Rig.Scenarios.Checks;
using SatNode.Rig.Tests.Scenarios.Checks;

namespace SatNode.Rig.Tests.Reports;

public sealed class CloudReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("report").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_json_has_each_step_in_the_world_on_the_machine_and_since_the_objective_was_missed()
    {
        JsonNode cloud = JsonNode.Parse(Report.Of(GoodCloudFlight.Create()).ToJson())!["cloud"]!;

        Assert.Equal((480, 2, 2), ((int)cloud["requestsTaken"]!, (int)cloud["requestsRefused"]!, (int)cloud["controllerStarts"]!));
        JsonArray steps = cloud["steps"]!.AsArray();
        Assert.Equal(11, steps.Count);
        JsonNode scaled = steps.Single(step => (string)step!["name"]! == "replicas-scaled")!;
        Assert.Equal("2026-06-21T12:02:06.000Z", (string)scaled["worldTime"]!);
        Assert.Equal("2026-11-25T10:00:02.100Z", (string)scaled["machineTime"]!); // 126 s of the world at 60 times real time
        Assert.Equal(6, (double)scaled["worldSecondsSinceMissed"]!);
        Assert.Equal(0.1, (double)scaled["machineSecondsSinceMissed"]!);
        Assert.Equal(steps.Select(step => (string)step!["worldTime"]!).Order(StringComparer.Ordinal), steps.Select(step => (string)step!["worldTime"]!));
    }

    [Fact]
    public void The_numbers_are_decision_placement_and_recovery()
    {
        JsonNode metrics = JsonNode.Parse(Report.Of(GoodCloudFlight.Create()).ToJson())!["metrics"]!;
        Assert.Equal((0.1, 9, 120), ((double)metrics["cloud.decision_s"]!, (double)metrics["cloud.placement_world_s"]!, (double)metrics["cloud.recovery_world_s"]!));
    }

    [Fact]
    public void A_step_that_did_not_happen_is_last_and_has_no_time()
    {
        JsonArray steps = JsonNode.Parse(Report.Of(GoodCloudFlight.With(record => record with { Writes = [] })).ToJson())!["cloud"]!["steps"]!.AsArray();
        Assert.Equal(11, steps.Count);
        Assert.Null(steps[^1]!["worldTime"]);
        Assert.Null(steps[^1]!["worldSecondsSinceMissed"]);
    }

    [Fact]
    public void Writes_the_section_and_the_plot()
    {
        FlightRecord flight = GoodCloudFlight.Create();
        ReportFiles.Write(_folder, flight, Report.Of(flight));

        string markdown = File.ReadAllText(Path.Combine(_folder, "report.md"));
        Assert.Contains("## What the cloud did", markdown, StringComparison.Ordinal);
        Assert.Contains("](plots/objective.svg)", markdown, StringComparison.Ordinal);
        Assert.Contains("| 3 | `replicas-scaled` | polaris-elasticity-controller | 12:02:06.0 | 10:00:02.1 | 6.0 | 0.1 | 1 → 2 replicas |", markdown, StringComparison.Ordinal);
        XElement svg = XDocument.Load(Path.Combine(_folder, "plots", "objective.svg")).Root!;
        Assert.Equal("svg", svg.Name.LocalName);
        Assert.Contains("first-request-served", svg.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flight_without_a_cluster_has_neither()
    {
        FlightRecord flight = GoodFlight.Create();
        ReportFiles.Write(_folder, flight, Report.Of(flight));
        Assert.DoesNotContain("cloud", File.ReadAllText(Path.Combine(_folder, "report.json")), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder, "plots", "objective.svg")));
    }
}
