using System.Formats.Cbor;
using CsCheck;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Telemetry;

namespace SatNode.Protocol.Tests.Telemetry;

public sealed class FunctionProfileTests
{
    private static FunctionProfile Profile(params TimeSpan[] cpuTimes)
    {
        var cpu = new DurationHistogram();
        var wall = new DurationHistogram();
        foreach (TimeSpan time in cpuTimes)
        {
            cpu.Add(time);
            wall.Add(time * 2);
        }
        return new()
        {
            Function = "object-det",
            Version = "1.0.0",
            Since = new(1000),
            Completed = 5,
            Failed = [1, 2, 3, 4, 5, 6, 7, 8, 9],
            Refused = 10,
            Called = 11,
            ColdStarts = 12,
            FreshStarts = 13,
            WarmStarts = 14,
            CpuTime = cpu,
            WallTime = wall,
            MemoryBytesHighest = 65_536,
            Bytes = (15, 16),
            Energy = new(1.25),
        };
    }

    [Fact] // by hand: two durations of 3 µs in bucket 4, from 2^1.5 to 2^2 µs; twice as long in bucket 6
    public void A_profile_has_these_bytes() => Assert.Equal(
        "8f" + "6a6f626a6563742d646574" + "65312e302e30" + "1903e8" + "05" + "89010203040506070809" + "0a" + "0b" + "0c0d0e" + "820402" + "820602" + "1a00010000" + "820f10" + "f93d00",
        Convert.ToHexStringLower(Profile(TimeSpan.FromMicroseconds(3), TimeSpan.FromMicroseconds(3)).Encode()));

    [Fact]
    public void A_profile_comes_back()
    {
        byte[] encoded = Profile(TimeSpan.FromMicroseconds(3), TimeSpan.FromSeconds(1)).Encode();
        FunctionProfile back = CborDecoder.Decode<FunctionProfile>(encoded);
        Assert.Equal(encoded, back.Encode());
        Assert.Equal((50UL, 45UL, 2UL), (back.Runs, back.Failures, back.CpuTime.Count));
    }

    [Fact] // the longest names of the widest characters, every bucket filled to the brim
    public void The_largest_profile_fits()
    {
        var writer = new CborWriter();
        writer.WriteStartArray(DurationHistogram.Buckets * 2);
        for (int i = 0; i < DurationHistogram.Buckets; i++)
        {
            writer.WriteInt32(i);
            writer.WriteUInt32(uint.MaxValue);
        }
        writer.WriteEndArray();
        DurationHistogram full = DurationHistogram.Read(new CborReader(writer.Encode()));
        FunctionProfile largest = Profile() with
        {
            Function = new string('\u20AC', 200),
            Version = new string('\u20AC', 200),
            Completed = long.MaxValue,
            Failed = [.. Enumerable.Repeat((ulong)uint.MaxValue, 9)],
            Refused = long.MaxValue,
            CpuTime = full,
            WallTime = full,
            Bytes = (long.MaxValue, long.MaxValue),
        };
        Assert.Equal(largest.Completed, CborDecoder.Decode<FunctionProfile>(largest.Encode()).Completed);
    }

    [Theory]
    [InlineData("8300020100")] // half a pair
    [InlineData("8404010302")] // falling
    [InlineData("8404010402")] // twice
    [InlineData("820400")] // none
    [InlineData("82184001")] // bucket 64
    [InlineData("82041b0000000100000000")] // more than 32 bits
    public void Refuses_a_histogram_that_is_none(string hex) =>
        Assert.Throws<WireFormatException>(() => DurationHistogram.Read(new CborReader(Convert.FromHexString(hex))));

    [Fact]
    public void Every_damaged_byte_and_every_cut_is_taken_or_refused()
    {
        byte[] encoded = Profile(TimeSpan.FromMicroseconds(3), TimeSpan.FromSeconds(1)).Encode();
        for (int i = 0; i < encoded.Length; i++)
        {
            byte good = encoded[i];
            for (int value = 0; value < 256; value++)
            {
                encoded[i] = (byte)value;
                try
                {
                    CborDecoder.Decode<FunctionProfile>(encoded);
                }
                catch (WireFormatException)
                {
                }
            }
            encoded[i] = good;
            Assert.Throws<WireFormatException>(() => CborDecoder.Decode<FunctionProfile>(encoded.AsMemory(0, i)));
        }
    }

    [Fact]
    public void A_quantile_is_within_a_fifth_of_the_true_one() =>
        Gen.Double[4, 31].Select(power => TimeSpan.FromMicroseconds(Math.Pow(2, power))).Array[1, 300].Sample(durations =>
        {
            var histogram = new DurationHistogram();
            foreach (TimeSpan duration in durations)
                histogram.Add(duration);
            TimeSpan[] sorted = [.. durations.Order()];
            foreach (double share in (ReadOnlySpan<double>)[0.01, 0.5, 0.99, 1])
            {
                double truth = sorted[(int)Math.Ceiling(share * sorted.Length) - 1].TotalMicroseconds, found = histogram.Quantile(share)!.Value.TotalMicroseconds;
                Assert.InRange(found, truth / 1.21, truth * 1.21); // 2^(1/4) is 1.19; a tick of 0.1 µs is 0.6 % of the shortest
            }
        });

    [Theory]
    [InlineData(-1, 0)] // a clock that went back
    [InlineData(0, 0)]
    [InlineData(0.9, 0)]
    [InlineData(1, 1)]
    [InlineData(1.4, 1)]
    [InlineData(1.5, 2)]
    [InlineData(2, 3)]
    [InlineData(1e12, 63)] // eleven days
    public void A_duration_is_in_its_bucket(double microseconds, int bucket)
    {
        var histogram = new DurationHistogram();
        histogram.Add(TimeSpan.FromTicks((long)(microseconds * 10)));
        Assert.Equal((1UL, 1UL), (histogram[bucket], histogram.Count));
    }

    [Fact]
    public void Nothing_counted_has_no_quantile_and_counting_allocates_nothing()
    {
        var histogram = new DurationHistogram();
        Assert.Null(histogram.Quantile(0.5));
        histogram.Add(TimeSpan.FromSeconds(1));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            histogram.Add(TimeSpan.FromMicroseconds(i));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
