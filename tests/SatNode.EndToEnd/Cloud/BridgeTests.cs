using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using SatNode.Ground.Functions;
using SatNode.Ground.Keys;
using SatNode.Ground.Tests.Hosting;
using SatNode.Protocol.Functions;
using k8s.Models;
using k8s;

namespace SatNode.EndToEnd.Cloud;

/// <summary>The ground station's bridge against a real API server, with the rights that <c>ground-station/deploy/rbac</c> gives it, and with satellites that obey.</summary>
[Collection("flights")]
public sealed class BridgeTests(BareControlPlane plane) : IClassFixture<BareControlPlane>, IAsyncLifetime
{
    private Cluster _cluster = null!;
    private TestStation _station = null!;
    private string _digest = "";

    /// <summary>An API server that was killed is started again, and serves what it must before it serves ours.</summary>
    private static readonly TimeSpan AfterRestart = TimeSpan.FromSeconds(90);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = new(plane.AdministratorKubeconfig);
        await TestStation.UntilAsync(async () => await _cluster.FindAsync("satellitefunctions", "none") is null, isUp => isUp, AfterRestart);
        await _cluster.CleanAsync();
        _station = await TestStation.StartAsync(rate: 1, $"cloud: {{ kubeconfig: \"{plane.BridgeKubeconfig}\", statusPeriodSeconds: 1 }}");
        await PushAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _station.DisposeAsync();
        _cluster.Dispose();
    }

    [Fact]
    public async Task A_function_is_placed_scaled_and_taken_off_again()
    {
        await using var first = new SimulatedSatellite(_station, TestStation.Sat);
        await using var second = new SimulatedSatellite(_station, TestStation.OtherSat);
        await first.RiseAsync();
        await second.RiseAsync(boardCelsius: 62); // worse
        await _cluster.ApplyAsync("greet", """{"image":"greet:1.0.0"}""");
        JsonNode ready = (await _cluster.UntilAsync("greet", "Ready", "AllReplicasReady"))!;
        Assert.Equal(("greet", _digest, 1, 1), ((string)ready["status"]!["function"]!, (string)ready["status"]!["image"]!, (int)ready["status"]!["replicas"]!, (int)ready["status"]!["readyReplicas"]!));
        Assert.Equal(TestStation.Sat, (string?)ready["status"]!["placements"]![0]!["satellite"]);

        await _cluster.ScaleAsync("greet", 2);
        await TestStation.UntilAsync(() => _cluster.FindAsync("satellitefunctions", "greet"), found => (int?)found?["status"]?["readyReplicas"] == 2);
        Assert.Equal(["function.deploy"], first.Obeyed);
        Assert.Equal(["function.deploy"], second.Obeyed);

        await _cluster.ScaleAsync("greet", 1);
        await TestStation.UntilAsync(() => Task.FromResult(second.Obeyed.Count), count => count == 2);
        Assert.Equal("function.undeploy", second.Obeyed[1]); // the worse one

        await _cluster.DeleteAsync("greet");
        await TestStation.UntilAsync(() => _cluster.FindAsync("satellitefunctions", "greet"), found => found is null);
        Assert.Equal(["function.deploy", "function.undeploy"], first.Obeyed);
        Assert.Equal(2, second.Obeyed.Count);
    }

    [Fact]
    public async Task Nothing_is_commanded_twice_whoever_is_restarted_meanwhile()
    {
        await using (var glimpse = new SimulatedSatellite(_station, TestStation.Sat))
            await glimpse.RiseAsync(); // so that it is known; then it sets
        await TestStation.UntilAsync(() => _station.GetAsync($"api/v1/satellites/{TestStation.Sat}"), seen => !(bool)seen["reachable"]! && seen["mode"] is not null);
        await _cluster.ApplyAsync("greet", $"{{\"image\":\"greet\",\"placement\":{{\"satellites\":[\"{TestStation.Sat}\"]}}}}");
        JsonNode refused = (await _cluster.UntilAsync("greet", "Ready", "NoSatelliteFits"))!; // no element set, no pass
        Assert.Contains($"1 no contact and no pass soon ({TestStation.Sat} no pass within 24 h)", (string?)Cluster.Condition(refused, "Ready")!["message"], StringComparison.Ordinal);

        await using (var shortContact = new TestSatellite(_station))
        {
            await shortContact.GoOnlineAsync(); // takes the command, and sets before it says so
            await shortContact.NextCommandAsync();
        }
        await _cluster.UntilAsync("greet", "Progressing", "WaitingForPass");
        plane.KillApiServer();
        await _station.RestartAsync();
        await TestStation.UntilAsync(async () => (await _station.MetricsAsync()).Contains("satnode_cloud_connected 1", StringComparison.Ordinal), isThere => isThere, AfterRestart);
        await TestStation.UntilAsync(RoundsAsync, rounds => rounds > 0, AfterRestart);
        await _cluster.PatchAsync("greet", """{"metadata":{"labels":{"touched":"yes"}}}""");
        double before = await RoundsAsync();
        await TestStation.UntilAsync(RoundsAsync, rounds => rounds >= before + 2, AfterRestart); // one may have begun before the patch
        Assert.Single((await _station.GetAsync($"api/v1/satellites/{TestStation.Sat}/commands")).AsArray());

        string id = (string)(await _station.GetAsync($"api/v1/satellites/{TestStation.Sat}/commands"))[0]!["id"]!;
        JsonNode waiting = (await _cluster.FindAsync("satellitefunctions", "greet"))!;
        Assert.Equal(id, (string?)waiting["status"]!["placements"]![0]!["command"]);
    }

    [Fact]
    public async Task An_image_that_nobody_has_is_said_and_deployed_once_it_is_there()
    {
        await using var satellite = new SimulatedSatellite(_station, TestStation.Sat);
        await satellite.RiseAsync();
        await _cluster.ApplyAsync("greet", """{"image":"greet:2.0.0"}""");
        JsonNode unknown = (await _cluster.UntilAsync("greet", "Ready", "ImageNotFound"))!;
        Assert.Equal("the station's library has no image 'greet:2.0.0'; did you mean 'greet:1.0.0'?; push it to the station, or correct spec.image",
            (string?)Cluster.Condition(unknown, "ImageResolved")!["message"]);
        Assert.Empty(satellite.Obeyed);

        await _cluster.PatchAsync("greet", """{"spec":{"image":"greet:1.0.0","limits":{"timeMaxMs":50}}}""");
        JsonNode ready = (await _cluster.UntilAsync("greet", "Ready", "AllReplicasReady"))!;
        Assert.NotEqual(_digest, (string?)ready["status"]!["image"]); // the image with the limits of spec is another
        await _cluster.ApplyAsync("twin", """{"image":"greet:1.0.0"}""");
        JsonNode taken = (await _cluster.UntilAsync("twin", "Ready", "FunctionNameTaken"))!;
        Assert.StartsWith("function greet belongs to SatelliteFunction greet, which is older", (string?)Cluster.Condition(taken, "Scheduled")!["message"], StringComparison.Ordinal);
        Assert.Equal(["function.deploy"], satellite.Obeyed);
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_satellites_own_words_and_another_satellite_is_tried()
    {
        await using var stubborn = new SimulatedSatellite(_station, TestStation.Sat) { Refusal = "function greet: expected an export _start, found none" };
        await using var willing = new SimulatedSatellite(_station, TestStation.OtherSat);
        await stubborn.RiseAsync();
        await _cluster.ApplyAsync("greet", """{"image":"greet:1.0.0"}""");
        JsonNode failed = (await _cluster.UntilAsync("greet", "Ready", "CommandFailed"))!;
        Assert.StartsWith($"0 of 1 ready; {TestStation.Sat}: deploy failed: function greet: expected an export _start, found none (invalid-argument); tried again after 2026-06-21T12:1",
            (string?)Cluster.Condition(failed, "Ready")!["message"], StringComparison.Ordinal);
        await willing.RiseAsync();
        await _cluster.UntilAsync("greet", "Ready", "AllReplicasReady");
        Assert.Equal(["function.deploy"], stubborn.Obeyed);
        Assert.Equal(["function.deploy"], willing.Obeyed);
    }

    [Fact]
    public async Task Satellites_read_well_in_kubectl_and_cost_nothing_while_nothing_is_heard_of_them()
    {
        await using var satellite = new SimulatedSatellite(_station, TestStation.Sat);
        await satellite.RiseAsync();
        await TestStation.UntilAsync(() => _cluster.FindAsync("satellites", TestStation.Sat), found => (string?)found?["status"]?["agentVersion"] == "1.2.3" && (double?)found["status"]!["boardCelsius"] == 40);
        JsonNode table = await TableAsync("satellites");
        Assert.Equal(["Name", "Contact", "Mode", "Charge", "Board °C", "Latitude", "Longitude", "Last Seen"],
            table["columnDefinitions"]!.AsArray().Where(column => (int)column!["priority"]! == 0).Select(column => (string)column!["name"]!));
        await TestStation.UntilAsync(() => RowAsync(TestStation.Sat), row => row == "Reachable nominal 0.8 40 39.5 -123"); // mode and position come by telemetry of their own

        string version = (string)(await _cluster.FindAsync("satellites", TestStation.OtherSat))!["metadata"]!["resourceVersion"]!;
        await satellite.TellAsync(41.5, 0.79);
        await TestStation.UntilAsync(() => _cluster.FindAsync("satellites", TestStation.Sat), found => (double?)found?["status"]?["boardCelsius"] == 41.5);
        JsonNode silent = (await _cluster.FindAsync("satellites", TestStation.OtherSat))!;
        Assert.Equal("NeverSeen", (string?)silent["status"]!["contact"]!["state"]);
        Assert.Equal(version, (string?)silent["metadata"]!["resourceVersion"]);

        await _cluster.Client.CustomObjects.DeleteNamespacedCustomObjectAsync("satnode.dev", "v1", "default", "satellites", TestStation.Sat, cancellationToken: Stop);
        await satellite.TellAsync(43, 0.78);
        await TestStation.UntilAsync(() => _cluster.FindAsync("satellites", TestStation.Sat), found => (double?)found?["status"]?["boardCelsius"] == 43); // made anew
    }

    [Fact]
    public async Task The_bridge_may_do_what_it_does_and_nothing_more()
    {
        // That it may do what it does is what the other tests show: they run with these rights.
        (string, string)[] allowed =
        [
            ("list", "satellitefunctions"), ("watch", "satellitefunctions"), ("patch", "satellitefunctions"), ("patch", "satellitefunctions/status"),
            ("list", "satellites"), ("create", "satellites"), ("patch", "satellites"), ("patch", "satellites/status"),
        ];
        using var bridge = new Cluster(plane.BridgeKubeconfig);
        string[] resources = ["satellitefunctions", "satellitefunctions/status", "satellitefunctions/scale", "satellites", "satellites/status"];
        string[] verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
        List<(string, string)> found = [];
        foreach (string resource in resources)
        {
            foreach (string verb in verbs)
            {
                if (await MayAsync(bridge.Client, "satnode.dev", verb, resource, "default"))
                    found.Add((verb, resource));
            }
        }
        Assert.Equal(allowed.Order(), found.Order());
        Assert.False(await MayAsync(bridge.Client, "", "get", "secrets", "default"));
        Assert.False(await MayAsync(bridge.Client, "", "list", "pods", "default"));
        Assert.False(await MayAsync(bridge.Client, "satnode.dev", "list", "satellitefunctions", "kube-system"));
        Assert.False(await MayAsync(bridge.Client, "apiextensions.k8s.io", "get", "customresourcedefinitions", null));
    }

    /// <summary>How many decisions the bridge made.</summary>
    private async Task<double> RoundsAsync()
    {
        const string series = "satnode_cloud_reconciles_total{result=\"done\"} ";
        string? line = (await _station.MetricsAsync()).Split('\n').FirstOrDefault(line => line.StartsWith(series, StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[series.Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<bool> MayAsync(Kubernetes client, string group, string verb, string resource, string? space)
    {
        string[] parts = resource.Split('/');
        V1SelfSubjectAccessReview review = await client.AuthorizationV1.CreateSelfSubjectAccessReviewAsync(new V1SelfSubjectAccessReview
        {
            Spec = new() { ResourceAttributes = new() { Group = group, Verb = verb, Resource = parts[0], Subresource = parts.ElementAtOrDefault(1), NamespaceProperty = space } },
        });
        return review.Status.Allowed;
    }

    /// <summary>A satellite's row without its name and its times.</summary>
    private async Task<string> RowAsync(string satellite)
    {
        JsonArray cells = (await TableAsync("satellites"))["rows"]!.AsArray().Single(row => (string?)row!["cells"]![0] == satellite)!["cells"]!.AsArray();
        return string.Join(' ', cells.Skip(1).Take(6).Select(cell => cell?.ToString()));
    }

    /// <summary>What kubectl would show.</summary>
    private async Task<JsonNode> TableAsync(string plural)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_cluster.Client.BaseUri, $"apis/satnode.dev/v1/namespaces/default/{plural}"));
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/json;as=Table;v=v1;g=meta.k8s.io"));
        await _cluster.Client.Credentials.ProcessHttpRequestAsync(request, Stop);
        using HttpResponseMessage answer = await _cluster.Client.HttpClient.SendAsync(request, Stop);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!;
    }

    /// <summary>Puts the greeting into the station's library.</summary>
    private async Task PushAsync()
    {
        await _station.StopAsync();
        string folder = Repository.PathOf("firmware", "functions", "greet");
        byte[] module = await File.ReadAllBytesAsync(Path.Combine(folder, "greet.wasm"), Stop);
        var image = new FunctionImage(FunctionManifestYaml.Read("function.yaml", await File.ReadAllTextAsync(Path.Combine(folder, "function.yaml"), Stop), module), module);
        using ECDsa key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(Path.Combine(_station.Keys, KeyFolder.FunctionKey), Stop));
        _digest = new FunctionLibrary(Path.Combine(_station.Folder, "data", "images"), key, Assert.Fail).Push(image).Digest;
        await _station.RestartAsync();
    }
}
