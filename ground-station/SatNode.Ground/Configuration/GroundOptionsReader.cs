using System.Net;
using SatNode.Ground.Cloud;
using SatNode.Ground.Metrics;
using SatNode.Ground.Placement;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Configuration;

/// <summary>Reads the configuration file. Refuses unknown keys, missing keys and values out of range, with file and line.</summary>
internal static class GroundOptionsReader
{
    private const int MaxCharacters = 8 * 1024 * 1024;
    private const int MaxSatellites = 30_000;
    private const int MaxStations = 100;
    private const int TleLineLength = 69;

    /// <summary>Reads a file; relative paths in it are relative to its folder.</summary>
    /// <exception cref="YamlInputException">The text is not a configuration.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static GroundOptions ReadFile(string path) =>
        Read(path, File.ReadAllText(path), Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".");

    /// <summary>Reads a text.</summary>
    public static GroundOptions Read(string source, string text, string folder)
    {
        YamlSection root = YamlSection.Parse(source, text, MaxCharacters);
        string keys = InFolder(folder, root.OptionalText("keys") ?? "keys");
        var options = new GroundOptions
        {
            File = source,
            Name = NodeName(root, "name"),
            Clock = Clock(root.Section("clock")),
            Mqtt = Mqtt(root.Section("mqtt"), folder, keys),
            Http = EndPoint(root.Section("http"), end: true),
            DataFolder = InFolder(folder, root.Text("dataFolder")),
            KeysFolder = keys,
            Satellites = Satellites(root),
            Stations = [.. root.Sections("stations", MaxStations).Select(Station)],
            Commanding = Commanding(root.OptionalSection("commanding")),
            Costs = Costs(root.OptionalSection("costs")),
            Objectives = Objectives(root.OptionalSection("objectives")),
            TelemetryMaxAge = TelemetryMaxAge(root.OptionalSection("metrics")),
            Placement = Placement(root.OptionalSection("placement")),
            Cloud = Cloud(root.OptionalSection("cloud"), folder),
            Otlp = Otlp(root.OptionalSection("telemetry"), folder),
            SiloPort = SiloPort(root.OptionalSection("twins")),
        };
        root.End();
        return options;
    }

    private static ClockOptions Clock(YamlSection section)
    {
        var clock = new ClockOptions(section.Time("epoch"), section.Time("origin"), section.Real("rate", 1e-3, 10_000, 1));
        section.End();
        return clock;
    }

    private static MqttOptions Mqtt(YamlSection section, string folder, string keys)
    {
        var mqtt = new MqttOptions(EndPoint(section, end: false), PathOf("certificate", "server.pem"), PathOf("key", "server.key"), PathOf("certificateAuthority", "ca.pem"));
        section.End();
        return mqtt;

        string PathOf(string key, string fallback) => section.OptionalText(key) is { } given ? InFolder(folder, given) : Path.Combine(keys, fallback);
    }

    private static IPEndPoint EndPoint(YamlSection section, bool end)
    {
        string given = section.OptionalText("address") ?? "127.0.0.1";
        if (!IPAddress.TryParse(given, out IPAddress? address))
            throw section.Fault("address", $"expected an IP address, found '{given}'");
        var endPoint = new IPEndPoint(address, section.Integer("port", 0, ushort.MaxValue));
        if (end)
            section.End();
        return endPoint;
    }

    private static List<SatelliteOptions> Satellites(YamlSection root)
    {
        List<SatelliteOptions> satellites = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        HashSet<int> numbers = [];
        foreach (YamlSection section in root.Sections("satellites", MaxSatellites))
        {
            var satellite = new SatelliteOptions(NodeName(section, "name"), section.Integer("number", 2, int.MaxValue), Tle(section));
            section.End();
            if (!names.Add(satellite.Name))
                throw section.Fault("name", $"expected each satellite once, found '{satellite.Name}' again");
            if (!numbers.Add(satellite.Number))
                throw section.Fault("number", $"expected each number once, found {satellite.Number} again");
            satellites.Add(satellite);
        }
        return satellites.Count > 0 ? satellites : throw root.Fault("satellites", "expected at least one satellite, found none");
    }

    private static IReadOnlyList<string>? Tle(YamlSection section)
    {
        IReadOnlyList<string> lines = section.Texts("tle", 2);
        if (lines.Count == 0)
            return null;
        if (lines.Count != 2)
            throw section.Fault("tle", $"expected two lines, found {lines.Count}");
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i];
            if (line.Length != TleLineLength || line[0] != '1' + i)
                throw section.Fault("tle", i, $"expected {TleLineLength} characters that begin with {i + 1}, found {line.Length} that begin with '{line[0]}'");
            int sum = line.AsSpan(0, TleLineLength - 1).ToArray().Sum(c => char.IsAsciiDigit(c) ? c - '0' : c == '-' ? 1 : 0) % 10;
            if (line[^1] != '0' + sum)
                throw section.Fault("tle", i, $"expected the checksum {sum}, found '{line[^1]}'");
        }
        return lines;
    }

    private static StationOptions Station(YamlSection section)
    {
        var station = new StationOptions(NodeName(section, "name"), section.Real("latitude", -90, 90), section.Real("longitude", -180, 180),
            section.Real("altitudeMetres", -500, 9000, 0), section.Real("minElevationDegrees", 0, 90, 5));
        section.End();
        return station;
    }

    private static CommandingOptions Commanding(YamlSection? section)
    {
        var commanding = new CommandingOptions(TimeSpan.FromSeconds(section?.Integer("validitySeconds", 1, 30 * 86_400, 86_400) ?? 86_400),
            section?.Integer("queueMax", 1, 10_000, 256) ?? 256);
        section?.End();
        return commanding;
    }

    private static CostOptions Costs(YamlSection? section)
    {
        var costs = new CostOptions(section?.Real("perJoule", 0, 1e6, 1e-5) ?? 1e-5, section?.Real("perCpuHour", 0, 1e6, 0.05) ?? 0.05);
        section?.End();
        return costs;
    }

    private static ObjectiveOptions Objectives(YamlSection? section)
    {
        var objectives = new ObjectiveOptions(TimeSpan.FromSeconds(section?.Real("windowSeconds", 1, 30 * 86_400, 5_400) ?? 5_400),
            TimeSpan.FromSeconds(section?.Real("thresholdSeconds", 0.001, 86_400, 60) ?? 60),
            section?.Numbers("functions", 0.001, 86_400) ?? new Dictionary<string, double>(StringComparer.Ordinal));
        section?.End();
        return objectives;
    }

    private static TimeSpan TelemetryMaxAge(YamlSection? section)
    {
        TimeSpan age = TimeSpan.FromSeconds(section?.Real("telemetryMaxAgeSeconds", 1, 30 * 86_400, 6_000) ?? 6_000);
        section?.End();
        return age;
    }

    private static PlacementOptions Placement(YamlSection? section)
    {
        PlacementOptions defaults = PlacementOptions.Default;
        if (section is null)
            return defaults;
        var placement = new PlacementOptions(section.Integer("functionsMax", 1, 64, defaults.FunctionsMax), section.Real("memoryBytesMax", 1e6, 1e12, defaults.MemoryBytesMax),
            Seconds(section, "telemetryMaxAgeSeconds", defaults.TelemetryMaxAge), Seconds(section, "passHorizonSeconds", defaults.PassHorizon),
            Weights(section.OptionalSection("weights")));
        section.End();
        return placement;
    }

    private static PlacementWeights Weights(YamlSection? section)
    {
        PlacementWeights defaults = PlacementWeights.Default;
        if (section is null)
            return defaults;
        var weights = new PlacementWeights(section.Integer("latency", 0, 100, defaults.Latency), section.Integer("temperature", 0, 100, defaults.Temperature),
            section.Integer("charge", 0, 100, defaults.Charge), section.Integer("spread", 0, 100, defaults.Spread));
        section.End();
        return weights;
    }

    private static CloudOptions? Cloud(YamlSection? section, string folder)
    {
        if (section is null)
            return null;
        var cloud = new CloudOptions(InFolder(folder, section.Text("kubeconfig")), section.OptionalText("context"), section.OptionalText("namespace") ?? "default",
            Seconds(section, "statusPeriodSeconds", TimeSpan.FromSeconds(10), max: 3600), Seconds(section, "replaceAfterSeconds", TimeSpan.FromSeconds(12_000)),
            Seconds(section, "retryAfterSeconds", TimeSpan.FromSeconds(600)));
        if (cloud.Namespace.Length > 63 || !cloud.Namespace.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            throw section.Fault("namespace", $"expected 1 to 63 of a-z, 0-9 and hyphen, found '{cloud.Namespace}'");
        section.End();
        return cloud;
    }

    private static OtlpOptions? Otlp(YamlSection? telemetry, string folder)
    {
        YamlSection? section = telemetry?.OptionalSection("otlp");
        telemetry?.End();
        if (section is null)
            return null;
        string text = section.Text("endpoint");
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? endpoint) || (endpoint.Scheme != Uri.UriSchemeHttp && endpoint.Scheme != Uri.UriSchemeHttps))
            throw section.Fault("endpoint", $"expected an address such as http://127.0.0.1:4318, found '{text}'");
        bool isGrpc = section.Choice("protocol", ["http", "grpc"], "http") == "grpc";
        if (!isGrpc && endpoint.AbsolutePath == "/")
            endpoint = new Uri(endpoint, "v1/metrics");
        var otlp = new OtlpOptions(endpoint, isGrpc, section.OptionalText("headersFile") is { } file ? InFolder(folder, file) : null,
            Seconds(section, "periodSeconds", TimeSpan.FromSeconds(15), max: 3600));
        section.End();
        return otlp;
    }

    private static TimeSpan Seconds(YamlSection section, string key, TimeSpan fallback, double max = 30 * 86_400) =>
        TimeSpan.FromSeconds(section.Real(key, 1, max, fallback.TotalSeconds));

    private static int SiloPort(YamlSection? section)
    {
        int port = section?.Integer("port", 0, ushort.MaxValue, 0) ?? 0;
        section?.End();
        return port;
    }

    private static string NodeName(YamlSection section, string key)
    {
        string name = section.Text(key);
        return Topics.IsNodeName(name) ? name : throw section.Fault(key, $"expected 1 to 32 of a-z, 0-9 and hyphen, found '{name}'");
    }

    private static string InFolder(string folder, string path) => Path.GetFullPath(path, Path.GetFullPath(folder));
}
