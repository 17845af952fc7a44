using SatNode.Orbit;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;

namespace SatNode.Network.Ground;

/// <summary>Says whether a ground station sees the node, by the node's own orbit. Thread-safe; looks at most once a second of the world's time.</summary>
/// <param name="orbit">The node's orbit.</param>
/// <param name="sites">The stations.</param>
/// <param name="time">The world's time.</param>
public sealed class StationSight(SatelliteOrbit orbit, IReadOnlyList<GroundSite> sites, TimeProvider time)
{
    private static readonly long PeriodTicks = TimeSpan.TicksPerSecond;

    private long _looked;
    private volatile bool _isInSight;

    /// <summary>True while a station sees the node above its mask.</summary>
    public bool IsInSight
    {
        get
        {
            DateTimeOffset now = time.GetUtcNow();
            if (now.UtcTicks - Interlocked.Read(ref _looked) >= PeriodTicks)
            {
                _isInSight = Sees(now);
                Interlocked.Exchange(ref _looked, now.UtcTicks);
            }
            return _isInSight;
        }
    }

    private bool Sees(DateTimeOffset now)
    {
        if (!orbit.TryStateAt(now, out var state))
            return false;
        Vector3d position = Frames.TemeToEcef(state, now).PositionKm;
        foreach (GroundSite site in sites)
        {
            if (site.Sees(position))
                return true;
        }
        return false;
    }
}
