using SatNode.Flight.Sensors;

namespace SatNode.Flight.Tests.Sensors;

public sealed class Eeprom24AA02E48Tests
{
    private readonly SimulatedBus.Chip _chip = new SimulatedBus()[0x50].Bytes(0x10, 1, 2, 3).Bytes(0xFA, 0x54, 0x10, 0xEC, 0x01, 0x02, 0x03);

    [Fact]
    public void Reads_from_an_address_on_and_the_unique_one()
    {
        byte[] bytes = new byte[3];
        new Eeprom24AA02E48(_chip).Read(0x10, bytes);
        Assert.Equal([1, 2, 3], bytes);
        Assert.Equal(0x5410EC010203u, new Eeprom24AA02E48(_chip).ReadEui48());
    }

    [Fact]
    public void Refuses_to_read_beyond_its_end()
    {
        new Eeprom24AA02E48(_chip).Read(0xF0, new byte[16]);
        Assert.Throws<ArgumentException>(() => new Eeprom24AA02E48(_chip).Read(0xF0, new byte[17]));
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xFF)]
    public void Refuses_a_dead_bus(byte stuck)
    {
        _chip.StuckAt = stuck;
        Assert.Throws<SensorException>(() => new Eeprom24AA02E48(_chip).ReadEui48());
    }

    [Fact]
    public void A_busy_or_absent_chip_is_an_input_error()
    {
        _chip.IsAbsent = true;
        Assert.Throws<IOException>(() => new Eeprom24AA02E48(_chip).ReadEui48());
    }
}
