using SatNode.Protocol.Telemetry;
using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads a scenario file strictly and reports all its faults at once, each with file, line and column.</summary>
public static class ScenarioReader
{
    /// <summary>Reads a scenario.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ScenarioException">The scenario cannot be flown; with every fault by line.</exception>
    public static Scenario Read(string path)
    {
        List<ScenarioFault> faults = [];
        var file = new YamlFile(path, faults);
        Scenario? scenario = file.Read() is { } root ? Read(file, root) : null;
        return faults.Count == 0 ? scenario! : throw Sorted(path, faults);
    }

    /// <summary>Reads a scenario from a text as if it stood in a file.</summary>
    /// <exception cref="ScenarioException">The scenario cannot be flown; with every fault by line.</exception>
    public static Scenario Parse(string text, string path)
    {
        List<ScenarioFault> faults = [];
        var file = new YamlFile(path, faults);
        Scenario? scenario = file.Parse(text) is { } root ? Read(file, root) : null;
        return faults.Count == 0 ? scenario! : throw Sorted(path, faults);
    }

    private static ScenarioException Sorted(string path, List<ScenarioFault> faults) => new(
    [
        .. faults.Distinct().OrderBy(fault => fault.File == path ? 0 : 1).ThenBy(fault => fault.File, StringComparer.Ordinal)
            .ThenBy(fault => fault.Line).ThenBy(fault => fault.Column),
    ]);

    private static Scenario Read(YamlFile file, YamlMap root)
    {
        string name = NodeName(root.Need("name"));
        string description = root.Find("description")?.AsText() ?? "";
        DateTimeOffset epoch = root.Need("epoch")?.AsElementEpoch() ?? default;
        int before = file.Faults.Count;
        double minutes = root.Need("durationMinutes")?.AsNumber(1, Limits.MaxDurationMinutes) ?? 1;
        double latest = file.Faults.Count == before ? minutes : Limits.MaxDurationMinutes;
        double rate = root.Find("rate")?.AsNumber(1, 1000) ?? 60;
        int seed = (int)(root.Find("seed")?.AsInteger(0, int.MaxValue) ?? 1);
        VehicleSpec vehicle = root.Find("vehicle")?.AsMap() is { } defaults ? VehicleReader.Read(defaults, VehicleSpec.Default, close: true) : VehicleSpec.Default;
        YamlMap? constellation = root.Need("constellation")?.AsMap();
        IReadOnlyList<SatelliteSpec> satellites = WhenFaultless(file, () => constellation is null ? [] : ConstellationReader.Read(constellation, vehicle, epoch));
        HashSet<string> names = new(satellites.Select(satellite => satellite.Name), StringComparer.Ordinal);
        LinkSpec links = root.Need("links")?.AsMap() is { } map ? LinkReader.Read(map, satellites, epoch) : new([], 1, 1000);
        IReadOnlyList<StationSpec> stations = root.Need("stations") is { } list ? ReadStations(list) : [];
        GroundSpec ground = root.Find("ground")?.AsMap() is { } listens ? ReadGround(listens) : new(default, default);
        double recovery = root.Find("recoveryMinutes")?.AsNumber(0, 120) ?? 10;
        string? image = ReadPayload(root);
        IReadOnlyList<FunctionSpec> functions = WhenFaultless(file,
            () => root.Find("functions") is { } deployments ? FunctionReader.Read(deployments, satellites) : []);
        WorkflowSpec? workflow = root.Find("workflow")?.AsMap() is { } stages ? WorkflowReader.Read(stages, functions, names) : null;
        IReadOnlyList<CommandSpec> commands = root.Find("commands") is { } sent ? CommandReader.Read(sent, names, latest) : [];
        CloudSpec? cloud = root.Find("cloud")?.AsMap() is { } cluster ? CloudReader.Read(cluster, latest) : null;
        ComparisonSpec? comparison = root.Find("comparison") is { } compared ? ReadComparison(compared, satellites) : null;
        CheckSpec checks = ReadChecks(root);
        root.Close();
        return new Scenario
        {
            File = file.Path,
            Name = name,
            Description = description,
            Epoch = epoch,
            Duration = TimeSpan.FromMinutes(minutes),
            Rate = rate,
            Seed = seed,
            Satellites = satellites,
            Links = links,
            Stations = stations,
            Ground = ground,
            Recovery = TimeSpan.FromMinutes(recovery),
            PayloadImage = image,
            Functions = functions,
            Workflow = workflow,
            Commands = commands,
            Cloud = cloud,
            Comparison = comparison,
            Checks = checks,
        };
    }

    /// <summary>A list without faults, else none: names that refer to a list with faults are not judged, so that one mistake is one line.</summary>
    private static IReadOnlyList<T> WhenFaultless<T>(YamlFile file, Func<IReadOnlyList<T>> read)
    {
        int before = file.Faults.Count;
        IReadOnlyList<T> list = read();
        return file.Faults.Count == before ? list : [];
    }

    private static List<StationSpec> ReadStations(YamlValue list)
    {
        List<StationSpec> stations = [];
        foreach (YamlValue item in list.AsList())
        {
            if (item.AsMap() is not { } map)
                continue;
            string name = NodeName(map.Need("name"));
            if (name.Length > 0 && stations.Any(station => station.Name == name))
                map.FaultAt("name", $"'{name}' stands twice");
            stations.Add(new(name,
                map.Need("latitudeDegrees")?.AsNumber(-90, 90) ?? 0,
                map.Need("longitudeDegrees")?.AsNumber(-180, 180) ?? 0,
                map.Find("altitudeMetres")?.AsNumber(-500, 9000) ?? 0,
                map.Find("minElevationDegrees")?.AsNumber(0, 90) ?? 5));
            map.Close();
        }
        if (stations.Count == 0)
            list.Fault("expected at least one station");
        return stations;
    }

    private static GroundSpec ReadGround(YamlMap map)
    {
        var ground = new GroundSpec(Port("httpPort"), Port("mqttPort"));
        map.Close();
        return ground;

        PortSpec Port(string key) => map.Find(key) is { } value ? new((int)value.AsInteger(0, 65_535), (int)value.Node.Start.Line, (int)value.Node.Start.Column) : default;
    }

    private static ComparisonSpec? ReadComparison(YamlValue value, IReadOnlyList<SatelliteSpec> satellites)
    {
        if (satellites.Count > 1)
            value.Fault($"expected one satellite to compare policies on, found {satellites.Count}");
        return value.AsMap() is { } map ? ComparisonReader.Read(map) : null;
    }

    private static string? ReadPayload(YamlMap root)
    {
        if (root.Find("payload")?.AsMap() is not { } payload)
            return null;
        string? image = payload.Need("image")?.AsFile("the image that the payload sees");
        payload.Close();
        return image;
    }

    private static CheckSpec ReadChecks(YamlMap root)
    {
        YamlMap? map = root.Find("checks")?.AsMap();
        var checks = new CheckSpec(
            (int)(map?.Find("samplesMin")?.AsInteger(1, 100_000) ?? 10),
            map?.Find("timeToleranceSeconds")?.AsNumber(0, 60) ?? 2,
            map?.Find("temperatureToleranceKelvin")?.AsNumber(0.1, 20) ?? 2,
            map?.Find("chargeTolerance")?.AsNumber(0.001, 0.2) ?? 0.02,
            map?.Find("regionsExpected")?.AsFile("the expected regions"));
        map?.Close();
        return checks;
    }

    /// <summary>A name of a node, which is also what a run, a station and a satellite are called by.</summary>
    internal static string NodeName(YamlValue? value)
    {
        string name = value?.AsText() ?? "";
        if (name.Length > 0 && !Topics.IsNodeName(name))
        {
            value!.Fault($"expected 1 to 32 of a to z, 0 to 9 and hyphen, found '{name}'");
            return "";
        }
        return name;
    }
}
