using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using SatNode.Orbit.Elements;
using SatNode.Protocol.Time;
using SatNode.Rig.Boards.Mounts;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Tests.Scenarios.Flight;

public sealed class ConfigurationTests : IDisposable
{
    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_agent_is_told_its_orbit_its_neighbours_and_all_nodes()
    {
        Scenario scenario = ScenarioReader.Parse(ScenarioFolder.Scenario, _folder.Path);
        await using var mount = new ProcessMount(new() { Name = "p10-s04", Executable = "/bin/agent" }, _folder.Root, new(_folder.Root, new(), 4556, TimeProvider.System));

        JsonObject written = AgentConfiguration.Of(scenario, scenario.Satellites[1], Clock(scenario), Orbits(scenario),
            new(mount, 8883, new Dictionary<string, int>(StringComparer.Ordinal) { ["p10-s03"] = 41003, ["p11-s04"] = 41104 }));

        Assert.Equal("p10-s04", (string?)written["node"]);
        Assert.Equal(1004, (int?)written["nodeNumber"]);
        Assert.Equal($"unix:{_folder.Root}/p10-s04", (string?)written["sensors"]!["bus"]);
        Assert.Equal(8883, (int?)written["ground"]!["port"]);
        Assert.Equal([1003, 1104], written["network"]!["nodes"]!.AsArray().Select(node => (int)node!["number"]!));
        Assert.Equal([(1003, 1004), (1004, 1104)], written["network"]!["links"]!.AsArray().Select(link => ((int)link!["from"]!, (int)link["to"]!)));
        Assert.Equal([(1003, 41003), (1104, 41104)], written["network"]!["neighbours"]!.AsArray().Select(next => ((int)next!["number"]!, (int)next["port"]!)));
        Assert.Equal(("127.0.0.1", 4556), ((string?)written["ground"]!["host"], (int?)written["network"]!["listenPort"]));
        Assert.Null(written["board"]);
        Assert.Null(written["network"]!["listenAddress"]);
        Assert.EndsWith("scene.tif", (string?)written["payload"]!["image"], StringComparison.Ordinal);
        JsonArray lines = written["orbit"]!["tle"]!.AsArray();
        Tle tle = TleParser.Parse((string)lines[0]!, (string)lines[1]!);
        Assert.Equal(scenario.Epoch, tle.Epoch, TimeSpan.FromMilliseconds(1));
        Assert.Equal(53, tle.InclinationDegrees);
    }

    [Fact]
    public async Task An_agent_on_an_emulated_board_is_told_its_side_of_the_network_and_its_hardware()
    {
        Scenario scenario = ScenarioReader.Parse(ScenarioFolder.Scenario, _folder.Path);
        string data = System.IO.Path.Combine(_folder.Root, "data"), disks = System.IO.Path.Combine(_folder.Root, "disks");
        await using var mount = new QemuMount(new() { Name = "p10-s04" }, data, disks, new("vmlinuz", "rom.cpio"), "image.pub", timePort: 123, new(_folder.Root, new(), 40123, TimeProvider.System));

        JsonObject written = AgentConfiguration.Of(scenario, scenario.Satellites[1], Clock(scenario), Orbits(scenario),
            new(mount, 8883, new Dictionary<string, int>(StringComparer.Ordinal) { ["p10-s03"] = 41003 }));

        Assert.Equal("linux:0", (string?)written["sensors"]!["bus"]);
        Assert.Equal(("10.0.2.2", 8883), ((string?)written["ground"]!["host"], (int?)written["ground"]!["port"]));
        Assert.Equal("10.0.2.2", (string?)written["network"]!["neighbours"]![0]!["host"]);
        Assert.Equal(("0.0.0.0", 4556), ((string?)written["network"]!["listenAddress"], (int?)written["network"]!["listenPort"]));
        Assert.Equal("/dev/watchdog", (string?)written["board"]!["watchdog"]);
        Assert.Equal("payload/scene.tif", (string?)written["payload"]!["image"]);
        Assert.True(File.Exists(System.IO.Path.Combine(data, "payload", "scene.tif")));
    }

    [Fact]
    public void The_ground_station_is_told_every_satellite_and_station()
    {
        Scenario scenario = ScenarioReader.Parse(ScenarioFolder.Scenario, _folder.Path);

        string[] lines = GroundConfiguration.Of(scenario, Clock(scenario), Orbits(scenario)).Split('\n');

        Assert.Contains("mqtt: { port: 0 }", lines);
        Assert.Contains("  - { name: redu, latitude: 50.002, longitude: 5.148, altitudeMetres: 0, minElevationDegrees: 5 }", lines);
        Assert.Equal(3, lines.Count(line => line.Contains("tle: [\"1 ", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_ground_station_of_a_cluster_is_told_the_objective_and_the_way_there()
    {
        Scenario scenario = ScenarioReader.Parse(ScenarioFolder.Scenario, _folder.Path) with { Cloud = Checks.GoodCloudFlight.Spec };

        string[] lines = GroundConfiguration.Of(scenario, Clock(scenario), Orbits(scenario), "/run/bridge.kubeconfig").Split('\n');

        Assert.Contains("objectives: { windowSeconds: 60, functions: { detect: 10 } }", lines);
        Assert.Contains("cloud: { kubeconfig: \"/run/bridge.kubeconfig\" }", lines);
        Assert.DoesNotContain(GroundConfiguration.Of(scenario with { Cloud = null }, Clock(scenario), Orbits(scenario)).Split('\n'), line => line.StartsWith("cloud:", StringComparison.Ordinal));
    }

    [Fact]
    public void A_port_in_use_is_refused_with_its_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        Scenario scenario = ScenarioReader.Parse(ScenarioFolder.With("seed: 7", $"ground: {{ httpPort: 0, mqttPort: {port} }}"), _folder.Path);

        ScenarioException refusal = Assert.Throws<ScenarioException>(() => Ports.Require(scenario));

        Assert.EndsWith($"small.yaml:4:34: ground.mqttPort: port {port} is in use by another program", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Free_ports_are_all_different() => Assert.Equal(20, Ports.Free(20).Distinct().Count());

    [Fact]
    public void A_run_starts_in_a_folder_without_an_earlier_report_and_leaves_strangers_alone()
    {
        string run = System.IO.Path.Combine(_folder.Root, "runs", "small");
        foreach (string file in (string[])["report.json", "report.md", "plots/p10-s03.svg", "boards/p10-s03/agent.json", "ground/data/archive.db", "notes.txt"])
            _folder.Write($"runs/small/{file}", "old");

        RunFolder folder = RunFolder.Prepare(System.IO.Path.Combine(_folder.Root, "runs"), "small");

        Assert.Equal(run, folder.FullPath);
        Assert.Equal(["notes.txt"], Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories).Select(System.IO.Path.GetFileName));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Ground));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_one_line()
    {
        _folder.Write("runs", "a file");

        FlightException fault = Assert.Throws<FlightException>(() => RunFolder.Prepare(System.IO.Path.Combine(_folder.Root, "runs"), "small"));

        Assert.DoesNotContain('\n', fault.Message);
        Assert.Contains("cannot be written", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_is_an_assembly_is_run_by_dotnet()
    {
        _folder.Write("agent.dll", "MZ");

        Executable found = Executable.Agent(System.IO.Path.Combine(_folder.Root, "agent.dll"));

        Assert.EndsWith("dotnet", found.File, StringComparison.Ordinal);
        Assert.Equal([System.IO.Path.Combine(_folder.Root, "agent.dll")], found.Prefix);
        Assert.Equal(2, found.Bytes);
        Assert.Equal("--agent: no such file '/none'", Assert.Throws<FlightException>(() => Executable.Agent("/none")).Message);
    }

    private static MissionClock Clock(Scenario scenario) => new(scenario.Epoch, DateTimeOffset.UnixEpoch, scenario.Rate);

    private static Dictionary<string, Tle> Orbits(Scenario scenario) =>
        scenario.Satellites.ToDictionary(satellite => satellite.Name, satellite => SpecOrbits.ElementsOf(satellite.Orbit, scenario.Epoch), StringComparer.Ordinal);
}
