namespace SatNode.Rig.World;

/// <summary>What a satellite is made of, in the truth. The defaults are anchored on a Raspberry Pi 4B in BUPT-1, a 12U CubeSat (Xing et al., "Deciphering the
/// enigma of satellite computing with COTS devices", MobiCom 2024): idle 24 K over its surroundings, 13 K more for each busy core, time constant 300 to 350 s,
/// 22.6 Wh from the Sun an orbit (12.3 to 38.0), battery 118.8 Wh out for 124.8 Wh in.</summary>
public sealed record SatelliteOptions
{
    /// <summary>State of charge at the start, 0 to 1.</summary>
    public double StateOfChargeInitial { get; init; } = 0.8;

    /// <summary>Board temperature at the start, K, 100 to 500.</summary>
    public double BoardKelvinInitial { get; init; } = 316.15;

    /// <summary>Structure temperature at the start, K, 100 to 500.</summary>
    public double StructureKelvinInitial { get; init; } = 292.15;

    /// <summary>Cores of the board, 1 to 1,024.</summary>
    public int BoardCores { get; init; } = 4;

    /// <summary>Power into the board when it is on and idle, W, 0 or more.</summary>
    public double BoardIdleWatts { get; init; } = 2.7;

    /// <summary>Power that a busy core adds, W, 0 or more.</summary>
    public double BoardCoreWatts { get; init; } = 1.4625;

    /// <summary>Voltage of the board's supply, V, above 0.</summary>
    public double BoardSupplyVolts { get; init; } = 5.1;

    /// <summary>Heat capacity of the board with its heat spreader, J/K, above 0. With the conductance: 325 s.</summary>
    public double BoardJoulesPerKelvin { get; init; } = 36.5625;

    /// <summary>Conductance from board to structure, W/K, 0 or more.</summary>
    public double BoardStructureWattsPerKelvin { get; init; } = 0.1125;

    /// <summary>Heat capacity of the structure, J/K, above 0. Default: 12 kg of aluminium.</summary>
    public double StructureJoulesPerKelvin { get; init; } = 10_800;

    /// <summary>Outer surface, m², 0 or more. Default: a 12U of 20 × 20 × 30 cm.</summary>
    public double SurfaceSquareMetres { get; init; } = 0.32;

    /// <summary>Infrared emissivity of the surface, 0 to 1.</summary>
    public double Emissivity { get; init; } = 0.5;

    /// <summary>Solar absorptivity of the surface, 0 to 1; most of it is solar cells.</summary>
    public double Absorptivity { get; init; } = 0.7;

    /// <summary>Share of the surface that the Sun sees, 0 to 1. Default: a tumbling convex body, a quarter.</summary>
    public double SunlitShare { get; init; } = 0.25;

    /// <summary>Power of the solar array at normal incidence, W, 0 or more.</summary>
    public double SolarPeakWatts { get; init; } = 36;

    /// <summary>Share of the peak that the attitude leaves, 0 to 1.</summary>
    public double AttitudeFactor { get; init; } = 0.8;

    /// <summary>Voltage of the array's bus in sunlight, V, above 0.</summary>
    public double SolarBusVolts { get; init; } = 18;

    /// <summary>Power of everything but board and transmitter, W, 0 or more.</summary>
    public double BaselineWatts { get; init; } = 12;

    /// <summary>Power of the transmitter while a ground station is in contact, W, 0 or more.</summary>
    public double TransmitterWatts { get; init; } = 15;

    /// <summary>Share of the transmitter's power that leaves as radio, 0 to 1.</summary>
    public double TransmitterEfficiency { get; init; } = 0.3;

    /// <summary>Energy out of the full battery at its open-circuit voltage, Wh, above 0.</summary>
    public double BatteryWattHours { get; init; } = 118.8;

    /// <summary>Charge of the full battery, mAh, above 0.</summary>
    public double BatteryMilliampereHours { get; init; } = 8145;

    /// <summary>Open-circuit voltage of the empty battery, V. The curve's shape is that of four cells in series; it is fitted so that its mean is
    /// <see cref="BatteryWattHours"/> a <see cref="BatteryMilliampereHours"/>.</summary>
    public double BatteryEmptyVolts { get; init; } = 12.0;

    /// <summary>Open-circuit voltage of the full battery, V.</summary>
    public double BatteryFullVolts { get; init; } = 16.8;

    /// <summary>Internal resistance, Ω, 0 or more.</summary>
    public double BatteryOhms { get; init; } = 0.12;

    /// <summary>Share of the power into the charger that reaches the battery's terminals, above 0 to 1.</summary>
    public double ChargeEfficiency { get; init; } = 0.98;

    /// <summary>Share of the power out of the battery's terminals that reaches the loads, above 0 to 1.</summary>
    public double DischargeEfficiency { get; init; } = 0.98;

    /// <summary>The most power into the terminals, W, 0 or more.</summary>
    public double ChargeWattsMax { get; init; } = 60;

    /// <summary>The most power out of the terminals, W, 0 or more.</summary>
    public double DischargeWattsMax { get; init; } = 100;

    /// <summary>Samples of history kept, one a second of world time: 1 to 10,000,000. Default: a day. The memory grows with use.</summary>
    public int HistorySamplesMax { get; init; } = 86_400;

    /// <summary>Everything that is out of range, each with its name, value and range; empty when all is well.</summary>
    public IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        Check(StateOfChargeInitial, 0, 1, nameof(StateOfChargeInitial));
        Check(BoardKelvinInitial, 100, 500, nameof(BoardKelvinInitial));
        Check(StructureKelvinInitial, 100, 500, nameof(StructureKelvinInitial));
        Check(BoardCores, 1, 1024, nameof(BoardCores));
        Check(BoardIdleWatts, 0, 1e6, nameof(BoardIdleWatts));
        Check(BoardCoreWatts, 0, 1e6, nameof(BoardCoreWatts));
        Check(BoardSupplyVolts, 0.1, 1e3, nameof(BoardSupplyVolts));
        Check(BoardJoulesPerKelvin, 1, 1e9, nameof(BoardJoulesPerKelvin));
        Check(BoardStructureWattsPerKelvin, 0, 1e6, nameof(BoardStructureWattsPerKelvin));
        Check(StructureJoulesPerKelvin, 1, 1e9, nameof(StructureJoulesPerKelvin));
        Check(SurfaceSquareMetres, 0, 1e6, nameof(SurfaceSquareMetres));
        Check(Emissivity, 0, 1, nameof(Emissivity));
        Check(Absorptivity, 0, 1, nameof(Absorptivity));
        Check(SunlitShare, 0, 1, nameof(SunlitShare));
        Check(SolarPeakWatts, 0, 1e6, nameof(SolarPeakWatts));
        Check(AttitudeFactor, 0, 1, nameof(AttitudeFactor));
        Check(SolarBusVolts, 0.1, 1e3, nameof(SolarBusVolts));
        Check(BaselineWatts, 0, 1e6, nameof(BaselineWatts));
        Check(TransmitterWatts, 0, 1e6, nameof(TransmitterWatts));
        Check(TransmitterEfficiency, 0, 1, nameof(TransmitterEfficiency));
        Check(BatteryWattHours, 0.01, 1e6, nameof(BatteryWattHours));
        Check(BatteryMilliampereHours, 1, 1e8, nameof(BatteryMilliampereHours));
        Check(BatteryEmptyVolts, 0.1, 1e3, nameof(BatteryEmptyVolts));
        Check(BatteryFullVolts, BatteryEmptyVolts, 1e3, nameof(BatteryFullVolts));
        Check(BatteryOhms, 0, 100, nameof(BatteryOhms));
        Check(ChargeEfficiency, 0.01, 1, nameof(ChargeEfficiency));
        Check(DischargeEfficiency, 0.01, 1, nameof(DischargeEfficiency));
        Check(ChargeWattsMax, 0, 1e6, nameof(ChargeWattsMax));
        Check(DischargeWattsMax, 0, 1e6, nameof(DischargeWattsMax));
        Check(HistorySamplesMax, 1, 10_000_000, nameof(HistorySamplesMax));
        double mean = BatteryWattHours / BatteryMilliampereHours * 1000;
        if (faults.Count == 0 && !(mean > BatteryEmptyVolts && mean < BatteryFullVolts) && BatteryEmptyVolts < BatteryFullVolts)
        {
            faults.Add($"BatteryWattHours a BatteryMilliampereHours: expected a mean voltage above {BatteryEmptyVolts} and below {BatteryFullVolts} V, "
                + $"found {mean:0.###} V");
        }
        return faults;

        void Check(double value, double low, double high, string name)
        {
            if (!(value >= low && value <= high))
                faults.Add($"{name}: expected {low} to {high}, found {value}");
        }
    }
}
