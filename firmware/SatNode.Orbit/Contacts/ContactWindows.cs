using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Contacts;

/// <summary>Searches a time span for ground passes and inter-satellite windows: steps of a fraction of the period, ends to a millisecond.</summary>
/// <remarks>Windows between two steps are found when the signal has one peak there, as it has in orbit. A satellite without a state is out of contact.</remarks>
public static class ContactWindows
{
    /// <summary>The most windows one search returns: two years of passes over one site.</summary>
    public const int WindowsMax = 10_000;

    private const double PassStepsPerPeriod = 180.0; // 32 s in low orbit
    private const double IslStepsPerPeriod = 90.0;

    /// <summary>The passes of a satellite over a site that touch a time span, in their order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span is negative or takes more than <see cref="IntervalSearch.StepsMax"/> steps.</exception>
    public static IReadOnlyList<GroundPass> Passes(SatelliteOrbit orbit, GroundSite site, DateTimeOffset from, DateTimeOffset to)
    {
        ArgumentNullException.ThrowIfNull(orbit);
        ArgumentNullException.ThrowIfNull(site);
        // A satellite near geosynchronous orbit moves slowly over the ground, but the ground turns: never more than two minutes a step.
        double step = Math.Min(orbit.Propagator.Period.TotalSeconds / PassStepsPerPeriod, 120.0);
        double end = IntervalSearch.SecondsOf(to - from, step);
        var signal = new PassSignal(orbit, site, from);
        var height = new ElevationSignal(orbit, site, from);
        var passes = new List<GroundPass>();
        double at = 0.0;
        while (passes.Count < WindowsMax && IntervalSearch.TryNext(signal, at, end, step, out Interval pass))
        {
            double top = IntervalSearch.Peak(height, pass.Start, pass.End, step);
            LookAngles highest = height.Look(top);
            passes.Add(new()
            {
                Aos = IntervalSearch.Utc(from, pass.Start),
                Culmination = IntervalSearch.Utc(from, top),
                Los = IntervalSearch.Utc(from, pass.End),
                MaxElevationDegrees = highest.ElevationDegrees,
                CulminationRangeKm = highest.RangeKm,
                AosAzimuthDegrees = height.Look(pass.Start).AzimuthDegrees,
                LosAzimuthDegrees = height.Look(pass.End).AzimuthDegrees,
                StartsBefore = pass.OpenStart,
                EndsAfter = pass.OpenEnd,
            });
            at = pass.End + IntervalSearch.PauseSeconds;
        }

        return passes;
    }

    /// <summary>The windows of a link between two satellites that touch a time span, in their order.</summary>
    /// <inheritdoc cref="Passes" path="/exception"/>
    public static IReadOnlyList<IslWindow> IslWindows(SatelliteOrbit one, SatelliteOrbit other, IslLimits limits, DateTimeOffset from, DateTimeOffset to)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        ArgumentNullException.ThrowIfNull(limits);
        double step = Math.Min(one.Propagator.Period.TotalSeconds, other.Propagator.Period.TotalSeconds) / IslStepsPerPeriod;
        double end = IntervalSearch.SecondsOf(to - from, step);
        var signal = new IslSignal(one, other, limits, from);
        var windows = new List<IslWindow>();
        double at = 0.0;
        while (windows.Count < WindowsMax && IntervalSearch.TryNext(signal, at, end, step, out Interval window))
        {
            var near = new RangeSignal(one, other, from, -1.0);
            var far = new RangeSignal(one, other, from, 1.0);
            windows.Add(new()
            {
                Start = IntervalSearch.Utc(from, window.Start),
                End = IntervalSearch.Utc(from, window.End),
                MinRangeKm = -near.At(IntervalSearch.Peak(near, window.Start, window.End, step)),
                MaxRangeKm = far.At(IntervalSearch.Peak(far, window.Start, window.End, step)),
                StartsBefore = window.OpenStart,
                EndsAfter = window.OpenEnd,
            });
            at = window.End + IntervalSearch.PauseSeconds;
        }

        return windows;
    }

    /// <summary>Degrees over the mask.</summary>
    private readonly struct PassSignal(SatelliteOrbit orbit, GroundSite site, DateTimeOffset from) : ISignal
    {
        public double At(double seconds)
        {
            DateTimeOffset utc = IntervalSearch.Utc(from, seconds);
            if (!orbit.TryStateAt(utc, out TemeState state))
                return double.NaN;
            LookAngles look = site.Look(Frames.TemeToEcef(state.PositionKm, utc));
            return look.ElevationDegrees - site.Mask.ElevationDegreesAt(look.AzimuthDegrees);
        }
    }

    /// <summary>Degrees over the horizon.</summary>
    private readonly struct ElevationSignal(SatelliteOrbit orbit, GroundSite site, DateTimeOffset from) : ISignal
    {
        public double At(double seconds) => Look(seconds).ElevationDegrees;

        internal LookAngles Look(double seconds)
        {
            DateTimeOffset utc = IntervalSearch.Utc(from, seconds);
            return orbit.TryStateAt(utc, out TemeState state)
                ? site.Look(Frames.TemeToEcef(state.PositionKm, utc))
                : new(double.NaN, double.NaN, double.NaN);
        }
    }

    /// <summary>The lesser of the beam's height over the limit and the range left, km.</summary>
    private readonly struct IslSignal(SatelliteOrbit one, SatelliteOrbit other, IslLimits limits, DateTimeOffset from) : ISignal
    {
        public double At(double seconds)
        {
            DateTimeOffset utc = IntervalSearch.Utc(from, seconds);
            if (!one.TryStateAt(utc, out TemeState a) || !other.TryStateAt(utc, out TemeState b))
                return double.NaN;
            return Math.Min(
                limits.MaxRangeKm - (a.PositionKm - b.PositionKm).Length,
                Visibility.ClearanceKm(a.PositionKm, b.PositionKm) - limits.GrazingAltitudeKm);
        }
    }

    /// <summary>The distance in km times a sign.</summary>
    private readonly struct RangeSignal(SatelliteOrbit one, SatelliteOrbit other, DateTimeOffset from, double sign) : ISignal
    {
        public double At(double seconds)
        {
            DateTimeOffset utc = IntervalSearch.Utc(from, seconds);
            return one.TryStateAt(utc, out TemeState a) && other.TryStateAt(utc, out TemeState b)
                ? sign * (a.PositionKm - b.PositionKm).Length
                : double.NaN;
        }
    }
}
