using System.Runtime.CompilerServices;
using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Propagation;

/// <summary>An orbit in six numbers that stay smooth where it is circular or in the equator: ln a, e sin ϖ, e cos ϖ, t sin Ω, t cos Ω, mean longitude, with a in Earth radii, angles in
/// radians, t = tan(i/2) and ϖ = ω + Ω; for retrograde orbits t = cot(i/2) and ϖ = ω − Ω. In polar form the four in the middle are e, ϖ, t, Ω.</summary>
/// <remarks>Source: Danielson et al., "Semianalytic Satellite Theory", NPS-MA-95-002, section 2.1.</remarks>
[InlineArray(Count)]
internal struct EquinoctialElements
{
    internal const int Count = 6;

    private double _first;

    /// <summary>The two-body orbit through a state of WGS-72's gravity; false when it is not an ellipse: too fast, falling straight, or not a number.</summary>
    internal static bool TryOf(in TemeState state, bool isRetrograde, out EquinoctialElements orbit)
    {
        orbit = default;
        Vector3d r = state.PositionKm / Wgs72.RadiusKm, v = state.VelocityKmPerSecond / Wgs72.VelocityUnitKmPerSecond;
        double distance = r.Length, axis = 1.0 / ((2.0 / distance) - v.LengthSquared), sign = isRetrograde ? -1.0 : 1.0;
        Vector3d momentum = r.Cross(v), pole = momentum.Normalized(), eccentricity = v.Cross(momentum) - (r / distance);
        double p = pole.X / (1.0 + (sign * pole.Z)), q = -pole.Y / (1.0 + (sign * pole.Z)), scale = 1.0 / (1.0 + (p * p) + (q * q));
        Vector3d one = new Vector3d(1.0 - (p * p) + (q * q), 2.0 * p * q, -2.0 * sign * p) * scale;
        Vector3d other = new Vector3d(2.0 * sign * p * q, sign * (1.0 + (p * p) - (q * q)), 2.0 * q) * scale;
        double h = eccentricity.Dot(other), k = eccentricity.Dot(one), x = r.Dot(one), y = r.Dot(other);
        double root = Math.Sqrt(1.0 - (h * h) - (k * k)), beta = 1.0 / (1.0 + root);
        double sinF = h + ((((1.0 - (h * h * beta)) * y) - (h * k * beta * x)) / (axis * root));
        double cosF = k + ((((1.0 - (k * k * beta)) * x) - (h * k * beta * y)) / (axis * root));
        orbit[0] = Math.Log(axis);
        (orbit[1], orbit[2], orbit[3], orbit[4]) = (h, k, p, q);
        orbit[5] = Math.Atan2(sinF, cosF) + (h * cosF) - (k * sinF);
        return axis > 0.0 && root > 0.0 && double.IsFinite(orbit[5]) && double.IsFinite(p) && double.IsFinite(q);
    }

    /// <summary>The same orbit in polar form.</summary>
    internal readonly EquinoctialElements ToPolar()
    {
        EquinoctialElements polar = this;
        (polar[1], polar[2]) = (Math.Sqrt((this[1] * this[1]) + (this[2] * this[2])), Math.Atan2(this[1], this[2]));
        (polar[3], polar[4]) = (Math.Sqrt((this[3] * this[3]) + (this[4] * this[4])), Math.Atan2(this[3], this[4]));
        return polar;
    }

    /// <summary>The classical elements: axis in Earth radii, angles in radians and any turn.</summary>
    internal readonly (double Axis, double Eccentricity, double Inclination, double Node, double Perigee, double Anomaly) ToClassical(bool isRetrograde, bool isPolar)
    {
        EquinoctialElements polar = isPolar ? this : ToPolar();
        double half = Math.Atan(polar[3]), node = polar[4];
        return (Math.Exp(polar[0]), polar[1], isRetrograde ? Math.PI - (2.0 * half) : 2.0 * half, node, isRetrograde ? polar[2] + node : polar[2] - node, polar[5] - polar[2]);
    }

    /// <summary>What is to be added to another orbit to make it this one.</summary>
    internal readonly EquinoctialElements Minus(EquinoctialElements other)
    {
        EquinoctialElements difference = default;
        for (int i = 0; i < Count; i++)
            difference[i] = this[i] - other[i];
        difference[5] = Math.IEEERemainder(difference[5], Math.Tau);
        return difference;
    }

    /// <summary>This and a multiple of another.</summary>
    internal readonly EquinoctialElements Plus(EquinoctialElements other, double times)
    {
        EquinoctialElements sum = default;
        for (int i = 0; i < Count; i++)
            sum[i] = this[i] + (times * other[i]);
        return sum;
    }

    /// <summary>The sum of the squares.</summary>
    internal readonly double LengthSquared
    {
        get
        {
            double sum = 0.0;
            for (int i = 0; i < Count; i++)
                sum += this[i] * this[i];
            return sum;
        }
    }
}
