using SatNode.Orbit.Constellations;

namespace SatNode.Orbit.Tests;

internal static class TestOrbits
{
    /// <summary>Equinox: the Sun is in the equator, near the node of plane 0.</summary>
    internal static readonly DateTimeOffset Equinox = new(2024, 3, 20, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Starlink's first shell.</summary>
    internal static WalkerShell Starlink { get; } = new()
    {
        Planes = 72,
        SatellitesPerPlane = 22,
        AltitudeKm = 550,
        InclinationDegrees = 53,
        Phasing = 17,
        Epoch = Equinox,
    };

    internal static SatelliteOrbit At(int plane, int slot) => new(Starlink.ElementsOf(plane, slot));
}
