using SatNode.Protocol.Functions;

namespace SatNode.Flight.Invocations;

/// <summary>Watches the clock and the ground below for the triggers of the functions on this node.</summary>
/// <remarks>A timer that falls due while another of its firings still waits fires once, not twice: a slow node never builds up a backlog.</remarks>
public sealed class TriggerBoard
{
    private const double EarthRadiusKm = 6371.0088;
    private const double DegreesToRadians = Math.PI / 180;

    private readonly Dictionary<string, Watch[]> _watches = new(StringComparer.Ordinal);
    private readonly List<Firing> _fired = [];
    private readonly Lock _lock = new();

    /// <summary>Watches a function's triggers from now on; an earlier version's are forgotten.</summary>
    public void Add(FunctionManifest manifest, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        lock (_lock)
            _watches[manifest.Name] = [.. manifest.Triggers.Select(trigger => new Watch(trigger) { NextDue = now })];
    }

    /// <summary>Forgets a function.</summary>
    public void Remove(string function)
    {
        lock (_lock)
            _watches.Remove(function);
    }

    /// <summary>The triggers that fired since the last call. The list is valid until the next call.</summary>
    /// <param name="now">The world's time.</param>
    /// <param name="latitudeDegrees">Geodetic latitude below the node; NaN when unknown, and no target is then in view.</param>
    /// <param name="longitudeDegrees">Longitude below the node.</param>
    public IReadOnlyList<Firing> Look(DateTimeOffset now, double latitudeDegrees, double longitudeDegrees)
    {
        _fired.Clear();
        lock (_lock)
        {
            foreach ((string function, Watch[] watches) in _watches)
            {
                foreach (Watch watch in watches)
                {
                    if (watch.Fires(now, latitudeDegrees, longitudeDegrees))
                        _fired.Add(new(function, watch.Trigger));
                }
            }
        }
        return _fired;
    }

    /// <summary>The functions that a change of a state's key starts.</summary>
    public IReadOnlyList<string> TriggeredBy(string stateKey)
    {
        lock (_lock)
        {
            return [.. _watches.Where(pair => pair.Value.Any(watch => watch.Trigger is StateTrigger state
                && string.Equals(state.Key, stateKey, StringComparison.Ordinal))).Select(pair => pair.Key)];
        }
    }

    /// <summary>Great-circle distance of two points on the mean sphere, in km.</summary>
    internal static double DistanceKm(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        double halfLatitude = Math.Sin((latitude2 - latitude1) * DegreesToRadians / 2);
        double halfLongitude = Math.Sin((longitude2 - longitude1) * DegreesToRadians / 2);
        double haversine = (halfLatitude * halfLatitude)
            + (Math.Cos(latitude1 * DegreesToRadians) * Math.Cos(latitude2 * DegreesToRadians) * halfLongitude * halfLongitude);
        return 2 * EarthRadiusKm * Math.Asin(Math.Min(1, Math.Sqrt(haversine)));
    }

    /// <summary>A trigger that fired.</summary>
    /// <param name="Function">Whose it is.</param>
    /// <param name="Trigger">Which.</param>
    public readonly record struct Firing(string Function, FunctionTrigger Trigger);

    private sealed class Watch(FunctionTrigger trigger)
    {
        private bool _isInView;

        public FunctionTrigger Trigger => trigger;

        public DateTimeOffset NextDue { get; set; }

        public bool Fires(DateTimeOffset now, double latitude, double longitude)
        {
            switch (trigger)
            {
                case TimerTrigger timer:
                    if (now < NextDue)
                        return false;
                    double missed = Math.Floor((now - NextDue) / timer.Period);
                    NextDue += timer.Period * (missed + 1);
                    return true;
                case ObservationTrigger target:
                    bool wasInView = _isInView;
                    _isInView = DistanceKm(latitude, longitude, target.LatitudeDegrees, target.LongitudeDegrees) <= target.RadiusKm;
                    return _isInView && !wasInView;
                default:
                    return false;
            }
        }
    }
}
