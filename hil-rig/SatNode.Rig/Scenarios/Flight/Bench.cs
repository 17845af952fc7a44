using SatNode.Orbit;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;
using SatNode.Rig.Boards.Mounts;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Strategies;
using SatNode.Rig.Devices;
using SatNode.Rig.Links;
using SatNode.Rig.Scenarios.Checks;
using SatNode.Rig.World;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>A satellite on the bench: its truth, its sensors' bus, its board and what the board said.</summary>
internal sealed record BenchSatellite(SatelliteSpec Spec, SatelliteTruth Truth, IBoard Board, BoardStrategy Strategy, EventTracker Events)
{
    /// <summary>World time of power on; null before.</summary>
    public DateTimeOffset? PoweredAt { get; set; }

    /// <summary>True when the board is emulated.</summary>
    public required bool IsEmulated { get; init; }
}

/// <summary>The world of a scenario with everything that stands around its agents: truths, sensor buses, links and boards. Disposed, nothing of it is left.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly FlightBoards _boards;
    private readonly List<BoardMount> _mounts = [];
    private readonly LinkEmulator _links;
    private readonly Dictionary<(string From, string To), EmulatedLink> _linksByEnds = [];
    private readonly string _sockets;
    private readonly List<BenchSatellite> _satellites = [];

    private Bench(Scenario scenario, MissionClock clock, IReadOnlyDictionary<string, Tle> orbits, FlightBoards boards)
    {
        _boards = boards;
        Scenario = scenario;
        Clock = clock;
        Orbits = orbits;
        Stations = SpecOrbits.SitesOf(scenario.Stations);
        World = new(scenario.Epoch, clock.Rate, Stations);
        _links = new(clock);
        _sockets = Directory.CreateTempSubdirectory("satnode-").FullName; // short: a socket's path has 107 bytes at most
    }

    /// <summary>The scenario.</summary>
    public Scenario Scenario { get; }

    /// <summary>The world's clock.</summary>
    public MissionClock Clock { get; }

    /// <summary>The element sets by name.</summary>
    public IReadOnlyDictionary<string, Tle> Orbits { get; }

    /// <summary>The truth.</summary>
    public TrueWorld World { get; }

    /// <summary>The antennas, in the scenario's order.</summary>
    public IReadOnlyList<GroundSite> Stations { get; }

    /// <summary>The satellites, in the scenario's order.</summary>
    public IReadOnlyList<BenchSatellite> Satellites => _satellites;

    /// <summary>Builds the bench and writes the agents' configurations; the boards are off.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="clock">The world's clock.</param>
    /// <param name="orbits">The element sets by name.</param>
    /// <param name="boards">How each satellite's board is mounted.</param>
    /// <param name="mqttPort">The broker's port.</param>
    /// <param name="cancellation">Ends it, with nothing left.</param>
    public static async Task<Bench> Build(Scenario scenario, MissionClock clock, IReadOnlyDictionary<string, Tle> orbits, FlightBoards boards, int mqttPort, CancellationToken cancellation)
    {
        var bench = new Bench(scenario, clock, orbits, boards);
        try
        {
            Dictionary<string, SatelliteOrbit> flying = orbits.ToDictionary(pair => pair.Key, pair => new SatelliteOrbit(pair.Value), StringComparer.Ordinal);
            Dictionary<string, int> listening = scenario.Satellites.Zip(Ports.Free(scenario.Satellites.Count)).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
            foreach ((string one, string other) in scenario.Links.Pairs)
            {
                bench.AddLink(one, other, flying, listening);
                bench.AddLink(other, one, flying, listening);
            }
            for (int i = 0; i < scenario.Satellites.Count; i++)
                await bench.AddSatellite(scenario.Satellites[i], scenario.Seed + i, flying, listening, mqttPort, cancellation);
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the emulator delivered from each satellite to each neighbour: whoever of the two had opened the connection.</summary>
    public IReadOnlyList<LinkRecord> LinkRecords() =>
    [
        .. _linksByEnds.Select(pair => new LinkRecord(pair.Key.From, pair.Key.To,
            pair.Value.Counters.Forward.BytesDelivered + _linksByEnds[(pair.Key.To, pair.Key.From)].Counters.Backward.BytesDelivered)),
    ];

    /// <summary>The names of the stations that see a satellite.</summary>
    public IEnumerable<string> StationsThatSee(BenchSatellite satellite, DateTimeOffset time)
    {
        Vector3d position = satellite.Truth.Orbit.EcefAt(time).PositionKm;
        return Scenario.Stations.Where((_, i) => Stations[i].Sees(position)).Select(station => station.Name);
    }

    /// <summary>Whether a station sees a satellite throughout a time span.</summary>
    public bool IsInContactThrough(BenchSatellite satellite, DateTimeOffset from, DateTimeOffset until) =>
        LinkGeometry.IsInContactThrough(satellite.Truth.Orbit, Stations, from, until);

    /// <summary>When every satellite will have been seen by a station, or the end of the search.</summary>
    public DateTimeOffset LastToContact(DateTimeOffset from, DateTimeOffset until) => _satellites.Max(satellite =>
        Stations.SelectMany(site => ContactWindows.Passes(satellite.Truth.Orbit, site, from, until)).Select(pass => pass.Aos).DefaultIfEmpty(until).Min());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_satellites.Select(satellite => satellite.Board.DisposeAsync().AsTask()));
        foreach (BenchSatellite satellite in _satellites)
            satellite.Strategy.Dispose();
        await _links.DisposeAsync();
        foreach (BoardMount mount in _mounts)
            await mount.DisposeAsync();
        Directory.Delete(_sockets, recursive: true);
    }

    private void AddLink(string from, string to, Dictionary<string, SatelliteOrbit> flying, Dictionary<string, int> listening) =>
        _linksByEnds[(from, to)] = _links.Add(new()
        {
            Name = $"{from}→{to}",
            TargetPort = listening[to],
            State = LinkGeometry.InterSatellite(flying[from], flying[to], new IslLimits { MaxRangeKm = Scenario.Links.MaxRangeKm }, Scenario.Links.RateBitsPerSecond),
        });

    private async Task AddSatellite(SatelliteSpec spec, int seed, Dictionary<string, SatelliteOrbit> flying, Dictionary<string, int> listening, int mqttPort, CancellationToken cancellation)
    {
        SatelliteTruth truth = World.Add(spec.Name, flying[spec.Name], Options(spec.Vehicle));
        var sensors = new SensorSuite(() => truth.Sensed, Clock, truth.BatteryCoulombs, seed,
            new() { Identity = new(_boards.IsEmulated(spec.Name) ? "qemu-virt-arm64" : "process", $"sat-{spec.Number}") });
        BoardMount mount = _boards.Mount(spec.Name, new(_sockets, sensors.Bus, listening[spec.Name], Clock));
        _mounts.Add(mount);
        EmulatedLink ground = _links.Add(new()
        {
            Name = $"{spec.Name}→ground",
            TargetPort = mqttPort,
            State = LinkGeometry.Ground(truth.Orbit, Stations, Scenario.Links.GroundRateBitsPerSecond),
        });
        Dictionary<string, int> neighbours = _linksByEnds.Where(pair => pair.Key.From == spec.Name).ToDictionary(pair => pair.Key.To, pair => pair.Value.ListenPort, StringComparer.Ordinal);
        Directory.CreateDirectory(mount.DataFolder);
        string configuration = AgentConfiguration.Of(Scenario, spec, Clock, Orbits, new(mount, ground.ListenPort, neighbours)).ToJsonString(JsonText.Indented);
        await File.WriteAllTextAsync(Path.Combine(mount.DataFolder, "agent.json"), configuration, cancellation);
        IBoard board = await _boards.Finish(mount, cancellation);
        truth.Board = board.Load;
        var events = new EventTracker();
        board.Console.Subscribe(events.Take);
        var strategy = new BoardStrategy(spec.Name, board.Power, board.Console, Clock, _boards.StrategyOf(spec.Name));
        _satellites.Add(new(spec, truth, board, strategy, events) { IsEmulated = _boards.IsEmulated(spec.Name) });
    }

    /// <summary>What the truth of a vehicle is made of.</summary>
    internal static SatelliteOptions Options(VehicleSpec vehicle) => vehicle.Satellite with
    {
        StateOfChargeInitial = vehicle.StateOfChargeInitial,
        BoardKelvinInitial = Temperature.FromCelsius(vehicle.BoardTemperatureCelsius).Kelvin,
        StructureKelvinInitial = Temperature.FromCelsius(vehicle.StructureTemperatureCelsius).Kelvin,
        BoardCores = vehicle.BoardCores,
        BoardIdleWatts = vehicle.BoardIdleWatts,
        BoardCoreWatts = vehicle.BoardCoreWatts,
        SolarPeakWatts = vehicle.SolarPeakWatts,
        AttitudeFactor = vehicle.AttitudeFactor,
        BaselineWatts = vehicle.BaselineWatts,
        BatteryWattHours = vehicle.BatteryCapacityWattHours,
        BatteryMilliampereHours = vehicle.BatteryCapacityMilliampereHours,
        HistorySamplesMax = (int)(Limits.MaxDurationMinutes * 60),
    };
}
