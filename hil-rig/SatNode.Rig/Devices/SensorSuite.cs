using SatNode.Protocol.Boards;

namespace SatNode.Rig.Devices;

/// <summary>Everything that a satellite's sensors measure, at one instant of the truth.</summary>
/// <param name="BoardKelvin">Processor board, K.</param>
/// <param name="StructureKelvin">Frame, K.</param>
/// <param name="SolarVolts">Array bus, V.</param>
/// <param name="SolarAmperes">Current from the array, A.</param>
/// <param name="SupplyVolts">Processor board's supply, V.</param>
/// <param name="SupplyAmperes">Current into the processor board, A.</param>
/// <param name="Battery">What the gauge sees.</param>
/// <param name="PanelKelvin">Solar panel, K.</param>
/// <param name="LoadAmperes">Current from the battery's bus into all loads, A.</param>
public readonly record struct SensedTruth(
    double BoardKelvin, double StructureKelvin, double SolarVolts, double SolarAmperes, double SupplyVolts, double SupplyAmperes, GaugeInputs Battery, double PanelKelvin, double LoadAmperes);

/// <summary>How good a satellite's sensors are.</summary>
public sealed record SensorSuiteOptions
{
    /// <summary>Board thermometer.</summary>
    public Tmp102Options Board { get; init; } = new();

    /// <summary>Structure thermometer.</summary>
    public Tmp102Options Structure { get; init; } = new();

    /// <summary>Panel thermometer.</summary>
    public Tmp102Options Panel { get; init; } = new();

    /// <summary>Battery monitor, 5 mΩ.</summary>
    public Ina226Options Battery { get; init; } = new() { ShuntOhms = 0.005 };

    /// <summary>Load monitor, 10 mΩ.</summary>
    public Ina226Options Loads { get; init; } = new() { ShuntOhms = 0.010 };

    /// <summary>Real-time clock.</summary>
    public Ds3231Options Clock { get; init; } = new();

    /// <summary>What the EEPROM says; null makes one of the seed.</summary>
    public BoardIdentity? Identity { get; init; }

    /// <summary>Solar array monitor, 10 mΩ.</summary>
    public Ina226Options Solar { get; init; } = new() { ShuntOhms = 0.010 };

    /// <summary>Board supply monitor, 20 mΩ.</summary>
    public Ina226Options Supply { get; init; } = new() { ShuntOhms = 0.020 };

    /// <summary>Battery gauge's shunt, Ω.</summary>
    public double GaugeShuntOhms { get; init; } = 0.005;
}

/// <summary>The sensors of one satellite on one bus, at the addresses of docs/agent-configuration.md, each breakable.</summary>
public sealed class SensorSuite
{
    /// <summary>Address of the board thermometer (TMP102).</summary>
    public const byte BoardThermometerAddress = 0x48;

    /// <summary>Address of the structure thermometer (TMP102).</summary>
    public const byte StructureThermometerAddress = 0x49;

    /// <summary>Address of the solar array monitor (INA226).</summary>
    public const byte SolarMonitorAddress = 0x40;

    /// <summary>Address of the board supply monitor (INA226).</summary>
    public const byte SupplyMonitorAddress = 0x41;

    /// <summary>Address of the panel thermometer (TMP102).</summary>
    public const byte PanelThermometerAddress = 0x4A;

    /// <summary>Address of the battery monitor (INA226).</summary>
    public const byte BatteryMonitorAddress = 0x44;

    /// <summary>Address of the load monitor (INA226).</summary>
    public const byte LoadMonitorAddress = 0x45;

    /// <summary>Address of the real-time clock (DS3231).</summary>
    public const byte ClockAddress = 0x68;

    /// <summary>Address of the battery gauge (LTC2944).</summary>
    public const byte BatteryGaugeAddress = 0x64;

    /// <summary>Builds the bus.</summary>
    /// <param name="truth">Reads the truth; called under the bus's lock, from any thread.</param>
    /// <param name="clock">The world's clock.</param>
    /// <param name="chargeCoulombs">The charge in the battery now, C, to which the gauge is set.</param>
    /// <param name="seed">One seed, one set of chips.</param>
    /// <param name="options">How good the chips are; null takes the defaults.</param>
    public SensorSuite(Func<SensedTruth> truth, TimeProvider clock, double chargeCoulombs, int seed, SensorSuiteOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(truth);
        options ??= new();
        BoardThermometer = Attach(BoardThermometerAddress, new Tmp102Model(() => truth().BoardKelvin, clock, Seed(BoardThermometerAddress), options.Board));
        StructureThermometer = Attach(
            StructureThermometerAddress, new Tmp102Model(() => truth().StructureKelvin, clock, Seed(StructureThermometerAddress), options.Structure));
        SolarMonitor = Attach(
            SolarMonitorAddress, new Ina226Model(() => truth().SolarVolts, () => truth().SolarAmperes, clock, Seed(SolarMonitorAddress), options.Solar));
        SupplyMonitor = Attach(
            SupplyMonitorAddress, new Ina226Model(() => truth().SupplyVolts, () => truth().SupplyAmperes, clock, Seed(SupplyMonitorAddress), options.Supply));
        BatteryGauge = Attach(BatteryGaugeAddress, new Ltc2944Model(
            () => truth().Battery,
            clock,
            Seed(BatteryGaugeAddress),
            new() { ShuntOhms = options.GaugeShuntOhms, ChargeCoulombsAtIntegration = chargeCoulombs }));

        PanelThermometer = Attach(
            PanelThermometerAddress, new Tmp102Model(() => truth().PanelKelvin, clock, Seed(PanelThermometerAddress), options.Panel));
        BatteryMonitor = Attach(
            BatteryMonitorAddress, new Ina226Model(() => truth().Battery.Volts, () => truth().Battery.Amperes, clock, Seed(BatteryMonitorAddress), options.Battery));
        LoadMonitor = Attach(
            LoadMonitorAddress, new Ina226Model(() => truth().Battery.Volts, () => truth().LoadAmperes, clock, Seed(LoadMonitorAddress), options.Loads));
        ClockChip = new(() => truth().BoardKelvin, clock, Seed(ClockAddress), options.Clock);
        Clock = Attach(ClockAddress, ClockChip);
        Span<byte> record = stackalloc byte[BoardIdentity.EncodedBytes];
        (options.Identity ?? new("bench", $"sn-{(uint)seed:x8}")).Write(record);
        int serial = Seed(Eeprom24AA02E48Model.AddressFirst);
        ReadOnlySpan<byte> eui = [0x54, 0x10, 0xEC, (byte)((serial >> 16) & 0xFF), (byte)((serial >> 8) & 0xFF), (byte)(serial & 0xFF)]; // Microchip's organisation
        Memory = Attach(Eeprom24AA02E48Model.AddressFirst, new Eeprom24AA02E48Model(clock, eui, record));
        for (int i = 1; i < Eeprom24AA02E48Model.Addresses; i++)
            Bus.Attach((byte)(Eeprom24AA02E48Model.AddressFirst + i), Memory);

        int Seed(byte address) => SensorError.Derive(seed, address);
        FaultyChip Attach(byte address, II2cChip chip)
        {
            var breakable = new FaultyChip(chip, SensorError.Derive(seed, 0x100 + address));
            Bus.Attach(address, breakable);
            return breakable;
        }
    }

    /// <summary>The bus.</summary>
    public I2cBus Bus { get; } = new();

    /// <summary>TMP102 on the board.</summary>
    public FaultyChip BoardThermometer { get; }

    /// <summary>TMP102 on the frame.</summary>
    public FaultyChip StructureThermometer { get; }

    /// <summary>INA226 at the array.</summary>
    public FaultyChip SolarMonitor { get; }

    /// <summary>INA226 at the board's supply.</summary>
    public FaultyChip SupplyMonitor { get; }

    /// <summary>TMP102 on the solar panel.</summary>
    public FaultyChip PanelThermometer { get; }

    /// <summary>INA226 at the battery; positive charges.</summary>
    public FaultyChip BatteryMonitor { get; }

    /// <summary>INA226 between the battery's bus and all loads.</summary>
    public FaultyChip LoadMonitor { get; }

    /// <summary>DS3231 on the board.</summary>
    public FaultyChip Clock { get; }

    /// <summary>The clock itself, for who takes its cell out.</summary>
    public Ds3231Model ClockChip { get; }

    /// <summary>24AA02E48 on the board, with its identity.</summary>
    public FaultyChip Memory { get; }

    /// <summary>LTC2944 at the battery.</summary>
    public FaultyChip BatteryGauge { get; }
}
