namespace SatNode.Rig.Devices;

/// <summary>Everything that a satellite's sensors measure, at one instant of the truth.</summary>
/// <param name="BoardKelvin">Processor board, K.</param>
/// <param name="StructureKelvin">Frame, K.</param>
/// <param name="SolarVolts">Array bus, V.</param>
/// <param name="SolarAmperes">Current from the array, A.</param>
/// <param name="SupplyVolts">Processor board's supply, V.</param>
/// <param name="SupplyAmperes">Current into the processor board, A.</param>
/// <param name="Battery">What the gauge sees.</param>
public readonly record struct SensedTruth(
    double BoardKelvin, double StructureKelvin, double SolarVolts, double SolarAmperes, double SupplyVolts, double SupplyAmperes, GaugeInputs Battery);

/// <summary>How good a satellite's sensors are.</summary>
public sealed record SensorSuiteOptions
{
    /// <summary>Board thermometer.</summary>
    public Tmp102Options Board { get; init; } = new();

    /// <summary>Structure thermometer.</summary>
    public Tmp102Options Structure { get; init; } = new();

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
            SolarMonitorAddress, new Ina226Model(() => truth().SolarVolts, () => truth().SolarAmperes, Seed(SolarMonitorAddress), options.Solar));
        SupplyMonitor = Attach(
            SupplyMonitorAddress, new Ina226Model(() => truth().SupplyVolts, () => truth().SupplyAmperes, Seed(SupplyMonitorAddress), options.Supply));
        BatteryGauge = Attach(BatteryGaugeAddress, new Ltc2944Model(
            () => truth().Battery,
            Seed(BatteryGaugeAddress),
            new() { ShuntOhms = options.GaugeShuntOhms, ChargeCoulombsAtIntegration = chargeCoulombs }));

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

    /// <summary>LTC2944 at the battery.</summary>
    public FaultyChip BatteryGauge { get; }
}
