using System.Net;
using SatNode.Ground.Configuration;
using SatNode.Ground.Console;
using SatNode.Ground.Hosting;
using SatNode.Ground.Tests.Hosting;

namespace SatNode.Ground.Tests.Configuration;

public sealed class GroundOptionsReaderTests
{
    private const string Good = """
        name: redu
        clock: { epoch: "2026-06-21T12:00:00Z", origin: "2026-06-21T12:00:00Z", rate: 60 }
        mqtt: { port: 8883 }
        http: { port: 8080 }
        dataFolder: data
        satellites:
          - name: p10-s03
            number: 1003
            tle:
              - "1 88888U          80275.98708465  .00073094  13844-3  66816-4 0    87"
              - "2 88888  72.8435 115.9689 0086731  52.6988 110.5714 16.05824518  1058"
        stations:
          - { name: white-sands, latitude: 32.501, longitude: -106.609, altitudeMetres: 1200, minElevationDegrees: 5 }
        objectives: { windowSeconds: 600, thresholdSeconds: 10, functions: { ndvi: 2.5 } }
        """;

    [Fact]
    public void Reads_a_configuration_with_its_defaults()
    {
        GroundOptions options = GroundOptionsReader.Read("g.yaml", Good, "/srv/ground");
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 8883), options.Mqtt.EndPoint);
        Assert.Equal("/srv/ground/keys/server.pem", options.Mqtt.Certificate);
        Assert.Equal("/srv/ground/data", options.DataFolder);
        Assert.Equal(60, options.Clock.Rate);
        Assert.Equal(TimeSpan.FromSeconds(2.5), options.Objectives.ThresholdOf("ndvi"));
        Assert.Equal(TimeSpan.FromSeconds(10), options.Objectives.ThresholdOf("other"));
        Assert.Equal(TimeSpan.FromDays(1), options.Commanding.Validity);
    }

    [Theory]
    [InlineData("dataFolder: data", "datafolder: data", "g.yaml:5: datafolder: unknown key; did you mean 'dataFolder'?")]
    [InlineData("dataFolder: data\n", "", "g.yaml:1: dataFolder: expected a text, found nothing")]
    [InlineData("http: { port: 8080 }", "http: { port: 8080, tls: yes }", "g.yaml:4: http.tls: unknown key (known: address, port)")]
    [InlineData("objectives: {", "objetives: {", "g.yaml:14: objetives: unknown key; did you mean 'objectives'?")]
    [InlineData("port: 8883", "port: 88830", "g.yaml:3: port: expected a whole number of 0 to 65535, found '88830'")]
    [InlineData("rate: 60", "rate: .nan", "g.yaml:2: clock.rate: expected a number of 0.001 to 10000, found '.nan'")]
    [InlineData("name: p10-s03", "name: P10/s03", "g.yaml:7: satellites[0].name: expected 1 to 32 of a-z, 0-9 and hyphen, found 'P10/s03'")]
    [InlineData("4-3  66816-4 0    87", "4-3  66816-4 0    88", "g.yaml:10: satellites[0].tle[0]: expected the checksum 7, found '8'")]
    [InlineData("number: 1003", "number: 1003\n    number: 1004", "g.yaml:9: Duplicate key")]
    [InlineData("latitude: 32.501", "latitude: 132.501", "g.yaml:13: stations[0].latitude: expected a number of -90 to 90, found '132.501'")]
    public void Refuses_with_file_and_line(string good, string bad, string expected)
    {
        Assert.Contains(good, Good, StringComparison.Ordinal);
        YamlInputException fault = Assert.Throws<YamlInputException>(() => GroundOptionsReader.Read("g.yaml", Good.Replace(good, bad, StringComparison.Ordinal), "/srv"));
        Assert.StartsWith(expected.Replace("g.yaml:3: port", "g.yaml:3: mqtt.port", StringComparison.Ordinal), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_cloud_placement_and_export_with_their_defaults()
    {
        GroundOptions bare = GroundOptionsReader.Read("g.yaml", Good, "/srv");
        Assert.Null(bare.Cloud);
        Assert.Null(bare.Otlp);
        Assert.Equal(SatNode.Ground.Placement.PlacementOptions.Default, bare.Placement);
        GroundOptions options = GroundOptionsReader.Read("g.yaml", $$"""
            {{Good}}
            placement: { passHorizonSeconds: 3600, weights: { spread: 0 } }
            cloud: { kubeconfig: bridge.kubeconfig, namespace: mission }
            telemetry: { otlp: { endpoint: "http://127.0.0.1:4318", headersFile: otlp.headers } }
            """, "/srv");
        Assert.Equal(new("/srv/bridge.kubeconfig", null, "mission", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(12_000), TimeSpan.FromSeconds(600)), options.Cloud);
        Assert.Equal((64, 3600.0, new(40, 20, 20, 0)), (options.Placement.FunctionsMax, options.Placement.PassHorizon.TotalSeconds, options.Placement.Weights));
        Assert.Equal(new(new Uri("http://127.0.0.1:4318/v1/metrics"), false, "/srv/otlp.headers", TimeSpan.FromSeconds(15)), options.Otlp);
    }

    [Theory]
    [InlineData("cloud: { kubeconfg: x }", "g.yaml:15: cloud.kubeconfg: unknown key; did you mean 'kubeconfig'?")]
    [InlineData("cloud: { kubeconfig: x, namespace: Mission }", "g.yaml:15: cloud.namespace: expected 1 to 63 of a-z, 0-9 and hyphen, found 'Mission'")]
    [InlineData("cloud: { kubeconfig: x, statusPeriodSeconds: 0 }", "g.yaml:15: cloud.statusPeriodSeconds: expected a number of 1 to 3600, found '0'")]
    [InlineData("placement: { weights: { latency: 101 } }", "g.yaml:15: placement.weights.latency: expected a whole number of 0 to 100, found '101'")]
    [InlineData("telemetry: { otlp: { endpoint: nowhere } }", "g.yaml:15: telemetry.otlp.endpoint: expected an address such as http://127.0.0.1:4318, found 'nowhere'")]
    [InlineData("telemetry: { otlp: { endpoint: \"http://a\", protocol: thrift } }", "g.yaml:15: telemetry.otlp.protocol: expected http or grpc, found 'thrift'")]
    public void Refuses_cloud_placement_and_export_with_file_and_line(string bad, string expected)
    {
        YamlInputException fault = Assert.Throws<YamlInputException>(() => GroundOptionsReader.Read("g.yaml", $"{Good}\n{bad}", "/srv"));
        Assert.StartsWith(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named_and_nothing_is_left_running()
    {
        await using TestStation running = await TestStation.StartAsync();
        string config = Path.Combine(running.Folder, "ground.yaml");
        string text = await File.ReadAllTextAsync(config, TestContext.Current.CancellationToken);
        foreach ((string key, int port) in new[] { ("mqtt", running.MqttPort), ("http", running.Http.BaseAddress!.Port) })
        {
            string other = text.Replace($"{key}: {{ port: 0 }}", $"{key}: {{ port: {port} }}", StringComparison.Ordinal).Replace("dataFolder: data", $"dataFolder: {key}", StringComparison.Ordinal);
            GroundOptions options = GroundOptionsReader.Read(config, other, running.Folder);
            StartFault fault = await Assert.ThrowsAsync<StartFault>(() => GroundStation.StartAsync(options, TimeProvider.System));
            Assert.Contains($"{key}.port: 127.0.0.1:{port} cannot be used", fault.Message, StringComparison.Ordinal);
            File.Delete(Path.Combine(running.Folder, key, "archive.db")); // closed: nobody holds the journal
            Assert.Empty(Directory.GetFiles(Path.Combine(running.Folder, key)));
        }
        Assert.Equal(2, await CommandLine.RunAsync(["serve", "--config", Path.Combine(running.Folder, "none.yaml")]));
        Assert.Equal(2, await CommandLine.RunAsync(["serve"]));
    }
}
