using Microsoft.Extensions.Time.Testing;
using SatNode.Agent.Composition;

namespace SatNode.Agent.Tests.Composition;

/// <summary>What the watchdog stands on: a tick that finished is told, and nothing else is. And who hurries is looked at between ticks.</summary>
public sealed class PaceTests : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _finished = new(0);

    private readonly FakeTimeProvider _machine = new();
    private readonly SemaphoreSlim _looked = new(0);
    private readonly Pace _pace;

    public PaceTests() => _pace = new(Period, _time, _machine);

    private Task Start(Action<DateTimeOffset, TimeSpan> tick, Action? look = null) => Task.Run(() => _pace.Run(tick, () =>
    {
        look?.Invoke();
        _looked.Release();
    }, () => _finished.Release(), _stop.Token));

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

    [Fact]
    public async Task Who_hurries_has_a_look_before_the_next_tick_and_no_tick_is_told_of_it()
    {
        Task run = Start((_, _) => { });
        Assert.True(await _finished.WaitAsync(Hang));
        for (int i = 0; i < 3; i++)
        {
            _pace.Hurry();
            await Look();
        }
        Assert.Equal(0, _finished.CurrentCount);
        await _stop.CancelAsync();
        await run.WaitAsync(Hang, TimeProvider.System);
    }

    [Fact]
    public async Task There_is_a_breath_between_two_looks_and_a_tick_does_not_wait_for_it()
    {
        Task run = Start((_, _) => { });
        Assert.True(await _finished.WaitAsync(Hang));
        _pace.Hurry();
        Assert.True(await _looked.WaitAsync(Hang));
        _machine.Advance(Pace.Breath / 2);
        for (int i = 0; i < 100; i++)
            _pace.Hurry();
        _time.Advance(Period);
        Assert.True(await _finished.WaitAsync(Hang)); // the tick looked itself
        _time.Advance(Period);
        Assert.True(await _finished.WaitAsync(Hang));
        Assert.Equal(0, _looked.CurrentCount);
        await _stop.CancelAsync();
        await run.WaitAsync(Hang, TimeProvider.System);
    }

    [Fact] // it would run without end, and no tick come
    public async Task A_look_that_hurries_itself_leaves_the_ticks_their_turn()
    {
        Task run = Start((_, _) => { }, _pace.Hurry);
        Assert.True(await _finished.WaitAsync(Hang));
        for (int i = 0; i < 3; i++)
        {
            _pace.Hurry();
            await Look();
            await Look(); // the one that it asked for itself
            _time.Advance(Period);
            Assert.True(await _finished.WaitAsync(Hang));
        }
        await _stop.CancelAsync();
        await run.WaitAsync(Hang, TimeProvider.System);
    }

    [Fact]
    public async Task A_hurry_while_a_tick_runs_is_looked_at_after_it()
    {
        Task run = Start((_, _) => _pace.Hurry());
        Assert.True(await _finished.WaitAsync(Hang));
        Assert.True(await _looked.WaitAsync(Hang));
        await _stop.CancelAsync();
        await run.WaitAsync(Hang, TimeProvider.System);
    }

    [Fact]
    public async Task A_look_that_throws_ends_the_pace_and_a_hurry_after_the_end_harms_nobody()
    {
        Task run = Start((_, _) => { }, () => throw new InvalidOperationException("broken"));
        Assert.True(await _finished.WaitAsync(Hang));
        _pace.Hurry();
        await Assert.ThrowsAsync<InvalidOperationException>(() => run.WaitAsync(Hang, TimeProvider.System));
        _pace.Hurry();
    }

    /// <summary>Waits for a look, and lets the breath before it pass.</summary>
    private async Task Look()
    {
        using var patience = new CancellationTokenSource(Hang);
        while (!await _looked.WaitAsync(TimeSpan.FromMilliseconds(1), patience.Token))
            _machine.Advance(Pace.Breath);
    }

    public void Dispose()
    {
        _looked.Dispose();
        _finished.Dispose();
        _stop.Dispose();
    }
}
