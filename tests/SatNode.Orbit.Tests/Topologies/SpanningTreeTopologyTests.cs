using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Topologies;

namespace SatNode.Orbit.Tests.Topologies;

public sealed class SpanningTreeTopologyTests
{
    [Theory]
    [InlineData(1, 2_000, 16)]
    [InlineData(2, 5_000, 16)]
    [InlineData(3, 50_000, 16)]
    [InlineData(4, 700, 16)] // many parts
    [InlineData(5, 5_000, 2)]
    [InlineData(6, 50_000, 3)]
    [InlineData(7, 3_000, 4)]
    public void The_tree_is_the_one_Kruskal_makes_of_all_links(int seed, double maxRangeKm, int terminals)
    {
        ConstellationStates states = Scattered.Anywhere(400, seed);
        var limits = new IslLimits { MaxRangeKm = maxRangeKm };
        var topology = new SpanningTreeTopology(states.Count, terminals, limits);
        var links = new LinkSet();
        topology.Link(states, links);

        (HashSet<(int, int)> expected, int parts) = Kruskal(states, limits, terminals);
        Assert.Equal(expected, Scattered.Set(links));
        Assert.Equal(parts, topology.Parts);
        for (int i = 0; i < links.Count; i++)
            Assert.Equal((states.PositionKm(links.From[i]) - states.PositionKm(links.To[i])).Length, links.RangeKm[i], 6);
    }

    [Fact]
    public void The_tree_of_real_satellites_is_the_one_Kruskal_makes()
    {
        ConstellationStates all = Starlink.At(Starlink.Noon), states = new(1_500);
        for (int i = 0; i < states.Count; i++)
            states.Set(i, all.State(i * 4));
        var limits = new IslLimits();
        var topology = new SpanningTreeTopology(states.Count, 16, limits);
        var links = new LinkSet();
        topology.Link(states, links);
        Assert.Equal(1, topology.Parts);
        Assert.Equal(Kruskal(states, limits, 16).Links, Scattered.Set(links));
    }

    [Fact]
    public void All_real_satellites_hold_together()
    {
        var topology = new SpanningTreeTopology(Starlink.Batch.Count, 16, new IslLimits());
        var links = new LinkSet();
        ConstellationStates states = Starlink.At(Starlink.Noon);
        topology.Link(states, links);
        Assert.Equal((1, Enumerable.Range(0, states.Count).Count(states.Has) - 1), (topology.Parts, links.Count));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(2)]
    public void More_satellites_at_one_place_than_there_is_room_for_pairs(int terminals)
    {
        var states = new ConstellationStates(300);
        for (int i = 0; i < states.Count; i++)
            states.Set(i, new(new Vector3d(i < 290 ? 7_000 : 7_000.5, 0, 0), default)); // 41,905 pairs of one length, room for 14,401
        var topology = new SpanningTreeTopology(states.Count, terminals, new IslLimits());
        var links = new LinkSet();
        topology.Link(states, links);
        Assert.Equal((1, 299), (topology.Parts, links.Count));
        Assert.Equal(0.5, links.TotalKm, 9);
        AssertTerminals(states.Count, links, terminals);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Few_satellites_are_a_tree_too(int count)
    {
        var states = new ConstellationStates(count);
        for (int i = 0; i < count; i++)
            states.Set(i, new(new Vector3d(7_000, 100 * i, 0), default));
        var topology = new SpanningTreeTopology(count, 4, new IslLimits(), closeLoops: true);
        var links = new LinkSet();
        links.Add(0, 1, 2.0);
        topology.Link(states, links);
        Assert.Equal(Math.Max(0, count - 1), links.Count);
        Assert.Equal(Math.Min(1, count), topology.Parts);
    }

    [Fact]
    public void Loops_are_closed_between_ends_that_are_far_along_the_tree()
    {
        ConstellationStates states = Starlink.At(Starlink.Noon);
        const int Terminals = 4;
        var limits = new IslLimits { MaxRangeKm = 2_000 };
        var plain = new LinkSet();
        var closed = new LinkSet();
        new SpanningTreeTopology(states.Count, Terminals, limits).Link(states, plain);
        new SpanningTreeTopology(states.Count, Terminals, limits, closeLoops: true).Link(states, closed);

        Assert.Equal(plain.From, closed.From[..plain.Count]);
        Assert.Equal(plain.To, closed.To[..plain.Count]);
        Assert.True(closed.Count > plain.Count * 1.1);
        AssertTerminals(states.Count, closed, Terminals);
        List<int>[] beside = [.. Enumerable.Range(0, states.Count).Select(_ => new List<int>())];
        for (int i = 0; i < plain.Count; i++)
        {
            beside[plain.From[i]].Add(plain.To[i]);
            beside[plain.To[i]].Add(plain.From[i]);
        }

        for (int i = plain.Count; i < closed.Count; i++)
            Assert.False(IsWithin(beside, closed.From[i], closed.To[i], SpanningTreeTopology.LoopHopsMin));
    }

    [Fact]
    public void Terminals_are_held_to_their_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpanningTreeTopology(10, 1, new IslLimits()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpanningTreeTopology(10, Topology.TerminalsMax + 1, new IslLimits()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpanningTreeTopology(Sgp4Batch.SatellitesMax + 1, 4, new IslLimits()));
    }

    internal static void AssertTerminals(int satellites, LinkSet links, int terminals)
    {
        var used = new int[satellites];
        for (int i = 0; i < links.Count; i++)
        {
            used[links.From[i]]++;
            used[links.To[i]]++;
        }

        Assert.True(used.Max() <= terminals);
    }

    private static bool IsWithin(List<int>[] beside, int from, int to, int hops)
    {
        HashSet<int> reached = [from];
        for (int hop = 0; hop < hops; hop++)
            reached.UnionWith([.. reached.SelectMany(at => beside[at])]);
        return reached.Contains(to);
    }

    private static (HashSet<(int, int)> Links, int Parts) Kruskal(ConstellationStates states, IslLimits limits, int terminals)
    {
        int[] part = [.. Enumerable.Range(0, states.Count)];
        var used = new int[states.Count];
        HashSet<(int, int)> links = [];
        foreach ((_, int from, int to) in Scattered.AllPairs(states, limits))
        {
            if (part[from] == part[to] || used[from] == terminals || used[to] == terminals)
                continue;
            links.Add((from, to));
            used[from]++;
            used[to]++;
            int old = part[to];
            for (int i = 0; i < part.Length; i++)
                part[i] = part[i] == old ? part[from] : part[i];
        }

        return (links, Enumerable.Range(0, states.Count).Where(states.Has).Select(i => part[i]).Distinct().Count());
    }
}
