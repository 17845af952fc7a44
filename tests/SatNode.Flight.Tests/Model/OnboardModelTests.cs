using SatNode.Flight.Model;
using SatNode.Flight.Sensors;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Tests.Model;

public sealed class OnboardModelTests(ITestOutputHelper output)
{
    /// <summary>A working day: bursts of one to three cores, and pauses.</summary>
    private static double Bursts(double seconds) => ((int)(seconds / 400) % 5) switch { 1 => 1, 3 => 3, _ => 0 };

    public static TheoryData<int> Worlds() => [.. Enumerable.Range(0, 12)];

    private static TruthWorld World(int number)
    {
        double[] factors = TruthWorld.Perturbed(new Random(1000 + number));
        if (number < 3)
            Array.Fill(factors, number switch { 0 => 1, 1 => 0.8, _ => 1.2 });
        return new(i => factors[i], seed: number);
    }

    [Theory] // the truth moved by ±20 %, all constants at once: forecasts over 95 minutes stay within 3 of their own error bars and 2 K rms
    [MemberData(nameof(Worlds))]
    public void Forecasts_a_perturbed_world_within_its_error_bars(int number)
    {
        TruthWorld world = World(number);
        var model = new OnboardModel(world.Options);
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
        var model = new OnboardModel(world.Options);
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
        var model = new OnboardModel(world.Options);
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
        var model = new OnboardModel(world.Options);
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
        var model = new OnboardModel(world.Options);
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
        var model = new OnboardModel(world.Options);
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
        var model = new OnboardModel(world.Options);
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
        TruthWorld world = World(0);
        var model = new OnboardModel(world.Options);
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
    public void A_contact_and_a_planned_function_are_in_the_forecast()
    {
        var world = new TruthWorld(_ => 1, 3) { Charge = 0.6 };
        var model = new OnboardModel(world.Options);
        for (int pass = 0; pass < 4; pass++)
        {
            world.Fly(model, 2400, _ => 0);
            world.IsInContact = true;
            world.Fly(model, 480, _ => 0);
            world.IsInContact = false;
        }
        Assert.InRange(model.Battery.ContactLoad.Watts, 14, 16);
        Assert.InRange(model.Battery.OtherLoadInSun.Watts, 10.5, 11.5); // without the transmitter
        Assert.InRange(model.Battery.OtherLoadInEclipse.Watts, 10.5, 11.5);
        DtnTime From(double seconds) => TruthWorld.At(world.Seconds + seconds);
        var quiet = new Forecast();
        var busy = new Forecast();
        model.Predict(world.SunAhead(), quiet);
        model.Predict(world.SunAhead(), busy, [new(From(600), From(1090)), new(From(900), From(1090))], [new(From(310), From(610), new(4))]);
        Assert.Equal(quiet.LoadWatts[29], busy.LoadWatts[29] - 4, 9);
        Assert.Equal(quiet.LoadWatts[30] + 2 + model.Battery.ContactLoad.Watts, busy.LoadWatts[30], 9); // half of a step
        Assert.Equal(quiet.LoadWatts[31] + model.Battery.ContactLoad.Watts, busy.LoadWatts[31], 9);
        Assert.Equal(quiet.LoadWatts[50] + model.Battery.ContactLoad.Watts, busy.LoadWatts[50], 9); // two stations are one transmitter
        Assert.Equal(quiet.LoadWatts[55], busy.LoadWatts[55], 9);
        Assert.Equal(quiet.BoardKelvin[15], busy.BoardKelvin[15], 9);
        Assert.InRange(busy.BoardKelvin[31] - quiet.BoardKelvin[31], 15, 28); // 4 W for 300 s
        double joules = (4 * 300) + (model.Battery.ContactLoad.Watts * 490);
        Assert.InRange((quiet.StateOfCharge[60] - busy.StateOfCharge[60]) * model.Battery.Capacity.Joules / joules, 0.85, 1.15);
    }

    [Fact]
    public void An_array_that_sees_the_sun_aslant_is_foreseen_as_an_orbit_ago()
    {
        var world = new TruthWorld(_ => 1, 4) { Charge = 0.5, LooksAtEarth = true };
        var model = new OnboardModel(world.Options);
        world.Fly(model, 2 * TruthWorld.OrbitSeconds, _ => 0);
        var forecast = new Forecast();
        model.Predict(world.SunAhead(), forecast);
        double worst = 0;
        for (int i = 0; i < 150; i++)
        {
            worst = Math.Max(worst, Math.Abs(forecast.StateOfCharge[i] - world.Charge));
            world.Step(Forecast.StepSeconds);
        }
        Assert.InRange(worst, 0, 0.02);
        Assert.InRange(model.Battery.SolarAfter(1800).Watts, 36, 40); // 1.2 of 32 W when it looks at the Sun
        Assert.InRange(model.Battery.SolarAfter(100).Watts, 7, 13);
        Assert.Equal(model.Battery.Solar, model.Battery.SolarAfter(double.NaN));
        Assert.Equal(model.Battery.Solar, model.Battery.SolarAfter(1e6));
    }

    [Fact]
    public void Power_that_is_left_is_array_and_battery_less_all_loads()
    {
        var world = new TruthWorld(_ => 1, 5) { Charge = 0.6 };
        var model = new OnboardModel(world.Options);
        var forecast = new Forecast();
        Assert.True(double.IsNaN(forecast.LeastAvailable.Watts));
        world.Fly(model, 2 * TruthWorld.OrbitSeconds, _ => 0);
        model.Predict(world.SunAhead(), forecast);
        Assert.InRange(forecast.Available(10).Watts, forecast.MaxDischargeWatts + 18.3 - 1, forecast.MaxDischargeWatts + 18.3 + 1); // 32 − 11 − 2.7 W
        Assert.InRange(forecast.Available(250).Watts, forecast.MaxDischargeWatts - 13.7 - 1, forecast.MaxDischargeWatts - 13.7 + 1);
        Assert.Equal(forecast.LeastAvailable.Watts, Enumerable.Range(0, forecast.Count).Min(i => forecast.Available(i).Watts));
        Assert.InRange(forecast.AvailableSigma(10).Watts, 0.05, 1);
        Assert.True(double.IsNaN(forecast.Available(-1).Watts) && double.IsNaN(forecast.Available(forecast.Count).Watts) && double.IsNaN(forecast.AvailableSigma(forecast.Count).Watts));
        model.Update(SensorReadings.Unknown(world.Now), TimeSpan.Zero, new(1));
        model.Predict(world.SunAhead(), forecast);
        Assert.True(double.IsNaN(forecast.LeastAvailable.Watts));
    }

    [Fact]
    public void Updating_and_predicting_allocate_nothing()
    {
        TruthWorld world = World(0);
        var model = new OnboardModel(world.Options);
        var forecast = new Forecast();
        world.Fly(model, 1000, Bursts);
        List<SunInterval> sun = world.SunAhead();
        ContactInterval[] contacts = [new(TruthWorld.At(2000), TruthWorld.At(4000))];
        PlannedLoad[] planned = [new(TruthWorld.At(1500), TruthWorld.At(9000), new(3))];
        SensorReadings[] readings = [.. Enumerable.Range(0, 1200).Select(_ =>
        {
            world.Step(10);
            return world.Read();
        })];
        void Round(int from, int to)
        {
            for (int i = from; i < to; i++)
            {
                model.Update(readings[i], TimeSpan.FromSeconds(1), new(i % 570 < 360 ? 1 : 0), i % 50 < 5);
                model.Predict(sun, forecast, contacts, planned);
            }
        }
        Round(0, 600); // an orbit: every path was taken once
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round(600, 1200);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
