using SatNode.Orbit.Geometry;
using SatNode.Protocol.Quantities;
using SatNode.Rig.Display;
using SatNode.Rig.World;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>Makes the moment's picture of a flight: the truth where it is the world, and the agents' own events where it is theirs.</summary>
internal static class FlightView
{
    /// <summary>The flight now.</summary>
    public static FlightSnapshot Of(Bench bench, string phase)
    {
        DateTimeOffset now = bench.World.Now;
        return new()
        {
            Scenario = bench.Scenario.Name,
            Time = now,
            Elapsed = now - bench.Scenario.Epoch,
            Duration = bench.Scenario.Duration,
            Rate = bench.Scenario.Rate,
            Phase = phase,
            Events = bench.Satellites.Sum(satellite => satellite.Events.Count),
            Satellites = [.. bench.Satellites.Select(satellite => Row(bench, satellite, now))],
        };
    }

    private static SatelliteRow Row(Bench bench, BenchSatellite satellite, DateTimeOffset now)
    {
        TruthSample truth = satellite.Truth.Now;
        Geodetic below = satellite.Truth.Orbit.GeodeticAt(now);
        (string running, IReadOnlyList<string> peers, string last) = satellite.Events.Now;
        return new()
        {
            Name = satellite.Spec.Name,
            LatitudeDegrees = below.LatitudeDegrees,
            LongitudeDegrees = below.LongitudeDegrees,
            SunFraction = truth.SunFraction,
            BoardCelsius = new Temperature(truth.BoardKelvin).Celsius,
            StateOfCharge = truth.StateOfCharge,
            StateOfChargeReserve = satellite.Spec.Vehicle.StateOfChargeReserve,
            Contacts = [.. bench.StationsThatSee(satellite, now), .. peers],
            Running = running,
            LastEvent = last,
            IsPowered = satellite.Board.Power.IsOn,
        };
    }
}
