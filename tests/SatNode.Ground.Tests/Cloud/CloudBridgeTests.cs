using System.Net;
using System.Net.Sockets;
using SatNode.Ground.Tests.Hosting;
using SatNode.Protocol.Telecommands;

namespace SatNode.Ground.Tests.Cloud;

/// <summary>The station without the cluster that it should follow. With a real one: tests/SatNode.EndToEnd/Cloud.</summary>
public sealed class CloudBridgeTests
{
    [Fact]
    public async Task Without_its_cluster_the_station_flies_on()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port; // it accepts and says nothing
        string folder = Directory.CreateTempSubdirectory("satnode-cloud-").FullName;
        string kubeconfig = Path.Combine(folder, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: "https://127.0.0.1:{{port}}" } }]
            users: [{name: u, user: { token: t } }]
            contexts: [{name: c, context: { cluster: c, user: u } }]
            current-context: c
            """, TestContext.Current.CancellationToken);
        await using (TestStation station = await TestStation.StartAsync(extra: $"cloud: {{ kubeconfig: \"{kubeconfig}\" }}"))
        {
            await using var satellite = new TestSatellite(station);
            await satellite.GoOnlineAsync();
            await station.PostAsync($"api/v1/satellites/{TestStation.Sat}/commands", new() { ["name"] = "ping" });
            (Telecommand command, _) = await satellite.NextCommandAsync();
            Assert.Equal("ping", command.Name);
            Assert.Contains("satnode_cloud_connected 0", await station.MetricsAsync(), StringComparison.Ordinal);
        }
        Directory.Delete(folder, recursive: true);
    }
}
