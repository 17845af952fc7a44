using SatNode.Flight.Admission;
using SatNode.Flight.Model;
using SatNode.Flight.Tests.Model;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Tests.Admission;

/// <summary>What each policy looks at, and what it is blind to.</summary>
public sealed class AdmissionPolicyTests
{
    private readonly TruthWorld _world = new(_ => 1, seed: 7);
    private readonly OnboardModel _model = new(new() { BatteryCapacity = Energy.FromWattHours(118.8) });
    private readonly Forecast _forecast = new();

    private static AdmissionRequest Request => new()
    {
        BoardTemperatureMax = Temperature.FromCelsius(75),
        StateOfChargeMin = new(0.05),
        Duration = TimeSpan.FromSeconds(120),
        Power = new(1.46),
    };

    /// <summary>In sunlight, with the board and the battery as told.</summary>
    private Verdict Judge(AdmissionPolicy policy, double celsius, double charge, AdmissionRequest? request = null, bool isSafeMode = false)
    {
        _world.Fly(_model, (2 * TruthWorld.OrbitSeconds) + 300, _ => 0);
        _world.Board = celsius + 273.15;
        _world.Charge = charge;
        _model.Update(_world.Read(), TimeSpan.Zero, new(_world.Sun));
        _model.Predict(_world.SunAhead(), _forecast);
        var controller = new AdmissionController(new() { Policy = policy, StateOfChargeReserve = new(0.05) });
        return controller.Judge(request ?? Request, [], _forecast, isSafeMode, _world.Now);
    }

    [Theory]
    [InlineData(AdmissionPolicy.Forecast, Decision.Defer)]
    [InlineData(AdmissionPolicy.Off, Decision.Admit)]
    [InlineData(AdmissionPolicy.HyperDrive, Decision.Admit)]
    [InlineData(AdmissionPolicy.Thresholds, Decision.Defer)]
    public void On_a_board_over_the_maximum(AdmissionPolicy policy, Decision expected) => Assert.Equal(expected, Judge(policy, celsius: 78, charge: 0.9).Decision);

    [Fact] // 59 °C is below the threshold; that ten minutes of work will end above the limit only the forecast sees
    public void Only_the_forecast_looks_at_where_a_start_leads()
    {
        AdmissionRequest heavy = Request with { Duration = TimeSpan.FromMinutes(10), Power = new(1.46 * 4) };
        Assert.NotEqual(Decision.Admit, Judge(AdmissionPolicy.Forecast, celsius: 59, charge: 0.9, heavy).Decision);
        Assert.Equal(Decision.Admit, Judge(AdmissionPolicy.Thresholds, celsius: 59, charge: 0.9, heavy).Decision);
    }

    [Theory]
    [InlineData(60.3, 0.72, "board-temperature")]
    [InlineData(50, 0.69, "state-of-charge")]
    public void Thresholds_wait_until_what_is_measured_is_on_the_other_side(double celsius, double charge, string constraint)
    {
        Verdict verdict = Judge(AdmissionPolicy.Thresholds, celsius, charge);
        Assert.Equal((Decision.Defer, constraint), (verdict.Decision, verdict.Binding.Constraint));
        Assert.InRange(verdict.Start.Since(_world.Now).TotalSeconds, 0.001, Forecast.StepSeconds); // looked at again soon: nothing is foreseen
    }

    [Fact]
    public void Thresholds_let_start_what_is_within_both() => Assert.Equal(Decision.Admit, Judge(AdmissionPolicy.Thresholds, celsius: 59.5, charge: 0.72).Decision);

    [Theory] // 55 °C and 0.9 K a minute of one core, as published, whatever the board is at
    [InlineData(40)]
    [InlineData(78)]
    public void HyperDrives_estimate_is_told_and_knows_nothing_of_now(double celsius)
    {
        Verdict verdict = Judge(AdmissionPolicy.HyperDrive, celsius, charge: 0.1);
        Assert.Equal(Decision.Admit, verdict.Decision);
        Assert.Equal(55 + 273.15 + 1.8, verdict.Predicted(Quantity.Temperature), 9);
    }

    [Theory]
    [InlineData(AdmissionPolicy.Off)]
    [InlineData(AdmissionPolicy.HyperDrive)]
    [InlineData(AdmissionPolicy.Thresholds)]
    public void Mode_and_deadline_hold_under_every_policy(AdmissionPolicy policy)
    {
        Assert.Equal("mode", Judge(policy, 40, 0.9, isSafeMode: true).Binding.Constraint);
        Verdict late = Judge(policy, 40, 0.9, Request with { Deadline = new(_world.Now.Milliseconds + 1000) });
        Assert.Equal((Decision.Refuse, "deadline"), (late.Decision, late.Binding.Constraint));
    }

    [Fact]
    public void Thresholds_do_not_start_on_an_unknown_measurement()
    {
        var controller = new AdmissionController(new() { Policy = AdmissionPolicy.Thresholds });
        Assert.Equal(Decision.Refuse, controller.Judge(Request, [], new Forecast(), isSafeMode: false, _world.Now).Decision);
    }

    [Fact]
    public void Every_name_has_a_policy_of_its_own()
    {
        Assert.Equal(Enum.GetValues<AdmissionPolicy>(), AdmissionPolicies.Names.Select(name => AdmissionPolicies.Find(name)!.Value).Order());
        Assert.Equal("forecast", AdmissionPolicies.Names[0]);
        Assert.Null(AdmissionPolicies.Find("Forecast"));
    }
}
