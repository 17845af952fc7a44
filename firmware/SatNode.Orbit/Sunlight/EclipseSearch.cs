using SatNode.Orbit.Contacts;

namespace SatNode.Orbit.Sunlight;

/// <summary>Finds the eclipses along an orbit: steps of a 90th of the period, then bisection to a millisecond.</summary>
public static class EclipseSearch
{
    /// <summary>The most eclipses one search returns: a year of them in low orbit.</summary>
    public const int EclipsesMax = 6_000;

    private const double StepsPerPeriod = 90.0;

    /// <summary>The eclipse in progress at <paramref name="from"/> or the next one to begin within <paramref name="span"/>; null when there is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span is negative or takes more than <see cref="IntervalSearch.StepsMax"/> steps.</exception>
    public static EclipseInterval? Next(SatelliteOrbit orbit, DateTimeOffset from, TimeSpan span)
    {
        ArgumentNullException.ThrowIfNull(orbit);
        return Next(orbit, from, 0.0, IntervalSearch.SecondsOf(span, StepSeconds(orbit)), out _);
    }

    /// <summary>All eclipses of a time span, at most <see cref="EclipsesMax"/>.</summary>
    /// <inheritdoc cref="Next(SatelliteOrbit, DateTimeOffset, TimeSpan)" path="/exception"/>
    public static IReadOnlyList<EclipseInterval> Find(SatelliteOrbit orbit, DateTimeOffset from, DateTimeOffset to)
    {
        ArgumentNullException.ThrowIfNull(orbit);
        double end = IntervalSearch.SecondsOf(to - from, StepSeconds(orbit));
        var found = new List<EclipseInterval>();
        double at = 0.0;
        while (found.Count < EclipsesMax && Next(orbit, from, at, end, out double exit) is { } eclipse)
        {
            found.Add(eclipse);
            at = exit + IntervalSearch.PauseSeconds;
        }

        return found;
    }

    private static EclipseInterval? Next(SatelliteOrbit orbit, DateTimeOffset from, double start, double end, out double exit)
    {
        double step = StepSeconds(orbit);
        exit = end;
        if (!IntervalSearch.TryNext(new ShadowSignal(orbit, from, umbra: false), start, end, step, out Interval penumbra))
            return null;
        exit = penumbra.End;
        bool dark = IntervalSearch.TryNext(new ShadowSignal(orbit, from, umbra: true), penumbra.Start, penumbra.End, step, out Interval umbra);
        return new()
        {
            PenumbraEntry = IntervalSearch.Utc(from, penumbra.Start),
            UmbraEntry = dark ? IntervalSearch.Utc(from, umbra.Start) : null,
            UmbraExit = dark ? IntervalSearch.Utc(from, umbra.End) : null,
            PenumbraExit = IntervalSearch.Utc(from, penumbra.End),
            StartsBefore = penumbra.OpenStart,
            EndsAfter = penumbra.OpenEnd,
        };
    }

    private static double StepSeconds(SatelliteOrbit orbit) => orbit.Propagator.Period.TotalSeconds / StepsPerPeriod;

    /// <summary>The depth in the shadow in radians of sky.</summary>
    private readonly struct ShadowSignal(SatelliteOrbit orbit, DateTimeOffset from, bool umbra) : ISignal
    {
        public double At(double seconds)
        {
            DateTimeOffset utc = IntervalSearch.Utc(from, seconds);
            if (!orbit.TryStateAt(utc, out var state))
                return double.NaN;
            var discs = Discs.Seen(state.PositionKm, Sun.PositionKm(utc));
            return umbra ? discs.UmbraDepthRadians : discs.PenumbraDepthRadians;
        }
    }
}
