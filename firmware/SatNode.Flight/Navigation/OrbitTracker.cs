using SatNode.Orbit;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Sunlight;

namespace SatNode.Flight.Navigation;

/// <summary>Where the node is by its own orbit, and when the next eclipses come.</summary>
/// <remarks>The search for eclipses is repeated only when the first one known has passed or a third of the horizon has.</remarks>
/// <param name="orbit">The node's orbit.</param>
public sealed class OrbitTracker(SatelliteOrbit orbit)
{
    /// <summary>How far ahead eclipses are known: two orbits, so that the end of the next eclipse is always among them.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromMinutes(200);

    private IReadOnlyList<EclipseInterval> _eclipses = [];
    private DateTimeOffset _searched = DateTimeOffset.MinValue;

    /// <summary>The point below and the height; all NaN where the elements have no state.</summary>
    public (double LatitudeDegrees, double LongitudeDegrees, double AltitudeMetres) Position(DateTimeOffset now)
    {
        if (!orbit.TryStateAt(now, out var state))
            return (double.NaN, double.NaN, double.NaN);
        Geodetic place = Frames.EcefToGeodetic(Frames.TemeToEcef(state, now).PositionKm);
        return (place.LatitudeDegrees, place.LongitudeDegrees, place.AltitudeKm * 1000);
    }

    /// <summary>The share of the Sun's disc in view, 0 to 1; NaN where the elements have no state.</summary>
    public double SunFraction(DateTimeOffset now) =>
        orbit.TryStateAt(now, out var state) ? Eclipse.SunFraction(state.PositionKm, Sun.PositionKm(now)) : double.NaN;

    /// <summary>The eclipses in progress or to come within <see cref="Horizon"/>, in their order.</summary>
    public IReadOnlyList<EclipseInterval> Eclipses(DateTimeOffset now)
    {
        if (now - _searched > Horizon / 3 || (_eclipses.Count > 0 && _eclipses[0].PenumbraExit < now))
        {
            _eclipses = EclipseSearch.Find(orbit, now, now + Horizon);
            _searched = now;
        }
        return _eclipses;
    }
}
