using SatNode.Flight.Model;
using SatNode.Flight.Navigation;
using SatNode.Orbit;
using SatNode.Orbit.Constellations;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Sunlight;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Tests.Navigation;

/// <summary>The tracker beside the mathematics it stands on.</summary>
public sealed class OrbitTrackerTests
{
    private static readonly DateTimeOffset Equinox = new(2024, 3, 20, 0, 0, 0, TimeSpan.Zero);
    private static readonly SatelliteOrbit Node = Orbit(550, 53);

    private readonly OrbitTracker _tracker = new(Node);

    [Fact]
    public void Is_where_the_orbit_is()
    {
        for (int minute = 0; minute < 200; minute += 7)
        {
            DateTimeOffset now = Equinox + TimeSpan.FromMinutes(minute);
            Geodetic expected = Node.GeodeticAt(now);
            Assert.Equal((expected.LatitudeDegrees, expected.LongitudeDegrees, expected.AltitudeKm * 1000), _tracker.Position(now));
            Assert.Equal(Node.SunFractionAt(now), _tracker.SunFraction(now));
        }
        Assert.InRange(_tracker.Position(Equinox).AltitudeMetres, 530_000, 580_000);
    }

    [Fact]
    public void Is_in_contact_while_a_station_sees_it_and_knows_the_passes_to_come()
    {
        GroundSite[] stations = [.. new[] { 20, 22, 70, 130 }.Select(minutes => Node.GeodeticAt(Equinox + TimeSpan.FromMinutes(minutes)))
            .Select(below => new GroundSite(Geodetic.FromDegrees(below.LatitudeDegrees, below.LongitudeDegrees, 0.5), ElevationMask.Constant(10)))];
        var tracker = new OrbitTracker(Node, stations);
        IReadOnlyList<ContactInterval> ahead = tracker.Contacts(Equinox);
        Assert.True(ahead.Count >= 2);
        int inContact = 0;
        for (int seconds = 5; seconds < 12_000; seconds += 10)
        {
            DateTimeOffset now = Equinox + TimeSpan.FromSeconds(seconds);
            Assert.True(Node.TryStateAt(now, out var state));
            bool isSeen = stations.Any(station => station.Sees(Frames.TemeToEcef(state, now).PositionKm));
            Assert.Equal(isSeen, ahead.Any(contact => contact.Start <= DtnTime.From(now) && contact.End >= DtnTime.From(now)));
            Assert.Equal(isSeen, tracker.IsInContact(now));
            inContact += isSeen ? 1 : 0;
        }
        Assert.InRange(inContact, 20, 1000);
        for (int i = 1; i < ahead.Count; i++)
            Assert.True(ahead[i].Start >= ahead[i - 1].Start);
        Assert.Same(tracker.Contacts(Equinox + TimeSpan.FromHours(4)), tracker.Contacts(Equinox + TimeSpan.FromHours(4) + OrbitTracker.SearchInterval));
        Assert.False(new OrbitTracker(Node).IsInContact(Equinox));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(40)]
    [InlineData(64)]
    public void Knows_the_light_of_the_hours_to_come_without_gaps(int minutes)
    {
        DateTimeOffset now = Equinox + TimeSpan.FromMinutes(minutes);
        IReadOnlyList<SunInterval> intervals = _tracker.SunIntervals(now);
        Assert.Equal(DtnTime.From(now), intervals[0].Start);
        Assert.Equal(DtnTime.From(now + OrbitTracker.Horizon), intervals[^1].End);
        for (int i = 0; i < intervals.Count; i++)
        {
            Assert.True(intervals[i].End > intervals[i].Start);
            if (i > 0)
                Assert.Equal((intervals[i - 1].End, 1 - intervals[i - 1].Fraction.Value), (intervals[i].Start, intervals[i].Fraction.Value));
        }
        Assert.InRange(intervals.Count(interval => interval.Fraction.Value == 0), 2, 3);
    }

    [Fact]
    public void Agrees_with_the_sun_at_every_ten_seconds()
    {
        IReadOnlyList<SunInterval> intervals = _tracker.SunIntervals(Equinox);
        int compared = 0;
        for (double seconds = 0; seconds < OrbitTracker.Horizon.TotalSeconds; seconds += 10)
        {
            DateTimeOffset now = Equinox + TimeSpan.FromSeconds(seconds);
            double fraction = Node.SunFractionAt(now);
            if (fraction is > 0 and < 1)
                continue; // fading: the middle is checked below
            DtnTime time = DtnTime.From(now);
            Assert.Equal(fraction, intervals.Single(interval => interval.Start <= time && time < interval.End).Fraction.Value);
            compared++;
        }
        Assert.InRange(compared, 1400, 1440);
    }

    [Fact]
    public void Light_goes_in_the_middle_of_the_fading()
    {
        EclipseInterval eclipse = EclipseSearch.Find(Node, Equinox, Equinox + OrbitTracker.Horizon).First(found => !found.StartsBefore);
        SunInterval dark = _tracker.SunIntervals(Equinox).First(interval => interval.Fraction.Value == 0 && interval.Start > DtnTime.From(Equinox));
        Assert.Equal(DtnTime.From(eclipse.PenumbraEntry + ((eclipse.UmbraEntry!.Value - eclipse.PenumbraEntry) / 2)), dark.Start);
        Assert.Equal(DtnTime.From(eclipse.UmbraExit!.Value + ((eclipse.PenumbraExit - eclipse.UmbraExit.Value) / 2)), dark.End);
        Assert.InRange(dark.End.Since(dark.Start).TotalMinutes, 34, 37); // 550 km at an equinox
    }

    [Fact]
    public void Begins_in_the_dark_when_it_is_dark()
    {
        EclipseInterval eclipse = EclipseSearch.Find(Node, Equinox, Equinox + OrbitTracker.Horizon).First(found => !found.StartsBefore);
        DateTimeOffset midnight = eclipse.UmbraEntry!.Value + (eclipse.UmbraDuration / 2);
        SunInterval first = _tracker.SunIntervals(midnight)[0];
        Assert.Equal((DtnTime.From(midnight), 0.0), (first.Start, first.Fraction.Value));
        Assert.Equal(eclipse.UmbraExit!.Value.UtcDateTime, first.End.ToDateTimeOffset().UtcDateTime, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Always_covers_what_a_forecast_needs()
    {
        for (int minute = 0; minute <= 300; minute++)
        {
            DateTimeOffset now = Equinox + TimeSpan.FromMinutes(minute);
            IReadOnlyList<SunInterval> intervals = _tracker.SunIntervals(now);
            Assert.True(intervals[0].Start <= DtnTime.From(now));
            Assert.True(intervals[^1].End >= DtnTime.From(now + TimeSpan.FromSeconds(Forecast.StepSeconds * (Forecast.MaxPoints - 1))));
        }
    }

    [Fact]
    public void Searches_again_only_after_its_interval_or_when_the_clock_was_set_back()
    {
        IReadOnlyList<SunInterval> first = _tracker.SunIntervals(Equinox);
        Assert.Same(first, _tracker.SunIntervals(Equinox + OrbitTracker.SearchInterval));
        IReadOnlyList<SunInterval> second = _tracker.SunIntervals(Equinox + OrbitTracker.SearchInterval + TimeSpan.FromTicks(1));
        Assert.NotSame(first, second);
        Assert.Equal(DtnTime.From(Equinox), _tracker.SunIntervals(Equinox)[0].Start);
    }

    [Fact]
    public void An_orbit_without_eclipse_has_light_all_the_time()
    {
        // Over the terminator at a June solstice: the plane faces the Sun.
        var solstice = new DateTimeOffset(2024, 6, 20, 21, 0, 0, TimeSpan.Zero);
        SatelliteOrbit[] dawnDusk = [.. Enumerable.Range(0, 72).Select(plane => new SatelliteOrbit(new WalkerShell
        {
            Planes = 72, SatellitesPerPlane = 1, AltitudeKm = 1200, InclinationDegrees = 100, Epoch = solstice,
        }.ElementsOf(plane, 0)))];
        SatelliteOrbit lit = dawnDusk.First(orbit => EclipseSearch.Find(orbit, solstice, solstice + OrbitTracker.Horizon).Count == 0);
        SunInterval only = Assert.Single(new OrbitTracker(lit).SunIntervals(solstice));
        Assert.Equal(1, only.Fraction.Value);
        Assert.Equal(OrbitTracker.Horizon, only.End.Since(only.Start));
    }

    [Fact]
    public void Knows_nothing_where_the_elements_have_no_state()
    {
        SatelliteOrbit falling = Orbit(200, 53, bStar: 0.01);
        DateTimeOffset gone = Equinox;
        while (falling.TryStateAt(gone, out _))
            gone += TimeSpan.FromHours(1);
        var tracker = new OrbitTracker(falling);
        Assert.NotEmpty(tracker.SunIntervals(Equinox));
        Assert.Empty(tracker.SunIntervals(gone)); // "always light" would be a promise
        Assert.Equal((double.NaN, double.NaN, double.NaN), tracker.Position(gone));
        Assert.True(double.IsNaN(tracker.SunFraction(gone)));
        Assert.Empty(tracker.SunIntervals(gone - TimeSpan.FromHours(2))); // it falls within the horizon
    }

    private static SatelliteOrbit Orbit(double altitudeKm, double inclinationDegrees, double bStar = 0) => new(new WalkerShell
    {
        Planes = 72,
        SatellitesPerPlane = 22,
        AltitudeKm = altitudeKm,
        InclinationDegrees = inclinationDegrees,
        Phasing = 17,
        BStar = bStar,
        Epoch = Equinox,
    }.ElementsOf(0, 0));
}
