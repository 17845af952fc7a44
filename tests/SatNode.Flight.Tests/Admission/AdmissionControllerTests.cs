using SatNode.Flight.Admission;
using SatNode.Flight.Model;
using SatNode.Flight.Sensors;
using SatNode.Flight.Tests.Model;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Tests.Admission;

public sealed class AdmissionControllerTests(ITestOutputHelper output)
{
    private static readonly AdmissionOptions Tolerant = new() { BoardTemperatureMax = new(500), StateOfChargeReserve = new(0.01) };

    private readonly TruthWorld _world = new(_ => 1, seed: 7);
    private readonly OnboardModel _model = new(new() { BatteryCapacity = Energy.FromWattHours(118.8) });
    private readonly Forecast _forecast = new();
    private readonly AdmissionController _controller = new(Tolerant);

    private static AdmissionRequest Request(double cores = 1, double seconds = 120) => new()
    {
        BoardTemperatureMax = new(400),
        StateOfChargeMin = new(0.05),
        Duration = TimeSpan.FromSeconds(seconds),
        Power = new(1.46 * cores),
    };

    private void Fly(double seconds = 2 * TruthWorld.OrbitSeconds, double cores = 0)
    {
        _world.Fly(_model, seconds, _ => cores);
        _model.Predict(_world.SunAhead(), _forecast);
    }

    private Verdict Judge(AdmissionRequest request, params AdmittedLoad[] admitted) => _controller.Judge(request, admitted, _forecast, isSafeMode: false, _world.Now);

    [Fact]
    public void The_limit_of_heat_is_kept_and_nothing_above()
    {
        Fly();
        double predicted = Judge(Request()).Predicted(Quantity.Temperature);
        Assert.Equal(Decision.Admit, Judge(Request() with { BoardTemperatureMax = new(predicted) }).Decision);
        Verdict refused = Judge(Request() with { BoardTemperatureMax = new(Math.BitDecrement(predicted)), Deadline = After(120) });
        Assert.Equal(Decision.Refuse, refused.Decision);
        Assert.Equal(("board-temperature", predicted, Math.BitDecrement(predicted), "K"),
            (refused.Binding.Constraint, refused.Binding.Predicted, refused.Binding.Limit, refused.Binding.Unit));
    }

    [Fact]
    public void The_nodes_limit_of_heat_holds_for_every_function()
    {
        Fly();
        double hottest = Judge(Request()).Predicted(Quantity.Temperature); // to the end of the next eclipse
        var controller = new AdmissionController(Tolerant with { BoardTemperatureMax = new(hottest - 20) });
        Assert.Equal(Decision.Refuse, controller.Judge(Request(), [], _forecast, isSafeMode: false, _world.Now).Decision);
    }

    [Fact]
    public void The_limit_of_charge_is_kept_and_nothing_below()
    {
        Fly();
        double predicted = Judge(Request()).Predicted(Quantity.StateOfCharge);
        Assert.Equal(Decision.Admit, Judge(Request() with { StateOfChargeMin = new(predicted) }).Decision);
        Verdict refused = Judge(Request() with { StateOfChargeMin = new(Math.BitIncrement(predicted)), Deadline = After(120) });
        Assert.Equal(Decision.Refuse, refused.Decision);
        Assert.Equal("state-of-charge", refused.Binding.Constraint);
    }

    [Fact]
    public void The_nodes_reserve_holds_for_every_function()
    {
        Fly();
        double predicted = Judge(Request()).Predicted(Quantity.StateOfCharge);
        var kept = new AdmissionController(Tolerant with { StateOfChargeReserve = new(predicted) });
        var broken = new AdmissionController(Tolerant with { StateOfChargeReserve = new(Math.BitIncrement(predicted)) });
        Assert.Equal(Decision.Admit, kept.Judge(Request(), [], _forecast, isSafeMode: false, _world.Now).Decision);
        Assert.NotEqual(Decision.Admit, broken.Judge(Request(), [], _forecast, isSafeMode: false, _world.Now).Decision);
    }

    [Fact]
    public void The_power_available_may_be_used_up_and_not_passed()
    {
        var model = new OnboardModel(new() { BatteryCapacity = Energy.FromWattHours(118.8), MaxDischarge = new(20) });
        _world.Fly(model, (2 * TruthWorld.OrbitSeconds) + TruthWorld.OrbitSeconds - TruthWorld.EclipseSeconds + 100, _ => 0); // in eclipse
        model.Predict(_world.SunAhead(), _forecast);
        double room = 20 - _forecast.LoadWatts[0];
        Assert.InRange(room, 3, 9);
        Assert.Equal(Decision.Admit, Judge(Request() with { Power = new(room - 1e-9) }).Decision);
        Verdict later = Judge(Request() with { Power = new(room + 1e-9) });
        Assert.Equal((Decision.Defer, "power"), (later.Decision, later.Binding.Constraint));
        Assert.InRange(later.Start.Since(_world.Now).TotalSeconds, 1980, 2020); // sunrise
    }

    [Theory]
    [InlineData(120_000, Decision.Admit)]
    [InlineData(119_999, Decision.Refuse)]
    public void Has_ended_at_the_deadline(long milliseconds, Decision expected)
    {
        Fly();
        Verdict verdict = Judge(Request(seconds: 120) with { Deadline = new(_world.Now.Milliseconds + (ulong)milliseconds) });
        Assert.Equal(expected, verdict.Decision);
        Assert.Equal(expected == Decision.Admit ? default : "deadline", verdict.Binding.Constraint);
    }

    [Fact]
    public void Safe_mode_refuses()
    {
        Fly();
        Verdict verdict = _controller.Judge(Request(), [], _forecast, isSafeMode: true, _world.Now);
        Assert.Equal((Decision.Refuse, "mode"), (verdict.Decision, verdict.Binding.Constraint));
    }

    [Fact] // a hot board: what is light may still start, what is heavy waits until the board has cooled far enough, and then keeps the limit
    public void On_a_hot_board_a_light_function_starts_and_a_heavy_one_waits()
    {
        _world.Fly(_model, 2 * TruthWorld.OrbitSeconds, seconds => (int)(seconds / 500) % 4 == 1 ? 3 : 0);
        Fly(900, cores: 3);
        double hot = _world.Board;
        AdmissionRequest light = Request(cores: 1, seconds: 5) with { BoardTemperatureMax = new(hot + 4) };
        AdmissionRequest heavy = Request(cores: 4, seconds: 200) with { BoardTemperatureMax = new(hot + 4) };
        Assert.Equal(Decision.Admit, Judge(light).Decision);
        Verdict wait = Judge(heavy);
        Assert.Equal((Decision.Defer, "board-temperature"), (wait.Decision, wait.Binding.Constraint));
        double delay = wait.Start.Since(_world.Now).TotalSeconds;
        Assert.InRange(delay, 60, 2500);
        Fly(Math.Ceiling(delay / 10) * 10);
        Verdict then = Judge(heavy);
        Assert.True(then.Decision == Decision.Admit || then.Start.Since(_world.Now).TotalSeconds <= 120);
        Fly(Math.Max(0, then.Start.Since(_world.Now).TotalSeconds));
        _world.BusyCores = 4;
        _world.Step(200);
        output.WriteLine($"hot {hot - 273.15:F1} °C, waited {delay:F0} s, reached {_world.Board - 273.15:F1} of {hot + 4 - 273.15:F1} °C");
        Assert.InRange(_world.Board, hot - 6, hot + 4); // kept, and not by waiting far too long
    }

    [Fact]
    public void A_start_after_the_deadline_is_no_start()
    {
        Fly();
        Fly(900, cores: 3);
        AdmissionRequest heavy = Request(cores: 4, seconds: 200) with { BoardTemperatureMax = new(_world.Board + 8) };
        Verdict wait = Judge(heavy);
        Assert.Equal(Decision.Defer, wait.Decision);
        DtnTime end = new(wait.Start.Milliseconds + 200_000);
        Assert.Equal(Decision.Defer, Judge(heavy with { Deadline = end }).Decision);
        Assert.Equal(Decision.Refuse, Judge(heavy with { Deadline = new(end.Milliseconds - 1) }).Decision);
    }

    [Fact]
    public void What_is_admitted_heats_and_drains_too()
    {
        Fly();
        AdmittedLoad other = new(_world.Now, After(600), new(1.46 * 3), new(400), new(0.05));
        Verdict alone = Judge(Request(seconds: 600));
        Verdict together = Judge(Request(seconds: 600), other);
        Assert.InRange(together.Predicted(Quantity.Temperature) - alone.Predicted(Quantity.Temperature), 25, 40); // 3 cores of 13 K, 84 % settled
        Assert.InRange(alone.Predicted(Quantity.StateOfCharge) - together.Predicted(Quantity.StateOfCharge), 0.005, 0.008); // 2,628 J of 427,680
        Assert.Equal(3 * 1.46, together.Predicted(Quantity.Power) - alone.Predicted(Quantity.Power), 6);
    }

    [Fact]
    public void A_newcomer_does_not_break_what_was_promised_to_another()
    {
        Fly();
        AdmissionRequest newcomer = Request(cores: 3, seconds: 300);
        double alone = Judge(newcomer).Predicted(Quantity.Temperature);
        AdmittedLoad sensitive = new(_world.Now, After(300), new(0.1), new(alone - 2), new(0.05));
        Assert.NotEqual(Decision.Admit, Judge(newcomer, sensitive).Decision);
        Assert.Equal(Decision.Admit, Judge(newcomer, sensitive with { BoardTemperatureMax = new(alone + 3) }).Decision);
        double charge = Judge(newcomer, sensitive with { BoardTemperatureMax = new(400) }).Predicted(Quantity.StateOfCharge);
        Assert.NotEqual(Decision.Admit, Judge(newcomer, sensitive with { BoardTemperatureMax = new(400), StateOfChargeMin = new(charge + 1e-6) }).Decision);
    }

    [Fact] // low in the dark: the reserve forbids a start now, and the Sun heals it
    public void Low_charge_in_eclipse_waits_for_the_sun()
    {
        Fly();
        _world.Charge = 0.45;
        Fly(TruthWorld.OrbitSeconds - TruthWorld.EclipseSeconds + 600);
        double now = _world.Charge;
        Verdict verdict = Judge(Request() with { StateOfChargeMin = new(now - 0.005) });
        Assert.Equal((Decision.Defer, "state-of-charge"), (verdict.Decision, verdict.Binding.Constraint));
        Assert.InRange(verdict.Start.Since(_world.Now).TotalSeconds, 1500, 4000);
    }

    [Fact]
    public void Unknown_refuses()
    {
        Fly();
        _model.Update(SensorReadings.Unknown(_world.Now), TimeSpan.Zero, new(_world.Sun));
        _model.Predict(_world.SunAhead(), _forecast);
        Verdict verdict = Judge(Request());
        Assert.Equal(Decision.Refuse, verdict.Decision);
        Assert.True(double.IsNaN(verdict.Binding.Predicted));
    }

    [Theory]
    [InlineData("board")]
    [InlineData("structure")]
    [InlineData("charge")]
    public void One_unknown_that_matters_refuses(string sensor)
    {
        Fly();
        SensorReadings readings = _world.Read();
        readings = sensor switch
        {
            "board" => readings with { Board = new(double.NaN) },
            "structure" => readings with { Structure = new(double.NaN) },
            _ => readings with { StateOfCharge = new(double.NaN) },
        };
        _model.Update(readings, TimeSpan.Zero, new(_world.Sun));
        _model.Predict(_world.SunAhead(), _forecast);
        Assert.Equal(Decision.Refuse, Judge(Request()).Decision);
    }

    [Fact]
    public void Nonsense_in_the_request_refuses()
    {
        Fly();
        Assert.Equal(Decision.Admit, Judge(Request()).Decision);
        Assert.Equal(Decision.Refuse, Judge(default).Decision);
        Assert.Equal(Decision.Refuse, Judge(Request() with { Power = new(double.NaN) }).Decision);
        Assert.Equal(Decision.Refuse, Judge(Request() with { Power = new(-100) }).Decision);
        Assert.Equal(Decision.Refuse, Judge(Request() with { BoardTemperatureMax = new(double.NaN) }).Decision);
        Assert.Equal(Decision.Refuse, Judge(Request() with { StateOfChargeMin = new(double.NaN) }).Decision);
        Assert.Equal(Decision.Refuse, Judge(Request() with { Duration = TimeSpan.Zero }).Decision);
        Assert.Equal(Decision.Refuse, Judge(Request(seconds: 50_000)).Decision); // longer than the forecast
        Assert.Equal(Decision.Refuse, default(Verdict).Decision);
        Assert.False(default(Margin).IsKept);
    }

    [Theory]
    [InlineData(-1, Decision.Refuse)]
    [InlineData(0, Decision.Admit)]
    [InlineData(60_000, Decision.Admit)]
    [InlineData(60_001, Decision.Refuse)]
    public void An_old_forecast_is_none(long milliseconds, Decision expected)
    {
        Fly();
        DtnTime now = new((ulong)((long)_world.Now.Milliseconds + milliseconds));
        Assert.Equal(expected, _controller.Judge(Request(), [], _forecast, isSafeMode: false, now).Decision);
    }

    [Fact]
    public void Without_a_forecast_nothing_starts() =>
        Assert.Equal(Decision.Refuse, _controller.Judge(Request(), [], new Forecast(), isSafeMode: false, _world.Now).Decision);

    [Fact]
    public void Without_the_end_of_the_next_eclipse_nothing_starts()
    {
        Fly();
        _model.Predict([.. _world.SunAhead().Take(1)], _forecast); // 60 minutes of light, then nothing is known
        Assert.Equal(Decision.Refuse, Judge(Request()).Decision);
    }

    [Fact]
    public void Judging_allocates_nothing()
    {
        Fly();
        Fly(900, cores: 3);
        AdmissionRequest heavy = Request(cores: 4, seconds: 200) with { BoardTemperatureMax = new(_world.Board + 8) };
        AdmittedLoad[] admitted = [new(_world.Now, After(60), new(1), new(400), new(0.05))];
        Decision[] decisions = new Decision[2];
        void Rounds(int count)
        {
            for (int i = 0; i < count; i++)
            {
                decisions[0] = _controller.Judge(Request(), admitted, _forecast, isSafeMode: false, _world.Now).Decision;
                decisions[1] = _controller.Judge(heavy, admitted, _forecast, isSafeMode: false, _world.Now).Decision;
            }
        }
        Rounds(50);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Rounds(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal([Decision.Admit, Decision.Defer], decisions);
    }

    private DtnTime After(double seconds) => new(_world.Now.Milliseconds + (ulong)(seconds * 1000));
}
