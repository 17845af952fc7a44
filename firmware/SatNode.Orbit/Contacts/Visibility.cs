using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Contacts;

/// <summary>Who can see whom past the Earth, and how long the signal takes.</summary>
public static class Visibility
{
    /// <summary>The speed of light in km/s, exact.</summary>
    public const double LightKmPerSecond = 299_792.458;

    /// <summary>The least height of the straight line between two positions over a sphere of the equatorial radius, in km; negative through the Earth.</summary>
    /// <remarks>The sphere is never smaller than the ellipsoid, so a clear line is clear. The two positions are in the same axes.</remarks>
    public static double ClearanceKm(Vector3d fromKm, Vector3d toKm)
    {
        Vector3d line = toKm - fromKm;
        double length2 = line.LengthSquared;
        // The fraction of the way at which the line is nearest to the Earth's centre; the same place twice is its own nearest point.
        double fraction = length2 > 0.0 ? Math.Clamp(-fromKm.Dot(line) / length2, 0.0, 1.0) : 0.0;
        return (fromKm + (line * fraction)).Length - Wgs84.EquatorialRadiusKm;
    }

    /// <summary>True when the line between two positions stays at least <paramref name="grazingAltitudeKm"/> over the Earth
    /// (80 km keeps a laser out of the air, 0 is the bare horizon).</summary>
    public static bool HasLineOfSight(Vector3d fromKm, Vector3d toKm, double grazingAltitudeKm = 0.0) =>
        ClearanceKm(fromKm, toKm) >= grazingAltitudeKm;

    /// <summary>The time light takes for a distance, at least 0 and at most 1e9 km.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The distance is out of that range or not a number.</exception>
    public static TimeSpan LightTime(double distanceKm) => TimeSpan.FromSeconds(Bounds.Check(distanceKm, 0.0, 1e9) / LightKmPerSecond);

    /// <summary>The time light takes between two positions in the same axes.</summary>
    /// <inheritdoc cref="LightTime(double)" path="/exception"/>
    public static TimeSpan LightTime(Vector3d fromKm, Vector3d toKm) => LightTime((toKm - fromKm).Length);

    /// <summary>How fast the distance between two satellites grows, km/s; negative while they come nearer, 0 for the same place.</summary>
    public static double RangeRateKmPerSecond(in TemeState from, in TemeState to) =>
        RangeRate(to.PositionKm - from.PositionKm, to.VelocityKmPerSecond - from.VelocityKmPerSecond);

    /// <summary>What a receiver hears beside the frequency sent: positive while the two come nearer; classical, exact to the square of the speed over that of light
    /// (below 1 Hz at 2 GHz in low orbit).</summary>
    /// <param name="frequencyHz">The frequency sent, above 0.</param>
    /// <param name="rangeRateKmPerSecond">How fast the distance grows, km/s.</param>
    public static double DopplerShiftHz(double frequencyHz, double rangeRateKmPerSecond) =>
        -Bounds.Check(frequencyHz, 0.0, 1e18) * rangeRateKmPerSecond / LightKmPerSecond;

    internal static double RangeRate(Vector3d lineKm, Vector3d velocityKmPerSecond)
    {
        double rangeKm = lineKm.Length;
        return rangeKm > 0.0 ? lineKm.Dot(velocityKmPerSecond) / rangeKm : 0.0;
    }
}
