namespace SatNode.Rig.World;

/// <summary>What flowed in a step, each the mean power over the step.</summary>
/// <param name="ConductedWatts">From board to structure.</param>
/// <param name="RadiatedWatts">From the structure to space.</param>
public readonly record struct ThermalStep(double ConductedWatts, double RadiatedWatts);

/// <summary>Two lumps of heat: the board, and the structure it is mounted to, which radiates to space as εσA·T⁴. Integrated by Heun's rule, whose mean
/// powers are booked, so that energy is conserved to rounding.</summary>
public sealed class ThermalNetwork
{
    /// <summary>Stefan–Boltzmann constant, W/(m²·K⁴). Source: CODATA 2018.</summary>
    public const double StefanBoltzmann = 5.670374419e-8;

    private readonly double _boardCapacity;
    private readonly double _structureCapacity;
    private readonly double _conductance;
    private readonly double _radiance;

    /// <summary>Builds the network at its initial temperatures.</summary>
    public ThermalNetwork(SatelliteOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _boardCapacity = options.BoardJoulesPerKelvin;
        _structureCapacity = options.StructureJoulesPerKelvin;
        _conductance = options.BoardStructureWattsPerKelvin;
        _radiance = options.Emissivity * StefanBoltzmann * options.SurfaceSquareMetres;
        BoardKelvin = options.BoardKelvinInitial;
        StructureKelvin = options.StructureKelvinInitial;
    }

    /// <summary>Board temperature, K.</summary>
    public double BoardKelvin { get; private set; }

    /// <summary>Structure temperature, K.</summary>
    public double StructureKelvin { get; private set; }

    /// <summary>Heat stored over absolute zero, J.</summary>
    public double StoredJoules => (_boardCapacity * BoardKelvin) + (_structureCapacity * StructureKelvin);

    /// <summary>Integrates a step with constant heat into both.</summary>
    public ThermalStep Step(double boardWatts, double structureWatts, double seconds)
    {
        (double conducted1, double radiated1) = Flows(BoardKelvin, StructureKelvin);
        double board = BoardKelvin + ((boardWatts - conducted1) * seconds / _boardCapacity);
        double structure = StructureKelvin + ((structureWatts + conducted1 - radiated1) * seconds / _structureCapacity);
        (double conducted2, double radiated2) = Flows(board, structure);
        var mean = new ThermalStep((conducted1 + conducted2) / 2, (radiated1 + radiated2) / 2);
        BoardKelvin += (boardWatts - mean.ConductedWatts) * seconds / _boardCapacity;
        StructureKelvin += (structureWatts + mean.ConductedWatts - mean.RadiatedWatts) * seconds / _structureCapacity;
        return mean;
    }

    private (double Conducted, double Radiated) Flows(double board, double structure) =>
        ((board - structure) * _conductance, _radiance * structure * structure * structure * structure);
}
