using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Topologies;

namespace SatNode.Orbit.Tests.Topologies;

public sealed class NearestTopologyTests
{
    [Theory]
    [InlineData(11, 4, 4, 5_000)]
    [InlineData(12, 1, 3, 2_000)]
    [InlineData(13, 6, 32, 60_000)] // range over everything, sight alone limits
    [InlineData(14, 3, 1, 900)]
    public void Links_are_those_of_trying_all_pairs(int seed, int nearest, int terminals, double maxRangeKm)
    {
        ConstellationStates states = Scattered.Anywhere(500, seed);
        var limits = new IslLimits { MaxRangeKm = maxRangeKm };
        var links = new LinkSet();
        new NearestTopology(states.Count, nearest, terminals, limits).Link(states, links);

        List<(double Km, int From, int To)> all = Scattered.AllPairs(states, limits);
        var asked = new int[states.Count];
        HashSet<(int, int)> wanted = [];
        foreach ((_, int from, int to) in all) // by rising length: the first of each are its nearest
        {
            bool isAsked = asked[from]++ < nearest;
            if (asked[to]++ < nearest || isAsked)
                wanted.Add((from, to));
        }

        var used = new int[states.Count];
        HashSet<(int, int)> expected = [];
        foreach ((_, int from, int to) in all.Where(pair => wanted.Contains((pair.From, pair.To))))
        {
            if (used[from] == terminals || used[to] == terminals)
                continue;
            used[from]++;
            used[to]++;
            expected.Add((from, to));
        }

        Assert.True(expected.Count > 100);
        Assert.Equal(expected, Scattered.Set(links));
        SpanningTreeTopologyTests.AssertTerminals(states.Count, links, terminals);
    }

    [Fact]
    public void Satellites_at_one_place_find_each_other()
    {
        var states = new ConstellationStates(50);
        for (int i = 0; i < states.Count; i++)
            states.Set(i, new(new Vector3d(7_000, 0, 0), default));
        var links = new LinkSet();
        new NearestTopology(states.Count, 2, 2, new IslLimits()).Link(states, links);
        Assert.True(links.Count > 0);
        Assert.Equal(0.0, links.TotalKm);
        SpanningTreeTopologyTests.AssertTerminals(states.Count, links, 2);
    }

    [Fact]
    public void A_set_has_a_bound()
    {
        var links = new LinkSet();
        for (int i = 0; i < LinkSet.LinksMax; i++)
            links.Add(i, i + 1, 1.0);
        Assert.Throws<ArgumentOutOfRangeException>(() => links.Add(0, 1, 1.0));
        Assert.Equal((LinkSet.LinksMax, LinkSet.LinksMax), (links.Count, (int)links.TotalKm));
    }
}
