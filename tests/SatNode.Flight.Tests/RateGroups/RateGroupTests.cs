using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.RateGroups;

namespace SatNode.Flight.Tests.RateGroups;

public sealed class RateGroupTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _machine = new();
    private readonly LoopGroups _groups;

    public RateGroupTests() => _groups = new(rate: 2, tickPeriod: Second, patience: Second * 5, _machine);

    private void Run(RateGroup group, TimeSpan period, TimeSpan takes)
    {
        group.Begin();
        _machine.Advance(takes);
        group.End(period);
    }

    [Fact] // ten seconds of the world are five of the machine
    public void A_run_longer_than_its_period_is_an_overrun_and_the_longest_is_kept()
    {
        RateGroup group = _groups.Sensors;
        Run(group, Second * 10, Second * 5);
        Assert.Equal((1L, 0L, Second * 5), (group.Runs, group.Overruns, group.Longest));
        Run(group, Second * 10, (Second * 5) + TimeSpan.FromMilliseconds(1));
        Run(group, Second * 10, Second);
        Assert.Equal((3L, 1L, TimeSpan.FromMilliseconds(5001)), (group.Runs, group.Overruns, group.Longest));
    }

    [Fact]
    public void A_run_is_late_after_the_patience_and_in_time_when_it_has_ended()
    {
        _groups.Start(Second * 60);
        _groups.Model.Begin();
        _machine.Advance(Second * 5);
        Assert.Null(_groups.Hung());
        _machine.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Same(_groups.Model, _groups.Hung());
        _groups.Model.End(Second * 60);
        Assert.Null(_groups.Hung());
    }

    [Fact] // 10 s of the world, a tick of 1 s, 5 s of the machine
    public void A_group_that_does_not_come_to_its_turn_is_late_after_its_period_a_tick_and_the_patience()
    {
        Run(_groups.Sensors, Second * 10, TimeSpan.Zero);
        _machine.Advance(TimeSpan.FromSeconds(10.5));
        Assert.Null(_groups.Hung());
        _machine.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Same(_groups.Sensors, _groups.Hung());
        Assert.False(_groups.Sensors.IsRunning);
    }

    [Fact]
    public void The_one_that_runs_is_named_whatever_waits_for_it()
    {
        _groups.Start(Second);
        _groups.Housekeeping.Begin();
        _machine.Advance(Second * 100);
        Assert.Same(_groups.Housekeeping, _groups.Hung());
    }

    [Fact]
    public void Nothing_is_late_before_the_loop_and_after_it()
    {
        _machine.Advance(Second * 100);
        Assert.Null(_groups.Hung());
        _groups.Start(Second);
        _groups.Scheduler.Begin();
        _groups.Stop();
        _machine.Advance(Second * 100);
        Assert.Null(_groups.Hung());
        Assert.False(_groups.Scheduler.IsRunning);
    }
}
