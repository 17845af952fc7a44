using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace SatNode.EndToEnd;

/// <summary>Flights of the published agent, as a newcomer flies them.</summary>
[Collection("flights")] // One after the other: a flight takes the whole machine.
public sealed class FlightTests : IDisposable
{
    private static readonly string[] CheckNames =
    [
        "telemetry-from-every-satellite", "workflow-completed", "regions-match-reference", "thermal-constraint-acted", "power-constraint-acted",
        "state-crossed-two-hops", "command-verified", "metrics-exported", "no-event-lost",
    ];

    private static readonly string[] MetricNames =
    [
        "agent.rss_mb", "agent.binary_mb", "agent.start_ms", "flight.wall_s", "events.total", "invocations.total", "state.local_hits", "state.remote_hits",
    ];

    private readonly string _runs = Directory.CreateTempSubdirectory("satnode-e2e-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Fact]
    public async Task The_wildfire_watch_passes_every_check()
    {
        using RigProcess rig = RigProcess.Start(Repository.PathOf("hil-rig", "scenarios", "wildfire.yaml"), _runs, "--format", "json");
        int code = await rig.Ended(TimeSpan.FromMinutes(5));
        string folder = Path.Combine(_runs, "wildfire");
        JsonNode report = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "report.json")))!;
        string story = $"{report["checks"]!.ToJsonString(new JsonSerializerOptions { WriteIndented = true })}\n{rig.Errors}";

        Assert.True(code == 0, story);
        Assert.True((bool)report["passed"]!, story);
        Assert.Equal("wildfire", (string)report["scenario"]!);
        Assert.Equal(CheckNames, report["checks"]!.AsArray().Select(check => (string)check!["name"]!));
        Assert.All(report["checks"]!.AsArray(), check => Assert.True((bool)check!["passed"]!, story));
        Assert.All(MetricNames, name => Assert.True((double?)report["metrics"]![name] > 0, $"{name}: {report["metrics"]!.ToJsonString()}"));
        Assert.True(JsonNode.DeepEquals(report, JsonNode.Parse(rig.Output)), "standard output is not the report");

        string text = await File.ReadAllTextAsync(Path.Combine(folder, "report.md"));
        string[] plots = Directory.GetFiles(Path.Combine(folder, "plots"), "*.svg");
        Assert.Equal(6, plots.Length);
        Assert.All(plots, plot =>
        {
            Assert.Contains(Path.GetFileName(plot), text, StringComparison.Ordinal);
            Assert.Equal("svg", XDocument.Load(plot).Root!.Name.LocalName);
        });
        await RigProcess.NothingIsLeftOf(_runs);
    }

    [Fact]
    public async Task The_wildfire_watch_passes_every_check_with_two_emulated_boards_among_its_six()
    {
        (await RigCommand.Rig("setup", "qemu")).Done();
        using RigProcess rig = RigProcess.Start(Repository.PathOf("hil-rig", "scenarios", "wildfire.yaml"), _runs, "--format", "json", "--boards", "qemu:2");
        int code = await rig.Ended(TimeSpan.FromMinutes(12));
        string folder = Path.Combine(_runs, "wildfire");
        JsonNode report = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "report.json")))!;
        string story = $"{report["checks"]!.ToJsonString(new JsonSerializerOptions { WriteIndented = true })}\n{rig.Errors}";

        Assert.True(code == 0, story);
        Assert.Equal(CheckNames, report["checks"]!.AsArray().Select(check => (string)check!["name"]!));
        Assert.All(report["checks"]!.AsArray(), check => Assert.True((bool)check!["passed"]!, story));
        Assert.Equal(2, (int?)report["metrics"]!["boards.emulated"]);
        Assert.True((double?)report["metrics"]!["boards.boot_s"] > 0, report["metrics"]!.ToJsonString());
        foreach (string satellite in (string[])["p21-s05", "p21-s06"])
        {
            string console = await File.ReadAllTextAsync(Path.Combine(folder, "boards", satellite, "console.log"));
            Assert.Contains("BOOT slot=a ", console, StringComparison.Ordinal); // the boot stage spoke: this was a board
        }
        await RigProcess.NothingIsLeftOf(_runs);
    }

    [Fact]
    public async Task A_brief_flight_brings_telemetry_commands_and_every_event_down()
    {
        using RigProcess rig = RigProcess.Start(Repository.PathOf("tests", "SatNode.EndToEnd", "scenarios", "brief.yaml"), _runs, "--format", "json");
        int code = await rig.Ended(TimeSpan.FromMinutes(2));
        Assert.True(code == 1, $"{rig.Output}\n{rig.Errors}"); // Nobody invokes its function, so that a check fails, and the exit code says so.
        JsonArray checks = JsonNode.Parse(rig.Output)!["checks"]!.AsArray();
        foreach (string name in (string[])["telemetry-from-every-satellite", "command-verified", "no-event-lost"])
            Assert.True((bool)checks.Single(check => (string)check!["name"]! == name)!["passed"]!, checks.ToJsonString());
        Assert.False((bool)checks.Single(check => (string)check!["name"]! == "metrics-exported")!["passed"]!);
        Assert.DoesNotContain(checks, check => (string)check!["name"]! == "workflow-completed"); // it has no workflow
    }

    [Fact]
    public async Task An_interrupt_ends_everything_and_leaves_no_half_written_report()
    {
        using RigProcess rig = RigProcess.Start(Repository.PathOf("tests", "SatNode.EndToEnd", "scenarios", "brief.yaml"), _runs);
        await rig.Said("flying", TimeSpan.FromMinutes(1));
        Assert.NotEmpty(RigProcess.ProcessesOf(_runs)); // Else the next lines would prove nothing.
        rig.Signal(2);
        Assert.NotEqual(0, await rig.Ended(TimeSpan.FromSeconds(20)));
        await RigProcess.NothingIsLeftOf(_runs);
        Assert.Empty(Directory.EnumerateFiles(_runs, "report.*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_killed_rig_takes_its_boards_and_its_ground_station_with_it()
    {
        using RigProcess rig = RigProcess.Start(Repository.PathOf("tests", "SatNode.EndToEnd", "scenarios", "brief.yaml"), _runs);
        await rig.Said("flying", TimeSpan.FromMinutes(1));
        Assert.NotEmpty(RigProcess.ProcessesOf(_runs));
        rig.Signal(9);
        await rig.Ended(TimeSpan.FromSeconds(20));
        await RigProcess.NothingIsLeftOf(_runs);
    }
}
