using SatNode.Orbit;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;
using SatNode.Rig.Boards.Drivers;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Devices;
using SatNode.Rig.Links;
using SatNode.Rig.Scenarios.Checks;
using SatNode.Rig.World;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>A satellite on the bench: its truth, its sensors' bus, its board and what the board said.</summary>
internal sealed record BenchSatellite(SatelliteSpec Spec, SatelliteTruth Truth, ProcessBoard Board, EventTracker Events);

/// <summary>The world of a scenario with everything that stands around its agents: truths, sensor buses, links and boards. Disposed, nothing of it is left.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly List<UnixSocketI2cAdapter> _adapters = [];
    private readonly LinkEmulator _links;
    private readonly Dictionary<(string From, string To), EmulatedLink> _linksByEnds = [];
    private readonly string _sockets;
    private readonly List<BenchSatellite> _satellites = [];

    private Bench(Scenario scenario, MissionClock clock, IReadOnlyDictionary<string, Tle> orbits)
    {
        Scenario = scenario;
        Clock = clock;
        Orbits = orbits;
        Stations = [.. scenario.Stations.Select(station => new GroundSite(
            Geodetic.FromDegrees(station.LatitudeDegrees, station.LongitudeDegrees, station.AltitudeMetres / 1000), ElevationMask.Constant(station.MinElevationDegrees)))];
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
    /// <param name="agent">The agent.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="mqttPort">The broker's port.</param>
    public static async Task<Bench> Build(Scenario scenario, MissionClock clock, IReadOnlyDictionary<string, Tle> orbits, Executable agent, RunFolder folder, int mqttPort)
    {
        var bench = new Bench(scenario, clock, orbits);
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
                await bench.AddSatellite(scenario.Satellites[i], scenario.Seed + i, flying, listening, agent, folder, mqttPort);
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

    /// <summary>When every satellite will have been seen by a station, or the end of the search.</summary>
    public DateTimeOffset LastToContact(DateTimeOffset from, DateTimeOffset until) => _satellites.Max(satellite =>
        Stations.SelectMany(site => ContactWindows.Passes(satellite.Truth.Orbit, site, from, until)).Select(pass => pass.Aos).DefaultIfEmpty(until).Min());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_satellites.Select(satellite => satellite.Board.DisposeAsync().AsTask()));
        await _links.DisposeAsync();
        foreach (UnixSocketI2cAdapter adapter in _adapters)
            await adapter.DisposeAsync();
        Directory.Delete(_sockets, recursive: true);
    }

    private void AddLink(string from, string to, Dictionary<string, SatelliteOrbit> flying, Dictionary<string, int> listening) =>
        _linksByEnds[(from, to)] = _links.Add(new()
        {
            Name = $"{from}→{to}",
            TargetPort = listening[to],
            State = LinkGeometry.InterSatellite(flying[from], flying[to], new IslLimits { MaxRangeKm = Scenario.Links.MaxRangeKm }, Scenario.Links.RateBitsPerSecond),
        });

    private async Task AddSatellite(SatelliteSpec spec, int seed, Dictionary<string, SatelliteOrbit> flying, Dictionary<string, int> listening, Executable agent, RunFolder folder, int mqttPort)
    {
        SatelliteTruth truth = World.Add(spec.Name, flying[spec.Name], Options(spec.Vehicle));
        var sensors = new SensorSuite(() => truth.Sensed, Clock, truth.BatteryCoulombs, seed);
        string socket = Path.Combine(_sockets, spec.Name);
        _adapters.Add(new(sensors.Bus, socket));
        EmulatedLink ground = _links.Add(new()
        {
            Name = $"{spec.Name}→ground",
            TargetPort = mqttPort,
            State = LinkGeometry.Ground(truth.Orbit, Stations, Scenario.Links.GroundRateBitsPerSecond),
        });
        Dictionary<string, int> neighbours = _linksByEnds.Where(pair => pair.Key.From == spec.Name).ToDictionary(pair => pair.Key.To, pair => pair.Value.ListenPort, StringComparer.Ordinal);
        string home = folder.Board(spec.Name);
        Directory.CreateDirectory(home);
        string file = Path.Combine(home, "agent.json");
        await File.WriteAllTextAsync(file, AgentConfiguration.Of(Scenario, spec, Clock, Orbits, new(socket, ground.ListenPort, listening[spec.Name], neighbours)).ToJsonString(JsonText.Indented));
        var board = new ProcessBoard(new ProcessBoardResource { Name = spec.Name, Executable = agent.File, Arguments = [.. agent.Prefix, "--config", file], WorkingFolder = home }, Clock);
        truth.Board = board;
        var events = new EventTracker();
        board.Console.Subscribe(events.Take);
        _satellites.Add(new(spec, truth, board, events));
    }

    private static SatelliteOptions Options(VehicleSpec vehicle) => new()
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
