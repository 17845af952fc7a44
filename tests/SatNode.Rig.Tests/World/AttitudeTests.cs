using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Sunlight;
using SatNode.Rig.World;

namespace SatNode.Rig.Tests.World;

public sealed class AttitudeTests
{
    private static readonly TimeSpan Orbit = TimeSpan.FromMinutes(95.65);

    private static readonly Vector3d FarSun = new(Sun.AstronomicalUnitKm, 0, 0);

    [Theory]
    [InlineData(AttitudeMode.Nadir)]
    [InlineData(AttitudeMode.Sun)]
    [InlineData(AttitudeMode.Tumbling)]
    public void Axes_are_at_right_angles_and_right_handed(AttitudeMode mode)
    {
        var state = new TemeState(new(3000, 5000, 3600), new(-5.1, 1.2, 5.4));
        for (int seconds = 0; seconds < 5000; seconds += 97)
        {
            BodyAxes axes = BodyAxes.Of(mode, state, FarSun, seconds);
            Assert.All([axes.X, axes.Y, axes.Z], axis => Assert.Equal(1, axis.Length, 1e-12));
            Assert.Equal(0, (axes.X.Cross(axes.Y) - axes.Z).Length, 1e-12);
        }
    }

    [Fact]
    public void Nadir_pointing_looks_down_and_flies_along_x()
    {
        var state = new TemeState(new(7000, 0, 0), new(0, 0, 7.5));
        BodyAxes axes = BodyAxes.Of(AttitudeMode.Nadir, state, FarSun, 0);

        Assert.Equal(new(-1, 0, 0), axes.Z);
        Assert.Equal(1, axes.X.Z, 1e-12);
    }

    [Fact]
    public void The_sun_along_the_orbits_normal_leaves_axes_too()
    {
        var state = new TemeState(new(7000, 0, 0), new(0, 7.5, 0));
        BodyAxes axes = BodyAxes.Of(AttitudeMode.Sun, state, new(0, 0, Sun.AstronomicalUnitKm), 0);

        Assert.True(axes.X.IsFinite);
        Assert.Equal(-1, axes.Z.Z, 1e-4);
    }

    [Fact]
    public void Constant_has_no_axes() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BodyAxes.Of(AttitudeMode.Constant, new(new(7000, 0, 0), new(0, 7.5, 0)), FarSun, 0));

    [Fact]
    public void A_tumbling_panel_sees_every_direction_alike()
    {
        double[] mean = [0, 0, 0];
        const int Seconds = 200_000;
        for (int second = 0; second < Seconds; second++)
        {
            Vector3d normal = -BodyAxes.Of(AttitudeMode.Tumbling, default, default, second).Z;
            mean[0] += Math.Max(0, normal.X) / Seconds;
            mean[1] += Math.Max(0, normal.Y) / Seconds;
            mean[2] += Math.Max(0, normal.Z) / Seconds;
        }
        // A body that turns about two axes is not quite isotropic: a quarter on the mean of the three.
        Assert.Equal(0.25, mean.Average(), 0.03);
        Assert.All(mean, each => Assert.InRange(each, 0.18, 0.33));
    }

    [Fact]
    public void The_panel_to_the_sun_gives_most_then_to_the_zenith_then_tumbling()
    {
        double sun = Harvest(AttitudeMode.Sun);
        double nadir = Harvest(AttitudeMode.Nadir);
        double tumbling = Harvest(AttitudeMode.Tumbling);

        Assert.True(sun > 1.5 * nadir, $"{sun} and {nadir} Wh");
        Assert.True(nadir > tumbling, $"{nadir} and {tumbling} Wh");
        Assert.True(tumbling > 3, $"{tumbling} Wh");
    }

    [Theory]
    [InlineData(AttitudeMode.Nadir)]
    [InlineData(AttitudeMode.Sun)]
    [InlineData(AttitudeMode.Tumbling)]
    public void No_joule_is_made_or_lost_in_any_attitude(AttitudeMode mode)
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One(SatellitePresets.WithRaspberryPi4B(new()) with { Attitude = mode, PanelYears = 3 }, rate: 60);
        var load = new ScriptedLoad();
        satellite.Board = load;
        double before = satellite.StoredJoules;
        for (int minute = 1; minute <= 200; minute++)
        {
            load.CpuTime += TimeSpan.FromSeconds(minute % 5);
            world.Advance(world.Start + TimeSpan.FromMinutes(minute));
        }

        EnergyLedger ledger = satellite.Ledger;
        Assert.Equal(ledger.AbsorbedJoules - ledger.RadiatedJoules - ledger.TransmittedJoules, satellite.StoredJoules - before, ledger.AbsorbedJoules * 1e-9);
        Assert.Throws<InvalidOperationException>(() => satellite.AttitudeFactor = 0.5);
    }

    [Fact]
    public void Years_and_heat_take_power_from_the_array()
    {
        double fresh = Harvest(AttitudeMode.Sun);
        double old = Harvest(AttitudeMode.Sun, options => options with { PanelYears = 5 });
        double cold = Harvest(AttitudeMode.Sun, options => options with { PanelPowerPerKelvin = 0 });

        Assert.Equal(Math.Pow(1 - 0.025, 5), old / fresh, 0.01); // the old one is a little warmer too
        Assert.InRange(fresh / cold, 0.88, 0.98);                // 30 to 80 °C in the light
    }

    [Fact]
    public void A_turn_takes_no_light_away_from_the_constant_attitude()
    {
        // The default is what it was before attitudes: a quarter of the body in the Sun, 80 % of the peak.
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One();
        world.Advance(world.Start + Orbit);
        TruthSample lit = satellite.History.Samples(world.Start, world.Now, TimeSpan.FromSeconds(1)).First(sample => sample.SunFraction == 1 && sample.BatteryAmperes > 0);

        Assert.Equal(36 * 0.8, lit.SolarWatts, 1e-6);
    }

    private static double Harvest(AttitudeMode mode, Func<SatelliteOptions, SatelliteOptions>? change = null)
    {
        SatelliteOptions options = new() { Attitude = mode, StateOfChargeInitial = 0.3, ChargeWattsMax = 200 };
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One(change?.Invoke(options) ?? options);
        world.Advance(world.Start + (2 * Orbit));
        return satellite.Ledger.HarvestedJoules / 3600 / 2;
    }
}
