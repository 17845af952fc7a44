using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Contacts;

/// <summary>The elevation a satellite must reach to be usable from a site, the same all around or by azimuth (hills, buildings).</summary>
public sealed class ElevationMask
{
    /// <summary>The most points of a mask: one a degree.</summary>
    public const int PointsMax = 360;

    private readonly (double AzimuthDegrees, double ElevationDegrees)[] _points;

    private ElevationMask((double AzimuthDegrees, double ElevationDegrees)[] points) => _points = points;

    /// <summary>The bare horizon: 0° all around.</summary>
    public static ElevationMask Horizon { get; } = Constant(0.0);

    /// <summary>The same elevation all around, −10 to 90 degrees.</summary>
    public static ElevationMask Constant(double elevationDegrees) => new([(0.0, Bounds.Check(elevationDegrees, -10.0, 90.0))]);

    /// <summary>Elevations (−10 to 90°) at azimuths (0 to below 360°, rising), straight lines between them and over north.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range, the azimuths do not rise, or there are not 1 to <see cref="PointsMax"/> points.</exception>
    public static ElevationMask FromPoints(params ReadOnlySpan<(double AzimuthDegrees, double ElevationDegrees)> points)
    {
        _ = Bounds.Check(points.Length, 1, PointsMax);
        double previous = -1.0;
        foreach ((double azimuth, double elevation) in points)
        {
            _ = Bounds.Check(azimuth, 0.0, Math.BitDecrement(360.0));
            _ = Bounds.Check(elevation, -10.0, 90.0);
            if (azimuth <= previous)
                throw new ArgumentOutOfRangeException(nameof(points), azimuth, $"expected an azimuth above {previous}, found {azimuth}");
            previous = azimuth;
        }

        return new(points.ToArray());
    }

    /// <summary>The lowest elevation demanded anywhere, degrees.</summary>
    public double LowestDegrees => _points.Min(point => point.ElevationDegrees);

    /// <summary>The elevation demanded at an azimuth, both in degrees.</summary>
    public double ElevationDegreesAt(double azimuthDegrees)
    {
        if (_points.Length == 1)
            return _points[0].ElevationDegrees;
        double azimuth = Angle.WrapDegrees(azimuthDegrees);
        int next = 0;
        while (next < _points.Length && _points[next].AzimuthDegrees <= azimuth)
            next++;
        (double fromAzimuth, double fromElevation) = _points[(next + _points.Length - 1) % _points.Length];
        (double toAzimuth, double toElevation) = _points[next % _points.Length];
        double width = Angle.WrapDegrees(toAzimuth - fromAzimuth);
        return fromElevation + ((toElevation - fromElevation) * Angle.WrapDegrees(azimuth - fromAzimuth) / width);
    }
}
