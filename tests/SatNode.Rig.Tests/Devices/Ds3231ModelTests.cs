using Microsoft.Extensions.Time.Testing;
using SatNode.Rig.Devices;

namespace SatNode.Rig.Tests.Devices;

public sealed class Ds3231ModelTests
{
    private static readonly Ds3231Options Ideal = new() { DriftPpmMax = 0, TemperatureErrorKelvinMax = 0 };

    private readonly FakeTimeProvider _clock = new(new(2026, 8, 15, 20, 59, 58, TimeSpan.Zero));
    private double _celsius = 25;

    [Fact]
    public void Powers_on_as_the_data_sheet_says()
    {
        // Rev. 10, table 2: 01/01/00, day 1, 00:00:00; control 1Ch; OSF and EN32kHz set.
        Ds3231Model chip = Chip(Ideal with { IsSet = false });

        Assert.Equal([0x00, 0x00, 0x00, 0x01, 0x01, 0x01, 0x00], chip.Registers(0, 7));
        Assert.Equal([0x1C, 0x88, 0x00], chip.Registers(0x0E, 3));
    }

    [Fact]
    public void Counts_in_bcd_over_hour_day_month_and_year()
    {
        Ds3231Model chip = Chip(Ideal);
        Assert.Equal([0x58, 0x59, 0x20], chip.Registers(0, 3));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([0x00, 0x00, 0x21], chip.Registers(0, 3));

        chip.Write([0, 0x59, 0x59, 0x23, 0x07, 0x31, 0x12, 0x26]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([0x00, 0x00, 0x00, 0x01, 0x01, 0x01, 0x27], chip.Registers(0, 7)); // day 7 becomes day 1
    }

    [Fact]
    public void The_century_toggles_after_99_and_february_has_29_days_in_leap_years()
    {
        Ds3231Model chip = Chip(Ideal);
        chip.Write([0, 0x59, 0x59, 0x23, 0x01, 0x31, 0x12, 0x99]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([0x01, 0x81, 0x00], chip.Registers(4, 3));

        chip.Write([0, 0x59, 0x59, 0x23, 0x01, 0x28, 0x02, 0x28]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([0x29, 0x02], chip.Registers(4, 2));
    }

    [Theory]
    [InlineData(0x00, 0x52)] // 12 AM
    [InlineData(0x01, 0x41)]
    [InlineData(0x11, 0x51)]
    [InlineData(0x12, 0x72)] // 12 PM
    [InlineData(0x23, 0x71)]
    public void Speaks_12_hours_when_asked(int hours24, int hours12)
    {
        Ds3231Model chip = Chip(Ideal);
        chip.Write([0, 0, 0, (byte)hours12]);
        Assert.Equal((byte)hours12, chip.Registers(2, 1)[0]);
        chip.Write([2, (byte)hours24]);
        Assert.Equal((byte)hours24, chip.Registers(2, 1)[0]);
        chip.Write([2, (byte)hours12]);
        _clock.Advance(TimeSpan.FromHours(12));
        Assert.Equal(hours12 ^ 0x20, chip.Registers(2, 1)[0]);
    }

    [Fact]
    public void A_date_that_there_is_not_leaves_the_clock_as_it_was()
    {
        Ds3231Model chip = Chip(Ideal);
        chip.Write([0, 0x00, 0x00, 0x12, 0x01, 0x31, 0x02, 0x26]);
        Assert.Equal([0x15, 0x08, 0x26], chip.Registers(4, 3));
    }

    [Fact]
    public void The_oscillator_stop_flag_can_only_be_cleared()
    {
        Ds3231Model chip = Chip(Ideal);
        Assert.Equal(0x08, chip.Registers(0x0F, 1)[0]);
        chip.Write([0x0F, 0x88]);
        Assert.Equal(0x08, chip.Registers(0x0F, 1)[0]);
        chip.LosePower();
        Assert.Equal(0x88, chip.Registers(0x0F, 1)[0]);
        chip.Write([0x0F, 0x08]);
        Assert.Equal(0x08, chip.Registers(0x0F, 1)[0]);
    }

    [Fact]
    public void Drifts_by_no_more_than_it_says_and_no_two_alike()
    {
        HashSet<byte> seconds = [];
        for (int seed = 0; seed < 100; seed++)
        {
            Ds3231Model chip = Chip(new(), seed);
            chip.Write([0, 0x00, 0x30, 0x12, 0x01, 0x01, 0x01, 0x26]);
            _clock.Advance(TimeSpan.FromDays(100)); // 2 ppm: 17.3 s
            byte[] time = chip.Registers(0, 3);
            double off = ((((time[1] >> 4) * 10) + (time[1] & 0xF) - 30) * 60) + ((time[0] >> 4) * 10) + (time[0] & 0xF);
            Assert.InRange(off, -18.3, 17.3);
            seconds.Add(time[0]);
        }
        Assert.True(seconds.Count > 20);
    }

    [Fact]
    public void The_aging_offset_slows_it_by_a_tenth_of_a_part_per_million_a_step()
    {
        Ds3231Model chip = Chip(Ideal);
        chip.Write([0x10, 100]); // 10 ppm
        chip.Write([0, 0x10, 0x00, 0x12, 0x01, 0x01, 0x01, 0x26]);
        _clock.Advance(TimeSpan.FromSeconds(1_000_000 - 5)); // less 10 s
        byte[] time = chip.Registers(0, 2);
        Assert.Equal([0x35, 0x46], time); // 12:00:10 + 999,985 s is 01:46:35
    }

    [Theory] // page 15: 25.25 °C is 19h 40h
    [InlineData(25.25, 0x19, 0x40)]
    [InlineData(-0.25, 0xFF, 0xC0)]
    [InlineData(0, 0, 0)]
    public void Tells_its_temperature_in_quarters(double celsius, int high, int low)
    {
        _celsius = celsius;
        Assert.Equal([(byte)high, (byte)low], Chip(Ideal).Registers(0x11, 2));
    }

    [Fact]
    public void Measures_its_temperature_every_64_seconds_or_when_told()
    {
        Ds3231Model chip = Chip(Ideal);
        Assert.Equal(25, chip.Registers(0x11, 1)[0]);
        _celsius = 40;
        _clock.Advance(TimeSpan.FromSeconds(63));
        Assert.Equal(25, chip.Registers(0x11, 1)[0]);
        chip.Write([0x0E, 0x3C]);
        Assert.Equal(40, chip.Registers(0x11, 1)[0]);
        Assert.Equal(0x1C, chip.Registers(0x0E, 1)[0]); // done
    }

    [Fact]
    public void The_pointer_goes_round()
    {
        byte[] all = Chip(Ideal).Registers(0x12, 3);
        Assert.Equal(0x58, all[1]);
    }

    private Ds3231Model Chip(Ds3231Options options, int seed = 1) => new(() => _celsius + 273.15, _clock, seed, options);
}
