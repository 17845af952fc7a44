using System.Device.I2c;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Boards;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Sensors;

/// <summary>Reads all sensors, each on its own: one that fails leaves NaN in its place, raises <c>sensor.failed</c> once, and <c>sensor.recovered</c>
/// once after <see cref="GoodReadsToRecover"/> good reads. Not thread-safe: one tick reads. Owns the bus.</summary>
public sealed class SensorSuite : IDisposable
{
    /// <summary>Good reads in a row after which a failed sensor counts as recovered, so that a loose contact raises two events and not hundreds.</summary>
    public const int GoodReadsToRecover = 3;

    internal const int ClockAddress = 0x68;

    private const double MinPanelKelvin = 173.15; // −100 °C: wings in the dark; the chip itself is good to −55 °C
    private const double ClockOffsetMaxSeconds = 20 * 365.25 * 86400; // more is no clock, whatever the agent's own shows
    private const double MinTemperatureKelvin = 213.15; // −60 °C, 5 K below the thermometers' range
    private const double MaxTemperatureKelvin = 403.15; // 130 °C
    private const double MaxPowerWatts = 300; // 36 V times the 8.19 A that 10 mΩ allow to measure
    private const double MinPowerWatts = -30; // what a monitor's offset or a backward current of 0.8 A can be
    private const double SteadyAmperes = 0.05; // over a battery's 0.1 Ω 5 mV, four steps of the monitor
    private const double MinCharge = -0.02; // counting error
    private const double MaxCharge = 1.05; // capacity above the nominal one

    private readonly I2cBus _bus;
    private readonly Tmp102 _board;
    private readonly Tmp102 _structure;
    private readonly Ina226 _solar;
    private readonly Ina226 _boardSupply;
    private readonly Ltc2944 _battery;
    private readonly Tmp102 _panel;
    private readonly Ina226 _batteryRail;
    private readonly Ina226 _loads;
    private readonly Ds3231 _clock;
    private readonly Eeprom24AA02E48 _memory;
    private readonly double _capacityMilliampereHours;
    private bool _isClockSet; // by the last read: one that then is off again does not keep time
    private readonly IEventSink _events;
    private readonly TimeProvider _time;
    private readonly Health[] _health = [new("board-temperature"), new("structure-temperature"), new("solar-monitor"), new("board-monitor"), new("battery-gauge"),
        new("panel-temperature"), new("battery-monitor"), new("load-monitor"), new("real-time-clock"), new("board-memory")];

    /// <summary>Creates the suite on a bus, with the chips and shunts of the agent's configuration page.</summary>
    /// <param name="bus">The bus; disposed with the suite.</param>
    /// <param name="capacityMilliampereHours">The battery's capacity, above 0.</param>
    /// <param name="events">Where failures go.</param>
    /// <param name="time">The clock of the time stamps.</param>
    public SensorSuite(I2cBus bus, double capacityMilliampereHours, IEventSink events, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(time);
        if (capacityMilliampereHours is not > 0)
            throw new ArgumentOutOfRangeException(nameof(capacityMilliampereHours), capacityMilliampereHours, "expected a capacity above 0");
        _bus = bus;
        _board = new(bus.CreateDevice(0x48));
        _structure = new(bus.CreateDevice(0x49));
        _solar = new(bus.CreateDevice(0x40), shuntOhms: 0.010);
        _boardSupply = new(bus.CreateDevice(0x41), shuntOhms: 0.020);
        _battery = new(bus.CreateDevice(0x64), shuntOhms: 0.005);
        _panel = new(bus.CreateDevice(0x4A));
        _batteryRail = new(bus.CreateDevice(0x44), shuntOhms: 0.005);
        _loads = new(bus.CreateDevice(0x45), shuntOhms: 0.010);
        _clock = new(bus.CreateDevice(ClockAddress));
        _memory = new(bus.CreateDevice(0x50));
        _capacityMilliampereHours = capacityMilliampereHours;
        _events = events;
        _time = time;
    }

    /// <summary>Sensor reads that failed since the start.</summary>
    public long Failures { get; private set; }

    /// <summary>Reads all sensors. Never throws for what a sensor or the bus does; allocates nothing while all is well.</summary>
    public SensorReadings Read()
    {
        // Each read takes its time, and they share one time stamp: first the array, which sunrise changes within seconds, then what else deciding needs.
        SensorReadings readings = SensorReadings.Unknown(DtnTime.From(_time.GetUtcNow())) with { Solar = ReadPower(_solar, _health[2]) };
        readings = ReadBattery(readings) with
        {
            Board = ReadTemperature(_board, _health[0]),
            Structure = ReadTemperature(_structure, _health[1]),
            BoardPower = ReadPower(_boardSupply, _health[3]),
        };
        return ReadBatteryRail(readings) with
        {
            Panel = ReadTemperature(_panel, _health[5], MinPanelKelvin),
            Loads = ReadPower(_loads, _health[7]),
            ClockOffsetSeconds = ReadClock(),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _board.Dispose();
        _structure.Dispose();
        _solar.Dispose();
        _boardSupply.Dispose();
        _battery.Dispose();
        _panel.Dispose();
        _batteryRail.Dispose();
        _loads.Dispose();
        _clock.Dispose();
        _memory.Dispose();
        _bus.Dispose();
    }

    /// <summary>Who the board is by its memory. Never throws for what the chip or the bus does: null, and the event that any sensor's failure raises.</summary>
    public (BoardIdentity Board, ulong Eui48)? ReadIdentity()
    {
        Health health = _health[9];
        try
        {
            Span<byte> record = stackalloc byte[BoardIdentity.EncodedBytes];
            _memory.Read(0, record);
            ulong eui48 = _memory.ReadEui48();
            if (BoardIdentity.TryRead(record) is { } identity)
                return (identity, eui48);
            Failed(health, $"24aa02e48 address 0x00: expected a board's identity, found {(record.ContainsAnyExcept((byte)0xFF) ? "a damaged record" : "an erased memory")}");
        }
        catch (Exception e) when (e is IOException or SensorException)
        {
            Failed(health, e.Message);
        }
        return null;
    }

    /// <summary>The real-time clock's offset in s, NaN when it tells none; one that had stopped or has drifted is set.</summary>
    private double ReadClock()
    {
        Health health = _health[8];
        try
        {
            DateTimeOffset? shown = _clock.ReadTime();
            DateTimeOffset now = _time.GetUtcNow();
            double offset = ((shown ?? now) - now).TotalSeconds;
            bool isToBeSet = shown is null || BoardClock.HasDrifted(TimeSpan.FromSeconds(offset));
            if (isToBeSet && _isClockSet)
            {
                Failed(health, $"expected the time that was set, found {(shown is null ? "a stopped oscillator" : $"{offset:F0} s from the agent's")}");
                return double.NaN;
            }
            if (!Check(health, offset, -ClockOffsetMaxSeconds, ClockOffsetMaxSeconds, "s from the agent's time"))
                return double.NaN;
            _isClockSet = isToBeSet;
            if (!isToBeSet)
                return offset;
            _clock.SetTime(now);
            _events.Raise(Events.ClockSet, shown is null ? "stopped" : "drifted", offset);
            return shown is null ? double.NaN : offset;
        }
        catch (Exception e) when (e is IOException or SensorException)
        {
            Failed(health, e.Message);
            return double.NaN;
        }
    }

    private Temperature ReadTemperature(Tmp102 sensor, Health health, double minKelvin = MinTemperatureKelvin)
    {
        try
        {
            Temperature value = sensor.ReadTemperature();
            return Check(health, value.Kelvin, minKelvin, MaxTemperatureKelvin, "K") ? value : new(double.NaN);
        }
        catch (Exception e) when (e is IOException or SensorException) // the world's: the others go on
        {
            Failed(health, e.Message);
            return new(double.NaN);
        }
    }

    private Power ReadPower(Ina226 sensor, Health health)
    {
        try
        {
            Power value = sensor.ReadPower();
            return Check(health, value.Watts, MinPowerWatts, MaxPowerWatts, "W") ? value : new(double.NaN);
        }
        catch (Exception e) when (e is IOException or SensorException)
        {
            Failed(health, e.Message);
            return new(double.NaN);
        }
    }

    private SensorReadings ReadBatteryRail(SensorReadings readings)
    {
        Health health = _health[6];
        try
        {
            BusSample sample = _batteryRail.ReadSample(new(SteadyAmperes));
            Power power = sample.Voltage * sample.Current;
            if (!Check(health, power.Watts, -MaxPowerWatts, MaxPowerWatts, "W"))
                return readings;
            readings = readings with { BatteryRail = power };
            return sample.IsOfOneMoment ? readings with { BatteryRailVoltage = sample.Voltage, BatteryRailCurrent = sample.Current } : readings;
        }
        catch (Exception e) when (e is IOException or SensorException)
        {
            Failed(health, e.Message);
            return readings;
        }
    }

    private SensorReadings ReadBattery(SensorReadings readings)
    {
        Health health = _health[4];
        try
        {
            if (_battery.Read() is not { } sample)
                return readings;
            double charge = sample.ChargeMilliampereHours / _capacityMilliampereHours;
            bool isPlausible = Check(health, charge, MinCharge, MaxCharge, "of the capacity");
            return readings with
            {
                BatteryVoltage = sample.Voltage,
                BatteryCurrent = sample.Current,
                Battery = sample.Temperature.Kelvin is >= MinTemperatureKelvin and <= MaxTemperatureKelvin ? sample.Temperature : new(double.NaN),
                StateOfCharge = new(isPlausible ? Math.Clamp(charge, 0, 1) : double.NaN),
            };
        }
        catch (Exception e) when (e is IOException or SensorException)
        {
            Failed(health, e.Message);
            return readings;
        }
    }

    private bool Check(Health health, double value, double low, double high, string unit)
    {
        if (value >= low && value <= high)
        {
            Succeeded(health);
            return true;
        }
        Failed(health, $"expected {low} to {high} {unit}, found {value:F2}");
        return false;
    }

    private void Failed(Health health, string error)
    {
        Failures++;
        health.GoodReads = 0;
        if (health.HasFailed)
            return;
        health.HasFailed = true;
        _events.Raise(Events.SensorFailed, health.Name, error);
    }

    private void Succeeded(Health health)
    {
        if (!health.HasFailed || ++health.GoodReads < GoodReadsToRecover)
            return;
        health.HasFailed = false;
        _events.Raise(Events.SensorRecovered, health.Name);
    }

    private sealed class Health(string name)
    {
        public string Name { get; } = name;

        public bool HasFailed { get; set; }

        public int GoodReads { get; set; }
    }
}
