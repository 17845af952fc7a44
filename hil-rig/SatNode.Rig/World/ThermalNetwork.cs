namespace SatNode.Rig.World;

/// <summary>Heat into each lump over a step, W; electricity that leaves a lump is not in it.</summary>
/// <param name="Board">Into the board's chips.</param>
/// <param name="Structure">Into the structure.</param>
/// <param name="Panel">Into the solar panel.</param>
/// <param name="Battery">Into the battery.</param>
public readonly record struct HeatInput(double Board, double Structure, double Panel = 0, double Battery = 0);

/// <summary>What flowed in a step, each the mean power over the step.</summary>
/// <param name="ConductedWatts">From board to structure.</param>
/// <param name="RadiatedWatts">From structure and panel to space.</param>
public readonly record struct ThermalStep(double ConductedWatts, double RadiatedWatts);

/// <summary>Lumps of heat: the board, the spot on it where its thermometer sits, the structure that the board, the panel and the battery are mounted to, the panel and the
/// battery. Structure and panel radiate to space as εσA·T⁴, the panel from both sides. Integrated by Heun's rule, whose mean powers are booked, so that energy is conserved to
/// rounding.</summary>
public sealed class ThermalNetwork
{
    /// <summary>Stefan–Boltzmann constant, W/(m²·K⁴). Source: CODATA 2018.</summary>
    public const double StefanBoltzmann = 5.670374419e-8;

    /// <summary>Heat capacity of the spot, J/K: a thermometer's package and the solder under it. Small, so that its own heat does not matter.</summary>
    public const double SpotJoulesPerKelvin = 1;

    private readonly Lumps _capacity;
    private readonly Flow _conductance;
    private readonly bool _hasSpot;
    private Lumps _kelvin;

    /// <summary>Builds the network at its initial temperatures; the battery starts as warm as the structure.</summary>
    public ThermalNetwork(SatelliteOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _hasSpot = options.BoardThermometerLagSeconds > 0;
        _capacity = new(
            options.BoardJoulesPerKelvin - (_hasSpot ? SpotJoulesPerKelvin : 0),
            SpotJoulesPerKelvin,
            options.StructureJoulesPerKelvin,
            options.PanelJoulesPerKelvin,
            options.BatteryJoulesPerKelvin);
        _conductance = new(
            _hasSpot ? SpotJoulesPerKelvin / options.BoardThermometerLagSeconds : 0,
            options.BoardStructureWattsPerKelvin,
            options.Attitude == AttitudeMode.Constant ? 0 : options.PanelStructureWattsPerKelvin,
            options.BatteryStructureWattsPerKelvin,
            options.Emissivity * StefanBoltzmann * options.SurfaceSquareMetres,
            2 * options.PanelEmissivity * StefanBoltzmann * options.PanelSquareMetresOrDefault);
        _kelvin = new(options.BoardKelvinInitial, options.BoardKelvinInitial, options.StructureKelvinInitial, options.PanelKelvinInitial, options.StructureKelvinInitial);
    }

    /// <summary>Board temperature where its thermometer sits, K.</summary>
    public double BoardKelvin => _hasSpot ? _kelvin.Spot : _kelvin.Board;

    /// <summary>Temperature of the board's chips, K: what the processor's own sensor sees.</summary>
    public double ProcessorKelvin => _kelvin.Board;

    /// <summary>Structure temperature, K.</summary>
    public double StructureKelvin => _kelvin.Structure;

    /// <summary>Solar panel temperature, K.</summary>
    public double PanelKelvin => _kelvin.Panel;

    /// <summary>Battery temperature, K.</summary>
    public double BatteryKelvin => _kelvin.Battery;

    /// <summary>Heat stored over absolute zero, J.</summary>
    public double StoredJoules => (_capacity.Board * _kelvin.Board) + (_hasSpot ? _capacity.Spot * _kelvin.Spot : 0) + (_capacity.Structure * _kelvin.Structure)
        + (_capacity.Panel * _kelvin.Panel) + (_capacity.Battery * _kelvin.Battery);

    /// <summary>Integrates a step with constant heat into the lumps.</summary>
    public ThermalStep Step(in HeatInput heat, double seconds)
    {
        Flow first = FlowAt(_kelvin);
        Flow second = FlowAt(Moved(heat, first, seconds));
        var mean = new Flow(
            (first.BoardToSpot + second.BoardToSpot) / 2,
            (first.BoardToStructure + second.BoardToStructure) / 2,
            (first.PanelToStructure + second.PanelToStructure) / 2,
            (first.BatteryToStructure + second.BatteryToStructure) / 2,
            (first.StructureToSpace + second.StructureToSpace) / 2,
            (first.PanelToSpace + second.PanelToSpace) / 2);
        _kelvin = Moved(heat, mean, seconds);
        return new(mean.BoardToStructure, mean.StructureToSpace + mean.PanelToSpace);
    }

    private Lumps Moved(in HeatInput heat, in Flow flow, double seconds) => new(
        _kelvin.Board + ((heat.Board - flow.BoardToSpot - flow.BoardToStructure) * seconds / _capacity.Board),
        _kelvin.Spot + (flow.BoardToSpot * seconds / _capacity.Spot),
        _kelvin.Structure + ((heat.Structure + flow.BoardToStructure + flow.PanelToStructure + flow.BatteryToStructure - flow.StructureToSpace) * seconds / _capacity.Structure),
        _kelvin.Panel + ((heat.Panel - flow.PanelToStructure - flow.PanelToSpace) * seconds / _capacity.Panel),
        _kelvin.Battery + ((heat.Battery - flow.BatteryToStructure) * seconds / _capacity.Battery));

    private Flow FlowAt(in Lumps kelvin) => new(
        (kelvin.Board - kelvin.Spot) * _conductance.BoardToSpot,
        (kelvin.Board - kelvin.Structure) * _conductance.BoardToStructure,
        (kelvin.Panel - kelvin.Structure) * _conductance.PanelToStructure,
        (kelvin.Battery - kelvin.Structure) * _conductance.BatteryToStructure,
        kelvin.Structure * kelvin.Structure * kelvin.Structure * kelvin.Structure * _conductance.StructureToSpace,
        kelvin.Panel * kelvin.Panel * kelvin.Panel * kelvin.Panel * _conductance.PanelToSpace);

    /// <summary>A value for each lump: a temperature in K or a capacity in J/K.</summary>
    private readonly record struct Lumps(double Board, double Spot, double Structure, double Panel, double Battery);

    /// <summary>A value for each path: a power in W, a conductance in W/K, or the factor of T⁴ in W/K⁴.</summary>
    private readonly record struct Flow(
        double BoardToSpot, double BoardToStructure, double PanelToStructure, double BatteryToStructure, double StructureToSpace, double PanelToSpace);
}
