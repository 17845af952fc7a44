using SatNode.Flight.Admission;
using SatNode.Flight.Invocations;
using SatNode.Flight.Model;
using SatNode.Flight.Tests.Model;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Tests.Invocations;

/// <summary>Heat that no sensor has shown yet is not forgotten.</summary>
public sealed class PastLoadsTests
{
    private readonly TruthWorld _world = new(_ => 1, seed: 3);
    private readonly Forecast _forecast = new();
    private readonly OnboardModel _model;
    private readonly PastLoads _past;
    private readonly DateTimeOffset _sample;

    public PastLoadsTests()
    {
        _model = new(_world.Options);
        _world.Fly(_model, 2 * TruthWorld.OrbitSeconds, _ => 0);
        _model.Predict(_world.SunAhead(), _forecast);
        _past = new(_forecast);
        _sample = _world.Now.ToDateTimeOffset();
    }

    [Fact]
    public void What_ended_before_the_sample_is_in_the_sensors()
    {
        _past.Add(_sample.AddSeconds(-20), _sample, new(50));
        Assert.Empty(_past.Loads);
        _past.Add(_sample.AddSeconds(-20), _sample.AddSeconds(1), new(50));
        AdmittedLoad load = Assert.Single(_past.Loads);
        Assert.Equal(50 / 21.0, load.Power.Watts, 9);
        _world.Fly(_model, 10, _ => 0);
        _model.Predict(_world.SunAhead(), _forecast);
        Assert.Empty(_past.Loads);
    }

    [Fact]
    public void It_limits_nothing_and_warms_the_board()
    {
        var controller = new AdmissionController(new() { BoardTemperatureMax = new(400), StateOfChargeReserve = new(0.05) });
        var request = new AdmissionRequest { BoardTemperatureMax = new(400), StateOfChargeMin = new(0.05), Duration = TimeSpan.FromSeconds(20), Power = new(1.46) };
        DtnTime now = new(_world.Now.Milliseconds + 9_000);
        double Peak(AdmittedLoad[] past) => controller.Judge(request with { BoardTemperatureMax = new(300) }, past, _forecast, isSafeMode: false, now).Predicted(Quantity.Temperature);
        double before = Peak([]);
        _past.Add(_sample, _sample.AddSeconds(8), new(8 * 6)); // 48 J into 36.5 J/K
        Assert.InRange(Peak([.. _past.Loads]) - before, 1.0, 1.7);
    }

    [Fact]
    public void What_took_nothing_is_nothing()
    {
        _past.Add(_sample, _sample.AddSeconds(5), new(0));
        _past.Add(_sample.AddSeconds(5), _sample.AddSeconds(5), new(5));
        _past.Add(_sample, _sample.AddSeconds(5), new(double.NaN));
        Assert.Empty(_past.Loads);
    }

    [Fact]
    public void Beyond_forty_they_are_told_of_together_and_no_joule_is_lost()
    {
        for (int i = 0; i < InvocationLimits.MaxPastLoads + 25; i++)
            _past.Add(_sample.AddSeconds(i * 0.1), _sample.AddSeconds((i * 0.1) + 0.05), new(2));
        Assert.Equal(InvocationLimits.MaxPastLoads, _past.Loads.Count);
        double joules = _past.Loads.Sum(load => load.Power.Watts * load.End.Since(load.Start).TotalSeconds);
        Assert.Equal(2.0 * (InvocationLimits.MaxPastLoads + 25), joules, 1.0); // spans are told in milliseconds
    }

    [Fact]
    public async Task What_runs_is_counted_from_the_last_sample_on()
    {
        var seen = new Glimpse();
        await using var world = new SchedulerWorld(constraints: [seen], runningMax: 2);
        world.Manifests["sort"] = world.Manifests["detect"] with { Name = "sort" };
        using var gate = new ManualResetEventSlim();
        world.OnExecute = (_, _) =>
        {
            gate.Wait(TestContext.Current.CancellationToken);
            return SchedulerWorld.Completed([1]);
        };
        world.Enqueue("a");
        world.Tick();
        double alone = seen.BoardKelvin;
        world.Time.Advance(TimeSpan.FromSeconds(50)); // and no sample meanwhile
        Assert.True(world.Scheduler.TryEnqueue(world.New("b", "sort")));
        world.Tick();
        gate.Set();
        await world.Ended(2);
        Assert.True(seen.BoardKelvin > alone + 0.1, $"{seen.BoardKelvin} K beside one that runs, {alone} K alone");
    }

    /// <summary>Admits all, and notes the board 40 s after the sample, with what is admitted.</summary>
    private sealed class Glimpse : IConstraint
    {
        public string Name => "glimpse";

        public bool MayImprove => false;

        public double BoardKelvin { get; private set; }

        public Margin Judge(in AdmissionRequest request, in Candidate candidate)
        {
            BoardKelvin = candidate.BoardUpperKelvin[2];
            return new(Name, Quantity.Temperature, Bound.AtMost, 0, 1);
        }
    }
}
