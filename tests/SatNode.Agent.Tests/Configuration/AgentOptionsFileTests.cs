using System.Text.Json.Nodes;
using SatNode.Agent.Configuration;
using SatNode.Orbit.Elements;

namespace SatNode.Agent.Tests.Configuration;

/// <summary>What is written in the file is what the agent flies with, or it does not fly.</summary>
public sealed class AgentOptionsFileTests : IDisposable
{
    private static readonly string[] Optional =
    [
        "$.clock", "$.clock.loadRate", "$.payload", "$.board", "$.board.watchdog", "$.board.watchdogTimeoutSeconds", "$.board.bootState", "$.board.healthCheckSeconds", "$.network.listenAddress",
        "$.admission", "$.modes", "$.modes.safeHoldOffSeconds", "$.modes.savingPriority",
    ];

    private static readonly string[] Nullable = ["$.clock", "$.clock.loadRate", "$.payload", "$.board", "$.board.watchdog", "$.board.bootState", "$.admission", "$.modes"];

    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-agent-").FullName;

    private string FilePath => Path.Combine(_folder, "agent.json");

    /// <summary>The path of every key of the example.</summary>
    public static TheoryData<string> Keys { get; } = [.. KeysOf(ExampleConfiguration.New())];

    /// <summary>The path of every object of the example.</summary>
    public static TheoryData<string> Objects { get; } = [.. ((IEnumerable<string>)["$"]).Concat(KeysOf(ExampleConfiguration.New()).Where(key => Find(ExampleConfiguration.New(), key) is JsonObject)),
        "$.ground.stations[0]", "$.network.nodes[0]", "$.network.links[0]", "$.network.neighbours[0]"];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_documents_example_is_read_as_it_says()
    {
        AgentOptions options = Read(ExampleConfiguration.New());
        Assert.Equal(("p10-s03", 1003L, "data"), (options.Node, options.NodeNumber, options.DataFolder));
        Assert.Equal(new ClockOptions(new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero), new(2026, 11, 23, 18, 0, 0, TimeSpan.Zero), 60, 60), options.Clock);
        Assert.Equal(2, options.Orbit.Tle.Count);
        _ = TleParser.Parse(options.Orbit.Tle[0], options.Orbit.Tle[1]);
        Assert.Equal(new SensorOptions("unix:i2c.sock", 10), options.Sensors);
        Assert.Equal(new BatteryOptions(118.8, 8145, 0.3), options.Battery);
        Assert.Equal(("127.0.0.1", 8883, "satnode-ground"), (options.Ground.Host, options.Ground.Port, options.Ground.ServerName));
        Assert.Equal(("keys/ca.pem", "keys/node.pem", "keys/node.key"), (options.Ground.CertificateAuthority, options.Ground.Certificate, options.Ground.Key));
        Assert.Equal([new StationOptions("white-sands", 32.501, -106.609, 1200, 5)], options.Ground.Stations);
        Assert.Equal(["keys/command.pub"], options.Commanding.TrustedKeys);
        Assert.Equal(4556, options.Network.ListenPort);
        Assert.Equal(("p10-s04", 1004L), (options.Network.Nodes[0].Node, options.Network.Nodes[0].Number));
        Assert.Equal([new LinkOptions(1003, 1004, 5000, 10_000_000)], options.Network.Links);
        Assert.Equal([new NeighbourOptions(1004, "127.0.0.1", 41004)], options.Network.Neighbours);
        Assert.Equal(new PayloadOptions("payload/scene.tif"), options.Payload);
        Assert.Equal(new BoardOptions("/dev/watchdog", 20, "/dev/vda", 10), options.Board);
        Assert.Equal("127.0.0.1", options.Network.ListenAddress);
        Assert.Equal(new AdmissionChoice("forecast"), options.Admission);
    }

    [Fact]
    public void What_is_absent_has_its_documented_value()
    {
        JsonObject example = ExampleConfiguration.New();
        example["board"] = new JsonObject();
        example["clock"]!.AsObject().Remove("loadRate");
        example["network"]!.AsObject().Remove("listenAddress");
        AgentOptions options = Read(example);
        Assert.Equal(new BoardOptions(null, 20, null, 10), options.Board);
        Assert.Null(options.Clock!.LoadRate);
        Assert.Equal("127.0.0.1", options.Network.ListenAddress);
    }

    [Fact] // a world at a hundredth of the machine's pace ticks every 100 s
    public void The_watchdog_must_allow_two_ticks()
    {
        JsonObject example = ExampleConfiguration.New();
        example["clock"]!["rate"] = 0.01;
        example["clock"]!["loadRate"] = 0.01;
        Assert.Equal($"{FilePath}: board.watchdogTimeoutSeconds: expected at least two ticks, each a second of the world at rate 0.01, found 20", Refused(example));
        example["board"]!["watchdogTimeoutSeconds"] = 200;
        _ = Read(example);
    }

    [Theory]
    [InlineData("hyperdrive", 60, true)]
    [InlineData("hyperdrive", 1, true)] // another epoch: a world
    [InlineData("forecast", 60, true)]
    [InlineData("Off", 60, false)]
    public void A_policy_is_one_of_four(string policy, double rate, bool isRead)
    {
        JsonObject example = ExampleConfiguration.New();
        example["admission"]!["policy"] = policy;
        example["clock"]!["rate"] = rate;
        example["clock"]!["loadRate"] = rate;
        if (isRead)
            Assert.Equal(policy, Read(example).Admission!.Policy);
        else
            Assert.Equal($"{FilePath}: admission.policy: expected forecast, off, hyperdrive, thresholds, found 'Off'", Refused(example));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_node_in_flight_admits_by_the_forecast_alone(bool hasClock)
    {
        JsonObject example = ExampleConfiguration.New();
        if (hasClock)
            example["clock"] = new JsonObject { ["epoch"] = "2026-06-21T12:00:00Z", ["origin"] = "2026-06-21T12:00:00Z", ["rate"] = 1 };
        else
            example.Remove("clock");
        _ = Read(example);
        example["admission"]!["policy"] = "thresholds";
        Assert.Equal($"{FilePath}: admission.policy: expected forecast on a node with the machine's own clock, found 'thresholds', which is for a bench's world alone", Refused(example));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_key_is_missed_when_it_is_missing_but_the_optional_ones(string key)
    {
        JsonObject example = ExampleConfiguration.New();
        (JsonObject parent, string name) = Parent(example, key);
        parent.Remove(name);
        if (Optional.Contains(key, StringComparer.Ordinal))
            _ = Read(example);
        else
            Assert.Contains($"'{name}'", Refused(example), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void No_key_may_be_null_but_what_is_nothing_when_absent(string key)
    {
        JsonObject example = ExampleConfiguration.New();
        (JsonObject parent, string name) = Parent(example, key);
        parent[name] = null;
        if (Nullable.Contains(key, StringComparer.Ordinal))
            _ = Read(example);
        else
            Assert.Contains(name, Refused(example), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_key_refuses_a_value_of_another_type(string key)
    {
        foreach (string wrong in (string[])["\"x\"", "1", "1.5", "true", "[]", "{}", "[[]]"])
        {
            JsonObject example = ExampleConfiguration.New();
            (JsonObject parent, string name) = Parent(example, key);
            var value = JsonNode.Parse(wrong)!;
            if (parent[name]!.GetValueKind() == value.GetValueKind() && !(value.GetValueKind() == System.Text.Json.JsonValueKind.Array && wrong == "[[]]"))
                continue;
            parent[name] = value;
            string refusal = Refused(example);
            Assert.Contains(FilePath, refusal, StringComparison.Ordinal);
            Assert.Contains(name, refusal, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Objects))]
    public void A_key_that_nobody_knows_is_refused_everywhere(string where)
    {
        JsonObject example = ExampleConfiguration.New();
        Find(example, where)!.AsObject()["capacityWattHour"] = 1; // a letter short
        Assert.Contains("capacityWattHour", Refused(example), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$.node", "\"P10\"", "node: expected 1 to 32 of a-z, 0-9 and hyphen, found 'P10'")]
    [InlineData("$.node", "\"\"", "node: expected 1 to 32 of a-z, 0-9 and hyphen, found ''")]
    [InlineData("$.nodeNumber", "0", "nodeNumber: expected 1 to 4294967295, found 0")]
    [InlineData("$.nodeNumber", "4294967296", "nodeNumber: expected 1 to 4294967295, found 4294967296")]
    [InlineData("$.dataFolder", "\"\"", "dataFolder: expected a folder, found nothing")]
    [InlineData("$.clock.rate", "0", "clock.rate: expected above 0 to 10000, found 0")]
    [InlineData("$.clock.rate", "10000.1", "clock.rate: expected above 0 to 10000, found 10000.1")]
    [InlineData("$.clock.loadRate", "0", "clock.loadRate: expected above 0 to the rate of 60, found 0")]
    [InlineData("$.clock.loadRate", "60.1", "clock.loadRate: expected above 0 to the rate of 60, found 60.1")]
    [InlineData("$.orbit.tle", "[\"1\"]", "orbit.tle: expected two lines, found 1")]
    [InlineData("$.orbit.tle", "[\"1\", null]", "orbit.tle: expected two lines, found null")]
    [InlineData("$.sensors.housekeepingPeriodSeconds", "0", "sensors.housekeepingPeriodSeconds: expected 1 to 3600, found 0")]
    [InlineData("$.sensors.housekeepingPeriodSeconds", "3601", "sensors.housekeepingPeriodSeconds: expected 1 to 3600, found 3601")]
    [InlineData("$.battery.capacityWattHours", "0", "battery.capacityWattHours: expected above 0 to 100000, found 0")]
    [InlineData("$.battery.capacityWattHours", "1e999", "battery.capacityWattHours: expected above 0 to 100000, found ")]
    [InlineData("$.battery.capacityMilliampereHours", "-1", "battery.capacityMilliampereHours: expected above 0 to 10000000, found -1")]
    [InlineData("$.battery.stateOfChargeReserve", "1", "battery.stateOfChargeReserve: expected 0 to below 1, found 1")]
    [InlineData("$.battery.stateOfChargeReserve", "-0.1", "battery.stateOfChargeReserve: expected 0 to below 1, found -0.1")]
    [InlineData("$.ground.port", "0", "ground.port: expected 1 to 65535, found 0")]
    [InlineData("$.ground.port", "65536", "ground.port: expected 1 to 65535, found 65536")]
    [InlineData("$.ground.stations", "[]", "ground.stations: expected 1 to 64, found 0")]
    [InlineData("$.ground.stations", "[null]", "ground.stations: expected no null among them, found one")]
    [InlineData("$.ground.stations[0].latitude", "90.1", "ground.stations.white-sands.latitude: expected -90 to 90, found 90.1")]
    [InlineData("$.ground.stations[0].longitude", "-180.1", "ground.stations.white-sands.longitude: expected -180 to 180, found -180.1")]
    [InlineData("$.ground.stations[0].altitudeMetres", "10001", "ground.stations.white-sands.altitudeMetres: expected -1000 to 10000, found 10001")]
    [InlineData("$.ground.stations[0].minElevationDegrees", "90", "ground.stations.white-sands.minElevationDegrees: expected 0 to below 90, found 90")]
    [InlineData("$.commanding.trustedKeys", "[]", "commanding.trustedKeys: expected 1 to 8, found 0")]
    [InlineData("$.commanding.trustedKeys", "[null]", "commanding.trustedKeys: expected no null among them, found one")]
    [InlineData("$.network.listenPort", "0", "network.listenPort: expected 1 to 65535, found 0")]
    [InlineData("$.network.listenAddress", "\"board\"", "network.listenAddress: expected an IP address such as 0.0.0.0, found 'board'")]
    [InlineData("$.board.watchdogTimeoutSeconds", "4", "board.watchdogTimeoutSeconds: expected 5 to 600, found 4")]
    [InlineData("$.board.watchdogTimeoutSeconds", "601", "board.watchdogTimeoutSeconds: expected 5 to 600, found 601")]
    [InlineData("$.modes.safeHoldOffSeconds", "-1", "modes.safeHoldOffSeconds: expected 0 to 86400, found -1")]
    [InlineData("$.modes.safeHoldOffSeconds", "86401", "modes.safeHoldOffSeconds: expected 0 to 86400, found 86401")]
    [InlineData("$.modes.savingPriority", "0", "modes.savingPriority: expected 1 to 9, found 0")]
    [InlineData("$.modes.savingPriority", "10", "modes.savingPriority: expected 1 to 9, found 10")]
    [InlineData("$.board.healthCheckSeconds", "0", "board.healthCheckSeconds: expected 1 to 3600, found 0")]
    [InlineData("$.board.healthCheckSeconds", "3601", "board.healthCheckSeconds: expected 1 to 3600, found 3601")]
    [InlineData("$.network.nodes", "[null]", "network.nodes: expected no null among them, found one")]
    [InlineData("$.network.nodes[0].node", "\"a b\"", "network.nodes: expected names of 1 to 32 of a-z, 0-9 and hyphen, found 'a b'")]
    [InlineData("$.network.nodes[0].node", "\"p10-s03\"", "network.nodes.p10-s03: expected every node once, found it again")]
    [InlineData("$.network.nodes[0].number", "-4", "network.nodes.p10-s04.number: expected 1 to 4294967295, found -4")]
    [InlineData("$.network.nodes[0].number", "1003", "network.nodes.p10-s04.number: expected every number once, found 1003 again")]
    [InlineData("$.network.nodes[0].tle", "[]", "network.nodes.p10-s04.tle: expected two lines, found 0")]
    [InlineData("$.network.links", "[null]", "network.links: expected no null among them, found one")]
    [InlineData("$.network.links[0].to", "1005", "network.links: expected two known nodes, found 1003 and 1005")]
    [InlineData("$.network.links[0].to", "1003", "network.links: expected two known nodes, found 1003 and 1003")]
    [InlineData("$.network.links[0].maxRangeKm", "0", "network.links: expected a range of 1 to 100000 km, found 0")]
    [InlineData("$.network.links[0].rateBitsPerSecond", "0", "network.links: expected a rate of 1 to 10^12 bit/s, found 0")]
    [InlineData("$.network.neighbours", "[null]", "network.neighbours: expected no null among them, found one")]
    [InlineData("$.network.neighbours[0].number", "1005", "network.neighbours: expected a known node and a port, found 1005 and 41004")]
    [InlineData("$.network.neighbours[0].port", "65536", "network.neighbours: expected a known node and a port, found 1004 and 65536")]
    public void What_is_out_of_range_is_told_with_key_range_and_value(string key, string value, string expected)
    {
        JsonObject example = ExampleConfiguration.New();
        Set(example, key, value);
        Assert.Contains($"{FilePath}: {expected}", Refused(example), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$.nodeNumber", "1")]
    [InlineData("$.clock.rate", "10000")]
    [InlineData("$.clock.loadRate", "0.1")]
    [InlineData("$.sensors.housekeepingPeriodSeconds", "1")]
    [InlineData("$.sensors.housekeepingPeriodSeconds", "3600")]
    [InlineData("$.battery.stateOfChargeReserve", "0")]
    [InlineData("$.battery.stateOfChargeReserve", "0.999")]
    [InlineData("$.board.watchdogTimeoutSeconds", "5")]
    [InlineData("$.board.watchdogTimeoutSeconds", "600")]
    [InlineData("$.modes.safeHoldOffSeconds", "0")]
    [InlineData("$.modes.safeHoldOffSeconds", "86400")]
    [InlineData("$.modes.savingPriority", "1")]
    [InlineData("$.modes.savingPriority", "9")]
    [InlineData("$.board.healthCheckSeconds", "1")]
    [InlineData("$.board.healthCheckSeconds", "3600")]
    [InlineData("$.network.listenAddress", "\"::\"")]
    [InlineData("$.ground.port", "1")]
    [InlineData("$.ground.port", "65535")]
    [InlineData("$.ground.stations[0].latitude", "-90")]
    [InlineData("$.ground.stations[0].longitude", "180")]
    [InlineData("$.ground.stations[0].minElevationDegrees", "0")]
    [InlineData("$.network.links", "[]")]
    [InlineData("$.network.neighbours", "[]")]
    public void The_limits_themselves_are_allowed(string key, string value)
    {
        JsonObject example = ExampleConfiguration.New();
        Set(example, key, value);
        if (key == "$.nodeNumber")
            example["network"]!["links"] = new JsonArray();
        _ = Read(example);
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Knows_256_other_nodes_and_not_one_more(int count, bool isAllowed)
    {
        JsonObject example = ExampleConfiguration.New();
        JsonArray nodes = example["network"]!["nodes"]!.AsArray();
        for (int i = 1; i < count; i++)
            nodes.Add(new JsonObject { ["node"] = $"other-{i}", ["number"] = 2000 + i, ["tle"] = ExampleConfiguration.Tle(5) });
        if (isAllowed)
            Assert.Equal(count, Read(example).Network.Nodes.Count);
        else
            Assert.Equal($"{FilePath}: network.nodes: expected at most 256, found 257", Refused(example));
    }

    [Fact]
    public void All_that_is_out_of_range_is_told_at_once()
    {
        JsonObject example = ExampleConfiguration.New();
        example["nodeNumber"] = -1;
        example["battery"]!["stateOfChargeReserve"] = 3;
        example["network"]!["listenPort"] = 99999;
        string[] faults = Refused(example).Split('\n');
        Assert.Equal(
        [
            $"{FilePath}: nodeNumber: expected 1 to 4294967295, found -1",
            $"{FilePath}: battery.stateOfChargeReserve: expected 0 to below 1, found 3",
            $"{FilePath}: network.listenPort: expected 1 to 65535, found 99999",
            $"{FilePath}: network.links: expected two known nodes, found 1003 and 1004",
        ], faults);
    }

    [Fact]
    public void All_keys_that_an_object_lacks_are_told_at_once()
    {
        JsonObject example = ExampleConfiguration.New();
        example.Remove("node");
        example.Remove("battery");
        string refusal = Refused(example);
        Assert.Contains("'node'", refusal, StringComparison.Ordinal);
        Assert.Contains("'battery'", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_stands_twice_is_refused()
    {
        File.WriteAllText(FilePath, ExampleConfiguration.New().ToJsonString().Replace("\"nodeNumber\":1003", "\"nodeNumber\":1003,\"nodeNumber\":1007", StringComparison.Ordinal));
        Assert.Contains("nodeNumber", Assert.Throws<OptionsException>(() => AgentOptionsFile.Read(FilePath)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("null", "expected an object, found null")]
    [InlineData("[]", "")]
    [InlineData("{", "")]
    [InlineData("{} {}", "")]
    public void What_is_no_configuration_is_refused(string text, string expected)
    {
        File.WriteAllText(FilePath, text);
        OptionsException refusal = Assert.Throws<OptionsException>(() => AgentOptionsFile.Read(FilePath));
        Assert.StartsWith(FilePath, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_cut_of_the_file_is_refused()
    {
        string whole = ExampleConfiguration.New().ToJsonString();
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllText(FilePath, whole[..length]);
            Assert.Throws<OptionsException>(() => AgentOptionsFile.Read(FilePath));
        }
    }

    [Fact]
    public void A_file_that_is_not_there_or_a_folder_is_refused_by_name()
    {
        Assert.Contains("nowhere.json", Assert.Throws<OptionsException>(() => AgentOptionsFile.Read(Path.Combine(_folder, "nowhere.json"))).Message, StringComparison.Ordinal);
        Assert.Contains(_folder, Assert.Throws<OptionsException>(() => AgentOptionsFile.Read(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_too_long_is_not_even_read()
    {
        using (FileStream file = File.Create(FilePath))
            file.SetLength((4 * 1024 * 1024) + 1);
        Assert.Equal($"{FilePath}: expected at most 4194304 bytes, found 4194305", Assert.Throws<OptionsException>(() => AgentOptionsFile.Read(FilePath)).Message);
    }

    [Fact]
    public void A_wrong_type_is_told_with_its_line()
    {
        File.WriteAllText(FilePath, ExampleConfiguration.InTheDocument.Replace("1003,\n", "\"1003\",\n", StringComparison.Ordinal));
        Assert.StartsWith($"{FilePath}:3: $.nodeNumber: The JSON value could not be converted to ",
            Assert.Throws<OptionsException>(() => AgentOptionsFile.Read(FilePath)).Message, StringComparison.Ordinal);
    }

    private AgentOptions Read(JsonObject configuration)
    {
        File.WriteAllText(FilePath, configuration.ToJsonString());
        return AgentOptionsFile.Read(FilePath);
    }

    private string Refused(JsonObject configuration) => Assert.Throws<OptionsException>(() => Read(configuration)).Message;

    private static IEnumerable<string> KeysOf(JsonNode node) => node switch
    {
        JsonObject keys => keys.SelectMany(pair => KeysOf(pair.Value!).Prepend(pair.Value!.GetPath())),
        JsonArray items => items.Where(item => item is JsonObject).SelectMany(item => KeysOf(item!)),
        _ => [],
    };

    private static JsonNode? Find(JsonNode root, string path)
    {
        JsonNode? node = root;
        foreach (string part in path.Split('.').Skip(1))
        {
            string[] pieces = part.Split('[', ']');
            node = node![pieces[0]];
            if (pieces.Length > 1)
                node = node![int.Parse(pieces[1])];
        }
        return node;
    }

    private static (JsonObject Parent, string Name) Parent(JsonObject root, string path)
    {
        int dot = path.LastIndexOf('.');
        return (Find(root, path[..dot])!.AsObject(), path[(dot + 1)..]);
    }

    private static void Set(JsonObject root, string path, string value)
    {
        (JsonObject parent, string name) = Parent(root, path);
        parent[name] = JsonNode.Parse(value);
    }
}
