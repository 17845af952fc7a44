using SatNode.Flight.Sensors;

namespace SatNode.Flight.Tests.Sensors;

public sealed class Ds3231Tests
{
    private readonly SimulatedBus.Chip _chip = new SimulatedBus()[0x68].Byte(0x0F, 0x08);

    [Theory] // rev. 10, table 2
    [InlineData("00000001010100", "2000-01-01T00:00:00Z")]
    [InlineData("58592306150826", "2026-08-15T23:59:58Z")]
    [InlineData("00005201010100", "2000-01-01T00:00:00Z")] // 12 AM
    [InlineData("00007201010100", "2000-01-01T12:00:00Z")] // 12 PM
    [InlineData("00006101010100", "2000-01-01T13:00:00Z")] // 1 PM
    [InlineData("00000003290228", "2028-02-29T00:00:00Z")]
    [InlineData("00000003018100", "2100-01-01T00:00:00Z")] // century
    public void Reads_the_time(string registers, string time)
    {
        _chip.Bytes(0, Convert.FromHexString(registers));
        Assert.Equal(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture), new Ds3231(_chip).ReadTime());
    }

    [Theory]
    [InlineData("60000001010100")] // second 60
    [InlineData("0a000001010100")] // no BCD
    [InlineData("00600001010100")]
    [InlineData("00002401010100")]
    [InlineData("00005301010100")] // 13 AM
    [InlineData("00004001010100")] // 0 AM
    [InlineData("00000000010100")] // day 0 of the week
    [InlineData("00000008010100")]
    [InlineData("00000001000100")]
    [InlineData("00000001290226")] // no leap year
    [InlineData("00000001011300")]
    [InlineData("00000001010000")]
    [InlineData("000000010101a0")]
    public void Refuses_what_is_no_time(string registers)
    {
        _chip.Bytes(0, Convert.FromHexString(registers));
        Assert.Equal($"ds3231 registers 0x00 to 0x06: expected a time in BCD, found {registers}",
            Assert.Throws<SensorException>(() => new Ds3231(_chip).ReadTime()).Message);
    }

    [Fact]
    public void A_clock_that_had_stopped_has_no_time()
    {
        _chip.Bytes(0, 0, 0, 0, 1, 1, 1, 0).Byte(0x0F, 0x88);
        Assert.Null(new Ds3231(_chip).ReadTime());
    }

    [Theory]
    [InlineData("2026-08-15T21:07:09.9Z", "0009072106150826")]
    [InlineData("2000-01-01T00:00:00Z", "0000000006010100")]
    [InlineData("2199-12-31T23:59:59Z", "0059592302319299")]
    public void Sets_the_time_and_takes_the_mark_away(string time, string written)
    {
        _chip.Byte(0x0F, 0x8A);
        new Ds3231(_chip).SetTime(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal([written, "0f0a"], _chip.Writes);
    }

    [Theory]
    [InlineData(1999)]
    [InlineData(2200)]
    public void Refuses_a_year_that_the_chip_has_not(int year) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Ds3231(_chip).SetTime(new(year, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xFF)]
    public void Refuses_a_dead_bus(byte stuck)
    {
        _chip.StuckAt = stuck;
        Assert.Throws<SensorException>(() => new Ds3231(_chip).ReadTime());
    }

    [Fact]
    public void An_absent_chip_is_an_input_error()
    {
        _chip.IsAbsent = true;
        Assert.Throws<IOException>(() => new Ds3231(_chip).ReadTime());
        Assert.Throws<IOException>(() => new Ds3231(_chip).SetTime(DateTimeOffset.UnixEpoch.AddYears(50)));
    }
}
