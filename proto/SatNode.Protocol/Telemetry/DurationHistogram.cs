using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Telemetry;

/// <summary>Counts durations in 64 buckets, two to each doubling: bucket 0 is below 1 µs, bucket i from 2^((i − 1)/2) µs to 2^(i/2) µs, the last all from 36 min on.
/// On the wire an array <c>[+ (bucket: 0..63, count: 1..)]</c> of pairs by rising bucket, without the empty ones.</summary>
/// <remarks>A quantile is within 19 % of the true one, as long as that is below 36 min. Not thread-safe.</remarks>
public sealed class DurationHistogram
{
    /// <summary>The number of buckets.</summary>
    public const int Buckets = 64;

    private readonly ulong[] _counts = new ulong[Buckets];

    /// <summary>How many durations were counted.</summary>
    public ulong Count { get; private set; }

    /// <summary>How many durations a bucket has.</summary>
    /// <param name="bucket">0 to 63.</param>
    public ulong this[int bucket] => _counts[bucket];

    /// <summary>Counts a duration; a negative one as zero. Allocates nothing.</summary>
    public void Add(TimeSpan duration)
    {
        _counts[BucketOf(duration.TotalMicroseconds)]++;
        Count++;
    }

    /// <summary>The duration that a share of all do not exceed: the geometric middle of its bucket; null when nothing was counted.</summary>
    /// <param name="share">Above 0, at most 1: 0.5 for the median.</param>
    public TimeSpan? Quantile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        if (Count == 0)
            return null;
        double rank = Math.Ceiling(share * Count);
        double seen = 0;
        int bucket = 0;
        for (; bucket < Buckets - 1; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank)
                break;
        }
        return TimeSpan.FromMicroseconds(bucket == 0 ? 0 : Math.Pow(2, (bucket - 0.5) / 2));
    }

    /// <summary>A copy that counts on by itself.</summary>
    public DurationHistogram Copy()
    {
        var copy = new DurationHistogram { Count = Count };
        _counts.CopyTo(copy._counts, 0);
        return copy;
    }

    /// <summary>Reads the pairs.</summary>
    /// <exception cref="WireFormatException">Buckets do not rise, or a count is 0.</exception>
    public static DurationHistogram Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        int items = reader.ReadStartArrayUpTo(Buckets * 2);
        if (items % 2 != 0)
            throw new WireFormatException($"histogram: expected pairs of bucket and count, found {items} numbers");
        var histogram = new DurationHistogram();
        int next = 0;
        for (int i = 0; i < items; i += 2)
        {
            int bucket = reader.ReadInt32UpTo(Buckets - 1);
            ulong count = reader.ReadUpTo(uint.MaxValue);
            if (bucket < next || count == 0)
                throw new WireFormatException($"histogram: expected rising buckets with counts from 1, found {count} in bucket {bucket} after {next - 1}");
            histogram._counts[bucket] = count;
            histogram.Count += count;
            next = bucket + 1;
        }
        reader.ReadEndArray();
        return histogram;
    }

    /// <summary>Writes the pairs; a count over 2³² − 1 as that.</summary>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(_counts.Count(count => count > 0) * 2);
        for (int i = 0; i < Buckets; i++)
        {
            if (_counts[i] == 0)
                continue;
            writer.WriteInt32(i);
            writer.WriteUInt64(Math.Min(_counts[i], uint.MaxValue));
        }
        writer.WriteEndArray();
    }

    private static int BucketOf(double microseconds) => microseconds >= 1 ? Math.Min(Buckets - 1, (int)Math.Floor(2 * Math.Log2(microseconds)) + 1) : 0;
}
