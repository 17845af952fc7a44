using SatNode.Flight.Invocations;
using SatNode.Protocol.Functions;

namespace SatNode.Flight.Tests.Invocations;

/// <summary>Timers of a function that is refused wait; nothing else does.</summary>
public sealed class RefusalHoldOffTests : IAsyncDisposable
{
    private readonly SchedulerWorld _world = new();
    private readonly TriggerBoard _triggers = new();
    private int _invocations;

    public RefusalHoldOffTests()
    {
        _world.Heat.WaitSeconds = double.PositiveInfinity;
        _triggers.Add(_world.Manifests["detect"] with { Triggers = [new TimerTrigger(TimeSpan.FromSeconds(1))] }, SchedulerWorld.Noon);
    }

    private int Refusals => _world.Events.Raised.Count(text => text.StartsWith("invocation.refused", StringComparison.Ordinal));

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void Of_a_timer_of_each_second_few_are_refused_in_ten_minutes()
    {
        List<int> refused = [];
        for (int second = 0; second <= 600; second++)
        {
            int before = Refusals;
            Second();
            if (Refusals > before)
                refused.Add(second);
        }
        Assert.Equal([0, 10, 30, 70, 130, 190, 250, 310, 370, 430, 490, 550], refused);
    }

    [Fact]
    public async Task One_that_is_admitted_fires_each_second_again()
    {
        Second();
        Assert.True(_world.Scheduler.HoldsTimers("detect"));
        _world.Heat.WaitSeconds = 0;
        for (int second = 1; second <= 9; second++)
            Second();
        Assert.Empty(_world.Executed);
        Second();
        await _world.Ended(2);
        Assert.False(_world.Scheduler.HoldsTimers("detect"));
        for (int second = 0; second < 3; second++)
        {
            Second();
            await _world.Ended(3 + second);
        }
    }

    [Fact]
    public void What_is_asked_for_is_judged_at_once_and_moves_no_timer()
    {
        Second();
        for (int second = 1; second <= 8; second++)
        {
            Second();
            _world.Enqueue($"command-{second}");
            _world.Tick();
            Assert.Equal(1 + second, Refusals);
        }
        Second();
        Assert.Equal(9, Refusals);
        Second(); // the tenth
        Assert.Equal(10, Refusals);
    }

    [Theory]
    [InlineData(70, 20)] // it goes on where it was
    [InlineData(71, 10)] // after a minute without a refusal it begins anew
    public void A_function_that_was_left_alone_for_a_minute_begins_anew(int next, int expected)
    {
        var holdOff = new RefusalHoldOff();
        DateTimeOffset At(int second) => SchedulerWorld.Noon + TimeSpan.FromSeconds(second);
        holdOff.Refuse("detect", At(0));
        Assert.True(holdOff.Holds("detect", At(9)));
        Assert.False(holdOff.Holds("detect", At(10)));
        holdOff.Refuse("detect", At(next));
        int heldTo = next + expected;
        Assert.True(holdOff.Holds("detect", At(heldTo - 1)));
        Assert.False(holdOff.Holds("detect", At(heldTo)));
        Assert.False(holdOff.Holds("another", At(next)));
    }

    [Fact]
    public void After_a_clock_that_was_set_back_nothing_is_held_for_so_long()
    {
        var holdOff = new RefusalHoldOff();
        holdOff.Refuse("detect", SchedulerWorld.Noon);
        Assert.False(holdOff.Holds("detect", SchedulerWorld.Noon.AddHours(-2)));
        holdOff.Refuse("detect", SchedulerWorld.Noon.AddHours(-2));
        Assert.True(holdOff.Holds("detect", SchedulerWorld.Noon.AddHours(-2).AddSeconds(1)));
        Assert.False(holdOff.Holds("detect", SchedulerWorld.Noon.AddHours(-2).AddMinutes(1)));
    }

    [Fact]
    public void What_came_with_less_time_than_the_function_has_holds_no_timer()
    {
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("hasty") with { Deadline = _world.Now + TimeSpan.FromMinutes(5) })); // the function has ten
        _world.Tick();
        Assert.Equal(1, Refusals);
        Assert.False(_world.Scheduler.HoldsTimers("detect"));
    }

    [Fact]
    public void Quarantine_the_mode_and_a_used_up_quota_hold_as_well()
    {
        _world.Modes.Enter();
        Second();
        Assert.True(_world.Scheduler.HoldsTimers("detect"));
        _world.Manifests["other"] = _world.Manifests["detect"] with { Name = "other" };
        _world.Modes.Leave();
        for (int i = 0; i < InvocationLimits.OffencesMax; i++)
            _world.Quarantine.Offend("other", "trap", _world.Now);
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("b", "other")));
        _world.Tick();
        Assert.True(_world.Scheduler.HoldsTimers("other"));
    }

    [Fact]
    public void A_function_that_is_not_there_and_one_that_is_deferred_are_not_held()
    {
        Assert.True(_world.Scheduler.TryEnqueue(_world.New("a", "gone")));
        _world.Tick();
        Assert.False(_world.Scheduler.HoldsTimers("gone"));
        _world.Heat.WaitSeconds = 100;
        _world.Enqueue("b");
        _world.Tick();
        Assert.Equal(1, _world.Scheduler.Queued);
        Assert.False(_world.Scheduler.HoldsTimers("detect"));
    }

    /// <summary>As the agent's tick: what fired comes in, then the scheduler decides, and a second passes.</summary>
    private void Second()
    {
        foreach (TriggerBoard.Firing firing in _triggers.Look(_world.Now, 0, 0, _world.Scheduler.HoldsTimers))
            _world.Enqueue($"{firing.Function}-{++_invocations}");
        _world.Tick();
        _world.TickAfter(TimeSpan.FromSeconds(1));
    }
}
