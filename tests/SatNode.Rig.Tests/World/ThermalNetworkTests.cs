using SatNode.Rig.World;

namespace SatNode.Rig.Tests.World;

public sealed class ThermalNetworkTests
{
    private static readonly SatelliteOptions Defaults = new();

    [Fact]
    public void Settles_where_radiation_and_conduction_balance_the_heat()
    {
        var network = new ThermalNetwork(Defaults with { StructureJoulesPerKelvin = 500 });
        for (int i = 0; i < 200_000; i++)
            network.Step(new(Board: 4, Structure: 60), seconds: 1);

        double structure = Math.Pow(64 / (0.5 * 5.670374419e-8 * 0.32), 0.25);
        Assert.Equal(structure, network.StructureKelvin, 1e-6);
        Assert.Equal(structure + (4 / 0.1125), network.BoardKelvin, 1e-6);
    }

    [Theory]
    [InlineData(0, 24)] // Raspberry Pi 4B in BUPT-1: 24 K over its surroundings idle, 13 K more a busy core
    [InlineData(1, 37)]
    [InlineData(2, 50)]
    [InlineData(3, 63)]
    public void A_board_is_as_hot_over_its_structure_as_measured_in_orbit(int cores, double kelvin)
    {
        double watts = Defaults.BoardIdleWatts + (cores * Defaults.BoardCoreWatts);

        Assert.Equal(kelvin, watts / Defaults.BoardStructureWattsPerKelvin, 0.05);
    }

    [Fact]
    public void A_board_needs_325_seconds_for_63_percent_of_the_way()
    {
        var network = new ThermalNetwork(Defaults with { BoardKelvinInitial = 300, StructureKelvinInitial = 300, StructureJoulesPerKelvin = 1e9, Emissivity = 0 });
        for (int i = 0; i < 325; i++)
            network.Step(new(Board: 2.25, Structure: 0), seconds: 1);

        Assert.Equal(300 + (20 * (1 - Math.Exp(-1))), network.BoardKelvin, 1e-3);
    }

    [Fact]
    public void Cools_as_the_fourth_power_says()
    {
        // Without conduction dT/dt = −k·T⁴, so T = (T₀⁻³ + 3kt)^(−1/3).
        var network = new ThermalNetwork(Defaults with { BoardStructureWattsPerKelvin = 0, BatteryStructureWattsPerKelvin = 0, StructureKelvinInitial = 320 });
        for (int i = 0; i < 3600; i++)
            network.Step(default, 1);

        double k = 0.5 * ThermalNetwork.StefanBoltzmann * 0.32 / 10_800;
        Assert.Equal(Math.Pow(Math.Pow(320, -3) + (3 * k * 3600), -1.0 / 3), network.StructureKelvin, 1e-6);
        Assert.Equal(Defaults.BoardKelvinInitial, network.BoardKelvin);
    }
}
