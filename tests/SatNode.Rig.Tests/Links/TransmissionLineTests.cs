using SatNode.Rig.Links;

namespace SatNode.Rig.Tests.Links;

public sealed class TransmissionLineTests
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly LinkState Slow = new(IsUp: true, TimeSpan.FromMilliseconds(10), RateBitsPerSecond: 8000); // 1 byte a ms

    [Fact]
    public void A_segment_arrives_after_its_transmission_and_the_light_time()
    {
        Assert.Equal(Noon + TimeSpan.FromMilliseconds(110), new TransmissionLine().Book(Noon, 100, Slow));
    }

    [Fact]
    public void Segments_leave_one_after_another()
    {
        var line = new TransmissionLine();
        line.Book(Noon, 100, Slow);

        Assert.Equal(Noon + TimeSpan.FromMilliseconds(160), line.Book(Noon + TimeSpan.FromMilliseconds(1), 50, Slow));
        Assert.Equal(Noon + TimeSpan.FromMilliseconds(1011), line.Book(Noon + TimeSpan.FromMilliseconds(1000), 1, Slow)); // idle time is not saved up
    }

    [Fact]
    public void A_million_bytes_need_the_time_that_the_rate_says_however_they_come()
    {
        var line = new TransmissionLine();
        var random = new Random(11);
        DateTimeOffset now = Noon;
        DateTimeOffset arrival = Noon;
        for (int left = 1_000_000; left > 0;)
        {
            int bytes = Math.Min(left, random.Next(1, 4097));
            arrival = line.Book(now, bytes, Slow);
            left -= bytes;
            now += TimeSpan.FromMilliseconds(random.NextDouble()); // faster than the line
        }

        Assert.Equal(1000.010, (arrival - Noon).TotalSeconds, 0.001);
    }

    [Fact]
    public void A_cut_forgets_what_was_booked()
    {
        var line = new TransmissionLine();
        line.Book(Noon, 1_000_000, Slow);
        line.Clear();

        Assert.Equal(Noon + TimeSpan.FromMilliseconds(11), line.Book(Noon, 1, Slow));
    }
}
