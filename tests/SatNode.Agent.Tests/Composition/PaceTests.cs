using Microsoft.Extensions.Time.Testing;
using SatNode.Agent.Composition;

namespace SatNode.Agent.Tests.Composition;

/// <summary>What the watchdog stands on: a tick that finished is told, and nothing else is.</summary>
public sealed class PaceTests : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _finished = new(0);

    private Task Start(Action<DateTimeOffset, TimeSpan> tick) => Task.Run(() => new Pace(Period, _time).Run(tick, () => _finished.Release(), _stop.Token));

    [Fact]
    public async Task Every_finished_tick_is_told()
    {
        Task run = Start((_, _) => { });
        for (int i = 0; i < 5; i++)
        {
            Assert.True(await _finished.WaitAsync(Hang));
            _time.Advance(Period);
        }
        await _stop.CancelAsync();
        await run.WaitAsync(Hang, TimeProvider.System);
    }

    [Fact] // the first tick, since a later one would run, and hang, in the hands that move the clock
    public async Task A_tick_that_hangs_is_not_told_and_time_tells_nothing()
    {
        using var entered = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        Task run = Start((_, _) =>
        {
            entered.Set();
            goOn.Wait(Hang);
        });
        Assert.True(entered.Wait(Hang));
        _time.Advance(TimeSpan.FromHours(1)); // every timer that there is has fired
        Assert.Equal(0, _finished.CurrentCount);
        goOn.Set();
        Assert.True(await _finished.WaitAsync(Hang));
        await _stop.CancelAsync();
        await run.WaitAsync(Hang, TimeProvider.System);
    }

    [Fact]
    public async Task A_tick_that_throws_is_not_told_and_ends_the_pace()
    {
        Task run = Start((_, _) => throw new InvalidOperationException("broken"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => run.WaitAsync(Hang, TimeProvider.System));
        Assert.Equal(0, _finished.CurrentCount);
    }

    [Fact]
    public async Task A_tick_is_told_how_long_ago_the_last_one_started()
    {
        var since = new List<TimeSpan>();
        Task run = Start((_, ago) => since.Add(ago));
        Assert.True(await _finished.WaitAsync(Hang));
        _time.Advance(Period * 7);
        Assert.True(await _finished.WaitAsync(Hang));
        await _stop.CancelAsync();
        await run.WaitAsync(Hang, TimeProvider.System);
        Assert.Equal([TimeSpan.Zero, Period * 7], since.Take(2));
    }

    public void Dispose()
    {
        _finished.Dispose();
        _stop.Dispose();
    }
}
