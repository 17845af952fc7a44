using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Propagation;

/// <summary>The deep-space corrections of one orbit: Sun, Moon, and resonance with the Earth's rotation.</summary>
/// <remarks>Source: Hujsak, Spacetrack Report 1 (1979); AIAA 2006-6753, dscom, dsinit, dspace, dpper.</remarks>
internal sealed class DeepSpace
{
    // The Sun's orbit seen from the Earth: inclination (the ecliptic's) and argument of perigee.
    private const double SinSunInclination = 0.39785416;
    private const double CosSunInclination = 0.91744867;
    private const double SinSunPerigee = -0.98088458;
    private const double CosSunPerigee = 0.1945905;
    private const double LyddaneInclination = 0.2; // rad; below it the node is badly defined

    private readonly ThirdBody _sun;
    private readonly ThirdBody _moon;
    private readonly Resonance? _resonance;
    private readonly double _inclination;
    private readonly double _eccentricityRate;
    private readonly double _inclinationRate;
    private readonly double _anomalyRate;
    private readonly double _perigeeRate;
    private readonly double _nodeRate;

    internal DeepSpace(in MeanElements m, SecularTerms secular)
    {
        double day = m.DaysSince1950 + 18_261.5; // days since 1900 January 0.5
        (double sinNode, double cosNode) = Math.SinCos(m.Node);
        _sun = new(
            m, BodyConstants.Sun, SinSunPerigee, CosSunPerigee, SinSunInclination, CosSunInclination, sinNode, cosNode,
            Angle.Wrap(6.2565837 + (0.017201977 * day)));

        double moonNode = Angle.Wrap(4.5236020 - (9.2422029e-4 * day)); // on the ecliptic
        (double sinMoonNode, double cosMoonNode) = Math.SinCos(moonNode);
        double cosMoonInclination = 0.91375164 - (0.03568096 * cosMoonNode);
        double sinMoonInclination = Math.Sqrt(1.0 - (cosMoonInclination * cosMoonInclination));
        double sinMoonEquatorNode = 0.089683511 * sinMoonNode / sinMoonInclination;
        double cosMoonEquatorNode = Math.Sqrt(1.0 - (sinMoonEquatorNode * sinMoonEquatorNode));
        double moonLongitude = 5.8351514 + (0.0019443680 * day);
        double moonPerigee = moonLongitude - moonNode + Math.Atan2(
            SinSunInclination * sinMoonNode / sinMoonInclination,
            (cosMoonEquatorNode * cosMoonNode) + (CosSunInclination * sinMoonEquatorNode * sinMoonNode));
        (double sinMoonPerigee, double cosMoonPerigee) = Math.SinCos(moonPerigee);
        _moon = new(
            m, BodyConstants.Moon, sinMoonPerigee, cosMoonPerigee, sinMoonInclination, cosMoonInclination,
            (sinNode * cosMoonEquatorNode) - (cosNode * sinMoonEquatorNode),
            (cosMoonEquatorNode * cosNode) + (sinMoonEquatorNode * sinNode),
            Angle.Wrap(4.7199672 + (0.22997150 * day) - moonLongitude));

        _inclination = m.Inclination;
        _eccentricityRate = _sun.EccentricityRate + _moon.EccentricityRate;
        _inclinationRate = _sun.InclinationRate + _moon.InclinationRate;
        _anomalyRate = _sun.AnomalyRate + _moon.AnomalyRate;
        _perigeeRate = _sun.PerigeeRate + _moon.PerigeeRate;
        _nodeRate = _sun.NodeRate + _moon.NodeRate;
        _resonance = Resonance.Of(m, secular, _anomalyRate, _perigeeRate, _nodeRate);
    }

    /// <summary>Adds what grows with time, and replaces anomaly and mean motion by the integrated ones of a resonant orbit.</summary>
    internal void AddSecular(double t, ref OsculatingOrbit orbit)
    {
        orbit.Eccentricity += _eccentricityRate * t;
        orbit.Inclination = _inclination + (_inclinationRate * t);
        orbit.Perigee += _perigeeRate * t;
        orbit.Node += _nodeRate * t;
        orbit.Anomaly += _anomalyRate * t;
        _resonance?.Integrate(t, ref orbit);
    }

    /// <summary>Adds the periodic terms of Sun and Moon, in Lyddane's form where the inclination is small.</summary>
    internal void AddPeriodic(double t, ref OsculatingOrbit orbit)
    {
        LunarSolarPeriodics sum = default;
        _sun.AddPeriodic(t, ref sum);
        _moon.AddPeriodic(t, ref sum);

        orbit.Inclination += sum.Inclination;
        orbit.Eccentricity += sum.Eccentricity;
        (double sinI, double cosI) = Math.SinCos(orbit.Inclination);
        if (orbit.Inclination >= LyddaneInclination)
        {
            double node = sum.Node / sinI;
            orbit.Perigee += sum.Perigee - (cosI * node);
            orbit.Node += node;
            orbit.Anomaly += sum.Longitude;
            return;
        }

        (double sinNode, double cosNode) = Math.SinCos(orbit.Node);
        double alpha = (sinI * sinNode) + (sum.Node * cosNode) + (sum.Inclination * cosI * sinNode);
        double beta = (sinI * cosNode) - (sum.Node * sinNode) + (sum.Inclination * cosI * cosNode);
        double longitude = orbit.Anomaly + orbit.Perigee + (cosI * orbit.Node)
            + sum.Longitude + sum.Perigee - (sum.Inclination * orbit.Node * sinI);
        double turned = Math.Atan2(alpha, beta);
        if (Math.Abs(orbit.Node - turned) > Math.PI)
            turned += turned < orbit.Node ? Math.Tau : -Math.Tau;
        orbit.Node = turned;
        orbit.Anomaly += sum.Longitude;
        orbit.Perigee = longitude - orbit.Anomaly - (cosI * turned);
    }
}
