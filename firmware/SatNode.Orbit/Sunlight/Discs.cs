using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Sunlight;

/// <summary>The discs of Sun and Earth in a satellite's sky.</summary>
/// <param name="SunRadians">Angular radius of the Sun.</param>
/// <param name="EarthRadians">Angular radius of the Earth; π/2 on its surface and below.</param>
/// <param name="ApartRadians">Angle between the centres.</param>
internal readonly record struct Discs(double SunRadians, double EarthRadians, double ApartRadians)
{
    /// <summary>Positive when the Earth touches the Sun's disc.</summary>
    internal double PenumbraDepthRadians => SunRadians + EarthRadians - ApartRadians;

    /// <summary>Positive when the Earth covers the whole disc.</summary>
    internal double UmbraDepthRadians => EarthRadians - SunRadians - ApartRadians;

    internal static Discs Seen(Vector3d positionKm, Vector3d sunPositionKm)
    {
        Vector3d toSunKm = sunPositionKm - positionKm;
        return new(
            Math.Asin(Math.Min(1.0, Sun.RadiusKm / toSunKm.Length)),
            Math.Asin(Math.Min(1.0, Wgs84.EquatorialRadiusKm / positionKm.Length)),
            toSunKm.AngleToRadians(-positionKm));
    }
}
