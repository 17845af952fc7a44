namespace SatNode.Orbit.Geometry;

/// <summary>A vector of three doubles; its unit and frame stand in the name of whatever holds it (<c>positionEcefKm</c>).</summary>
/// <param name="X">First component.</param>
/// <param name="Y">Second component.</param>
/// <param name="Z">Third component.</param>
public readonly record struct Vector3d(double X, double Y, double Z)
{
    /// <summary>The vector (0, 0, 0).</summary>
    public static Vector3d Zero => default;

    /// <summary>Euclidean length, in the unit of the components.</summary>
    public double Length => Math.Sqrt(LengthSquared);

    /// <summary>Square of the length, in the square of the unit.</summary>
    public double LengthSquared => (X * X) + (Y * Y) + (Z * Z);

    /// <summary>True when no component is NaN or infinite.</summary>
    public bool IsFinite => double.IsFinite(X) && double.IsFinite(Y) && double.IsFinite(Z);

    /// <summary>Sum by components.</summary>
    public static Vector3d operator +(Vector3d left, Vector3d right) => new(left.X + right.X, left.Y + right.Y, left.Z + right.Z);

    /// <summary>Difference by components.</summary>
    public static Vector3d operator -(Vector3d left, Vector3d right) => new(left.X - right.X, left.Y - right.Y, left.Z - right.Z);

    /// <summary>The opposite vector.</summary>
    public static Vector3d operator -(Vector3d value) => new(-value.X, -value.Y, -value.Z);

    /// <summary>The vector scaled.</summary>
    public static Vector3d operator *(Vector3d left, double right) => new(left.X * right, left.Y * right, left.Z * right);

    /// <summary>The vector scaled.</summary>
    public static Vector3d operator *(double left, Vector3d right) => right * left;

    /// <summary>The vector scaled down.</summary>
    public static Vector3d operator /(Vector3d left, double right) => new(left.X / right, left.Y / right, left.Z / right);

    /// <summary>Scalar product, in the product of the units.</summary>
    public double Dot(Vector3d other) => (X * other.X) + (Y * other.Y) + (Z * other.Z);

    /// <summary>Vector product, in the product of the units.</summary>
    public Vector3d Cross(Vector3d other) =>
        new((Y * other.Z) - (Z * other.Y), (Z * other.X) - (X * other.Z), (X * other.Y) - (Y * other.X));

    /// <summary>The vector of length 1 in the same direction; not finite for the zero vector.</summary>
    public Vector3d Normalized() => this / Length;

    /// <summary>Angle to another vector in radians, 0 to π; exact also for nearly parallel vectors (atan2 of cross and dot product).</summary>
    public double AngleToRadians(Vector3d other) => Math.Atan2(Cross(other).Length, Dot(other));

    /// <summary>The vector seen from axes turned about Z by <paramref name="angleRadians"/> (R3 of the astronomers).</summary>
    public Vector3d InAxesTurnedAboutZ(double angleRadians)
    {
        (double sin, double cos) = Math.SinCos(angleRadians);
        return new((cos * X) + (sin * Y), (cos * Y) - (sin * X), Z);
    }
}
