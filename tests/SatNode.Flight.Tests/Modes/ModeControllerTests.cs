using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Modes;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Tests.Modes;

public sealed class ModeControllerTests : IDisposable
{
    private static readonly Temperature Cool = Temperature.FromCelsius(40);
    private static readonly Ratio Full = new(0.9);
    private static readonly Ratio Unknown = new(double.NaN);
    private static readonly TimeSpan HoldOff = new ModeOptions().HoldOff;
    private static readonly TimeSpan UnknownAfter = new ModeOptions().UnknownAfter;

    private readonly TemporaryFolder _folder = new();
    private readonly RecordingEvents _events = new();
    private readonly FakeTimeProvider _time = new(new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero));
    private FlightDatabase _database;
    private ModeController _modes;

    public ModeControllerTests()
    {
        _database = FlightDatabase.Open(_folder.File("flight.db"));
        _modes = new(new(), _database, _events, _time);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Low_charge_enters_and_enough_charge_for_the_hold_off_leaves()
    {
        Update(Cool, new(0.20), times: 10);
        Update(Cool, new(0.199), times: 2);
        Assert.False(_modes.IsSafe);
        Update(Cool, new(0.199), times: 1);
        Assert.Equal((true, ModeReasons.LowCharge), (_modes.IsSafe, _modes.Reasons));
        _time.Advance(HoldOff);
        Update(Cool, new(0.299), times: 100);
        Assert.True(_modes.IsSafe);
        Update(Cool, new(0.30), times: 1);
        _time.Advance(HoldOff - TimeSpan.FromSeconds(1));
        Update(Cool, new(0.30), times: 1);
        Assert.True(_modes.IsSafe);
        _time.Advance(TimeSpan.FromSeconds(1));
        Update(Cool, new(0.30), times: 1);
        Assert.False(_modes.IsSafe);
        Assert.Equal(["mode.changed safe low-charge", "mode.changed nominal low-charge ended"], _events.Raised);
    }

    [Fact]
    public void A_dip_begins_the_hold_off_anew()
    {
        Update(Cool, new(0.1));
        Update(Cool, Full);
        _time.Advance(HoldOff - TimeSpan.FromSeconds(1));
        Update(Cool, new(0.29), times: 1);
        Update(Cool, Full, times: 1);
        _time.Advance(TimeSpan.FromSeconds(1));
        Update(Cool, Full);
        Assert.True(_modes.IsSafe);
    }

    [Fact]
    public void A_hot_board_enters_and_a_cool_one_leaves()
    {
        Update(Temperature.FromCelsius(80), Full, times: 10);
        Assert.False(_modes.IsSafe);
        Update(Temperature.FromCelsius(80.1), Full);
        _time.Advance(HoldOff);
        Update(Temperature.FromCelsius(70.1), Full);
        Assert.True(_modes.IsSafe);
        Update(Temperature.FromCelsius(70), Full, times: 1);
        _time.Advance(HoldOff);
        Update(Temperature.FromCelsius(70), Full, times: 1);
        Assert.Equal(["mode.changed safe hot-board", "mode.changed nominal hot-board ended"], _events.Raised);
    }

    [Fact]
    public void One_sample_is_a_spike()
    {
        for (int i = 0; i < 10; i++)
        {
            Update(Temperature.FromCelsius(90), new(0.1), times: 2, ahead: new(0.1));
            Update(Cool, Full, times: 1, ahead: Full);
        }
        Assert.Empty(_events.Raised);
    }

    [Fact]
    public void Unknown_neither_enters_nor_leaves()
    {
        Update(new(double.NaN), Unknown, times: 10);
        Assert.Equal(OperatingMode.Nominal, _modes.Mode);
        Update(Cool, new(0.1), ahead: new(0.1));
        _time.Advance(HoldOff);
        Update(new(double.NaN), Unknown, times: 10);
        Assert.Equal(ModeReasons.LowCharge | ModeReasons.SavingForecast, _modes.Reasons);
    }

    [Fact]
    public void Unknown_samples_between_bad_ones_are_passed_over()
    {
        for (int i = 0; i < 3; i++)
        {
            Assert.False(_modes.IsSafe);
            Update(Cool, Unknown, times: 1);
            _time.Advance(TimeSpan.FromSeconds(10));
            Update(Cool, new(0.1), times: 1);
        }
        Assert.Equal(ModeReasons.LowCharge, _modes.Reasons);
    }

    [Fact]
    public void Unknown_samples_for_a_minute_do_not_begin_the_hold_off_anew_and_never_leave()
    {
        Update(Temperature.FromCelsius(90), new(0.1));
        Update(Cool, Full);
        _time.Advance(HoldOff - UnknownAfter);
        Update(Cool, Full, times: 1);
        _time.Advance(UnknownAfter);
        Update(new(double.NaN), Unknown); // the hold-off is over, but who knows how it is now
        Assert.True(_modes.IsSafe);
        Update(Cool, Full, times: 1);
        Assert.Equal(OperatingMode.Nominal, _modes.Mode);
    }

    [Fact]
    public void Unknown_for_longer_begins_the_hold_off_and_the_bad_samples_anew()
    {
        Update(Cool, new(0.1));
        Update(Cool, Full);
        _time.Advance(UnknownAfter + TimeSpan.FromSeconds(1));
        Update(Cool, Unknown);
        _time.Advance(HoldOff);
        Update(Cool, Full);
        Assert.True(_modes.IsSafe);
        _time.Advance(HoldOff);
        Update(Cool, Full, times: 1);
        Assert.False(_modes.IsSafe);

        Update(Temperature.FromCelsius(90), Full, times: 2);
        _time.Advance(UnknownAfter + TimeSpan.FromSeconds(1));
        Update(new(double.NaN), Full, times: 1);
        Update(Temperature.FromCelsius(90), Full, times: 2);
        Assert.False(_modes.IsSafe);
        Update(Temperature.FromCelsius(90), Full, times: 1);
        Assert.True(_modes.IsSafe);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_command_leaves_safe_mode_when_the_sensor_that_entered_it_is_dead_and_nothing_else_does(bool isCharge)
    {
        Temperature board = isCharge ? Cool : Temperature.FromCelsius(90), deadBoard = isCharge ? Cool : new(double.NaN);
        Ratio charge = isCharge ? new(0.1) : Full, deadCharge = isCharge ? Unknown : Full;
        Update(board, charge);
        _time.Advance(UnknownAfter);
        Update(deadBoard, deadCharge);
        Assert.False(_modes.Leave()); // a minute is no death
        _time.Advance(TimeSpan.FromSeconds(1));
        Update(deadBoard, deadCharge);
        _time.Advance(HoldOff * 100);
        Update(deadBoard, deadCharge);
        Assert.True(_modes.IsSafe);
        Assert.True(_modes.Leave());
        Update(deadBoard, deadCharge, times: 10);
        Assert.Equal(OperatingMode.Nominal, _modes.Mode); // admission lets nothing in that it cannot judge
        Update(board, charge);
        Assert.True(_modes.IsSafe); // what comes back counts
    }

    [Fact]
    public void A_command_leaves_eclipse_saving_when_there_is_no_forecast_any_more_and_nothing_else_does()
    {
        Update(Cool, Full, ahead: new(0.1));
        _time.Advance(UnknownAfter);
        Update(Cool, Full, ahead: Unknown);
        Assert.False(_modes.StopSaving());
        _time.Advance(HoldOff * 100);
        Update(Cool, Full, ahead: Unknown);
        Assert.Equal(OperatingMode.EclipseSaving, _modes.Mode);
        Assert.True(_modes.StopSaving());
        Assert.Equal(OperatingMode.Nominal, _modes.Mode);
    }

    [Fact]
    public void A_command_holds_through_a_reset_until_a_command_leaves()
    {
        _modes.Enter();
        _modes.Enter();
        _time.Advance(HoldOff);
        Update(Cool, Full, times: 10);
        Restart();
        Assert.True(_modes.IsSafe);
        Assert.True(_modes.Leave());
        Assert.False(_modes.IsSafe);
        Assert.Equal(["mode.changed safe command", "mode.changed nominal command ended"], _events.Raised);
        Restart();
        Assert.False(_modes.IsSafe);
    }

    [Fact]
    public void A_reason_survives_a_reset_and_its_hold_off_begins_anew()
    {
        Update(Cool, new(0.1));
        Restart();
        Assert.Equal(ModeReasons.LowCharge, _modes.Reasons);
        Update(Cool, Full);
        Assert.True(_modes.IsSafe);
        _time.Advance(HoldOff);
        Update(Cool, Full, times: 1);
        Assert.False(_modes.IsSafe);
    }

    [Fact]
    public void A_command_of_an_agent_before_this_one_still_holds()
    {
        _database.TryWrite(_database, static database => database.WriteMeta("safe_mode_commanded", 1));
        _modes = new(new(), _database, _events, _time);
        Assert.Equal(ModeReasons.Command, _modes.Reasons);
    }

    [Fact]
    public void A_command_leaves_before_the_hold_off_but_not_what_low_charge_holds()
    {
        _modes.Enter();
        Update(Cool, new(0.1));
        Assert.False(_modes.Leave());
        Assert.Equal(ModeReasons.LowCharge, _modes.Reasons);
        Update(Cool, Full, times: 1);
        Assert.True(_modes.IsSafe);
        Assert.True(_modes.Leave());
        Assert.Equal(2, _events.Raised.Count);
    }

    [Theory]
    [InlineData(0.3049, true)]
    [InlineData(0.305, false)] // half a per cent over the reserve is enough
    public void A_forecast_under_the_reserve_enters_eclipse_saving(double ahead, bool enters)
    {
        Update(Cool, Full, ahead: new(ahead));
        Assert.Equal(enters ? OperatingMode.EclipseSaving : OperatingMode.Nominal, _modes.Mode);
        Assert.Equal(enters ? 7 : 0, _modes.PriorityMin);
        if (!enters)
            return;
        Update(Cool, Full, times: 10, ahead: new(0.3299));
        Assert.Equal(OperatingMode.EclipseSaving, _modes.Mode);
        Update(Cool, Full, times: 1, ahead: new(0.33));
        Assert.Equal(["mode.changed eclipse-saving charge-forecast", "mode.changed nominal charge-forecast ended"], _events.Raised);
    }

    [Fact]
    public void Safe_mode_is_graver_than_eclipse_saving_and_leaves_into_it()
    {
        _modes.Save();
        Assert.Equal(OperatingMode.EclipseSaving, _modes.Mode);
        _modes.Enter();
        Assert.Equal((OperatingMode.Safe, ModeController.NoPriority), (_modes.Mode, _modes.PriorityMin));
        Assert.True(_modes.Leave());
        Assert.Equal(OperatingMode.EclipseSaving, _modes.Mode);
        Update(Cool, Full, ahead: new(0.1));
        Assert.False(_modes.StopSaving());
        Update(Cool, Full, times: 1, ahead: Full);
        Assert.Equal(OperatingMode.Nominal, _modes.Mode);
        Assert.Equal(["mode.changed eclipse-saving saving-command", "mode.changed safe command", "mode.changed eclipse-saving command ended", "mode.changed nominal charge-forecast ended"],
            _events.Raised);
    }

    [Fact]
    public void Ending_unasked_five_times_in_a_row_is_a_fault_that_enters_safe_mode()
    {
        for (int i = 0; i < 4; i++)
            Restart();
        Assert.False(_modes.IsSafe);
        Restart();
        Assert.Equal((OperatingMode.Safe, ModeReasons.RepeatedFaults), (_modes.Mode, _modes.Reasons));
        _time.Advance(HoldOff);
        Update(Cool, Full, times: 1); // it has run long enough
        Assert.False(_modes.IsSafe);
        Restart();
        Assert.False(_modes.IsSafe);
        Assert.Equal(["mode.changed safe repeated-faults", "mode.changed nominal repeated-faults ended"], _events.Raised);
    }

    [Fact]
    public void Ends_that_were_asked_for_are_no_faults()
    {
        for (int i = 0; i < 10; i++)
        {
            _modes.EndInOrder();
            Restart();
        }
        Assert.False(_modes.IsSafe);
    }

    [Fact]
    public void Limits_that_would_chatter_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ModeController(new() { NominalFromCharge = new(0.20) }, _database, _events, _time));
        Assert.Throws<ArgumentException>(() => new ModeController(new() { NominalMargin = new(0.005) }, _database, _events, _time));
        Assert.Throws<ArgumentException>(() => new ModeController(new() { SavingPriority = 10 }, _database, _events, _time));
    }

    private void Restart()
    {
        _database.Dispose();
        _database = FlightDatabase.Open(_folder.File("flight.db"));
        _modes = new(new(), _database, _events, _time);
    }

    private void Update(Temperature board, Ratio charge, int times = 3, Ratio? ahead = null)
    {
        for (int i = 0; i < times; i++)
            _modes.Update(board, charge, ahead ?? Unknown);
    }
}
