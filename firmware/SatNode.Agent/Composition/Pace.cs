namespace SatNode.Agent.Composition;

/// <summary>Runs one tick after the other, a period of the world apart; a tick that takes longer than its period makes the next one late, never a second beside it.</summary>
/// <param name="period">From tick to tick, in the time of <paramref name="time"/>.</param>
/// <param name="time">The world's clock.</param>
internal sealed class Pace(TimeSpan period, TimeProvider time)
{
    /// <summary>Ticks until cancelled, the first one at once.</summary>
    /// <param name="tick">Given the world's time, and how long ago the tick before it started.</param>
    /// <param name="finished">Called after a tick that came to its end, and only then: neither while one hangs nor after one that threw.</param>
    /// <param name="cancellation">Ends the ticks; the one that runs comes to its end.</param>
    public async Task Run(Action<DateTimeOffset, TimeSpan> tick, Action finished, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(period, time);
        DateTimeOffset previous = time.GetUtcNow();
        try
        {
            do
            {
                DateTimeOffset now = time.GetUtcNow();
                tick(now, now - previous);
                previous = now;
                finished();
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException)
        {
            // The agent ends.
        }
    }
}
