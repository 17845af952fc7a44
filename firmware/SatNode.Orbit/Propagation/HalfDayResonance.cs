using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Propagation;

/// <summary>The resonance of two revolutions a day with an eccentricity of 0.5 and more (Molniya orbits).</summary>
internal sealed class HalfDayResonance : Resonance
{
    private const double G22 = 5.7686396;
    private const double G32 = 0.95240898;
    private const double G44 = 1.8014998;
    private const double G52 = 1.0508330;
    private const double G54 = 4.4108898;

    private readonly double _perigee;
    private readonly double _perigeeRate;
    private readonly double _d2201;
    private readonly double _d2211;
    private readonly double _d3210;
    private readonly double _d3222;
    private readonly double _d4410;
    private readonly double _d4422;
    private readonly double _d5220;
    private readonly double _d5232;
    private readonly double _d5421;
    private readonly double _d5433;

    internal HalfDayResonance(in MeanElements m, SecularTerms secular, double anomalyRate, double nodeRate)
        : base(
            m,
            Angle.Wrap(m.Anomaly + (2.0 * m.Node) - (2.0 * m.GmstAtEpoch)),
            secular.AnomalyRate + anomalyRate + (2.0 * (secular.NodeRate + nodeRate - EarthRadiansPerMinute)) - m.MeanMotion)
    {
        const double Root22 = 1.7891679e-6, Root32 = 3.7393792e-7, Root44 = 7.3636953e-9, Root52 = 1.1428639e-7, Root54 = 2.1765803e-9;
        _perigee = m.Perigee;
        _perigeeRate = secular.PerigeeRate;

        // Eccentricity functions, fitted in pieces.
        double e = m.Eccentricity;
        double g201 = -0.306 - ((e - 0.64) * 0.440);
        double g211, g310, g322, g410, g422, g520;
        if (e <= 0.65)
        {
            g211 = Cubic(e, 3.616, -13.2470, 16.2900, 0.0);
            g310 = Cubic(e, -19.302, 117.3900, -228.4190, 156.5910);
            g322 = Cubic(e, -18.9068, 109.7927, -214.6334, 146.5816);
            g410 = Cubic(e, -41.122, 242.6940, -471.0940, 313.9530);
            g422 = Cubic(e, -146.407, 841.8800, -1629.014, 1083.4350);
            g520 = Cubic(e, -532.114, 3017.977, -5740.032, 3708.2760);
        }
        else
        {
            g211 = Cubic(e, -72.099, 331.819, -508.738, 266.724);
            g310 = Cubic(e, -346.844, 1582.851, -2415.925, 1246.113);
            g322 = Cubic(e, -342.585, 1554.908, -2366.899, 1215.972);
            g410 = Cubic(e, -1052.797, 4758.686, -7193.992, 3651.957);
            g422 = Cubic(e, -3581.690, 16178.110, -24462.770, 12422.520);
            g520 = e > 0.715 ? Cubic(e, -5149.66, 29936.92, -54087.36, 31324.56) : Cubic(e, 1464.74, -4664.75, 3763.64, 0.0);
        }

        bool below = e < 0.7;
        double g533 = below ? Cubic(e, -919.22770, 4988.6100, -9064.7700, 5542.21) : Cubic(e, -37995.780, 161616.52, -229838.20, 109377.94);
        double g521 = below ? Cubic(e, -822.71072, 4568.6173, -8491.4146, 5337.524) : Cubic(e, -51752.104, 218913.95, -309468.16, 146349.42);
        double g532 = below ? Cubic(e, -853.66600, 4690.2500, -8624.7700, 5341.4) : Cubic(e, -40023.880, 170470.89, -242699.48, 115605.82);

        // Inclination functions.
        double s = m.SinI, c = m.CosI, s2 = s * s, c2 = m.CosI2;
        double f220 = 0.75 * (1.0 + (2.0 * c) + c2);
        double f221 = 1.5 * s2;
        double f321 = 1.875 * s * (1.0 - (2.0 * c) - (3.0 * c2));
        double f322 = -1.875 * s * (1.0 + (2.0 * c) - (3.0 * c2));
        double f441 = 35.0 * s2 * f220;
        double f442 = 39.3750 * s2 * s2;
        double f522 = 9.84375 * s * ((s2 * (1.0 - (2.0 * c) - (5.0 * c2))) + (0.33333333 * (-2.0 + (4.0 * c) + (6.0 * c2))));
        double f523 = s * ((4.92187512 * s2 * (-2.0 - (4.0 * c) + (10.0 * c2))) + (6.56250012 * (1.0 + (2.0 * c) - (3.0 * c2))));
        double f542 = 29.53125 * s * (2.0 - (8.0 * c) + (c2 * (-12.0 + (8.0 * c) + (10.0 * c2))));
        double f543 = 29.53125 * s * (-2.0 - (8.0 * c) + (c2 * (12.0 + (8.0 * c) - (10.0 * c2))));

        double byA = Math.Pow(m.MeanMotion / Wgs72.Ke, 2.0 / 3.0);
        double strength = 3.0 * m.MeanMotion * m.MeanMotion * byA * byA;
        _d2201 = strength * Root22 * f220 * g201;
        _d2211 = strength * Root22 * f221 * g211;
        strength *= byA;
        _d3210 = strength * Root32 * f321 * g310;
        _d3222 = strength * Root32 * f322 * g322;
        strength *= byA;
        _d4410 = 2.0 * strength * Root44 * f441 * g410;
        _d4422 = 2.0 * strength * Root44 * f442 * g422;
        strength *= byA;
        _d5220 = strength * Root52 * f522 * g520;
        _d5232 = strength * Root52 * f523 * g532;
        _d5421 = 2.0 * strength * Root54 * f542 * g521;
        _d5433 = 2.0 * strength * Root54 * f543 * g533;
    }

    private protected override void Accelerate(double longitude, double time, out double acceleration, out double slope)
    {
        double perigee = _perigee + (_perigeeRate * time);
        double twicePerigee = perigee + perigee, twiceLongitude = longitude + longitude;
        acceleration = 0.0;
        slope = 0.0;
        Add(_d2201, 1.0, twicePerigee + longitude - G22, ref acceleration, ref slope);
        Add(_d2211, 1.0, longitude - G22, ref acceleration, ref slope);
        Add(_d3210, 1.0, perigee + longitude - G32, ref acceleration, ref slope);
        Add(_d3222, 1.0, -perigee + longitude - G32, ref acceleration, ref slope);
        Add(_d4410, 2.0, twicePerigee + twiceLongitude - G44, ref acceleration, ref slope);
        Add(_d4422, 2.0, twiceLongitude - G44, ref acceleration, ref slope);
        Add(_d5220, 1.0, perigee + longitude - G52, ref acceleration, ref slope);
        Add(_d5232, 1.0, -perigee + longitude - G52, ref acceleration, ref slope);
        Add(_d5421, 2.0, perigee + twiceLongitude - G54, ref acceleration, ref slope);
        Add(_d5433, 2.0, -perigee + twiceLongitude - G54, ref acceleration, ref slope);
    }

    private protected override double AnomalyFrom(double longitude, double gmst, in OsculatingOrbit orbit) =>
        longitude - (2.0 * orbit.Node) + (2.0 * gmst);

    private static void Add(double strength, double multiple, double angle, ref double acceleration, ref double slope)
    {
        (double sin, double cos) = Math.SinCos(angle);
        acceleration += strength * sin;
        slope += multiple * strength * cos;
    }

    private static double Cubic(double x, double c0, double c1, double c2, double c3) => c0 + (x * (c1 + (x * (c2 + (x * c3)))));
}
