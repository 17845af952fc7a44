using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Sunlight;

/// <summary>Where the Sun is, to 0.01° from 1950 to 2050.</summary>
/// <remarks>Source: Astronomical Almanac, low-precision formulas for the Sun; Vallado, Fundamentals of Astrodynamics and Applications, algorithm 29.
/// The axes are those of the mean equator and equinox of date, which TEME leaves by less than 0.006°: within the formulas' own error.</remarks>
public static class Sun
{
    /// <summary>The astronomical unit in km. Source: IAU 2012 resolution B2.</summary>
    public const double AstronomicalUnitKm = 149_597_870.7;

    /// <summary>Nominal radius of the Sun in km. Source: IAU 2015 resolution B3.</summary>
    public const double RadiusKm = 695_700.0;

    /// <summary>The Sun's position from the Earth's centre in km, in TEME.</summary>
    public static Vector3d PositionKm(DateTimeOffset utc)
    {
        double t = JulianDate.DaysSinceJ2000(utc) / JulianDate.DaysPerCentury;
        double meanLongitudeDegrees = 280.460 + (36_000.77005361 * t);
        (double sinM, double cosM) = Math.SinCos(Angle.ToRadians(357.5277233 + (35_999.05034 * t)));
        double sin2M = 2.0 * sinM * cosM, cos2M = (cosM * cosM) - (sinM * sinM);
        double longitudeDegrees = meanLongitudeDegrees + (1.914666471 * sinM) + (0.019994643 * sin2M);
        double distanceKm = (1.000140612 - (0.016708617 * cosM) - (0.000139589 * cos2M)) * AstronomicalUnitKm;
        (double sinL, double cosL) = Math.SinCos(Angle.ToRadians(longitudeDegrees));
        (double sinO, double cosO) = Math.SinCos(Angle.ToRadians(23.439291 - (0.0130042 * t)));
        return new(distanceKm * cosL, distanceKm * cosO * sinL, distanceKm * sinO * sinL);
    }

    /// <summary>The angle between the Sun and the plane of an orbit in degrees, −90 to 90, positive on the side of the orbit's angular momentum:
    /// near 0 the eclipses are longest, beyond about 66° a 550 km orbit has none.</summary>
    public static double BetaAngleDegrees(in TemeState state, DateTimeOffset utc)
    {
        Vector3d normal = state.PositionKm.Cross(state.VelocityKmPerSecond);
        return 90.0 - Angle.ToDegrees(normal.AngleToRadians(PositionKm(utc)));
    }
}
