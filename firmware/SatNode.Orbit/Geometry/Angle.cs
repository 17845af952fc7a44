namespace SatNode.Orbit.Geometry;

/// <summary>Degrees, radians and turns.</summary>
internal static class Angle
{
    internal const double RadiansPerDegree = Math.PI / 180.0;

    internal static double ToRadians(double degrees) => degrees * RadiansPerDegree;

    internal static double ToDegrees(double radians) => radians / RadiansPerDegree;

    /// <summary>The same direction in 0 (included) to 2π (not included).</summary>
    internal static double Wrap(double radians)
    {
        double wrapped = radians - (Math.Tau * Math.Floor(radians / Math.Tau));
        return wrapped >= Math.Tau ? 0.0 : wrapped; // a tiny negative angle rounds up to the full turn
    }

    /// <summary>The same direction in 0 (included) to 360 (not included).</summary>
    internal static double WrapDegrees(double degrees)
    {
        double wrapped = degrees - (360.0 * Math.Floor(degrees / 360.0));
        return wrapped >= 360.0 ? 0.0 : wrapped;
    }
}
