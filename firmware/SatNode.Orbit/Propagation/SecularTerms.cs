namespace SatNode.Orbit.Propagation;

/// <summary>Everything of gravity and drag that does not depend on time: the constants of the hot path, computed once.</summary>
/// <remarks>Names follow the mathematics of Spacetrack Report 3, section 6 (C1 to C5, D2 to D4, η, ξ); angles in radians, lengths in Earth radii,
/// time in minutes. Source also: AIAA 2006-6753, sgp4init.</remarks>
internal sealed class SecularTerms
{
    private const double TinyEccentricity = 1.0e-4;

    internal SecularTerms(in MeanElements m)
    {
        double a = m.SemiMajorAxis, e = m.Eccentricity, n = m.MeanMotion;
        double perigeeRadius = a * (1.0 - e);
        double s = DensityBottom(perigeeRadius, out double q0MinusS4);

        double xi = 1.0 / (a - s);
        double eta = a * e * xi, eta2 = eta * eta, eEta = e * eta;
        double psi2 = Math.Abs(1.0 - eta2);
        double qXi4 = q0MinusS4 * xi * xi * xi * xi;
        double qXi4Psi = qXi4 / (psi2 * psi2 * psi2 * Math.Sqrt(psi2));
        double c2 = qXi4Psi * n * ((a * (1.0 + (1.5 * eta2) + (eEta * (4.0 + eta2))))
            + (0.375 * Wgs72.J2 * xi / psi2 * m.ThreeCosI2Minus1 * (8.0 + (3.0 * eta2 * (8.0 + eta2)))));
        double c3 = e > TinyEccentricity ? -2.0 * qXi4 * xi * Wgs72.J3OverJ2 * n * m.SinI / e : 0.0;
        double oneMinusCosI2 = 1.0 - m.CosI2;

        C1 = m.BStar * c2;
        BStarC4 = m.BStar * 2.0 * n * qXi4Psi * a * m.OneMinusE2 * ((eta * (2.0 + (0.5 * eta2))) + (e * (0.5 + (2.0 * eta2)))
            - (Wgs72.J2 * xi / (a * psi2) * ((-3.0 * m.ThreeCosI2Minus1 * (1.0 - (2.0 * eEta) + (eta2 * (1.5 - (0.5 * eEta)))))
                + (0.75 * oneMinusCosI2 * ((2.0 * eta2) - (eEta * (1.0 + eta2))) * Math.Cos(2.0 * m.Perigee)))));
        BStarC5 = m.BStar * 2.0 * qXi4Psi * a * m.OneMinusE2 * (1.0 + (2.75 * (eta2 + eEta)) + (eEta * eta2));

        double rootOneMinusE2 = m.RootOneMinusE2, cos2 = m.CosI2, cos4 = cos2 * cos2;
        double inverseP2 = 1.0 / (a * m.OneMinusE2 * a * m.OneMinusE2);
        double j2Rate = 1.5 * Wgs72.J2 * inverseP2 * n;
        double j22Rate = 0.5 * j2Rate * Wgs72.J2 * inverseP2;
        double j4Rate = -0.46875 * Wgs72.J4 * inverseP2 * inverseP2 * n;
        AnomalyRate = n + (0.5 * j2Rate * rootOneMinusE2 * m.ThreeCosI2Minus1)
            + (0.0625 * j22Rate * rootOneMinusE2 * (13.0 - (78.0 * cos2) + (137.0 * cos4)));
        PerigeeRate = (-0.5 * j2Rate * m.OneMinus5CosI2) + (0.0625 * j22Rate * (7.0 - (114.0 * cos2) + (395.0 * cos4)))
            + (j4Rate * (3.0 - (36.0 * cos2) + (49.0 * cos4)));
        double nodeRateOfJ2 = -j2Rate * m.CosI;
        NodeRate = nodeRateOfJ2 + (((0.5 * j22Rate * (4.0 - (19.0 * cos2))) + (2.0 * j4Rate * (3.0 - (7.0 * cos2)))) * m.CosI);

        PerigeeDrag = m.BStar * c3 * Math.Cos(m.Perigee);
        AnomalyDrag = e > TinyEccentricity ? -2.0 / 3.0 * qXi4 * m.BStar / eEta : 0.0;
        NodeDrag = 3.5 * m.OneMinusE2 * nodeRateOfJ2 * C1;
        T2 = 1.5 * C1;
        Eta = eta;
        double onePlusEtaCos = 1.0 + (eta * Math.Cos(m.Anomaly));
        AnomalyDragAtEpoch = onePlusEtaCos * onePlusEtaCos * onePlusEtaCos;
        SinAnomalyAtEpoch = Math.Sin(m.Anomaly);

        IsSimple = m.IsDeepSpace || perigeeRadius < (220.0 / Wgs72.RadiusKm) + 1.0;
        if (IsSimple)
            return;
        double c12 = C1 * C1;
        D2 = 4.0 * a * xi * c12;
        double d2Third = D2 * xi * C1 / 3.0;
        D3 = ((17.0 * a) + s) * d2Third;
        D4 = 0.5 * d2Third * a * xi * ((221.0 * a) + (31.0 * s)) * C1;
        T3 = D2 + (2.0 * c12);
        T4 = 0.25 * ((3.0 * D3) + (C1 * ((12.0 * D2) + (10.0 * c12))));
        T5 = 0.2 * ((3.0 * D4) + (12.0 * C1 * D3) + (6.0 * D2 * D2) + (15.0 * c12 * ((2.0 * D2) + c12)));
    }

    /// <summary>The higher powers of time in the drag are dropped: perigee below 220 km, or deep space.</summary>
    internal bool IsSimple { get; }
    internal double AnomalyRate { get; }
    internal double PerigeeRate { get; }
    internal double NodeRate { get; }
    internal double C1 { get; }
    internal double BStarC4 { get; }
    internal double BStarC5 { get; }
    internal double D2 { get; }
    internal double D3 { get; }
    internal double D4 { get; }
    internal double T2 { get; }
    internal double T3 { get; }
    internal double T4 { get; }
    internal double T5 { get; }
    internal double Eta { get; }
    internal double PerigeeDrag { get; }
    internal double AnomalyDrag { get; }
    internal double AnomalyDragAtEpoch { get; }
    internal double SinAnomalyAtEpoch { get; }
    internal double NodeDrag { get; }

    /// <summary>The parameter s of the atmosphere's density and (q₀ − s)⁴, both lowered for a perigee under 156 km.</summary>
    private static double DensityBottom(double perigeeRadius, out double q0MinusS4)
    {
        double perigeeKm = (perigeeRadius - 1.0) * Wgs72.RadiusKm;
        double bottomKm = perigeeKm switch
        {
            >= 156.0 => 78.0,
            >= 98.0 => perigeeKm - 78.0,
            _ => 20.0,
        };
        double q0MinusS = (120.0 - bottomKm) / Wgs72.RadiusKm;
        q0MinusS4 = q0MinusS * q0MinusS * q0MinusS * q0MinusS;
        return (bottomKm / Wgs72.RadiusKm) + 1.0;
    }
}
