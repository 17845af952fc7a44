using System.Text.Json.Nodes;
using SatNode.Orbit.Elements;
using SatNode.Protocol.Time;
using SatNode.Rig.Boards.Mounts;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>Where an agent reaches what is around it.</summary>
/// <param name="Mount">Its board's place on the bench.</param>
/// <param name="GroundPort">The link emulator's port to the broker.</param>
/// <param name="NeighbourPorts">The link emulator's ports to its neighbours, by name.</param>
internal sealed record AgentSurroundings(BoardMount Mount, int GroundPort, IReadOnlyDictionary<string, int> NeighbourPorts);

/// <summary>Writes an agent's configuration as docs/agent-configuration.md describes it.</summary>
internal static class AgentConfiguration
{
    /// <summary>The configuration of one satellite of a scenario.</summary>
    public static JsonObject Of(Scenario scenario, SatelliteSpec satellite, MissionClock clock, IReadOnlyDictionary<string, Tle> orbits, AgentSurroundings around)
    {
        var configuration = new JsonObject
        {
            ["node"] = satellite.Name,
            ["nodeNumber"] = satellite.Number,
            ["dataFolder"] = "data",
            ["clock"] = new JsonObject
            {
                ["epoch"] = clock.Epoch.ToString("O"),
                ["origin"] = clock.Origin.ToString("O"),
                ["rate"] = clock.Rate,
                ["loadRate"] = clock.Rate / around.Mount.EmulationSlowdown,
            },
            ["orbit"] = new JsonObject { ["tle"] = Lines(orbits[satellite.Name]) },
            ["sensors"] = new JsonObject { ["bus"] = around.Mount.SensorBus, ["housekeepingPeriodSeconds"] = satellite.Vehicle.HousekeepingPeriodSeconds },
            ["battery"] = new JsonObject
            {
                ["capacityWattHours"] = satellite.Vehicle.BatteryCapacityWattHours,
                ["capacityMilliampereHours"] = satellite.Vehicle.BatteryCapacityMilliampereHours,
                ["stateOfChargeReserve"] = satellite.Vehicle.StateOfChargeReserve,
            },
            ["ground"] = new JsonObject
            {
                ["host"] = around.Mount.HostAddress,
                ["port"] = around.GroundPort,
                ["serverName"] = "satnode-ground",
                ["certificateAuthority"] = "keys/ca.pem",
                ["certificate"] = "keys/node.pem",
                ["key"] = "keys/node.key",
                ["stations"] = Array(scenario.Stations, station => new JsonObject
                {
                    ["name"] = station.Name,
                    ["latitude"] = station.LatitudeDegrees,
                    ["longitude"] = station.LongitudeDegrees,
                    ["altitudeMetres"] = station.AltitudeMetres,
                    ["minElevationDegrees"] = station.MinElevationDegrees,
                }),
            },
            ["commanding"] = new JsonObject { ["trustedKeys"] = new JsonArray("keys/command.pub") },
            ["functions"] = new JsonObject { ["trustedKeys"] = new JsonArray("keys/function.pub") },
            ["network"] = Network(scenario, satellite, orbits, around),
        };
        if (scenario.Policy is { } policy)
            configuration["admission"] = new JsonObject { ["policy"] = policy };
        if (scenario.PayloadImage is { } image)
            configuration["payload"] = new JsonObject { ["image"] = around.Mount.Place(image) };
        if (around.Mount.BoardSection() is { } board)
            configuration["board"] = board;
        return configuration;
    }

    private static JsonObject Network(Scenario scenario, SatelliteSpec satellite, IReadOnlyDictionary<string, Tle> orbits, AgentSurroundings around)
    {
        Dictionary<string, int> numbers = scenario.Satellites.ToDictionary(other => other.Name, other => other.Number, StringComparer.Ordinal);
        var network = new JsonObject
        {
            ["listenPort"] = around.Mount.ListenPort,
            ["nodes"] = Array(scenario.Satellites.Where(other => other.Name != satellite.Name),
                other => new JsonObject { ["node"] = other.Name, ["number"] = other.Number, ["tle"] = Lines(orbits[other.Name]) }),
            ["links"] = Array(scenario.Links.Pairs, pair => new JsonObject
            {
                ["from"] = numbers[pair.From],
                ["to"] = numbers[pair.To],
                ["maxRangeKm"] = scenario.Links.MaxRangeKm,
                ["rateBitsPerSecond"] = scenario.Links.RateBitsPerSecond,
            }),
            ["neighbours"] = Array(around.NeighbourPorts, neighbour => new JsonObject { ["number"] = numbers[neighbour.Key], ["host"] = around.Mount.HostAddress, ["port"] = neighbour.Value }),
        };
        if (around.Mount.ListenAddress is { } address)
            network["listenAddress"] = address;
        return network;
    }

    private static JsonArray Lines(Tle tle)
    {
        (string line1, string line2) = tle.ToLines();
        return new(line1, line2);
    }

    private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonObject> write) => new([.. items.Select(item => (JsonNode)write(item))]);
}
