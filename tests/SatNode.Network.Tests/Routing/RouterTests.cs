using CsCheck;
using SatNode.Network.Routing;

namespace SatNode.Network.Tests.Routing;

public sealed class RouterTests
{
    private static readonly DateTimeOffset T0 = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<Contact> Contacts =
        from nodes in Gen.Select(Gen.ULong[1, 5], Gen.ULong[1, 5])
        from start in Gen.Int[0, 60]
        from duration in Gen.Int[1, 30]
        from rate in Gen.Int[1, 8]
        from owlt in Gen.Int[0, 3]
        where nodes.Item1 != nodes.Item2
        select At(nodes.Item1, nodes.Item2, start, start + duration, rate * 8_000, owlt);

    [Fact]
    public void The_arrival_is_the_earliest_of_all_paths() => Gen.Select(Contacts.Array[0, 9], Gen.Int[1, 20_000], Gen.Int[0, 40]).Sample((contacts, bytes, second) =>
    {
        int size = 1 << (32 - int.LeadingZeroCount(Math.Max(1024, bytes) - 1)); // a whole size class, so that nothing is rounded up
        DateTimeOffset now = T0.AddSeconds(second);
        var router = new Router(1);
        router.SetPlan(new(contacts));
        for (ulong target = 2; target <= 5; target++)
        {
            DateTimeOffset? best = Earliest(contacts, 1, target, now, size, []);
            Assert.Equal(best, router.Find(target, size, now)?.Arrival);
        }
    }, iter: 3_000);

    [Fact]
    public void Hop_by_hop_routes_of_one_moment_reach_the_target_without_a_loop() => Contacts.Array[0, 12].Sample(contacts =>
    {
        var plan = new ContactPlan(contacts);
        for (ulong target = 2; target <= 5; target++)
        {
            DateTimeOffset now = T0;
            ulong at = 1;
            int hops = 0;
            var first = new Router(1);
            first.SetPlan(plan);
            bool reachable = first.Find(target, 1024, now) is not null;
            while (reachable && at != target)
            {
                var router = new Router(at);
                router.SetPlan(plan);
                Route route = Assert.NotNull(router.Find(target, 1024, now));
                Contact used = contacts.Where(c => c.From == at && c.To == route.NextHop && c.End > route.Departure && c.Start <= route.Departure)
                    .OrderBy(c => c.TransmissionTicks(1024) + c.OneWayLightTime.Ticks).First();
                now = route.Departure + new TimeSpan(used.TransmissionTicks(1024)) + used.OneWayLightTime;
                at = route.NextHop;
                Assert.True(++hops < 5, "a loop");
            }
        }
    }, iter: 1_000);

    [Fact]
    public void Waiting_for_a_short_way_beats_a_long_way_that_arrives_later()
    {
        var router = new Router(1);
        router.SetPlan(new([At(1, 2, 0, 100, 8_000_000, 0), At(2, 3, 50, 100, 8_000_000, 0), At(1, 3, 20, 100, 8_000_000, 0)]));
        Route route = router.Find(3, 1024, T0)!.Value;
        Assert.Equal(3UL, route.NextHop);
        Assert.Equal(T0.AddSeconds(20), route.Departure);
    }

    [Theory]
    [InlineData(10_000, true)] // 10,000 bytes at 8,000 bit/s take the 10 s that the contact lasts
    [InlineData(10_001, false)]
    public void A_bundle_must_fit_before_the_contacts_end(int bytes, bool fits)
    {
        var router = new Router(1);
        router.SetPlan(new([At(1, 2, 0, 10, 8_000, 0)]));
        Assert.Equal(fits, router.Find(2, bytes, T0) is not null);
    }

    [Fact]
    public void A_cached_search_is_not_used_when_the_contact_no_longer_has_room()
    {
        var router = new Router(1);
        router.SetPlan(new([At(1, 2, 0, 10, 8_192, 0), At(1, 2, 60, 70, 8_192, 0)]));
        Assert.Equal(T0.AddSeconds(1), router.Find(2, 1024, T0)!.Value.Arrival);
        Assert.Equal(T0.AddSeconds(9), router.Find(2, 1024, T0.AddSeconds(9))!.Value.Departure);
        Assert.Equal(1, router.Searches);
        Assert.Equal(T0.AddSeconds(60), router.Find(2, 1024, T0.AddSeconds(9.5))!.Value.Departure);
        Assert.Equal(2, router.Searches);
    }

    [Fact]
    public void Refuses_a_contact_without_duration_or_rate()
    {
        Assert.Throws<ArgumentException>(() => new ContactPlan([At(1, 2, 5, 5, 8, 0)]));
        Assert.Throws<ArgumentException>(() => new ContactPlan([At(1, 2, 5, 6, 0, 0)]));
        Assert.Throws<ArgumentException>(() => new ContactPlan([At(1, 2, 5, 6, double.NaN, 0)]));
        Assert.Throws<ArgumentException>(() => new ContactPlan([At(1, 2, 5, 6, 8, -1)]));
    }

    [Fact]
    public void Open_until_joins_contacts_that_follow_without_a_gap()
    {
        var plan = new ContactPlan([At(1, 2, 0, 10, 8, 0), At(1, 2, 10, 20, 8, 0), At(1, 2, 21, 30, 8, 0), At(1, 3, 5, 40, 8, 0)]);
        Assert.Equal(T0.AddSeconds(20), plan.OpenUntil(1, 2, T0.AddSeconds(5)));
        Assert.Null(plan.OpenUntil(1, 2, T0.AddSeconds(20)));
        Assert.Null(plan.OpenUntil(2, 1, T0.AddSeconds(5)));
        Assert.Equal(T0.AddSeconds(30), plan.OpenUntil(1, 2, T0.AddSeconds(21)));
        Assert.Equal(T0.AddSeconds(5), plan.NextChange(3, T0));
        Assert.Null(plan.NextChange(3, T0.AddSeconds(40)));
    }

    private static Contact At(ulong from, ulong to, double start, double end, double rate, double owlt) =>
        new(from, to, T0.AddSeconds(start), T0.AddSeconds(end), rate, TimeSpan.FromSeconds(owlt));

    /// <summary>Tries every path without repeated nodes: the definition, not the algorithm.</summary>
    private static DateTimeOffset? Earliest(Contact[] contacts, ulong at, ulong target, DateTimeOffset time, long bytes, HashSet<ulong> visited)
    {
        if (at == target)
            return time;
        DateTimeOffset? best = null;
        visited.Add(at);
        foreach (Contact contact in contacts)
        {
            if (contact.From != at || visited.Contains(contact.To))
                continue;
            DateTimeOffset departure = contact.Start > time ? contact.Start : time;
            DateTimeOffset sent = departure + new TimeSpan(contact.TransmissionTicks(bytes));
            if (sent > contact.End || departure >= contact.End)
                continue;
            DateTimeOffset? there = Earliest(contacts, contact.To, target, sent + contact.OneWayLightTime, bytes, visited);
            if (there is { } t && (best is null || t < best))
                best = t;
        }
        visited.Remove(at);
        return best;
    }
}
