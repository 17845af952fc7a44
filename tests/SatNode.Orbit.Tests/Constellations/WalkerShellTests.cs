using SatNode.Orbit.Constellations;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Tests.Constellations;

public sealed class WalkerShellTests
{
    private static readonly WalkerShell Shell = TestOrbits.Starlink;

    [Fact]
    public void Every_satellite_flies_at_its_altitude()
    {
        foreach ((int plane, int slot) in new[] { (0, 0), (17, 5), (71, 21) })
        {
            SatelliteOrbit orbit = TestOrbits.At(plane, slot);
            double sum = 0;
            for (int minute = 0; minute < 956; minute++)
            {
                double altitude = orbit.StateAt(Shell.Epoch.AddMinutes(minute / 10.0)).PositionKm.Length - 6378.135;
                Assert.InRange(altitude, 535.0, 565.0);
                sum += altitude;
            }

            Assert.InRange(sum / 956, 547.0, 553.0);
        }
    }

    [Fact]
    public void Slots_and_planes_are_evenly_spaced_at_the_epoch()
    {
        // The angle from the node along the orbit, and the node itself.
        Tle first = Shell.ElementsOf(0, 0), next = Shell.ElementsOf(0, 1), beside = Shell.ElementsOf(1, 0);
        Assert.Equal(0.0, Latitude(first), 9);
        Assert.Equal(360.0 / 22, Latitude(next), 9);
        Assert.Equal(5.0, beside.RaanDegrees - first.RaanDegrees, 9);
        Assert.Equal(17 * 360.0 / (72 * 22), Latitude(beside), 9);
        Assert.Equal((11.0, 11.0), ((Shell with { RaanOffsetDegrees = 11 }).ElementsOf(0, 0).RaanDegrees, (Shell with { RaanOffsetDegrees = -349 }).ElementsOf(0, 0).RaanDegrees));
        Assert.InRange((TestOrbits.At(0, 0).StateAt(Shell.Epoch).PositionKm - TestOrbits.At(0, 1).StateAt(Shell.Epoch).PositionKm).Length, 1965, 1980);
    }

    [Fact]
    public void Mean_motion_counts_the_flattening()
    {
        double twoBody = Math.Sqrt(398600.8 / Math.Pow(6378.135 + 550, 3)) * 86_400 / Math.Tau;
        Assert.InRange(Shell.MeanMotionRevolutionsPerDay / twoBody, 0.999, 1.001);
        // At 53° the term is positive (3 cos²i > 1), at 63° negative: Kozai's motion lies on the side of the two-body value that J2 says.
        Assert.True(Shell.MeanMotionRevolutionsPerDay > twoBody);
        Assert.True((Shell with { InclinationDegrees = 63 }).MeanMotionRevolutionsPerDay < twoBody);
    }

    [Fact]
    public void Names_and_numbers_follow_plane_by_plane()
    {
        WalkerShell shell = Shell with { FirstCatalogNumber = 90_000, Planes = 3, SatellitesPerPlane = 4, Phasing = 1 };
        Tle[] all = [.. shell.AllElements()];
        Assert.Equal(12, all.Length);
        Assert.Equal(Enumerable.Range(90_000, 12), all.Select(tle => tle.CatalogNumber));
        Assert.Equal("p00-s00", all[0].Name);
        Assert.Equal("p02-s03", all[11].Name);
        Assert.Equal(all[5], shell.ElementsOf(1, 1));
    }

    [Fact]
    public void Elements_survive_the_format()
    {
        foreach (Tle tle in (Shell with { Planes = 9, Phasing = 4 }).AllElements())
        {
            Tle read = Assert.Single(TleParser.ParseAll(tle.ToText()));
            Assert.Equal(tle.Name, read.Name);
            DateTimeOffset later = Shell.Epoch.AddDays(1);
            // Angles of 1e-4 degrees are 12 m, the rounded mean motion 0.1 m a day.
            Assert.InRange((new SatelliteOrbit(read).StateAt(later).PositionKm - new SatelliteOrbit(tle).StateAt(later).PositionKm).Length, 0.0, 0.03);
        }
    }

    [Theory]
    [InlineData(72, 22, 17)]
    [InlineData(6, 11, 2)]
    [InlineData(3, 3, 1)]
    [InlineData(5, 4, 4)]
    public void Grid_neighbours_are_mutual(int planes, int slots, int phasing)
    {
        WalkerShell shell = Shell with { Planes = planes, SatellitesPerPlane = slots, Phasing = phasing };
        for (int plane = 0; plane < planes; plane++)
        {
            for (int slot = 0; slot < slots; slot++)
            {
                var self = new ShellPlace(plane, slot);
                PlusGridNeighbours near = shell.NeighboursOf(plane, slot);
                Assert.Equal(self, shell.NeighboursOf(near.Ahead!.Value.Plane, near.Ahead.Value.Slot).Behind);
                Assert.Equal(self, shell.NeighboursOf(near.Behind!.Value.Plane, near.Behind.Value.Slot).Ahead);
                Assert.Equal(self, shell.NeighboursOf(near.East!.Value.Plane, near.East.Value.Slot).West);
                Assert.Equal(self, shell.NeighboursOf(near.West!.Value.Plane, near.West.Value.Slot).East);
            }
        }
    }

    [Fact]
    public void Links_over_the_seam_are_as_long_as_elsewhere()
    {
        DateTimeOffset at = Shell.Epoch.AddHours(5);
        double inside = Length(new(20, 7), Shell.NeighboursOf(20, 7).East!.Value, at);
        // The same place along the orbit, at the seam: a slot whose angle from the node is that of (20, 7).
        double seam = Enumerable.Range(0, 22).Max(slot => Length(new(71, slot), Shell.NeighboursOf(71, slot).East!.Value, at));
        double longest = Enumerable.Range(0, 22).Max(slot => Length(new(20, slot), Shell.NeighboursOf(20, slot).East!.Value, at));
        Assert.InRange(seam, longest - 40, longest + 40);
        Assert.True(inside < 900.0, $"{inside}");
    }

    [Fact]
    public void A_star_has_no_links_over_its_seam()
    {
        WalkerShell star = Shell with { Planes = 6, SatellitesPerPlane = 11, Phasing = 2, AltitudeKm = 780, InclinationDegrees = 86.4, RaanSpreadDegrees = 180 };
        Assert.Null(star.NeighboursOf(5, 3).East);
        Assert.Null(star.NeighboursOf(0, 3).West);
        Assert.Equal(new ShellPlace(4, 3), star.NeighboursOf(5, 3).West);
        Assert.Equal(150.0, star.ElementsOf(5, 0).RaanDegrees, 9);
    }

    [Fact]
    public void A_star_of_Walkers_notation_has_its_planes_over_half_a_turn()
    {
        // Iridium: 86.4°: 66/6/2.
        WalkerShell star = WalkerShell.Of(WalkerPattern.Star, new(66, 6, 2), 780, 86.4, Shell.Epoch);
        WalkerShell delta = WalkerShell.Of(WalkerPattern.Delta, new(66, 6, 2), 780, 86.4, Shell.Epoch);

        Assert.Equal(66, star.AllElements().Count());
        Assert.Equal([0.0, 30.0, 60.0, 90.0, 120.0, 150.0], Enumerable.Range(0, 6).Select(plane => star.ElementsOf(plane, 0).RaanDegrees));
        Assert.Equal([0.0, 60.0, 120.0, 180.0, 240.0, 300.0], Enumerable.Range(0, 6).Select(plane => delta.ElementsOf(plane, 0).RaanDegrees));
        for (int plane = 0; plane < 6; plane++)
            Assert.Equal(2 * 360.0 / 66 * plane, Latitude(star.ElementsOf(plane, 0)), 9);
        Assert.Null(star.NeighboursOf(5, 3).East);
        Assert.NotNull(delta.NeighboursOf(5, 3).East);
    }

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(2, 2, 2)]
    [InlineData(1, 3, 2)]
    public void Nobody_is_its_own_neighbour_or_stands_twice(int planes, int slots, int count)
    {
        WalkerShell shell = Shell with { Planes = planes, SatellitesPerPlane = slots, Phasing = 0 };
        PlusGridNeighbours near = shell.NeighboursOf(0, 0);
        ShellPlace[] places = [.. new[] { near.Ahead, near.Behind, near.East, near.West }.OfType<ShellPlace>()];
        Assert.Equal(count, places.Length);
        Assert.Equal(count, places.Distinct().Count());
        Assert.DoesNotContain(new ShellPlace(0, 0), places);
    }

    [Theory]
    [InlineData("66/6/2", 66, 6, 2, 11)]
    [InlineData("1584/72/71", 1584, 72, 71, 22)]
    [InlineData("1/1/0", 1, 1, 0, 1)]
    [InlineData("100000/100/99", 100_000, 100, 99, 1000)]
    public void Walkers_notation_is_read_and_written(string text, int satellites, int planes, int phasing, int perPlane)
    {
        Assert.True(WalkerNotation.TryParse(text, out WalkerNotation? notation));
        Assert.Equal((satellites, planes, phasing, perPlane), (notation.Satellites, notation.Planes, notation.Phasing, notation.SatellitesPerPlane));
        Assert.Equal(text, notation.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("66/6")]
    [InlineData("66/6/2/0")]
    [InlineData("66/6/6")]
    [InlineData("66/6/-1")]
    [InlineData("66/5/2")]
    [InlineData("66/0/0")]
    [InlineData("0/6/0")]
    [InlineData("66 / 6 / 2")]
    [InlineData("1001/1/0")]
    [InlineData("1001/1001/0")]
    [InlineData("100100/100/0")]
    [InlineData("99999999999/1/0")]
    public void What_is_not_Walkers_notation_is_refused(string? text) => Assert.False(WalkerNotation.TryParse(text, out _));

    [Fact]
    public void Shells_are_held_to_their_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Shell.ElementsOf(72, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Shell.ElementsOf(0, 22));
        Assert.Throws<ArgumentOutOfRangeException>(() => Shell.NeighboursOf(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => (Shell with { Phasing = 72 }).ElementsOf(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => (Shell with { Planes = 1000, SatellitesPerPlane = 101, Phasing = 0 }).ElementsOf(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Shell with { AltitudeKm = 199.9 });
        Assert.Throws<ArgumentOutOfRangeException>(() => Shell with { AltitudeKm = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => Shell with { Planes = 0 });
    }

    private static double Latitude(Tle tle) => (tle.ArgumentOfPerigeeDegrees + tle.MeanAnomalyDegrees) % 360.0;

    private static double Length(ShellPlace one, ShellPlace other, DateTimeOffset at)
    {
        Vector3d a = TestOrbits.At(one.Plane, one.Slot).StateAt(at).PositionKm;
        return (a - TestOrbits.At(other.Plane, other.Slot).StateAt(at).PositionKm).Length;
    }
}
