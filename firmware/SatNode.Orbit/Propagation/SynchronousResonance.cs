using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Propagation;

/// <summary>The resonance of one revolution a day (period 1200 to 1800 minutes).</summary>
internal sealed class SynchronousResonance : Resonance
{
    private const double Phase2 = 0.13130908;
    private const double Phase4 = 2.8843198;
    private const double Phase6 = 0.37448087;

    private readonly double _del1;
    private readonly double _del2;
    private readonly double _del3;

    internal SynchronousResonance(in MeanElements m, SecularTerms secular, double anomalyRate, double perigeeRate, double nodeRate)
        : base(
            m,
            Angle.Wrap(m.Anomaly + m.Node + m.Perigee - m.GmstAtEpoch),
            secular.AnomalyRate + secular.PerigeeRate + secular.NodeRate - EarthRadiansPerMinute + anomalyRate + perigeeRate + nodeRate - m.MeanMotion)
    {
        const double Q22 = 1.7891679e-6, Q31 = 2.1460748e-6, Q33 = 2.2123015e-7;
        double e2 = m.E2;
        double g200 = 1.0 + (e2 * (-2.5 + (0.8125 * e2)));
        double g310 = 1.0 + (2.0 * e2);
        double g300 = 1.0 + (e2 * (-6.0 + (6.60937 * e2)));
        double onePlusCos = 1.0 + m.CosI;
        double f220 = 0.75 * onePlusCos * onePlusCos;
        double f311 = (0.9375 * m.SinI * m.SinI * (1.0 + (3.0 * m.CosI))) - (0.75 * onePlusCos);
        double f330 = 1.875 * onePlusCos * onePlusCos * onePlusCos;
        double byA = Math.Pow(m.MeanMotion / Wgs72.Ke, 2.0 / 3.0);
        double strength = 3.0 * m.MeanMotion * m.MeanMotion * byA * byA;
        _del1 = strength * f311 * g310 * Q31 * byA;
        _del2 = 2.0 * strength * f220 * g200 * Q22;
        _del3 = 3.0 * strength * f330 * g300 * Q33 * byA;
    }

    private protected override void Accelerate(double longitude, double time, out double acceleration, out double slope)
    {
        (double sin1, double cos1) = Math.SinCos(longitude - Phase2);
        (double sin2, double cos2) = Math.SinCos(2.0 * (longitude - Phase4));
        (double sin3, double cos3) = Math.SinCos(3.0 * (longitude - Phase6));
        acceleration = (_del1 * sin1) + (_del2 * sin2) + (_del3 * sin3);
        slope = (_del1 * cos1) + (2.0 * _del2 * cos2) + (3.0 * _del3 * cos3);
    }

    private protected override double AnomalyFrom(double longitude, double gmst, in OsculatingOrbit orbit) =>
        longitude - orbit.Node - orbit.Perigee + gmst;
}
