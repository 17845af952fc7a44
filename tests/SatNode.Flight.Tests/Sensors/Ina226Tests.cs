using SatNode.Flight.Sensors;

namespace SatNode.Flight.Tests.Sensors;

public sealed class Ina226Tests
{
    private readonly SimulatedBus.Chip _chip = new SimulatedBus()[0x40].Wide(0xFE, 0x5449);

    [Theory]
    [InlineData(0x8300, -8.0)] // the data sheet's example: −80 mV is 8300h; over 10 mΩ −8 A
    [InlineData(0x7D00, 8.0)]
    [InlineData(0xFFFF, -0.00025)] // one step below zero, not +16 A
    [InlineData(0x0001, 0.00025)]
    [InlineData(0x0000, 0)]
    [InlineData(0x7FFE, 8.1915)]
    [InlineData(0x8001, -8.19175)]
    public void Reads_current_with_its_sign(int register, double amperes) =>
        Assert.Equal(amperes, new Ina226(_chip.Wide(0x01, (ushort)register), 0.010).ReadCurrent().Amperes, 9);

    [Theory]
    [InlineData(0x7FFF)]
    [InlineData(0x8000)]
    public void Refuses_a_saturated_converter(int register) =>
        Assert.Throws<SensorException>(() => new Ina226(_chip.Wide(0x01, (ushort)register), 0.010).ReadCurrent());

    [Theory]
    [InlineData(9600, 12.0)]
    [InlineData(1, 0.00125)]
    [InlineData(0, 0)] // an array in the dark
    public void Reads_the_bus_voltage(int register, double volts) =>
        Assert.Equal(volts, new Ina226(_chip.Wide(0x02, (ushort)register), 0.010).ReadBusVoltage().Volts, 9);

    [Fact] // SBOS547, section 8.2: 12 V and 20 mV over 2 mΩ are 10 A and 120 W
    public void Multiplies_itself() =>
        Assert.Equal(119.82, new Ina226(_chip.Wide(0x01, 8000).Wide(0x02, 9586), 0.002).ReadPower().Watts, 2);

    [Theory]
    [InlineData(0xFF, "ina226 register 0x02: expected bit 15 to be 0, found 0xffff")]
    [InlineData(0x00, "ina226 register 0xfe: expected 0x5449, found 0x0000")]
    public void Refuses_a_dead_bus(byte stuck, string text)
    {
        _chip.StuckAt = stuck;
        Assert.Equal(text, Assert.Throws<SensorException>(() => new Ina226(_chip, 0.010).ReadPower()).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.01)]
    [InlineData(double.NaN)]
    public void Refuses_a_shunt_without_resistance(double ohms) => Assert.Throws<ArgumentOutOfRangeException>(() => new Ina226(_chip, ohms));
}
