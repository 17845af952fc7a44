using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Tests.Scenarios.Checks;

/// <summary>A flight of ten minutes of three satellites in which every check passes, to be changed in one place by each test.</summary>
internal static class GoodFlight
{
    public static readonly DateTimeOffset Epoch = new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero);

    public static readonly string RegionsPath = WriteRegions();

    public static readonly byte[] Regions = """{"type":"FeatureCollection","burntPixels":90,"features":[{"id":1,"properties":{"pixels":61,"bbox":[61,0,72,10],"meanNbr":-0.3277}}]}"""u8.ToArray();

    public static FlightRecord Create() => new()
    {
        Scenario = Spec(),
        Satellites = [Satellite("p10-s03"), Satellite("p10-s04"), Satellite("p11-s04")],
        Links = [new("p10-s03", "p10-s04", 9000), new("p10-s04", "p11-s04", 8000), new("p10-s04", "p10-s03", 500), new("p11-s04", "p10-s04", 500)],
        Commands = [new(new(TimeSpan.FromMinutes(1), "p10-s03", "ping", new Dictionary<string, ArgumentValue>(StringComparer.Ordinal)), "c1", ["queued", "released", "accepted", "started", "completed"], "")],
        MetricsText = """
            # HELP satnode_board_temperature_celsius Temperature of the processor board.
            # TYPE satnode_board_temperature_celsius gauge
            satnode_board_temperature_celsius{satellite="p10-s03"} 26.5
            satnode_board_temperature_celsius{satellite="p10-s04"} 26
            satnode_board_temperature_celsius{satellite="p11-s04"} 2.6e1 1782043200000
            satnode_up{satellite="p11-s04"} 1
            satnode_function_invocations_total{satellite="p10-s03",function="ingest",result="completed"} 1
            satnode_function_invocations_total{satellite="p11-s04",function="detect",result="completed"} 1
            polaris_composed_metrics_polaris_slo_cloud_github_io_v1_cost_efficiency{target_namespace="default",target_name="detect"} 12.5

            """,
        Machine = new(7_000_000, 60),
    };

    /// <summary>The flight with one satellite changed.</summary>
    public static FlightRecord With(string satellite, Func<SatelliteRecord, SatelliteRecord> change)
    {
        FlightRecord flight = Create();
        return flight with { Satellites = [.. flight.Satellites.Select(record => record.Name == satellite ? change(record) : record)] };
    }

    public static EventRecord Event(ulong sequence, string name, params ReadOnlySpan<(string Name, string Value)> arguments)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach ((string key, string value) in arguments)
            values[key] = value;
        return new(1, sequence, Epoch.AddSeconds(60 * sequence), name, values);
    }

    public static InvocationReport Report(string function, InvocationResult result = InvocationResult.Completed, string run = "r1", byte[]? output = null) => new()
    {
        Function = function,
        Version = "1.0.0",
        InvocationId = $"{function}-{run}",
        Workflow = "fire",
        Run = run,
        Result = result,
        Queued = DtnTime.From(Epoch.AddSeconds(60)),
        Started = DtnTime.From(Epoch.AddSeconds(61)),
        Ended = DtnTime.From(Epoch.AddSeconds(90)),
        CpuTime = TimeSpan.FromSeconds(20),
        Energy = new(100),
        Fuel = 1000,
        State = StateOrigin.Local,
        Output = output,
    };

    private static Scenario Spec()
    {
        var shell = new ShellSpec(72, 22, 550, 53, 0, 0);
        return new()
        {
            File = "small.yaml",
            Name = "small",
            Epoch = Epoch,
            Duration = TimeSpan.FromMinutes(10),
            Rate = 60,
            Seed = 1,
            Satellites =
            [
                new("p10-s03", 1003, new ShellOrbit(shell, 10, 3), VehicleSpec.Default),
                new("p10-s04", 1004, new ShellOrbit(shell, 10, 4), VehicleSpec.Default),
                new("p11-s04", 1104, new ShellOrbit(shell, 11, 4), VehicleSpec.Default),
            ],
            Links = new([("p10-s03", "p10-s04"), ("p10-s04", "p11-s04")], 5000, 1e7),
            Stations = [new("redu", 50.002, 5.148, 0, 5)],
            Functions = [new("ingest", "", "", ["p10-s03"]), new("detect", "", "", ["p11-s04"])],
            Workflow = new("fire", [new("ingest", "ingest", [], ["p10-s03"]), new("detect", "detect", ["ingest"], ["p11-s04"])]),
            Commands = [new(TimeSpan.FromMinutes(1), "p10-s03", "ping", new Dictionary<string, ArgumentValue>(StringComparer.Ordinal))],
            Checks = new(10, 2, 2, 0.02, RegionsPath),
        };
    }

    private static SatelliteRecord Satellite(string name)
    {
        EventRecord[] events =
        [
            Event(1, "agent.started", ("version", "0.1.0"), ("start_ms", "120")),
            Event(2, "invocation.deferred", ("function", "detect"), ("constraint", "board-temperature"), ("predicted", "341.2"), ("limit", "338.15"), ("unit", "K"), ("until", "12:05")),
            Event(3, "invocation.offloaded", ("function", "detect"), ("constraint", "state-of-charge"), ("predicted", "0.25"), ("limit", "0.3"), ("unit", "1"), ("to", "p10-s04")),
            Event(4, "state.received", ("key", "fire/r1/ingest"), ("bytes", "7000"), ("hops", name == "p11-s04" ? "2" : "1"), ("origin", "ipn:1003.1")),
            Event(5, "agent.stopping", ("reason", "sigterm")),
        ];
        TruthPoint[] truth = [.. Enumerable.Range(0, 601).Select(second => Truth(Epoch.AddSeconds(second)))];
        return new()
        {
            Name = name,
            Truth = truth,
            Console = events,
            Archive = events,
            Samples = [.. Enumerable.Range(1, 59).SelectMany(i => Samples(truth[i * 10]))],
            Invocations = name switch { "p10-s03" => [Report("ingest")], "p11-s04" => [Report("detect", output: Regions)], _ => [] },
            ResidentBytes = 30_000_000,
            StartMilliseconds = 150,
        };
    }

    private static TruthPoint Truth(DateTimeOffset time)
    {
        double seconds = (time - Epoch).TotalSeconds;
        return new(time, 300 + (seconds * 0.05), 290, 0.6 - (seconds * 1e-5), 15, seconds < 300 ? 40 : 0, seconds < 300 ? 1 : 0);
    }

    private static IEnumerable<SampleRecord> Samples(TruthPoint truth) =>
    [
        new(truth.Time, Parameters.BoardTemperature, truth.BoardKelvin + 0.4),
        new(truth.Time, Parameters.StructureTemperature, truth.StructureKelvin - 0.4),
        new(truth.Time, Parameters.StateOfCharge, truth.StateOfCharge + 0.005),
        new(truth.Time, Parameters.BatteryVoltage, truth.BatteryVolts - 0.1),
        new(truth.Time, Parameters.SolarPower, truth.SolarWatts),
    ];

    private static string WriteRegions()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "regions.expected.json");
        File.WriteAllText(path, """{ "burntPixels": 90, "regions": [ { "id": 1, "pixels": 61, "bbox": [61, 0, 72, 10], "meanNbr": -0.327722 } ] }""");
        return path;
    }
}
