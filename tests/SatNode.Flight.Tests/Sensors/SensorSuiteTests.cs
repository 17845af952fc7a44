using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Sensors;
using SatNode.Protocol.Boards;

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
        Assert.Equal(60, readings.Panel.Celsius, 6);
        Assert.Equal(0x9360 * 510.0 / 65535, readings.Battery.Kelvin, 6);
        Assert.Equal(24, readings.BatteryRail.Watts, 6);
        Assert.Equal(15, readings.BatteryRailVoltage.Volts, 6);
        Assert.Equal(1.6, readings.BatteryRailCurrent.Amperes, 6);
        Assert.Equal(15, readings.Loads.Watts, 6);
        Assert.Equal(0, readings.ClockOffsetSeconds);
        Assert.Empty(_events.Raised);
        Assert.Equal(0, _suite.Failures);
    }

    [Theory] // the shunt's register, each time that it is read: 3200 are 1.6 A, 100 are 50 mA
    [InlineData(1.605, 3200, 3220)] // noise
    [InlineData(1.6225, 3200, 3290)]
    [InlineData(4.4, 3200, 8800, 8800)] // it moved while they were read, and then stayed
    [InlineData(4.4, 3200, 3301, 8800, 8800)]
    [InlineData(double.NaN, 3200, 8800, 3200, 8800)] // it moves as fast as it is read: power is told, and nothing that belongs together
    [InlineData(double.NaN, 3200, 3301, 3402, 3503)]
    public void Volts_and_amperes_of_the_battery_belong_to_one_moment(double expected, params int[] shunt)
    {
        int messages = 0;
        _bus[0x44].OnWrite = _ => _bus[0x44].Wide(0x01, (ushort)shunt[Math.Min(messages++ / 2, shunt.Length - 1)]); // current, voltage, current, ...
        SensorReadings readings = _suite.Read();
        Assert.Equal(expected, readings.BatteryRailCurrent.Amperes, 9);
        Assert.Equal(double.IsNaN(expected) ? double.NaN : 15, readings.BatteryRailVoltage.Volts, 9);
        Assert.True(readings.BatteryRail.Watts > 20);
        Assert.Equal((2 * shunt.Length) - 1, messages);
        Assert.Empty(_events.Raised);
    }

    [Fact]
    public void Reads_first_what_decisions_need()
    {
        int[] needed = [0x40, 0x64, 0x48, 0x49, 0x41]; // the array first: sunrise is a matter of seconds
        List<int> order = [];
        foreach (int address in (int[])[.. needed, 0x4A, 0x44, 0x45, 0x68])
            _bus[address].OnWrite = order.Add;
        _suite.Read();
        Assert.Equal(needed, order.Distinct().Take(needed.Length));
    }

    [Theory]
    [InlineData(0x48)]
    [InlineData(0x49)]
    [InlineData(0x40)]
    [InlineData(0x41)]
    [InlineData(0x64)]
    [InlineData(0x4A)]
    [InlineData(0x44)]
    [InlineData(0x45)]
    [InlineData(0x68)]
    public void One_that_fails_leaves_the_others(int address)
    {
        _bus[address].IsAbsent = true;
        SensorReadings readings = _suite.Read();
        double[] values = [readings.Board.Kelvin, readings.Structure.Kelvin, readings.Solar.Watts, readings.BoardPower.Watts, readings.StateOfCharge.Value, readings.Panel.Kelvin,
            readings.BatteryRail.Watts, readings.Loads.Watts, readings.ClockOffsetSeconds];
        Assert.Single(values, double.IsNaN);
        Assert.Equal(address == 0x64, double.IsNaN(readings.BatteryPower.Watts));
        Assert.Equal(address == 0x64, double.IsNaN(readings.Battery.Kelvin));
        Assert.Equal(address is 0x4A or 0x44 or 0x45 or 0x68, readings.IsComplete); // a board may lack these
        Assert.Single(_events.Raised);
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

    [Theory]
    [InlineData(0x4A, 0x00)]
    [InlineData(0x4A, 0xFF)]
    [InlineData(0x44, 0x00)]
    [InlineData(0x44, 0xFF)]
    [InlineData(0x45, 0x00)]
    [InlineData(0x45, 0xFF)]
    [InlineData(0x68, 0x00)]
    [InlineData(0x68, 0xFF)]
    public void One_that_babbles_leaves_the_others(int address, byte stuck)
    {
        _bus[address].StuckAt = stuck;
        SensorReadings readings = _suite.Read();
        Assert.Single([readings.Panel.Kelvin, readings.BatteryRail.Watts, readings.Loads.Watts, readings.ClockOffsetSeconds], double.IsNaN);
        Assert.True(readings.IsComplete);
        Assert.StartsWith("sensor.failed ", Assert.Single(_events.Raised), StringComparison.Ordinal);
    }

    [Fact]
    public void Knows_the_board()
    {
        (BoardIdentity board, ulong eui48) = _suite.ReadIdentity()!.Value;
        Assert.Equal(new("bench", "sn-7"), board);
        Assert.Equal(0x5410EC010203u, eui48);
        Assert.Empty(_events.Raised);
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xFF)]
    [InlineData(null)]
    public void A_board_without_a_memory_has_no_identity_and_flies(int? stuck)
    {
        _bus[0x50].StuckAt = (byte?)stuck;
        _bus[0x50].IsAbsent = stuck is null;
        Assert.Null(_suite.ReadIdentity());
        Assert.StartsWith("sensor.failed board-memory", Assert.Single(_events.Raised), StringComparison.Ordinal);
        Assert.True(_suite.Read().IsComplete);
    }

    [Fact]
    public void A_damaged_or_erased_record_is_no_identity()
    {
        _bus[0x50].Byte(0x09, (byte)'B');
        Assert.Null(_suite.ReadIdentity());
        Assert.Equal("sensor.failed board-memory 24aa02e48 address 0x00: expected a board's identity, found a damaged record", Assert.Single(_events.Raised));
    }

    [Fact]
    public void A_stopped_clock_is_set_once_and_tells_nothing_before()
    {
        _bus[0x68].Bytes(0x00, 0, 0, 0, 1, 1, 1, 0).Byte(0x0F, 0x88);
        Assert.True(double.IsNaN(_suite.Read().ClockOffsetSeconds));
        Assert.Equal(["clock.rtc-set stopped 0"], _events.Raised);
        Assert.Equal(["0000000006010100", "0f08"], _bus[0x68].Writes);
        Assert.Equal(0, _suite.Read().ClockOffsetSeconds);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(119, true)]
    [InlineData(121, false)] // far ahead: it may be the right one
    public void A_clock_that_has_drifted_is_set(int seconds, bool isSet)
    {
        _bus[0x68].Bytes(0x00, (byte)((seconds % 60 / 10 << 4) | (seconds % 10)), (byte)(seconds / 60));
        Assert.Equal(seconds, _suite.Read().ClockOffsetSeconds);
        Assert.Equal(isSet ? [$"clock.rtc-set drifted {seconds}"] : [], _events.Raised);
    }

    [Fact]
    public void A_clock_that_does_not_keep_the_time_that_was_set_is_a_failed_sensor_and_not_set_for_ever()
    {
        _bus[0x68].IsReadOnly = true;
        _bus[0x68].Bytes(0x00, 0x50);
        for (int i = 0; i < 5; i++)
            _suite.Read();
        Assert.Equal(["clock.rtc-set drifted 50", "sensor.failed real-time-clock expected the time that was set, found 50 s from the agent's"], _events.Raised);
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
