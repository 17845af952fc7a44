using SatNode.Flight.Sensors;

namespace SatNode.Flight.Tests.Sensors;

public sealed class Tmp102Tests
{
    private readonly SimulatedBus.Chip _chip = new SimulatedBus()[0x48].Word(0x01, 0x60A0);

    [Theory] // SBOS397, table 5: 12 bits, left-justified
    [InlineData(0x7FF0, 127.9375)]
    [InlineData(0x6400, 100)]
    [InlineData(0x4B00, 75)]
    [InlineData(0x1900, 25)]
    [InlineData(0x0040, 0.25)]
    [InlineData(0x0000, 0)]
    [InlineData(0xFFC0, -0.25)]
    [InlineData(0xE700, -25)]
    [InlineData(0xC900, -55)]
    // table 6: 13 bits, bit 0 set
    [InlineData(0x4B01, 150)]
    [InlineData(0x3FF9, 127.9375)]
    [InlineData(0xF381, -25)]
    [InlineData(0xE481, -55)]
    public void Reads_the_data_sheets_table(int register, double celsius) =>
        Assert.Equal(celsius, new Tmp102(_chip.Word(0, (ushort)register)).ReadTemperature().Celsius, 9);

    [Fact]
    public void Refuses_a_floating_bus()
    {
        _chip.StuckAt = 0xFF;
        Assert.Equal("tmp102 register 0x00: expected unused bits 0, found 0xffff",
            Assert.Throws<SensorException>(() => new Tmp102(_chip).ReadTemperature()).Message);
    }

    [Fact]
    public void Refuses_a_bus_that_reads_nothing_but_zero()
    {
        _chip.StuckAt = 0;
        Assert.Throws<SensorException>(() => new Tmp102(_chip).ReadTemperature());
    }

    [Fact]
    public void An_absent_chip_is_an_input_error()
    {
        _chip.IsAbsent = true;
        Assert.Throws<IOException>(() => new Tmp102(_chip).ReadTemperature());
    }
}
