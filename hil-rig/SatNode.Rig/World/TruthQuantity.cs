namespace SatNode.Rig.World;

/// <summary>A quantity of the truth that history keeps; SI units.</summary>
public enum TruthQuantity
{
    /// <summary>Board temperature, K.</summary>
    BoardKelvin,

    /// <summary>Structure temperature, K.</summary>
    StructureKelvin,

    /// <summary>State of charge, 0 to 1.</summary>
    StateOfCharge,

    /// <summary>Voltage at the battery's terminals, V.</summary>
    BatteryVolts,

    /// <summary>Current into the battery, A; negative discharges.</summary>
    BatteryAmperes,

    /// <summary>Power taken from the array, W.</summary>
    SolarWatts,

    /// <summary>Power into the board, W.</summary>
    BoardWatts,

    /// <summary>Power of all loads, W.</summary>
    LoadWatts,

    /// <summary>Busy cores, 0 to the board's.</summary>
    BusyCores,

    /// <summary>Share of the Sun's disc in view, 0 to 1.</summary>
    SunFraction,

    /// <summary>1 while a ground station is in contact, else 0.</summary>
    GroundContact,

    /// <summary>Power that loads asked for and did not get, W.</summary>
    UnmetWatts,

    /// <summary>Solar panel temperature, K.</summary>
    PanelKelvin,

    /// <summary>Battery temperature, K.</summary>
    BatteryKelvin,

    /// <summary>The board's clock as a share of its full one.</summary>
    BoardSpeed,
}

/// <summary>The truth of one satellite at an instant: the state at its end and the mean powers of the step that led to it.</summary>
public readonly record struct TruthSample
{
    /// <summary>World time.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Board temperature, K.</summary>
    public required double BoardKelvin { get; init; }

    /// <summary>Structure temperature, K.</summary>
    public required double StructureKelvin { get; init; }

    /// <summary>State of charge, 0 to 1.</summary>
    public required double StateOfCharge { get; init; }

    /// <summary>Voltage at the battery's terminals, V.</summary>
    public required double BatteryVolts { get; init; }

    /// <summary>Current into the battery, A; negative discharges.</summary>
    public required double BatteryAmperes { get; init; }

    /// <summary>Power taken from the array, W; what battery and loads cannot take stays in the cells as heat.</summary>
    public required double SolarWatts { get; init; }

    /// <summary>Power into the board, W.</summary>
    public required double BoardWatts { get; init; }

    /// <summary>Power of all loads, W.</summary>
    public required double LoadWatts { get; init; }

    /// <summary>Busy cores.</summary>
    public required double BusyCores { get; init; }

    /// <summary>Share of the Sun's disc in view, 0 to 1.</summary>
    public required double SunFraction { get; init; }

    /// <summary>True while a ground station is in contact.</summary>
    public required bool IsInGroundContact { get; init; }

    /// <summary>Power that loads asked for and did not get, W: the battery is empty or at its limit.</summary>
    public required double UnmetWatts { get; init; }

    /// <summary>Solar panel temperature, K.</summary>
    public required double PanelKelvin { get; init; }

    /// <summary>Battery temperature, K.</summary>
    public required double BatteryKelvin { get; init; }

    /// <summary>The board's clock as a share of its full one, below 1 while it is throttled.</summary>
    public required double BoardSpeed { get; init; }

    /// <summary>One of the quantities.</summary>
    public double this[TruthQuantity quantity] => quantity switch
    {
        TruthQuantity.BoardKelvin => BoardKelvin,
        TruthQuantity.StructureKelvin => StructureKelvin,
        TruthQuantity.StateOfCharge => StateOfCharge,
        TruthQuantity.BatteryVolts => BatteryVolts,
        TruthQuantity.BatteryAmperes => BatteryAmperes,
        TruthQuantity.SolarWatts => SolarWatts,
        TruthQuantity.BoardWatts => BoardWatts,
        TruthQuantity.LoadWatts => LoadWatts,
        TruthQuantity.BusyCores => BusyCores,
        TruthQuantity.SunFraction => SunFraction,
        TruthQuantity.GroundContact => IsInGroundContact ? 1 : 0,
        TruthQuantity.UnmetWatts => UnmetWatts,
        TruthQuantity.PanelKelvin => PanelKelvin,
        TruthQuantity.BatteryKelvin => BatteryKelvin,
        TruthQuantity.BoardSpeed => BoardSpeed,
        _ => throw new ArgumentOutOfRangeException(nameof(quantity), quantity, "expected a quantity of the truth"),
    };
}
