using SatNode.Flight.Admission;
using SatNode.Flight.Invocations;
using SatNode.Flight.Model;
using SatNode.Flight.Tests.Invocations;
using SatNode.Flight.Tests.Model;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Tests.Admission;

public sealed class SoftConstraintTests
{
    private const double EclipseStart = TruthWorld.OrbitSeconds - TruthWorld.EclipseSeconds;

    private readonly TruthWorld _world = new(_ => 1, seed: 7);
    private readonly OnboardModel _model = new(new() { BatteryCapacity = Energy.FromWattHours(118.8) });
    private readonly Forecast _forecast = new();
    private readonly AdmissionController _controller = new(new() { BoardTemperatureMax = new(500), StateOfChargeReserve = new(0.01) });

    private AdmissionRequest Request(SoftConstraints? soft, double deadlineSeconds = 7200) => new()
    {
        BoardTemperatureMax = new(400),
        StateOfChargeMin = new(0.05),
        Duration = TimeSpan.FromSeconds(120),
        Power = new(1.46),
        Deadline = new(_world.Now.Milliseconds + (ulong)(deadlineSeconds * 1000)),
        Soft = soft,
    };

    private void Fly(double seconds)
    {
        _world.Fly(_model, seconds, _ => 0);
        _model.Predict(_world.SunAhead(), _forecast);
    }

    private Verdict Judge(AdmissionRequest request, AdmissionController? controller = null) => (controller ?? _controller).Judge(request, [], _forecast, isSafeMode: false, _world.Now);

    [Fact]
    public void In_the_dark_one_that_prefers_sunlight_waits_for_the_array_and_tells_both_costs()
    {
        Fly((2 * TruthWorld.OrbitSeconds) + EclipseStart + 600); // 1500 s of the eclipse are left
        Assert.Equal(Decision.Admit, Judge(Request(null)).Decision);
        Assert.Equal(Decision.Admit, Judge(Request(SoftConstraints.None)).Decision);

        Verdict verdict = Judge(Request(new() { Sunlight = 1 }));
        Assert.Equal(Decision.Defer, verdict.Decision);
        Assert.InRange(verdict.Start.Since(_world.Now).TotalSeconds, 1480, 1540); // the first light
        Assert.Equal(("soft-constraints", Quantity.Cost, "1"), (verdict.Binding.Constraint, verdict.Binding.Quantity, verdict.Binding.Unit));
        Assert.Equal(1.0, verdict.Binding.Predicted, 0.001); // all from the battery, nothing waited
        Assert.InRange(verdict.Binding.Limit, 0.19, 0.25); // 1500 s of the 7080 s that it may wait
    }

    [Fact]
    public void In_the_light_it_starts()
    {
        Fly((2 * TruthWorld.OrbitSeconds) + 1200);
        Assert.Equal(Decision.Admit, Judge(Request(new() { Sunlight = 10 })).Decision);
    }

    [Fact]
    public void Waiting_is_dear_where_the_deadline_is_near_and_the_weight_is_small()
    {
        Fly((2 * TruthWorld.OrbitSeconds) + EclipseStart + 600);
        Assert.Equal(Decision.Admit, Judge(Request(new() { Sunlight = 1 }, deadlineSeconds: 1400)).Decision); // before the light comes
        Assert.Equal(Decision.Admit, Judge(Request(new() { Sunlight = 0.1 })).Decision);
        Assert.Equal(Decision.Defer, Judge(Request(new() { Sunlight = 0.5 })).Decision);
    }

    [Fact]
    public void Nothing_is_preferred_so_late_that_the_next_look_could_miss_the_deadline()
    {
        Fly((2 * TruthWorld.OrbitSeconds) + EclipseStart + TruthWorld.EclipseSeconds - 12); // light in 12 s
        for (double slack = 1; slack < 90; slack++)
        {
            Verdict verdict = Judge(Request(new() { Sunlight = 10 }, deadlineSeconds: 120 + slack));
            if (verdict.Decision == Decision.Defer)
                Assert.True(verdict.Start.Since(_world.Now) + InvocationLimits.MinDeferral < TimeSpan.FromSeconds(slack), $"{slack} s to the latest start, deferred by {verdict.Start.Since(_world.Now)}");
            else
                Assert.Equal(Decision.Admit, verdict.Decision);
        }
        Assert.Equal(Decision.Defer, Judge(Request(new() { Sunlight = 10 }, deadlineSeconds: 220)).Decision);
    }

    [Fact]
    public void A_cool_board_is_waited_for_and_a_hard_constraint_is_never_traded()
    {
        Fly((2 * TruthWorld.OrbitSeconds) + EclipseStart); // hottest; it cools in the dark
        double now = Judge(Request(null)).Predicted(Quantity.Temperature);
        AdmissionRequest warm = Request(new() { CoolBoard = 10 }, TruthWorld.EclipseSeconds) with { BoardTemperatureMax = new(now + 1) };
        Verdict verdict = Judge(warm);
        Assert.Equal(Decision.Defer, verdict.Decision);
        Assert.True(verdict.Binding.Limit < verdict.Binding.Predicted - SoftCost.GainMin);
        Assert.Equal(Decision.Admit, Judge(warm with { Soft = null }).Decision);

        var hot = new AdmissionController(new() { BoardTemperatureMax = new(250), StateOfChargeReserve = new(0.01) });
        Assert.Equal(("board-temperature", Decision.Refuse), (Judge(warm, hot).Binding.Constraint, Judge(warm, hot).Decision));
    }

    [Fact]
    public void What_the_forecast_does_not_tell_is_no_better()
    {
        Fly((2 * TruthWorld.OrbitSeconds) + EclipseStart + 600);
        Assert.Equal(Decision.Admit, Judge(Request(new() { Sunlight = 10 }) with { Deadline = null, Duration = TimeSpan.FromHours(1) }, new AdmissionController(new() { Policy = AdmissionPolicy.Off })).Decision);
        Assert.Equal(Decision.Refuse, new AdmissionController(new()).Judge(Request(new() { Sunlight = 10 }), [], new Forecast(), isSafeMode: false, _world.Now).Decision);
    }

    [Fact]
    public async Task What_only_waits_for_better_goes_to_no_other_node()
    {
        await using var world = new SchedulerWorld(guards: true);
        for (double seconds = 0; seconds < EclipseStart + 300; seconds += 10)
            world.TickAfter(TimeSpan.FromSeconds(10));
        world.Candidate = "p10-s04";
        world.Manifests["detect"] = world.Manifests["detect"] with { Constraints = new() { BoardTemperatureMax = Temperature.FromCelsius(80), Soft = new() { Sunlight = 10 } } };
        world.Enqueue("a");
        world.Tick();
        await Task.Yield();
        world.Tick();
        Assert.Empty(world.Offloaded);
        Assert.Equal(1, world.Scheduler.Queued);
        Assert.Contains(world.Events.Raised, text => text.StartsWith("invocation.deferred detect a soft-constraints", StringComparison.Ordinal));
    }
}
