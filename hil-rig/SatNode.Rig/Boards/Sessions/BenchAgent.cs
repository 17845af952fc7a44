using System.Text.Json.Nodes;
using SatNode.Orbit.Elements;
using SatNode.Protocol.Time;
using SatNode.Rig.Boards.Mounts;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Boards.Sessions;

/// <summary>What the agent of a board on the bench is told when there is no scenario: a satellite of its own, in real time, with a ground station on the host.</summary>
internal static class BenchAgent
{
    /// <summary>The port at which the board looks for a ground station on the host: MQTT over TLS.</summary>
    public const int GroundPort = 8883;

    private const int FirstNodeNumber = 9001;
    private static readonly ShellSpec Shell = new(Planes: 72, PerPlane: 22, AltitudeKm: 550, InclinationDegrees: 53, Phasing: 17, RaanDegrees: 0);

    /// <summary>The scenario with the bench's boards as satellites, over one ground station.</summary>
    /// <param name="bench">The bench.</param>
    /// <param name="epoch">When its orbits begin.</param>
    public static Scenario Scenario(BenchFile bench, DateTimeOffset epoch) => new()
    {
        File = bench.File,
        Name = bench.Name,
        Epoch = epoch,
        Duration = TimeSpan.FromDays(1),
        Rate = 1,
        Seed = 1,
        Satellites = [.. bench.Boards.Select((board, i) => new SatelliteSpec(board.Resource.Name, FirstNodeNumber + i, new ShellOrbit(Shell, 0, i % Shell.PerPlane), VehicleSpec.Default))],
        Links = new([], MaxRangeKm: 5000, RateBitsPerSecond: 40e6),
        Stations = [new("white-sands", 32.501, -106.609, 1470, 5)],
        Checks = new(SamplesMin: 0, TimeToleranceSeconds: 0, TemperatureToleranceKelvin: 0, ChargeTolerance: 0, RegionsExpected: null),
    };

    /// <summary>Writes the configuration of one board.</summary>
    public static JsonObject Configuration(Scenario scenario, string board, BoardMount mount)
    {
        Dictionary<string, Tle> orbits = scenario.Satellites.ToDictionary(satellite => satellite.Name, satellite => SpecOrbits.ElementsOf(satellite.Orbit, scenario.Epoch), StringComparer.Ordinal);
        var clock = new MissionClock(scenario.Epoch, scenario.Epoch, 1);
        return AgentConfiguration.Of(scenario, scenario.Satellites.Single(satellite => satellite.Name == board), clock, orbits, new(mount, GroundPort, new Dictionary<string, int>(StringComparer.Ordinal)));
    }
}
