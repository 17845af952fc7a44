using System.Text.Json.Nodes;

namespace SatNode.EndToEnd;

/// <summary>The proof in short: real agents under a load that breaks a limit at once, with admission and without.</summary>
[Collection("flights")]
public sealed class PolicyTests : IDisposable
{
    private readonly string _runs = Directory.CreateTempSubdirectory("satnode-e2e-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Theory]
    [InlineData("thermal-stress", "secondsOverBoardTemperatureMax")]
    [InlineData("eclipse-drain", "secondsUnderReserve")]
    public async Task The_forecast_keeps_the_limit_that_the_same_load_breaks_without_it(string scenario, string seconds)
    {
        using RigProcess rig = RigProcess.Start(Repository.PathOf("tests", "SatNode.EndToEnd", "scenarios", scenario + "-short.yaml"), _runs, "--format", "json");
        int code = await rig.Ended(TimeSpan.FromMinutes(4));
        JsonNode report = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_runs, scenario + "-short", "report.json")))!;
        string story = $"{report.ToJsonString(new() { WriteIndented = true })}\n{rig.Errors}";

        Assert.True(code == 0, story);
        JsonNode ours = report["policies"]!.AsArray().Single(policy => (string)policy!["policy"]! == "forecast")!;
        JsonNode off = report["policies"]!.AsArray().Single(policy => (string)policy!["policy"]! == "off")!;
        Assert.True((bool)ours["keepsLimits"]!, story);
        Assert.True((int)ours["invocationsCompleted"]! > 20, story); // it keeps them and works
        Assert.True((double)off[seconds]! > 60, story);
        Assert.True(JsonNode.DeepEquals(report, JsonNode.Parse(rig.Output)), "standard output is not the report");
        await RigProcess.NothingIsLeftOf(_runs);
    }
}
