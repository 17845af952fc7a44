using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Propagation;

/// <summary>The elements of a set in SGP4's units, with Brouwer's mean motion recovered from Kozai's, and what follows from them at once.</summary>
/// <remarks>Angles in radians, lengths in Earth radii, time in minutes. Source: Spacetrack Report 3, section 6; AIAA 2006-6753, initl.</remarks>
internal readonly struct MeanElements
{
    internal MeanElements(Tle tle)
    {
        // As the reference has it, the Julian date in one double: 40 µs are lost, by which the Sun's and the Moon's phases of the published states were turned.
        DaysSince1950 = JulianDate.DaysSince1950(tle.Epoch) + JulianDate.January0Of1950Days - JulianDate.January0Of1950Days;
        GmstAtEpoch = Frames.GmstRadians(tle.Epoch);
        BStar = tle.BStar;
        Inclination = Angle.ToRadians(tle.InclinationDegrees);
        Node = Angle.ToRadians(tle.RaanDegrees);
        Eccentricity = tle.Eccentricity;
        Perigee = Angle.ToRadians(tle.ArgumentOfPerigeeDegrees);
        Anomaly = Angle.ToRadians(tle.MeanAnomalyDegrees);

        (SinI, CosI) = Math.SinCos(Inclination);
        CosI2 = CosI * CosI;
        E2 = Eccentricity * Eccentricity;
        OneMinusE2 = 1.0 - E2;
        RootOneMinusE2 = Math.Sqrt(OneMinusE2);

        MeanMotion = BrouwerFromKozai(tle.MeanMotionRevolutionsPerDay * Math.Tau / 1440.0, CosI2, OneMinusE2);
        SemiMajorAxis = SemiMajorAxisOf(MeanMotion);
    }

    internal double DaysSince1950 { get; }
    internal double GmstAtEpoch { get; }
    internal double BStar { get; }
    internal double Inclination { get; }
    internal double Node { get; }
    internal double Eccentricity { get; }
    internal double Perigee { get; }
    internal double Anomaly { get; }

    /// <summary>Brouwer's mean motion in rad/min.</summary>
    internal double MeanMotion { get; }
    internal double SemiMajorAxis { get; }
    internal double SinI { get; }
    internal double CosI { get; }
    internal double CosI2 { get; }
    internal double E2 { get; }
    internal double OneMinusE2 { get; }
    internal double RootOneMinusE2 { get; }

    /// <summary>1 − 5 cos²i.</summary>
    internal double OneMinus5CosI2 => 1.0 - (5.0 * CosI2);

    /// <summary>3 cos²i − 1.</summary>
    internal double ThreeCosI2Minus1 => (3.0 * CosI2) - 1.0;

    /// <summary>A period of 225 minutes and more needs the deep-space theory.</summary>
    internal bool IsDeepSpace => Math.Tau / MeanMotion >= 225.0;

    /// <summary>Earth radii for a mean motion in rad/min.</summary>
    internal static double SemiMajorAxisOf(double meanMotion) => Math.Pow(Wgs72.Ke / meanMotion, 2.0 / 3.0);

    /// <summary>The mean motion of element sets (Kozai) that gives a Brouwer semi-major axis in Earth radii, both in rad/min.</summary>
    internal static double KozaiFromSemiMajorAxis(double semiMajorAxis, double cosI2, double oneMinusE2) =>
        Wgs72.Ke / (semiMajorAxis * Math.Sqrt(semiMajorAxis)) * (1.0 + (KozaiTerm(cosI2, oneMinusE2) / (semiMajorAxis * semiMajorAxis)));

    private static double BrouwerFromKozai(double kozai, double cosI2, double oneMinusE2)
    {
        double term = KozaiTerm(cosI2, oneMinusE2);
        double first = SemiMajorAxisOf(kozai);
        double delta1 = term / (first * first);
        double better = first * (1.0 - (delta1 * delta1) - (delta1 * ((1.0 / 3.0) + (134.0 * delta1 * delta1 / 81.0))));
        return kozai / (1.0 + (term / (better * better)));
    }

    private static double KozaiTerm(double cosI2, double oneMinusE2) =>
        0.75 * Wgs72.J2 * ((3.0 * cosI2) - 1.0) / (Math.Sqrt(oneMinusE2) * oneMinusE2);
}
