using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Boards;

namespace SatNode.Flight.Tests.Boards;

public sealed class HealthCheckTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _machine = new();
    private readonly HealthCheck _check;

    public HealthCheckTests() => _check = new(10 * Second, Second, _machine);

    /// <summary>Looks once a second until there is a verdict; every fifth time the look is late.</summary>
    private (HealthVerdict Verdict, int Seconds) Watch(Func<int, Health> health, TimeSpan late = default)
    {
        long begin = _machine.GetTimestamp();
        for (int look = 0; ; look++)
        {
            if (_check.Look(health(look)) is var verdict && verdict != HealthVerdict.Open)
                return (verdict, (int)_machine.GetElapsedTime(begin).TotalSeconds);
            _machine.Advance(look % 5 == 4 ? Second + late : Second);
        }
    }

    private static Health Good => new(AreSensorsRead: true, WriteFailures: 0);

    [Fact]
    public void Passes_when_all_is_well_for_the_duration() => Assert.Equal((HealthVerdict.Passed, 10), Watch(_ => Good));

    [Fact]
    public void A_break_begins_anew() => Assert.Equal((HealthVerdict.Passed, 19), Watch(second => Good with { AreSensorsRead = second != 8 }));

    [Fact]
    public void A_break_in_the_last_moment_begins_anew() => Assert.Equal((HealthVerdict.Passed, 21), Watch(second => Good with { AreSensorsRead = second != 10 }));

    [Fact]
    public void Fails_without_a_sensor()
    {
        Assert.Equal((HealthVerdict.Failed, 30), Watch(_ => Good with { AreSensorsRead = false }));
        Assert.Equal("a sensor does not answer", _check.Fault);
    }

    [Fact]
    public void Fails_when_ticks_go_on_to_be_late()
    {
        Assert.Equal((HealthVerdict.Failed, 30), Watch(second => Good, late: HealthCheck.LatenessMax + TimeSpan.FromMilliseconds(1)));
        Assert.Equal("ticks are late", _check.Fault);
    }

    [Fact]
    public void A_tick_may_be_as_late_as_the_limit() => Assert.Equal((HealthVerdict.Passed, 10), Watch(second => Good, late: HealthCheck.LatenessMax));

    [Fact]
    public void Fails_when_the_database_cannot_be_written()
    {
        Assert.Equal((HealthVerdict.Failed, 30), Watch(second => Good with { WriteFailures = 1 + (second / 5) }));
        Assert.Equal("the flight database can't be written", _check.Fault);
    }

    [Fact] // the first look already sees a failure of the start
    public void One_failed_write_delays_and_no_more() => Assert.Equal((HealthVerdict.Passed, 11), Watch(_ => Good with { WriteFailures = 1 }));
}
