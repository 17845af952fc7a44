using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Tests.Scenarios.Checks;

public sealed class FlightChecksTests
{
    [Fact]
    public void A_good_flight_passes_every_check_under_its_name()
    {
        IReadOnlyList<CheckResult> results = FlightChecks.Run(GoodFlight.Create());

        Assert.All(results, result => Assert.True(result.Passed, $"{result.Name}: {result.Detail}"));
        Assert.Equal(
        [
            "telemetry-from-every-satellite", "workflow-completed", "regions-match-reference", "thermal-constraint-acted", "power-constraint-acted",
            "state-crossed-two-hops", "command-verified", "metrics-exported", "no-event-lost",
        ], results.Select(result => result.Name));
    }

    [Fact]
    public void A_flight_of_which_nothing_is_known_passes_no_check()
    {
        FlightRecord nothing = new() { Scenario = GoodFlight.Create().Scenario, Satellites = [] };

        Assert.All(FlightChecks.Run(nothing), result => Assert.False(result.Passed, result.Name));
    }

    [Fact]
    public void A_scenario_is_judged_by_what_it_has()
    {
        FlightRecord flight = GoodFlight.Create();
        FlightRecord plain = flight with { Scenario = flight.Scenario with { Workflow = null, Commands = [] } };

        Assert.Equal(["telemetry-from-every-satellite", "metrics-exported", "no-event-lost"], FlightChecks.Run(plain).Select(result => result.Name));
    }

    [Theory]
    [InlineData(0.549, true)]
    [InlineData(0.551, false)]
    [InlineData(double.NaN, false)]
    public void Telemetry_is_held_to_the_accuracy_of_the_dictionary(double errorKelvin, bool passes)
    {
        FlightRecord flight = GoodFlight.With("p10-s04", record => record with
        {
            Samples = [.. record.Samples.Select(sample => sample.Parameter == Parameters.StructureTemperature && sample.Time == GoodFlight.Epoch.AddSeconds(100) ? sample with { Value = 290 + errorKelvin } : sample)],
        });

        CheckResult result = TelemetryCheck.Run(flight);

        Assert.Equal(passes, result.Passed);
        if (!passes)
            Assert.StartsWith("p10-s04: structure.temperature: 1 of 59 samples are further than 0.55 K from the truth", result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(301, true)]  // the Sun set a second ago: 40 W and 0 W are both true
    [InlineData(302, false)]
    public void Telemetry_may_be_stamped_two_seconds_off(int second, bool passes)
    {
        FlightRecord flight = GoodFlight.With("p10-s03", record => record with
        {
            Samples = [.. record.Samples.Where(sample => sample.Parameter != Parameters.SolarPower), .. Enumerable.Repeat(new SampleRecord(GoodFlight.Epoch.AddSeconds(second), Parameters.SolarPower, 40), 10)],
        });

        Assert.Equal(passes, TelemetryCheck.Run(flight).Passed);
    }

    [Theory]
    [InlineData(311, true, true)]   // a fifth of a machine's second at 60 × real time
    [InlineData(312, true, false)]
    [InlineData(-100, true, false)]
    public void Telemetry_may_be_held_up_beside_emulated_boards(int second, bool isEmulated, bool passes)
    {
        FlightRecord flight = GoodFlight.With("p10-s03", record => record with
        {
            IsEmulated = isEmulated,
            Samples = [.. record.Samples.Where(sample => sample.Parameter != Parameters.SolarPower), .. Enumerable.Repeat(new SampleRecord(GoodFlight.Epoch.AddSeconds(second), Parameters.SolarPower, 40), 10)],
        });

        Assert.Equal(passes, TelemetryCheck.Run(flight).Passed);
    }

    [Fact]
    public void Telemetry_needs_enough_samples_within_the_flight_of_every_satellite()
    {
        FlightRecord few = GoodFlight.With("p11-s04", record => record with { Samples = [.. record.Samples.Take(5 * 9)] });
        Assert.Contains("p11-s04: board.temperature: expected at least 10 samples, found 9", TelemetryCheck.Run(few).Detail, StringComparison.Ordinal);

        FlightRecord late = GoodFlight.With("p11-s04", record => record with { Truth = [.. record.Truth.Take(500)] });
        Assert.Contains("p11-s04: board.temperature: 10 of 59 samples are stamped outside the flight", TelemetryCheck.Run(late).Detail, StringComparison.Ordinal);

        FlightRecord one = GoodFlight.Create();
        Assert.Equal("p11-s04: nothing was recorded", TelemetryCheck.Run(one with { Satellites = [.. one.Satellites.Take(2)] }).Detail);
    }

    [Fact]
    public void The_workflow_must_complete_every_stage_in_one_run()
    {
        FlightRecord trapped = GoodFlight.With("p11-s04", record => record with { Invocations = [GoodFlight.Report("detect", InvocationResult.Trapped)] });
        Assert.Equal(new CheckResult("workflow-completed", false, "no run of 'fire' completed; best run 1 of 2 stages"), WorkflowChecks.Completed(trapped));

        FlightRecord torn = GoodFlight.With("p11-s04", record => record with { Invocations = [GoodFlight.Report("detect", run: "r2", output: GoodFlight.Regions)] });
        Assert.False(WorkflowChecks.Completed(torn).Passed);
        Assert.False(WorkflowChecks.RegionsMatch(torn).Passed);
    }

    [Theory]
    [InlineData("\"pixels\":61", "\"pixels\":62", "run r1: region 1: pixels: expected 61, found 62")]
    [InlineData("[61,0,72,10]", "[61,0,72,11]", "run r1: region 1: bbox: expected [61, 0, 72, 10], found [61,0,72,11]")]
    [InlineData("-0.3277", "-0.3276", "run r1: region 1: meanNbr: expected -0.327722 within 0.0001, found -0.3276")]
    [InlineData("\"id\":1", "\"id\":2", "run r1: expected region 1, found 2")]
    [InlineData("\"burntPixels\":90", "\"burntPixels\":91", "run r1: expected 90 burnt pixels, found 91")]
    [InlineData("\"features\":[", "\"features\":[{},", "run r1: expected 1 regions, found 2")]
    [InlineData("\"features\"", "\"feature\"", "run r1: the output is not a dataset of regions: The given key was not present in the dictionary.")]
    [InlineData("{\"type\"", "nonsense", "run r1: the output is not JSON: ")]
    [InlineData("", "", "run r1: the output is empty")]
    public void Regions_must_be_those_of_the_reference(string old, string @new, string expected)
    {
        string good = System.Text.Encoding.UTF8.GetString(GoodFlight.Regions);
        Assert.Contains(old, good, StringComparison.Ordinal);
        string output = old.Length == 0 ? "" : good.Replace(old, @new, StringComparison.Ordinal);
        FlightRecord flight = GoodFlight.With("p11-s04", record => record with { Invocations = [GoodFlight.Report("detect", output: System.Text.Encoding.UTF8.GetBytes(output))] });

        CheckResult result = WorkflowChecks.RegionsMatch(flight);

        Assert.False(result.Passed);
        Assert.StartsWith(expected, result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("board-temperature", "constraint", "state-of-charge", "no invocation was deferred or offloaded by the board-temperature constraint")]
    [InlineData("board-temperature", "predicted", "338.15", "p10-s03 at 12:02:00: detect deferred until 12:05: predicted 338.15 does not break the limit 338.15")]
    [InlineData("board-temperature", "predicted", "hot", "p10-s03 at 12:02:00: detect deferred until 12:05: predicted NaN does not break the limit 338.15")]
    public void Heat_must_have_acted_with_numbers_that_break_the_limit(string constraint, string argument, string value, string expected)
    {
        FlightRecord flight = WithArgument(constraint, argument, value);

        Assert.Equal(new CheckResult("thermal-constraint-acted", false, expected), ConstraintChecks.Thermal(flight));
    }

    [Theory]
    [InlineData("0.3", false)]
    [InlineData("0.299", true)]
    public void Charge_must_have_acted_below_its_limit(string predicted, bool passes) =>
        Assert.Equal(passes, ConstraintChecks.Power(WithArgument("state-of-charge", "predicted", predicted)).Passed);

    [Theory]
    [InlineData(1.5, true)]
    [InlineData(1.7, false)] // with the 0.4 K of the good flight's sensor beyond 2 K
    public void What_was_sensed_when_heat_acted_must_be_the_truth(double kelvin, bool passes)
    {
        FlightRecord flight = GoodFlight.Create();
        flight = flight with
        {
            Satellites = [.. flight.Satellites.Select(record => record with { Truth = [.. record.Truth.Select(point => point with { BoardKelvin = point.BoardKelvin - kelvin })] })],
        };

        Assert.Equal(passes, ConstraintChecks.Thermal(flight).Passed);
    }

    [Fact]
    public void State_must_have_crossed_two_links_that_carried_its_bytes()
    {
        FlightRecord good = GoodFlight.Create();
        Assert.Contains("p10-s03 → p10-s04 → p11-s04", StateCheck.Run(good).Detail, StringComparison.Ordinal);

        Assert.False(StateCheck.Run(good with { Links = [good.Links[0], good.Links[1] with { Bytes = 6999 }] }).Passed);
        Assert.False(StateCheck.Run(good with { Links = [new("p10-s03", "p11-s04", 9000)] }).Passed);
        FlightRecord oneHop = GoodFlight.With("p11-s04", record => record with { Archive = [.. record.Archive.Where(item => item.Name != "state.received")] });
        Assert.Equal("state came over 1 hop at most", StateCheck.Run(oneHop).Detail);
    }

    [Theory]
    [InlineData("queued released accepted started progressing completed", true)]
    [InlineData("queued released released accepted started completed", true)]
    [InlineData("queued released accepted started", false)]
    [InlineData("queued accepted released started completed", false)]
    [InlineData("queued released accepted started failed", false)]
    [InlineData("queued released accepted started completed failed", false)]
    [InlineData("", false)]
    public void A_command_must_go_through_every_stage_in_order(string states, bool passes)
    {
        FlightRecord flight = GoodFlight.Create();

        CheckResult result = CommandCheck.Run(flight with { Commands = [flight.Commands[0] with { States = states.Split(' ', StringSplitOptions.RemoveEmptyEntries) }] });

        Assert.Equal(passes, result.Passed);
    }

    [Theory]
    [InlineData("satnode_up{satellite=\"p11-s04\"} 1", "", true)]
    [InlineData("satnode_board_temperature_celsius{satellite=\"p11-s04\"} 2.6e1 1782043200000", "", false)] // the other series of it are no telemetry
    [InlineData("{satellite=\"p10-s04\"}", "{satellite=\"p10-s05\"}", false)]
    [InlineData("function=\"detect\"", "function=\"detects\"", false)]
    [InlineData("cost_efficiency{target_namespace=\"default\",target_name=\"detect\"} 12.5", "cost_efficiency{target_name=\"detect\"} NaN", false)]
    [InlineData("v1_cost_efficiency", "v1_cost", false)]
    [InlineData("celsius{satellite=\"p10-s03\"} 26.5", "celsius{satellite=\"p10-s03} 26.5", false)]
    [InlineData("26.5", "", false)]
    [InlineData("26.5", "much", false)]
    public void Metrics_must_be_readable_and_whole(string old, string @new, bool passes)
    {
        FlightRecord flight = GoodFlight.Create();
        Assert.Contains(old, flight.MetricsText, StringComparison.Ordinal);

        Assert.Equal(passes, MetricsCheck.Run(flight with { MetricsText = flight.MetricsText.Replace(old, @new, StringComparison.Ordinal) }).Passed);
    }

    [Fact]
    public void A_lost_event_is_found()
    {
        FlightRecord lost = GoodFlight.With("p10-s03", record => record with { Archive = [.. record.Archive.Where(item => item.Sequence != 3)] });
        Assert.Contains("p10-s03: 1 of 5 events are not in the archive: 1/3 invocation.offloaded", EventCheck.Run(lost).Detail, StringComparison.Ordinal);

        FlightRecord last = GoodFlight.With("p10-s03", record => record with { Archive = [.. record.Archive.Take(4)] });
        Assert.Contains("1/5 agent.stopping", EventCheck.Run(last).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_doubled_swapped_renamed_or_invented_event_is_found()
    {
        Assert.Contains("twice", Archive(events => [.. events, events[^1]]), StringComparison.Ordinal);
        Assert.Contains("archive: expected event 1/2 or a new boot, found 1/3", Archive(events => [events[0], events[2], events[1], .. events[3..]]), StringComparison.Ordinal);
        Assert.Contains("was written as agent.started and archived as ping", Archive(events => [events[0] with { Name = "ping" }, .. events[1..]]), StringComparison.Ordinal);
        Assert.Contains("1 events are in the archive that the agent did not write", Archive(events => [.. events, GoodFlight.Event(6, "agent.stopping")]), StringComparison.Ordinal);
        FlightRecord gap = GoodFlight.With("p10-s03", record => record with { Console = [.. record.Console.Skip(1)], Archive = [.. record.Archive.Skip(1)] });
        Assert.Contains("console: expected event 0/1, found 1/2", EventCheck.Run(gap).Detail, StringComparison.Ordinal);

        static string Archive(Func<EventRecord[], EventRecord[]> change)
        {
            CheckResult result = EventCheck.Run(GoodFlight.With("p10-s03", record => record with { Archive = change([.. record.Archive]) }));
            Assert.False(result.Passed);
            return result.Detail;
        }
    }

    [Fact]
    public void A_second_boot_counts_from_one_again()
    {
        FlightRecord flight = GoodFlight.With("p10-s03", record =>
        {
            EventRecord[] both = [.. record.Console, GoodFlight.Event(1, "agent.started") with { Boot = 2 }];
            return record with { Console = both, Archive = both };
        });

        Assert.True(EventCheck.Run(flight).Passed);
    }

    /// <summary>The good flight with an argument of the event of a constraint changed on every satellite.</summary>
    private static FlightRecord WithArgument(string constraint, string argument, string value)
    {
        FlightRecord flight = GoodFlight.Create();
        return flight with
        {
            Satellites =
            [
                .. flight.Satellites.Select(record => record with
                {
                    Archive = [.. record.Archive.Select(item => item.Text("constraint") == constraint ? item with { Arguments = new Dictionary<string, string>(item.Arguments, StringComparer.Ordinal) { [argument] = value } } : item)],
                }),
            ],
        };
    }
}
