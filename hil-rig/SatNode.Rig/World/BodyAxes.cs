using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Rig.World;

/// <summary>The axes of a satellite's body in TEME: unit vectors, right-handed. The array's cells look along −z, its back along +z.</summary>
/// <param name="X">Along the flight, nadir-pointing.</param>
/// <param name="Y">Against the orbit's angular momentum, nadir-pointing.</param>
/// <param name="Z">To the Earth, nadir-pointing.</param>
public readonly record struct BodyAxes(Vector3d X, Vector3d Y, Vector3d Z)
{
    /// <summary>The period of a tumbling body's turn about its own x axis.</summary>
    public static readonly TimeSpan TumblePeriod = TimeSpan.FromSeconds(600);

    private const double GoldenRatio = 1.6180339887498949;

    /// <summary>The axes in an attitude; <see cref="AttitudeMode.Constant"/> has none.</summary>
    /// <param name="mode">The attitude.</param>
    /// <param name="state">Where the satellite is.</param>
    /// <param name="sunKm">The Sun from the Earth's centre, TEME.</param>
    /// <param name="secondsSinceStart">For a tumbling body: where it is in its turns.</param>
    /// <exception cref="ArgumentOutOfRangeException">The attitude has no axes.</exception>
    public static BodyAxes Of(AttitudeMode mode, in TemeState state, Vector3d sunKm, double secondsSinceStart) => mode switch
    {
        AttitudeMode.Nadir => NadirPointing(state),
        AttitudeMode.Sun => SunPointing(state, sunKm),
        AttitudeMode.Tumbling => Tumbling(secondsSinceStart),
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "expected an attitude with axes"),
    };

    private static BodyAxes NadirPointing(in TemeState state)
    {
        Vector3d z = -state.PositionKm.Normalized();
        Vector3d y = -state.PositionKm.Cross(state.VelocityKmPerSecond).Normalized();
        return new(y.Cross(z), y, z);
    }

    private static BodyAxes SunPointing(in TemeState state, Vector3d sunKm)
    {
        Vector3d z = -(sunKm - state.PositionKm).Normalized();
        Vector3d normal = state.PositionKm.Cross(state.VelocityKmPerSecond).Normalized();
        Vector3d across = normal.Cross(z);
        Vector3d x = (across.Length > 1e-6 ? across : state.VelocityKmPerSecond.Cross(z)).Normalized(); // the Sun along the orbit's normal: any roll does
        return new(x, z.Cross(x), z);
    }

    private static BodyAxes Tumbling(double seconds)
    {
        double turns = seconds / TumblePeriod.TotalSeconds;
        (double sinA, double cosA) = Math.SinCos(Math.Tau * turns);
        (double sinB, double cosB) = Math.SinCos(Math.Tau * turns / GoldenRatio);
        // R_z(b)·R_x(a) of the unit axes.
        return new(new(cosB, sinB, 0), new(-sinB * cosA, cosB * cosA, sinA), new(sinB * sinA, -cosB * sinA, cosA));
    }
}
