namespace SatNode.Orbit.Propagation;

/// <summary>What the Sun or the Moon does to an orbit: the rates (secular) and the amplitudes (periodic) of its pull.</summary>
/// <remarks>Source: Hujsak, Spacetrack Report 1 (1979); AIAA 2006-6753, dscom, dsinit and dpper. X, Z and S are the report's names.</remarks>
internal readonly struct ThirdBody
{
    private readonly double _meanMotion;
    private readonly double _eccentricity;
    private readonly double _anomalyAtEpoch;
    private readonly double _e2;
    private readonly double _e3;
    private readonly double _i2;
    private readonly double _i3;
    private readonly double _l2;
    private readonly double _l3;
    private readonly double _l4;
    private readonly double _gh2;
    private readonly double _gh3;
    private readonly double _gh4;
    private readonly double _h2;
    private readonly double _h3;

    /// <summary>The pull of a body on an orbit.</summary>
    /// <param name="m">The satellite's elements at epoch.</param>
    /// <param name="body">Constants of the body.</param>
    /// <param name="sinPerigee">Sine of the body's argument of perigee.</param>
    /// <param name="cosPerigee">Its cosine.</param>
    /// <param name="sinInclination">Sine of the body's inclination to the equator.</param>
    /// <param name="cosInclination">Its cosine.</param>
    /// <param name="sinNode">Sine of the satellite's node from the body's.</param>
    /// <param name="cosNode">Its cosine.</param>
    /// <param name="anomalyAtEpoch">The body's mean anomaly at epoch, rad.</param>
    internal ThirdBody(
        in MeanElements m, in BodyConstants body, double sinPerigee, double cosPerigee, double sinInclination, double cosInclination,
        double sinNode, double cosNode, double anomalyAtEpoch)
    {
        double e = m.Eccentricity, e2 = m.E2;
        (double sinW, double cosW) = Math.SinCos(m.Perigee);

        double a1 = (cosPerigee * cosNode) + (sinPerigee * cosInclination * sinNode);
        double a3 = (-sinPerigee * cosNode) + (cosPerigee * cosInclination * sinNode);
        double a7 = (-cosPerigee * sinNode) + (sinPerigee * cosInclination * cosNode);
        double a8 = sinPerigee * sinInclination;
        double a9 = (sinPerigee * sinNode) + (cosPerigee * cosInclination * cosNode);
        double a10 = cosPerigee * sinInclination;
        double a2 = (m.CosI * a7) + (m.SinI * a8);
        double a4 = (m.CosI * a9) + (m.SinI * a10);
        double a5 = (-m.SinI * a7) + (m.CosI * a8);
        double a6 = (-m.SinI * a9) + (m.CosI * a10);

        double x1 = (a1 * cosW) + (a2 * sinW), x2 = (a3 * cosW) + (a4 * sinW);
        double x3 = (-a1 * sinW) + (a2 * cosW), x4 = (-a3 * sinW) + (a4 * cosW);
        double x5 = a5 * sinW, x6 = a6 * sinW, x7 = a5 * cosW, x8 = a6 * cosW;

        double z31 = (12.0 * x1 * x1) - (3.0 * x3 * x3);
        double z32 = (24.0 * x1 * x2) - (6.0 * x3 * x4);
        double z33 = (12.0 * x2 * x2) - (3.0 * x4 * x4);
        double z1 = (2.0 * ((3.0 * ((a1 * a1) + (a2 * a2))) + (z31 * e2))) + (m.OneMinusE2 * z31);
        double z2 = (2.0 * ((6.0 * ((a1 * a3) + (a2 * a4))) + (z32 * e2))) + (m.OneMinusE2 * z32);
        double z3 = (2.0 * ((3.0 * ((a3 * a3) + (a4 * a4))) + (z33 * e2))) + (m.OneMinusE2 * z33);
        double z11 = (-6.0 * a1 * a5) + (e2 * ((-24.0 * x1 * x7) - (6.0 * x3 * x5)));
        double z12 = (-6.0 * ((a1 * a6) + (a3 * a5))) + (e2 * ((-24.0 * ((x2 * x7) + (x1 * x8))) - (6.0 * ((x3 * x6) + (x4 * x5)))));
        double z13 = (-6.0 * a3 * a6) + (e2 * ((-24.0 * x2 * x8) - (6.0 * x4 * x6)));
        double z21 = (6.0 * a2 * a5) + (e2 * ((24.0 * x1 * x5) - (6.0 * x3 * x7)));
        double z22 = (6.0 * ((a4 * a5) + (a2 * a6))) + (e2 * ((24.0 * ((x2 * x5) + (x1 * x6))) - (6.0 * ((x4 * x7) + (x3 * x8)))));
        double z23 = (6.0 * a4 * a6) + (e2 * ((24.0 * x2 * x6) - (6.0 * x4 * x8)));

        double s3 = body.Strength / m.MeanMotion;
        double s2 = -0.5 * s3 / m.RootOneMinusE2;
        double s4 = s3 * m.RootOneMinusE2;
        double s1 = -15.0 * e * s4;
        double s5 = (x1 * x3) + (x2 * x4), s6 = (x2 * x3) + (x1 * x4), s7 = (x2 * x4) - (x1 * x3);

        _meanMotion = body.MeanMotion;
        _eccentricity = body.Eccentricity;
        _anomalyAtEpoch = anomalyAtEpoch;
        _e2 = 2.0 * s1 * s6;
        _e3 = 2.0 * s1 * s7;
        _i2 = 2.0 * s2 * z12;
        _i3 = 2.0 * s2 * (z13 - z11);
        _l2 = -2.0 * s3 * z2;
        _l3 = -2.0 * s3 * (z3 - z1);
        _l4 = -2.0 * s3 * (-21.0 - (9.0 * e2)) * body.Eccentricity;
        _gh2 = 2.0 * s4 * z32;
        _gh3 = 2.0 * s4 * (z33 - z31);
        _gh4 = -18.0 * s4 * body.Eccentricity;
        _h2 = -2.0 * s2 * z22;
        _h3 = -2.0 * s2 * (z23 - z21);

        bool nearlyEquatorial = m.Inclination is < 5.2359877e-2 or > Math.PI - 5.2359877e-2;
        double nodeRate = nearlyEquatorial ? 0.0 : -body.MeanMotion * s2 * (z21 + z23);
        NodeRate = m.SinI != 0.0 ? nodeRate / m.SinI : nodeRate;
        EccentricityRate = s1 * body.MeanMotion * s5;
        InclinationRate = s2 * body.MeanMotion * (z11 + z13);
        AnomalyRate = -body.MeanMotion * s3 * (z1 + z3 - 14.0 - (6.0 * e2));
        PerigeeRate = (s4 * body.MeanMotion * (z31 + z33 - 6.0)) - (m.CosI * NodeRate);
    }

    internal double EccentricityRate { get; }
    internal double InclinationRate { get; }
    internal double AnomalyRate { get; }
    internal double PerigeeRate { get; }
    internal double NodeRate { get; }

    /// <summary>Adds the body's periodic terms at <paramref name="t"/> minutes from the epoch.</summary>
    internal void AddPeriodic(double t, ref LunarSolarPeriodics to)
    {
        double mean = _anomalyAtEpoch + (_meanMotion * t);
        double anomaly = mean + (2.0 * _eccentricity * Math.Sin(mean));
        (double sin, double cos) = Math.SinCos(anomaly);
        double f2 = (0.5 * sin * sin) - 0.25;
        double f3 = -0.5 * sin * cos;
        to.Eccentricity += (_e2 * f2) + (_e3 * f3);
        to.Inclination += (_i2 * f2) + (_i3 * f3);
        to.Longitude += (_l2 * f2) + (_l3 * f3) + (_l4 * sin);
        to.Perigee += (_gh2 * f2) + (_gh3 * f3) + (_gh4 * sin);
        to.Node += (_h2 * f2) + (_h3 * f3);
    }
}

/// <summary>The Sun's or the Moon's pull on a satellite.</summary>
/// <param name="MeanMotion">The body's mean motion, rad/min.</param>
/// <param name="Eccentricity">The eccentricity of its orbit.</param>
/// <param name="Strength">The report's C1 of the body, rad/min.</param>
internal readonly record struct BodyConstants(double MeanMotion, double Eccentricity, double Strength)
{
    internal static BodyConstants Sun => new(1.19459e-5, 0.01675, 2.9864797e-6);

    internal static BodyConstants Moon => new(1.5835218e-4, 0.05490, 4.7968065e-7);
}

/// <summary>Sums of periodic terms: radians; the node's term is still multiplied by the sine of the inclination.</summary>
internal struct LunarSolarPeriodics
{
    internal double Eccentricity;
    internal double Inclination;
    internal double Longitude;
    internal double Perigee;
    internal double Node;
}
