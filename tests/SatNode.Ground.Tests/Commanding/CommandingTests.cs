using System.Text.Json.Nodes;
using SatNode.Ground.Tests.Hosting;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Tests.Commanding;

public sealed class CommandingTests
{
    private const string Path = $"api/v1/satellites/{TestStation.Sat}/commands";

    [Fact]
    public async Task Keeps_a_command_until_contact_and_follows_it_to_completion()
    {
        await using TestStation station = await TestStation.StartAsync();
        string id = await QueueAsync(station, "housekeeping.set-period", new JsonObject { ["seconds"] = 30 });
        Assert.Equal(["queued"], await StagesAsync(station, id));

        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        (Telecommand command, _) = await satellite.NextCommandAsync();
        Assert.Equal((id, TestStation.Sat, 1UL, "housekeeping.set-period"), (command.Id, command.Node, command.Sequence, command.Name));
        Assert.Equal(30, command.Arguments["seconds"].AsInteger());
        Assert.Equal(MissionDictionary.Digest.ToArray(), command.DictionaryDigest.ToArray());
        Assert.True(command.NotBefore < command.Expiry);
        foreach (VerificationStage stage in Enum.GetValues<VerificationStage>())
            await satellite.SendVerificationAsync(id, stage);

        Assert.Equal(["queued", "released", "accepted", "started", "progressing", "completed"], await StagesAsync(station, id));
        Assert.Equal("completed", (string?)(await station.GetAsync($"api/v1/commands/{id}"))["state"]);
        Assert.Contains("satnode_commands{satellite=\"p10-s03\",stage=\"completed\"} 1\n", await station.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_why_a_command_failed()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        string id = await QueueAsync(station, "function.undeploy", new JsonObject { ["name"] = "ndvi" });
        await satellite.NextCommandAsync();
        await satellite.SendVerificationAsync(id, VerificationStage.Acceptance);
        await satellite.SendVerificationAsync(id, VerificationStage.Completion, FailureReason.NotFound, "no function ndvi");
        JsonNode command = await station.GetAsync($"api/v1/commands/{id}");
        Assert.Equal("failed", (string?)command["state"]);
        Assert.Equal(("not-found", "no function ndvi"), ((string?)command["stages"]![3]!["reason"], (string?)command["stages"]![3]!["detail"]));
    }

    [Fact]
    public async Task Sends_the_same_bytes_again_in_a_later_contact_and_never_once_accepted()
    {
        await using TestStation station = await TestStation.StartAsync(rate: 1000);
        string id = await QueueAsync(station, "ping", []);
        byte[] first;
        await using (var satellite = new TestSatellite(station))
        {
            await satellite.GoOnlineAsync();
            first = (await satellite.NextCommandAsync()).Signed;
            satellite.Vanish(); // before any report
        }
        await station.RestartAsync();
        await using var again = new TestSatellite(station);
        await again.GoOnlineAsync();
        Assert.Equal(first, (await again.NextCommandAsync()).Signed);

        // The first copy had arrived: the second is refused as replayed, which must not fail the command.
        await again.SendVerificationAsync(id, VerificationStage.Acceptance, FailureReason.Replayed);
        Assert.Equal("released", (string?)(await station.GetAsync($"api/v1/commands/{id}"))["state"]);
        await again.SendVerificationAsync(id, VerificationStage.Acceptance);
        await again.SendVerificationAsync(id, VerificationStage.Completion);
        Assert.Equal("completed", (string?)(await station.GetAsync($"api/v1/commands/{id}"))["state"]);

        string next = await QueueAsync(station, "ping", []);
        (Telecommand command, _) = await again.NextCommandAsync();
        Assert.Equal((next, 2UL), (command.Id, command.Sequence));
        Assert.Equal(0, again.CommandsWaiting);
    }

    [Fact]
    public async Task Lets_a_command_expire_but_believes_a_late_acceptance()
    {
        await using TestStation station = await TestStation.StartAsync(rate: 60, extra: "commanding: { validitySeconds: 30 }");
        string id = await QueueAsync(station, "ping", []);
        await TestStation.UntilAsync(() => station.GetAsync($"api/v1/commands/{id}"), command => (string?)command["state"] == "expired");
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await satellite.SendVerificationAsync(id, VerificationStage.Acceptance);
        Assert.Equal("accepted", (string?)(await station.GetAsync($"api/v1/commands/{id}"))["state"]);
        await using var other = new TestSatellite(station, TestStation.OtherSat);
        await other.GoOnlineAsync();
        await other.SendVerificationAsync(id, VerificationStage.Completion); // not its command
        Assert.Equal("accepted", (string?)(await station.GetAsync($"api/v1/commands/{id}"))["state"]);
    }

    [Fact]
    public async Task Refuses_what_the_dictionary_does_not_know()
    {
        await using TestStation station = await TestStation.StartAsync(extra: "commanding: { queueMax: 1 }");
        await RefusedAsync(400, Path, new JsonObject { ["name"] = "pong" }, "name: expected a command of the dictionary, found 'pong'; did you mean 'ping'?");
        await RefusedAsync(400, Path, Command("housekeeping.set-period", new JsonObject { ["seconds"] = 0 }), "housekeeping.set-period: seconds: expected 1 to 3600, found 0");
        await RefusedAsync(400, Path, Command("housekeeping.set-period", new JsonObject { ["seconds"] = "x" }), "housekeeping.set-period: seconds: expected a whole number, found \"x\"");
        await RefusedAsync(400, Path, Command("housekeeping.set-period", []), "housekeeping.set-period: seconds: missing");
        await RefusedAsync(404, "api/v1/satellites/p10-s30/commands", Command("ping", []), "no satellite 'p10-s30'; did you mean 'p10-s03'?");
        await QueueAsync(station, "ping", []);
        await RefusedAsync(429, Path, Command("ping", []), "p10-s03: expected at most 1 commands that wait, found as many");
        using var anonymous = new HttpClient { BaseAddress = station.Http.BaseAddress };
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await anonymous.GetAsync("api/v1/satellites", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await anonymous.GetAsync("healthz", TestContext.Current.CancellationToken)).StatusCode);

        async Task RefusedAsync(int status, string path, JsonObject body, string text)
        {
            (int found, JsonNode answer) = await station.PostAsync(path, body);
            Assert.Equal((status, text), (found, (string?)answer["error"]));
        }
    }

    [Fact]
    public async Task Deploys_a_function_and_a_workflow_from_what_people_write()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        byte[] module = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];
        (int status, JsonNode answer) = await station.PostAsync($"api/v1/satellites/{TestStation.Sat}/functions", new JsonObject
        {
            ["manifestYaml"] = "name: ndvi\nversion: 1.0.0\nkind: command\nslo: { deadlineMs: 30000 }\n",
            ["moduleBase64"] = Convert.ToBase64String(module),
        });
        Assert.True(status == 202, answer.ToJsonString());
        (Telecommand deploy, _) = await satellite.NextCommandAsync();
        FunctionManifest manifest = satellite.ImageOf(deploy).Manifest;
        Assert.Equal(("ndvi", FunctionKind.Command, TimeSpan.FromSeconds(30)), (manifest.Name, manifest.Kind, manifest.Objective.Deadline));
        Assert.Equal(module, satellite.ImageOf(deploy).Module.ToArray());
        JsonNode kept = Assert.Single((await station.GetAsync("api/v1/images")).AsArray())!;
        Assert.Equal(("ndvi", new FunctionImage(manifest, module).Digest), ((string?)kept["name"], (string?)kept["digest"]));

        (status, answer) = await station.PostAsync($"api/v1/satellites/{TestStation.Sat}/workflows", new JsonObject
        {
            ["definitionYaml"] = "name: wildfire\nstages:\n  - { name: a, function: ndvi, candidates: [p10-s03] }\n  - { name: b, function: ndvi, after: [a], candidates: [p10-s04] }\n",
        });
        Assert.True(status == 202, answer.ToJsonString());
        (Telecommand workflow, _) = await satellite.NextCommandAsync();
        Assert.Equal(["a", "b"], CborDecoder.Decode<WorkflowDefinition>(workflow.Arguments["definition"].AsBytes()).Stages.Select(stage => stage.Name));

        (status, answer) = await station.PostAsync($"api/v1/satellites/{TestStation.Sat}/functions", new JsonObject
        {
            ["manifestYaml"] = "name: ndvi\nversion: 1.0.0\nkind: command\nlimit: {}\n",
            ["moduleBase64"] = Convert.ToBase64String(module),
        });
        Assert.Equal(400, status);
        Assert.StartsWith("manifestYaml:4: limit: unknown key; did you mean 'limits'?", (string?)answer["error"], StringComparison.Ordinal);
    }

    private static JsonObject Command(string name, JsonObject arguments) => new() { ["name"] = name, ["arguments"] = arguments };

    private static async Task<string> QueueAsync(TestStation station, string name, JsonObject arguments)
    {
        (int status, JsonNode body) = await station.PostAsync(Path, Command(name, arguments));
        Assert.True(status == 202, body.ToJsonString());
        return (string)body["id"]!;
    }

    private static async Task<IEnumerable<string?>> StagesAsync(TestStation station, string id) =>
        (await station.GetAsync($"api/v1/commands/{id}"))["stages"]!.AsArray().Select(stage => (string?)stage!["stage"]);
}
