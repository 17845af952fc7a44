using SatNode.Orbit.Elements;

namespace SatNode.Orbit.Propagation;

/// <summary>The SGP4 and SDP4 theories for one element set: where the satellite is, minutes from the epoch.</summary>
/// <remarks>Everything that does not depend on time is computed by the constructor; <see cref="Propagate(double, out TemeState)"/> allocates nothing, keeps nothing, and may
/// be called from any thread. WGS-72, "improved" mode. Sources: Hoots, Roehrich, Spacetrack Report 3 (1980); Vallado, Crawford, Hujsak, Kelso,
/// "Revisiting Spacetrack Report #3", AIAA 2006-6753.</remarks>
public sealed class Sgp4
{
    /// <summary>The furthest time from the epoch, 100 years: 73,000 steps of the deep-space integrator, 10 ms.</summary>
    public const double MinutesFromEpochMax = 100.0 * 365.25 * 1440.0;

    private const double EccentricityMin = 1.0e-6;

    private readonly SecularTerms _secular;
    private readonly InclinationTerms _inclination;
    private readonly DeepSpace? _deepSpace;
    private readonly double _perigee;
    private readonly double _anomaly;
    private readonly double _node;
    private readonly double _eccentricity;
    private readonly double _meanMotion;
    private readonly double _semiMajorAxis;

    /// <summary>Prepares an element set.</summary>
    public Sgp4(Tle tle)
    {
        ArgumentNullException.ThrowIfNull(tle);
        Elements = tle;
        var mean = new MeanElements(tle);
        _secular = new(mean);
        _inclination = new(mean.SinI, mean.CosI);
        _deepSpace = mean.IsDeepSpace ? new(mean, _secular) : null;
        _perigee = mean.Perigee;
        _anomaly = mean.Anomaly;
        _node = mean.Node;
        _eccentricity = mean.Eccentricity;
        _meanMotion = mean.MeanMotion;
        _semiMajorAxis = mean.SemiMajorAxis;
    }

    /// <summary>The element set.</summary>
    public Tle Elements { get; }

    /// <summary>True when the period is 225 minutes or more and the Moon, the Sun and resonances count.</summary>
    public bool IsDeepSpace => _deepSpace is not null;

    /// <summary>The period at epoch (anomalistic, Brouwer's mean motion).</summary>
    public TimeSpan Period => TimeSpan.FromMinutes(Math.Min(Math.Tau / _meanMotion, MinutesFromEpochMax));

    /// <summary>The state at a time in minutes from the epoch, negative before it.</summary>
    /// <param name="minutesSinceEpoch">At most <see cref="MinutesFromEpochMax"/> away from 0.</param>
    /// <param name="state">The state in TEME; zero on an error, never NaN.</param>
    /// <returns>Why there is no state, or <see cref="PropagationError.None"/>.</returns>
    public PropagationError Propagate(double minutesSinceEpoch, out TemeState state)
    {
        if (!(Math.Abs(minutesSinceEpoch) <= MinutesFromEpochMax))
        {
            state = default;
            return PropagationError.TimeOutOfRange;
        }

        return _deepSpace is null
            ? PropagateNearEarth(minutesSinceEpoch, out state)
            : PropagateDeepSpace(_deepSpace, minutesSinceEpoch, out state);
    }

    /// <summary>The state at an instant, which is taken as UTC.</summary>
    /// <inheritdoc cref="Propagate(double, out TemeState)"/>
    public PropagationError Propagate(DateTimeOffset utc, out TemeState state) => Propagate(MinutesSinceEpoch(utc), out state);

    /// <summary>Minutes from the epoch of the elements to an instant, exact to 100 ns.</summary>
    public double MinutesSinceEpoch(DateTimeOffset utc) => (utc - Elements.Epoch).TotalMinutes;

    private PropagationError PropagateNearEarth(double t, out TemeState state)
    {
        SecularTerms s = _secular;
        double t2 = t * t;
        double anomaly = _anomaly + (s.AnomalyRate * t);
        double perigee = _perigee + (s.PerigeeRate * t);
        double node = _node + (s.NodeRate * t) + (s.NodeDrag * t2);
        double rootAxisFactor = 1.0 - (s.C1 * t);
        double eccentricityLoss = s.BStarC4 * t;
        double longitudeGain = s.T2 * t2;
        if (!s.IsSimple)
        {
            double onePlusEtaCos = 1.0 + (s.Eta * Math.Cos(anomaly));
            double shift = (s.PerigeeDrag * t) + (s.AnomalyDrag * ((onePlusEtaCos * onePlusEtaCos * onePlusEtaCos) - s.AnomalyDragAtEpoch));
            anomaly += shift;
            perigee -= shift;
            double t3 = t2 * t, t4 = t3 * t;
            rootAxisFactor -= (s.D2 * t2) + (s.D3 * t3) + (s.D4 * t4);
            eccentricityLoss += s.BStarC5 * (Math.Sin(anomaly) - s.SinAnomalyAtEpoch);
            longitudeGain += (s.T3 * t3) + (t4 * (s.T4 + (t * s.T5)));
        }

        double a = _semiMajorAxis * rootAxisFactor * rootAxisFactor;
        double e = _eccentricity - eccentricityLoss;
        if (Validate(_meanMotion, e) is var error && error != PropagationError.None)
        {
            state = default;
            return error;
        }

        return PeriodicTerms.Apply(
            a,
            Wgs72.Ke / (a * Math.Sqrt(a)),
            Math.Max(e, EccentricityMin),
            perigee,
            anomaly + (_meanMotion * longitudeGain),
            node,
            _inclination,
            out state);
    }

    private PropagationError PropagateDeepSpace(DeepSpace deepSpace, double t, out TemeState state)
    {
        state = default;
        SecularTerms s = _secular;
        double t2 = t * t;
        var orbit = new OsculatingOrbit
        {
            Anomaly = _anomaly + (s.AnomalyRate * t),
            Perigee = _perigee + (s.PerigeeRate * t),
            Node = _node + (s.NodeRate * t) + (s.NodeDrag * t2),
            Eccentricity = _eccentricity,
            MeanMotion = _meanMotion,
        };
        deepSpace.AddSecular(t, ref orbit);
        if (!(orbit.MeanMotion > 0.0))
            return double.IsNaN(orbit.MeanMotion) ? PropagationError.NotFinite : PropagationError.MeanMotion;

        double rootAxisFactor = 1.0 - (s.C1 * t);
        double a = MeanElements.SemiMajorAxisOf(orbit.MeanMotion) * rootAxisFactor * rootAxisFactor;
        double n = Wgs72.Ke / (a * Math.Sqrt(a));
        orbit.Eccentricity -= s.BStarC4 * t;
        if (Validate(n, orbit.Eccentricity) is var error && error != PropagationError.None)
            return error;
        orbit.Eccentricity = Math.Max(orbit.Eccentricity, EccentricityMin);
        orbit.Anomaly += _meanMotion * s.T2 * t2;
        // The Lyddane form of the periodics works with the node itself, not only with its sine: the same turn as the reference is needed.
        orbit.Node %= Math.Tau;

        deepSpace.AddPeriodic(t, ref orbit);
        if (orbit.Inclination < 0.0)
        {
            orbit.Inclination = -orbit.Inclination;
            orbit.Node += Math.PI;
            orbit.Perigee -= Math.PI;
        }

        if (!(orbit.Eccentricity >= 0.0 && orbit.Eccentricity <= 1.0))
            return double.IsNaN(orbit.Eccentricity) ? PropagationError.NotFinite : PropagationError.PerturbedEccentricity;

        (double sinI, double cosI) = Math.SinCos(orbit.Inclination);
        return PeriodicTerms.Apply(
            a, n, orbit.Eccentricity, orbit.Perigee, orbit.Anomaly, orbit.Node, new InclinationTerms(sinI, cosI), out state);
    }

    private static PropagationError Validate(double meanMotion, double eccentricity)
    {
        if (!double.IsFinite(meanMotion) || !double.IsFinite(eccentricity))
            return PropagationError.NotFinite;
        return eccentricity is >= 1.0 or < -0.001 ? PropagationError.MeanEccentricity : PropagationError.None;
    }
}
