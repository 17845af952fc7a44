using System.Globalization;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Elements;

/// <summary>Finds the mean elements (GP) of an osculating state: those from which SGP4 or SDP4 gives the very state at the epoch.</summary>
/// <remarks>Newton's method on six equinoctial numbers through the propagator itself, from the two-body orbit through the state. A few states cannot be found, because SGP4 is not smooth
/// there or has no meaning: some of deep space within 0.02° of the equator, or within 0.1° of it against the Earth's turn, orbits beyond the Moon's, and falls whose perigee is deep in
/// the Earth. One state says nothing of drag, so B* is what the caller knows. Elements of one state are as good as the state: an error of 1 m/s along the track grows by 260 km a day
/// in low orbit.</remarks>
public static class ElementFit
{
    /// <summary>How far SGP4's position at the epoch is from the state's at most, km: 1 mm.</summary>
    public const double PositionResidualMaxKm = 1e-6;

    /// <summary>The same of the velocity, km/s: 1 µm/s.</summary>
    public const double VelocityResidualMaxKmPerSecond = 1e-9;

    /// <summary>The element set of a state.</summary>
    /// <param name="state">Position and velocity in TEME.</param>
    /// <param name="epoch">The instant of the state, UTC, which becomes the epoch of the elements; 1957 to 2056.</param>
    /// <param name="bStar">Drag term B* in 1/Earth radii, −0.99999e9 to 0.99999e9.</param>
    /// <returns>A set without a name and with the catalogue number 0.</returns>
    /// <exception cref="ElementFitException">The state is not a number, below the Earth's surface, falls straight or leaves the Earth, or no elements give it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The epoch or B* is out of its range.</exception>
    public static Tle FromState(in TemeState state, DateTimeOffset epoch, double bStar = 0.0)
    {
        bool isRetrograde = state.PositionKm.Cross(state.VelocityKmPerSecond).Z < 0.0;
        EquinoctialElements target = Check(state, isRetrograde);
        var search = new ElementSearch(state, target, isRetrograde, epoch, bStar);
        return search.Run() ?? throw new ElementFitException(
            $"a state that mean elements of SGP4 give to {PositionResidualMaxKm * 1e6:0} mm and {VelocityResidualMaxKmPerSecond * 1e9:0} µm/s",
            search.NearestKm is { } km ? string.Create(CultureInfo.InvariantCulture, $"none from {ElementSearch.StartsMax} starts; the nearest is {km * 1e3:0.###} m away") : "none beside it");
    }

    private static EquinoctialElements Check(in TemeState state, bool isRetrograde)
    {
        if (!(state.PositionKm.IsFinite && state.VelocityKmPerSecond.IsFinite))
            throw new ElementFitException("six finite numbers", $"{Shown(state.PositionKm)} km and {Shown(state.VelocityKmPerSecond)} km/s");
        double distance = state.PositionKm.Length, speed = state.VelocityKmPerSecond.Length;
        if (!(distance >= Wgs72.RadiusKm))
            throw new ElementFitException("a position above the Earth's surface, 6378.135 km from its centre", string.Create(CultureInfo.InvariantCulture, $"{distance:0.###} km; are these km?"));
        double escape = Math.Sqrt(2.0 * Wgs72.MuKm3PerSecond2 / distance);
        if (!(speed < escape))
            throw new ElementFitException(string.Create(CultureInfo.InvariantCulture, $"a speed below that of escape, {escape:0.######} km/s"), string.Create(CultureInfo.InvariantCulture, $"{speed:0.######} km/s; are these km/s?"));
        return EquinoctialElements.TryOf(state, isRetrograde, out EquinoctialElements orbit) && orbit.ToClassical(isRetrograde, isPolar: false).Eccentricity <= Tle.EccentricityMax
            ? orbit
            : throw new ElementFitException($"an orbit of an eccentricity up to {Tle.EccentricityMax.ToString(CultureInfo.InvariantCulture)}", "a fall along a line through the Earth's centre");
    }

    private static string Shown(Vector3d vector) => string.Create(CultureInfo.InvariantCulture, $"({vector.X}, {vector.Y}, {vector.Z})");
}
