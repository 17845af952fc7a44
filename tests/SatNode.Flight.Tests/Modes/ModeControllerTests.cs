using SatNode.Flight.Modes;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Tests.Modes;

public sealed class ModeControllerTests : IDisposable
{
    private static readonly Temperature Cool = Temperature.FromCelsius(40);
    private static readonly Ratio Full = new(0.9);

    private readonly TemporaryFolder _folder = new();
    private readonly RecordingEvents _events = new();
    private FlightDatabase _database;
    private ModeController _modes;

    public ModeControllerTests()
    {
        _database = FlightDatabase.Open(_folder.File("flight.db"));
        _modes = new(new(), _database, _events);
    }

    private void Update(Temperature board, Ratio charge, int times = 3)
    {
        for (int i = 0; i < times; i++)
            _modes.Update(board, charge);
    }

    [Fact]
    public void Low_charge_enters_and_enough_charge_leaves()
    {
        Update(Cool, new(0.20), times: 10);
        Update(Cool, new(0.199), times: 2);
        Assert.False(_modes.IsSafe);
        Update(Cool, new(0.199), times: 1);
        Assert.True(_modes.IsSafe);
        Update(Cool, new(0.299), times: 100);
        Assert.True(_modes.IsSafe);
        Update(Cool, new(0.30), times: 1);
        Assert.False(_modes.IsSafe);
        Assert.Equal(["mode.changed safe low-charge", "mode.changed nominal low-charge ended"], _events.Raised);
    }

    [Fact]
    public void A_hot_board_enters_and_a_cool_one_leaves()
    {
        Update(Temperature.FromCelsius(80), Full, times: 10);
        Assert.False(_modes.IsSafe);
        Update(Temperature.FromCelsius(80.1), Full);
        Update(Temperature.FromCelsius(70.1), Full);
        Assert.True(_modes.IsSafe);
        Update(Temperature.FromCelsius(70), Full, times: 1);
        Assert.Equal(["mode.changed safe hot-board", "mode.changed nominal hot-board ended"], _events.Raised);
    }

    [Fact]
    public void One_sample_is_a_spike()
    {
        for (int i = 0; i < 10; i++)
        {
            Update(Temperature.FromCelsius(90), new(0.1), times: 2);
            Update(Cool, Full, times: 1);
        }
        Assert.Empty(_events.Raised);
    }

    [Fact]
    public void Unknown_neither_enters_nor_leaves()
    {
        Update(new(double.NaN), new(double.NaN), times: 10);
        Assert.False(_modes.IsSafe);
        Update(Cool, new(0.1));
        Update(new(double.NaN), new(double.NaN), times: 10);
        Assert.True(_modes.IsSafe);
    }

    [Fact]
    public void A_command_holds_through_a_reset_until_a_command_leaves()
    {
        _modes.Enter();
        _modes.Enter();
        Update(Cool, Full, times: 10);
        _database.Dispose();
        _database = FlightDatabase.Open(_folder.File("flight.db"));
        _modes = new(new(), _database, _events);
        Assert.True(_modes.IsSafe);
        Assert.True(_modes.Leave());
        Assert.False(_modes.IsSafe);
        Assert.Equal(["mode.changed safe command", "mode.changed nominal command ended"], _events.Raised);
        _database.Dispose();
        _database = FlightDatabase.Open(_folder.File("flight.db"));
        Assert.False(new ModeController(new(), _database, _events).IsSafe);
    }

    [Fact]
    public void A_command_does_not_leave_what_low_charge_holds()
    {
        _modes.Enter();
        Update(Cool, new(0.1));
        Assert.False(_modes.Leave());
        Assert.True(_modes.IsSafe);
        Update(Cool, Full, times: 1);
        Assert.False(_modes.IsSafe);
        Assert.Equal(2, _events.Raised.Count);
    }

    [Fact]
    public void Limits_that_would_chatter_are_refused() =>
        Assert.Throws<ArgumentException>(() => new ModeController(new() { NominalFromCharge = new(0.20) }, _database, _events));

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }
}
