using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Housekeeping;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using HousekeepingBody = SatNode.Protocol.Telemetry.Housekeeping;

namespace SatNode.Flight.Tests.Housekeeping;

public sealed class ParameterMonitorTests : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingEvents _events = new();
    private FlightDatabase _database;
    private ParameterMonitor _monitor;

    public ParameterMonitorTests()
    {
        _database = FlightDatabase.Open(_folder.File("flight.db"));
        _monitor = new(_database, _events, _time);
    }

    private void Take(ParameterDefinition parameter, params double[] values)
    {
        foreach (double value in values)
        {
            _monitor.Check(new HousekeepingBody([new ParameterSample(parameter.Id, value)]));
            _time.Advance(Period);
        }
    }

    private void Board(params double[] kelvins) => Take(Parameters.BoardTemperature, kelvins);

    private void Reboot()
    {
        _database.Dispose();
        _database = FlightDatabase.Open(_folder.File("flight.db"));
        _monitor = new(_database, _events, _time);
    }

    private IEnumerable<string> OfLimits => _events.Raised.Where(text => text.StartsWith("limit.", StringComparison.Ordinal));

    [Fact]
    public void The_limit_itself_is_nominal()
    {
        Board(348.15, 348.15, 348.15, 348.15, 253.15, 253.15, 253.15);
        Assert.Empty(_events.Raised);
    }

    [Fact]
    public void Each_change_of_state_is_told_once_with_the_limit_that_was_crossed()
    {
        Board(349, 349, 349, 350, 354, 354, 354, 360, 350, 350, 350, 300, 300, 300, 300);
        Assert.Equal(
            [
                "limit.soft-violated board.temperature 349 348.15 nominal soft-high", "limit.hard-violated board.temperature 354 353.15 soft-high hard-high",
                "limit.soft-violated board.temperature 350 353.15 hard-high soft-high", "limit.cleared board.temperature 300 348.15 soft-high nominal",
            ], OfLimits);
    }

    [Fact]
    public void A_fall_through_both_low_limits_is_an_alarm_and_the_way_back_is_one_event()
    {
        Board(230, 230, 230, 300, 300, 300);
        Assert.Equal(["limit.hard-violated board.temperature 230 243.15 nominal hard-low", "limit.cleared board.temperature 300 253.15 hard-low nominal"], OfLimits);
    }

    [Fact]
    public void From_one_side_to_the_other_the_new_limit_is_told()
    {
        Board(250, 250, 250, 360, 360, 360);
        Assert.Equal("limit.hard-violated board.temperature 360 353.15 soft-low hard-high", OfLimits.Last());
    }

    [Fact] // each limit counts for itself
    public void Samples_between_warning_and_alarm_are_a_warning()
    {
        Board(350, 354, 350, 354, 350, 354);
        Assert.Equal(["limit.soft-violated board.temperature 350 348.15 nominal soft-high"], OfLimits);
        Board(354, 354);
        Assert.Equal("limit.hard-violated board.temperature 354 353.15 soft-high hard-high", OfLimits.Last());
    }

    [Fact]
    public void Two_samples_are_a_spike()
    {
        Board(349, 349, 340, 349, 349, 340);
        Assert.Empty(_events.Raised);
    }

    [Fact] // within its accuracy of the limit a parameter is neither
    public void Noise_at_the_limit_does_not_chatter()
    {
        Board(349, 349, 349);
        for (int i = 0; i < 20; i++)
            Board(348.1, 348.2, 347.9);
        Assert.Single(OfLimits);
        Board(347.59, 347.59, 347.59); // more than 0.55 K below
        Assert.Equal(2, OfLimits.Count());
    }

    [Fact]
    public void A_narrow_range_can_be_entered_again()
    {
        Assert.True(_monitor.TrySet(Parameters.BoardTemperature, new(new(300, 300.4), default, 1)));
        Board(299, 300.2);
        Assert.Equal("limit.cleared board.temperature 300.2 300 soft-low nominal", OfLimits.Last());
    }

    [Fact]
    public void One_sided_limits_work()
    {
        Take(Parameters.StateOfCharge, 0.19, 0.19, 0.19);
        Take(Parameters.OutboxDepth, 50_001, 50_001, 50_001, 49_501, 49_501, 49_501); // 1 % is 500
        Assert.Equal(["limit.soft-violated battery.state-of-charge 0.19 0.2 nominal soft-low", "limit.soft-violated outbox.depth 50001 50000 nominal soft-high"], OfLimits);
        Take(Parameters.OutboxDepth, 49_500, 49_500, 49_500);
        Assert.Equal("limit.cleared outbox.depth 49500 50000 soft-high nominal", OfLimits.Last());
    }

    [Fact]
    public void What_is_not_a_number_is_not_judged()
    {
        Board(349, 349, double.NaN, double.PositiveInfinity, double.NaN);
        Assert.Empty(OfLimits);
        Board(349);
        Assert.Single(OfLimits);
    }

    [Fact] // 90 s are in time, more are not
    public void A_sensor_that_falls_silent_is_stale_once_and_told_again_when_it_is_back()
    {
        Board(300);
        Board([.. Enumerable.Repeat(double.NaN, 9)]); // the last look is 90 s after the sample
        Assert.DoesNotContain(_events.Raised, text => text.Contains("board.temperature", StringComparison.Ordinal));
        Board(double.NaN, double.NaN, double.NaN);
        Board(301, 301);
        Assert.Equal(["parameter.stale board.temperature 100 nominal stale", "parameter.recovered board.temperature 301 130 stale nominal"],
            _events.Raised.Where(text => text.Contains("board.temperature", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_sensor_that_never_answers_is_stale_and_the_others_go_on()
    {
        Take(Parameters.StructureTemperature, [.. Enumerable.Repeat(340.0, 11)]);
        Assert.Contains("parameter.stale solar.power 100 nominal stale", _events.Raised);
        Assert.Equal(["limit.soft-violated structure.temperature 340 333.15 nominal soft-high"], OfLimits);
        Assert.DoesNotContain(_events.Raised, text => text.StartsWith("parameter.stale structure", StringComparison.Ordinal));
        Assert.DoesNotContain(_events.Raised, text => text.Contains("agent.", StringComparison.Ordinal)); // what no sensor tells does not age
    }

    [Fact] // staleness ends a state: after it the limits are judged anew
    public void A_violation_before_staleness_is_told_again_after_it()
    {
        Board(349, 349, 349);
        Board([.. Enumerable.Repeat(double.NaN, 10)]);
        Board(349, 349, 349);
        Assert.Equal(["limit.soft-violated", "parameter.stale", "parameter.recovered", "limit.soft-violated"],
            _events.Raised.Where(text => text.Contains("board.temperature", StringComparison.Ordinal)).Select(text => text.Split(' ')[0]));
    }

    [Fact]
    public void Limits_of_a_command_hold_at_once_and_after_a_reboot()
    {
        var limits = new ParameterLimits(new(null, 310), new(null, 320), 2);
        Assert.True(_monitor.TrySet(Parameters.BoardTemperature, limits));
        Board(311, 311);
        Reboot();
        Board(321, 321);
        Assert.Equal(["limit.soft-violated board.temperature 311 310 nominal soft-high", "limit.hard-violated board.temperature 321 320 nominal hard-high"], OfLimits);
        Assert.Equal("board.temperature: hard-high; soft ..310, hard ..320 kelvin, persistence 2, by command; expected at least every 90 s", _monitor.Describe(Parameters.BoardTemperature));
        Assert.Equal("not nominal: board.temperature hard-high; limits by command: board.temperature", _monitor.DescribeAll());
    }

    [Fact]
    public void A_violation_ends_when_its_limit_is_taken_away()
    {
        Board(349, 349, 349);
        Assert.True(_monitor.TrySet(Parameters.BoardTemperature, ParameterLimits.None));
        Board(349, 349, 349);
        Assert.Equal("limit.cleared board.temperature 349 none soft-high nominal", OfLimits.Last());
    }

    [Fact]
    public void What_is_disabled_is_not_watched_until_it_is_enabled_also_after_a_reboot()
    {
        Assert.True(_monitor.TryEnable(Parameters.BoardTemperature, isEnabled: false));
        Board(360, 360, 360);
        Board([.. Enumerable.Repeat(double.NaN, 12)]);
        Reboot();
        Board(360, 360, 360);
        Assert.DoesNotContain(_events.Raised, text => text.Contains("board.temperature", StringComparison.Ordinal));
        Assert.Equal("disabled: board.temperature", _monitor.DescribeAll().Split("; ")[^1]);
        Assert.True(_monitor.TryEnable(Parameters.BoardTemperature, isEnabled: true));
        Board(360, 360, 360);
        Assert.Equal(["limit.hard-violated board.temperature 360 353.15 nominal hard-high"], OfLimits);
        Reboot();
        Assert.Equal("board.temperature: nominal; soft 253.15..348.15, hard 243.15..353.15 kelvin, persistence 3, by the dictionary; expected at least every 90 s",
            _monitor.Describe(Parameters.BoardTemperature)); // enabling wrote none of the dictionary's limits down
    }

    [Fact]
    public void Limits_with_a_fault_are_refused() =>
        Assert.Throws<ArgumentException>(() => _monitor.TrySet(Parameters.BoardTemperature, new(new(310, 300), default)));

    [Fact]
    public void Rows_that_cannot_be_watched_by_leave_the_dictionary_s_limits()
    {
        Assert.True(_monitor.TrySet(Parameters.BoardTemperature, new(new(300, 310), default)));
        Assert.True(_database.TryWrite(_database, static database =>
        {
            using var damage = database.Prepare("UPDATE monitoring SET soft_low = 1e9; INSERT INTO monitoring VALUES (60000, 1, NULL, NULL, NULL, NULL, NULL)");
            damage.ExecuteNonQuery();
        }));
        Reboot();
        Assert.Equal("all nominal, by the dictionary's limits", _monitor.DescribeAll());
    }

    [Fact]
    public void What_the_disk_refuses_does_not_hold()
    {
        Assert.True(_database.TryWrite(_database, static database =>
        {
            using var broken = database.Prepare("CREATE TABLE monitoring (parameter TEXT)");
            broken.ExecuteNonQuery();
        }));
        Assert.False(_monitor.TrySet(Parameters.BoardTemperature, ParameterLimits.None));
        Assert.False(_monitor.TryEnable(Parameters.BoardTemperature, isEnabled: false));
        Assert.Equal("all nominal, by the dictionary's limits", _monitor.DescribeAll());
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }
}
