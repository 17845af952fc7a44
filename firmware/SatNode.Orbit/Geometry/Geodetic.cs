namespace SatNode.Orbit.Geometry;

/// <summary>A place on or above the WGS-84 ellipsoid.</summary>
public readonly record struct Geodetic
{
    private Geodetic(double latitudeRadians, double longitudeRadians, double altitudeKm)
    {
        LatitudeRadians = latitudeRadians;
        LongitudeRadians = longitudeRadians;
        AltitudeKm = altitudeKm;
    }

    /// <summary>Geodetic latitude in radians, −π/2 to π/2, north positive.</summary>
    public double LatitudeRadians { get; }

    /// <summary>Longitude in radians, −π (included) to π (not included), east positive.</summary>
    public double LongitudeRadians { get; }

    /// <summary>Height over the ellipsoid in km.</summary>
    public double AltitudeKm { get; }

    /// <summary>Geodetic latitude in degrees, −90 to 90, north positive.</summary>
    public double LatitudeDegrees => Angle.ToDegrees(LatitudeRadians);

    /// <summary>Longitude in degrees, −180 (included) to 180 (not included), east positive.</summary>
    public double LongitudeDegrees => Angle.ToDegrees(LongitudeRadians);

    /// <summary>A place by degrees (latitude −90 to 90 north positive, longitude −360 to 360 east positive) and km over the ellipsoid (from −100).</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range or not a number.</exception>
    public static Geodetic FromDegrees(double latitudeDegrees, double longitudeDegrees, double altitudeKm = 0.0) => FromRadians(
        Bounds.Check(latitudeDegrees, -90.0, 90.0) * Angle.RadiansPerDegree,
        Bounds.Check(longitudeDegrees, -360.0, 360.0) * Angle.RadiansPerDegree,
        altitudeKm);

    /// <summary>A place by radians (latitude −π/2 to π/2 north positive, longitude −2π to 2π east positive) and km over the ellipsoid (from −100).</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range or not a number.</exception>
    public static Geodetic FromRadians(double latitudeRadians, double longitudeRadians, double altitudeKm = 0.0) => new(
        Bounds.Check(latitudeRadians, -Math.PI / 2.0, Math.PI / 2.0),
        Angle.Wrap(Bounds.Check(longitudeRadians, -Math.Tau, Math.Tau) + Math.PI) - Math.PI,
        Bounds.Check(altitudeKm, -100.0, 1e9));

    /// <summary>For results of this library, which are in range by construction.</summary>
    internal static Geodetic Computed(double latitudeRadians, double longitudeRadians, double altitudeKm) =>
        new(latitudeRadians, longitudeRadians >= Math.PI ? -Math.PI : longitudeRadians, altitudeKm);
}
