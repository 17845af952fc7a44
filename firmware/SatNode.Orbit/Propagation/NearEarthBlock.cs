using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SatNode.Orbit.Propagation;

/// <summary>The constants of four near-Earth satellites side by side, and SGP4 on them at once: the mathematics of <see cref="Sgp4"/> and
/// <see cref="PeriodicTerms"/> without branches.</summary>
internal readonly struct NearEarthBlock
{
    private const double LongitudeMax = 1.0e5; // rad, three years in low orbit; beyond it drag has run away and every digit counts

    private static readonly Vector256<double> One = Vector256<double>.One;

    private readonly Vector256<double> _epochMinutes;
    private readonly Vector256<double> _anomaly;
    private readonly Vector256<double> _anomalyRate;
    private readonly Vector256<double> _perigee;
    private readonly Vector256<double> _perigeeRate;
    private readonly Vector256<double> _node;
    private readonly Vector256<double> _nodeRate;
    private readonly Vector256<double> _nodeDrag;
    private readonly Vector256<double> _eccentricity;
    private readonly Vector256<double> _meanMotion;
    private readonly Vector256<double> _semiMajorAxis;
    private readonly Vector256<double> _c1;
    private readonly Vector256<double> _d2;
    private readonly Vector256<double> _d3;
    private readonly Vector256<double> _d4;
    private readonly Vector256<double> _bStarC4;
    private readonly Vector256<double> _bStarC5;
    private readonly Vector256<double> _t2;
    private readonly Vector256<double> _t3;
    private readonly Vector256<double> _t4;
    private readonly Vector256<double> _t5;
    private readonly Vector256<double> _eta;
    private readonly Vector256<double> _perigeeDrag;
    private readonly Vector256<double> _anomalyDrag;
    private readonly Vector256<double> _anomalyDragAtEpoch;
    private readonly Vector256<double> _sinAnomalyAtEpoch;
    private readonly Vector256<double> _sinI;
    private readonly Vector256<double> _cosI;
    private readonly Vector256<double> _threeCosI2Minus1;
    private readonly Vector256<double> _oneMinusCosI2;
    private readonly Vector256<double> _sevenCosI2Minus1;
    private readonly Vector256<double> _longPeriodY;
    private readonly Vector256<double> _longPeriodLongitude;

    internal NearEarthBlock(Sgp4[] four, DateTimeOffset origin)
    {
        _epochMinutes = Of(four, s => (s.Elements.Epoch - origin).TotalMinutes);
        _anomaly = Of(four, s => s.AnomalyAtEpoch);
        _anomalyRate = Of(four, s => s.Secular.AnomalyRate);
        _perigee = Of(four, s => s.PerigeeAtEpoch);
        _perigeeRate = Of(four, s => s.Secular.PerigeeRate);
        _node = Of(four, s => s.NodeAtEpoch);
        _nodeRate = Of(four, s => s.Secular.NodeRate);
        _nodeDrag = Of(four, s => s.Secular.NodeDrag);
        _eccentricity = Of(four, s => s.Eccentricity);
        _meanMotion = Of(four, s => s.MeanMotion);
        _semiMajorAxis = Of(four, s => s.SemiMajorAxis);
        _c1 = Of(four, s => s.Secular.C1);
        _bStarC4 = Of(four, s => s.Secular.BStarC4);
        _t2 = Of(four, s => s.Secular.T2);
        // A simple satellite has none of the terms below: with zeros it needs no branch.
        _d2 = Of(four, s => s.Secular.D2);
        _d3 = Of(four, s => s.Secular.D3);
        _d4 = Of(four, s => s.Secular.D4);
        _t3 = Of(four, s => s.Secular.T3);
        _t4 = Of(four, s => s.Secular.T4);
        _t5 = Of(four, s => s.Secular.T5);
        _bStarC5 = Of(four, s => s.Secular.IsSimple ? 0.0 : s.Secular.BStarC5);
        _perigeeDrag = Of(four, s => s.Secular.IsSimple ? 0.0 : s.Secular.PerigeeDrag);
        _anomalyDrag = Of(four, s => s.Secular.IsSimple ? 0.0 : s.Secular.AnomalyDrag);
        _eta = Of(four, s => s.Secular.Eta);
        _anomalyDragAtEpoch = Of(four, s => s.Secular.AnomalyDragAtEpoch);
        _sinAnomalyAtEpoch = Of(four, s => s.Secular.SinAnomalyAtEpoch);
        _sinI = Of(four, s => s.Inclination.SinI);
        _cosI = Of(four, s => s.Inclination.CosI);
        _threeCosI2Minus1 = Of(four, s => s.Inclination.ThreeCosI2Minus1);
        _oneMinusCosI2 = Of(four, s => s.Inclination.OneMinusCosI2);
        _sevenCosI2Minus1 = Of(four, s => s.Inclination.SevenCosI2Minus1);
        _longPeriodY = Of(four, s => s.Inclination.LongPeriodY);
        _longPeriodLongitude = Of(four, s => s.Inclination.LongPeriodLongitude);
    }

    /// <summary>States at a time in minutes from the origin; the lanes whose bits are not set have none, or none the vectors can give.</summary>
    internal Vector256<double> Propagate(double minutes, out StateBlock state)
    {
        Vector256<double> t = Vector256.Create(minutes) - _epochMinutes;
        Vector256<double> t2 = t * t, t3 = t2 * t, t4 = t3 * t;
        Vector256<double> anomaly = _anomaly + (_anomalyRate * t);
        Vector256<double> perigee = _perigee + (_perigeeRate * t);
        Vector256<double> node = _node + (_nodeRate * t) + (_nodeDrag * t2);
        Vector256<double> onePlusEtaCos = One + (_eta * Vector256.Cos(anomaly));
        Vector256<double> shift = (_perigeeDrag * t) + (_anomalyDrag * ((onePlusEtaCos * onePlusEtaCos * onePlusEtaCos) - _anomalyDragAtEpoch));
        anomaly += shift;
        perigee -= shift;
        Vector256<double> rootAxisFactor = One - (_c1 * t) - (_d2 * t2) - (_d3 * t3) - (_d4 * t4);
        Vector256<double> e = _eccentricity - (_bStarC4 * t) - (_bStarC5 * (Vector256.Sin(anomaly) - _sinAnomalyAtEpoch));
        anomaly += _meanMotion * ((_t2 * t2) + (_t3 * t3) + (t4 * (_t4 + (t * _t5))));
        Vector256<double> a = _semiMajorAxis * rootAxisFactor * rootAxisFactor;
        Vector256<double> rootA = Vector256.Sqrt(a);
        Vector256<double> n = Vector256.Create(Wgs72.Ke) / (a * rootA);
        Vector256<double> whole = Vector256.LessThan(Vector256.Abs(t), Vector256.Create(Sgp4.MinutesFromEpochMax))
            & Vector256.LessThan(e, One) & Vector256.GreaterThanOrEqual(e, Vector256.Create(-0.001));
        e = Vector256.Max(e, Vector256.Create(Sgp4.EccentricityMin));

        (Vector256<double> sinPerigee, Vector256<double> cosPerigee) = Vector256.SinCos(perigee);
        Vector256<double> axn = e * cosPerigee;
        Vector256<double> inverseP = One / (a * (One - (e * e)));
        Vector256<double> ayn = (e * sinPerigee) + (inverseP * _longPeriodY);
        Vector256<double> longitude = anomaly + perigee + (inverseP * _longPeriodLongitude * axn);
        whole &= Vector256.LessThan(Vector256.Abs(longitude), Vector256.Create(LongitudeMax));
        whole &= SolveKepler(longitude, axn, ayn, out Vector256<double> sinE, out Vector256<double> cosE);

        Vector256<double> eCosE = (axn * cosE) + (ayn * sinE);
        Vector256<double> eSinE = (axn * sinE) - (ayn * cosE);
        Vector256<double> e2 = (axn * axn) + (ayn * ayn);
        Vector256<double> p = a * (One - e2);
        Vector256<double> r = a * (One - eCosE);
        Vector256<double> rDot = rootA * eSinE / r;
        Vector256<double> rvDot = Vector256.Sqrt(p) / r;
        Vector256<double> beta = Vector256.Sqrt(One - e2);
        Vector256<double> eSinEByBeta = eSinE / (One + beta);
        Vector256<double> aByR = a / r;
        Vector256<double> sinU = aByR * (sinE - ayn - (axn * eSinEByBeta));
        Vector256<double> cosU = aByR * (cosE - axn + (ayn * eSinEByBeta));
        Vector256<double> sin2U = (cosU + cosU) * sinU;
        Vector256<double> cos2U = One - (2.0 * sinU * sinU);

        Vector256<double> byP = One / p;
        Vector256<double> j2ByP = 0.5 * Wgs72.J2 * byP;
        Vector256<double> j2ByP2 = j2ByP * byP;
        Vector256<double> radius = (r * (One - (1.5 * j2ByP2 * beta * _threeCosI2Minus1))) + (0.5 * j2ByP * _oneMinusCosI2 * cos2U);
        Vector256<double> rate = n * j2ByP * (1.0 / Wgs72.Ke);
        Vector256<double> radial = (rDot - (rate * _oneMinusCosI2 * sin2U)) * Wgs72.VelocityUnitKmPerSecond;
        Vector256<double> along = (rvDot + (rate * ((_oneMinusCosI2 * cos2U) + (1.5 * _threeCosI2Minus1)))) * Wgs72.VelocityUnitKmPerSecond;

        whole &= Turn(ref sinU, ref cosU, -0.25 * j2ByP2 * _sevenCosI2Minus1 * sin2U);
        (Vector256<double> sinNode, Vector256<double> cosNode) = Vector256.SinCos(node);
        whole &= Turn(ref sinNode, ref cosNode, 1.5 * j2ByP2 * _cosI * sin2U);
        Vector256<double> sinI = _sinI, cosI = _cosI;
        whole &= Turn(ref sinI, ref cosI, 1.5 * j2ByP2 * _cosI * _sinI * cos2U);

        Vector256<double> xmx = -sinNode * cosI, xmy = cosNode * cosI;
        Vector256<double> outwardX = (xmx * sinU) + (cosNode * cosU), outwardY = (xmy * sinU) + (sinNode * cosU), outwardZ = sinI * sinU;
        Vector256<double> forwardX = (xmx * cosU) - (cosNode * sinU), forwardY = (xmy * cosU) - (sinNode * sinU), forwardZ = sinI * cosU;
        Vector256<double> radiusKm = radius * Wgs72.RadiusKm;
        state.X = outwardX * radiusKm;
        state.Y = outwardY * radiusKm;
        state.Z = outwardZ * radiusKm;
        state.VelocityX = (outwardX * radial) + (forwardX * along);
        state.VelocityY = (outwardY * radial) + (forwardY * along);
        state.VelocityZ = (outwardZ * radial) + (forwardZ * along);
        // NaN fails every comparison: what is not finite is left to the one-by-one way, which says why.
        Vector256<double> size = Vector256.Abs(state.X) + Vector256.Abs(state.Y) + Vector256.Abs(state.Z)
            + Vector256.Abs(state.VelocityX) + Vector256.Abs(state.VelocityY) + Vector256.Abs(state.VelocityZ);
        return whole & Vector256.GreaterThanOrEqual(p, Vector256<double>.Zero) & Vector256.GreaterThanOrEqual(radius, One)
            & Vector256.LessThan(size, Vector256.Create(double.MaxValue));
    }

    /// <summary>Newton's method on four lanes until the slowest has converged; lanes that have not are not set in the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> SolveKepler(
        Vector256<double> longitude, Vector256<double> axn, Vector256<double> ayn, out Vector256<double> sinE, out Vector256<double> cosE)
    {
        Vector256<double> u = longitude - (Math.Tau * Vector256.Floor(longitude * (1.0 / Math.Tau)));
        Vector256<double> eccentric = u, converged = Vector256<double>.Zero;
        (sinE, cosE) = Vector256.SinCos(eccentric);
        for (int round = 0; round < PeriodicTerms.KeplerRoundsMax; round++)
        {
            Vector256<double> step = (u - (ayn * cosE) + (axn * sinE) - eccentric) / (One - (cosE * axn) - (sinE * ayn));
            step = Vector256.Min(Vector256.Max(step, Vector256.Create(-PeriodicTerms.KeplerStepMax)), Vector256.Create(PeriodicTerms.KeplerStepMax));
            eccentric += step;
            // Steps of near-circular orbits are small from the first on: the sine and cosine are turned by them, not computed anew.
            Vector256<double> sin = sinE, cos = cosE;
            if (Turn(ref sin, ref cos, step).ExtractMostSignificantBits() == 0b1111)
                (sinE, cosE) = (sin, cos);
            else
                (sinE, cosE) = Vector256.SinCos(eccentric);
            converged = Vector256.LessThan(Vector256.Abs(step), Vector256.Create(PeriodicTerms.KeplerTolerance));
            if (converged.ExtractMostSignificantBits() == 0b1111)
                break;
        }

        return converged;
    }

    /// <summary>The sines and cosines of angles increased by small ones; lanes whose step is not small are not set in the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Turn(ref Vector256<double> sin, ref Vector256<double> cos, Vector256<double> by)
    {
        Vector256<double> by2 = by * by;
        Vector256<double> sinBy = by * (One - (by2 * (1.0 / 6.0) * (One - (by2 * (1.0 / 20.0) * (One - (by2 * (1.0 / 42.0)))))));
        Vector256<double> cosBy = One - (by2 * 0.5 * (One - (by2 * (1.0 / 12.0) * (One - (by2 * (1.0 / 30.0) * (One - (by2 * (1.0 / 56.0))))))));
        Vector256<double> turned = (sin * cosBy) + (cos * sinBy);
        cos = (cos * cosBy) - (sin * sinBy);
        sin = turned;
        return Vector256.LessThanOrEqual(Vector256.Abs(by), Vector256.Create(PeriodicTerms.SmallAngle));
    }

    private static Vector256<double> Of(Sgp4[] four, Func<Sgp4, double> value) =>
        Vector256.Create(value(four[0]), value(four[1]), value(four[2]), value(four[3]));
}
