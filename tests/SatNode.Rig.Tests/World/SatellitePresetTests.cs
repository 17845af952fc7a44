using SatNode.Orbit;
using SatNode.Orbit.Constellations;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Sunlight;
using SatNode.Rig.World;

namespace SatNode.Rig.Tests.World;

public sealed class SatellitePresetTests
{
    private static readonly TimeSpan Bupt1Orbit = TimeSpan.FromMinutes(94.6);

    /// <summary>BUPT-1 (Xing et al., MobiCom 2024): 22.6 Wh from the Sun an orbit on average, 12.3 to 38.0.</summary>
    [Fact]
    public void Bupt_1_has_its_energy_an_orbit()
    {
        List<double> wattHours = [];
        foreach (int month in (int[])[3, 6, 9, 12])
        {
            SatelliteTruth satellite = FlyBupt1(month, orbits: 4);
            EnergyLedger ledger = satellite.Ledger;
            wattHours.Add(ledger.HarvestedJoules / 3600 / 4);
            Assert.Equal(3.9, ledger.CommunicationJoules / 3600 / 4, 0.02);
            Assert.Equal(1.5, ledger.PayloadJoules / 3600 / 4, 0.02);
            Assert.Equal(22.7, (ledger.LoadJoules - ledger.CommunicationJoules - ledger.PayloadJoules) / 3600 / 4, 0.05);
        }
        Assert.Equal(22.6, wattHours.Average(), 0.5);
        Assert.All(wattHours, each => Assert.InRange(each, 12.3, 38.0));
    }

    [Fact]
    public void Bupt_1s_battery_is_the_measured_one()
    {
        var battery = new Battery(SatellitePresets.Bupt1 with { StateOfChargeInitial = 1 });

        Assert.Equal(16.25, battery.OpenCircuitVolts, 1e-9);
        Assert.Equal(8145 * 3.6, battery.CapacityCoulombs, 1e-6);
        Assert.Equal(118.8 * 3600, battery.StoredJoules, 1e-3);
        Assert.Equal(12.0, new Battery(SatellitePresets.Bupt1 with { StateOfChargeInitial = 0 }).OpenCircuitVolts, 1e-9);
    }

    [Fact]
    public void Mean_orbits_of_bupt_1_do_not_hold_together()
    {
        // 3.9 + 1.5 + 22.7 Wh go out and 22.6 come in: the averages are of different orbits, and the truth says so.
        SatelliteTruth satellite = FlyBupt1(month: 3, orbits: 4);
        Assert.InRange(satellite.Now.StateOfCharge, 0.85 - (4 * 0.08), 0.85 - (4 * 0.04));
    }

    [Theory]
    [InlineData("cubesat-6u")]
    [InlineData("small-satellite")]
    public void A_preset_flies_for_a_day(string name)
    {
        SatelliteOptions options = SatellitePresets.WithRaspberryPi4B(SatellitePresets.Satellite(name)!);
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One(options);
        satellite.Board = new ScriptedLoad();
        double before = satellite.StoredJoules;
        world.Advance(world.Start + TimeSpan.FromDays(1));
        DateTimeOffset from = world.Start + TimeSpan.FromHours(6);

        Assert.Empty(options.Faults());
        Assert.Equal(0, satellite.History.Envelope(TruthQuantity.UnmetWatts, from, world.Now)!.Value.Max);
        Assert.InRange(satellite.History.Envelope(TruthQuantity.StateOfCharge, from, world.Now)!.Value.Min, 0.4, 1);
        Envelope battery = satellite.History.Envelope(TruthQuantity.BatteryKelvin, from, world.Now)!.Value;
        Assert.InRange(battery.Min, 273.15, 303); // takes charge at any time
        Envelope panel = satellite.History.Envelope(TruthQuantity.PanelKelvin, from, world.Now)!.Value;
        Assert.InRange(panel.Min, 183, 233); // panels in low orbit: −90 to −40 °C in the dark, 30 to 100 °C in the light
        Assert.InRange(panel.Max, 303, 373);
        EnergyLedger ledger = satellite.Ledger;
        Assert.Equal(ledger.AbsorbedJoules - ledger.RadiatedJoules - ledger.TransmittedJoules, satellite.StoredJoules - before, ledger.AbsorbedJoules * 1e-9);
    }

    [Fact]
    public void Names_find_their_presets_and_others_none()
    {
        Assert.All(SatellitePresets.Satellites, name => Assert.Empty(SatellitePresets.Satellite(name)!.Faults()));
        Assert.All(SatellitePresets.Boards, name => Assert.NotNull(SatellitePresets.WithBoard(name, new())));
        Assert.Null(SatellitePresets.Satellite("cubesat-7u"));
        Assert.Null(SatellitePresets.WithBoard("raspberry-pi-3", new()));
    }

    private static SatelliteTruth FlyBupt1(int month, int orbits)
    {
        var start = new DateTimeOffset(2026, month, 21, 0, 0, 0, TimeSpan.Zero);
        Vector3d sun = Sun.PositionKm(start);
        double raan = (Math.Atan2(sun.Y, sun.X) * 180 / Math.PI) - 22.5; // the node at 10:30
        WalkerShell shell = new() { Planes = 1, SatellitesPerPlane = 1, AltitudeKm = 500, InclinationDegrees = 97.4, RaanOffsetDegrees = raan, Epoch = start };
        var world = new TrueWorld(start, 1, []);
        SatelliteTruth satellite = world.Add("bupt-1", new SatelliteOrbit(shell.ElementsOf(0, 0)), SatellitePresets.Bupt1 with { StateOfChargeInitial = 0.85 });
        satellite.Board = new ScriptedLoad();
        world.Advance(start + (orbits * Bupt1Orbit));
        return satellite;
    }
}
