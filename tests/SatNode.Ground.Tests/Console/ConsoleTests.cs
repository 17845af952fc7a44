using System.Text.Json.Nodes;
using SatNode.Ground.Tests.Hosting;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Tests.Console;

public sealed class ConsoleTests
{
    private const string Sat = TestStation.Sat;

    [Fact]
    public async Task Shows_satellites_plain_on_a_terminal_and_as_JSON()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await satellite.SendAsync(TelemetryStream.Housekeeping, Samples((Parameters.BoardTemperature, 320.65), (Parameters.StateOfCharge, 0.125), (Parameters.Mode, 0)));

        var plain = new ConsoleRun(station);
        Assert.Equal(0, await plain.RunAsync("sat", "list"));
        Assert.Equal("satellite\tcontact\tlast seen\tmode\tboard °C\tcharge %\tfunctions\trunning", plain.Lines[0]);
        string[] cells = plain.Lines[1].Split('\t');
        Assert.Equal([Sat, "yes", "nominal", "47.5", "12.5"], [cells[0], cells[1], cells[3], cells[4], cells[5]]);
        Assert.StartsWith($"{TestStation.OtherSat}\tno\tnever\tunknown\t\t\t", plain.Lines[2], StringComparison.Ordinal);

        var terminal = new ConsoleRun(station, isTerminal: true);
        Assert.Equal(0, await terminal.RunAsync("sat", "list"));
        Assert.Contains("━━━", terminal.Output, StringComparison.Ordinal);
        Assert.Contains("47.5", Assert.Single(terminal.Lines, line => line.Contains(Sat, StringComparison.Ordinal)), StringComparison.Ordinal);

        var json = new ConsoleRun(station);
        Assert.Equal(0, await json.RunAsync("sat", "list", "--json"));
        Assert.Equal(320.65, (double?)JsonNode.Parse(json.Output)![0]!["housekeeping"]!["values"]!["board.temperature"]!["value"]);

        var show = new ConsoleRun(station);
        Assert.Equal(0, await show.RunAsync("sat", "show", Sat));
        Assert.Contains("board\t47.5 °C", show.Lines);
        Assert.Contains("charge\t12.5 %", show.Lines);
        Assert.StartsWith("contact\tsince 2026-06-21 ", Assert.Single(show.Lines, line => line.StartsWith("contact", StringComparison.Ordinal)), StringComparison.Ordinal);
        show = new ConsoleRun(station, isTerminal: true);
        Assert.Equal(0, await show.RunAsync("sat", "show", Sat));
        Assert.Contains("47.5 °C", Assert.Single(show.Lines, line => line.StartsWith("board ", StringComparison.Ordinal)), StringComparison.Ordinal);
        show = new ConsoleRun(station);
        Assert.Equal(0, await show.RunAsync("sat", "show", Sat, "--json"));
        Assert.Equal(1003, (int?)JsonNode.Parse(show.Output)!["number"]);
    }

    [Fact]
    public async Task Reads_the_latest_values_and_a_history_in_the_units_of_people()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await satellite.SendAsync(TelemetryStream.Housekeeping, Samples((Parameters.BoardTemperature, 300)), time: new(TestSatellite.Noon.Milliseconds));
        await satellite.SendAsync(TelemetryStream.Housekeeping, Samples((Parameters.BoardTemperature, 301), (Parameters.Mode, 1)), time: new(TestSatellite.Noon.Milliseconds + 10_000));

        Assert.Equal((0, "parameter\tvalue\tunit\tnominal\ttime\nboard.temperature\t27.9\t°C\t-20 to 75\t2026-06-21 12:00:10\nagent.mode\tsafe\t\t\t2026-06-21 12:00:10\n", ""),
            await ConsoleRun.OfAsync(station, "tm", "get", Sat, "board.temperature", "agent.mode"));
        (int code, string output, _) = await ConsoleRun.OfAsync(station, "tm", "get", Sat, "board.temperature", "--last", "2");
        Assert.Equal((0, "board.temperature\t26.9\t°C\t-20 to 75\t2026-06-21 12:00:00"), (code, output.Split('\n')[1]));
        (code, output, _) = await ConsoleRun.OfAsync(station, "tm", "get", Sat, "board.temperature", "--json");
        Assert.Equal("""[{"parameter":"board.temperature","time":"2026-06-21T12:00:10.000Z","value":301,"unit":"kelvin","low":253.15,"high":348.15}]""", output.TrimEnd());
        Assert.Equal((0, "parameter\tvalue\tunit\tnominal\ttime\n", ""), await ConsoleRun.OfAsync(station, "tm", "get", TestStation.OtherSat));
    }

    [Fact]
    public async Task Sends_a_telecommand_and_shows_each_stage_to_its_end()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        var run = new ConsoleRun(station);
        Task<int> sent = run.RunAsync("cmd", "send", Sat, "housekeeping.set-period", "seconds=20", "--wait");
        (Telecommand command, _) = await satellite.NextCommandAsync();
        Assert.Equal(20, command.Arguments["seconds"].AsInteger());
        foreach (VerificationStage stage in Enum.GetValues<VerificationStage>())
            await satellite.SendVerificationAsync(command.Id, stage);
        Assert.Equal(0, await sent);
        Assert.Equal(["queued", "released", "accepted", "started", "progressing", "completed"], run.Lines.Select(line => line.Split('\t')[2]));
        Assert.All(run.Lines, line => Assert.Equal(Sat, line.Split('\t')[1]));
        Assert.StartsWith("2026-06-21T12:", run.Lines[0], StringComparison.Ordinal);

        (int code, string history, _) = await ConsoleRun.OfAsync(station, "cmd", "history", Sat);
        Assert.Equal((0, "housekeeping.set-period seconds=20", "completed"), (code, history.Split('\n')[1].Split('\t')[2], history.Split('\n')[1].Split('\t')[3]));
    }

    [Fact]
    public async Task Ends_with_1_when_the_satellite_fails_a_telecommand_and_says_why()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        var run = new ConsoleRun(station, isTerminal: true);
        Task<int> sent = run.RunAsync("cmd", "send", Sat, "function.undeploy", "name=ndvi", "--wait");
        (Telecommand command, _) = await satellite.NextCommandAsync();
        await satellite.SendVerificationAsync(command.Id, VerificationStage.Acceptance);
        await satellite.SendVerificationAsync(command.Id, VerificationStage.Completion, FailureReason.NotFound, "no function 'ndvi' on this node");
        Assert.Equal(1, await sent);
        Assert.Contains("failed       not-found: no function 'ndvi' on this node", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_contact_says_when_the_next_pass_is_and_ends_with_3_when_time_is_up()
    {
        await using TestStation station = await TestStation.StartAsync(extra: TestStation.Antennas, withOrbit: true);
        (int code, string output, string errors) = await ConsoleRun.OfAsync(station, "cmd", "send", Sat, "ping", "--wait", "--timeout", "1");
        Assert.Equal(3, code);
        Assert.Matches($@"^2026-06-21T12:\S+\t{Sat}\tqueued\t\n$", output);
        string[] lines = errors.Split('\n');
        Assert.Matches($@"^{Sat} is out of contact; (its next pass is over (redu|white-sands) at 2026-06-2\d \d\d:\d\d:\d\d, in .* of the world, .* here|the pass over .* lasts until .*)$", lines[0]);
        Assert.Matches($"^satnode-ground: not ended after 1 s; command [0-9a-f]+ to {Sat} is queued and goes on without this console$", lines[1]);
        (code, output, _) = await ConsoleRun.OfAsync(station, "cmd", "send", Sat, "ping", "--json");
        Assert.Equal((0, "queued"), (code, (string?)JsonNode.Parse(output)!["state"]));
    }

    [Fact]
    public async Task Lists_events_by_severity_and_name()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await satellite.SendEventAsync(Events.LinkUp, null, "p10-s04");
        await satellite.SendEventAsync(Events.InvocationFailed, null, "ndvi", "i-1", "trap");
        await satellite.SendEventAsync(Events.LinkDown, null, "p10-s04", "lost");
        Assert.Equal((0, $"2026-06-21T12:00:00.000Z\t{Sat}\tmedium\tinvocation.failed function=ndvi invocation=i-1 reason=trap\n", ""),
            await ConsoleRun.OfAsync(station, "events", "list", "--severity", "low"));
        (int code, string output, _) = await ConsoleRun.OfAsync(station, "events", "list", Sat, "--name", "link.down", "--json");
        Assert.Equal((0, "lost"), (code, (string?)JsonNode.Parse(output)!["arguments"]!["reason"]));
        (code, output, _) = await ConsoleRun.OfAsync(station, "events", "list", "--last", "1");
        Assert.Contains("link.down", Assert.Single(output.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predicts_passes_over_a_station()
    {
        await using TestStation station = await TestStation.StartAsync(extra: TestStation.Antennas, withOrbit: true);
        (int code, string output, _) = await ConsoleRun.OfAsync(station, "pass", "next", Sat, "--station", "redu", "--count", "3", "--json");
        Assert.Equal(0, code);
        JsonArray passes = JsonNode.Parse(output)!.AsArray();
        Assert.Equal(3, passes.Count);
        Assert.All(passes, pass => Assert.Equal((Sat, "redu"), ((string?)pass!["satellite"], (string?)pass["station"])));
        Assert.All(passes, pass => Assert.InRange((double)pass!["maxElevationDegrees"]!, 5, 90));
        Assert.All(passes.Zip(passes.Skip(1)), pair => Assert.True(string.CompareOrdinal((string?)pair.First!["los"], (string?)pair.Second!["aos"]) < 0));
        var run = new ConsoleRun(station, isTerminal: true);
        Assert.Equal(0, await run.RunAsync("pass", "next", "--count", "2"));
        Assert.Equal(2, run.Lines.Count(line => line.Contains(Sat, StringComparison.Ordinal)));
        Assert.Equal((2, "", "satnode-ground: no ground station 'rdu'; did you mean 'redu'?\n"), await ConsoleRun.OfAsync(station, "pass", "next", "--station", "rdu"));
        Assert.Equal((2, "", $"satnode-ground: {TestStation.OtherSat}: its orbit is not known here; add its tle to the station's configuration\n"), await ConsoleRun.OfAsync(station, "pass", "next", TestStation.OtherSat));
        Assert.Equal((2, "", "satnode-ground: limit: expected 1 to 1000, found 0\n"), await ConsoleRun.OfAsync(station, "pass", "next", "--count", "0"));
    }

    [Fact]
    public async Task Says_when_no_station_answers()
    {
        await using TestStation station = await TestStation.StartAsync();
        string url = station.Http.BaseAddress!.ToString();
        await station.StopAsync();
        Assert.Equal((2, "", $"satnode-ground: {Path.Combine(station.Folder, "ground.yaml")}: no station of this configuration runs here\n"), await ConsoleRun.OfAsync(station, "sat", "list"));
        var run = new ConsoleRun(station);
        using SatNode.Ground.Console.Session session = run.NewSession();
        Assert.Equal(2, await SatNode.Ground.Console.CommandLine.RunAsync(SatNode.Ground.Console.CommandLine.Tree(session), session.Screen, ["sat", "list", "--url", url, "--keys", station.Keys]));
        Assert.StartsWith("satnode-ground: no station answers: Connection refused", run.Errors, StringComparison.Ordinal);
        run = new ConsoleRun(station);
        using SatNode.Ground.Console.Session other = run.NewSession();
        Assert.Equal(2, await SatNode.Ground.Console.CommandLine.RunAsync(SatNode.Ground.Console.CommandLine.Tree(other), other.Screen, ["sat", "list", "--url", "nowhere", "--keys", station.Keys]));
        Assert.Equal("satnode-ground: --url: expected a URL such as http://127.0.0.1:8080, found 'nowhere'\n", run.Errors);
    }

    internal static Housekeeping Samples(params (ParameterDefinition Parameter, double Value)[] samples) =>
        new([.. samples.Select(sample => new ParameterSample(sample.Parameter.Id, sample.Value))]);
}
