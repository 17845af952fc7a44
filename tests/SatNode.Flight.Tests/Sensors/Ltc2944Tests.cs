using SatNode.Flight.Sensors;

namespace SatNode.Flight.Tests.Sensors;

public sealed class Ltc2944Tests
{
    private readonly SimulatedBus.Chip _chip = new SimulatedBus()[0x64].Byte(0x01, 0xFC).Word(0x08, 13885).Word(0x0E, 32767);

    [Theory] // data sheet page 12: 50 mΩ and M = 64 give 5.313 µAh
    [InlineData(0.050, 0b0001_1000, 0.0053125)]
    [InlineData(0.050, 0b0011_1100, 0.340)] // the default, 111: 4096
    [InlineData(0.050, 0b0011_0000, 0.340)] // 110: 4096 as well
    [InlineData(0.050, 0b0010_1000, 0.085)]
    [InlineData(0.050, 0b0000_0000, 0.340 / 4096)]
    [InlineData(0.005, 0b0011_1100, 3.40)]
    public void The_step_follows_shunt_and_prescaler(double ohms, byte control, double milliampereHours) =>
        Assert.Equal(milliampereHours, new Ltc2944(_chip, ohms).MilliampereHoursPerStep(control), 9);

    [Theory] // data sheet page 13: V = 70.8 V · DEC / 65535
    [InlineData(0xB01C, 48.706)]
    [InlineData(13885, 15.001)]
    public void Reads_the_voltage(int register, double volts) =>
        Assert.Equal(volts, new Ltc2944(_chip.Word(0x08, (ushort)register), 0.005).Read()!.Value.Voltage.Volts, 3);

    [Theory] // I = 64 mV / R · (DEC − 32767) / 32767: below the middle discharges
    [InlineData(32767, 0)]
    [InlineData(0x0000, -12.8)]
    [InlineData(36862, 1.59966)]
    [InlineData(28672, -1.59966)]
    [InlineData(0xFFFE, 12.8)]
    public void Reads_current_with_its_sign(int register, double amperes) =>
        Assert.Equal(amperes, new Ltc2944(_chip.Word(0x0E, (ushort)register), 0.005).Read()!.Value.Current.Amperes, 4);

    [Fact]
    public void Charge_is_count_times_step() =>
        Assert.Equal(1198 * 3.4, new Ltc2944(_chip.Word(0x02, 1198), 0.005).Read()!.Value.ChargeMilliampereHours, 6);

    [Fact]
    public void Switches_the_converter_on_and_keeps_the_prescaler()
    {
        _chip.Byte(0x01, 0b0010_0100);
        using var gauge = new Ltc2944(_chip, 0.005);
        gauge.Read();
        gauge.Read();
        Assert.Equal(["01e4"], _chip.Writes);
    }

    [Fact]
    public void Has_nothing_while_the_first_conversion_runs()
    {
        _chip.Byte(0x01, 0x3C).Word(0x08, 0);
        using var gauge = new Ltc2944(_chip, 0.005);
        Assert.Null(gauge.Read());
        Assert.Throws<SensorException>(() => gauge.Read()); // still nothing: it does not convert
    }

    [Theory]
    [InlineData(0xFF)]
    [InlineData(0x00)]
    public void Refuses_a_dead_bus(byte stuck)
    {
        _chip.StuckAt = stuck;
        using var gauge = new Ltc2944(_chip, 0.005);
        Assert.Throws<SensorException>(() =>
        {
            gauge.Read();
            gauge.Read();
            _chip.StuckAt = null;
            _chip.Word(0x08, 0);
            gauge.Read();
        });
    }
}
