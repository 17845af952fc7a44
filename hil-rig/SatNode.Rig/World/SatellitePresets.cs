namespace SatNode.Rig.World;

/// <summary>Satellites and boards by name. A value that is not named here is that of <see cref="SatelliteOptions"/>, with its source there.</summary>
public static class SatellitePresets
{
    /// <summary>A 6U CubeSat: <c>cubesat-6u</c>.</summary>
    /// <remarks>Outer size 100 × 226.3 × 366 mm and at most 12 kg (CubeSat Design Specification rev. 14.1); 8 kg of it counted as aluminium at 900 J/(kg·K). Array: two wings, 30 cells
    /// 3G30C-Advanced, to the Sun. Battery: eight 18650 cells of 2.6 Ah, four in series (GomSpace NanoPower BPX data sheet: 75 Wh, 5.2 Ah, 12.0 to 16.8 V). Baseline: attitude control
    /// 3 W, computer and storage 0.6 W, GNSS 1 W, power system 0.4 W; receiver 1.2 W; transmitter 8 W into the amplifier for 2 W of S band (typical of data sheets of the class). Surface:
    /// aluminium anodised clear with solar cells on none (Gilmore, appendix A: absorptivity 0.35 to 0.45 aged, emissivity 0.55 with black boards behind).</remarks>
    public static SatelliteOptions Cubesat6U { get; } = new()
    {
        Attitude = AttitudeMode.Sun,
        BodyXMetres = 0.366,
        BodyYMetres = 0.2263,
        BodyZMetres = 0.1,
        SurfaceSquareMetres = 0.284,
        StructureJoulesPerKelvin = 7_200,
        Absorptivity = 0.45,
        Emissivity = 0.55,
        SolarPeakWatts = 36,
        BaselineWatts = 5,
        CommunicationWatts = 1.2,
        TransmitterWatts = 8,
        TransmitterEfficiency = 0.25,
        BatteryWattHours = 75,
        BatteryMilliampereHours = 5200,
        BatteryOhms = 0.10,
        BatteryJoulesPerKelvin = 365, // eight cells of 48 g at 950 J/(kg·K)
        ChargeWattsMax = 37,          // 2.5 A
        DischargeWattsMax = 43,       // 3 A at 14.4 V
    };

    /// <summary>A small satellite of 50 kg: <c>small-satellite</c>.</summary>
    /// <remarks>A box of 0.5 × 0.5 × 0.6 m; 40 kg of it counted as aluminium. Array: 144 W, 120 cells 3G30C-Advanced on fixed wings to the zenith. Battery: twenty 18650 cells of 2.6 Ah, four
    /// in series, which the charge counter's register still holds (13.9 Ah). Baseline: a third of the array's mean goes to the platform (Wertz, Everett, Puschell, Space Mission Engineering
    /// (2011), table 14-20: 30 to 45 % of the power of a small satellite); payload 6 W, receiver 3 W, X-band transmitter 25 W for 5 W. Surface: a mix of paints and blankets that keeps
    /// the battery above 0 °C.</remarks>
    public static SatelliteOptions SmallSatellite { get; } = new()
    {
        Attitude = AttitudeMode.Nadir,
        BodyXMetres = 0.5,
        BodyYMetres = 0.5,
        BodyZMetres = 0.6,
        SurfaceSquareMetres = 1.7,
        StructureJoulesPerKelvin = 36_000,
        Absorptivity = 0.50,
        Emissivity = 0.45,
        SolarPeakWatts = 144,
        PanelJoulesPerKelvin = 810, // 0.36 m² of 2.5 kg/m²
        PanelStructureWattsPerKelvin = 0.15,
        BaselineWatts = 14,
        PayloadWatts = 6,
        CommunicationWatts = 3,
        TransmitterWatts = 25,
        TransmitterEfficiency = 0.2,
        BatteryWattHours = 187,
        BatteryMilliampereHours = 13_000,
        BatteryOhms = 0.05,
        BatteryJoulesPerKelvin = 912, // twenty cells of 48 g
        ChargeWattsMax = 94,
        DischargeWattsMax = 190,
    };

    /// <summary>BUPT-1, a 12U CubeSat: <c>bupt-1</c>.</summary>
    /// <remarks>Source: Xing et al., MobiCom 2024. An orbit of 94.6 minutes (500 km, Sun-synchronous, node at 10:30; the orbit is the scenario's): 22.6 Wh from the Sun on average (12.3 to 38.0), 3.9 Wh to communication, 1.5 Wh to the payload, 22.7 Wh to the
    /// rest; battery 118.8 Wh out for 124.8 Wh in, 16.25 to 12.0 V, 8,145 mAh. The averages are not of the same orbits: 28.1 Wh go out a mean orbit and 22.6 come in, so this satellite loses
    /// 5 % of its charge an orbit until it meets better light. The array's peak follows from the mean in that orbit. Communication is spread
    /// evenly over the orbit, so a contact adds nothing.</remarks>
    public static SatelliteOptions Bupt1 { get; } = new()
    {
        Attitude = AttitudeMode.Nadir,
        SolarPeakWatts = 50.6,
        Absorptivity = 0.5,
        Emissivity = 0.5,
        BaselineWatts = 11.7, // 22.7 Wh an orbit, less the idle board's 2.7 W
        PayloadWatts = 0.951,
        CommunicationWatts = 2.473,
        TransmitterWatts = 0,
        BatteryFullVolts = 16.25,
    };

    /// <summary>Names of satellites.</summary>
    public static IReadOnlyList<string> Satellites { get; } = ["cubesat-6u", "small-satellite", "bupt-1"];

    /// <summary>Names of boards.</summary>
    public static IReadOnlyList<string> Boards { get; } = ["raspberry-pi-4b"];

    /// <summary>A satellite by its name, or null.</summary>
    public static SatelliteOptions? Satellite(string name) => name switch
    {
        "cubesat-6u" => Cubesat6U,
        "small-satellite" => SmallSatellite,
        "bupt-1" => Bupt1,
        _ => null,
    };

    /// <summary>A satellite with a board by its name, or null.</summary>
    public static SatelliteOptions? WithBoard(string name, SatelliteOptions satellite) => name == Boards[0] ? WithRaspberryPi4B(satellite) : null;

    /// <summary>A satellite with a Raspberry Pi 4B: <c>raspberry-pi-4b</c>.</summary>
    /// <remarks>Source: Xing et al., MobiCom 2024, in orbit: time constant 300 to 350 s, 13 K more a busy core; from 19 °C steady at 56, 69, 83 and 85 °C with one to four busy cores; four
    /// reach 57 °C in five minutes and 80 °C in ten and are throttled then, down to 600 MHz, 64 % of the time. The lag of the thermometer is what five and ten minutes need: a
    /// spot that is heated itself and ends at 95 °C cannot be as cool as 57 °C after five minutes and as hot as 80 °C after ten (docs/adr/0029). 85 °C is the firmware's limit
    /// (Raspberry Pi documentation, Frequency management and thermal control).</remarks>
    public static SatelliteOptions WithRaspberryPi4B(SatelliteOptions satellite)
    {
        ArgumentNullException.ThrowIfNull(satellite);
        return satellite with
        {
            BoardCores = 4,
            BoardIdleWatts = 2.7,
            BoardCoreWatts = 1.4625,
            BoardSupplyVolts = 5.1,
            BoardJoulesPerKelvin = 36.5625,
            BoardStructureWattsPerKelvin = 0.1125,
            BoardThermometerLagSeconds = 68,
            BoardThrottleKelvin = 358.15,
            BoardThrottleSpeedMin = 0.4,
            BoardThrottleRecoverySeconds = 25,
        };
    }
}
