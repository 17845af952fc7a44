using Microsoft.Extensions.Time.Testing;
using SatNode.Rig.Devices;

namespace SatNode.Rig.Tests.Devices;

public sealed class Ina226ModelTests
{
    private static readonly Ina226Options Ideal = new()
    {
        ShuntOhms = 0.002,
        GainErrorMax = 0,
        ShuntOffsetVoltsMax = 0,
        BusOffsetVoltsMax = 0,
        ShuntNoiseVolts = 0,
        BusNoiseVolts = 0,
    };

    private readonly FakeTimeProvider _clock = new();
    private double _volts = 11.98;
    private double _amperes = 10;

    [Fact]
    public void Reads_as_the_data_sheets_example()
    {
        // SBOS547B, section 8.2.2: 10 A through 2 mΩ on 11.98 V with calibration 2,560.
        Ina226Model chip = Chip(Ideal);
        chip.Write([5, 0x0A, 0x00]);

        Assert.Equal(0x1F40, chip.Word(1));
        Assert.Equal(0x2570, chip.Word(2));
        Assert.Equal(0x2710, chip.Word(4));
        Assert.Equal(0x12B8, chip.Word(3), 1.0); // 0x12B8 by the example's rounding
    }

    [Fact]
    public void A_current_back_to_the_source_is_negative()
    {
        _amperes = -0.5;

        Assert.Equal(-400, Chip(Ideal).Word(1));
    }

    [Theory]
    [InlineData(1000, short.MaxValue)]
    [InlineData(-1000, short.MinValue)]
    public void Stops_at_the_end_of_its_range(double amperes, short code)
    {
        _amperes = amperes;

        Assert.Equal(code, Chip(Ideal).Word(1));
    }

    [Fact]
    public void Knows_who_it_is()
    {
        Ina226Model chip = Chip(Ideal);

        Assert.Equal("TI"u8.ToArray(), chip.Registers(0xFE, 2));
        Assert.Equal(0x2260, chip.Word(0xFF));
        Assert.Equal(0x4127, chip.Word(0));
        Assert.Equal(0, chip.Word(0x42));
    }

    [Fact]
    public void Powered_down_it_keeps_its_last_conversion_and_a_reset_wakes_it()
    {
        Ina226Model chip = Chip(Ideal);
        Assert.Equal(8000, chip.Word(1));
        chip.Write([5, 0x0A, 0x00]);
        chip.Write([0, 0x41, 0x20]);
        _amperes = 5;
        Assert.Equal(8000, chip.Word(1));
        chip.Write([0, 0x80, 0x00]);

        Assert.Equal(0x4127, chip.Word(0));
        Assert.Equal(4000, chip.Word(1));
        Assert.Equal(0, chip.Word(5));
    }

    [Theory]
    [InlineData(0x4127, 2200)]                  // reset: 1.1 ms a channel
    [InlineData(0x4007, 280)]                   // 140 µs
    [InlineData(0x4FFF, 1024 * 2 * 8244)]       // 1,024 averages of 8.244 ms
    [InlineData(0x4125, 1100)]                  // the shunt alone
    public void Gives_its_last_finished_conversion(int configuration, int microseconds)
    {
        Ina226Model chip = Chip(Ideal);
        chip.Write([0, (byte)(configuration >> 8), (byte)(configuration & 0xFF)]);
        Assert.Equal(8000, chip.Word(1));
        _amperes = 5;
        _clock.Advance(TimeSpan.FromMicroseconds(microseconds - 1));
        Assert.Equal(8000, chip.Word(1));
        _clock.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(4000, chip.Word(1));
    }

    [Fact]
    public void No_chip_is_further_off_than_its_data_sheet_says()
    {
        HashSet<short> codes = [];
        for (int seed = 0; seed < 500; seed++)
        {
            Ina226Model chip = Chip(new() { ShuntOhms = 0.002 }, seed);
            short shunt = chip.Word(1);
            codes.Add(shunt);
            Assert.InRange(shunt * 2.5e-6, (0.020 * 0.999) - 10e-6 - 9e-6, (0.020 * 1.001) + 10e-6 + 9e-6);
            Assert.InRange(chip.Word(2) * 1.25e-3, (11.98 * 0.999) - 0.0075 - 0.0045, (11.98 * 1.001) + 0.0075 + 0.0045);
        }
        Assert.True(codes.Count > 8);
    }

    private Ina226Model Chip(Ina226Options options, int seed = 1) => new(() => _volts, () => _amperes, _clock, seed, options);
}
