using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SatNode.Ground.Api;
using SatNode.Ground.Configuration;
using SatNode.Ground.Console;

namespace SatNode.EndToEnd;

/// <summary>What functions cost that nobody calls: a hundred different ones, deployed by telecommand on the published agent and scaled to zero.</summary>
[Collection("flights")]
public sealed class IdleFunctionsTests : IDisposable
{
    private const string Sat = "geo-west";
    private const int Functions = 100;
    private const double ResidentBytesMax = 64e6;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly string[] Samples = ["ingest", "extract-frames", "object-det", "prepare-ds", "denoise", "ndvi", "tally"];

    private readonly string _runs = Directory.CreateTempSubdirectory("satnode-idle-").FullName;
    private StationClient _station = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _station?.Dispose();
        Directory.Delete(_runs, recursive: true);
    }

    [Fact]
    public async Task A_hundred_idle_functions_leave_the_agent_below_64_megabytes()
    {
        using RigProcess rig = RigProcess.Start(Repository.PathOf("tests", "SatNode.EndToEnd", "scenarios", "held.yaml"), _runs, "--hold");
        await rig.Said("held until Ctrl-C", Patience);
        _station = StationClient.Of(GroundOptionsReader.ReadFile(Path.Combine(_runs, "held", "ground", "ground.yaml")));
        await Completed(await _station.SendAsync(Sat, new("housekeeping.set-period", new JsonObject { ["seconds"] = 5 }), Stop));
        double before = (await Memory(since: "")).Min(sample => sample.Value);

        List<string> ids = [];
        for (int i = 0; i < Functions; i++)
            ids.Add(await Deploy(i));
        foreach (string id in ids)
            await Completed(id);
        Assert.Equal(Functions, (await _station.SatelliteAsync(Sat, Stop)).Functions.Count);

        // Idle after 60 s of the world, and given up with the next housekeeping.
        string last = (await Memory(since: ""))[^1].Time;
        SampleView[] samples = [];
        await Until(async () => (samples = await Memory(last)).Length > 0 && (Time(samples[^1].Time) - Time(last)).TotalSeconds > 120, "two minutes of the world");
        TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture, $"resident memory: {before / 1e6:F1} MB before, {samples[^1].Value / 1e6:F1} MB with {Functions} idle functions"));
        Assert.InRange(samples[^1].Value, 0, ResidentBytesMax);

        RigProcess.Signal(rig.Id, 2);
        await rig.Ended(Patience);
        await RigProcess.NothingIsLeftOf(_runs);
    }

    /// <summary>One of the repository's functions with a section of its own behind it: other code to every cache, by its digest.</summary>
    private async Task<string> Deploy(int number)
    {
        string sample = Samples[number % Samples.Length];
        byte[] name = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"idle-{number:D3}"));
        byte[] module = [.. await File.ReadAllBytesAsync(Repository.PathOf("firmware", "functions", sample, sample + ".wasm"), Stop), 0, (byte)(name.Length + 1), (byte)name.Length, .. name];
        ImageView image = await _station.PushAsync($"name: idle-{number:D3}\nversion: \"1\"\nkind: reactor\nneeds: [state]\nlimits: {{ memoryBytesMax: 33554432 }}\n", module, Stop);
        return await _station.DeployAsync(Sat, image.Digest, Stop);
    }

    private async Task<SampleView[]> Memory(string since) =>
        [.. (await _station.SamplesAsync(Sat, "agent.resident-memory", 10_000, Stop)).Where(sample => since.Length == 0 || Time(sample.Time) > Time(since))];

    private static DateTimeOffset Time(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);

    private async Task Completed(string id)
    {
        CommandView command = null!;
        await Until(async () => (command = await _station.CommandAsync(id, Stop)).State is "completed" or "failed" or "refused" or "expired", $"the end of command {id}");
        Assert.True(command.State == "completed", $"{command.Name}: {command.State}: {command.Stages[^1].Detail}");
    }

    private static async Task Until(Func<Task<bool>> condition, string what)
    {
        long begin = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < Patience, $"never came: {what}");
            await Task.Delay(50, Stop);
        }
    }
}
