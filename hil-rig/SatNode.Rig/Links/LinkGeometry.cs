using SatNode.Orbit;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Rig.Links;

/// <summary>The states of links by the orbits of their ends. All return functions that are fast, never throw and may be called from any thread.</summary>
public static class LinkGeometry
{
    /// <summary>An inter-satellite link: up while the line of sight stays over the grazing altitude and the range is within the limit.</summary>
    /// <param name="one">One end.</param>
    /// <param name="other">The other end.</param>
    /// <param name="limits">Range, and grazing altitude (80 km keeps the laser out of the air).</param>
    /// <param name="rateBitsPerSecond">Above 0.</param>
    public static Func<DateTimeOffset, LinkState> InterSatellite(SatelliteOrbit one, SatelliteOrbit other, IslLimits limits, double rateBitsPerSecond) =>
        time =>
        {
            if (!one.TryStateAt(time, out TemeState here) || !other.TryStateAt(time, out TemeState there))
                return LinkState.Down;
            double rangeKm = (there.PositionKm - here.PositionKm).Length;
            return rangeKm <= limits.MaxRangeKm && Visibility.HasLineOfSight(here.PositionKm, there.PositionKm, limits.GrazingAltitudeKm)
                ? new(IsUp: true, Visibility.LightTime(rangeKm), rateBitsPerSecond)
                : LinkState.Down;
        };

    /// <summary>A link to the ground: up while any station sees the satellite above its mask; the light time is that to the nearest of those.</summary>
    public static Func<DateTimeOffset, LinkState> Ground(SatelliteOrbit satellite, IReadOnlyList<GroundSite> stations, double rateBitsPerSecond) =>
        time =>
        {
            if (!satellite.TryStateAt(time, out TemeState state))
                return LinkState.Down;
            Vector3d position = Frames.TemeToEcef(state.PositionKm, time);
            double nearestKm = double.PositiveInfinity;
            foreach (GroundSite station in stations)
            {
                if (station.Sees(position))
                    nearestKm = Math.Min(nearestKm, (position - station.PositionEcefKm).Length);
            }
            return double.IsFinite(nearestKm) ? new(IsUp: true, Visibility.LightTime(nearestKm), rateBitsPerSecond) : LinkState.Down;
        };

    /// <summary>Whether a station sees a satellite throughout a time span: one pass covers all of it.</summary>
    public static bool IsInContactThrough(SatelliteOrbit orbit, IEnumerable<GroundSite> stations, DateTimeOffset from, DateTimeOffset until) =>
        stations.Any(station => ContactWindows.Passes(orbit, station, from, until).Any(pass => pass.StartsBefore && pass.EndsAfter));
}
