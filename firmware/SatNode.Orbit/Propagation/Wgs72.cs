namespace SatNode.Orbit.Propagation;

/// <summary>The gravity model element sets are made with; another one would make SGP4 less exact, not more.
/// Source: AIAA 2006-6753, table 1 (WGS-72, improved).</summary>
internal static class Wgs72
{
    internal const double RadiusKm = 6378.135;
    internal const double MuKm3PerSecond2 = 398_600.8;
    internal const double J2 = 0.001082616;
    internal const double J3 = -0.00000253881;
    internal const double J4 = -0.00000165597;
    internal const double J3OverJ2 = J3 / J2;

    /// <summary>Square root of the gravitational parameter, in Earth radii^1.5 a minute.</summary>
    internal static readonly double Ke = 60.0 / Math.Sqrt(RadiusKm * RadiusKm * RadiusKm / MuKm3PerSecond2);

    /// <summary>The unit of velocity in km/s: a radius a canonical time unit.</summary>
    internal static readonly double VelocityUnitKmPerSecond = RadiusKm * Ke / 60.0;
}
