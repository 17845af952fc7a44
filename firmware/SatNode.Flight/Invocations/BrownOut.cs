using SatNode.Flight.Admission;
using SatNode.Flight.Model;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Invocations;

/// <summary>Keeps what runs within heat, power and charge when the world turns out worse than it was at admission. With every new forecast all that runs is judged again, by the constraints of
/// admission: when a limit would be broken before the last of them ends, the invocation of the lowest priority, and of these the one with the most to come, is slowed step by step and at last
/// stopped, then the next, until the limit is kept.</summary>
/// <remarks>Three distances from a limit keep it from chattering: it acts within half a standard deviation, goes until one is free, and gives speed back only where two are, as admission
/// asks for, and <see cref="HoldTime"/> after its last word. Belongs to the scheduler's thread.</remarks>
public sealed class BrownOut
{
    /// <summary>How long after a change nothing is given back, in the world's time.</summary>
    public static readonly TimeSpan HoldTime = TimeSpan.FromMinutes(1);

    /// <summary>How long a forecast may be unknown or missing before everything stops: as old as admission believes one.</summary>
    public static readonly TimeSpan UnknownMax = TimeSpan.FromSeconds(60);

    private const double ActSigmas = 0.5;
    private const double KeepSigmas = 1;
    private const double EaseSigmas = 2;

    private static readonly double[] Shares = [1, 0.5, 0.25, 0.1];

    private readonly AdmissionController _act;
    private readonly AdmissionController _keep;
    private readonly AdmissionController _ease;
    private readonly Forecast _forecast;
    private readonly IEventSink _events;
    private readonly List<AdmittedLoad> _others = [];
    private readonly double[] _shares = new double[InvocationLimits.MaxRunning];
    private DtnTime _looked;
    private DateTimeOffset? _unknownSince;
    private DateTimeOffset _changed;

    /// <summary>Watches nothing yet.</summary>
    /// <param name="options">The limits, those of admission.</param>
    /// <param name="forecast">What is judged by; filled by the thread that calls <see cref="Look"/>.</param>
    /// <param name="events">Where it is told of.</param>
    public BrownOut(AdmissionOptions options, Forecast forecast, IEventSink events)
    {
        ArgumentNullException.ThrowIfNull(options);
        IConstraint[] constraints = [new Now(new ThermalConstraint()), new Now(new PowerConstraint()), new Now(new EnergyReserveConstraint())];
        _act = new(options with { SafetySigmas = ActSigmas }, constraints);
        _keep = new(options with { SafetySigmas = KeepSigmas }, constraints);
        _ease = new(options with { SafetySigmas = EaseSigmas }, constraints);
        _forecast = forecast;
        _events = events;
    }

    /// <summary>Looks at all that runs, once a forecast.</summary>
    /// <param name="running">In any order; those that were told to stop are gone already.</param>
    /// <param name="now">The mission clock's time.</param>
    internal void Look(IReadOnlyList<Running> running, DateTimeOffset now)
    {
        if (running.All(one => one.StoppedFor is not null))
        {
            _unknownSince = null;
            return;
        }
        bool isNew = _forecast.Start != _looked;
        _looked = _forecast.Start;
        if (!isNew && _unknownSince is null && _forecast.SecondsTo(DtnTime.From(now)) <= UnknownMax.TotalSeconds)
            return;
        List<Running> going = [.. running.Where(one => one.StoppedFor is null)
            .OrderBy(one => one.Pending.Invocation.Priority).ThenByDescending(one => one.Left)]; // the first gives way first
        for (int i = 0; i < going.Count; i++)
            _shares[i] = going[i].Share;
        if (Broken(_act, going, now) is not { } margin)
        {
            _unknownSince = null;
            if (now - _changed >= HoldTime)
                Ease(going, now);
        }
        else if (double.IsNaN(margin.Predicted))
        {
            _unknownSince ??= now;
            if (now - _unknownSince < UnknownMax)
                return;
            Array.Clear(_shares);
            Apply(going, margin, now);
        }
        else
        {
            _unknownSince = null;
            Relieve(going, now);
            Apply(going, margin, now);
        }
    }

    /// <summary>Takes speed away, step by step, until the limits are kept.</summary>
    private void Relieve(List<Running> going, DateTimeOffset now)
    {
        for (int first = 0, next; first < going.Count; first = next)
        {
            int priority = going[first].Pending.Invocation.Priority;
            for (next = first; next < going.Count && going[next].Pending.Invocation.Priority == priority;)
                next++;
            foreach (double share in (ReadOnlySpan<double>)[.. Shares, 0])
            {
                for (int i = first; i < next; i++)
                {
                    if (share >= _shares[i])
                        continue;
                    _shares[i] = share;
                    if (Broken(_keep, going, now) is null)
                        return;
                }
            }
        }
    }

    /// <summary>Gives one step of speed back, to the highest priority that was slowed, if all limits are well kept with it.</summary>
    private void Ease(List<Running> going, DateTimeOffset now)
    {
        for (int i = going.Count - 1; i >= 0; i--)
        {
            int step = Array.IndexOf(Shares, _shares[i]);
            if (step <= 0)
                continue;
            double before = _shares[i];
            _shares[i] = Shares[step - 1];
            if (Broken(_ease, going, now) is null)
            {
                going[i].SetShare(_shares[i]);
                _changed = now;
                Invocation invocation = going[i].Pending.Invocation;
                _events.Raise(Events.InvocationSpedUp, invocation.Function, invocation.Id, _shares[i]);
                return;
            }
            _shares[i] = before;
        }
    }

    private void Apply(List<Running> going, in Margin margin, DateTimeOffset now)
    {
        for (int i = 0; i < going.Count; i++)
        {
            if (_shares[i] == going[i].Share)
                continue;
            _changed = now;
            if (_shares[i] == 0)
            {
                going[i].StopFor(margin); // told of when it has stopped
                continue;
            }
            going[i].SetShare(_shares[i]);
            Invocation invocation = going[i].Pending.Invocation;
            _events.Raise(Events.InvocationSlowed, invocation.Function, invocation.Id, margin.Constraint, margin.Predicted, margin.Limit, margin.Unit, _shares[i]);
        }
    }

    /// <summary>What would be broken with the shares as they are tried; null when all is kept, or when nothing is left to run.</summary>
    private Margin? Broken(AdmissionController controller, List<Running> going, DateTimeOffset now)
    {
        // The one that runs longest is asked for, beside all others: the constraints look at the sum, and at each one's own limits.
        int longest = -1;
        TimeSpan length = TimeSpan.Zero;
        _others.Clear();
        for (int i = 0; i < going.Count; i++)
        {
            if (_shares[i] > 0 && going[i].Left / _shares[i] is var left && left > length)
                (longest, length) = (i, left);
        }
        if (longest < 0)
            return null;
        for (int i = 0; i < going.Count; i++)
        {
            if (i != longest && _shares[i] > 0)
                _others.Add(going[i].LoadFrom(now, _shares[i]));
        }
        AdmittedLoad load = going[longest].LoadFrom(now, _shares[longest]);
        Verdict verdict = controller.Judge(new AdmissionRequest
        {
            BoardTemperatureMax = load.BoardTemperatureMax,
            StateOfChargeMin = load.StateOfChargeMin,
            Duration = load.End.Since(load.Start),
            Power = load.Power,
        }, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_others), _forecast, isSafeMode: false, DtnTime.From(now));
        return verdict.Decision == Decision.Admit ? null : verdict.Binding;
    }

    /// <summary>A constraint of which only a start now is asked.</summary>
    private sealed class Now(IConstraint constraint) : IConstraint
    {
        public string Name => constraint.Name;

        public bool MayImprove => false;

        public Margin Judge(in AdmissionRequest request, in Candidate candidate) => constraint.Judge(request, candidate);
    }
}
