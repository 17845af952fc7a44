using SatNode.Rig.World;

namespace SatNode.Rig.Tests.World;

public sealed class BatteryTests
{
    private static readonly SatelliteOptions Defaults = new();

    [Fact]
    public void The_curve_runs_from_empty_to_full_and_holds_the_energy()
    {
        var curve = new BatteryCurve(12.0, 16.8, 118.8 / 8.145);

        Assert.Equal(12.0, curve.Volts(0));
        Assert.Equal(16.8, curve.Volts(1), 1e-12);
        Assert.Equal(118.8 * 3600, curve.JoulesPerCoulomb(1) * 8145 * 3.6, 1e-3);
        double previous = 0;
        for (int permille = 0; permille <= 1000; permille++)
        {
            Assert.True(curve.Volts(permille / 1000.0) > previous, $"falls at {permille} ‰");
            previous = curve.Volts(permille / 1000.0);
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(-20)]
    public void Carries_the_power_that_is_asked_of_it(double watts)
    {
        var battery = new Battery(Defaults with { StateOfChargeInitial = 0.5 });
        double open = battery.OpenCircuitVolts;
        BatteryStep step = battery.Step(watts, 1);

        Assert.Equal(watts, step.TerminalWatts, 1e-6);
        Assert.Equal(watts, step.TerminalVolts * step.Amperes, 1e-6);
        Assert.Equal(open + (step.Amperes * 0.12), step.TerminalVolts, 1e-3);
        Assert.Equal(step.Amperes, battery.NetCoulombs, 1e-9);
    }

    [Fact]
    public void Never_holds_more_than_its_capacity_nor_less_than_nothing()
    {
        var battery = new Battery(Defaults with { StateOfChargeInitial = 0.9999 });
        for (int i = 0; i < 600; i++)
            battery.Step(60, 1);
        Assert.Equal(1, battery.StateOfCharge);
        Assert.Equal(0, battery.Step(60, 1).Amperes);

        for (int i = 0; i < 6 * 3600; i++)
            battery.Step(-60, 1);
        Assert.Equal(0, battery.StateOfCharge, 1e-12);
        Assert.Equal(0, battery.Step(-60, 1).TerminalWatts, 1e-9);
    }

    [Fact]
    public void Keeps_its_power_limits()
    {
        var battery = new Battery(Defaults with { StateOfChargeInitial = 0.5, ChargeWattsMax = 30, DischargeWattsMax = 40 });

        Assert.Equal(30, battery.Step(500, 1).TerminalWatts, 1e-4);
        Assert.Equal(-40, battery.Step(-500, 1).TerminalWatts, 1e-4);
    }

    [Fact]
    public void Returns_about_95_percent_of_what_goes_in()
    {
        // BUPT-1: 118.8 Wh out for 124.8 Wh in, 95.2 %; an orbit's powers through charger and discharger.
        var battery = new Battery(Defaults with { StateOfChargeInitial = 0.4 });
        double input = 0;
        double output = 0;
        for (int i = 0; i < 3600; i++)
            input += battery.Step(20 * 0.98, 1).TerminalWatts / 0.98;
        while (battery.StateOfCharge > 0.4)
            output -= battery.Step(-15 / 0.98, 1).TerminalWatts * 0.98;

        Assert.InRange(output / input, 0.93, 0.965);
    }

    [Fact]
    public void Takes_no_charge_below_freezing_and_gives_it_still()
    {
        var battery = new Battery(Defaults with { StateOfChargeInitial = 0.5 });

        Assert.Equal(0, battery.Step(20, 1, kelvin: 273.14).Amperes);
        Assert.True(battery.Step(20, 1, kelvin: 273.15).Amperes > 1);
        Assert.Equal(-20, battery.Step(-20, 1, kelvin: 253.15).TerminalWatts, 1e-6);
    }

    [Theory] // NCR18650: 88 % of the charge at 0 °C, 76 % at −20 °C
    [InlineData(293.15, 0)]
    [InlineData(313.15, 0)]
    [InlineData(273.15, 0.12)]
    [InlineData(253.15, 0.24)]
    public void The_cold_keeps_a_part_of_the_charge(double kelvin, double left)
    {
        var battery = new Battery(Defaults with { StateOfChargeInitial = 0.3 });
        for (int i = 0; i < 6 * 3600; i++)
            battery.Step(-20, 1, kelvin);

        Assert.Equal(left, battery.StateOfCharge, 1e-9);
        Assert.Equal(0, battery.Step(-20, 1, kelvin).Amperes, 1e-9);
    }

    [Fact]
    public void Charge_that_the_cold_keeps_is_neither_drawn_nor_lost()
    {
        var battery = new Battery(Defaults with { StateOfChargeInitial = 0.05 });
        Assert.Equal(0, battery.Step(-20, 1, kelvin: 253.15).Amperes, 1e-12);
        Assert.Equal(0.05, battery.StateOfCharge);
        Assert.Equal(-20, battery.Step(-20, 1, kelvin: 293.15).TerminalWatts, 1e-6);
    }

    [Fact]
    public void Resistance_doubles_to_freezing()
    {
        var battery = new Battery(Defaults);

        Assert.Equal(0.12, battery.Ohms(293.15), 1e-12);
        Assert.InRange(battery.Ohms(273.15) / 0.12, 1.9, 2.1);
        Assert.InRange(battery.Ohms(253.15) / 0.12, 3.9, 4.5);
    }
}
