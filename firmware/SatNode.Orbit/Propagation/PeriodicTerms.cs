using System.Runtime.CompilerServices;
using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Propagation;

/// <summary>From mean elements at a time to position and velocity: long-period terms, Kepler's equation, short-period terms, orientation.</summary>
/// <remarks>Source: Spacetrack Report 3, section 6, from the long-period periodics on; AIAA 2006-6753, sgp4. The corrections of latitude argument,
/// node and inclination are rotations by small angles, so their sines come from a short series; no arc tangent is taken.</remarks>
internal static class PeriodicTerms
{
    private const int KeplerRoundsMax = 10;
    private const double KeplerTolerance = 1.0e-12;
    private const double KeplerStepMax = 0.95;
    private const double SmallAngle = 0.01; // the series below is exact to 1e-19 there

    /// <summary>Position and velocity of mean elements.</summary>
    /// <param name="a">Semi-major axis, Earth radii.</param>
    /// <param name="n">Mean motion, rad/min.</param>
    /// <param name="e">Eccentricity, 0 to 1.</param>
    /// <param name="perigee">Argument of perigee, rad.</param>
    /// <param name="anomaly">Mean anomaly, rad.</param>
    /// <param name="node">Right ascension of the node, rad.</param>
    /// <param name="inclination">Functions of the inclination.</param>
    /// <param name="state">The state, or zero on an error.</param>
    internal static PropagationError Apply(
        double a, double n, double e, double perigee, double anomaly, double node, in InclinationTerms inclination, out TemeState state)
    {
        state = default;
        (double sinPerigee, double cosPerigee) = Math.SinCos(perigee);
        double axn = e * cosPerigee;
        double inverseP = 1.0 / (a * (1.0 - (e * e)));
        double ayn = (e * sinPerigee) + (inverseP * inclination.LongPeriodY);

        double longitude = anomaly + perigee + (inverseP * inclination.LongPeriodLongitude * axn);
        SolveKepler(longitude, axn, ayn, out double sinE, out double cosE);

        double eCosE = (axn * cosE) + (ayn * sinE);
        double eSinE = (axn * sinE) - (ayn * cosE);
        double e2 = (axn * axn) + (ayn * ayn);
        double p = a * (1.0 - e2);
        if (!(p >= 0.0))
            return double.IsNaN(p) ? PropagationError.NotFinite : PropagationError.SemiLatusRectum;

        double r = a * (1.0 - eCosE);
        double rootA = Math.Sqrt(a);
        double rDot = rootA * eSinE / r;
        double rvDot = Math.Sqrt(p) / r;
        double beta = Math.Sqrt(1.0 - e2);
        double eSinEByBeta = eSinE / (1.0 + beta);
        double aByR = a / r;
        double sinU = aByR * (sinE - ayn - (axn * eSinEByBeta));
        double cosU = aByR * (cosE - axn + (ayn * eSinEByBeta));
        double sin2U = (cosU + cosU) * sinU;
        double cos2U = 1.0 - (2.0 * sinU * sinU);

        double byP = 1.0 / p;
        double j2ByP = 0.5 * Wgs72.J2 * byP;
        double j2ByP2 = j2ByP * byP;
        double radius = (r * (1.0 - (1.5 * j2ByP2 * beta * inclination.ThreeCosI2Minus1))) + (0.5 * j2ByP * inclination.OneMinusCosI2 * cos2U);
        double rate = n * j2ByP / Wgs72.Ke;
        double radial = rDot - (rate * inclination.OneMinusCosI2 * sin2U);
        double along = rvDot + (rate * ((inclination.OneMinusCosI2 * cos2U) + (1.5 * inclination.ThreeCosI2Minus1)));

        Turn(ref sinU, ref cosU, -0.25 * j2ByP2 * inclination.SevenCosI2Minus1 * sin2U);
        (double sinNode, double cosNode) = Math.SinCos(node);
        Turn(ref sinNode, ref cosNode, 1.5 * j2ByP2 * inclination.CosI * sin2U);
        double sinI = inclination.SinI, cosI = inclination.CosI;
        Turn(ref sinI, ref cosI, 1.5 * j2ByP2 * inclination.CosI * inclination.SinI * cos2U);

        double xmx = -sinNode * cosI, xmy = cosNode * cosI;
        var outward = new Vector3d((xmx * sinU) + (cosNode * cosU), (xmy * sinU) + (sinNode * cosU), sinI * sinU);
        var forward = new Vector3d((xmx * cosU) - (cosNode * sinU), (xmy * cosU) - (sinNode * sinU), sinI * cosU);
        if (radius < 1.0)
            return PropagationError.Decayed;

        var position = outward * (radius * Wgs72.RadiusKm);
        var velocity = ((outward * radial) + (forward * along)) * Wgs72.VelocityUnitKmPerSecond;
        if (!(position.IsFinite && velocity.IsFinite))
            return PropagationError.NotFinite;
        state = new(position, velocity);
        return PropagationError.None;
    }

    /// <summary>Newton's method with a first step of at most 0.95 rad, ten rounds at most; what remains then is not reported, as in the reference.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SolveKepler(double longitude, double axn, double ayn, out double sinE, out double cosE)
    {
        double u = longitude - (Math.Tau * Math.Floor(longitude / Math.Tau));
        double eccentric = u;
        (sinE, cosE) = Math.SinCos(eccentric);
        int round = 0;
        while (true)
        {
            double step = (u - (ayn * cosE) + (axn * sinE) - eccentric) / (1.0 - (cosE * axn) - (sinE * ayn));
            if (Math.Abs(step) >= KeplerStepMax)
                step = step > 0.0 ? KeplerStepMax : -KeplerStepMax;
            eccentric += step;
            round++;
            // Once the step is small the sine and cosine are turned by it, which spares the last call of SinCos. At the last round the reference
            // leaves with the sine and cosine of the angle before the step; so does this, or the high eccentricities would differ.
            if (Math.Abs(step) < 1e-5)
            {
                Turn(ref sinE, ref cosE, step);
                if (Math.Abs(step) < KeplerTolerance || round == KeplerRoundsMax)
                    return;
            }
            else if (round == KeplerRoundsMax || double.IsNaN(step))
            {
                return;
            }
            else
            {
                (sinE, cosE) = Math.SinCos(eccentric);
            }
        }
    }

    /// <summary>The sine and cosine of an angle increased by <paramref name="by"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(ref double sin, ref double cos, double by)
    {
        double sinBy, cosBy;
        if (Math.Abs(by) <= SmallAngle)
        {
            double by2 = by * by;
            sinBy = by * (1.0 - (by2 / 6.0 * (1.0 - (by2 / 20.0 * (1.0 - (by2 / 42.0))))));
            cosBy = 1.0 - (by2 * 0.5 * (1.0 - (by2 / 12.0 * (1.0 - (by2 / 30.0 * (1.0 - (by2 / 56.0)))))));
        }
        else
        {
            (sinBy, cosBy) = Math.SinCos(by);
        }

        double turned = (sin * cosBy) + (cos * sinBy);
        cos = (cos * cosBy) - (sin * sinBy);
        sin = turned;
    }
}
