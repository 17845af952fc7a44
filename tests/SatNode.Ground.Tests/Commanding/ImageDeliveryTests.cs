using System.Text.Json.Nodes;
using SatNode.Ground.Tests.Hosting;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Tests.Commanding;

/// <summary>A deploy is released once its image is on board, however many contacts that takes.</summary>
public sealed class ImageDeliveryTests
{
    private const int Chunk = ImageDelivery.ChunkBytes;

    [Fact]
    public async Task Delivers_in_as_many_contacts_as_it_takes_and_sends_nothing_twice_that_arrived()
    {
        await using TestStation station = await TestStation.StartAsync(rate: 1000);
        string deploy = await DeployAsync(station, "ndvi", 20 * Chunk);
        var delivered = new List<long>();
        await using (var satellite = new TestSatellite(station))
        {
            await satellite.GoOnlineAsync();
            Assert.Equal("image.begin", await AnswerAsync(satellite));
            Telecommand[] first = await NextAsync(satellite, 8); // and not one more before one of them ended
            Assert.Equal(0, satellite.CommandsWaiting);
            foreach (Telecommand chunk in first.Take(5))
                delivered.Add(await EndAsync(satellite, chunk, "missing"));
            foreach (Telecommand chunk in await NextAsync(satellite, 5))
                delivered.Add(await EndAsync(satellite, chunk, "missing"));
            await NextAsync(satellite, 5); // nobody answers any more
            satellite.Vanish();
        }
        await station.RestartAsync();
        await using var again = new TestSatellite(station) { Boot = 2 }; // its records are new ones
        await again.GoOnlineAsync();
        Telecommand next;
        while ((next = (await again.NextOfAllAsync()).Command).Name == "image.chunk")
            delivered.Add(await EndAsync(again, next, "missing"));
        Assert.Equal((deploy, "function.deploy"), (next.Id, next.Name));
        Assert.Equal(Enumerable.Range(0, 20).Select(chunk => (long)chunk), delivered.Order()); // each once
        await again.SendVerificationAsync(deploy, VerificationStage.Acceptance);
        await again.SendVerificationAsync(deploy, VerificationStage.Completion);
        JsonNode command = await station.GetAsync($"api/v1/commands/{deploy}");
        Assert.Equal("completed", (string?)command["state"]);
        Assert.Equal(["", "delivering 20 of 20 chunks", "the image is on board"], command["stages"]!.AsArray().Take(3).Select(stage => (string?)stage!["detail"]));
        Assert.Single((await station.GetAsync($"api/v1/satellites/{TestStation.Sat}/commands")).AsArray()); // the deploy; what delivered it is not listed
    }

    [Fact]
    public async Task Sends_only_what_the_satellite_says_is_missing()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        string first = await DeployAsync(station, "ndvi", 3 * Chunk);
        await EndAsync(satellite, (await satellite.NextOfAllAsync()).Command, "missing 1 of 3");
        Telecommand chunk = (await satellite.NextOfAllAsync()).Command;
        Assert.Equal(("image.chunk", 1L), (chunk.Name, chunk.Arguments["chunk"].AsInteger()));
        Assert.Equal(Module("ndvi", 3 * Chunk)[Chunk..(2 * Chunk)], chunk.Arguments["bytes"].AsBytes());
        await EndAsync(satellite, chunk, "complete");
        Assert.Equal(first, (await satellite.NextOfAllAsync()).Command.Id);

        string second = await DeployAsync(station, "ndvi", 3 * Chunk);
        await EndAsync(satellite, (await satellite.NextOfAllAsync()).Command, "complete");
        Assert.Equal(second, (await satellite.NextOfAllAsync()).Command.Id); // nothing at all
    }

    [Fact]
    public async Task Two_deploys_of_one_image_deliver_it_once()
    {
        await using TestStation station = await TestStation.StartAsync();
        string first = await DeployAsync(station, "ndvi", 2 * Chunk), second = await DeployAsync(station, "ndvi", 2 * Chunk);
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        var came = new List<string>();
        Telecommand command;
        do
        {
            command = (await satellite.NextOfAllAsync()).Command;
            came.Add(command.Name == Commands.DeployFunction.Name ? command.Id : command.Name);
            await EndAsync(satellite, command, satellite.TakeImage(command)?.ToString() ?? "");
        }
        while (command.Id != second);
        Assert.Equal(["image.begin", "image.chunk", "image.chunk"], came.Take(3));
        Assert.Equal(new[] { first, "image.begin", second }.Order(), came.Skip(3).Order()); // the second asks, and nothing is missing
    }

    [Fact]
    public async Task A_chunk_that_was_sent_is_sent_again_though_its_image_left_the_library()
    {
        await using TestStation station = await TestStation.StartAsync(rate: 1000);
        string deploy = await DeployAsync(station, "ndvi", Chunk);
        string image = (string)(await station.GetAsync("api/v1/images"))[0]!["digest"]!;
        Telecommand chunk;
        await using (var satellite = new TestSatellite(station))
        {
            await satellite.GoOnlineAsync();
            await EndAsync(satellite, (await satellite.NextOfAllAsync()).Command, "missing 0 of 1");
            chunk = (await satellite.NextOfAllAsync()).Command;
            satellite.Vanish();
        }
        using HttpResponseMessage removed = await station.Http.DeleteAsync($"api/v1/images/{image}", TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, removed.StatusCode);
        await station.RestartAsync();
        await using var again = new TestSatellite(station) { Boot = 2 };
        await again.GoOnlineAsync();
        Telecommand same = (await again.NextOfAllAsync()).Command;
        Assert.Equal((chunk.Id, chunk.Sequence), (same.Id, same.Sequence));
        await EndAsync(again, same, "complete");
        Assert.Equal(deploy, (await again.NextOfAllAsync()).Command.Id);
    }

    [Fact]
    public async Task Other_commands_overtake_a_delivery_and_those_about_its_function_wait()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await DeployAsync(station, "ndvi", 3 * Chunk);
        Telecommand begin = (await satellite.NextOfAllAsync()).Command;
        string undeploy = await QueueAsync(station, "function.undeploy", new JsonObject { ["name"] = "ndvi" });
        string other = await QueueAsync(station, "function.undeploy", new JsonObject { ["name"] = "alarm" });
        Assert.Equal(other, (await satellite.NextOfAllAsync()).Command.Id);
        await EndAsync(satellite, begin, "complete");
        Assert.Equal("function.deploy", (await satellite.NextOfAllAsync()).Command.Name);
        Assert.Equal(undeploy, (await satellite.NextOfAllAsync()).Command.Id);
    }

    [Fact]
    public async Task An_image_that_the_satellite_refuses_fails_its_deploy_with_the_reason()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        string deploy = await DeployAsync(station, "ndvi", Chunk);
        Telecommand begin = (await satellite.NextOfAllAsync()).Command;
        await satellite.SendVerificationAsync(begin.Id, VerificationStage.Acceptance);
        await satellite.SendVerificationAsync(begin.Id, VerificationStage.Completion, FailureReason.InvalidArgument, "function-image ndvi: expected a trusted key, found 00; refused");
        JsonNode command = await EndOfAsync(station, deploy);
        Assert.Equal(("failed", "invalid-argument", "image.begin: function-image ndvi: expected a trusted key, found 00; refused"),
            ((string?)command["state"], (string?)command["stages"]!.AsArray()[^1]!["reason"], (string?)command["stages"]!.AsArray()[^1]!["detail"]));
    }

    [Fact]
    public async Task A_delivery_begins_anew_when_a_chunk_fails_and_gives_up_after_some_rounds()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        string deploy = await DeployAsync(station, "ndvi", 2 * Chunk);
        for (int round = 0; round < Ground.Commanding.ImageDeliveries.RoundsMax; round++)
        {
            await EndAsync(satellite, (await satellite.NextOfAllAsync()).Command, "missing 0-1 of 2");
            Telecommand[] chunks = await NextAsync(satellite, 2);
            await EndAsync(satellite, chunks[0], "missing 1 of 2");
            await satellite.SendVerificationAsync(chunks[1].Id, VerificationStage.Acceptance);
            await satellite.SendVerificationAsync(chunks[1].Id, VerificationStage.Completion, FailureReason.InvalidArgument, "every chunk is forgotten");
        }
        JsonNode command = await EndOfAsync(station, deploy);
        Assert.Equal(("failed", "image.chunk: every chunk is forgotten"), ((string?)command["state"], (string?)command["stages"]!.AsArray()[^1]!["detail"]));
        Assert.Equal(0, satellite.CommandsWaiting);
    }

    [Fact]
    public async Task A_satellite_that_starts_anew_under_way_is_asked_again_what_it_has()
    {
        await using TestStation station = await TestStation.StartAsync();
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        string deploy = await DeployAsync(station, "ndvi", 2 * Chunk);
        Telecommand begin = (await satellite.NextOfAllAsync()).Command;
        await satellite.SendVerificationAsync(begin.Id, VerificationStage.Acceptance);
        satellite.Boot++; // before it could answer
        await satellite.SendEventAsync(Events.AgentStarted, null, "1.2.3", "watchdog", 12);
        Telecommand anew = (await satellite.NextOfAllAsync()).Command;
        Assert.Equal("image.begin", anew.Name);
        Assert.NotEqual(begin.Id, anew.Id);
        await EndAsync(satellite, anew, "missing 1 of 2");
        await EndAsync(satellite, (await satellite.NextOfAllAsync()).Command, "complete");
        Assert.Equal(deploy, (await satellite.NextOfAllAsync()).Command.Id);
    }

    [Fact]
    public async Task Deliveries_take_no_place_in_the_queue_and_leave_no_copies_behind()
    {
        await using TestStation station = await TestStation.StartAsync(extra: "commanding: { queueMax: 1 }");
        await DeployAsync(station, "ndvi", 3 * Chunk);
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        Assert.Equal("function.deploy", (await satellite.NextCommandAsync()).Command.Name);
        await station.StopAsync();
        using var archive = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(station.Folder, "data", "archive.db")};Pooling=False");
        archive.Open();
        using Microsoft.Data.Sqlite.SqliteCommand kept = archive.CreateCommand();
        kept.CommandText = "SELECT sum(length(coalesce(signed, x''))) + sum(length(arguments)) FROM command WHERE name = 'image.chunk'";
        Assert.InRange((long)kept.ExecuteScalar()!, 1, 3 * 200);
    }

    [Fact]
    public async Task Refuses_a_module_that_no_satellite_would_take()
    {
        await using TestStation station = await TestStation.StartAsync();
        (int status, JsonNode answer) = await PushAsync(station, "ndvi", FunctionImage.ModuleBytesMax + 1);
        Assert.Equal((400, $"function-image: expected a module of at most {FunctionImage.ModuleBytesMax} bytes, found {FunctionImage.ModuleBytesMax + 1}"), (status, (string?)answer["error"]));
        (status, answer) = await PushAsync(station, "ndvi", FunctionImage.ModuleBytesMax);
        Assert.True(status == 202, answer.ToJsonString());
    }

    private static async Task<Telecommand[]> NextAsync(TestSatellite satellite, int count)
    {
        var commands = new Telecommand[count];
        for (int i = 0; i < count; i++)
            commands[i] = (await satellite.NextOfAllAsync()).Command;
        Assert.All(commands, command => Assert.Equal("image.chunk", command.Name));
        return commands;
    }

    /// <summary>Takes the next command as an agent does that has nothing of the image.</summary>
    private static async Task<string> AnswerAsync(TestSatellite satellite)
    {
        Telecommand command = (await satellite.NextOfAllAsync()).Command;
        ImageDelivery state = Assert.NotNull(satellite.TakeImage(command));
        await EndAsync(satellite, command, state.ToString());
        return command.Name;
    }

    private static async Task<long> EndAsync(TestSatellite satellite, Telecommand command, string detail)
    {
        await satellite.SendVerificationAsync(command.Id, VerificationStage.Acceptance);
        await satellite.SendVerificationAsync(command.Id, VerificationStage.Completion, detail: detail);
        return command.Arguments.TryGetValue("chunk", out ArgumentValue chunk) ? chunk.AsInteger() : -1;
    }

    private static Task<JsonNode> EndOfAsync(TestStation station, string id) =>
        TestStation.UntilAsync(() => station.GetAsync($"api/v1/commands/{id}"), command => (string?)command["state"] is "failed" or "completed");

    private static async Task<string> QueueAsync(TestStation station, string name, JsonObject arguments)
    {
        (int status, JsonNode answer) = await station.PostAsync($"api/v1/satellites/{TestStation.Sat}/commands", new JsonObject { ["name"] = name, ["arguments"] = arguments });
        Assert.True(status == 202, answer.ToJsonString());
        return (string)answer["id"]!;
    }

    private static async Task<string> DeployAsync(TestStation station, string name, int moduleBytes)
    {
        (int status, JsonNode answer) = await PushAsync(station, name, moduleBytes);
        Assert.True(status == 202, answer.ToJsonString());
        return (string)answer["id"]!;
    }

    private static Task<(int Status, JsonNode Body)> PushAsync(TestStation station, string name, int moduleBytes) => station.PostAsync($"api/v1/satellites/{TestStation.Sat}/functions", new JsonObject
    {
        ["manifestYaml"] = $"name: {name}\nversion: 1.0.0\nkind: command\n",
        ["moduleBase64"] = Convert.ToBase64String(Module(name, moduleBytes)),
    });

    private static byte[] Module(string name, int bytes)
    {
        byte[] module = new byte[bytes];
        for (int i = 0; i < module.Length; i++)
            module[i] = (byte)(((i * 31) + (i >> 8) + name[0]) & 0xFF);
        ((ReadOnlySpan<byte>)[0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0]).CopyTo(module);
        return module;
    }
}
