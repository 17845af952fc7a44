using SatNode.Flight.Model;
using SatNode.Orbit;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Sunlight;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Navigation;

/// <summary>Where the node is by its own orbit, and when the next eclipses and the next passes over ground stations come.</summary>
/// <remarks>The search for either is repeated every <see cref="SearchInterval"/>. Not thread-safe: the agent's tick asks.</remarks>
/// <param name="orbit">The node's orbit.</param>
/// <param name="stations">The ground stations; null for none.</param>
public sealed class OrbitTracker(SatelliteOrbit orbit, IReadOnlyList<GroundSite>? stations = null)
{
    /// <summary>How far ahead eclipses are known: two and a half orbits, so that the end of the next one is known for whatever starts an orbit from now.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromMinutes(240);

    /// <summary>How often eclipses are searched anew.</summary>
    public static readonly TimeSpan SearchInterval = TimeSpan.FromMinutes(20);

    private IReadOnlyList<SunInterval> _intervals = [];
    private IReadOnlyList<ContactInterval> _contacts = [];
    private DateTimeOffset _searched = DateTimeOffset.MinValue;
    private DateTimeOffset _searchedContacts = DateTimeOffset.MinValue;

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

    /// <summary>The coming views of the Sun, without gaps, from <paramref name="now"/> or earlier to at least <see cref="Horizon"/> less
    /// <see cref="SearchInterval"/> ahead. Light counts as gone from the middle of the fading to the middle of the return. Empty where the elements
    /// have no state: nothing is known then, not even light.</summary>
    public IReadOnlyList<SunInterval> SunIntervals(DateTimeOffset now)
    {
        if (now - _searched <= SearchInterval && now >= _searched)
            return _intervals;
        DateTimeOffset end = now + Horizon;
        if (!orbit.TryStateAt(now, out _) || !orbit.TryStateAt(end, out _))
            return [];
        var intervals = new List<SunInterval>();
        DateTimeOffset at = now;
        foreach (EclipseInterval eclipse in EclipseSearch.Find(orbit, now, end))
        {
            if (eclipse.UmbraEntry is not { } umbraEntry || eclipse.UmbraExit is not { } umbraExit)
                continue; // It only grazes the shadow.
            DateTimeOffset dark = eclipse.StartsBefore ? now : Middle(eclipse.PenumbraEntry, umbraEntry);
            DateTimeOffset light = Middle(umbraExit, eclipse.PenumbraExit);
            Add(at, dark, 1);
            Add(dark, light, 0);
            at = light;
        }
        Add(at, end, 1);
        _searched = now;
        _intervals = intervals;
        return intervals;

        void Add(DateTimeOffset from, DateTimeOffset to, double fraction)
        {
            if (to > from)
                intervals.Add(new SunInterval(DtnTime.From(from), DtnTime.From(to), new Ratio(fraction)));
        }
    }

    /// <summary>The passes over all stations, by rising time, that touch the time from <paramref name="now"/> to at least <see cref="Horizon"/> less
    /// <see cref="SearchInterval"/> ahead; some may be over. Passes over several stations may overlap. Empty where the elements have no state.</summary>
    public IReadOnlyList<ContactInterval> Contacts(DateTimeOffset now)
    {
        if (now - _searchedContacts <= SearchInterval && now >= _searchedContacts)
            return _contacts;
        if (!orbit.TryStateAt(now, out _) || !orbit.TryStateAt(now + Horizon, out _))
            return [];
        var contacts = new List<ContactInterval>();
        foreach (GroundSite station in stations ?? [])
        {
            foreach (GroundPass pass in ContactWindows.Passes(orbit, station, now, now + Horizon))
                contacts.Add(new(DtnTime.From(pass.Aos), DtnTime.From(pass.Los)));
        }
        contacts.Sort((one, other) => one.Start.Milliseconds.CompareTo(other.Start.Milliseconds));
        _searchedContacts = now;
        _contacts = contacts;
        return contacts;
    }

    /// <summary>True while a ground station is in view.</summary>
    public bool IsInContact(DateTimeOffset now)
    {
        DtnTime time = DtnTime.From(now);
        IReadOnlyList<ContactInterval> contacts = Contacts(now);
        for (int i = 0; i < contacts.Count; i++)
        {
            if (contacts[i].Start <= time && contacts[i].End >= time)
                return true;
        }
        return false;
    }

    private static DateTimeOffset Middle(DateTimeOffset one, DateTimeOffset other) => one + ((other - one) / 2);
}
