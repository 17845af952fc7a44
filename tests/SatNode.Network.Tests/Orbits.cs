using SatNode.Orbit;
using SatNode.Orbit.Constellations;

namespace SatNode.Network.Tests;

/// <summary>Orbits of Starlink's first shell.</summary>
internal static class Orbits
{
    public static readonly DateTimeOffset Epoch = new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero);

    public static SatelliteOrbit Of(int plane, int slot) => new(new WalkerShell
    {
        Planes = 72,
        SatellitesPerPlane = 22,
        AltitudeKm = 550,
        InclinationDegrees = 53,
        Phasing = 17,
        Epoch = Epoch,
    }.ElementsOf(plane, slot));
}
