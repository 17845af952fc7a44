using SatNode.Network.Contacts;
using SatNode.Network.Routing;
using SatNode.Orbit;
using SatNode.Orbit.Contacts;

namespace SatNode.Network.Tests.Contacts;

/// <summary>The plan beside the orbits it is made of.</summary>
public sealed class ContactPlannerTests
{
    private static readonly DateTimeOffset From = Orbits.Epoch;
    private static readonly DateTimeOffset To = From + TimeSpan.FromHours(6);

    /// <summary>One of the plane on the Earth's other side, which flies against node 1003 and meets it twice an orbit.</summary>
    private static readonly SatelliteOrbit Crossing = Enumerable.Range(0, 22).Select(slot => Orbits.Of(46, slot))
        .First(other => ContactWindows.IslWindows(Orbits.Of(10, 3), other, new IslLimits { MaxRangeKm = 3000 }, From, To).Count >= 3);

    private readonly Dictionary<ulong, SatelliteOrbit> _orbits = new()
    {
        [1003] = Orbits.Of(10, 3),
        [1004] = Orbits.Of(10, 4), // its neighbour in the plane: always in view
        [4600] = Crossing, // comes and goes
    };

    [Fact]
    public void Neighbours_in_a_plane_are_in_contact_all_the_time_both_ways()
    {
        ContactPlan plan = Plan(new TerminalPair(1003, 1004, 5000, 1e7));
        Assert.Equal(2 * 36, plan.Contacts.Count); // six hours in slices of ten minutes
        foreach ((ulong from, ulong to) in ((ulong, ulong)[])[(1003, 1004), (1004, 1003)])
        {
            Contact[] way = [.. plan.Contacts.Where(contact => contact.From == from && contact.To == to).OrderBy(contact => contact.Start)];
            Assert.Equal((From, To), (way[0].Start, way[^1].End));
            Assert.All(way, contact => Assert.Equal((ContactPlanner.SliceLength, 1e7), (contact.End - contact.Start, contact.BitsPerSecond)));
            for (int i = 1; i < way.Length; i++)
                Assert.Equal(way[i - 1].End, way[i].Start);
            Assert.Equal(To, plan.OpenUntil(from, to, From));
        }
    }

    [Fact]
    public void Others_are_in_contact_exactly_while_they_see_each_other()
    {
        ContactPlan plan = Plan(new TerminalPair(1003, 4600, 3000, 1e7));
        IReadOnlyList<IslWindow> windows = ContactWindows.IslWindows(_orbits[1003], _orbits[4600], new IslLimits { MaxRangeKm = 3000 }, From, To);
        Assert.InRange(windows.Count, 3, 16);
        int open = 0;
        for (DateTimeOffset now = From; now < To; now += TimeSpan.FromSeconds(10))
        {
            bool isInView = windows.Any(window => window.Start <= now && now < window.End);
            Assert.Equal(isInView, plan.OpenUntil(1003, 4600, now) is not null);
            Assert.Equal(isInView, plan.OpenUntil(4600, 1003, now) is not null);
            if (isInView)
                Assert.InRange(RangeKm(1003, 4600, now), 0, 3000.1);
            open += isInView ? 1 : 0;
        }
        Assert.InRange(open, 20, 1000);
    }

    [Fact]
    public void No_slice_is_longer_than_it_may_be_and_none_leaves_a_gap()
    {
        ContactPlan plan = Plan(new TerminalPair(1003, 4600, 6000, 1e7));
        Assert.All(plan.Contacts, contact => Assert.InRange(contact.End - contact.Start, TimeSpan.FromTicks(1), ContactPlanner.SliceLength));
        TimeSpan planned = plan.Contacts.Where(contact => contact.From == 1003).Aggregate(TimeSpan.Zero, (sum, contact) => sum + (contact.End - contact.Start));
        TimeSpan seen = ContactWindows.IslWindows(_orbits[1003], _orbits[4600], new IslLimits { MaxRangeKm = 6000 }, From, To)
            .Aggregate(TimeSpan.Zero, (sum, window) => sum + window.Duration);
        Assert.Equal(seen, planned);
    }

    [Fact]
    public void Light_times_are_near_the_truth_to_the_ends_of_each_slice()
    {
        ContactPlan plan = Plan(new TerminalPair(1003, 1004, 5000, 1e7), new TerminalPair(1003, 4600, 6000, 1e7));
        foreach (Contact contact in plan.Contacts)
        {
            foreach ((double share, double tolerance) in ((double, double)[])[(0, 0.015), (0.5, 1e-6), (1, 0.015)])
            {
                double truth = RangeKm(contact.From, contact.To, contact.Start + ((contact.End - contact.Start) * share)) / Visibility.LightKmPerSecond;
                Assert.Equal(truth, contact.OneWayLightTime.TotalSeconds, tolerance);
            }
            Assert.InRange(contact.OneWayLightTime.TotalMilliseconds, 0.1, 20.1);
        }
    }

    [Fact]
    public void A_pair_with_an_unknown_node_is_left_out_and_the_others_stay()
    {
        ContactPlan plan = Plan(new TerminalPair(1003, 9999, 5000, 1e7), new TerminalPair(9999, 1004, 5000, 1e7), new TerminalPair(1003, 1004, 5000, 1e7));
        Assert.Equal(72, plan.Contacts.Count);
        Assert.DoesNotContain(plan.Contacts, contact => contact.From == 9999 || contact.To == 9999);
    }

    [Fact]
    public void Only_pairs_with_terminals_are_in_contact() => Assert.Empty(Plan().Contacts);

    [Fact]
    public void Terminals_that_do_not_reach_make_no_contact() => Assert.Empty(Plan(new TerminalPair(1003, 1004, 1900, 1e7)).Contacts); // they are 1,970 km apart

    private ContactPlan Plan(params TerminalPair[] pairs) => ContactPlanner.Plan(_orbits, pairs, From, To);

    private double RangeKm(ulong one, ulong other, DateTimeOffset at) => (_orbits[one].StateAt(at).PositionKm - _orbits[other].StateAt(at).PositionKm).Length;
}
