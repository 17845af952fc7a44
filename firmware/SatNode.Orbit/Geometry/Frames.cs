using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Geometry;

/// <summary>From the frame SGP4 speaks (TEME: true equator, mean equinox) to the turning Earth and to places on it.</summary>
/// <remarks>Polar motion is left out (at most 15 m on the ground), so ECEF here is the pseudo Earth-fixed frame (PEF); UT1 is taken as UTC.
/// Source: Vallado, Crawford, Hujsak, Kelso, "Revisiting Spacetrack Report #3", AIAA 2006-6753, appendix C.</remarks>
public static class Frames
{
    private const double RadiansPerSecondOfTime = Math.Tau / 86_400.0;
    private const int GeodeticRoundsMax = 8; // Bowring's latitude: 2 rounds reach 1e-12 rad from the ground to GEO

    /// <summary>Greenwich mean sidereal time in radians, 0 to 2π. Source: IAU 1982, as in Vallado, equation 3-47.</summary>
    public static double GmstRadians(DateTimeOffset utc) => GmstRadians(JulianDate.DaysSinceJ2000(utc));

    internal static double GmstRadians(double daysSinceJ2000)
    {
        double t = daysSinceJ2000 / JulianDate.DaysPerCentury;
        // The polynomial's linear term is one turn a day plus the precession: the whole turns are taken out before they cost digits.
        double secondsBeyondTurns = 67_310.54841 + (8_640_184.812866 * t) + (0.093104 * t * t) - (6.2e-6 * t * t * t);
        double turns = daysSinceJ2000 - Math.Floor(daysSinceJ2000);
        return Angle.Wrap((secondsBeyondTurns * RadiansPerSecondOfTime) + (turns * Math.Tau));
    }

    /// <summary>A position in km from TEME to ECEF.</summary>
    public static Vector3d TemeToEcef(Vector3d positionTemeKm, DateTimeOffset utc) => positionTemeKm.InAxesTurnedAboutZ(GmstRadians(utc));

    /// <summary>A position in km from ECEF to TEME.</summary>
    public static Vector3d EcefToTeme(Vector3d positionEcefKm, DateTimeOffset utc) => positionEcefKm.InAxesTurnedAboutZ(-GmstRadians(utc));

    /// <summary>Position and velocity from TEME to ECEF; the velocity loses the Earth's rotation.</summary>
    public static EcefState TemeToEcef(in TemeState state, DateTimeOffset utc)
    {
        double gmst = GmstRadians(utc);
        Vector3d position = state.PositionKm.InAxesTurnedAboutZ(gmst);
        Vector3d velocity = state.VelocityKmPerSecond.InAxesTurnedAboutZ(gmst);
        return new(position, velocity - RotationAt(position));
    }

    /// <summary>Position and velocity from ECEF to TEME; the velocity gains the Earth's rotation.</summary>
    public static TemeState EcefToTeme(in EcefState state, DateTimeOffset utc)
    {
        double gmst = GmstRadians(utc);
        Vector3d velocity = state.VelocityKmPerSecond + RotationAt(state.PositionKm);
        return new(state.PositionKm.InAxesTurnedAboutZ(-gmst), velocity.InAxesTurnedAboutZ(-gmst));
    }

    /// <summary>A place on the ellipsoid as a position in ECEF, km. Source: Vallado, equation 3-14.</summary>
    public static Vector3d GeodeticToEcef(in Geodetic place)
    {
        (double sinLatitude, double cosLatitude) = Math.SinCos(place.LatitudeRadians);
        (double sinLongitude, double cosLongitude) = Math.SinCos(place.LongitudeRadians);
        double normalKm = Wgs84.EquatorialRadiusKm / Math.Sqrt(1.0 - (Wgs84.EccentricitySquared * sinLatitude * sinLatitude));
        double fromAxisKm = (normalKm + place.AltitudeKm) * cosLatitude;
        return new(
            fromAxisKm * cosLongitude,
            fromAxisKm * sinLongitude,
            ((normalKm * (1.0 - Wgs84.EccentricitySquared)) + place.AltitudeKm) * sinLatitude);
    }

    /// <summary>A position in ECEF as latitude, longitude and height over the ellipsoid; better than 1 µm from −100 km to beyond the Moon.</summary>
    /// <remarks>Source: Bowring, "Transformation from spatial to geographical coordinates", Survey Review 23 (1976), iterated.</remarks>
    /// <exception cref="ArgumentException">The position is not finite, or within 1 km of the Earth's centre, where latitude has no meaning.</exception>
    public static Geodetic EcefToGeodetic(Vector3d positionEcefKm)
    {
        if (!(positionEcefKm.IsFinite && positionEcefKm.Length >= 1.0))
            throw new ArgumentException($"expected a finite position at least 1 km from the Earth's centre, found {positionEcefKm}", nameof(positionEcefKm));

        double fromAxisKm = Math.Sqrt((positionEcefKm.X * positionEcefKm.X) + (positionEcefKm.Y * positionEcefKm.Y));
        const double SecondEccentricitySquared = Wgs84.EccentricitySquared / (1.0 - Wgs84.EccentricitySquared);
        double reduced = Math.Atan2(positionEcefKm.Z * Wgs84.EquatorialRadiusKm, fromAxisKm * Wgs84.PolarRadiusKm);
        double latitude = 0.0;
        for (int round = 0; round < GeodeticRoundsMax; round++)
        {
            (double sinReduced, double cosReduced) = Math.SinCos(reduced);
            double previous = latitude;
            latitude = Math.Atan2(
                positionEcefKm.Z + (SecondEccentricitySquared * Wgs84.PolarRadiusKm * sinReduced * sinReduced * sinReduced),
                fromAxisKm - (Wgs84.EccentricitySquared * Wgs84.EquatorialRadiusKm * cosReduced * cosReduced * cosReduced));
            if (round > 0 && Math.Abs(latitude - previous) <= 1e-15)
                break;
            reduced = Math.Atan2((1.0 - Wgs84.Flattening) * Math.Sin(latitude), Math.Cos(latitude));
        }

        (double sinLatitude, double cosLatitude) = Math.SinCos(latitude);
        double altitudeKm = (fromAxisKm * cosLatitude) + (positionEcefKm.Z * sinLatitude)
            - (Wgs84.EquatorialRadiusKm * Math.Sqrt(1.0 - (Wgs84.EccentricitySquared * sinLatitude * sinLatitude)));
        return Geodetic.Computed(latitude, Math.Atan2(positionEcefKm.Y, positionEcefKm.X), altitudeKm);
    }

    private static Vector3d RotationAt(Vector3d positionEcefKm) =>
        new(-Wgs84.RotationRadiansPerSecond * positionEcefKm.Y, Wgs84.RotationRadiansPerSecond * positionEcefKm.X, 0.0);
}
