namespace SatNode.Orbit.Geometry;

/// <summary>The Earth's figure and rotation. Source: NGA.STND.0036 (World Geodetic System 1984), tables 3.1 and 3.4.</summary>
public static class Wgs84
{
    /// <summary>Equatorial radius in km.</summary>
    public const double EquatorialRadiusKm = 6378.137;

    /// <summary>Flattening, without unit.</summary>
    public const double Flattening = 1.0 / 298.257223563;

    /// <summary>Polar radius in km.</summary>
    public const double PolarRadiusKm = EquatorialRadiusKm * (1.0 - Flattening);

    /// <summary>First eccentricity squared, without unit.</summary>
    public const double EccentricitySquared = Flattening * (2.0 - Flattening);

    /// <summary>Rotation rate in rad/s.</summary>
    public const double RotationRadiansPerSecond = 7.292115e-5;
}
