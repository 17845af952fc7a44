namespace SatNode.Protocol.Time;

/// <summary>DTN time: milliseconds since 2000-01-01T00:00:00Z. 0 stands for "no clock" on the wire and never for a moment. Source: RFC 9171 §4.2.6.</summary>
/// <param name="Milliseconds">0 to 2^63 − 1.</param>
public readonly record struct DtnTime(ulong Milliseconds) : IComparable<DtnTime>
{
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The largest value that converts to a calendar date (9999-12-31).</summary>
    public static readonly DtnTime Max = new((ulong)(DateTimeOffset.MaxValue - Epoch).TotalMilliseconds);

    /// <summary>Converts from a calendar date of 2000 or later, cut to whole milliseconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The date lies before 2000.</exception>
    public static DtnTime From(DateTimeOffset time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, Epoch);
        return new((ulong)((time - Epoch).Ticks / TimeSpan.TicksPerMillisecond));
    }

    /// <summary>Converts to a calendar date in UTC; later than 9999 is clamped.</summary>
    public DateTimeOffset ToDateTimeOffset() => Epoch.AddMilliseconds(Math.Min(Milliseconds, Max.Milliseconds));

    /// <inheritdoc/>
    public int CompareTo(DtnTime other) => Milliseconds.CompareTo(other.Milliseconds);

    /// <summary>The time from <paramref name="earlier"/> to this, negative when it is later.</summary>
    public TimeSpan Since(DtnTime earlier) => TimeSpan.FromMilliseconds((double)Milliseconds - earlier.Milliseconds);

    /// <summary>Earlier than.</summary>
    public static bool operator <(DtnTime left, DtnTime right) => left.Milliseconds < right.Milliseconds;

    /// <summary>Later than.</summary>
    public static bool operator >(DtnTime left, DtnTime right) => left.Milliseconds > right.Milliseconds;

    /// <summary>Not later than.</summary>
    public static bool operator <=(DtnTime left, DtnTime right) => left.Milliseconds <= right.Milliseconds;

    /// <summary>Not earlier than.</summary>
    public static bool operator >=(DtnTime left, DtnTime right) => left.Milliseconds >= right.Milliseconds;

    /// <summary>ISO 8601 in UTC with milliseconds.</summary>
    public override string ToString() => ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");
}
