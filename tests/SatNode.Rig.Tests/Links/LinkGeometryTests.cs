using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Rig.Links;
using SatNode.Rig.Tests.World;

namespace SatNode.Rig.Tests.Links;

public sealed class LinkGeometryTests
{
    [Fact]
    public void Neighbours_in_a_plane_see_each_other_at_light_speed()
    {
        Func<DateTimeOffset, LinkState> link = LinkGeometry.InterSatellite(Worlds.Orbit(), Worlds.Orbit(slot: 4), new() { MaxRangeKm = 5000 }, 1e7);
        LinkState state = link(Worlds.Start);

        // 22 satellites on a circle of 6,928 km: chord 2·6,928·sin(π/22) = 1,972 km.
        Assert.True(state.IsUp);
        Assert.Equal(1972 / 299_792.458, state.OneWayDelay.TotalSeconds, 2e-5);
        Assert.Equal(1e7, state.RateBitsPerSecond);
    }

    [Fact]
    public void Beyond_the_range_or_behind_the_earth_there_is_no_link()
    {
        Assert.False(LinkGeometry.InterSatellite(Worlds.Orbit(), Worlds.Orbit(slot: 4), new() { MaxRangeKm = 1900 }, 1e7)(Worlds.Start).IsUp);
        Assert.False(LinkGeometry.InterSatellite(Worlds.Orbit(), Worlds.Orbit(slot: 14), new() { MaxRangeKm = 100_000 }, 1e7)(Worlds.Start).IsUp);
        // Slots 3 apart: the chord's middle is 6,928·cos(3π/22) = 6,302 km from the centre, below the ground; 2 apart 6,647: 269 km over it.
        Assert.False(LinkGeometry.InterSatellite(Worlds.Orbit(), Worlds.Orbit(slot: 6), new() { MaxRangeKm = 10_000 }, 1e7)(Worlds.Start).IsUp);
        Assert.True(LinkGeometry.InterSatellite(Worlds.Orbit(), Worlds.Orbit(slot: 5), new() { MaxRangeKm = 10_000 }, 1e7)(Worlds.Start).IsUp);
        Assert.False(LinkGeometry.InterSatellite(Worlds.Orbit(), Worlds.Orbit(slot: 5), new() { MaxRangeKm = 10_000, GrazingAltitudeKm = 300 }, 1e7)(Worlds.Start).IsUp);
    }

    [Fact]
    public void The_ground_is_in_contact_exactly_in_the_passes()
    {
        GroundSite site = Worlds.WhiteSands;
        Func<DateTimeOffset, LinkState> link = LinkGeometry.Ground(Worlds.Orbit(), [site], 1e6);
        IReadOnlyList<GroundPass> passes = ContactWindows.Passes(Worlds.Orbit(), site, Worlds.Start, Worlds.Start + TimeSpan.FromDays(1));

        Assert.NotEmpty(passes);
        foreach (GroundPass pass in passes.Where(pass => !pass.StartsBefore && !pass.EndsAfter))
        {
            Assert.False(link(pass.Aos - TimeSpan.FromSeconds(0.1)).IsUp);
            Assert.True(link(pass.Aos + TimeSpan.FromSeconds(0.1)).IsUp);
            Assert.Equal(pass.CulminationRangeKm / 299_792.458, link(pass.Culmination).OneWayDelay.TotalSeconds, 1e-6);
            Assert.True(link(pass.Los - TimeSpan.FromSeconds(0.1)).IsUp);
            Assert.False(link(pass.Los + TimeSpan.FromSeconds(0.1)).IsUp);
        }
    }

    [Fact]
    public void A_contact_covers_a_span_only_when_one_pass_covers_all_of_it()
    {
        GroundPass pass = ContactWindows.Passes(Worlds.Orbit(), Worlds.WhiteSands, Worlds.Start, Worlds.Start + TimeSpan.FromDays(1)).First(pass => !pass.StartsBefore);
        TimeSpan margin = TimeSpan.FromSeconds(5);
        bool Covers(DateTimeOffset from, DateTimeOffset until) => LinkGeometry.IsInContactThrough(Worlds.Orbit(), [Worlds.WhiteSands], from, until);

        Assert.True(Covers(pass.Aos + margin, pass.Los - margin));
        Assert.False(Covers(pass.Aos - margin, pass.Los - margin));
        Assert.False(Covers(pass.Aos + margin, pass.Los + margin));
        Assert.False(Covers(pass.Los + margin, pass.Los + (2 * margin)));
        Assert.False(LinkGeometry.IsInContactThrough(Worlds.Orbit(), [], pass.Aos + margin, pass.Los - margin));
    }

    [Fact]
    public void Any_station_in_view_is_enough_and_the_nearest_counts()
    {
        Vector3d position = Worlds.Orbit().EcefAt(Worlds.Start).PositionKm;
        Geodetic below = Frames.EcefToGeodetic(position);
        var under = new GroundSite(Geodetic.FromDegrees(below.LatitudeDegrees, below.LongitudeDegrees));
        var aside = new GroundSite(Geodetic.FromDegrees(below.LatitudeDegrees, below.LongitudeDegrees + 5));
        var opposite = new GroundSite(Geodetic.FromDegrees(-below.LatitudeDegrees, below.LongitudeDegrees + 180));

        Assert.Equal(below.AltitudeKm / 299_792.458, LinkGeometry.Ground(Worlds.Orbit(), [opposite, aside, under], 1e6)(Worlds.Start).OneWayDelay.TotalSeconds, 1e-6);
        Assert.False(LinkGeometry.Ground(Worlds.Orbit(), [opposite], 1e6)(Worlds.Start).IsUp);
        Assert.False(LinkGeometry.Ground(Worlds.Orbit(), [], 1e6)(Worlds.Start).IsUp);
    }
}
