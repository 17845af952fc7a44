using Microsoft.Extensions.Time.Testing;
using SatNode.Network.Ground;
using SatNode.Orbit;
using SatNode.Orbit.Constellations;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;

namespace SatNode.Network.Tests.Ground;

public sealed class StationSightTests
{
    private static readonly SatelliteOrbit Node = Orbits.Of(10, 3);
    private static readonly GroundSite WhiteSands = new(Geodetic.FromDegrees(32.501, -106.609, 1.2), ElevationMask.Constant(5));
    private static readonly GroundSite Kiruna = new(Geodetic.FromDegrees(67.857, 20.964, 0.4), ElevationMask.Constant(5));

    private readonly FakeTimeProvider _time = new(Orbits.Epoch);

    [Fact]
    public void Sees_exactly_in_the_passes_of_its_stations()
    {
        DateTimeOffset to = Orbits.Epoch + TimeSpan.FromHours(24);
        GroundPass[] passes = [.. ContactWindows.Passes(Node, WhiteSands, Orbits.Epoch, to), .. ContactWindows.Passes(Node, Kiruna, Orbits.Epoch, to)];
        Assert.InRange(passes.Length, 6, 20);
        var sight = new StationSight(Node, [WhiteSands, Kiruna], _time);
        int seen = 0;
        for (; _time.GetUtcNow() < to; _time.Advance(TimeSpan.FromSeconds(7)))
        {
            DateTimeOffset now = _time.GetUtcNow();
            bool expected = passes.Any(pass => pass.Aos <= now && now <= pass.Los);
            Assert.Equal(expected, sight.IsInSight);
            seen += expected ? 1 : 0;
        }
        Assert.InRange(seen, 200, 2000);
    }

    [Fact]
    public void Looks_again_after_a_second_and_not_before()
    {
        GroundPass pass = ContactWindows.Passes(Node, WhiteSands, Orbits.Epoch, Orbits.Epoch + TimeSpan.FromHours(24)).First(found => !found.StartsBefore);
        _time.SetUtcNow(pass.Aos - TimeSpan.FromMilliseconds(300));
        var sight = new StationSight(Node, [WhiteSands], _time);
        Assert.False(sight.IsInSight);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(sight.IsInSight);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(sight.IsInSight);
    }

    [Fact]
    public void Without_stations_or_without_a_state_nobody_sees()
    {
        Assert.False(new StationSight(Node, [], _time).IsInSight);
        var falling = new SatelliteOrbit(new WalkerShell { Planes = 1, SatellitesPerPlane = 1, AltitudeKm = 200, InclinationDegrees = 53, BStar = 0.01, Epoch = Orbits.Epoch }
            .ElementsOf(0, 0));
        while (falling.TryStateAt(_time.GetUtcNow(), out _))
            _time.Advance(TimeSpan.FromHours(1));
        Assert.False(new StationSight(falling, [.. Enumerable.Range(-18, 36).Select(i => new GroundSite(Geodetic.FromDegrees(0, i * 10)))], _time).IsInSight);
    }
}
