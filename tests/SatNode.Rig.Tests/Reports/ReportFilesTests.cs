using System.Text.Json;
using System.Xml.Linq;
using SatNode.Rig.Reports;
using SatNode.Rig.Scenarios.Checks;
using SatNode.Rig.Tests.Scenarios.Checks;

namespace SatNode.Rig.Tests.Reports;

public sealed class ReportFilesTests : IDisposable
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly string _folder = Directory.CreateTempSubdirectory("report").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Writes_json_markdown_and_a_plot_of_each_satellite_and_nothing_else()
    {
        FlightRecord flight = GoodFlight.Create();

        ReportFiles.Write(_folder, flight, Report.Of(flight));

        Assert.Equal(["plots/p10-s03.svg", "plots/p10-s04.svg", "plots/p11-s04.svg", "report.json", "report.md"],
            Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder, file)).Order());
        string markdown = File.ReadAllText(Path.Combine(_folder, "report.md"));
        Assert.StartsWith("# small: passed", markdown, StringComparison.Ordinal);
        Assert.Contains("](plots/p11-s04.svg)", markdown, StringComparison.Ordinal);
        Assert.Contains("| 2.0 | p10-s03 | detect | deferred until 12:05 | board-temperature | 68.1 °C | 65.0 °C |", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void The_json_has_what_the_contract_names()
    {
        using JsonDocument report = JsonDocument.Parse(Report.Of(GoodFlight.Create()).ToJson());

        JsonElement root = report.RootElement;
        Assert.Equal("small", root.GetProperty("scenario").GetString());
        Assert.True(root.GetProperty("passed").GetBoolean());
        JsonElement check = root.GetProperty("checks")[8];
        Assert.Equal("no-event-lost", check.GetProperty("name").GetString());
        Assert.True(check.GetProperty("passed").GetBoolean());
        Assert.NotEqual("", check.GetProperty("detail").GetString());
        Assert.Equal(["agent.rss_mb=30", "agent.binary_mb=7", "agent.start_ms=150", "flight.wall_s=60", "events.total=15", "invocations.total=2", "state.local_hits=2", "state.remote_hits=0"],
            root.GetProperty("metrics").EnumerateObject().Select(metric => $"{metric.Name}={metric.Value}"));
    }

    [Fact]
    public void A_machine_that_was_too_slow_for_the_start_is_named_in_every_form_of_the_report()
    {
        FlightRecord inTime = GoodFlight.Create(), late = inTime with { Machine = inTime.Machine with { LateSeconds = 12.5 } };
        const string Told = "the flight was ready 12.5 s after the epoch";

        var report = Report.Of(late);
        Assert.Contains(Told, ReportText.Write(report, "."), StringComparison.Ordinal);
        Assert.Contains(Told, MarkdownReport.Write(late, report, name => name), StringComparison.Ordinal);
        Assert.Contains(Told, report.ToJson(), StringComparison.Ordinal);
        Assert.Null(Report.Of(inTime).Warning);
    }

    [Fact]
    public void One_failed_check_fails_the_report_and_an_unknown_number_is_null()
    {
        FlightRecord flight = GoodFlight.Create() with { MetricsText = "", Machine = new(0, 1) };

        Report report = Report.Of(flight);

        Assert.False(report.Passed);
        Assert.Single(report.Checks, check => !check.Passed);
        Assert.Contains("\"agent.binary_mb\": null", report.ToJson(), StringComparison.Ordinal);
        Assert.False(new Report("empty", [], []).Passed);
    }

    [Fact]
    public void The_plot_shades_eclipse_draws_limits_and_marks_decisions()
    {
        FlightRecord flight = GoodFlight.Create();

        XElement plot = XDocument.Parse(SatellitePlot.Draw(flight.Scenario, flight.Find("p11-s04")!)).Root!;

        Assert.Single(plot.Elements(Svg + "rect"), rect => Class(rect) == "eclipse");
        string[] texts = [.. plot.Elements(Svg + "text").Select(text => text.Value)];
        Assert.Contains("limit 65 °C", texts);
        Assert.Contains("reserve 30 %", texts);
        Assert.Contains("detect", texts);
        Assert.Equal(2, plot.Elements(Svg + "rect").Count(rect => Class(rect) == "ran")); // the invocation and the legend
        Assert.Equal(2, plot.Elements(Svg + "path").Count(path => Class(path) == "deferred"));
        Assert.Equal(2, plot.Elements(Svg + "path").Count(path => Class(path) == "offloaded"));

        static string? Class(XElement element) => element.Attribute("class")?.Value;
    }

    [Fact]
    public void The_plot_goes_as_far_as_the_way_home()
    {
        FlightRecord flight = GoodFlight.Create();

        XElement plot = XDocument.Parse(SatellitePlot.Draw(flight.Scenario with { Duration = TimeSpan.FromMinutes(7) }, flight.Find("p11-s04")!)).Root!;

        double frame = plot.Elements(Svg + "line").Max(line => (double)line.Attribute("x2")!);
        double end = plot.Elements(Svg + "polyline").Max(line => double.Parse(line.Attribute("points")!.Value.Split(' ')[^1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(frame, end, 0.1);
    }

    [Fact]
    public void A_satellite_of_which_nothing_is_known_has_a_plot_that_says_so() =>
        Assert.Contains("nothing was recorded", SatellitePlot.Draw(GoodFlight.Create().Scenario, new SatelliteRecord { Name = "p10-s03" }), StringComparison.Ordinal);

    [Fact]
    public void Clearing_takes_an_earlier_report_away_and_leaves_the_rest()
    {
        FlightRecord flight = GoodFlight.Create();
        ReportFiles.Write(_folder, flight, Report.Of(flight));
        File.WriteAllText(Path.Combine(_folder, "report.json.part"), "{");
        File.WriteAllText(Path.Combine(_folder, "ground.yaml"), "");

        ReportFiles.Clear(_folder);

        Assert.Equal(["ground.yaml"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
    }
}
