using SatNode.Ground.Configuration;
using SatNode.Orbit;
using SatNode.Orbit.Contacts;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Api;

/// <summary>The station itself with its clock, and the passes to come: when which satellite is over which antenna.</summary>
internal sealed class PassEndpoints(GroundOptions options, MissionClock clock)
{
    private const int LimitMax = 1000;
    private const int DefaultLimit = 10;

    /// <summary>The most pairs of satellite and antenna that one request searches: with six hours each, a second of work.</summary>
    private const int PairsMax = 1000;

    /// <summary>How far ahead is searched, one after the other until enough is found, in world time.</summary>
    private static readonly TimeSpan[] Horizons = [TimeSpan.FromHours(6), TimeSpan.FromHours(24), TimeSpan.FromHours(72)];

    private readonly Dictionary<string, SatelliteOrbit> _orbits = options.Satellites.Select(satellite => (satellite.Name, Orbit: satellite.FindOrbit()))
        .Where(pair => pair.Orbit is not null).ToDictionary(pair => pair.Name, pair => pair.Orbit!, StringComparer.Ordinal);

    private readonly Dictionary<string, GroundSite> _sites = options.Stations.ToDictionary(station => station.Name, station => station.Site, StringComparer.Ordinal);

    /// <summary>Adds the routes.</summary>
    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/station", () => new StationView(options.Name, DtnTime.From(clock.GetUtcNow()).ToString(), clock.Rate,
            [.. options.Stations.Select(station => new AntennaView(station.Name, station.LatitudeDegrees, station.LongitudeDegrees, station.AltitudeMetres, station.MinElevationDegrees))]));
        api.MapGet("/passes", Passes);
    }

    private IResult Passes(string? satellite, string? station, int? limit)
    {
        if (limit is not (null or (>= 1 and <= LimitMax)))
            return Refuse($"limit: expected 1 to {LimitMax}, found {limit}");
        if (satellite is not null && options.Satellites.All(known => known.Name != satellite))
            return Results.NotFound(new ErrorView($"no satellite '{satellite}'{Suggestion.For(satellite, options.Satellites.Select(known => known.Name))}"));
        if (station is not null && !_sites.ContainsKey(station))
            return Results.NotFound(new ErrorView($"no ground station '{station}'{Suggestion.For(station, _sites.Keys)}"));
        if (satellite is not null && !_orbits.ContainsKey(satellite))
            return Refuse($"{satellite}: its orbit is not known here; add its tle to the station's configuration");
        (string Satellite, SatelliteOrbit Orbit, string Station, GroundSite Site)[] pairs =
        [
            .. from orbit in _orbits where satellite is null || orbit.Key == satellite
               from site in _sites where station is null || site.Key == station
               select (orbit.Key, orbit.Value, site.Key, site.Value),
        ];
        if (pairs.Length > PairsMax)
            return Refuse($"satellite: expected one of {_orbits.Count}: {pairs.Length} pairs of satellite and ground station are more than {PairsMax}");
        DateTimeOffset now = clock.GetUtcNow();
        List<PassView> passes = [];
        foreach (TimeSpan horizon in Horizons)
        {
            passes = [.. pairs.SelectMany(pair => ContactWindows.Passes(pair.Orbit, pair.Site, now, now + horizon).Where(pass => !pass.EndsAfter)
                .Select(pass => View(pair.Satellite, pair.Station, pass))).OrderBy(pass => pass.Aos, StringComparer.Ordinal).ThenBy(pass => pass.Satellite, StringComparer.Ordinal)];
            if (passes.Count >= (limit ?? DefaultLimit))
                break;
        }
        return Results.Ok(passes.Take(limit ?? DefaultLimit));
    }

    private static PassView View(string satellite, string station, GroundPass pass) => new(satellite, station, DtnTime.From(pass.Aos).ToString(), DtnTime.From(pass.Los).ToString(),
        pass.StartsBefore, Math.Round(pass.Duration.TotalSeconds, 1), Math.Round(pass.MaxElevationDegrees, 1), Math.Round(pass.CulminationRangeKm, 1));

    private static IResult Refuse(string text) => Results.BadRequest(new ErrorView(text));
}
