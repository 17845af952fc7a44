using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Sensors;

namespace SatNode.Flight.Tests.Sensors;

public sealed class BoardClockTests : IDisposable
{
    private readonly SimulatedBus _bus = new();
    private readonly FakeTimeProvider _time = new(new(2026, 8, 15, 12, 0, 0, TimeSpan.Zero));

    public BoardClockTests() => Shows("2026-08-15T12:00:00Z");

    public void Dispose() => _bus.Dispose();

    [Theory]
    [InlineData("2026-08-15T12:02:00Z", false)] // the machine's clock is as good
    [InlineData("2026-08-15T12:02:01Z", true)]  // it has fallen back
    [InlineData("2036-08-15T12:00:00Z", true)]
    [InlineData("2099-01-01T00:00:00Z", false)] // nobody was off for so long
    [InlineData("2000-01-01T00:00:00Z", false)] // behind: the machine's was set from a network
    public void The_real_time_clock_counts_when_the_machines_has_fallen_back(string shown, bool counts)
    {
        Shows(shown);
        DateTimeOffset? better = BoardClock.BetterThan(_bus, _time);
        Assert.Equal(counts ? DateTimeOffset.Parse(shown, System.Globalization.CultureInfo.InvariantCulture) : null, better);
    }

    [Fact]
    public void One_that_had_stopped_counts_never()
    {
        Shows("2030-01-01T00:00:00Z");
        _bus[0x68].Byte(0x0F, 0x88);
        Assert.Null(BoardClock.BetterThan(_bus, _time));
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xFF)]
    [InlineData(null)]
    public void A_board_without_one_keeps_the_machines_time(int? stuck)
    {
        _bus[0x68].StuckAt = (byte?)stuck;
        _bus[0x68].IsAbsent = stuck is null;
        Assert.Null(BoardClock.BetterThan(_bus, _time));
    }

    [Fact]
    public void Readings_that_do_not_agree_are_no_time()
    {
        Shows("2030-01-01T00:00:00Z");
        _time.AutoAdvanceAmount = TimeSpan.FromSeconds(1.5); // as a stuck chip would have it: time goes on and it does not
        Assert.Null(BoardClock.BetterThan(_bus, _time));
    }

    private void Shows(string time)
    {
        new Ds3231(_bus[0x68]).SetTime(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture));
        _bus[0x68].Byte(0x0F, 0x08);
    }
}
