using SatNode.Orbit;
using SatNode.Orbit.Contacts;

namespace SatNode.Rig.World;

/// <summary>The truth of a whole scenario. One thread advances it; any may read its satellites. The same starts, steps and CPU times give the same truth.</summary>
public sealed class TrueWorld
{
    /// <summary>The step of integration. Board time constants are hundreds of seconds, eclipses enter in ten.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly List<SatelliteTruth> _satellites = [];
    private readonly Dictionary<string, SatelliteTruth> _byName = new(StringComparer.Ordinal);
    private readonly double _rate;
    private long _steps; // read by any thread; negative before the start
    private bool _hasBegun;

    /// <summary>Creates an empty world.</summary>
    /// <param name="start">World time at the start.</param>
    /// <param name="rate">World seconds a machine second, above 0: a second of CPU is that many seconds of load.</param>
    /// <param name="stations">The ground stations; a satellite in view of one transmits.</param>
    public TrueWorld(DateTimeOffset start, double rate, IReadOnlyList<GroundSite> stations)
    {
        if (!(rate > 0))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "expected a rate above 0");
        Start = start;
        _rate = rate;
        Stations = stations;
    }

    /// <summary>World time at which its satellites start, but for those that began earlier.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>World time of the last step.</summary>
    public DateTimeOffset Now => Start + (Step * Interlocked.Read(ref _steps));

    /// <summary>The ground stations.</summary>
    public IReadOnlyList<GroundSite> Stations { get; }

    /// <summary>The satellites, in the order they were added.</summary>
    public IReadOnlyList<SatelliteTruth> Satellites => _satellites;

    /// <summary>A satellite by its name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public SatelliteTruth this[string name] => _byName[name];

    /// <summary>Adds a satellite; before the first step.</summary>
    /// <exception cref="ArgumentException">The name is taken, or options are out of range: all of them are told.</exception>
    /// <exception cref="InvalidOperationException">The world has begun.</exception>
    public SatelliteTruth Add(string name, SatelliteOrbit orbit, SatelliteOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(orbit);
        if (_hasBegun)
            throw new InvalidOperationException($"world: expected {name} before the first step, the world is at {Now:O}");
        if (_byName.ContainsKey(name))
            throw new ArgumentException($"world: expected each satellite once, found {name} twice", nameof(name));
        var satellite = new SatelliteTruth(name, orbit, options ?? new(), Start);
        _byName.Add(name, satellite);
        _satellites.Add(satellite);
        return satellite;
    }

    /// <summary>Lets a satellite begin before the others, with what it was given for the start: one whose board is on before the world starts; before the first step.</summary>
    /// <param name="name">The satellite.</param>
    /// <param name="at">World time; rounded down to a whole step before <see cref="Start"/>. Not before it changes nothing.</param>
    /// <exception cref="KeyNotFoundException">There is no such satellite.</exception>
    /// <exception cref="InvalidOperationException">The world has begun.</exception>
    public void BeginEarly(string name, DateTimeOffset at)
    {
        SatelliteTruth satellite = this[name];
        if (_hasBegun)
            throw new InvalidOperationException($"world: expected {name} to begin before the first step, the world is at {Now:O}");
        long steps = -(long)Math.Ceiling((Start - at) / Step);
        if (steps >= 0)
            return;
        satellite.Begin(Start + (Step * steps));
        _steps = Math.Min(_steps, steps);
    }

    /// <summary>Integrates all whole steps up to a time; the rest waits for the next call.</summary>
    /// <exception cref="WorldEndedException">An orbit ended.</exception>
    public void Advance(DateTimeOffset to)
    {
        int steps = (int)Math.Min(int.MaxValue, (to - Now) / Step);
        if (steps <= 0)
            return;
        _hasBegun = true;
        DateTimeOffset end = Now + (Step * steps);
        foreach (SatelliteTruth satellite in _satellites)
        {
            int own = (int)Math.Min(steps, (end - satellite.Now.Time) / Step); // none while it has not begun
            if (own <= 0)
                continue;
            satellite.TakeLoad(_rate);
            satellite.Advance(own, Step, Stations);
        }
        Interlocked.Add(ref _steps, steps);
    }

    /// <summary>The lowest and highest of a quantity in a span; null when history does not reach around it.</summary>
    public Envelope? Envelope(string satellite, TruthQuantity quantity, DateTimeOffset from, DateTimeOffset to) =>
        this[satellite].History.Envelope(quantity, from, to);
}
