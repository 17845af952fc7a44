using System.Text.Json.Nodes;
using SatNode.Ground.Tests.Hosting;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Tests.Placement;

/// <summary>Requests to a function wherever it is best, over the whole station.</summary>
public sealed class FrontDoorTests
{
    [Fact]
    public async Task A_second_replica_relieves_the_first()
    {
        await using TestStation station = await TestStation.StartAsync(rate: 1);
        await using TestSatellite cool = await RiseAsync(station, TestStation.Sat, 40);
        await using TestSatellite warm = await RiseAsync(station, TestStation.OtherSat, 60);
        Assert.Equal(TestStation.Sat, (string?)(await InvokeAsync(station)).Body["satellite"]); // both idle: the cooler one
        Assert.Equal(TestStation.OtherSat, (string?)(await InvokeAsync(station)).Body["satellite"]); // the idle one
        Assert.Equal(TestStation.Sat, (string?)(await InvokeAsync(station)).Body["satellite"]);
        (Telecommand first, _) = await cool.NextCommandAsync();
        Assert.Equal(("function.invoke", "greet", "hello"), (first.Name, first.Arguments["name"].AsText(), System.Text.Encoding.UTF8.GetString(first.Arguments["input"].AsBytes())));
        (Telecommand second, _) = await cool.NextCommandAsync();
        foreach (Telecommand done in (Telecommand[])[first, second])
        {
            await cool.SendVerificationAsync(done.Id, VerificationStage.Acceptance);
            await cool.SendVerificationAsync(done.Id, VerificationStage.Completion);
            await TestStation.UntilAsync(() => station.GetAsync($"api/v1/commands/{done.Id}"), command => (string?)command["state"] == "completed");
        }
        Assert.Equal(TestStation.Sat, (string?)(await InvokeAsync(station)).Body["satellite"]); // none is outstanding there, one at the other
    }

    [Fact]
    public async Task Nobody_can_take_a_request_to_an_unknown_function_in_safe_mode_or_out_of_contact()
    {
        await using TestStation station = await TestStation.StartAsync(rate: 1);
        Assert.Equal((404, "no function 'greet'"), await FaultAsync(station));
        TestSatellite satellite = await RiseAsync(station, TestStation.Sat, 40);
        await satellite.SendAsync(TelemetryStream.Housekeeping, Housekeeping(40, mode: 1));
        await TestStation.UntilAsync(() => station.GetAsync($"api/v1/satellites/{TestStation.Sat}"), seen => (string?)seen["mode"] == "safe");
        Assert.Equal((503, $"no satellite that has function 'greet' can take a request now: 1 in safe mode ({TestStation.Sat})"), await FaultAsync(station));
        await satellite.DisposeAsync();
        await TestStation.UntilAsync(() => station.GetAsync($"api/v1/satellites/{TestStation.Sat}"), seen => !(bool)seen["reachable"]!);
        Assert.Equal((503, $"no satellite that has function 'greet' can take a request now: 1 out of contact ({TestStation.Sat})"), await FaultAsync(station));
        Assert.Empty((await station.GetAsync($"api/v1/satellites/{TestStation.Sat}/commands")).AsArray()); // nothing waits
    }

    [Fact]
    public async Task A_satellite_from_which_the_function_is_being_taken_gets_no_request_more()
    {
        await using TestStation station = await TestStation.StartAsync(rate: 1);
        await using TestSatellite satellite = await RiseAsync(station, TestStation.Sat, 40);
        await station.PostAsync($"api/v1/satellites/{TestStation.Sat}/commands", new() { ["name"] = "function.undeploy", ["arguments"] = new JsonObject { ["name"] = "greet" } });
        Assert.Equal((503, $"no satellite that has function 'greet' can take a request now: 1 being removed from ({TestStation.Sat})"), await FaultAsync(station));
    }

    [Theory]
    [InlineData("""{"input":7}""")]
    [InlineData("""{"input":{"base64":"%"}}""")]
    [InlineData("""{"inptu":"x"}""")]
    public async Task A_request_that_is_none_is_refused(string body)
    {
        await using TestStation station = await TestStation.StartAsync(rate: 1);
        Assert.Equal(400, (await station.PostAsync("api/v1/functions/greet/invocations", JsonNode.Parse(body)!.AsObject())).Status);
    }

    private static async Task<TestSatellite> RiseAsync(TestStation station, string name, double boardCelsius)
    {
        var satellite = new TestSatellite(station, name);
        await satellite.GoOnlineAsync();
        await satellite.SendAsync(TelemetryStream.Housekeeping, Housekeeping(boardCelsius, mode: 0));
        await satellite.SendEventAsync(Events.FunctionDeployed, null, "greet", "1.0.0", "sha256:1", 1.0);
        await TestStation.UntilAsync(() => station.GetAsync($"api/v1/satellites/{name}"), seen => seen["functions"]!.AsArray().Count == 1 && seen["mode"] is not null && (bool)seen["reachable"]!);
        return satellite;
    }

    private static Housekeeping Housekeeping(double boardCelsius, double mode) =>
        new([new(Parameters.BoardTemperature.Id, boardCelsius + 273.15), new(Parameters.StateOfCharge.Id, 0.8), new(Parameters.Mode.Id, mode)]);

    private static Task<(int Status, JsonNode Body)> InvokeAsync(TestStation station) => station.PostAsync("api/v1/functions/greet/invocations", new JsonObject { ["input"] = "hello" });

    private static async Task<(int, string)> FaultAsync(TestStation station)
    {
        (int status, JsonNode body) = await InvokeAsync(station);
        return (status, (string)body["error"]!);
    }
}
