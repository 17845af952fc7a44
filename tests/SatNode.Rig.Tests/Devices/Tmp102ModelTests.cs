using Microsoft.Extensions.Time.Testing;
using SatNode.Rig.Devices;

namespace SatNode.Rig.Tests.Devices;

public sealed class Tmp102ModelTests
{
    private static readonly Tmp102Options Ideal = new() { AccuracyKelvin = 0, NoiseKelvin = 0, Lag = TimeSpan.Zero };

    private readonly FakeTimeProvider _clock = new();
    private double _celsius = 25;

    [Theory] // SBOS397H, table 7-2 (12 bits, left-aligned)
    [InlineData(127.9375, 0x7FF0)]
    [InlineData(100, 0x6400)]
    [InlineData(80, 0x5000)]
    [InlineData(50, 0x3200)]
    [InlineData(0.25, 0x0040)]
    [InlineData(0, 0x0000)]
    [InlineData(-0.25, 0xFFC0)]
    [InlineData(-25, 0xE700)]
    [InlineData(-55, 0xC900)]
    [InlineData(150, 0x7FF0)] // beyond 12 bits: the end of the scale
    public void Speaks_the_data_sheets_codes(double celsius, int code)
    {
        _celsius = celsius;

        Assert.Equal(unchecked((short)code), Chip(Ideal).Word(0));
    }

    [Fact]
    public void Extended_mode_has_13_bits_and_says_so()
    {
        _celsius = 150;
        Tmp102Model chip = Chip(Ideal);
        chip.Write([1, 0x60, 0xB0]);

        Assert.Equal(unchecked((short)((0x0960 << 3) | 1)), chip.Word(0));
    }

    [Fact]
    public void Resets_to_the_data_sheets_configuration_and_limits()
    {
        Tmp102Model chip = Chip(Ideal);

        Assert.Equal(0x60A0, chip.Word(1));
        Assert.Equal(75 << 8, chip.Word(2));
        Assert.Equal(80 << 8, chip.Word(3));
        chip.Write([1, 0, 0]);
        Assert.Equal(0x6020, chip.Word(1)); // resolution and alert cannot be written
    }

    [Fact]
    public void The_alert_bit_falls_at_the_high_limit_and_rises_below_the_low_one()
    {
        Tmp102Model chip = Chip(Ideal);
        foreach ((double celsius, bool isQuiet) in new[] { (79.9375, true), (80, false), (75, false), (74.9375, true) })
        {
            _celsius = celsius;
            _clock.Advance(TimeSpan.FromSeconds(0.25));
            Assert.Equal(isQuiet, (chip.Word(1) & 0x20) != 0);
        }
    }

    [Fact]
    public void Shut_down_it_keeps_its_last_conversion_until_a_one_shot()
    {
        Tmp102Model chip = Chip(Ideal);
        Assert.Equal(25 << 8, chip.Word(0));
        chip.Write([1, 0x61, 0xA0]);
        _celsius = 50;
        Assert.Equal(25 << 8, chip.Word(0));
        chip.Write([1, 0xE1, 0xA0]);
        Assert.Equal(50 << 8, chip.Word(0));
    }

    [Theory] // SBOS397H, table 7-8
    [InlineData(0x20, 4)]
    [InlineData(0x60, 1)]
    [InlineData(0xA0, 0.25)]
    [InlineData(0xE0, 0.125)]
    public void Gives_its_last_finished_conversion(int rate, double seconds)
    {
        Tmp102Model chip = Chip(Ideal);
        chip.Write([1, 0x60, (byte)rate]);
        Assert.Equal(25 << 8, chip.Word(0));
        _celsius = 50;
        _clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
        Assert.Equal(25 << 8, chip.Word(0));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(50 << 8, chip.Word(0));
    }

    [Fact]
    public void Follows_with_its_lag()
    {
        Tmp102Model chip = Chip(Ideal with { Lag = TimeSpan.FromSeconds(10) });
        Assert.Equal(25 << 8, chip.Word(0));
        _celsius = 45;
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(25 + (20 * (1 - Math.Exp(-1))), chip.Word(0) / 256.0, 0.04);
    }

    [Fact]
    public void No_chip_is_ever_further_off_than_it_says_and_no_two_are_alike()
    {
        HashSet<short> codes = [];
        for (int seed = 0; seed < 500; seed++)
        {
            Tmp102Model chip = Chip(new(), seed);
            for (int read = 0; read < 20; read++)
            {
                _clock.Advance(TimeSpan.FromSeconds(0.25));
                short code = chip.Word(0);
                codes.Add(code);
                Assert.InRange(code / 256.0, 25 - 0.5 - 0.03125, 25 + 0.5 + 0.03125);
            }
        }
        Assert.InRange(codes.Count, 14, 17); // 1 K in steps of 1/16
        Assert.Equal(Chip(new(), 3).Word(0), Chip(new(), 3).Word(0));
    }

    private Tmp102Model Chip(Tmp102Options options, int seed = 1) => new(() => _celsius + 273.15, _clock, seed, options);
}
