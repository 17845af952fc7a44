using CsCheck;
using SatNode.Flight.Invocations;

namespace SatNode.Flight.Tests.Invocations;

public sealed class OrbitQuotaTests
{
    private static readonly DateTimeOffset Noon = SchedulerWorld.Noon;

    [Fact]
    public void Grants_the_limit_and_not_one_more()
    {
        var quota = new OrbitQuota();
        for (int i = 0; i < 5; i++)
            Assert.True(quota.TryTake(Noon + TimeSpan.FromMinutes(i), 5));
        Assert.False(quota.TryTake(Noon + TimeSpan.FromMinutes(5), 5));
    }

    [Theory]
    [InlineData(95, false)]
    [InlineData(96, true)]
    [InlineData(97, true)]
    [InlineData(100_000, true)]
    public void Forgets_a_start_after_an_orbit_and_not_before(int minutes, bool expected)
    {
        var quota = new OrbitQuota();
        Assert.True(quota.TryTake(Noon, 1));
        Assert.Equal(expected, quota.TryTake(Noon + TimeSpan.FromMinutes(minutes), 1));
    }

    [Fact]
    public void What_is_refused_is_not_counted()
    {
        var quota = new OrbitQuota();
        Assert.True(quota.TryTake(Noon, 1));
        for (int minute = 1; minute < 96; minute++)
            Assert.False(quota.TryTake(Noon + TimeSpan.FromMinutes(minute), 1));
        Assert.True(quota.TryTake(Noon + TimeSpan.FromMinutes(96), 1));
    }

    [Fact]
    public void Agrees_with_a_list_of_all_starts() =>
        Gen.Int[0, 40].List[1, 200].Select(Gen.Int[1, 8]).Sample((steps, max) =>
        {
            var quota = new OrbitQuota();
            List<long> starts = [];
            long minute = 0;
            foreach (int step in steps)
            {
                minute += step;
                bool expected = starts.Count(start => start > minute - 96) < max;
                Assert.Equal(expected, quota.TryTake(Noon + TimeSpan.FromMinutes(minute), max));
                if (expected)
                    starts.Add(minute);
            }
        });
}
