using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;

namespace SatNode.Flight.Invocations;

/// <summary>Watches clock, ground below and telemetry for the triggers of the functions on this node, and knows who waits for what.</summary>
/// <remarks>A threshold fires when the parameter comes to lie beyond it, the first sample included, and is armed again when the parameter has come back by more than its accuracy: noise
/// around the threshold fires once. A timer that falls due while another of its firings still waits fires once, not twice: a slow node never builds up a backlog.</remarks>
public sealed class TriggerBoard
{
    private const double EarthRadiusKm = 6371.0088;
    private const double DegreesToRadians = Math.PI / 180;

    private readonly Dictionary<string, Watch[]> _watches = new(StringComparer.Ordinal);
    private readonly List<Firing> _fired = [];
    private readonly List<Crossing> _crossed = [];
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
    /// <param name="holdsTimers">Whether a function's timers wait: one that is due meanwhile fires once when they no longer do. Null holds none.</param>
    public IReadOnlyList<Firing> Look(DateTimeOffset now, double latitudeDegrees, double longitudeDegrees, Func<string, bool>? holdsTimers = null)
    {
        _fired.Clear();
        lock (_lock)
        {
            foreach ((string function, Watch[] watches) in _watches)
            {
                foreach (Watch watch in watches)
                {
                    if (watch.Trigger is TimerTrigger && holdsTimers?.Invoke(function) == true)
                        continue;
                    if (watch.Fires(now, latitudeDegrees, longitudeDegrees))
                        _fired.Add(new(function, watch.Trigger));
                }
            }
        }
        return _fired;
    }

    /// <summary>The thresholds that the latest housekeeping crossed. The list is valid until the next call.</summary>
    public IReadOnlyList<Crossing> Look(Protocol.Telemetry.Housekeeping housekeeping)
    {
        ArgumentNullException.ThrowIfNull(housekeeping);
        _crossed.Clear();
        lock (_lock)
        {
            foreach ((string function, Watch[] watches) in _watches)
            {
                foreach (Watch watch in watches)
                {
                    if (watch.Trigger is ThresholdTrigger threshold && watch.Crosses(threshold, housekeeping) is { } value)
                        _crossed.Add(new(function, threshold, value));
                }
            }
        }
        return _crossed;
    }

    /// <summary>The functions that a change of a state's key, or a message to a topic, starts.</summary>
    public IReadOnlyList<string> TriggeredBy(string stateKey) =>
        Waiting(trigger => trigger is StateTrigger state && string.Equals(state.Key, stateKey, StringComparison.Ordinal));

    /// <summary>The functions that another one's output starts.</summary>
    public IReadOnlyList<string> FollowersOf(string function) =>
        Waiting(trigger => trigger is OutputTrigger output && string.Equals(output.Function, function, StringComparison.Ordinal));

    /// <summary>The function that takes the bundles to a service, or null; of several the first by name.</summary>
    public string? TakerOf(ulong service) => Waiting(trigger => trigger is BundleTrigger bundle && bundle.Service == service).Order(StringComparer.Ordinal).FirstOrDefault();

    private IReadOnlyList<string> Waiting(Func<FunctionTrigger, bool> isFor)
    {
        lock (_lock)
            return [.. _watches.Where(pair => pair.Value.Any(watch => isFor(watch.Trigger))).Select(pair => pair.Key)];
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

    /// <summary>A threshold that was crossed.</summary>
    /// <param name="Function">Whose it is.</param>
    /// <param name="Trigger">Which.</param>
    /// <param name="Value">The parameter's value, in its unit.</param>
    public readonly record struct Crossing(string Function, ThresholdTrigger Trigger, double Value);

    private sealed class Watch(FunctionTrigger trigger)
    {
        private bool _isInView;
        private readonly ParameterDefinition? _parameter = trigger is ThresholdTrigger watched
            ? Parameters.Find(watched.Parameter) : null;
        private bool _isBeyond;

        public FunctionTrigger Trigger => trigger;

        public DateTimeOffset NextDue { get; set; }

        public double? Crosses(ThresholdTrigger threshold, Protocol.Telemetry.Housekeeping housekeeping)
        {
            if (_parameter is null || housekeeping.Find(_parameter) is not { } value)
                return null; // unknown crosses nothing
            double beyond = threshold.Side == ThresholdSide.Above ? value - threshold.Value : threshold.Value - value;
            if (beyond > 0 && !_isBeyond)
            {
                _isBeyond = true;
                return value;
            }
            if (beyond < -_parameter.Accuracy || (_parameter.Accuracy <= 0 && beyond <= 0))
                _isBeyond = false;
            return null;
        }

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
