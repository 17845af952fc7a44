using System.Threading.Channels;

namespace SatNode.Agent.Composition;

/// <summary>Runs one tick after the other, a period of the world apart; a tick that takes longer than its period makes the next one late, never a second beside it. Between ticks it looks when
/// somebody hurries it, on the same thread of thought: never beside a tick.</summary>
/// <param name="period">From tick to tick, in the time of <paramref name="time"/>.</param>
/// <param name="time">The world's clock.</param>
/// <param name="machine">The machine's clock.</param>
internal sealed class Pace(TimeSpan period, TimeProvider time, TimeProvider machine)
{
    /// <summary>From the end of one look to the next at least, in the machine's time, whoever hurries: what stirs without end then has a hundred looks a second.</summary>
    public static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(10);

    private readonly Channel<bool> _hurries = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Task<bool>? _hurried;

    /// <summary>Asks for a look before the next tick; one that was asked for and has not come is the same one. May be called from any thread, at any time, and never waits.</summary>
    public void Hurry() => _hurries.Writer.TryWrite(true);

    /// <summary>Ticks until cancelled, the first one at once.</summary>
    /// <param name="tick">Given the world's time, and how long ago the tick before it started. Looks as well.</param>
    /// <param name="look">Called between ticks when there was a hurry.</param>
    /// <param name="finished">Called after a tick that came to its end, and only then: neither while one hangs nor after one that threw, nor after a look.</param>
    /// <param name="cancellation">Ends the ticks; the one that runs comes to its end.</param>
    public async Task Run(Action<DateTimeOffset, TimeSpan> tick, Action look, Action finished, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(period, time);
        DateTimeOffset previous = time.GetUtcNow();
        Task<bool> next;
        try
        {
            do
            {
                DateTimeOffset now = time.GetUtcNow();
                TakeHurry(); // before the tick: what comes while it looks is looked at once more
                tick(now, now - previous);
                previous = now;
                finished();
                next = timer.WaitForNextTickAsync(cancellation).AsTask();
                await LookUntil(next, look, cancellation);
            }
            while (await next);
        }
        catch (OperationCanceledException)
        {
            // The agent ends.
        }
    }

    private async Task LookUntil(Task<bool> next, Action look, CancellationToken cancellation)
    {
        while (!next.IsCompleted)
        {
            _hurried ??= _hurries.Reader.WaitToReadAsync(cancellation).AsTask();
            await Task.WhenAny(next, _hurried);
            cancellation.ThrowIfCancellationRequested();
            if (next.IsCompleted)
                return;
            TakeHurry();
            look();
            await Task.WhenAny(next, Task.Delay(Breath, machine, cancellation));
        }
    }

    private void TakeHurry()
    {
        if (_hurries.Reader.TryRead(out _))
            _hurried = null;
    }
}
