using SatNode.Orbit.Elements;
using SatNode.Orbit.Sunlight;

namespace SatNode.Orbit.Tests.Sunlight;

public sealed class EclipseSearchTests
{
    private static readonly DateTimeOffset From = TestOrbits.Equinox;

    [Fact]
    public void Lasts_thirty_five_minutes_with_the_Sun_in_the_orbit_plane()
    {
        SatelliteOrbit orbit = TestOrbits.At(0, 0);
        Assert.InRange(Sun.BetaAngleDegrees(orbit.StateAt(From), From), -1.5, 1.5);
        EclipseInterval eclipse = EclipseSearch.Next(orbit, From, TimeSpan.FromHours(2))!;
        // By hand: the shadow of a cylinder covers 2·asin(6378/6928) = 134° of the orbit, 35.6 of 95.6 minutes.
        Assert.InRange(eclipse.UmbraDuration.TotalMinutes, 35.2, 35.6);
        Assert.InRange(eclipse.Duration.TotalMinutes, 35.6, 36.0);
        Assert.True(eclipse.PenumbraEntry < eclipse.UmbraEntry && eclipse.UmbraEntry < eclipse.UmbraExit && eclipse.UmbraExit < eclipse.PenumbraExit);
        Assert.False(eclipse.StartsBefore || eclipse.EndsAfter);
    }

    [Fact]
    public void Finds_what_walking_second_by_second_finds()
    {
        SatelliteOrbit orbit = TestOrbits.At(11, 3);
        DateTimeOffset to = From.AddHours(6);
        IReadOnlyList<EclipseInterval> found = EclipseSearch.Find(orbit, From, to);
        var dark = new HashSet<int>();
        for (int second = 0; second <= 6 * 3600; second++)
        {
            DateTimeOffset at = From.AddSeconds(second);
            double fraction = orbit.SunFractionAt(at);
            Assert.Equal(fraction < 1.0, found.Any(e => e.PenumbraEntry <= at && at <= e.PenumbraExit));
            Assert.Equal(fraction == 0.0, found.Any(e => e.UmbraEntry <= at && at <= e.UmbraExit));
            Assert.Equal(fraction > 0.0, orbit.IsSunlit(at));
            if (fraction == 0.0)
                dark.Add(second);
        }

        Assert.True(dark.Count > 3 * 3600 / 2, $"{dark.Count}");
    }

    [Fact]
    public void Ends_are_exact_to_a_hundredth_of_a_second()
    {
        SatelliteOrbit orbit = TestOrbits.At(0, 0);
        EclipseInterval eclipse = EclipseSearch.Next(orbit, From, TimeSpan.FromHours(2))!;
        TimeSpan hundredth = TimeSpan.FromMilliseconds(10);
        Assert.Equal(1.0, orbit.SunFractionAt(eclipse.PenumbraEntry - hundredth));
        Assert.InRange(orbit.SunFractionAt(eclipse.PenumbraEntry + hundredth), 0.99, 0.9999999);
        Assert.InRange(orbit.SunFractionAt(eclipse.UmbraEntry!.Value - hundredth), 1e-9, 0.01);
        Assert.Equal(0.0, orbit.SunFractionAt(eclipse.UmbraExit!.Value - hundredth));
        Assert.InRange(orbit.SunFractionAt(eclipse.UmbraExit.Value + hundredth), 1e-9, 0.01);
        Assert.Equal(1.0, orbit.SunFractionAt(eclipse.PenumbraExit + hundredth));
    }

    [Fact]
    public void Says_when_an_eclipse_is_cut_by_the_span()
    {
        SatelliteOrbit orbit = TestOrbits.At(0, 0);
        EclipseInterval whole = EclipseSearch.Next(orbit, From, TimeSpan.FromHours(2))!;
        DateTimeOffset middle = whole.PenumbraEntry + (whole.Duration / 2);
        EclipseInterval begun = EclipseSearch.Next(orbit, middle, TimeSpan.FromHours(1))!;
        Assert.True(begun.StartsBefore);
        Assert.Equal(middle, begun.PenumbraEntry);
        Assert.InRange((begun.PenumbraExit - whole.PenumbraExit).Duration(), TimeSpan.Zero, TimeSpan.FromMilliseconds(2));
        EclipseInterval cut = EclipseSearch.Next(orbit, From, middle - From)!;
        Assert.True(cut.EndsAfter);
        Assert.Equal(middle, cut.PenumbraExit);
        Assert.Null(EclipseSearch.Next(orbit, From, whole.PenumbraEntry - From - TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void There_is_none_over_the_terminator()
    {
        // A polar orbit with its node a quarter turn from the Sun.
        Tle tle = TestOrbits.Starlink.ElementsOf(0, 0) with { InclinationDegrees = 90, RaanDegrees = 90 };
        var orbit = new SatelliteOrbit(tle);
        Assert.InRange(Math.Abs(Sun.BetaAngleDegrees(orbit.StateAt(tle.Epoch), tle.Epoch)), 88.0, 90.0);
        Assert.Null(EclipseSearch.Next(orbit, tle.Epoch, TimeSpan.FromDays(1)));
        Assert.Empty(EclipseSearch.Find(orbit, tle.Epoch, tle.Epoch.AddDays(1)));
    }

    [Fact]
    public void Geostationary_eclipses_come_at_the_equinox_only()
    {
        Tle tle = TestOrbits.Starlink.ElementsOf(0, 0) with { InclinationDegrees = 0.05, MeanMotionRevolutionsPerDay = 1.0027 };
        var orbit = new SatelliteOrbit(tle);
        EclipseInterval eclipse = Assert.Single(EclipseSearch.Find(orbit, From, From.AddHours(23.5)));
        Assert.InRange(eclipse.Duration.TotalMinutes, 68, 73); // published: up to 72 minutes
        Assert.Empty(EclipseSearch.Find(orbit, From.AddDays(92), From.AddDays(94)));
    }

    [Fact]
    public void Refuses_spans_without_measure()
    {
        SatelliteOrbit orbit = TestOrbits.At(0, 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => EclipseSearch.Next(orbit, From, TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => EclipseSearch.Next(orbit, DateTimeOffset.MinValue, TimeSpan.FromDays(3_000_000)));
    }
}
