using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Contacts;

/// <summary>A place on the ground that looks up: its position and its horizon's axes, computed once.</summary>
public sealed class GroundSite
{
    private readonly Vector3d _east;
    private readonly Vector3d _north;
    private readonly Vector3d _up;

    /// <summary>A site with the bare horizon, or with a mask.</summary>
    public GroundSite(Geodetic location, ElevationMask? mask = null)
    {
        Location = location;
        Mask = mask ?? ElevationMask.Horizon;
        PositionEcefKm = Frames.GeodeticToEcef(location);
        (double sinLatitude, double cosLatitude) = Math.SinCos(location.LatitudeRadians);
        (double sinLongitude, double cosLongitude) = Math.SinCos(location.LongitudeRadians);
        _east = new(-sinLongitude, cosLongitude, 0.0);
        _north = new(-sinLatitude * cosLongitude, -sinLatitude * sinLongitude, cosLatitude);
        _up = new(cosLatitude * cosLongitude, cosLatitude * sinLongitude, sinLatitude);
    }

    /// <summary>Where the site is.</summary>
    public Geodetic Location { get; }

    /// <summary>The least usable elevation.</summary>
    public ElevationMask Mask { get; }

    /// <summary>The site in ECEF, km.</summary>
    public Vector3d PositionEcefKm { get; }

    /// <summary>The direction of the zenith in ECEF, of length 1.</summary>
    public Vector3d Up => _up;

    /// <summary>Direction and distance to a position in ECEF. Source: Vallado, algorithm 27 (RAZEL).</summary>
    public LookAngles Look(Vector3d targetEcefKm)
    {
        Vector3d line = targetEcefKm - PositionEcefKm;
        double east = line.Dot(_east), north = line.Dot(_north), up = line.Dot(_up);
        double level = Math.Sqrt((east * east) + (north * north));
        return new(
            Angle.WrapDegrees(Angle.ToDegrees(Math.Atan2(east, north))),
            Angle.ToDegrees(Math.Atan2(up, level)),
            line.Length);
    }

    /// <summary>How fast a target in ECEF goes away from the site, km/s; negative while it comes nearer.</summary>
    public double RangeRateKmPerSecond(in EcefState target) => Visibility.RangeRate(target.PositionKm - PositionEcefKm, target.VelocityKmPerSecond);

    /// <summary>True when a position in ECEF is at the mask or above it.</summary>
    public bool Sees(Vector3d targetEcefKm)
    {
        LookAngles look = Look(targetEcefKm);
        return look.ElevationDegrees >= Mask.ElevationDegreesAt(look.AzimuthDegrees);
    }
}
