using SatNode.Orbit.Contacts;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Tests.Contacts;

public sealed class ContactWindowsTests
{
    private const double MaskDegrees = 10.0;
    private static readonly DateTimeOffset From = TestOrbits.Equinox;
    private static readonly Geodetic WhiteSands = Geodetic.FromDegrees(32.501, -106.609, 1.2);
    private static readonly GroundSite Site = new(WhiteSands, ElevationMask.Constant(MaskDegrees));

    /// <summary>A day of passes over White Sands, walked second by second with trigonometry of its own.</summary>
    [Fact]
    public void Passes_are_those_that_walking_second_by_second_finds()
    {
        SatelliteOrbit orbit = TestOrbits.At(0, 0);
        List<(double Rise, double Top, double Set, double Elevation)> walked = Walk(orbit, 86_400);
        IReadOnlyList<GroundPass> found = ContactWindows.Passes(orbit, Site, From, From.AddDays(1));
        Assert.True(walked.Count >= 4, $"{walked.Count}");
        Assert.Equal(walked.Count, found.Count);
        foreach ((var expected, GroundPass pass) in walked.Zip(found))
        {
            Assert.InRange((pass.Aos - From).TotalSeconds, expected.Rise - 1.0, expected.Rise);
            Assert.InRange((pass.Los - From).TotalSeconds, expected.Set, expected.Set + 1.0);
            Assert.InRange((pass.Culmination - From).TotalSeconds, expected.Top - 1.0, expected.Top + 1.0);
            Assert.InRange(pass.MaxElevationDegrees, expected.Elevation - 1e-6, expected.Elevation + 0.2);
            Assert.Equal(pass.Los - pass.Aos, pass.Duration);
            Assert.False(pass.StartsBefore || pass.EndsAfter);
        }
    }

    [Fact]
    public void Ends_are_exact_to_a_tenth_of_a_second_and_inside()
    {
        SatelliteOrbit orbit = TestOrbits.At(0, 0);
        foreach (GroundPass pass in ContactWindows.Passes(orbit, Site, From, From.AddDays(1)))
        {
            Assert.True(ElevationDegrees(orbit, pass.Aos) >= MaskDegrees);
            Assert.True(ElevationDegrees(orbit, pass.Los) >= MaskDegrees);
            Assert.True(ElevationDegrees(orbit, pass.Aos.AddSeconds(-0.01)) < MaskDegrees);
            Assert.True(ElevationDegrees(orbit, pass.Los.AddSeconds(0.01)) < MaskDegrees);
            Assert.Equal(ElevationDegrees(orbit, pass.Culmination), pass.MaxElevationDegrees, 4);
            LookAngles look = Site.Look(orbit.EcefAt(pass.Aos).PositionKm);
            Assert.Equal(look.AzimuthDegrees, pass.AosAzimuthDegrees, 2);
            Assert.Equal(Site.Look(orbit.EcefAt(pass.Culmination).PositionKm).RangeKm, pass.CulminationRangeKm, 2);
        }
    }

    /// <summary>The mask is set a hair under the top of a pass: seconds of contact between two steps of half a minute.</summary>
    [Theory]
    [InlineData(1e-2)]
    [InlineData(1e-4)]
    public void Finds_a_pass_that_hardly_rises_over_the_mask(double degreesUnderTheTop)
    {
        SatelliteOrbit orbit = TestOrbits.At(0, 0);
        GroundPass whole = ContactWindows.Passes(orbit, Site, From, From.AddDays(1))[0];
        var mask = ElevationMask.Constant(whole.MaxElevationDegrees - degreesUnderTheTop);
        IReadOnlyList<GroundPass> passes = ContactWindows.Passes(orbit, new(WhiteSands, mask), From, whole.Los);
        GroundPass pass = Assert.Single(passes);
        Assert.InRange(pass.Duration.TotalSeconds, 0.5, 20.0);
        Assert.InRange(whole.Culmination, pass.Aos, pass.Los);
    }

    [Fact]
    public void Says_when_a_pass_is_cut_by_the_span()
    {
        SatelliteOrbit orbit = TestOrbits.At(0, 0);
        GroundPass whole = ContactWindows.Passes(orbit, Site, From, From.AddDays(1))[0];
        GroundPass begun = Assert.Single(ContactWindows.Passes(orbit, Site, whole.Culmination, whole.Los.AddMinutes(5)));
        Assert.True(begun.StartsBefore && !begun.EndsAfter);
        Assert.Equal(whole.Culmination, begun.Aos);
        GroundPass cut = Assert.Single(ContactWindows.Passes(orbit, Site, whole.Aos.AddMinutes(-5), whole.Culmination));
        Assert.True(cut.EndsAfter && !cut.StartsBefore);
        Assert.Equal(whole.Culmination, cut.Los);
        Assert.Empty(ContactWindows.Passes(orbit, Site, whole.Aos.AddMinutes(-5), whole.Aos.AddSeconds(-1)));
    }

    [Fact]
    public void A_geostationary_satellite_is_always_there()
    {
        Tle tle = TestOrbits.Starlink.ElementsOf(0, 0) with { InclinationDegrees = 0.05, MeanMotionRevolutionsPerDay = 1.0027379 };
        var orbit = new SatelliteOrbit(tle);
        Geodetic below = orbit.GeodeticAt(From);
        GroundPass pass = Assert.Single(ContactWindows.Passes(orbit, new(Geodetic.FromDegrees(0, below.LongitudeDegrees)), From, From.AddDays(2)));
        Assert.True(pass.StartsBefore && pass.EndsAfter);
        Assert.InRange(pass.MaxElevationDegrees, 89.0, 90.0);
    }

    [Fact]
    public void A_decayed_satellite_passes_no_more()
    {
        Tle tle = VerificationLike() with { BStar = 0.5 };
        var orbit = new SatelliteOrbit(tle);
        Assert.False(orbit.TryStateAt(From.AddDays(20), out _));
        Assert.Empty(ContactWindows.Passes(orbit, Site, From.AddDays(20), From.AddDays(21)));
        Assert.Throws<PropagationException>(() => orbit.StateAt(From.AddDays(20)));
    }

    /// <summary>Two planes that cross: links for a while, twice an orbit.</summary>
    [Theory]
    [InlineData(30, 7, 5000.0, 80.0)]
    [InlineData(36, 0, 3000.0, 80.0)]
    [InlineData(30, 7, 20_000.0, 100.0)] // the horizon ends it, not the range
    public void Isl_windows_are_those_that_walking_second_by_second_finds(int plane, int slot, double rangeKm, double grazingKm)
    {
        SatelliteOrbit one = TestOrbits.At(0, 0), other = TestOrbits.At(plane, slot);
        IReadOnlyList<IslWindow> found = ContactWindows.IslWindows(
            one, other, new() { MaxRangeKm = rangeKm, GrazingAltitudeKm = grazingKm }, From, From.AddHours(4));
        Assert.NotEmpty(found);
        for (int second = 0; second <= 4 * 3600; second++)
        {
            DateTimeOffset at = From.AddSeconds(second);
            Vector3d a = one.StateAt(at).PositionKm, b = other.StateAt(at).PositionKm;
            double range = (a - b).Length;
            // The height of the triangle of the two satellites and the Earth's centre, where it stands between them.
            double height = a.Cross(b).Length / range;
            bool between = a.Dot(a - b) > 0 && b.Dot(b - a) > 0;
            double lowest = (between ? height : Math.Min(a.Length, b.Length)) - 6378.137;
            bool linked = range <= rangeKm && lowest >= grazingKm;
            IslWindow? window = found.SingleOrDefault(w => w.Start <= at && at <= w.End);
            Assert.Equal(linked, window is not null);
            if (window is not null)
                Assert.InRange(range, window.MinRangeKm - 1e-3, window.MaxRangeKm + 1e-3);
        }

        Assert.All(found, w => Assert.True(w.MaxRangeKm <= rangeKm));
    }

    [Fact]
    public void Neighbours_in_a_plane_never_lose_each_other()
    {
        IslWindow window = Assert.Single(ContactWindows.IslWindows(TestOrbits.At(3, 4), TestOrbits.At(3, 5), new(), From, From.AddHours(6)));
        Assert.True(window.StartsBefore && window.EndsAfter);
        Assert.InRange(window.MinRangeKm, 1960.0, 1972.0); // 2 · 6928 km · sin(360°/22/2)
        Assert.InRange(window.MaxRangeKm, 1972.0, 1985.0);
    }

    [Fact]
    public void Limits_are_held_to_their_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new IslLimits { MaxRangeKm = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new IslLimits { MaxRangeKm = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new IslLimits { GrazingAltitudeKm = -101 });
        Assert.Throws<ArgumentOutOfRangeException>(() => ContactWindows.Passes(TestOrbits.At(0, 0), Site, From, From.AddSeconds(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ContactWindows.Passes(TestOrbits.At(0, 0), Site, From, From.AddYears(50)));
    }

    private static Tle VerificationLike() => TestOrbits.Starlink.ElementsOf(0, 0) with { MeanMotionRevolutionsPerDay = 15.9 };

    private static List<(double Rise, double Top, double Set, double Elevation)> Walk(SatelliteOrbit orbit, int seconds)
    {
        var passes = new List<(double, double, double, double)>();
        (double Rise, double Top, double Set, double Elevation)? now = null;
        for (int second = 0; second < seconds; second++)
        {
            double elevation = ElevationDegrees(orbit, From.AddSeconds(second));
            if (elevation >= MaskDegrees)
            {
                var pass = now ?? (second, second, second, elevation);
                now = elevation > pass.Elevation ? (pass.Rise, second, second, elevation) : (pass.Rise, pass.Top, second, pass.Elevation);
            }
            else if (now is { } ended)
            {
                passes.Add(ended);
                now = null;
            }
        }

        return passes;
    }

    /// <summary>Elevation by the site's vertical and the law of sines, with the sidereal time of the Almanac's short formula.</summary>
    private static double ElevationDegrees(SatelliteOrbit orbit, DateTimeOffset at)
    {
        Vector3d p = orbit.StateAt(at).PositionKm;
        double days = (at - new DateTimeOffset(2000, 1, 1, 12, 0, 0, TimeSpan.Zero)).TotalDays;
        double gmst = (280.46061837 + (360.98564736629 * days) + (0.000387933 * days * days / (36525.0 * 36525.0))) % 360.0 * Math.PI / 180.0;
        var target = new Vector3d((p.X * Math.Cos(gmst)) + (p.Y * Math.Sin(gmst)), (p.Y * Math.Cos(gmst)) - (p.X * Math.Sin(gmst)), p.Z);
        double latitude = WhiteSands.LatitudeDegrees * Math.PI / 180, longitude = WhiteSands.LongitudeDegrees * Math.PI / 180;
        var up = new Vector3d(Math.Cos(latitude) * Math.Cos(longitude), Math.Cos(latitude) * Math.Sin(longitude), Math.Sin(latitude));
        double n = 6378.137 / Math.Sqrt(1 - (0.00669437999014 * Math.Sin(latitude) * Math.Sin(latitude)));
        var site = new Vector3d(
            (n + 1.2) * Math.Cos(latitude) * Math.Cos(longitude),
            (n + 1.2) * Math.Cos(latitude) * Math.Sin(longitude),
            ((n * (1 - 0.00669437999014)) + 1.2) * Math.Sin(latitude));
        Vector3d line = target - site;
        return Math.Asin(line.Dot(up) / line.Length) * 180 / Math.PI;
    }
}
