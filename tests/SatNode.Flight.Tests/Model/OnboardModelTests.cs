using SatNode.Flight.Model;
using SatNode.Flight.Sensors;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Tests.Model;

public sealed class OnboardModelTests(ITestOutputHelper output)
{
    private static readonly ModelOptions Options = new() { BatteryCapacity = Energy.FromWattHours(118.8) };

    /// <summary>A working day: bursts of one to three cores, and pauses.</summary>
    private static double Bursts(double seconds) => ((int)(seconds / 400) % 5) switch { 1 => 1, 3 => 3, _ => 0 };

    public static TheoryData<int> Worlds() => [.. Enumerable.Range(0, 12)];

    private static TruthWorld World(int number)
    {
        var random = new Random(1000 + number);
        double[] factors = [.. Enumerable.Range(0, 11).Select(_ => number == 0 ? 1 : number == 1 ? 0.8 : number == 2 ? 1.2 : 0.8 + (0.4 * random.NextDouble()))];
        return new(i => factors[i], seed: number);
    }

    [Theory] // the truth moved by ±20 %, all constants at once: forecasts over 95 minutes stay within 3 of their own error bars and 2 K rms
    [MemberData(nameof(Worlds))]
    public void Forecasts_a_perturbed_world_within_its_error_bars(int number)
    {
        TruthWorld world = World(number);
        var model = new OnboardModel(Options);
        var forecast = new Forecast();
        world.Fly(model, 4 * TruthWorld.OrbitSeconds, Bursts);
        double squares = 0, worstSigmas = 0, worstCharge = 0;
        int points = 0;
        for (int start = 0; start < 6; start++)
        {
            world.Fly(model, 950 + TruthWorld.OrbitSeconds, seconds => Bursts(seconds));
            model.Predict(world.SunAhead(), forecast);
            world.BusyCores = 0;
            for (int i = 0; i < 285; i++)
            {
                double error = forecast.BoardKelvin[i] - world.Board;
                squares += error * error;
                points++;
                worstSigmas = Math.Max(worstSigmas, Math.Abs(error) / forecast.BoardSigmaKelvin[i]);
                worstCharge = Math.Max(worstCharge, Math.Abs(forecast.StateOfCharge[i] - world.Charge) / forecast.StateOfChargeSigma[i]);
                world.Step(Forecast.StepSeconds);
            }
        }
        double rms = Math.Sqrt(squares / points);
        output.WriteLine($"world {number}: rms {rms:F2} K, board {worstSigmas:F2} sigma, charge {worstCharge:F2} sigma, R {model.Thermal.ResistanceKelvinPerWatt:F2} K/W, tau {model.Thermal.TimeConstant.TotalSeconds:F0} s");
        Assert.InRange(rms, 0, 2);
        Assert.InRange(worstSigmas, 0, 3);
        Assert.InRange(worstCharge, 0, 3);
    }

    [Theory] // what admission asks: the peak of a load to come, before it runs
    [MemberData(nameof(Worlds))]
    public void Foresees_how_far_a_load_heats_the_board(int number)
    {
        TruthWorld world = World(number);
        var model = new OnboardModel(Options);
        var forecast = new Forecast();
        world.Fly(model, 2 * TruthWorld.OrbitSeconds, Bursts);
        world.Fly(model, 1500, _ => 0);
        model.Predict(world.SunAhead(), forecast);
        double watts = model.Energy.JoulesPerCpuSecond * 4;
        world.BusyCores = 4;
        world.Step(600);
        double predicted = forecast.BoardKelvin[30] + forecast.Heating(watts, 600, 600);
        double sigma = forecast.BoardSigmaKelvin[30] + forecast.HeatingSigma(watts, 600);
        output.WriteLine($"world {number}: predicted {predicted - 273.15:F2} ± {sigma:F2} °C, was {world.Board - 273.15:F2} °C");
        Assert.InRange(world.Board, predicted - (2 * sigma), predicted + (2 * sigma));
        Assert.InRange(Math.Abs(predicted - world.Board), 0, 3);
    }

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Foresees_the_lowest_charge(int number)
    {
        TruthWorld world = World(number);
        var model = new OnboardModel(Options);
        var forecast = new Forecast();
        world.Charge = 0.7;
        world.Fly(model, (2 * TruthWorld.OrbitSeconds) + 1800, Bursts);
        model.Predict(world.SunAhead(), forecast);
        int end = forecast.EndOfNextEclipse(0);
        Assert.InRange(end * Forecast.StepSeconds, 3800, 4000); // 1,800 s of an orbit's sunlight are over
        double sigma = forecast.StateOfChargeSigma[..(end + 1)].ToArray().Max();
        double lowest = world.Charge;
        world.BusyCores = 0;
        for (int i = 0; i < end; i++)
        {
            world.Step(Forecast.StepSeconds);
            lowest = Math.Min(lowest, world.Charge);
        }
        output.WriteLine($"world {number}: predicted {forecast.LowestCharge} ± {sigma:P1}, was {lowest:P1}");
        Assert.InRange(lowest, forecast.LowestCharge.Value - (2 * sigma), forecast.LowestCharge.Value + (2 * sigma));
        Assert.InRange(sigma, 0.005, 0.06);
    }

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Finds_what_a_second_of_cpu_costs(int number)
    {
        TruthWorld world = World(number);
        var model = new OnboardModel(Options);
        world.Fly(model, 4000, Bursts);
        world.BusyCores = 0;
        double idle = world.Read().BoardPower.Watts;
        world.BusyCores = 2;
        double cost = (world.Read().BoardPower.Watts - idle) / 2;
        Assert.InRange(model.Energy.JoulesPerCpuSecond / cost, 0.93, 1.07);
        Assert.Equal(100 * model.Energy.JoulesPerCpuSecond, model.Energy.Book(TimeSpan.FromSeconds(100)).Joules, 6);
        Assert.Equal(100 * model.Energy.JoulesPerCpuSecond, model.Energy.Booked.Joules, 6);
        Assert.Equal(2 * model.Energy.JoulesPerCpuSecond, model.Energy.PowerOf(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10)).Watts, 9);
    }

    [Fact] // from the first samples on, by the priors
    public void Knows_little_at_boot_and_says_so()
    {
        TruthWorld world = World(0);
        var model = new OnboardModel(Options);
        var forecast = new Forecast();
        world.Fly(model, 30, _ => 0);
        model.Predict(world.SunAhead(), forecast);
        double atBoot = forecast.BoardSigmaKelvin[150];
        world.Fly(model, 2 * TruthWorld.OrbitSeconds, Bursts);
        model.Predict(world.SunAhead(), forecast);
        output.WriteLine($"50 minutes ahead: ±{atBoot:F2} K at boot, ±{forecast.BoardSigmaKelvin[150]:F2} K after two orbits");
        Assert.InRange(atBoot, 2, 15);
        Assert.InRange(forecast.BoardSigmaKelvin[150], 0.3, atBoot / 2);
    }

    [Fact]
    public void Nothing_known_gives_no_number()
    {
        TruthWorld world = World(0);
        var model = new OnboardModel(Options);
        var forecast = new Forecast();
        world.Fly(model, 1000, Bursts);
        model.Update(SensorReadings.Unknown(world.Now), TimeSpan.Zero, new(world.Sun));
        model.Predict(world.SunAhead(), forecast);
        Assert.True(double.IsNaN(forecast.PeakBoard.Kelvin));
        Assert.True(double.IsNaN(forecast.LowestCharge.Value));
        Assert.True(double.IsNaN(forecast.BoardKelvin[5]));
        world.Fly(model, 10, Bursts); // one good sample, and it knows again
        model.Predict(world.SunAhead(), forecast);
        Assert.False(double.IsNaN(forecast.PeakBoard.Kelvin));
        Assert.False(double.IsNaN(forecast.LowestCharge.Value));
    }

    [Fact]
    public void Without_an_orbit_ahead_there_is_no_horizon()
    {
        TruthWorld world = World(0);
        var model = new OnboardModel(Options);
        var forecast = new Forecast();
        world.Fly(model, 1000, Bursts);
        model.Predict([], forecast);
        Assert.Equal(0, forecast.Count);
        Assert.Equal(-1, forecast.EndOfNextEclipse(0));
        Assert.True(double.IsNaN(forecast.PeakBoard.Kelvin));
        model.Predict([world.SunAhead()[0]], forecast); // sunlight, then unknown
        Assert.Equal(-1, forecast.EndOfNextEclipse(0));
    }

    [Fact]
    public void The_horizon_is_the_end_of_the_next_eclipse()
    {
        var model = new OnboardModel(Options);
        TruthWorld world = World(0);
        world.Fly(model, 20, _ => 0);
        var forecast = new Forecast();
        SunInterval Part(double from, double to, double sun) => new(new(world.Now.Milliseconds + (ulong)(from * 1000)), new(world.Now.Milliseconds + (ulong)(to * 1000)), new(sun));

        model.Predict([Part(0, 1000, 1), Part(1000, 2000, 0), Part(2000, 5000, 1), Part(5000, 6000, 0), Part(6000, 20_000, 1)], forecast);
        Assert.Equal(601, forecast.Count);
        Assert.Equal(100, forecast.EndOfNextEclipse(0)); // 2,000 s
        Assert.Equal(100, forecast.EndOfNextEclipse(49));
        Assert.Equal(300, forecast.EndOfNextEclipse(50)); // in the first eclipse: the next ends at 6,000 s
        Assert.Equal(300, forecast.EndOfNextEclipse(100));
        Assert.Equal(-1, forecast.EndOfNextEclipse(300)); // 6,020 s of light, less than an orbit
        Assert.Equal(-1, forecast.EndOfNextEclipse(601));

        model.Predict([Part(0, 20_000, 1)], forecast); // a dawn-dusk orbit
        Assert.Equal(600, forecast.EndOfNextEclipse(0));
        Assert.Equal(600, forecast.EndOfNextEclipse(270));
        Assert.Equal(-1, forecast.EndOfNextEclipse(271)); // 6,580 s
    }

    [Fact]
    public void Updating_and_predicting_allocate_nothing()
    {
        TruthWorld world = World(0);
        var model = new OnboardModel(Options);
        var forecast = new Forecast();
        world.Fly(model, 1000, Bursts);
        List<SunInterval> sun = world.SunAhead();
        SensorReadings[] readings = [.. Enumerable.Range(0, 1200).Select(_ =>
        {
            world.Step(10);
            return world.Read();
        })];
        void Round(int from, int to)
        {
            for (int i = from; i < to; i++)
            {
                model.Update(readings[i], TimeSpan.FromSeconds(1), new(1));
                model.Predict(sun, forecast);
            }
        }
        Round(0, 600); // an orbit: every path was taken once
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round(600, 1200);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
