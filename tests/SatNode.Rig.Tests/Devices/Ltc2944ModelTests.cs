using Microsoft.Extensions.Time.Testing;
using System.Buffers.Binary;
using SatNode.Rig.Devices;

namespace SatNode.Rig.Tests.Devices;

public sealed class Ltc2944ModelTests
{
    private const double CoulombsPerStep = 0.340e-3 * 3600 * 10 * 256 / 4096; // 5 mΩ, M = 256: 0.2125 mAh

    private static readonly Ltc2944Options Ideal = new()
    {
        ShuntOhms = 0.005,
        ChargeCoulombsAtIntegration = 8.145 * 3600,
        ChargeErrorMax = 0,
        VoltageErrorMax = 0,
        CurrentErrorMax = 0,
        TemperatureErrorKelvinMax = 0,
    };

    private readonly FakeTimeProvider _clock = new() { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
    private GaugeInputs _truth = new(Volts: 14.8, Amperes: 2, NetCoulombs: 0, Kelvin: 300);

    [Fact]
    public void Starts_with_the_batterys_charge()
    {
        Assert.Equal((int)(8145 / 0.2125), Charge(Chip(Ideal)));
    }

    [Fact]
    public void Counts_up_while_charging_and_down_while_discharging()
    {
        Ltc2944Model chip = Chip(Ideal with { ChargeCoulombsAtIntegration = 1000.5 * CoulombsPerStep });
        Assert.Equal(1000, Charge(chip));
        _truth = _truth with { NetCoulombs = 10 * CoulombsPerStep };
        Assert.Equal(1010, Charge(chip));
        _truth = _truth with { NetCoulombs = -10 * CoulombsPerStep };
        Assert.Equal(990, Charge(chip));
    }

    [Fact]
    public void Stops_at_both_ends()
    {
        Ltc2944Model chip = Chip(Ideal);
        _truth = _truth with { NetCoulombs = 1e6 };
        Assert.Equal(0xFFFF, Charge(chip));
        _truth = _truth with { NetCoulombs = -1e6 };
        Assert.Equal(0, Charge(chip));
    }

    [Fact]
    public void Converts_voltage_current_and_temperature()
    {
        Ltc2944Model chip = Chip(Ideal);

        Assert.Equal(14.8, Unsigned(chip, 0x08) * 70.8 / 65535, 70.8 / 16384);
        Assert.Equal(2, (Unsigned(chip, 0x0E) - 32767) / 32767.0 * 0.064 / 0.005, 12.8 / 2048);
        Assert.Equal(300, Unsigned(chip, 0x14) * 510.0 / 65535, 510.0 / 2048);
        _truth = _truth with { Amperes = -2 };
        Assert.Equal(-2, (Unsigned(chip, 0x0E) - 32767) / 32767.0 * 0.064 / 0.005, 12.8 / 2048);
    }

    [Fact]
    public void Shows_its_status_and_control_as_integrated()
    {
        Ltc2944Model chip = Chip(Ideal);

        Assert.Equal([0x01, 0xC0 | (4 << 3) | 0x04], chip.Registers(0, 2));
        Assert.Equal(0, chip.Registers(0, 1)[0]); // the power-up flag is cleared by the read
    }

    [Fact]
    public void Asleep_it_counts_but_does_not_convert()
    {
        Ltc2944Model chip = Chip(Ideal);
        int volts = Unsigned(chip, 0x08);
        chip.Write([0x01, 0x24]);
        int before = Charge(chip);
        _truth = _truth with { Volts = 12, NetCoulombs = 100 * CoulombsPerStep };

        Assert.Equal(volts, Unsigned(chip, 0x08));
        Assert.Equal(before + 100, Charge(chip));
        chip.Write([0x01, 0x64]); // manual: one conversion, then asleep again
        Assert.Equal(12, Unsigned(chip, 0x08) * 70.8 / 65535, 70.8 / 16384);
        Assert.Equal(0x24, chip.Registers(1, 1)[0]);
    }

    [Fact]
    public void Shut_down_it_misses_what_flows()
    {
        Ltc2944Model chip = Chip(Ideal);
        int before = Charge(chip);
        chip.Write([0x01, 0xE5]);
        _truth = _truth with { NetCoulombs = -500 };
        Assert.Equal(before, Charge(chip));
        chip.Write([0x01, 0xE4]);
        Assert.Equal(before, Charge(chip));
    }

    [Fact]
    public void Another_prescaler_changes_the_step_and_the_register_can_be_set()
    {
        Ltc2944Model chip = Chip(Ideal);
        chip.Write([0x01, 0xC0 | (3 << 3)]);
        chip.Write([0x02, 0x12, 0x34]);
        Assert.Equal(0x1234, Charge(chip));
        _truth = _truth with { NetCoulombs = CoulombsPerStep }; // M = 64: four steps
        Assert.Equal(0x1238, Charge(chip));
    }

    [Fact]
    public void Measurements_cannot_be_written()
    {
        Ltc2944Model chip = Chip(Ideal);
        byte[] before = chip.Registers(0x08, 2);
        chip.Write([0x08, 0xAA, 0xAA]);

        Assert.Equal(before, chip.Registers(0x08, 2));
    }

    [Fact]
    public void Counts_within_one_percent_on_every_chip()
    {
        HashSet<int> counts = [];
        for (int seed = 0; seed < 200; seed++)
        {
            _truth = _truth with { NetCoulombs = 0 };
            Ltc2944Model chip = Chip(Ideal with { ChargeErrorMax = 0.01 }, seed);
            int before = Charge(chip);
            _truth = _truth with { NetCoulombs = -20_000 * CoulombsPerStep };
            int counted = before - Charge(chip);
            counts.Add(counted);
            Assert.InRange(counted, 19_799, 20_201);
        }
        Assert.True(counts.Count > 100);
    }

    [Fact]
    public void Refuses_a_prescaler_the_chip_has_not()
    {
        Assert.Throws<ArgumentException>(() => Chip(Ideal with { Prescaler = 128 }));
    }

    private static int Unsigned(II2cChip chip, byte pointer) => BinaryPrimitives.ReadUInt16BigEndian(chip.Registers(pointer, 2));

    private static int Charge(II2cChip chip) => Unsigned(chip, 0x02);

    [Fact]
    public void Gives_its_last_finished_conversion_and_counts_all_the_same()
    {
        _clock.AutoAdvanceAmount = TimeSpan.Zero;
        Ltc2944Model chip = Chip(Ideal);
        short volts = chip.Word(0x08), charge = chip.Word(0x02);
        _truth = _truth with { Volts = 12, NetCoulombs = 10 * CoulombsPerStep };
        _clock.Advance(TimeSpan.FromMilliseconds(63));
        Assert.Equal(volts, chip.Word(0x08));
        Assert.Equal(charge + 10, chip.Word(0x02));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.NotEqual(volts, chip.Word(0x08));
    }

    private Ltc2944Model Chip(Ltc2944Options options, int seed = 1) => new(() => _truth, _clock, seed, options);
}
