namespace SatNode.Rig.World;

/// <summary>What a satellite is made of, in the truth. The defaults are anchored on a Raspberry Pi 4B in BUPT-1, a 12U CubeSat (Xing et al., "Deciphering the
/// enigma of satellite computing with COTS devices", MobiCom 2024): idle 24 K over its surroundings, 13 K more for each busy core, time constant 300 to 350 s,
/// 22.6 Wh from the Sun an orbit (12.3 to 38.0), battery 118.8 Wh out for 124.8 Wh in.</summary>
/// <remarks>Other satellites and boards: <see cref="SatellitePresets"/>. Where a value of the array, the panel or the battery has no other source: the array is of AZUR SPACE 3G30C-Advanced
/// cells (data sheet HNR 0003429-01: 30.18 cm², 29.5 %, 1.2 W at one solar constant), the battery of 18650 lithium-ion cells.</remarks>
public sealed record SatelliteOptions
{
    /// <summary>The temperature at which the battery's resistance and charge are told, K (20 °C).</summary>
    public const double BatteryReferenceKelvin = 293.15;

    private const double CellEfficiency = 0.295; // 3G30C-Advanced, begin of life

    /// <summary>State of charge at the start, 0 to 1.</summary>
    public double StateOfChargeInitial { get; init; } = 0.8;

    /// <summary>Board temperature at the start, K, 100 to 500.</summary>
    public double BoardKelvinInitial { get; init; } = 316.15;

    /// <summary>Structure temperature at the start, K, 100 to 500.</summary>
    public double StructureKelvinInitial { get; init; } = 292.15;

    /// <summary>Solar panel temperature at the start, K, 100 to 500.</summary>
    public double PanelKelvinInitial { get; init; } = 293.15;

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

    /// <summary>Time with which the board's thermometer follows the board's chips, s, 0 or more. 0: they are one.</summary>
    public double BoardThermometerLagSeconds { get; init; }

    /// <summary>Temperature of the processor at which its firmware slows its clock, K, above 273; infinite: never.</summary>
    public double BoardThrottleKelvin { get; init; } = double.PositiveInfinity;

    /// <summary>The lowest clock as a share of the full one, 0.05 to 1. Default: a Raspberry Pi 4B's 600 of 1,500 MHz.</summary>
    public double BoardThrottleSpeedMin { get; init; } = 0.4;

    /// <summary>Time in which the clock climbs from its lowest to its full one, s, above 0.</summary>
    public double BoardThrottleRecoverySeconds { get; init; } = 25;

    /// <summary>Heat capacity of the structure, J/K, above 0. Default: 12 kg of aluminium.</summary>
    public double StructureJoulesPerKelvin { get; init; } = 10_800;

    /// <summary>Outer surface, m², 0 or more. Default: a 12U of 20 × 20 × 30 cm.</summary>
    public double SurfaceSquareMetres { get; init; } = 0.32;

    /// <summary>Infrared emissivity of the surface, 0 to 1.</summary>
    public double Emissivity { get; init; } = 0.5;

    /// <summary>Solar absorptivity of the surface, 0 to 1; most of it is solar cells.</summary>
    public double Absorptivity { get; init; } = 0.7;

    /// <summary>Share of the surface that the Sun sees in the constant attitude, 0 to 1. Default: a tumbling convex body, a quarter.</summary>
    public double SunlitShare { get; init; } = 0.25;

    /// <summary>How the satellite is turned.</summary>
    public AttitudeMode Attitude { get; init; } = AttitudeMode.Constant;

    /// <summary>The body along the flight when nadir-pointing, m, above 0. Only the body's proportions count: its faces are scaled to <see cref="SurfaceSquareMetres"/>. Default: a 12U.</summary>
    public double BodyXMetres { get; init; } = 0.2;

    /// <summary>The body across the flight, m, above 0.</summary>
    public double BodyYMetres { get; init; } = 0.2;

    /// <summary>The body from the Earth's side to the array's, m, above 0.</summary>
    public double BodyZMetres { get; init; } = 0.3;

    /// <summary>The panel's area, m², above 0; null takes that of cells of 29.5 % that give <see cref="SolarPeakWatts"/>.</summary>
    public double? PanelSquareMetres { get; init; }

    /// <summary>Solar absorptivity of the panel, both sides, 0 to 1. Source: 3G30C-Advanced with cover glass CMX 100 AR, at most 0.91.</summary>
    public double PanelAbsorptivity { get; init; } = 0.91;

    /// <summary>Infrared emissivity of the panel, both sides, 0 to 1. Source: Gilmore, Spacecraft Thermal Control Handbook, appendix A: cover glass and black paint 0.82 to 0.89.</summary>
    public double PanelEmissivity { get; init; } = 0.85;

    /// <summary>Heat capacity of the panel, J/K, above 0. Default: 0.09 m² of 2.5 kg/m² (a 1.6 mm printed board with cells and glass) at 900 J/(kg·K).</summary>
    public double PanelJoulesPerKelvin { get; init; } = 200;

    /// <summary>Conductance from panel to structure, W/K, 0 or more: hinges and harness. Not used in the constant attitude.</summary>
    public double PanelStructureWattsPerKelvin { get; init; } = 0.05;

    /// <summary>Change of the array's power a kelvin over 25 °C, a share, −0.1 to 0. Source: 3G30C-Advanced: −6.7 mV/K of 2.41 V and +0.24 mA/K of 504 mA. Not used in the constant
    /// attitude.</summary>
    public double PanelPowerPerKelvin { get; init; } = -0.0023;

    /// <summary>Share of its power that the array loses a year, 0 to 1. Source: Wertz, Everett, Puschell, Space Mission Engineering (2011), chapter 21: 0.5 % a year of triple-junction
    /// cells by design, 2 to 3 % with radiation, ultraviolet and thermal cycling in low orbit.</summary>
    public double PanelLossPerYear { get; init; } = 0.025;

    /// <summary>Years in orbit, 0 to 50. Not used in the constant attitude, as the loss a year is not.</summary>
    public double PanelYears { get; init; }

    /// <summary>Power of the solar array at normal incidence, 25 °C, one astronomical unit and begin of life, W, 0 or more. Default: 30 cells.</summary>
    public double SolarPeakWatts { get; init; } = 36;

    /// <summary>Share of the peak that the constant attitude leaves, 0 to 1.</summary>
    public double AttitudeFactor { get; init; } = 0.8;

    /// <summary>Voltage of the array's bus in sunlight, V, above 0.</summary>
    public double SolarBusVolts { get; init; } = 18;

    /// <summary>Power of everything that has no value of its own, W, 0 or more.</summary>
    public double BaselineWatts { get; init; } = 12;

    /// <summary>Power of receivers and beacon, always on, W, 0 or more.</summary>
    public double CommunicationWatts { get; init; }

    /// <summary>Power of the payload, W, 0 or more.</summary>
    public double PayloadWatts { get; init; }

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

    /// <summary>Internal resistance at 20 °C, Ω, 0 or more.</summary>
    public double BatteryOhms { get; init; } = 0.12;

    /// <summary>How the resistance grows in the cold: activation energy over the gas constant, K, 0 to 10,000. Default: 2.0 times at 0 °C and 4.0 at −20 °C, between the cells of
    /// Waldmann et al., J. Power Sources 262 (2014) and Zhang et al., Electrochimica Acta 49 (2004).</summary>
    public double BatteryOhmsActivationKelvin { get; init; } = 2700;

    /// <summary>Share of the full charge that cannot be drawn, a kelvin below 20 °C, 0 to 0.05. Default: 88 % are left at 0 °C and 76 % at −20 °C, as of an NCR18650 cell at low current
    /// (Panasonic data sheet, discharge by temperature).</summary>
    public double BatteryColdLossPerKelvin { get; init; } = 0.006;

    /// <summary>Below it the battery takes no charge, K, 200 to 400: lithium plates on the anode. Source: charge from 0 °C in every 18650 data sheet.</summary>
    public double BatteryChargeKelvinMin { get; init; } = 273.15;

    /// <summary>Heat capacity of the battery, J/K, above 0. Default: ten cells of 48 g at 950 J/(kg·K).</summary>
    public double BatteryJoulesPerKelvin { get; init; } = 450;

    /// <summary>Conductance from battery to structure, W/K, 0 or more.</summary>
    public double BatteryStructureWattsPerKelvin { get; init; } = 0.5;

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

    /// <summary>The panel's area, m².</summary>
    public double PanelSquareMetresOrDefault => PanelSquareMetres ?? Math.Max(1e-4, SolarPeakWatts / (CellEfficiency * SpaceEnvironment.SolarConstant));

    /// <summary>Everything that is out of range, each with its name, value and range; empty when all is well.</summary>
    public IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        Check(StateOfChargeInitial, 0, 1, nameof(StateOfChargeInitial));
        Check(BoardKelvinInitial, 100, 500, nameof(BoardKelvinInitial));
        Check(StructureKelvinInitial, 100, 500, nameof(StructureKelvinInitial));
        Check(PanelKelvinInitial, 100, 500, nameof(PanelKelvinInitial));
        Check(BoardCores, 1, 1024, nameof(BoardCores));
        Check(BoardIdleWatts, 0, 1e6, nameof(BoardIdleWatts));
        Check(BoardCoreWatts, 0, 1e6, nameof(BoardCoreWatts));
        Check(BoardSupplyVolts, 0.1, 1e3, nameof(BoardSupplyVolts));
        Check(BoardJoulesPerKelvin, 1, 1e9, nameof(BoardJoulesPerKelvin));
        Check(BoardThermometerLagSeconds, 0, 1e5, nameof(BoardThermometerLagSeconds));
        if (BoardThermometerLagSeconds > 0)
        {
            Check(BoardThermometerLagSeconds, 2, 1e5, nameof(BoardThermometerLagSeconds)); // two steps: the integration stays stable
            Check(BoardJoulesPerKelvin, 2 * ThermalNetwork.SpotJoulesPerKelvin, 1e9, nameof(BoardJoulesPerKelvin));
        }
        Check(BoardThrottleKelvin, 273, double.PositiveInfinity, nameof(BoardThrottleKelvin));
        Check(BoardThrottleSpeedMin, 0.05, 1, nameof(BoardThrottleSpeedMin));
        Check(BoardThrottleRecoverySeconds, 1, 1e5, nameof(BoardThrottleRecoverySeconds));
        Check(BoardStructureWattsPerKelvin, 0, 1e6, nameof(BoardStructureWattsPerKelvin));
        Check(StructureJoulesPerKelvin, 1, 1e9, nameof(StructureJoulesPerKelvin));
        Check(SurfaceSquareMetres, 0, 1e6, nameof(SurfaceSquareMetres));
        Check(Emissivity, 0, 1, nameof(Emissivity));
        Check(Absorptivity, 0, 1, nameof(Absorptivity));
        Check(SunlitShare, 0, 1, nameof(SunlitShare));
        if (!Enum.IsDefined(Attitude))
            faults.Add($"{nameof(Attitude)}: expected one of {string.Join(", ", Enum.GetNames<AttitudeMode>())}, found {(int)Attitude}");
        Check(BodyXMetres, 0.01, 1e3, nameof(BodyXMetres));
        Check(BodyYMetres, 0.01, 1e3, nameof(BodyYMetres));
        Check(BodyZMetres, 0.01, 1e3, nameof(BodyZMetres));
        if (PanelSquareMetres is { } panel)
            Check(panel, 1e-4, 1e6, nameof(PanelSquareMetres));
        Check(PanelAbsorptivity, 0, 1, nameof(PanelAbsorptivity));
        Check(PanelEmissivity, 0, 1, nameof(PanelEmissivity));
        Check(PanelJoulesPerKelvin, 1, 1e9, nameof(PanelJoulesPerKelvin));
        Check(PanelStructureWattsPerKelvin, 0, 1e6, nameof(PanelStructureWattsPerKelvin));
        Check(PanelPowerPerKelvin, -0.1, 0, nameof(PanelPowerPerKelvin));
        Check(PanelLossPerYear, 0, 1, nameof(PanelLossPerYear));
        Check(PanelYears, 0, 50, nameof(PanelYears));
        Check(SolarPeakWatts, 0, 1e6, nameof(SolarPeakWatts));
        Check(AttitudeFactor, 0, 1, nameof(AttitudeFactor));
        Check(SolarBusVolts, 0.1, 1e3, nameof(SolarBusVolts));
        Check(BaselineWatts, 0, 1e6, nameof(BaselineWatts));
        Check(CommunicationWatts, 0, 1e6, nameof(CommunicationWatts));
        Check(PayloadWatts, 0, 1e6, nameof(PayloadWatts));
        Check(TransmitterWatts, 0, 1e6, nameof(TransmitterWatts));
        Check(TransmitterEfficiency, 0, 1, nameof(TransmitterEfficiency));
        Check(BatteryWattHours, 0.01, 1e6, nameof(BatteryWattHours));
        Check(BatteryMilliampereHours, 1, 1e8, nameof(BatteryMilliampereHours));
        Check(BatteryEmptyVolts, 0.1, 1e3, nameof(BatteryEmptyVolts));
        Check(BatteryFullVolts, BatteryEmptyVolts, 1e3, nameof(BatteryFullVolts));
        Check(BatteryOhms, 0, 100, nameof(BatteryOhms));
        Check(BatteryOhmsActivationKelvin, 0, 10_000, nameof(BatteryOhmsActivationKelvin));
        Check(BatteryColdLossPerKelvin, 0, 0.05, nameof(BatteryColdLossPerKelvin));
        Check(BatteryChargeKelvinMin, 200, 400, nameof(BatteryChargeKelvinMin));
        Check(BatteryJoulesPerKelvin, 1, 1e9, nameof(BatteryJoulesPerKelvin));
        Check(BatteryStructureWattsPerKelvin, 0, 1e6, nameof(BatteryStructureWattsPerKelvin));
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
