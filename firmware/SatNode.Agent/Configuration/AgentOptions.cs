using SatNode.Flight.Admission;

namespace SatNode.Agent.Configuration;

/// <summary>The agent's configuration, described in docs/agent-configuration.md. Read once at start; nothing in it changes while the agent runs.</summary>
public sealed record AgentOptions
{
    /// <summary>The node's name: 1 to 32 of a to z, 0 to 9 and hyphen.</summary>
    public required string Node { get; init; }

    /// <summary>The node's number in bundle endpoints, 1 to 2^32 − 1.</summary>
    public required long NodeNumber { get; init; }

    /// <summary>Where everything is kept that survives a power cut.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The world's clock; the machine's own when absent.</summary>
    public ClockOptions? Clock { get; init; }

    /// <summary>The node's own orbit.</summary>
    public required OrbitOptions Orbit { get; init; }

    /// <summary>The sensors.</summary>
    public required SensorOptions Sensors { get; init; }

    /// <summary>The battery.</summary>
    public required BatteryOptions Battery { get; init; }

    /// <summary>The ground's broker and stations.</summary>
    public required GroundOptions Ground { get; init; }

    /// <summary>Who may command the node.</summary>
    public required CommandingOptions Commanding { get; init; }

    /// <summary>Whose functions run here.</summary>
    public required FunctionOptions Functions { get; init; }

    /// <summary>The other nodes and the links to them.</summary>
    public required NetworkOptions Network { get; init; }

    /// <summary>The imager; absent on a node without one.</summary>
    public PayloadOptions? Payload { get; init; }

    /// <summary>How invocations are admitted; by the forecast when absent.</summary>
    public AdmissionChoice? Admission { get; init; }

    /// <summary>The board's own parts; absent on a board that has none to offer, such as a process on a bench.</summary>
    public BoardOptions? Board { get; init; }

    /// <summary>When modes are left, and what runs in them; as <see cref="ModeChoice"/> says when absent.</summary>
    public ModeChoice? Modes { get; init; }

    /// <summary>All that is out of range, each as <c>key: expected, found</c>.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        void Check(bool holds, string text)
        {
            if (!holds)
                faults.Add(text);
        }
        void CheckTle(string key, IReadOnlyList<string> lines)
        {
            Check(lines.Count == 2, $"{key}: expected two lines, found {lines.Count}");
            Check(!lines.Any(line => line is null), $"{key}: expected two lines, found null");
        }
        bool HasNull<T>(string key, IReadOnlyList<T> list) where T : class
        {
            bool hasNull = list.Any(item => item is null);
            Check(!hasNull, $"{key}: expected no null among them, found one");
            return hasNull;
        }

        Check(Protocol.Telemetry.Topics.IsNodeName(Node), $"node: expected 1 to 32 of a-z, 0-9 and hyphen, found '{Node}'");
        Check(NodeNumber is >= 1 and <= uint.MaxValue, $"nodeNumber: expected 1 to {uint.MaxValue}, found {NodeNumber}");
        Check(DataFolder.Length > 0, "dataFolder: expected a folder, found nothing");
        Check(Clock is null or { Rate: > 0 and <= 10_000 }, $"clock.rate: expected above 0 to 10000, found {Clock?.Rate}");
        Check(Clock?.LoadRate is null || (Clock.LoadRate > 0 && Clock.LoadRate <= Clock.Rate), $"clock.loadRate: expected above 0 to the rate of {Clock?.Rate}, found {Clock?.LoadRate}");
        if (Admission is { } admission)
        {
            Check(AdmissionPolicies.Names.Contains(admission.Policy, StringComparer.Ordinal), $"admission.policy: expected {string.Join(", ", AdmissionPolicies.Names)}, found '{admission.Policy}'");
            // A baseline lets a node overheat and run empty: only where the world is a bench's, which its clock tells.
            Check(AdmissionPolicies.Find(admission.Policy) is null or AdmissionPolicy.Forecast || (Clock is { } bench && (bench.Rate != 1 || bench.Epoch != bench.Origin)),
                $"admission.policy: expected forecast on a node with the machine's own clock, found '{admission.Policy}', which is for a bench's world alone");
        }
        CheckTle("orbit.tle", Orbit.Tle);
        if (Board is { } board)
        {
            Check(board.WatchdogTimeoutSeconds is >= 5 and <= 600, $"board.watchdogTimeoutSeconds: expected 5 to 600, found {board.WatchdogTimeoutSeconds}");
            Check(board.Watchdog is null || board.WatchdogTimeoutSeconds * (Clock?.Rate ?? 1) >= 2,
                $"board.watchdogTimeoutSeconds: expected at least two ticks, each a second of the world at rate {Clock?.Rate}, found {board.WatchdogTimeoutSeconds}");
            Check(board.HealthCheckSeconds is >= 1 and <= 3600, $"board.healthCheckSeconds: expected 1 to 3600, found {board.HealthCheckSeconds}");
        }
        Check(Sensors.HousekeepingPeriodSeconds is >= 1 and <= 3600, $"sensors.housekeepingPeriodSeconds: expected 1 to 3600, found {Sensors.HousekeepingPeriodSeconds}");
        if (Modes is { } modes)
        {
            Check(modes.SafeHoldOffSeconds is >= 0 and <= 86_400, $"modes.safeHoldOffSeconds: expected 0 to 86400, found {modes.SafeHoldOffSeconds}");
            Check(modes.SavingPriority is >= 1 and <= 9, $"modes.savingPriority: expected 1 to 9, found {modes.SavingPriority}");
        }
        Check(Battery.CapacityWattHours is > 0 and <= 100_000, $"battery.capacityWattHours: expected above 0 to 100000, found {Battery.CapacityWattHours}");
        Check(Battery.CapacityMilliampereHours is > 0 and <= 10_000_000, $"battery.capacityMilliampereHours: expected above 0 to 10000000, found {Battery.CapacityMilliampereHours}");
        Check(Battery.StateOfChargeReserve is >= 0 and < 1, $"battery.stateOfChargeReserve: expected 0 to below 1, found {Battery.StateOfChargeReserve}");
        if (HasNull("ground.stations", Ground.Stations) | HasNull("commanding.trustedKeys", Commanding.TrustedKeys) | HasNull("functions.trustedKeys", Functions.TrustedKeys) | HasNull("network.nodes", Network.Nodes)
            | HasNull("network.links", Network.Links) | HasNull("network.neighbours", Network.Neighbours))
        {
            return faults; // the rest cannot be read
        }
        Check(Ground.Port is >= 1 and <= 65535, $"ground.port: expected 1 to 65535, found {Ground.Port}");
        Check(Ground.Stations.Count is >= 1 and <= 64, $"ground.stations: expected 1 to 64, found {Ground.Stations.Count}");
        foreach (StationOptions station in Ground.Stations)
        {
            Check(station.Latitude is >= -90 and <= 90, $"ground.stations.{station.Name}.latitude: expected -90 to 90, found {station.Latitude}");
            Check(station.Longitude is >= -180 and <= 180, $"ground.stations.{station.Name}.longitude: expected -180 to 180, found {station.Longitude}");
            Check(station.AltitudeMetres is >= -1000 and <= 10_000, $"ground.stations.{station.Name}.altitudeMetres: expected -1000 to 10000, found {station.AltitudeMetres}");
            Check(station.MinElevationDegrees is >= 0 and < 90, $"ground.stations.{station.Name}.minElevationDegrees: expected 0 to below 90, found {station.MinElevationDegrees}");
        }
        Check(Commanding.TrustedKeys.Count is >= 1 and <= 8, $"commanding.trustedKeys: expected 1 to 8, found {Commanding.TrustedKeys.Count}");
        Check(Functions.TrustedKeys.Count is >= 1 and <= 8, $"functions.trustedKeys: expected 1 to 8, found {Functions.TrustedKeys.Count}");
        Check(Network.ListenPort is >= 1 and <= 65535, $"network.listenPort: expected 1 to 65535, found {Network.ListenPort}");
        Check(System.Net.IPAddress.TryParse(Network.ListenAddress, out _), $"network.listenAddress: expected an IP address such as 0.0.0.0, found '{Network.ListenAddress}'");
        Check(Network.Nodes.Count <= 256, $"network.nodes: expected at most 256, found {Network.Nodes.Count}");
        HashSet<long> known = [NodeNumber];
        var names = new HashSet<string>(StringComparer.Ordinal) { Node };
        foreach (NodeOptions node in Network.Nodes)
        {
            Check(Protocol.Telemetry.Topics.IsNodeName(node.Node), $"network.nodes: expected names of 1 to 32 of a-z, 0-9 and hyphen, found '{node.Node}'");
            Check(names.Add(node.Node), $"network.nodes.{node.Node}: expected every node once, found it again");
            Check(node.Number is >= 1 and <= uint.MaxValue, $"network.nodes.{node.Node}.number: expected 1 to {uint.MaxValue}, found {node.Number}");
            Check(known.Add(node.Number), $"network.nodes.{node.Node}.number: expected every number once, found {node.Number} again");
            CheckTle($"network.nodes.{node.Node}.tle", node.Tle);
        }
        foreach (LinkOptions link in Network.Links)
        {
            Check(known.Contains(link.From) && known.Contains(link.To) && link.From != link.To, $"network.links: expected two known nodes, found {link.From} and {link.To}");
            Check(link.MaxRangeKm is >= 1 and <= 100_000, $"network.links: expected a range of 1 to 100000 km, found {link.MaxRangeKm}");
            Check(link.RateBitsPerSecond is >= 1 and <= 1_000_000_000_000, $"network.links: expected a rate of 1 to 10^12 bit/s, found {link.RateBitsPerSecond}");
        }
        foreach (NeighbourOptions neighbour in Network.Neighbours)
            Check(known.Contains(neighbour.Number) && neighbour.Port is >= 1 and <= 65535, $"network.neighbours: expected a known node and a port, found {neighbour.Number} and {neighbour.Port}");
        return faults;
    }
}

/// <summary>The world's clock.</summary>
/// <param name="Epoch">World time at <paramref name="Origin"/>.</param>
/// <param name="Origin">Machine time at which the world starts.</param>
/// <param name="Rate">World seconds a machine second, above 0 to 10,000.</param>
/// <param name="LoadRate">World seconds of load that a second of this processor stands for, above 0 to the rate; the rate when absent. Lower on an emulated
/// processor, which needs longer than the one it stands for.</param>
public sealed record ClockOptions(DateTimeOffset Epoch, DateTimeOffset Origin, double Rate, double? LoadRate = null);

/// <summary>An orbit.</summary>
/// <param name="Tle">The two lines of an element set.</param>
public sealed record OrbitOptions(IReadOnlyList<string> Tle);

/// <summary>The sensors.</summary>
/// <param name="Bus"><c>unix:PATH</c> or <c>linux:N</c>.</param>
/// <param name="HousekeepingPeriodSeconds">1 to 3600.</param>
public sealed record SensorOptions(string Bus, int HousekeepingPeriodSeconds);

/// <summary>The modes.</summary>
/// <param name="SafeHoldOffSeconds">For how long all must be well before safe mode is left without a command, 0 to 86,400 of the world's seconds; 600 when absent.</param>
/// <param name="SavingPriority">The lowest priority that runs in eclipse-saving, 1 to 9; 7 when absent.</param>
public sealed record ModeChoice(int SafeHoldOffSeconds = 600, int SavingPriority = 7);

/// <summary>The battery.</summary>
/// <param name="CapacityWattHours">Energy from full to empty.</param>
/// <param name="CapacityMilliampereHours">Charge from full to empty.</param>
/// <param name="StateOfChargeReserve">The charge that is never planned away, 0 to 1.</param>
public sealed record BatteryOptions(double CapacityWattHours, double CapacityMilliampereHours, double StateOfChargeReserve);

/// <summary>How invocations are admitted.</summary>
/// <param name="Policy"><c>forecast</c>; on a bench also <c>off</c>, <c>hyperdrive</c> or <c>thresholds</c>, which are there to be compared with.</param>
public sealed record AdmissionChoice(string Policy);

/// <summary>The ground's broker and stations.</summary>
/// <param name="Host">Where the broker is reached.</param>
/// <param name="Port">Its port.</param>
/// <param name="ServerName">The name in its certificate.</param>
/// <param name="CertificateAuthority">PEM file of the only trusted authority.</param>
/// <param name="Certificate">PEM file of the node's certificate.</param>
/// <param name="Key">PEM file of its private key.</param>
/// <param name="Stations">The stations' antennas.</param>
public sealed record GroundOptions(string Host, int Port, string ServerName, string CertificateAuthority, string Certificate, string Key,
    IReadOnlyList<StationOptions> Stations);

/// <summary>A ground station's antenna.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Latitude">Degrees, north positive.</param>
/// <param name="Longitude">Degrees, east positive.</param>
/// <param name="AltitudeMetres">Over the ellipsoid.</param>
/// <param name="MinElevationDegrees">Below it nothing is heard.</param>
public sealed record StationOptions(string Name, double Latitude, double Longitude, double AltitudeMetres, double MinElevationDegrees);

/// <summary>Who may command the node.</summary>
/// <param name="TrustedKeys">PEM files of public keys on P-256.</param>
public sealed record CommandingOptions(IReadOnlyList<string> TrustedKeys);

/// <summary>Whose functions run on the node.</summary>
/// <param name="TrustedKeys">PEM files of public keys on P-256; an image that none of them signed is refused.</param>
public sealed record FunctionOptions(IReadOnlyList<string> TrustedKeys);

/// <summary>The other nodes and the links.</summary>
/// <param name="ListenPort">Where this node's links arrive.</param>
/// <param name="Nodes">All other nodes.</param>
/// <param name="Links">Pairs of nodes with terminals for each other; both directions.</param>
/// <param name="Neighbours">Where this node's own links are reached.</param>
/// <param name="ListenAddress">The address of this machine that links arrive at; 127.0.0.1 when absent, 0.0.0.0 is every one.</param>
public sealed record NetworkOptions(int ListenPort, IReadOnlyList<NodeOptions> Nodes, IReadOnlyList<LinkOptions> Links, IReadOnlyList<NeighbourOptions> Neighbours,
    string ListenAddress = "127.0.0.1");

/// <summary>The board's own parts.</summary>
/// <param name="Watchdog">The watchdog's device, usually <c>/dev/watchdog</c>; absent: none.</param>
/// <param name="WatchdogTimeoutSeconds">The board is reset after so long without a finished tick, 5 to 600 of the machine's seconds; 20 when absent.</param>
/// <param name="BootState">The boot state's block; absent: a board without slots. With it <c>SATNODE_SLOT</c> in the environment says which slot booted.</param>
/// <param name="HealthCheckSeconds">For how long all must be well before a slot on trial is confirmed, 1 to 3600 of the machine's seconds; 10 when absent.</param>
public sealed record BoardOptions(string? Watchdog = null, int WatchdogTimeoutSeconds = 20, string? BootState = null, int HealthCheckSeconds = 10);

/// <summary>Another node.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Number">Its number.</param>
/// <param name="Tle">Its orbit.</param>
public sealed record NodeOptions(string Node, long Number, IReadOnlyList<string> Tle);

/// <summary>A pair of terminals.</summary>
/// <param name="From">One node's number.</param>
/// <param name="To">The other's.</param>
/// <param name="MaxRangeKm">Beyond it there is no link.</param>
/// <param name="RateBitsPerSecond">Rate in the world's time.</param>
public sealed record LinkOptions(long From, long To, double MaxRangeKm, double RateBitsPerSecond);

/// <summary>Where a neighbour is reached.</summary>
/// <param name="Number">The neighbour's number.</param>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
public sealed record NeighbourOptions(long Number, string Host, int Port);

/// <summary>The imager.</summary>
/// <param name="Image">The file that it delivers.</param>
public sealed record PayloadOptions(string Image);
