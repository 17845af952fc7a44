using System.Text.Json;
using System.Text.Json.Nodes;

namespace SatNode.EndToEnd.Cloud;

/// <summary>The cloud decides: real etcd, kube-apiserver, Prometheus and Polaris around the published agent. Where one of them cannot be had, the test fails with that reason.</summary>
[Collection("flights")]
public sealed class SloTests : IDisposable
{
    private static readonly string[] CheckNames =
    [
        "telemetry-from-every-satellite", "slo-missed", "polaris-scaled", "replica-placed", "slo-recovered", "cloud-steps-in-order", "metrics-exported", "no-event-lost",
    ];

    private static readonly string[] StepNames =
    [
        "objective-missed", "strategy-written", "replicas-scaled", "deploy-queued", "deploy-released", "deploy-accepted", "deploy-completed", "scale-observed", "replica-ready",
        "first-request-served", "objective-met",
    ];

    private static readonly string Scenario = Repository.PathOf("hil-rig", "scenarios", "slo.yaml");

    private readonly string _runs = Directory.CreateTempSubdirectory("satnode-e2e-slo-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Fact]
    public async Task A_missed_objective_brings_a_replica_to_another_satellite_and_is_met_again()
    {
        using RigProcess rig = RigProcess.Start(Scenario, _runs, "--format", "json");
        int code = await rig.Ended(TimeSpan.FromMinutes(6));
        string folder = Path.Combine(_runs, "slo");
        Assert.True(File.Exists(Path.Combine(folder, "report.json")), rig.Errors);
        JsonNode report = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "report.json")))!;
        string story = $"{report.ToJsonString(new JsonSerializerOptions { WriteIndented = true })}\n{rig.Errors}";

        Assert.True(code == 0, story);
        Assert.Equal(CheckNames, report["checks"]!.AsArray().Select(check => (string)check!["name"]!));
        Assert.All(report["checks"]!.AsArray(), check => Assert.True((bool)check!["passed"]!, story));
        JsonArray steps = report["cloud"]!["steps"]!.AsArray();
        Assert.Equal(StepNames.Order(StringComparer.Ordinal), steps.Select(step => (string)step!["name"]!).Order(StringComparer.Ordinal));
        Assert.All(steps, step => Assert.True(step!["worldTime"] is not null && step["machineTime"] is not null && step["machineSecondsSinceMissed"] is not null, story));
        Assert.True((double)report["metrics"]!["cloud.recovery_world_s"]! > 0, story);

        string text = await File.ReadAllTextAsync(Path.Combine(folder, "report.md"));
        Assert.Contains("## What the cloud did", text, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "plots", "objective.svg")));
        await NoTokenIsLogged(Path.Combine(folder, "cloud"));
        await RigProcess.NothingIsLeftOf(_runs);
    }

    [Fact]
    public async Task An_interrupt_ends_the_cluster_too()
    {
        using RigProcess rig = RigProcess.Start(Scenario, _runs);
        await rig.Said("starting Prometheus", TimeSpan.FromMinutes(2));
        Assert.Contains(RigProcess.ProcessesOf(_runs), line => line.Contains("/kube-apiserver ", StringComparison.Ordinal)); // Else the next lines would prove nothing.
        rig.Signal(2);
        Assert.Equal(130, await rig.Ended(TimeSpan.FromSeconds(30)));
        await RigProcess.NothingIsLeftOf(_runs);
    }

    [Fact]
    public async Task A_flight_without_its_cluster_is_one_line_before_anything_is_made()
    {
        string cache = Path.Combine(_runs, "empty");
        string[] arguments = ["run", Scenario, "--out", Path.Combine(_runs, "runs"), "--agent", Repository.Agent, "--ground", Repository.Built("SatNode.Ground", "satnode-ground.dll")];
        using RigProcess rig = RigProcess.StartCommand(arguments, new Dictionary<string, string>(StringComparer.Ordinal) { ["XDG_CACHE_HOME"] = cache });
        Assert.Equal(2, await rig.Ended(TimeSpan.FromMinutes(1)));
        Assert.Equal("satnode-rig: cloud: etcd-prometheus debian12 is not there; run: satnode-rig setup cloud", rig.Errors.Trim());
        Assert.False(Directory.Exists(Path.Combine(_runs, "runs")));
    }

    private static async Task NoTokenIsLogged(string folder)
    {
        string[] tokens = [.. (await File.ReadAllLinesAsync(Path.Combine(folder, "tokens.csv"))).Select(line => line.Split(',')[0])];
        string[] logs = Directory.GetFiles(folder, "*.log");
        Assert.Equal(["audit.log", "etcd.log", "kube-apiserver.log", "polaris-elasticity-controller.log", "polaris-slo-controller.log", "prometheus.log"],
            logs.Select(log => Path.GetFileName(log)).Order(StringComparer.Ordinal));
        foreach (string log in logs)
        {
            string text = await File.ReadAllTextAsync(log);
            Assert.All(tokens, token => Assert.DoesNotContain(token, text, StringComparison.Ordinal));
        }
    }
}
