using SatNode.Flight.Model;
using SatNode.Flight.Sensors;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Tests.Model;

public sealed class ChargeEstimatorTests(ITestOutputHelper output)
{
    private static double Bursts(double seconds) => ((int)(seconds / 400) % 5) switch { 1 => 1, 3 => 3, _ => 0 };

    private static Func<int, double> Perturbed(int seed)
    {
        double[] factors = TruthWorld.Perturbed(new Random(700 + seed));
        return i => i is 7 or 8 ? 1 : factors[i]; // neither full nor empty for days
    }

    private static double Error(OnboardModel model, TruthWorld world) => model.Battery.ChargeNow.Value - world.Charge;

    [Theory]
    [InlineData(1, 0.2)]
    [InlineData(2, -0.2)]
    [InlineData(3, 0.3)]
    [InlineData(4, -0.3)]
    public void A_wrong_charge_at_boot_is_put_right(int seed, double wrong)
    {
        var world = new TruthWorld(Perturbed(seed), seed) { Charge = 0.6, CounterOffset = wrong };
        var model = new OnboardModel(world.Options);
        world.Fly(model, 10, Bursts);
        Assert.InRange(Error(model, world) / wrong, 0.9, 1.1); // the counter is all it has
        world.Fly(model, 3 * TruthWorld.OrbitSeconds, Bursts);
        output.WriteLine($"seed {seed}: {Error(model, world):P2} off, sigma {model.Battery.Estimator.Sigma}, {model.Battery.Estimator.Ohms:F3} ohm");
        Assert.InRange(Math.Abs(Error(model, world)), 0, 0.05);
        Assert.InRange(Math.Abs(Error(model, world)), 0, 3.5 * model.Battery.Estimator.Sigma.Value);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void A_right_counter_is_not_spoilt_by_an_unusual_curve(int seed)
    {
        var world = new TruthWorld(Perturbed(seed), seed) { Charge = 0.7 };
        var model = new OnboardModel(world.Options);
        double worst = 0;
        for (int minute = 0; minute < 6 * 95; minute++)
        {
            world.Fly(model, 60, Bursts);
            worst = Math.Max(worst, Math.Abs(Error(model, world)));
        }
        output.WriteLine($"seed {seed}: at worst {worst:P2} off");
        Assert.InRange(worst, 0, 0.03);
    }

    [Fact]
    public void What_the_gauge_says_of_volts_and_amperes_of_different_moments_changes_nothing()
    {
        var world = new TruthWorld(Perturbed(4), 4) { Charge = 0.6 };
        ChargeEstimator clean = new(world.Options.BatteryCapacity, world.Options.BatteryAmpereHours), mixed = new(world.Options.BatteryCapacity, world.Options.BatteryAmpereHours);
        SensorReadings last = world.Read();
        for (double end = TruthWorld.OrbitSeconds; world.Seconds < end;)
        {
            world.BusyCores = Bursts(world.Seconds);
            world.Step(10);
            SensorReadings readings = world.Read();
            clean.Update(readings);
            mixed.Update(readings with { BatteryVoltage = new(1.013 * readings.BatteryVoltage.Volts), BatteryCurrent = last.BatteryCurrent });
            last = readings;
        }
        Assert.Equal((clean.Charge, clean.Sigma, clean.Ohms), (mixed.Charge, mixed.Sigma, mixed.Ohms));
        Assert.InRange(mixed.Ohms / (0.11 * Perturbed(4)(12)), 0.85, 1.15);
    }

    [Fact]
    public void Without_a_monitor_the_counter_is_believed_and_with_one_that_falls_silent_followed()
    {
        var world = new TruthWorld(Perturbed(4), 4) { Charge = 0.6, CounterOffset = 0.004 };
        var estimator = new ChargeEstimator(world.Options.BatteryCapacity, world.Options.BatteryAmpereHours);
        void Fly(double seconds, bool isMonitored)
        {
            for (double end = world.Seconds + seconds; world.Seconds < end;)
            {
                world.Step(10);
                SensorReadings readings = world.Read();
                estimator.Update(isMonitored ? readings : readings with { BatteryRailVoltage = new(double.NaN), BatteryRailCurrent = new(double.NaN) });
                if (estimator.Sigma.Value == 0)
                    Assert.Equal(readings.StateOfCharge, estimator.Charge);
            }
        }
        Fly(500, isMonitored: false);
        Assert.Equal(0, estimator.Sigma.Value);
        Fly(10, isMonitored: true);
        Assert.Equal(world.Read().StateOfCharge.Value, estimator.Charge.Value, 2);
        Assert.InRange(estimator.Sigma.Value, 0.005, 0.01);
        Fly(1000, isMonitored: true);
        double beside = estimator.Charge.Value - world.Charge, sigma = estimator.Sigma.Value, before = world.Charge;
        Fly(2000, isMonitored: false);
        Assert.True(Math.Abs(world.Charge - before) > 0.03);
        Assert.InRange(estimator.Charge.Value - world.Charge - beside, -0.005, 0.005);
        Assert.InRange(estimator.Sigma.Value, sigma, 2 * sigma);
    }

    [Theory]
    [InlineData(-0.5)] // to nothing
    [InlineData(0.25)]
    public void A_counter_that_jumps_keeps_the_charge(double jump)
    {
        var world = new TruthWorld(Perturbed(1), 1) { Charge = 0.6 };
        var model = new OnboardModel(world.Options);
        world.Fly(model, 2000, Bursts);
        double before = Error(model, world);
        world.CounterOffset = jump;
        world.Fly(model, 10, Bursts);
        Assert.Equal(1, model.Battery.Estimator.CounterJumps);
        Assert.InRange(Error(model, world) - before, -0.003, 0.003);
        world.Fly(model, TruthWorld.OrbitSeconds, Bursts);
        Assert.Equal(1, model.Battery.Estimator.CounterJumps);
        Assert.InRange(Math.Abs(Error(model, world)), 0, 0.03);
    }

    [Theory]
    [InlineData(0.05, true)]
    [InlineData(-0.05, true)]
    [InlineData(0.05, false)]
    [InlineData(-0.05, false)]
    public void A_biased_current_sensor_stays_bounded(double bias, bool hasCounter)
    {
        var world = new TruthWorld(Perturbed(3), 3) { Charge = 0.6, CurrentBias = bias, HasCounter = hasCounter };
        var model = new OnboardModel(world.Options);
        double worst = 0;
        for (int orbit = 0; orbit < 20; orbit++)
        {
            world.Fly(model, TruthWorld.OrbitSeconds, Bursts);
            worst = Math.Max(worst, Math.Abs(Error(model, world)));
        }
        output.WriteLine($"counted {world.CounterOffset:P1} wrong, at worst {worst:P2} off, offset {model.Battery.Estimator.CurrentOffset.Amperes * 1000:F0} mA");
        Assert.InRange(Math.Abs(world.CounterOffset), 0.15, 1); // what counting alone would be off
        Assert.InRange(worst, 0, hasCounter ? 0.05 : 0.06);
    }

    [Fact]
    public void Without_a_counter_voltage_begins_and_current_is_integrated()
    {
        var world = new TruthWorld(Perturbed(2), 2) { Charge = 0.4, HasCounter = false };
        var model = new OnboardModel(world.Options);
        world.Fly(model, 10, Bursts);
        Assert.InRange(Math.Abs(Error(model, world)), 0, 0.1);
        double before = model.Battery.Estimator.Counted, charge = world.Charge;
        world.Fly(model, 1200, Bursts);
        Assert.InRange(model.Battery.Estimator.Counted - before - (world.Charge - charge), -0.005, 0.005);
        world.Fly(model, 2 * TruthWorld.OrbitSeconds, Bursts);
        Assert.InRange(Math.Abs(Error(model, world)), 0, 0.07); // what the typical curve lies beside this battery's
        Assert.InRange(Math.Abs(Error(model, world)), 0, 3 * model.Battery.Estimator.Sigma.Value);
    }

    [Fact]
    public void A_counter_that_answers_late_is_believed()
    {
        var world = new TruthWorld(Perturbed(2), 2) { Charge = 0.4, HasCounter = false };
        var estimator = new ChargeEstimator(world.Options.BatteryCapacity, world.Options.BatteryAmpereHours);
        estimator.Update(world.Read() with { StateOfCharge = new(double.NaN) });
        double byVoltage = Math.Abs(estimator.Charge.Value - world.Charge);
        world.Step(10);
        estimator.Update(world.Read() with { StateOfCharge = new(world.Charge) });
        Assert.InRange(byVoltage, 0.01, 0.15);
        Assert.InRange(Math.Abs(estimator.Charge.Value - world.Charge), 0, 0.001);
    }

    [Fact]
    public void Finds_the_resistance_from_steps_of_the_current()
    {
        for (int seed = 0; seed < 4; seed++)
        {
            Func<int, double> scale = Perturbed(seed);
            var world = new TruthWorld(scale, seed) { Charge = 0.6 };
            var model = new OnboardModel(world.Options);
            world.Fly(model, 2 * TruthWorld.OrbitSeconds, Bursts);
            Assert.InRange(model.Battery.Estimator.Ohms / (0.11 * scale(12)), 0.85, 1.15);
        }
    }

    [Fact]
    public void Unknown_stays_unknown_and_a_silent_gap_is_told_by_the_counter()
    {
        var world = new TruthWorld(_ => 1, 9) { Charge = 0.6 };
        var estimator = new ChargeEstimator(world.Options.BatteryCapacity, world.Options.BatteryAmpereHours);
        estimator.Update(SensorReadings.Unknown(world.Now));
        Assert.True(double.IsNaN(estimator.Charge.Value));
        Assert.True(double.IsNaN(estimator.Sigma.Value));
        world.Step(10);
        estimator.Update(world.Read());
        Assert.InRange(estimator.Charge.Value - world.Charge, -0.01, 0.01);
        double sigma = estimator.Sigma.Value;
        for (int i = 0; i < 120; i++) // twenty minutes in which charge goes in
        {
            world.Step(10);
            estimator.Update(SensorReadings.Unknown(world.Now));
            Assert.True(double.IsNaN(estimator.Charge.Value));
        }
        world.Step(10);
        estimator.Update(world.Read());
        Assert.InRange(estimator.Charge.Value - world.Charge, -0.01, 0.01);
        Assert.InRange(estimator.Sigma.Value, 0, 1.2 * sigma);
        Assert.Equal(0, estimator.CounterJumps);
    }

    [Fact]
    public void What_voltage_told_of_a_gap_the_counter_does_not_tell_again()
    {
        var world = new TruthWorld(_ => 1, 9) { Charge = 0.6 };
        var estimator = new ChargeEstimator(world.Options.BatteryCapacity, world.Options.BatteryAmpereHours);
        world.Step(10);
        estimator.Update(world.Read());
        double sigma = estimator.Sigma.Value, before = world.Charge;
        for (int i = 0; i < 120; i++)
        {
            world.Step(10);
            estimator.Update(SensorReadings.Unknown(world.Now));
        }
        Assert.True(world.Charge - before > 0.03);
        world.Step(10);
        estimator.Update(world.Read() with { StateOfCharge = new(double.NaN) }); // current alone: what went in meanwhile only voltage knows
        Assert.InRange(estimator.Sigma.Value, 1.5 * sigma, 0.04);
        double told = estimator.Charge.Value;
        world.Step(10);
        estimator.Update(world.Read());
        Assert.InRange(estimator.Charge.Value - told, -0.002, 0.002);
        Assert.InRange(Math.Abs(estimator.Charge.Value - world.Charge), 0, 3 * estimator.Sigma.Value);
    }

    [Fact]
    public void Voltage_alone_is_no_charge_and_no_capacity_believes_the_counter()
    {
        var world = new TruthWorld(_ => 1, 9) { Charge = 0.6 };
        world.Step(10);
        var estimator = new ChargeEstimator(world.Options.BatteryCapacity, world.Options.BatteryAmpereHours);
        estimator.Update(world.Read() with { StateOfCharge = new(double.NaN), BatteryCurrent = new(double.NaN), BatteryRailCurrent = new(double.NaN) });
        Assert.True(double.IsNaN(estimator.Charge.Value));

        var believing = new ChargeEstimator(world.Options.BatteryCapacity, ampereHours: null);
        for (int i = 0; i < 100; i++)
        {
            world.Step(10);
            SensorReadings readings = world.Read() with { BatteryVoltage = new(12), BatteryRailVoltage = new(12) }; // it would say empty
            believing.Update(readings);
            Assert.Equal(readings.StateOfCharge.Value, believing.Charge.Value, 9);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChargeEstimator(new Energy(1), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChargeEstimator(new Energy(1), double.NaN));
    }
}
