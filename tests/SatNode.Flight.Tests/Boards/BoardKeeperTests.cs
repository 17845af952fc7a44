using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Boards;
using SatNode.Flight.RateGroups;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Boards;

namespace SatNode.Flight.Tests.Boards;

public sealed class BoardKeeperTests : IDisposable
{
    private static readonly TimeSpan Check = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _machine = new();
    private readonly RecordingEvents _events = new();
    private readonly FlightDatabase _database;
    private readonly LoopGroups _groups;
    private MemoryStream _device = new();

    public BoardKeeperTests()
    {
        File.WriteAllBytes(BlockPath, new byte[BootStateStore.BlockBytes]);
        _database = FlightDatabase.Open(_folder.File("flight.db"));
        _groups = new(rate: 1, Second, Check, _machine);
    }

    private string BlockPath => _folder.File("boot-state");

    private FileStream OpenBlock() => new FileStream(BlockPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);

    private BootState? Stored
    {
        get
        {
            using Stream block = OpenBlock();
            return new BootStateStore(block).Read();
        }
        set
        {
            using Stream block = OpenBlock();
            new BootStateStore(block).Write(value!);
        }
    }

    private BoardKeeper Boot(BootSlot slot, string kernelBoot, bool byWatchdog = false)
    {
        _device = new();
        var keeper = new BoardKeeper(new(slot, OpenBlock, new Watchdog(_device, byWatchdog), null), kernelBoot, Check, Second, _groups, _database, _events, _machine);
        keeper.Report();
        return keeper;
    }

    private List<string> Raised => _events.Raised;

    private void Tick(BoardKeeper keeper, int seconds, bool areSensorsRead = true)
    {
        for (int i = 0; i < seconds; i++)
        {
            keeper.TickFinished(areSensorsRead);
            _machine.Advance(Second);
        }
    }

    [Fact]
    public void A_finished_tick_strokes_once_and_time_alone_never()
    {
        using BoardKeeper keeper = Boot(BootSlot.A, "1");
        _machine.Advance(TimeSpan.FromHours(1));
        Assert.Empty(_device.ToArray());
        keeper.TickFinished(areSensorsRead: true);
        Assert.Equal("\0"u8.ToArray(), _device.ToArray());
        keeper.Disarm();
        Assert.Equal("\0V"u8.ToArray(), _device.ToArray());
    }

    [Fact]
    public void The_end_without_being_asked_does_not_disarm()
    {
        Boot(BootSlot.A, "1").Dispose();
        Assert.Empty(_device.ToArray());
    }

    [Fact]
    public void A_slot_on_trial_is_confirmed_after_its_health_check()
    {
        Stored = BootState.Initial.StageTrial().NextBoot().State;
        using BoardKeeper keeper = Boot(BootSlot.B, "1");
        Assert.True(keeper.IsTrial);
        Tick(keeper, 10);
        Assert.True(keeper.IsTrial);
        Assert.NotNull(Stored!.Trial);
        Tick(keeper, 1);
        Assert.False(keeper.IsTrial);
        Assert.Equal(new BootState(BootSlot.B, null, null), Stored);
        Assert.Equal(["slot.confirmed b"], Raised);
        Assert.False(keeper.Failed.IsCompleted);
    }

    [Fact]
    public async Task A_slot_on_trial_that_is_not_well_is_not_confirmed_and_the_agent_is_to_end()
    {
        Stored = BootState.Initial.StageTrial().NextBoot().State;
        using BoardKeeper keeper = Boot(BootSlot.B, "1");
        Tick(keeper, 30, areSensorsRead: false);
        Assert.False(keeper.Failed.IsCompleted);
        Tick(keeper, 1, areSensorsRead: false);
        Assert.Equal("a sensor does not answer", await keeper.Failed);
        Assert.Equal(BootState.Initial.StageTrial().NextBoot().State, Stored);
        Assert.Equal(["health-check.failed b a sensor does not answer"], Raised);
        Assert.True(keeper.IsTrial);
        using (BoardKeeper next = Boot(BootSlot.B, "2"))
            Assert.Equal("health-check", next.ResetReason);
        using BoardKeeper later = Boot(BootSlot.B, "3");
        Assert.Equal("power-on", later.ResetReason);
    }

    [Fact]
    public void A_confirmed_slot_is_not_checked_and_nothing_is_written()
    {
        Stored = new BootState(BootSlot.B, null, null);
        byte[] before = File.ReadAllBytes(BlockPath);
        using BoardKeeper keeper = Boot(BootSlot.B, "1");
        Tick(keeper, 100, areSensorsRead: false);
        Assert.Equal(before, File.ReadAllBytes(BlockPath));
        Assert.False(keeper.IsTrial || keeper.Failed.IsCompleted);
        Assert.Empty(Raised);
    }

    [Fact] // the confirmed slot may boot while the other is staged: the trial is not its own
    public void Only_the_slot_on_trial_confirms_itself()
    {
        Stored = BootState.Initial.StageTrial();
        using BoardKeeper keeper = Boot(BootSlot.A, "1");
        Tick(keeper, 20);
        Assert.Equal(BootState.Initial.StageTrial(), Stored);
    }

    [Fact]
    public async Task A_boot_state_that_cannot_be_written_fails_the_check()
    {
        Stored = BootState.Initial.StageTrial().NextBoot().State;
        using BoardKeeper keeper = Boot(BootSlot.B, "1");
        File.Delete(BlockPath);
        Tick(keeper, 11);
        string fault = await keeper.Failed;
        Assert.StartsWith("the boot state can't be written: ", fault, StringComparison.Ordinal);
        Assert.Equal([$"health-check.failed b {fault}"], Raised);
    }

    [Fact]
    public void A_reset_by_the_watchdog_is_told_and_counted_once_a_boot_of_the_kernel()
    {
        using (BoardKeeper first = Boot(BootSlot.A, "1"))
            Assert.Equal(("power-on", 0L), (first.ResetReason, first.WatchdogResets));
        using (BoardKeeper second = Boot(BootSlot.A, "2", byWatchdog: true))
            Assert.Equal(("watchdog", 1L), (second.ResetReason, second.WatchdogResets));
        using (BoardKeeper restarted = Boot(BootSlot.A, "2", byWatchdog: true)) // the device still says so
            Assert.Equal(("agent-restart", 1L), (restarted.ResetReason, restarted.WatchdogResets));
        using (BoardKeeper third = Boot(BootSlot.A, "3", byWatchdog: true))
            Assert.Equal(("watchdog", 2L), (third.ResetReason, third.WatchdogResets));
        using BoardKeeper fourth = Boot(BootSlot.A, "4");
        Assert.Equal(("power-on", 2L), (fourth.ResetReason, fourth.WatchdogResets));
    }

    [Fact]
    public void A_kernel_that_does_not_say_who_it_is_is_never_the_same()
    {
        Boot(BootSlot.A, "").Dispose();
        using BoardKeeper keeper = Boot(BootSlot.A, "");
        Assert.Equal("power-on", keeper.ResetReason);
    }

    [Fact]
    public void A_rollback_is_told_once_and_the_next_one_again()
    {
        for (int round = 0; round < 2; round++)
        {
            Stored = BootState.Initial.StageTrial();
            Stored = Stored.RollBack(RollbackReason.BadImage).State;
            using (BoardKeeper after = Boot(BootSlot.A, $"{round}a"))
                Assert.Equal("rollback", after.ResetReason);
            using BoardKeeper later = Boot(BootSlot.A, $"{round}b");
            Assert.Equal("power-on", later.ResetReason);
        }
        Assert.Equal(["slot.rolled-back b bad image", "slot.rolled-back b bad image"], Raised);
    }

    [Fact]
    public void What_cannot_be_used_is_an_event_and_no_more()
    {
        File.Delete(BlockPath);
        using var keeper = new BoardKeeper(new(BootSlot.A, OpenBlock, null, "/dev/watchdog: No such file or directory"), "1", Check, Second, _groups, _database, _events, _machine);
        keeper.Report();
        Tick(keeper, 20);
        keeper.Disarm();
        Assert.Equal(2, Raised.Count);
        Assert.Equal("board-part.failed watchdog /dev/watchdog: No such file or directory", Raised[0]);
        Assert.StartsWith("board-part.failed boot-state ", Raised[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_watchdog_that_fails_in_flight_is_told_once()
    {
        using var keeper = new BoardKeeper(new(BootSlot.A, OpenBlock, new Watchdog(new BrokenDevice(), hasReset: false), null), "1", Check, Second, _groups, _database, _events, _machine);
        Tick(keeper, 5);
        keeper.Disarm();
        Assert.Equal(["board-part.failed watchdog No such device"], Raised);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    private sealed class BrokenDevice : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No such device");
    }
}
