using SatNode.Orbit.Constellations;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;

namespace SatNode.Rig.Scenarios;

/// <summary>Turns orbits as a scenario names them into element sets, and ground stations into sites.</summary>
internal static class SpecOrbits
{
    /// <summary>The element set of a satellite.</summary>
    /// <param name="orbit">Its orbit as the scenario names it.</param>
    /// <param name="epoch">The scenario's epoch, at which a shell stands as described.</param>
    public static Tle ElementsOf(OrbitSpec orbit, DateTimeOffset epoch) => orbit switch
    {
        TleOrbit tle => tle.Elements,
        ShellOrbit place => ShellOf(place.Shell, epoch).ElementsOf(place.Plane, place.Slot),
        _ => throw new ArgumentOutOfRangeException(nameof(orbit), orbit, "expected a place in a shell or an element set"),
    };

    /// <summary>The sites of ground stations, in their order.</summary>
    public static GroundSite[] SitesOf(IEnumerable<StationSpec> stations) => [.. stations.Select(station => new GroundSite(
        Geodetic.FromDegrees(station.LatitudeDegrees, station.LongitudeDegrees, station.AltitudeMetres / 1000), ElevationMask.Constant(station.MinElevationDegrees)))];

    /// <summary>The shell.</summary>
    public static WalkerShell ShellOf(ShellSpec shell, DateTimeOffset epoch) =>
        WalkerShell.Of(shell.Pattern, new(shell.Planes * shell.PerPlane, shell.Planes, shell.Phasing), shell.AltitudeKm, shell.InclinationDegrees, epoch) with { RaanOffsetDegrees = shell.RaanDegrees };
}
