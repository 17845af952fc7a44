namespace SatNode.Rig.World;

/// <summary>What a battery did in a step.</summary>
/// <param name="TerminalWatts">Power into the terminals; negative out of them.</param>
/// <param name="Amperes">Current into the battery; negative discharges.</param>
/// <param name="TerminalVolts">Voltage at the terminals.</param>
/// <param name="LossWatts">Heat in its internal resistance.</param>
public readonly record struct BatteryStep(double TerminalWatts, double Amperes, double TerminalVolts, double LossWatts);

/// <summary>A battery: charge behind an open-circuit voltage and an internal resistance.</summary>
public sealed class Battery
{
    private readonly BatteryCurve _curve;
    private readonly double _ohms;
    private readonly double _chargeWattsMax;
    private readonly double _dischargeWattsMax;

    /// <summary>Builds a battery at its initial charge.</summary>
    public Battery(SatelliteOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        CapacityCoulombs = options.BatteryMilliampereHours * 3.6;
        _curve = new(options.BatteryEmptyVolts, options.BatteryFullVolts, options.BatteryWattHours / options.BatteryMilliampereHours * 1000);
        _ohms = options.BatteryOhms;
        _chargeWattsMax = options.ChargeWattsMax;
        _dischargeWattsMax = options.DischargeWattsMax;
        Coulombs = options.StateOfChargeInitial * CapacityCoulombs;
    }

    /// <summary>Charge of the full battery, C.</summary>
    public double CapacityCoulombs { get; }

    /// <summary>Charge now, C, 0 to <see cref="CapacityCoulombs"/>.</summary>
    public double Coulombs { get; private set; }

    /// <summary>Charge that went in less charge that came out, since the start, C.</summary>
    public double NetCoulombs { get; private set; }

    /// <summary>State of charge, 0 to 1.</summary>
    public double StateOfCharge => Coulombs / CapacityCoulombs;

    /// <summary>Energy stored, J.</summary>
    public double StoredJoules => _curve.JoulesPerCoulomb(StateOfCharge) * CapacityCoulombs;

    /// <summary>Open-circuit voltage now, V.</summary>
    public double OpenCircuitVolts => _curve.Volts(StateOfCharge);

    /// <summary>Charges or discharges for a step, as far as limits and charge allow.</summary>
    /// <param name="terminalWatts">Power into the terminals that is wished; negative is drawn.</param>
    /// <param name="seconds">The step.</param>
    public BatteryStep Step(double terminalWatts, double seconds)
    {
        double watts = Math.Clamp(terminalWatts, -_dischargeWattsMax, _chargeWattsMax);
        double start = StateOfCharge;
        double volts = _curve.Volts(start + (Current(watts, _curve.Volts(start)) * seconds / 2 / CapacityCoulombs)); // at the middle of the step
        double coulombs = Current(watts, volts) * seconds;
        double bounded = Math.Clamp(coulombs, -Coulombs, CapacityCoulombs - Coulombs);
        // The energy that a bounded step really moves is that under the curve; within a segment it is the charge at the voltage of the middle.
        double before = StoredJoules;
        Coulombs = Math.Clamp(Coulombs + bounded, 0, CapacityCoulombs);
        NetCoulombs += bounded;
        double amperes = bounded / seconds;
        double loss = amperes * amperes * _ohms;
        double terminal = ((StoredJoules - before) / seconds) + loss;
        return new(terminal, amperes, amperes == 0 ? OpenCircuitVolts : terminal / amperes, loss);
    }

    /// <summary>The current at which V = OCV + I·R carries the power; at most what the resistance lets out.</summary>
    private double Current(double watts, double openCircuitVolts)
    {
        if (_ohms == 0)
            return watts / openCircuitVolts;
        double root = Math.Max(0, (openCircuitVolts * openCircuitVolts) + (4 * _ohms * watts));
        return (Math.Sqrt(root) - openCircuitVolts) / (2 * _ohms);
    }
}
