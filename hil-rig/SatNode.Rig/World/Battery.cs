namespace SatNode.Rig.World;

/// <summary>What a battery did in a step.</summary>
/// <param name="TerminalWatts">Power into the terminals; negative out of them.</param>
/// <param name="Amperes">Current into the battery; negative discharges.</param>
/// <param name="TerminalVolts">Voltage at the terminals.</param>
/// <param name="LossWatts">Heat in its internal resistance.</param>
public readonly record struct BatteryStep(double TerminalWatts, double Amperes, double TerminalVolts, double LossWatts);

/// <summary>A battery: charge behind an open-circuit voltage and an internal resistance. In the cold the resistance grows, a part of the charge cannot be drawn, and charging is
/// refused.</summary>
public sealed class Battery
{
    private readonly BatteryCurve _curve;
    private readonly SatelliteOptions _options;

    /// <summary>Builds a battery at its initial charge.</summary>
    public Battery(SatelliteOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        CapacityCoulombs = options.BatteryMilliampereHours * 3.6;
        _curve = new(options.BatteryEmptyVolts, options.BatteryFullVolts, options.BatteryWattHours / options.BatteryMilliampereHours * 1000);
        _options = options;
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

    /// <summary>Internal resistance at a temperature, Ω: Arrhenius' law, as the electrolyte's conductivity has it.</summary>
    public double Ohms(double kelvin) => _options.BatteryOhms * Math.Exp(_options.BatteryOhmsActivationKelvin * ((1 / kelvin) - (1 / SatelliteOptions.BatteryReferenceKelvin)));

    /// <summary>Share of the full charge that cannot be drawn at a temperature.</summary>
    public double UnusableShare(double kelvin) => Math.Clamp(_options.BatteryColdLossPerKelvin * (SatelliteOptions.BatteryReferenceKelvin - kelvin), 0, 1);

    /// <summary>Charges or discharges for a step, as far as limits, charge and temperature allow.</summary>
    /// <param name="terminalWatts">Power into the terminals that is wished; negative is drawn.</param>
    /// <param name="seconds">The step.</param>
    /// <param name="kelvin">The battery's temperature.</param>
    public BatteryStep Step(double terminalWatts, double seconds, double kelvin = SatelliteOptions.BatteryReferenceKelvin)
    {
        double chargeMax = kelvin >= _options.BatteryChargeKelvinMin ? _options.ChargeWattsMax : 0;
        double watts = Math.Clamp(terminalWatts, -_options.DischargeWattsMax, chargeMax);
        double ohms = Ohms(kelvin);
        double start = StateOfCharge;
        double volts = _curve.Volts(start + (Current(watts, _curve.Volts(start), ohms) * seconds / 2 / CapacityCoulombs)); // at the middle of the step
        double coulombs = Current(watts, volts, ohms) * seconds;
        double bounded = Math.Clamp(coulombs, -Math.Max(0, Coulombs - (UnusableShare(kelvin) * CapacityCoulombs)), CapacityCoulombs - Coulombs);
        // The energy that a bounded step really moves is that under the curve; within a segment it is the charge at the voltage of the middle.
        double before = StoredJoules;
        Coulombs = Math.Clamp(Coulombs + bounded, 0, CapacityCoulombs);
        NetCoulombs += bounded;
        double amperes = bounded / seconds;
        double loss = amperes * amperes * ohms;
        double terminal = ((StoredJoules - before) / seconds) + loss;
        return new(terminal, amperes, amperes == 0 ? OpenCircuitVolts : terminal / amperes, loss);
    }

    /// <summary>The current at which V = OCV + I·R carries the power; at most what the resistance lets out.</summary>
    private static double Current(double watts, double openCircuitVolts, double ohms)
    {
        if (ohms == 0)
            return watts / openCircuitVolts;
        double root = Math.Max(0, (openCircuitVolts * openCircuitVolts) + (4 * ohms * watts));
        return (Math.Sqrt(root) - openCircuitVolts) / (2 * ohms);
    }
}
