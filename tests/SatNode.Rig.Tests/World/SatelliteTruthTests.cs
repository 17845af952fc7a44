using SatNode.Rig.World;

namespace SatNode.Rig.Tests.World;

public sealed class SatelliteTruthTests
{
    private static readonly TimeSpan Orbit = TimeSpan.FromMinutes(95.65);

    [Theory]
    [InlineData(0.8, 36)]
    [InlineData(0.999, 60)] // full, charge refused
    [InlineData(0.02, 3)]   // runs empty, loads starve
    public void No_joule_is_made_or_lost(double stateOfCharge, double solarWatts)
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One(new() { StateOfChargeInitial = stateOfCharge, SolarPeakWatts = solarWatts }, rate: 60);
        var load = new ScriptedLoad();
        satellite.Board = load;
        double before = satellite.StoredJoules;
        for (int minute = 1; minute <= 200; minute++)
        {
            load.CpuTime += TimeSpan.FromSeconds(minute % 4);
            load.IsPowered = minute % 50 != 0;
            world.Advance(world.Start + TimeSpan.FromMinutes(minute));
        }

        EnergyLedger ledger = satellite.Ledger;
        double stored = satellite.StoredJoules - before;
        Assert.True(ledger.AbsorbedJoules > 100_000);
        Assert.Equal(ledger.AbsorbedJoules - ledger.RadiatedJoules - ledger.TransmittedJoules, stored, ledger.AbsorbedJoules * 1e-6);
        Assert.InRange(satellite.Now.StateOfCharge, 0, 1);
    }

    [Fact]
    public void What_the_array_gives_is_used_stored_or_lost_on_the_way()
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One();
        double before = satellite.BatteryJoules;
        world.Advance(world.Start + Orbit);

        EnergyLedger ledger = satellite.Ledger;
        Assert.Equal(ledger.LoadJoules + ledger.BatteryLossJoules + satellite.BatteryJoules - before, ledger.HarvestedJoules, ledger.HarvestedJoules * 1e-6);
    }

    [Fact]
    public void Cpu_time_becomes_heat_at_the_rate_of_the_world()
    {
        (TrueWorld world, SatelliteTruth busy) = Worlds.One(rate: 60);
        (TrueWorld idleWorld, SatelliteTruth idle) = Worlds.One(rate: 60);
        var load = new ScriptedLoad();
        busy.Board = load;
        idle.Board = new ScriptedLoad();

        load.CpuTime = TimeSpan.FromSeconds(10); // 600 core seconds of the world
        world.Advance(world.Start + TimeSpan.FromMinutes(10));
        idleWorld.Advance(world.Now);

        Assert.Equal(1, busy.Now.BusyCores, 1e-9);
        Assert.Equal(600 * 1.4625, busy.Ledger.BoardJoules - idle.Ledger.BoardJoules, 1e-6);
        Assert.InRange(busy.Now.BoardKelvin - idle.Now.BoardKelvin, 13 * 0.80, 13 * 0.88); // 600 s are 1.85 time constants: 84 %
    }

    [Fact]
    public void More_cpu_time_than_the_cores_have_waits_for_the_next_steps()
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One();
        var load = new ScriptedLoad { CpuTime = TimeSpan.FromSeconds(5) };
        satellite.Board = load;

        world.Advance(world.Start + TimeSpan.FromSeconds(1));
        Assert.Equal(4, satellite.Now.BusyCores, 1e-9);
        world.Advance(world.Start + TimeSpan.FromSeconds(2));
        Assert.Equal(1, satellite.Now.BusyCores, 1e-9);
        Assert.Equal(0, satellite.CoreSecondsDropped);

        load.CpuTime += TimeSpan.FromHours(1);
        world.Advance(world.Start + TimeSpan.FromSeconds(3));
        Assert.Equal(3600 - 4 - 240, satellite.CoreSecondsDropped, 1e-6);
    }

    [Fact]
    public void A_board_without_power_draws_and_heats_nothing()
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One();
        satellite.Board = new ScriptedLoad { IsPowered = false };
        world.Advance(world.Start + TimeSpan.FromMinutes(90));

        Assert.Equal(0, satellite.Ledger.BoardJoules);
        Assert.Equal(satellite.Now.StructureKelvin, satellite.Now.BoardKelvin, 1.0);
    }

    [Fact]
    public void In_the_dark_it_cools_and_discharges_and_in_the_light_it_warms()
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One();
        satellite.Board = new ScriptedLoad();
        world.Advance(world.Start + (2 * Orbit));
        IReadOnlyList<TruthSample> samples = satellite.History.Samples(world.Start, world.Now, TimeSpan.FromSeconds(1));
        TruthSample[] dark = [.. samples.SkipWhile(s => s.SunFraction == 0).SkipWhile(s => s.SunFraction > 0).TakeWhile(s => s.SunFraction == 0)];

        Assert.InRange(dark.Length, 25 * 60, 37 * 60); // of a 550 km orbit at low beta: up to 36 minutes
        Assert.True(dark[^1].StructureKelvin < dark[0].StructureKelvin - 3);
        Assert.True(dark[^1].StateOfCharge < dark[0].StateOfCharge);
        Assert.All(dark[1..], sample => Assert.True(sample.SolarWatts < 1e-6 && sample.BatteryAmperes < 0));
        TruthSample lit = samples.First(s => s.Time > dark[^1].Time + TimeSpan.FromMinutes(20));
        Assert.True(lit.StructureKelvin > dark[^1].StructureKelvin);
    }

    [Fact]
    public void The_defaults_fly_for_a_day()
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One();
        satellite.Board = new ScriptedLoad();
        world.Advance(world.Start + TimeSpan.FromDays(1));
        DateTimeOffset from = world.Start + (3 * Orbit);

        Envelope structure = satellite.History.Envelope(TruthQuantity.StructureKelvin, from, world.Now)!.Value;
        Envelope charge = satellite.History.Envelope(TruthQuantity.StateOfCharge, from, world.Now)!.Value;
        Assert.InRange(structure.Min, 273, 300);
        Assert.InRange(structure.Max, 283, 313);
        Assert.InRange(charge.Min, 0.6, 1);
        double wattHoursAnOrbit = satellite.Ledger.HarvestedJoules / 3600 / (TimeSpan.FromDays(1) / Orbit);
        Assert.InRange(wattHoursAnOrbit, 12.3, 38.0); // BUPT-1
        Assert.Equal(0, satellite.History.Envelope(TruthQuantity.UnmetWatts, from, world.Now)!.Value.Max);
    }

    [Fact]
    public void The_transmitter_draws_only_in_contact()
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One();
        satellite.Board = new ScriptedLoad();
        world.Advance(world.Start + TimeSpan.FromDays(1));
        IReadOnlyList<TruthSample> samples = satellite.History.Samples(world.Start, world.Now, TimeSpan.FromSeconds(1));

        TruthSample[] contact = [.. samples.Where(s => s.IsInGroundContact)];
        Assert.InRange(contact.Length, 600, 6000);
        Assert.All(contact, sample => Assert.Equal(12 + 2.7 + 15, sample.LoadWatts, 1e-6));
        Assert.All(samples.Skip(1).Where(s => !s.IsInGroundContact), sample => Assert.Equal(12 + 2.7, sample.LoadWatts, 1e-6));
        Assert.Equal(contact.Length * 15 * 0.3, satellite.Ledger.TransmittedJoules, 1e-3);
    }

    [Fact]
    public void The_same_world_twice_is_the_same_truth_however_it_is_advanced()
    {
        (TrueWorld world, SatelliteTruth one) = Worlds.One();
        (TrueWorld again, SatelliteTruth other) = Worlds.One();
        one.Board = new ScriptedLoad();
        other.Board = new ScriptedLoad();
        world.Advance(world.Start + TimeSpan.FromHours(1));
        var random = new Random(7);
        while (again.Now < world.Now)
            again.Advance(again.Now + TimeSpan.FromSeconds(Math.Min((world.Now - again.Now).TotalSeconds, random.NextDouble() * 30)));

        Assert.Equal(one.Now, other.Now);
        Assert.Equal(one.Ledger, other.Ledger);
    }

    [Fact]
    public void An_empty_battery_starves_the_loads_and_says_so()
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One(new() { StateOfChargeInitial = 0.01, SolarPeakWatts = 0, BatteryColdLossPerKelvin = 0 });
        satellite.Board = new ScriptedLoad();
        world.Advance(world.Start + TimeSpan.FromHours(1));

        Assert.Equal(0, satellite.Now.StateOfCharge, 1e-9);
        Assert.Equal(12 + 2.7, satellite.Now.UnmetWatts, 1e-6);
        Assert.Equal(0, satellite.Now.BoardWatts, 1e-9);
    }

    [Fact]
    public void Turning_away_from_the_sun_takes_the_power()
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One();
        satellite.AttitudeFactor = 0;
        world.Advance(world.Start + Orbit);

        Assert.Equal(0, satellite.Ledger.HarvestedJoules, 1e-3);
        Assert.Throws<ArgumentOutOfRangeException>(() => satellite.AttitudeFactor = double.NaN);
    }

    [Fact]
    public void One_whose_board_is_on_before_the_start_begins_then_and_the_others_wait()
    {
        var world = new TrueWorld(Worlds.Start, 1, []);
        SatelliteTruth early = world.Add("early", Worlds.Orbit()), late = world.Add("late", Worlds.Orbit(11));
        early.Board = new ScriptedLoad();
        world.BeginEarly("early", Worlds.Start.AddSeconds(-99.5));
        world.BeginEarly("late", Worlds.Start.AddSeconds(1)); // changes nothing
        Assert.Equal(Worlds.Start.AddSeconds(-100), world.Now);

        world.Advance(Worlds.Start.AddSeconds(-40));
        Assert.Equal(Worlds.Start.AddSeconds(-40), early.Now.Time);
        Assert.True(early.Now.LoadWatts > 0);
        Assert.Equal((Worlds.Start, 0.0, 1), (late.Now.Time, late.Now.LoadWatts, late.History.Count));

        world.Advance(Worlds.Start.AddSeconds(10));
        Assert.Equal(Worlds.Start.AddSeconds(10), early.Now.Time);
        Assert.Equal(Worlds.Start.AddSeconds(10), late.Now.Time);
        Assert.Equal((111, 11), (early.History.Count, late.History.Count));
        Assert.Equal(Worlds.Start.AddSeconds(-100), early.History.Samples(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, TimeSpan.Zero)[0].Time);
        Assert.Throws<InvalidOperationException>(() => world.BeginEarly("late", Worlds.Start.AddSeconds(-1)));
    }

    [Fact]
    public void Refuses_all_bad_options_at_once()
    {
        var world = new TrueWorld(Worlds.Start, 1, []);
        ArgumentException refused = Assert.Throws<ArgumentException>(() =>
            world.Add("p10-s03", Worlds.Orbit(), new() { StateOfChargeInitial = 1.01, BoardJoulesPerKelvin = double.NaN }));

        Assert.Contains("p10-s03: StateOfChargeInitial: expected 0 to 1, found 1.01; BoardJoulesPerKelvin: expected 1 to 1000000000, found NaN", refused.Message, StringComparison.Ordinal);
        Assert.Contains("mean voltage above 12 and below 16.8 V, found 24.55", Assert.Single(new SatelliteOptions { BatteryWattHours = 200 }.Faults()), StringComparison.Ordinal);
    }
}
