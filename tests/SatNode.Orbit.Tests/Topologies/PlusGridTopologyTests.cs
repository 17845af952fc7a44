using SatNode.Orbit.Constellations;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Topologies;

namespace SatNode.Orbit.Tests.Topologies;

public sealed class PlusGridTopologyTests
{
    private static readonly WalkerShell Star = new()
    {
        Planes = 6,
        SatellitesPerPlane = 11,
        AltitudeKm = 780,
        InclinationDegrees = 86.4,
        Phasing = 2,
        RaanSpreadDegrees = 180,
        Epoch = TestOrbits.Equinox,
        FirstCatalogNumber = 10_000,
    };

    [Fact]
    public void Planes_of_a_catalogue_are_those_it_was_made_with()
    {
        Tle[] elements = [.. TestOrbits.Starlink.AllElements(), .. Star.AllElements()];
        int[] order = [.. Enumerable.Range(0, elements.Length)];
        new Random(5).Shuffle(order);
        Tle[] shuffled = [.. order.Select(i => elements[i])];
        var planes = OrbitalPlanes.Of(shuffled, TestOrbits.Equinox.AddHours(5));
        Assert.Equal((2, 78, elements.Length), (planes.Shells, planes.Count, planes.Placed));

        HashSet<(int, int)> found = [.. planes.NeighbourPairs().Select(pair => Sorted(order[pair.From], order[pair.To]))];
        HashSet<(int, int)> made = [.. Pairs(TestOrbits.Starlink, 0), .. Pairs(Star, TestOrbits.Starlink.Count)];
        // 1,584 satellites with four links, and a star of 66 whose seam is open.
        Assert.Equal((2 * 1_584) + 66 + 55, made.Count);
        Assert.Equal(made, found);
    }

    [Fact]
    public void Links_of_a_step_are_the_pairs_in_range_and_in_sight()
    {
        var grid = PlusGridTopology.Of([TestOrbits.Starlink, Star], new IslLimits { MaxRangeKm = 2_100 });
        var batch = new Sgp4Batch([.. TestOrbits.Starlink.AllElements().Concat(Star.AllElements()).Select(tle => new Sgp4(tle))]);
        var states = new ConstellationStates(batch.Count);
        Assert.Equal(0, batch.Propagate(TestOrbits.Equinox.AddMinutes(33), states));
        states.Clear(7);
        var links = new LinkSet();
        grid.Link(states, links);

        HashSet<(int, int)> expected = [.. Pairs(TestOrbits.Starlink, 0).Concat(Pairs(Star, TestOrbits.Starlink.Count))
            .Where(pair => (states.PositionKm(pair.Item1) - states.PositionKm(pair.Item2)).Length <= 2_100)];
        Assert.True(expected.Count < grid.Pairs && expected.Count > 3_000);
        Assert.Equal(expected, Scattered.Set(links));
        Assert.DoesNotContain(expected, pair => pair.Item1 == 7 || pair.Item2 == 7);
    }

    [Fact]
    public void Most_real_satellites_have_a_place_in_a_plane()
    {
        var grid = PlusGridTopology.Of(Starlink.Elements, Starlink.Noon, new IslLimits());
        var links = new LinkSet();
        grid.Link(Starlink.At(Starlink.Noon), links);
        // What has none raises its orbit or decays.
        Assert.InRange(grid.Placed, 5_900, 6_469);
        Assert.InRange(grid.Pairs, 1.6 * grid.Placed, 2.0 * grid.Placed);
        Assert.InRange(links.Count, 0.95 * grid.Pairs, grid.Pairs);
        SpanningTreeTopologyTests.AssertTerminals(Starlink.Elements.Count, links, 4);
    }

    private static (int, int) Sorted(int one, int other) => (Math.Min(one, other), Math.Max(one, other));

    private static IEnumerable<(int, int)> Pairs(WalkerShell shell, int first) =>
        from plane in Enumerable.Range(0, shell.Planes)
        from slot in Enumerable.Range(0, shell.SatellitesPerPlane)
        let around = shell.NeighboursOf(plane, slot)
        from place in new[] { around.Ahead, around.East }
        where place is not null
        select Sorted(first + (plane * shell.SatellitesPerPlane) + slot, first + (place.Value.Plane * shell.SatellitesPerPlane) + place.Value.Slot);
}
