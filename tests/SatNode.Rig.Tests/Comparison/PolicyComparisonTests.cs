using System.Text.Json.Nodes;
using System.Xml.Linq;
using SatNode.Rig.Comparison;
using SatNode.Rig.Reports;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Tests.Comparison;

/// <summary>What a flight under a policy is measured by, and when the proof holds.</summary>
public sealed class PolicyComparisonTests : IDisposable
{
    private static readonly DateTimeOffset Epoch = new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-rig-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Scenario Flown(params string[] policies) => new()
    {
        File = "s.yaml",
        Name = "stress",
        Epoch = Epoch,
        Duration = TimeSpan.FromMinutes(10),
        Rate = 60,
        Seed = 1,
        Satellites = [new("p1-s1", 2, new ShellOrbit(new(1, 1, 550, 53, 0, 0), 0, 0), VehicleSpec.Default)],
        Links = new([], 1, 1000),
        Stations = [],
        Checks = new(1, 2, 2, 0.02, null),
        Comparison = new(policies, 75, 1, 0.85),
    };

    private static TruthPoint Point(int second, double celsius, double charge) => new(Epoch.AddSeconds(second), celsius + 273.15, 293, charge, 15, second < 300 ? 20 : 0, second < 300 ? 1 : 0);

    private static EventRecord Said(int second, string name, params (string Key, string Value)[] arguments) =>
        new(1, (ulong)second, Epoch.AddSeconds(second), name, arguments.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal));

    /// <summary>A flight of 700 s, of which the scenario's last second is the 600th.</summary>
    private static PolicyOutcome Outcome(string policy, Func<int, double> celsius, Func<int, double> charge, double oracle = 200)
    {
        var flight = new FlightRecord
        {
            Scenario = Flown(policy),
            Satellites =
            [
                new()
                {
                    Name = "p1-s1",
                    BusyCoreSeconds = 240,
                    Truth = [.. Enumerable.Range(0, 701).Select(second => Point(second, celsius(second), charge(second)))],
                    Console =
                    [
                        Said(20, "function.deployed", ("function", "soak")), Said(100, "invocation.completed", ("cpu_seconds", "80.5")), Said(200, "invocation.deferred", ("invocation", "b")),
                        Said(220, "invocation.deferred", ("invocation", "b")), Said(300, "invocation.completed", ("cpu_seconds", "99.5")), Said(400, "invocation.refused", ("invocation", "c")),
                        Said(450, "mode.changed", ("mode", "safe")), Said(460, "mode.changed", ("mode", "nominal")), Said(650, "invocation.completed", ("cpu_seconds", "1000")),
                    ],
                },
            ],
        };
        return PolicyOutcome.Of(flight, policy) with { Oracle = new(oracle, 1e6, 1e6) };
    }

    [Fact]
    public void Limits_are_measured_second_by_second_until_the_end()
    {
        PolicyOutcome outcome = Outcome("off", second => second is >= 10 and < 15 ? 75 + second - 9 : second > 600 ? 99 : 75, second => second == 500 ? 0.25 : second > 600 ? 0.01 : 0.3);
        Assert.Equal((5.0, 5.0), (outcome.Heat.Seconds, Math.Round(outcome.Heat.Depth, 9)));
        Assert.Equal((1.0, 0.05), (outcome.Charge.Seconds, Math.Round(outcome.Charge.Depth, 9)));
        Assert.Equal((80 + 273.15, 0.25), (outcome.BoardKelvinHighest, outcome.StateOfChargeLowest));
        Assert.False(outcome.KeepsLimits);
    }

    [Fact]
    public void The_limits_themselves_are_kept() => Assert.True(Outcome("forecast", _ => 75, _ => 0.3).KeepsLimits);

    [Fact]
    public void Work_is_what_completed_until_the_end()
    {
        PolicyOutcome outcome = Outcome("forecast", _ => 60, _ => 0.5);
        Assert.Equal((2, 180.0, 1, 1, 1), (outcome.Completed, outcome.WorkSeconds, outcome.DeadlinesMissed, outcome.Deferred, outcome.SafeModes));
        Assert.Equal(0.9, outcome.WorkShare, 9);
        Assert.Equal(0.1, outcome.OwnCores, 9); // 60 of 600 s
        Assert.Equal(Epoch.AddSeconds(20), outcome.WorkFrom);
    }

    [Theory]
    [InlineData(75, 75.001, 200, true)]
    [InlineData(75.001, 75.001, 200, false)] // ours breaks a limit
    [InlineData(75, 75, 200, false)] // nothing was proven: the load breaks no limit
    [InlineData(75, 75.001, 212, false)] // ours does less than its share
    public void The_proof_needs_kept_limits_enough_work_and_a_load_that_breaks_them(double ours, double unguarded, double oracle, bool isProven)
    {
        var comparison = new PolicyComparison(Flown("forecast", "off"), [Outcome("forecast", _ => ours, _ => 0.5, oracle), Outcome("off", _ => unguarded, _ => 0.5)]);
        Assert.Equal(isProven, comparison.Passed);
        Assert.Equal(["forecast-keeps-limits", "forecast-does-work", "off-breaks-limits"], comparison.Checks.Select(check => check.Name));
    }

    [Fact]
    public void A_flight_of_which_nothing_is_known_proves_nothing()
    {
        FlightRecord nothing = new() { Scenario = Flown("forecast"), Satellites = [new() { Name = "p1-s1" }] };
        PolicyOutcome outcome = PolicyFlights.Measure(nothing with { Scenario = PolicyFlights.Of(nothing.Scenario, "forecast") });
        Assert.Null(outcome.Oracle);
        Assert.False(outcome.KeepsLimits);
        var comparison = new PolicyComparison(Flown("forecast"), [outcome]);
        Assert.All(comparison.Checks, check => Assert.False(check.Passed));
        Assert.False(new PolicyComparison(Flown("thresholds"), [Outcome("thresholds", _ => 50, _ => 0.5)]).Passed); // and without checks nothing passed
    }

    [Fact]
    public void The_report_has_both_numbers_of_every_policy_a_table_and_a_plot()
    {
        var comparison = new PolicyComparison(Flown("forecast", "off", "hyperdrive", "thresholds"),
            [.. ComparisonSpec.Known.Select(policy => Outcome(policy, second => policy == "off" && second < 7 ? 76 : 70, _ => 0.5))]);
        ReportFiles.Write(_folder, comparison);
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "report.json")))!;
        Assert.True((bool)json["passed"]!);
        Assert.Equal(ComparisonSpec.Known, json["policies"]!.AsArray().Select(policy => (string)policy!["policy"]!));
        Assert.Equal([0, 7, 0, 0], json["policies"]!.AsArray().Select(policy => (double)policy!["secondsOverBoardTemperatureMax"]!));
        Assert.All(json["policies"]!.AsArray(), policy => Assert.Equal(0.9, (double)policy!["workShareOfOracle"]!));
        string text = File.ReadAllText(Path.Combine(_folder, "report.md"));
        Assert.Contains("| `off` | 7 s | 76.0 °C | 0 s | 50.0 % | 180 s | 90.0 % | 2 | 1 | 1 | 1 |", text, StringComparison.Ordinal);
        Assert.Contains("plots/policies.svg", text, StringComparison.Ordinal);
        XNamespace svg = "http://www.w3.org/2000/svg";
        XElement plot = XDocument.Load(Path.Combine(_folder, "plots", "policies.svg")).Root!;
        Assert.Equal(12, plot.Elements(svg + "polyline").Count()); // three panels of four policies
        Assert.Contains(plot.Elements(svg + "rect"), shade => (string?)shade.Attribute("class") == "eclipse");
    }
}
