using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Sensors;

namespace SatNode.Flight.Tests.Sensors;

public sealed class SensorSuiteTests : IDisposable
{
    private readonly SimulatedBus _bus = SimulatedBus.Healthy();
    private readonly RecordingEvents _events = new();
    private readonly SensorSuite _suite;

    public SensorSuiteTests() => _suite = new(_bus, capacityMilliampereHours: 8145, _events, new FakeTimeProvider());

    [Fact]
    public void Reads_every_sensor()
    {
        SensorReadings readings = _suite.Read();
        Assert.Equal(35, readings.Board.Celsius, 6);
        Assert.Equal(20, readings.Structure.Celsius, 6);
        Assert.Equal(28, readings.Solar.Watts, 6);
        Assert.Equal(4.2, readings.BoardPower.Watts, 6);
        Assert.Equal(1198 * 3.4 / 8145, readings.StateOfCharge.Value, 9);
        Assert.Equal(15 * 1.6, readings.BatteryPower.Watts, 1);
        Assert.Empty(_events.Raised);
        Assert.Equal(0, _suite.Failures);
    }

    [Theory]
    [InlineData(0x48)]
    [InlineData(0x49)]
    [InlineData(0x40)]
    [InlineData(0x41)]
    [InlineData(0x64)]
    public void One_that_fails_leaves_the_others(int address)
    {
        _bus[address].IsAbsent = true;
        SensorReadings readings = _suite.Read();
        double[] values = [readings.Board.Kelvin, readings.Structure.Kelvin, readings.Solar.Watts, readings.BoardPower.Watts, readings.StateOfCharge.Value];
        Assert.Single(values, double.IsNaN);
        Assert.Equal(address == 0x64, double.IsNaN(readings.BatteryPower.Watts));
    }

    [Fact]
    public void Fails_once_and_recovers_once()
    {
        SimulatedBus.Chip board = _bus[0x48];
        board.IsAbsent = true;
        for (int i = 0; i < 5; i++)
            _suite.Read();
        board.IsAbsent = false;
        _suite.Read(); // a loose contact: two good reads are no recovery
        _suite.Read();
        board.IsAbsent = true;
        _suite.Read();
        board.IsAbsent = false;
        for (int i = 0; i < 5; i++)
            Assert.Equal(35, _suite.Read().Board.Celsius, 6);
        Assert.Equal(["sensor.failed board-temperature no chip at 0x48", "sensor.recovered board-temperature"], _events.Raised);
        Assert.Equal(6, _suite.Failures);
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xFF)]
    public void A_brown_out_of_the_bus_reads_as_unknown(byte stuck)
    {
        foreach (int address in (int[])[0x48, 0x49, 0x40, 0x41, 0x64])
            _bus[address].StuckAt = stuck;
        _suite.Read(); // the gauge is switched on first where its control reads 0
        SensorReadings readings = _suite.Read();
        Assert.All([readings.Board.Kelvin, readings.Structure.Kelvin, readings.Solar.Watts, readings.BoardPower.Watts, readings.StateOfCharge.Value,
            readings.BatteryPower.Watts], value => Assert.True(double.IsNaN(value)));
        if (stuck == 0xFF)
            Assert.Equal(5, _events.Raised.Count);
    }

    [Fact] // after a brown-out the count is mid-scale: 111 Ah
    public void A_reset_charge_counter_is_unknown_and_not_full()
    {
        _bus[0x64].Byte(0x01, 0x3C).Word(0x02, 0x7FFF);
        SensorReadings readings = _suite.Read();
        Assert.True(double.IsNaN(readings.StateOfCharge.Value));
        Assert.Equal(15, readings.BatteryVoltage.Volts, 1);
        Assert.StartsWith("sensor.failed battery-gauge expected -0.02 to 1.05 of the capacity", Assert.Single(_events.Raised), StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_battery_is_full()
    {
        _bus[0x64].Word(0x02, 2396); // 8,146.4 mAh of 8,145
        Assert.Equal(1.0, _suite.Read().StateOfCharge.Value);
    }

    [Fact]
    public void Allocates_nothing_while_all_is_well()
    {
        for (int i = 0; i < 10; i++)
            _suite.Read();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            _suite.Read();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public void Dispose() => _suite.Dispose();
}
