using SatNode.Ground.Configuration;
using SatNode.Orbit;
using SatNode.Orbit.Contacts;

namespace SatNode.Ground.Placement;

/// <summary>When each satellite is over one of the station's antennas, from its element set. What was found is kept until it is over. Thread-safe.</summary>
internal sealed class PassBook
{
    /// <summary>One search looks so far ahead, in world time, and the next goes on from there: a pass is mostly near.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromHours(3);

    private readonly Lock _lock = new();
    private readonly TimeSpan _horizon;
    private readonly (string Name, GroundSite Site)[] _sites;
    private readonly Dictionary<string, SatelliteOrbit> _orbits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Page> _pages = new(StringComparer.Ordinal);

    public PassBook(IEnumerable<SatelliteOptions> satellites, IEnumerable<StationOptions> stations, TimeSpan horizon)
    {
        _horizon = horizon;
        _sites = [.. stations.Select(station => (station.Name, station.Site))];
        foreach (SatelliteOptions satellite in satellites)
        {
            if (satellite.FindOrbit() is { } orbit)
                _orbits[satellite.Name] = orbit;
        }
    }

    /// <summary>The pass that goes on at a time, and the first that begins after it within the horizon; null where there is none or the orbit is not known.</summary>
    public (PassWindow? Now, PassWindow? Next) At(string satellite, DateTimeOffset now)
    {
        if (_sites.Length == 0 || !_orbits.TryGetValue(satellite, out SatelliteOrbit? orbit))
            return (null, null);
        lock (_lock)
        {
            if (!_pages.TryGetValue(satellite, out Page? page) || now < page.From)
                _pages[satellite] = page = new(now);
            page.Passes.RemoveAll(pass => pass.End <= now);
            while (!page.Passes.Exists(pass => pass.Start > now) && page.To < now + _horizon)
                Extend(page, orbit, now);
            return (page.Passes.Find(pass => pass.Start <= now), page.Passes.Find(pass => pass.Start > now));
        }
    }

    private void Extend(Page page, SatelliteOrbit orbit, DateTimeOffset now)
    {
        DateTimeOffset from = page.To > now ? page.To : now;
        DateTimeOffset to = from + Step;
        foreach ((string name, GroundSite site) in _sites)
        {
            foreach (GroundPass pass in ContactWindows.Passes(orbit, site, from, to))
                Add(page.Passes, new(name, pass.Aos, pass.Los), pass.StartsBefore);
        }
        page.Passes.Sort((one, other) => one.Start.CompareTo(other.Start));
        page.To = to;
    }

    /// <summary>Adds a pass; one that goes on from the search before is made longer.</summary>
    private static void Add(List<PassWindow> passes, PassWindow pass, bool goesOn)
    {
        int before = goesOn ? passes.FindIndex(other => other.Station == pass.Station && other.End >= pass.Start) : -1;
        if (before >= 0)
            passes[before] = passes[before] with { End = pass.End };
        else
            passes.Add(pass);
    }

    private sealed class Page(DateTimeOffset from)
    {
        public DateTimeOffset From { get; } = from;

        public DateTimeOffset To { get; set; } = from;

        public List<PassWindow> Passes { get; } = [];
    }
}
