using System.Globalization;
using SatNode.Orbit;
using SatNode.Orbit.Constellations;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Rig.Scenarios;
using SatNode.Rig.World;

namespace SatNode.Rig.Tests.Scenarios;

public sealed class ScenarioReaderTests : IDisposable
{
    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reads_a_scenario_with_defaults_and_overrides()
    {
        Scenario scenario = ScenarioReader.Parse(ScenarioFolder.Scenario, _folder.Path);

        Assert.Equal("small", scenario.Name);
        Assert.Equal(TimeSpan.FromMinutes(10), scenario.Duration);
        Assert.Equal(60, scenario.Rate);
        Assert.Equal(["p10-s03", "p10-s04", "p11-s04"], scenario.Satellites.Select(satellite => satellite.Name));
        Assert.Equal(1003, scenario.Satellites[0].Number);
        Assert.Equal(0.6, scenario.Satellites[0].Vehicle.StateOfChargeInitial);
        Assert.Equal(0.35, scenario.Satellites[1].Vehicle.StateOfChargeInitial);
        Assert.Equal(118.8, scenario.Satellites[1].Vehicle.BatteryCapacityWattHours);
        Assert.Equal([("p10-s03", "p10-s04"), ("p10-s04", "p11-s04")], scenario.Links.Pairs);
        Assert.Equal(["ingest", "detect"], scenario.Functions.Select(function => function.Name));
        Assert.Equal(["p10-s03", "p10-s04", "p11-s04"], scenario.Functions[0].On);
        Assert.Equal(["detect"], scenario.Workflow!.Last.Select(stage => stage.Name));
        Assert.Equal(["ping", "housekeeping.set-period"], scenario.Commands.Select(command => command.Name));
        Assert.Equal(5, scenario.Commands[1].Arguments["seconds"].AsInteger());
        Assert.Equal(System.IO.Path.Combine(_folder.Root, "regions.json"), scenario.Checks.RegionsExpected);
    }

    [Fact]
    public void A_preset_and_a_board_are_the_base_and_single_values_override()
    {
        Scenario scenario = ScenarioReader.Parse(ScenarioFolder.Scenario.Replace(
            "vehicle: { stateOfChargeInitial: 0.6 }",
            "vehicle: { preset: bupt-1, board: raspberry-pi-4b, attitude: sun, stateOfChargeInitial: 0.6, solarPeakWatts: 40, stateOfChargeReserve: 0.25 }",
            StringComparison.Ordinal), _folder.Path);
        VehicleSpec vehicle = scenario.Satellites[0].Vehicle;

        Assert.Equal((0.6, 40, 0.25, 11.7), (vehicle.StateOfChargeInitial, vehicle.SolarPeakWatts, vehicle.StateOfChargeReserve, vehicle.BaselineWatts));
        Assert.Equal(AttitudeMode.Sun, vehicle.Attitude);
        Assert.Equal(16.25, vehicle.Satellite.BatteryFullVolts);
        Assert.Equal(68, vehicle.Satellite.BoardThermometerLagSeconds);
        Assert.Equal(0.35, scenario.Satellites[1].Vehicle.StateOfChargeInitial); // its own key
        Assert.Equal(16.25, scenario.Satellites[1].Vehicle.Satellite.BatteryFullVolts);
    }

    [Theory]
    [InlineData("policies: [forecast, off]", "policies: []", "small.yaml:19:25: comparison.policies: expected at least one policy")]
    [InlineData("policies: [forecast, off]", "policies: [off, off]", "small.yaml:19:31: comparison.policies[1]: 'off' stands twice")]
    [InlineData("policies: [forecast, off]", "policies: [forcast]", "found 'forcast'; did you mean 'forecast'?")]
    [InlineData("boardTemperatureMaxCelsius: 75", "boardTemperatureMaxCelsius: 86", "small.yaml:19:70: comparison.boardTemperatureMaxCelsius: expected -20 to 85, found 86")]
    public void Refuses_a_comparison_that_cannot_be_made(string right, string wrong, string line)
    {
        string text = Comparing.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEqual(Comparing, text);
        ScenarioException refusal = Assert.Throws<ScenarioException>(() => ScenarioReader.Parse(text, _folder.Path));
        Assert.EndsWith(line, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Policies_are_compared_on_one_satellite()
    {
        ComparisonSpec comparison = ScenarioReader.Parse(Comparing, _folder.Path).Comparison!;
        Assert.Equal((75.0, 1, 0.9), (comparison.BoardTemperatureMaxCelsius, comparison.FunctionCores, comparison.WorkShareMin));
        Assert.Equal(["forecast", "off"], comparison.Policies);
        string three = ScenarioFolder.Scenario + "comparison: { policies: [off], boardTemperatureMaxCelsius: 75 }\n";
        ScenarioException refusal = Assert.Throws<ScenarioException>(() => ScenarioReader.Parse(three, _folder.Path));
        Assert.EndsWith("comparison: expected one satellite to compare policies on, found 3", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>The small scenario with one satellite and no workflow, and a comparison in its last line.</summary>
    private static string Comparing { get; } = string.Join('\n', ScenarioFolder.Scenario.Split('\n')
        .Where(line => !line.Contains("p10-s04", StringComparison.Ordinal) && !line.Contains("p11-s04", StringComparison.Ordinal))
        .Where(line => !line.Contains("workflow", StringComparison.Ordinal) && !line.Contains("fire", StringComparison.Ordinal) && !line.Contains("stages", StringComparison.Ordinal) && !line.Contains("{ name: ingest", StringComparison.Ordinal)))
        .Replace("on: all", "on: [p10-s03]", StringComparison.Ordinal) + "comparison: { policies: [forecast, off], boardTemperatureMaxCelsius: 75, workShareMin: 0.9 }\n";

    [Theory]
    [InlineData("stations:", "statoins:", "small.yaml:13:1: unknown key 'statoins'; did you mean 'stations'?")]
    [InlineData("  satellites:", "  satelites:", "small.yaml:8:3: unknown key 'satelites' in constellation; did you mean 'satellites'?")]
    [InlineData("seed: 7", "gravity: 7", "small.yaml:4:1: unknown key 'gravity'; known are name, description, epoch, durationMinutes, rate, seed, vehicle, constellation, links, stations, ground, recoveryMinutes, payload, functions, workflow, commands, cloud, comparison, checks")]
    [InlineData("epoch: 2026-06-21T12:00:00Z\n", "", "small.yaml:1:1: missing key 'epoch'")]
    [InlineData("{ name: redu, latitudeDegrees: 50.002,", "{ name: redu,", "small.yaml:14:5: missing key 'latitudeDegrees' in stations[0]")]
    [InlineData("durationMinutes: 10", "durationMinutes: ten", "small.yaml:3:18: durationMinutes: expected a number, found 'ten'")]
    [InlineData("durationMinutes: 10", "durationMinutes: \"10\"", "small.yaml:3:18: durationMinutes: expected a number, found the text \"10\"")]
    [InlineData("durationMinutes: 10", "durationMinutes: NaN", "small.yaml:3:18: durationMinutes: expected 1 to 10080, found NaN")]
    [InlineData("durationMinutes: 10", "durationMinutes: 0.5", "small.yaml:3:18: durationMinutes: expected 1 to 10080, found 0.5")]
    [InlineData("seed: 7", "seed: 7.5", "small.yaml:4:7: seed: expected a whole number, found '7.5'")]
    [InlineData("seed: 7", "seed:", "small.yaml:4:6: seed: expected a whole number, found nothing")]
    [InlineData("epoch: 2026-06-21T12:00:00Z", "epoch: 2026-06-31T12:00:00Z", "small.yaml:2:8: epoch: expected a time of 2000 to 2099 like 2026-06-21T12:00:00Z, found '2026-06-31T12:00:00Z'")]
    [InlineData("vehicle: { stateOfChargeInitial: 0.6 }", "vehicle: { stateOfChargeInitial: 1.01 }", "small.yaml:5:34: vehicle.stateOfChargeInitial: expected 0 to 1, found 1.01")]
    [InlineData("vehicle: { stateOfChargeInitial: 0.6 }", "vehicle: { preset: bupt-2 }", "small.yaml:5:20: vehicle.preset: expected 'cubesat-6u' or 'small-satellite' or 'bupt-1', found 'bupt-2'; did you mean 'bupt-1'?")]
    [InlineData("vehicle: { stateOfChargeInitial: 0.6 }", "vehicle: { board: raspberry-pi }", "small.yaml:5:19: vehicle.board: expected 'raspberry-pi-4b', found 'raspberry-pi'; did you mean 'raspberry-pi-4b'?")]
    [InlineData("vehicle: { stateOfChargeInitial: 0.6 }", "vehicle: { attitude: spinning }", "small.yaml:5:22: vehicle.attitude: expected 'constant' or 'nadir' or 'sun' or 'tumbling', found 'spinning'")]
    [InlineData("vehicle: { stateOfChargeInitial: 0.6 }", "vehicle: { attitude: sun, attitudeFactor: 0.7 }", "small.yaml:5:43: vehicle.attitudeFactor: expected a constant attitude, found sun; its geometry says what the array gives")]
    [InlineData("vehicle: { stateOfChargeInitial: 0.6 }", "vehicle: [ 1 ]", "small.yaml:5:10: vehicle: expected a map, found a list")]
    [InlineData("{ name: p11-s04 }", "{ name: p72-s04 }", "small.yaml:11:15: constellation.satellites[2].name: expected plane 0 to 71, found 72")]
    [InlineData("{ name: p11-s04 }", "{ name: p11-s22 }", "small.yaml:11:15: constellation.satellites[2].name: expected slot 0 to 21, found 22")]
    [InlineData("- { name: p11-s04 }", "- { name: p00-s01 }", "small.yaml:11:15: constellation.satellites[2].name: 'p00-s01' would have node number 1, which is not for satellites; take another slot")]
    [InlineData("{ name: p11-s04 }", "{ name: p10-s03 }", "small.yaml:11:7: constellation.satellites[2]: 'p10-s03' stands twice")]
    [InlineData("{ name: p11-s04 }", "{ name: fred }", "small.yaml:11:15: constellation.satellites[2].name: expected a place in the shell like p10-s03 (plane 10, slot 3), found 'fred'")]
    [InlineData("topology: plus-grid", "topology: plusgrid", "small.yaml:12:20: links.topology: expected 'plus-grid' or 'pairs' or 'nearest' or 'spanning-tree', found 'plusgrid'; did you mean 'plus-grid'?")]
    [InlineData("topology: plus-grid", "topology: plus-grid, nearest: 2", "small.yaml:12:31: links.nearest: expected with topology 'nearest' only")]
    [InlineData("topology: plus-grid", "topology: pairs, terminals: 2, pairs: []", "small.yaml:12:27: links.terminals: expected with topology 'nearest' or 'spanning-tree' only")]
    [InlineData("topology: plus-grid", "topology: nearest, closeLoops: true", "small.yaml:12:29: links.closeLoops: expected with topology 'spanning-tree' only")]
    [InlineData("topology: plus-grid", "topology: nearest, nearest: 33", "small.yaml:12:38: links.nearest: expected 1 to 32, found 33")]
    [InlineData("topology: plus-grid", "topology: spanning-tree, terminals: 1", "small.yaml:12:46: links.terminals: expected 2 to 32, found 1")]
    [InlineData("epoch: 2026-06-21T12:00:00Z", "epoch: 2057-06-21T12:00:00Z", "small.yaml:2:8: epoch: expected a time up to 2056, the last year of element sets, found 2057")]
    [InlineData("shell: { planes: 72, perPlane: 22,", "shell: { walker: 1584/70/0,", "small.yaml:7:20: constellation.shell.walker: expected satellites/planes/phasing like 66/6/2, of at most 100 planes of 100, all full and with a phasing below the planes, found '1584/70/0'")]
    [InlineData("shell: { planes: 72, perPlane: 22,", "shell: { walker: 1584/72/0, planes: 72,", "small.yaml:7:31: constellation.shell.planes: expected without 'walker', which tells it")]
    [InlineData("shell: { planes: 72,", "shell: { pattern: stars, planes: 72,", "small.yaml:7:21: constellation.shell.pattern: expected 'delta' or 'star', found 'stars'; did you mean 'star'?")]
    [InlineData("image: scene.tif", "image: scenes.tif", "small.yaml:15:19: payload.image: no such file 'scenes.tif' (the image that the payload sees)")]
    [InlineData("manifest: ingest/function.yaml", "manifest: ingest", "small.yaml:17:17: functions[0].manifest: expected a function's manifest, found the folder 'ingest'")]
    [InlineData("on: [p10-s04, p11-s04]", "on: [p10-s05, p11-s04]", "small.yaml:18:44: functions[1].on[0]: no satellite 'p10-s05' in the constellation; did you mean 'p10-s03'?")]
    [InlineData("after: [ingest]", "after: [digest]", "small.yaml:23:31: workflow.stages[1].after[0]: expected the name of a stage above, found 'digest'")]
    [InlineData("{ name: detect, after", "{ name: detects, after", "small.yaml:23:9: workflow.stages[1].name: no function 'detects' in the scenario; did you mean 'detect'?")]
    [InlineData("candidates: [p11-s04, p10-s04]", "candidates: [p10-s03]", "small.yaml:23:52: workflow.stages[1].candidates: function 'detect' is not deployed on 'p10-s03'")]
    [InlineData("seconds: 5", "seconds: 0", "small.yaml:25:94: commands[0].arguments.seconds: expected 1 to 3600, found 0")]
    [InlineData("seconds: 5", "second: 5", "small.yaml:25:85: unknown key 'second' in commands[0].arguments; did you mean 'seconds'?")]
    [InlineData("name: ping", "name: pong", "small.yaml:26:47: commands[1].name: no command 'pong' in the dictionary; did you mean 'ping'?")]
    [InlineData("atMinutes: 1,", "atMinutes: 11,", "small.yaml:26:18: commands[1].atMinutes: expected 0 to 10, found 11")]
    [InlineData("seed: 7", "seed: 7\nseed: 8", "small.yaml:5:1: not YAML: duplicate key seed")]
    [InlineData("seed: 7", "seed: [7", "small.yaml:4:7: not YAML: a bracket, brace or quote from here on is not closed")]
    public void Refuses_with_one_line_that_names_the_place(string old, string @new, string expected)
    {
        ScenarioException refusal = Assert.Throws<ScenarioException>(() => ScenarioReader.Parse(ScenarioFolder.With(old, @new), _folder.Path));

        Assert.Equal(expected, refusal.Message.Replace(_folder.Root + "/", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Reports_all_faults_at_once_by_line()
    {
        string text = ScenarioFolder.With("name: ping", "name: pong").Replace("seed: 7", "seed: x", StringComparison.Ordinal).Replace("maxRangeKm: 5000", "maxRangeKm: 0", StringComparison.Ordinal);

        ScenarioException refusal = Assert.Throws<ScenarioException>(() => ScenarioReader.Parse(text, _folder.Path));

        Assert.Equal([4, 12, 26], refusal.Faults.Select(fault => fault.Line));
    }

    [Fact]
    public void Shows_at_most_twenty_faults_and_counts_the_rest()
    {
        string keys = string.Concat(Enumerable.Range(0, 25).Select(i => $"zz{i}zzzzzz: 1\n"));

        ScenarioException refusal = Assert.Throws<ScenarioException>(() => ScenarioReader.Parse(ScenarioFolder.Scenario + keys, _folder.Path));

        Assert.Equal(25, refusal.Faults.Count);
        string[] lines = refusal.Message.Split(Environment.NewLine);
        Assert.Equal(21, lines.Length);
        Assert.EndsWith("small.yaml: and 5 more", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_missing_scenario_a_folder_and_bytes_that_are_not_text()
    {
        Assert.EndsWith("none.yaml: no such file", Assert.Throws<ScenarioException>(() => ScenarioReader.Read(_folder.Root + "/none.yaml")).Message, StringComparison.Ordinal);
        Assert.EndsWith(": expected a file, found a folder", Assert.Throws<ScenarioException>(() => ScenarioReader.Read(_folder.Root)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(_folder.Path, [0xff, 0xfe, 0xff]);
        Assert.EndsWith("small.yaml: expected UTF-8 text", Assert.Throws<ScenarioException>(() => ScenarioReader.Read(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_module_that_is_not_wasm()
    {
        File.WriteAllText(System.IO.Path.Combine(_folder.Root, "detect", "detect.wasm"), "#!/bin/sh\n");

        ScenarioException refusal = Assert.Throws<ScenarioException>(() => ScenarioReader.Parse(ScenarioFolder.Scenario, _folder.Path));

        Assert.EndsWith("small.yaml:18:17: functions[1].manifest: detect.wasm is not a WebAssembly module: expected it to begin with 0061736d01000000, found 23212f62696e2f73",
            refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_manifest_without_its_module()
    {
        File.Delete(System.IO.Path.Combine(_folder.Root, "detect", "detect.wasm"));

        ScenarioException refusal = Assert.Throws<ScenarioException>(() => ScenarioReader.Parse(ScenarioFolder.Scenario, _folder.Path));

        Assert.EndsWith("functions[1].manifest: no module 'detect.wasm' beside the manifest", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_a_workflow_of_its_own_file_and_names_that_file_in_faults()
    {
        string inline = ScenarioFolder.Scenario[ScenarioFolder.Scenario.IndexOf("workflow:", StringComparison.Ordinal)..ScenarioFolder.Scenario.IndexOf("commands:", StringComparison.Ordinal)];
        string text = ScenarioFolder.With(inline, "workflow: { file: fire.yaml }\n");
        _folder.Write("fire.yaml", "name: fire\nstages:\n  - { name: ingest, candidates: all }\n");

        Assert.Equal(3, ScenarioReader.Parse(text, _folder.Path).Workflow!.Stages[0].Candidates.Count);

        _folder.Write("fire.yaml", "name: fire\nstages:\n  - { name: ingest, candidate: all }\n");
        Assert.EndsWith("fire.yaml:3:21: unknown key 'candidate' in stages[0]; did you mean 'candidates'?",
            Assert.Throws<ScenarioException>(() => ScenarioReader.Parse(text, _folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_star_in_Walkers_notation_is_that_of_the_library()
    {
        Scenario scenario = ScenarioReader.Parse(ScenarioFolder.With("shell: { planes: 72, perPlane: 22,", "shell: { pattern: star, walker: 1584/72/17, raanDegrees: 3,"), _folder.Path);
        WalkerShell star = WalkerShell.Of(WalkerPattern.Star, new(1584, 72, 17), 550, 53, scenario.Epoch) with { RaanOffsetDegrees = 3 };

        Tle elements = SpecOrbits.ElementsOf(scenario.Satellites[2].Orbit, scenario.Epoch);
        Assert.Equal(star.ElementsOf(11, 4), elements);
        Assert.Equal(3 + (11 * 2.5), elements.RaanDegrees, 9);
    }

    [Fact]
    public void The_seam_of_a_star_has_no_links()
    {
        const string Ends = "shell: { pattern: PATTERN, walker: 36/6/0,";
        string text = ScenarioFolder.With("shell: { planes: 72, perPlane: 22,", Ends).Replace("p10-s03", "p00-s03", StringComparison.Ordinal).Replace("p10-s04", "p05-s03", StringComparison.Ordinal).Replace("p11-s04", "p04-s03", StringComparison.Ordinal);

        Assert.Equal([("p05-s03", "p04-s03")], ScenarioReader.Parse(text.Replace("PATTERN", "star", StringComparison.Ordinal), _folder.Path).Links.Pairs);
        Assert.Equal([("p00-s03", "p05-s03"), ("p05-s03", "p04-s03")], ScenarioReader.Parse(text.Replace("PATTERN", "delta", StringComparison.Ordinal), _folder.Path).Links.Pairs);
    }

    [Fact]
    public void A_satellite_by_its_state_flies_through_it()
    {
        var orbit = new SatelliteOrbit(WalkerShell.Of(WalkerPattern.Delta, new(1584, 72, 0), 550, 53, new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero)).ElementsOf(11, 4));
        DateTimeOffset before = orbit.Elements.Epoch.AddMinutes(-30);
        TemeState now = orbit.StateAt(orbit.Elements.Epoch), then = orbit.StateAt(before);

        Scenario scenario = ScenarioReader.Parse(WithStates($"frame: teme, {Shown(now)}"), _folder.Path);
        Scenario older = ScenarioReader.Parse(WithStates($"frame: teme, epoch: 2026-06-21T11:30:00Z, bStar: 0.0001, {Shown(then)}"), _folder.Path);

        SatelliteSpec chaser = scenario.Satellites[2];
        Tle made = SpecOrbits.ElementsOf(chaser.Orbit, scenario.Epoch), madeOfOlder = SpecOrbits.ElementsOf(older.Satellites[2].Orbit, older.Epoch);
        Assert.Equal(("chaser", 900, "chaser", 900), (chaser.Name, chaser.Number, made.Name, made.CatalogNumber));
        Assert.Equal((orbit.Elements.Epoch, 0.0, before, 0.0001), (made.Epoch, made.BStar, madeOfOlder.Epoch, madeOfOlder.BStar));
        Assert.InRange((new SatelliteOrbit(made).StateAt(scenario.Epoch).PositionKm - now.PositionKm).Length, 0.0, 1e-6);
        Assert.InRange((new SatelliteOrbit(madeOfOlder).StateAt(before).PositionKm - then.PositionKm).Length, 0.0, 1e-6);
        Assert.Equal([("p10-s03", "p10-s04"), ("p10-s04", "chaser")], scenario.Links.Pairs.Where(pair => pair != ("p10-s03", "chaser")));
    }

    [Fact]
    public void Satellites_by_their_states_need_no_shell()
    {
        string text = WithStates("frame: teme, positionKm: [7000, 0, 0], velocityKmPerSecond: [0, 4, 6.4]").Replace("topology: nearest", "topology: spanning-tree", StringComparison.Ordinal);
        string[] lines = [.. text.Split('\n').Where(line => !line.Contains("shell:", StringComparison.Ordinal))];
        string refused = Assert.Throws<ScenarioException>(() => ScenarioReader.Parse(string.Join('\n', lines), _folder.Path)).Message;
        Assert.Contains("constellation: expected 'shell' or 'tle' for satellites without a 'state', found neither", refused, StringComparison.Ordinal);

        string alone = string.Join('\n', lines.Where(line => !line.Contains("{ name: p10-s0", StringComparison.Ordinal))).Replace("p10-s03", "chaser", StringComparison.Ordinal).Replace("p10-s04, chaser", "chaser", StringComparison.Ordinal).Replace("chaser, p10-s04", "chaser", StringComparison.Ordinal).Replace("p10-s04", "chaser", StringComparison.Ordinal);
        Assert.Equal(["chaser"], ScenarioReader.Parse(alone, _folder.Path).Satellites.Select(satellite => satellite.Name));
    }

    [Theory]
    [InlineData("frame: teme, positionKm: [7000, 0], velocityKmPerSecond: [0, 4, 6.4]", "state.positionKm: expected three numbers x, y, z, found 2")]
    [InlineData("frame: teme, positionKm: 7000, velocityKmPerSecond: [0, 4, 6.4]", "state.positionKm: expected a list, found '7000'")]
    [InlineData("frame: teme, positionKm: [7000, 0, x], velocityKmPerSecond: [0, 4, 6.4]", "state.positionKm[2]: expected a number, found 'x'")]
    [InlineData("frame: teme, positionKm: [7000, 0, 0]", "missing key 'velocityKmPerSecond' in constellation.satellites[2].state")]
    [InlineData("positionKm: [7000, 0, 0], velocityKmPerSecond: [0, 4, 6.4]", "missing key 'frame' in constellation.satellites[2].state")]
    [InlineData("frame: gcrf, positionKm: [7000, 0, 0], velocityKmPerSecond: [0, 4, 6.4]", "state.frame: expected 'teme', found 'gcrf'")]
    [InlineData("frame: teme, positionKm: [6000, 0, 0], velocityKmPerSecond: [0, 4, 6.4]", "state: expected a position above the Earth's surface, 6378.135 km from its centre, found 6000 km; are these km?")]
    [InlineData("frame: teme, positionKm: [7000, 0, 0], velocityKmPerSecond: [0, 11, 0]", "state: expected a speed below that of escape, 10.671736 km/s, found 11 km/s; are these km/s?")]
    [InlineData("frame: teme, epoch: 2060-01-01T00:00:00Z, positionKm: [7000, 0, 0], velocityKmPerSecond: [0, 4, 6.4]", "state.epoch: expected a time up to 2056, the last year of element sets, found 2060")]
    public void Refuses_a_state_by_its_place(string state, string expected)
    {
        ScenarioException refusal = Assert.Throws<ScenarioException>(() => ScenarioReader.Parse(WithStates(state), _folder.Path));

        ScenarioFault fault = Assert.Single(refusal.Faults);
        Assert.Equal(11, fault.Line);
        Assert.EndsWith(expected, fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nearest_links_and_trees_are_chosen_where_the_satellites_are_at_the_epoch()
    {
        Scenario grid = ScenarioReader.Parse(ScenarioFolder.Scenario, _folder.Path);
        Vector3d[] at = [.. grid.Satellites.Select(satellite => new SatelliteOrbit(SpecOrbits.ElementsOf(satellite.Orbit, grid.Epoch)).StateAt(grid.Epoch).PositionKm)];
        ((string, string) Pair, double Km)[] byLength = [.. new[] { (0, 1), (0, 2), (1, 2) }.Select(pair => ((grid.Satellites[pair.Item1].Name, grid.Satellites[pair.Item2].Name), (at[pair.Item1] - at[pair.Item2]).Length)).OrderBy(link => link.Length)];

        Assert.Equal(byLength.Select(link => link.Pair).Order(), Links("nearest").Order());
        Assert.Equal([byLength[0].Pair], Links("nearest, nearest: 2, terminals: 1"));
        Assert.Equal(byLength.Take(2).Select(link => link.Pair).Order(), Links("nearest, nearest: 1").Order());
        Assert.Equal(byLength.Take(2).Select(link => link.Pair).Order(), Links("spanning-tree").Order());
        Assert.Equal(Links("spanning-tree"), Links("spanning-tree, terminals: 2, closeLoops: true")); // no way along it is longer than six links
        Assert.Equal([byLength[0].Pair], ScenarioReader.Parse(ScenarioFolder.With("topology: plus-grid, maxRangeKm: 5000", $"topology: spanning-tree, maxRangeKm: {(int)byLength[0].Km + 1}"), _folder.Path).Links.Pairs);

        IReadOnlyList<(string From, string To)> Links(string topology) => ScenarioReader.Parse(ScenarioFolder.With("topology: plus-grid", $"topology: {topology}"), _folder.Path).Links.Pairs;
    }

    [Fact]
    public void The_grid_is_for_the_shell_alone()
    {
        string text = WithStates("frame: teme, positionKm: [7000, 0, 0], velocityKmPerSecond: [0, 4, 6.4]").Replace("topology: nearest", "topology: plus-grid", StringComparison.Ordinal);
        Assert.EndsWith("links.topology: expected 'pairs', 'nearest' or 'spanning-tree' for satellites that are not of the shell, found 'plus-grid'",
            Assert.Throws<ScenarioException>(() => ScenarioReader.Parse(text, _folder.Path)).Message, StringComparison.Ordinal);
    }

    /// <summary>The small scenario with a satellite by its state in place of the third, and links that it can have.</summary>
    private static string WithStates(string state) => ScenarioFolder.With("{ name: p11-s04 }", $"{{ name: chaser, catalogNumber: 900, state: {{ {state} }} }}")
        .Replace("p11-s04", "chaser", StringComparison.Ordinal).Replace("topology: plus-grid", "topology: nearest", StringComparison.Ordinal);

    private static string Shown(TemeState state) => string.Create(CultureInfo.InvariantCulture,
        $"positionKm: [{state.PositionKm.X}, {state.PositionKm.Y}, {state.PositionKm.Z}], velocityKmPerSecond: [{state.VelocityKmPerSecond.X}, {state.VelocityKmPerSecond.Y}, {state.VelocityKmPerSecond.Z}]");

    [Fact]
    public void Reads_named_pairs_and_refuses_one_twice()
    {
        string pairs = ScenarioFolder.With("topology: plus-grid", "topology: pairs, pairs: [[p10-s03, p11-s04], [p10-s04, p11-s04]]");
        Assert.Equal(2, ScenarioReader.Parse(pairs, _folder.Path).Links.Pairs.Count);

        string twice = ScenarioFolder.With("topology: plus-grid", "topology: pairs, pairs: [[p10-s03, p11-s04], [p11-s04, p10-s03]]");
        Assert.Contains("small.yaml:12:55: links.pairs[1]: 'p11-s04' and 'p10-s03' stand twice",
            Assert.Throws<ScenarioException>(() => ScenarioReader.Parse(twice, _folder.Path)).Message, StringComparison.Ordinal);
    }
}
