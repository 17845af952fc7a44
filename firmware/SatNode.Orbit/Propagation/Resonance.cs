using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Propagation;

/// <summary>Resonance with the Earth's rotation: geosynchronous (one day) or half-day eccentric orbits, integrated in steps of 720 minutes.</summary>
/// <remarks>The integration starts at the epoch at every call, so the result depends on nothing but the time. Source: Hujsak, Spacetrack Report 1;
/// AIAA 2006-6753, dsinit and dspace.</remarks>
internal abstract class Resonance
{
    private const double StepMinutes = 720.0;
    private const double HalfStepSquared = StepMinutes * StepMinutes / 2.0;
    private protected const double EarthRadiansPerMinute = 4.37526908801129966e-3;

    private readonly double _meanMotion;
    private readonly double _longitudeAtEpoch;
    private readonly double _longitudeRate;
    private readonly double _gmstAtEpoch;

    private protected Resonance(in MeanElements m, double longitudeAtEpoch, double longitudeRate)
    {
        _meanMotion = m.MeanMotion;
        _gmstAtEpoch = m.GmstAtEpoch;
        _longitudeAtEpoch = longitudeAtEpoch;
        _longitudeRate = longitudeRate;
    }

    /// <summary>The resonance of an orbit, null when it has none. The rates are those of Sun and Moon.</summary>
    internal static Resonance? Of(in MeanElements m, SecularTerms secular, double anomalyRate, double perigeeRate, double nodeRate)
    {
        if (m.MeanMotion is > 0.0034906585 and < 0.0052359877)
            return new SynchronousResonance(m, secular, anomalyRate, perigeeRate, nodeRate);
        return m.MeanMotion is >= 8.26e-3 and <= 9.24e-3 && m.Eccentricity >= 0.5
            ? new HalfDayResonance(m, secular, anomalyRate, nodeRate)
            : null;
    }

    /// <summary>Sets mean motion and anomaly at <paramref name="t"/> minutes from the epoch.</summary>
    internal void Integrate(double t, ref OsculatingOrbit orbit)
    {
        double step = t >= 0.0 ? StepMinutes : -StepMinutes;
        double longitude = _longitudeAtEpoch, n = _meanMotion, time = 0.0;
        while (true)
        {
            Accelerate(longitude, time, out double acceleration, out double slope);
            double rate = n + _longitudeRate;
            slope *= rate;
            double left = t - time;
            if (Math.Abs(left) < StepMinutes)
            {
                orbit.MeanMotion = n + (acceleration * left) + (slope * left * left * 0.5);
                longitude += (rate * left) + (acceleration * left * left * 0.5);
                break;
            }

            longitude += (rate * step) + (acceleration * HalfStepSquared);
            n += (acceleration * step) + (slope * HalfStepSquared);
            time += step;
        }

        double gmst = Angle.Wrap(_gmstAtEpoch + (t * EarthRadiansPerMinute));
        orbit.Anomaly = AnomalyFrom(longitude, gmst, orbit);
    }

    /// <summary>The acceleration of the resonant longitude in rad/min² and its slope over the longitude.</summary>
    private protected abstract void Accelerate(double longitude, double time, out double acceleration, out double slope);

    private protected abstract double AnomalyFrom(double longitude, double gmst, in OsculatingOrbit orbit);
}
