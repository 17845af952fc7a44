using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Sensors;

/// <summary>All sensors at one moment. NaN stands for what a sensor did not tell; it satisfies no limit.</summary>
public readonly record struct SensorReadings
{
    /// <summary>When they were read.</summary>
    public DtnTime Time { get; init; }

    /// <summary>The processor board.</summary>
    public Temperature Board { get; init; }

    /// <summary>The frame.</summary>
    public Temperature Structure { get; init; }

    /// <summary>From the solar array; not negative beyond the monitor's offset.</summary>
    public Power Solar { get; init; }

    /// <summary>Into the processor board.</summary>
    public Power BoardPower { get; init; }

    /// <summary>0 to 1.</summary>
    public Ratio StateOfCharge { get; init; }

    /// <summary>The battery's voltage.</summary>
    public ElectricPotential BatteryVoltage { get; init; }

    /// <summary>Positive charges.</summary>
    public ElectricCurrent BatteryCurrent { get; init; }

    /// <summary>The solar panel.</summary>
    public Temperature Panel { get; init; }

    /// <summary>The battery, by the gauge's own thermometer.</summary>
    public Temperature Battery { get; init; }

    /// <summary>Into the battery by its monitor; negative discharges.</summary>
    public Power BatteryRail { get; init; }

    /// <summary>The battery's voltage by the same monitor, which knows it ten times as well as the gauge does, while <see cref="BatteryRailCurrent"/> flowed; NaN with it.</summary>
    public ElectricPotential BatteryRailVoltage { get; init; }

    /// <summary>The battery's current by the same monitor; positive charges. NaN also when load changed while the two were read.</summary>
    public ElectricCurrent BatteryRailCurrent { get; init; }

    /// <summary>Into all loads.</summary>
    public Power Loads { get; init; }

    /// <summary>The real-time clock's time less the agent's, s.</summary>
    public double ClockOffsetSeconds { get; init; }

    /// <summary>Into the battery; negative discharges.</summary>
    public Power BatteryPower => BatteryVoltage * BatteryCurrent;

    /// <summary>True when every sensor told its value that deciding needs; panel, battery's temperature, rails and clock are beside it, as a board may lack them.</summary>
    public bool IsComplete => double.IsFinite(Board.Kelvin) && double.IsFinite(Structure.Kelvin) && double.IsFinite(Solar.Watts) && double.IsFinite(BoardPower.Watts)
        && double.IsFinite(StateOfCharge.Value) && double.IsFinite(BatteryVoltage.Volts) && double.IsFinite(BatteryCurrent.Amperes);

    /// <summary>Nothing is known.</summary>
    public static SensorReadings Unknown(DtnTime time) => new()
    {
        Time = time,
        Board = new(double.NaN),
        Structure = new(double.NaN),
        Solar = new(double.NaN),
        BoardPower = new(double.NaN),
        StateOfCharge = new(double.NaN),
        BatteryVoltage = new(double.NaN),
        BatteryCurrent = new(double.NaN),
        Panel = new(double.NaN),
        Battery = new(double.NaN),
        BatteryRail = new(double.NaN),
        BatteryRailVoltage = new(double.NaN),
        BatteryRailCurrent = new(double.NaN),
        Loads = new(double.NaN),
        ClockOffsetSeconds = double.NaN,
    };
}
