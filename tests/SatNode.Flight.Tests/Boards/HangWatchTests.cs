using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Boards;
using SatNode.Flight.RateGroups;
using SatNode.Flight.Telemetry;

namespace SatNode.Flight.Tests.Boards;

/// <summary>A loop of four groups on a board with a watchdog of 20 s: who hangs is named, and the watchdog is left to bite.</summary>
public sealed class HangWatchTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20) / HangWatch.PatiencesPerTimeout;
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _machine = new();
    private readonly RecordingEvents _events = new();
    private readonly List<string> _console = [];
    private readonly MemoryStream _device = new();
    private readonly FlightDatabase _database;
    private readonly LoopGroups _groups;
    private readonly BoardKeeper _keeper;
    private readonly HangWatch _watch;

    public HangWatchTests()
    {
        _database = FlightDatabase.Open(_folder.File("flight.db"));
        _groups = new(rate: 1, Second, Patience, _machine);
        _keeper = Boot("1", _device);
        _watch = new(_groups, Patience, _database, _events, _console.Add, _machine);
        _groups.Start(Period);
    }

    private BoardKeeper Boot(string kernelBoot, MemoryStream device) =>
        new(new(null, null, new Watchdog(device, hasReset: kernelBoot != "1"), null), kernelBoot, Period, Second, _groups, _database, _events, _machine);

    /// <summary>A tick, and a second until the next.</summary>
    private void Tick(bool isSampling, RateGroup? skipped = null)
    {
        foreach (RateGroup group in _groups.All)
        {
            if (group == skipped || !(isSampling || group == _groups.Scheduler))
                continue;
            group.Begin();
            group.End(group == _groups.Scheduler ? Second : Period);
        }
        _keeper.TickFinished(areSensorsRead: true);
        _machine.Advance(Second);
    }

    private void Wait(int seconds)
    {
        for (int i = 0; i < seconds; i++)
            _machine.Advance(Second);
    }

    private string? ReasonOfNextBoot(string kernelBoot)
    {
        using var device = new MemoryStream();
        using BoardKeeper keeper = Boot(kernelBoot, device);
        return keeper.ResetReason;
    }

    [Fact]
    public void While_every_group_is_in_time_each_tick_strokes_and_nothing_is_told()
    {
        for (int i = 0; i < 100; i++)
            Tick(isSampling: i % 10 == 0);
        Assert.Equal(100, _device.Length);
        Assert.Empty(_events.Raised);
        Assert.Empty(_console);
        Assert.Equal("watchdog", ReasonOfNextBoot("2"));
    }

    [Fact] // the loop hangs on its own thread; the watch speaks on the one that moves the clock
    public async Task A_group_that_hangs_is_named_once_before_the_watchdog_bites_and_nothing_strokes()
    {
        Tick(isSampling: true);
        using var entered = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        Task tick = Task.Run(() =>
        {
            _groups.Sensors.Begin();
            entered.Set();
            goOn.Wait(Hang);
            _groups.Sensors.End(Period);
            _keeper.TickFinished(areSensorsRead: true);
        });
        Assert.True(entered.Wait(Hang));
        Wait(18); // a second before it bites
        (List<string> raised, List<string> console, long strokes, string? reason) = ([.. _events.Raised], [.. _console], _device.Length, ReasonOfNextBoot("2"));
        goOn.Set();
        await tick.WaitAsync(Hang, TimeProvider.System);
        Assert.Equal(["rate-group.hung sensors 6 runs"], raised);
        Assert.Equal(["rate group sensors runs since 6.0 s; the watchdog is not stroked"], console);
        Assert.Equal(1, strokes);
        Assert.Equal("watchdog:sensors", reason);
    }

    [Fact]
    public void A_group_that_does_not_come_to_its_turn_is_named_and_finished_ticks_stroke_no_more()
    {
        Tick(isSampling: true, skipped: _groups.Model);
        for (int i = 1; i < 30; i++)
            Tick(isSampling: i % 10 == 0, skipped: _groups.Model);
        Assert.Equal(["rate-group.hung model 17 does not come to its turn"], _events.Raised);
        Assert.Equal(17, _device.Length); // of 30 ticks, those up to period, tick and patience
        Assert.Equal("watchdog:model", ReasonOfNextBoot("2"));
    }

    [Fact]
    public void One_that_comes_back_lets_stroke_again_and_is_not_blamed_for_a_later_reset()
    {
        _groups.Scheduler.Begin();
        Wait(7);
        Assert.Equal(["rate-group.hung scheduler 6 runs"], _events.Raised);
        _groups.Scheduler.End(Second);
        Tick(isSampling: true);
        Tick(isSampling: false);
        Assert.Equal(2, _device.Length);
        Assert.Equal("watchdog", ReasonOfNextBoot("2"));
        Assert.Single(_events.Raised);
    }

    [Fact]
    public void The_record_is_for_one_boot_and_for_the_watchdog_s_reset_alone()
    {
        _groups.Housekeeping.Begin();
        Wait(7);
        Assert.Equal("agent-restart", ReasonOfNextBoot("1"));
        Assert.Equal("watchdog", ReasonOfNextBoot("2"));
    }

    public void Dispose()
    {
        _watch.Dispose();
        _keeper.Dispose();
        _device.Dispose();
        _database.Dispose();
        _folder.Dispose();
    }
}
