namespace SatNode.Protocol.Time;

/// <summary>The world's clock: starts at <see cref="Epoch"/> when the machine's clock shows <see cref="Origin"/> and runs <see cref="Rate"/> times as
/// fast. Time stamps, timers and delays all follow, so that everything built on <see cref="TimeProvider"/> lives in world time.
/// A satellite in orbit uses rate 1 with epoch and origin equal, which is the machine's clock.</summary>
public sealed class MissionClock : TimeProvider
{
    private readonly TimeProvider _machine;

    /// <summary>Creates the clock.</summary>
    /// <param name="epoch">World time at <paramref name="origin"/>.</param>
    /// <param name="origin">Machine time at which the world starts.</param>
    /// <param name="rate">World seconds a machine second, above 0 to 10,000.</param>
    /// <param name="machine">The machine's clock; null takes the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of range.</exception>
    public MissionClock(DateTimeOffset epoch, DateTimeOffset origin, double rate, TimeProvider? machine = null)
    {
        if (rate is not (> 0 and <= 10_000))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "expected a rate above 0 and at most 10,000");
        Epoch = epoch;
        Origin = origin;
        Rate = rate;
        _machine = machine ?? System;
    }

    /// <summary>World time at <see cref="Origin"/>.</summary>
    public DateTimeOffset Epoch { get; }

    /// <summary>Machine time at which the world starts.</summary>
    public DateTimeOffset Origin { get; }

    /// <summary>World seconds a machine second.</summary>
    public double Rate { get; }

    /// <inheritdoc/>
    public override long TimestampFrequency => _machine.TimestampFrequency;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Epoch + ((_machine.GetUtcNow() - Origin) * Rate);

    /// <inheritdoc/>
    public override long GetTimestamp() => (long)(_machine.GetTimestamp() * Rate);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _machine.CreateTimer(callback, state, ToMachine(dueTime), ToMachine(period));

    /// <summary>The machine's duration of a world duration; <see cref="Timeout.InfiniteTimeSpan"/> stays, and a positive one is at least 1 ms.</summary>
    public TimeSpan ToMachine(TimeSpan world)
    {
        if (world == Timeout.InfiniteTimeSpan || world <= TimeSpan.Zero)
            return world;
        TimeSpan machine = world / Rate;
        return machine < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : machine;
    }
}
