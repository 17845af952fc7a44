using SatNode.Orbit.Constellations;
using SatNode.Orbit.Elements;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Quantities;
using SatNode.Rig.World;

namespace SatNode.Rig.Scenarios;

/// <summary>A flight as a scenario file describes it, checked: every range holds, every name resolves and every file is there.</summary>
public sealed record Scenario
{
    /// <summary>The file it was read from, as the user named it.</summary>
    public required string File { get; init; }

    /// <summary>1 to 32 of a to z, 0 to 9 and hyphen; names the folder of the run.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence for people; may be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>World time at the start.</summary>
    public required DateTimeOffset Epoch { get; init; }

    /// <summary>How long the flight lasts, in the world; 1 minute to 7 days.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>World seconds a machine second, 1 to 1,000; 60 unless told.</summary>
    public required double Rate { get; init; }

    /// <summary>Seeds every random sequence of the world.</summary>
    public required int Seed { get; init; }

    /// <summary>1 to 100 satellites.</summary>
    public required IReadOnlyList<SatelliteSpec> Satellites { get; init; }

    /// <summary>Which pairs have inter-satellite terminals for each other, and what these can do.</summary>
    public required LinkSpec Links { get; init; }

    /// <summary>Where the ground station listens; free ports unless told.</summary>
    public GroundSpec Ground { get; init; } = new(default, default);

    /// <summary>After the end, how long a satellite may fly on until a contact in which to end, in the world; 0 to 2 hours, 10 minutes unless told.</summary>
    public TimeSpan Recovery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>At least one antenna.</summary>
    public required IReadOnlyList<StationSpec> Stations { get; init; }

    /// <summary>Full path of what the imagers see, or null without imagers.</summary>
    public string? PayloadImage { get; init; }

    /// <summary>By what the agents admit invocations; null leaves it to them.</summary>
    public string? Policy { get; init; }

    /// <summary>What is deployed where.</summary>
    public IReadOnlyList<FunctionSpec> Functions { get; init; } = [];

    /// <summary>The workflow, or null.</summary>
    public WorkflowSpec? Workflow { get; init; }

    /// <summary>Telecommands by rising time.</summary>
    public IReadOnlyList<CommandSpec> Commands { get; init; } = [];

    /// <summary>Under which policies the same load is flown, or null for one flight.</summary>
    public ComparisonSpec? Comparison { get; init; }

    /// <summary>The cluster that steers the satellites, or null without one.</summary>
    public CloudSpec? Cloud { get; init; }

    /// <summary>What the checks need to know.</summary>
    public required CheckSpec Checks { get; init; }

    /// <summary>World time at the end.</summary>
    public DateTimeOffset End => Epoch + Duration;
}

/// <summary>Where a satellite is taken from.</summary>
public abstract record OrbitSpec;

/// <summary>A place in a Walker shell.</summary>
/// <param name="Shell">The shell.</param>
/// <param name="Plane">The plane, from 0.</param>
/// <param name="Slot">The place in the plane, from 0.</param>
public sealed record ShellOrbit(ShellSpec Shell, int Plane, int Slot) : OrbitSpec;

/// <summary>An element set, of a file or made from a state.</summary>
/// <param name="Elements">The set.</param>
public sealed record TleOrbit(Tle Elements) : OrbitSpec;

/// <summary>A Walker shell of circular orbits.</summary>
/// <param name="Planes">Planes, evenly over 360° of right ascension, or over 180° in a star.</param>
/// <param name="PerPlane">Satellites a plane, evenly spread.</param>
/// <param name="AltitudeKm">Height over the equator.</param>
/// <param name="InclinationDegrees">Inclination.</param>
/// <param name="Phasing">Walker's F: a satellite leads its western neighbour by F·360°/(planes·perPlane).</param>
/// <param name="RaanDegrees">Right ascension of plane 0's ascending node at the epoch.</param>
/// <param name="Pattern">Delta or star.</param>
public sealed record ShellSpec(int Planes, int PerPlane, double AltitudeKm, double InclinationDegrees, int Phasing, double RaanDegrees, WalkerPattern Pattern = WalkerPattern.Delta);

/// <summary>One satellite.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Number">The node's number, above the ground station's.</param>
/// <param name="Orbit">Its orbit.</param>
/// <param name="Vehicle">What it is built of and the state in which it starts.</param>
public sealed record SatelliteSpec(string Name, int Number, OrbitSpec Orbit, VehicleSpec Vehicle);

/// <summary>What a satellite is built of and the state in which it starts; the names carry the units.</summary>
public sealed record VehicleSpec
{
    /// <summary>A satellite for which nothing is told: battery of BUPT-1 (8,145 mAh, 118.8 Wh), 80 % charged, as warm as an idle board is in sunlight.</summary>
    public static VehicleSpec Default { get; } = new();

    /// <summary>A vehicle of a satellite's options: what has no key of its own is taken from them as it is.</summary>
    public static VehicleSpec Of(SatelliteOptions satellite) => new()
    {
        Satellite = satellite,
        StateOfChargeInitial = satellite.StateOfChargeInitial,
        BoardTemperatureCelsius = new Temperature(satellite.BoardKelvinInitial).Celsius,
        StructureTemperatureCelsius = new Temperature(satellite.StructureKelvinInitial).Celsius,
        BatteryCapacityWattHours = satellite.BatteryWattHours,
        BatteryCapacityMilliampereHours = satellite.BatteryMilliampereHours,
        SolarPeakWatts = satellite.SolarPeakWatts,
        AttitudeFactor = satellite.AttitudeFactor,
        BaselineWatts = satellite.BaselineWatts,
        BoardIdleWatts = satellite.BoardIdleWatts,
        BoardCores = satellite.BoardCores,
        BoardCoreWatts = satellite.BoardCoreWatts,
    };

    /// <summary>All that has no key of its own.</summary>
    public SatelliteOptions Satellite { get; init; } = new();

    /// <summary>Charge at the start, 0 to 1.</summary>
    public double StateOfChargeInitial { get; init; } = 0.8;

    /// <summary>The share of charge that the agent keeps, 0 to 0.99.</summary>
    public double StateOfChargeReserve { get; init; } = 0.3;

    /// <summary>Board temperature at the start, −60 to 120 °C.</summary>
    public double BoardTemperatureCelsius { get; init; } = 43;

    /// <summary>Structure temperature at the start, −100 to 120 °C.</summary>
    public double StructureTemperatureCelsius { get; init; } = 19;

    /// <summary>Energy of the full battery, 1 to 10,000 Wh.</summary>
    public double BatteryCapacityWattHours { get; init; } = 118.8;

    /// <summary>Charge of the full battery, 100 to 1,000,000 mAh.</summary>
    public double BatteryCapacityMilliampereHours { get; init; } = 8145;

    /// <summary>Power of the array at normal incidence, 0 to 5,000 W.</summary>
    public double SolarPeakWatts { get; init; } = 36;

    /// <summary>Share of the array's peak that the attitude leaves, 0 to 1.</summary>
    public double AttitudeFactor { get; init; } = 0.8;

    /// <summary>Power of all but board and transmitter, 0 to 1,000 W.</summary>
    public double BaselineWatts { get; init; } = 12;

    /// <summary>Power of the board when it is idle, 0 to 100 W.</summary>
    public double BoardIdleWatts { get; init; } = 2.7;

    /// <summary>Cores of the board, 1 to 64.</summary>
    public int BoardCores { get; init; } = 4;

    /// <summary>Power that a busy core adds, 0 to 100 W.</summary>
    public double BoardCoreWatts { get; init; } = 1.4625;

    /// <summary>How the satellite is turned.</summary>
    public AttitudeMode Attitude => Satellite.Attitude;

    /// <summary>How often the agent samples its sensors, 1 to 3,600 s.</summary>
    public int HousekeepingPeriodSeconds { get; init; } = 10;
}

/// <summary>The inter-satellite links.</summary>
/// <param name="Pairs">The pairs of names, each once, in the order of the satellites.</param>
/// <param name="MaxRangeKm">No link beyond, 1 to 10,000 km.</param>
/// <param name="RateBitsPerSecond">What a link carries, 1 kbit/s to 100 Gbit/s.</param>
/// <param name="GroundRateBitsPerSecond">What the link to a ground station carries, 1 kbit/s to 100 Gbit/s; 50 Mbit/s unless told.</param>
public sealed record LinkSpec(IReadOnlyList<(string From, string To)> Pairs, double MaxRangeKm, double RateBitsPerSecond, double GroundRateBitsPerSecond = 50e6);

/// <summary>Where the ground station listens.</summary>
/// <param name="Http">Its API; 0 takes a free port.</param>
/// <param name="Mqtt">Its broker; 0 takes a free port.</param>
public sealed record GroundSpec(PortSpec Http, PortSpec Mqtt);

/// <summary>A port and where it was asked for.</summary>
/// <param name="Port">0 takes a free one.</param>
/// <param name="Line">The line in the scenario, 0 when it was not told.</param>
/// <param name="Column">The column.</param>
public readonly record struct PortSpec(int Port, int Line, int Column);

/// <summary>One ground station.</summary>
public sealed record StationSpec(string Name, double LatitudeDegrees, double LongitudeDegrees, double AltitudeMetres, double MinElevationDegrees);

/// <summary>One function and where it is deployed.</summary>
/// <param name="Name">Its name by its manifest.</param>
/// <param name="Manifest">Full path of its manifest.</param>
/// <param name="Module">Full path of its module, which begins as WebAssembly does.</param>
/// <param name="On">Names of satellites.</param>
public sealed record FunctionSpec(string Name, string Manifest, string Module, IReadOnlyList<string> On);

/// <summary>A workflow: stages in an order in which each stands after those it waits for.</summary>
public sealed record WorkflowSpec(string Name, IReadOnlyList<StageSpec> Stages)
{
    /// <summary>The stages that no other waits for.</summary>
    public IEnumerable<StageSpec> Last => Stages.Where(stage => !Stages.Any(other => other.After.Contains(stage.Name, StringComparer.Ordinal)));
}

/// <summary>One stage of a workflow.</summary>
public sealed record StageSpec(string Name, string Function, IReadOnlyList<string> After, IReadOnlyList<string> Candidates);

/// <summary>One telecommand to be sent.</summary>
/// <param name="At">Time from the start.</param>
/// <param name="Satellite">For which.</param>
/// <param name="Name">Its name in the dictionary.</param>
/// <param name="Arguments">Its arguments, which fit the dictionary.</param>
public sealed record CommandSpec(TimeSpan At, string Satellite, string Name, IReadOnlyDictionary<string, ArgumentValue> Arguments);

/// <summary>What the checks need to know.</summary>
/// <param name="SamplesMin">Samples of each parameter that a satellite must have brought to the archive.</param>
/// <param name="TimeToleranceSeconds">How far a sample's stamp may be from the moment of its measurement, in world seconds.</param>
/// <param name="TemperatureToleranceKelvin">How far the sensed temperature may be from the truth when heat made the agent act.</param>
/// <param name="ChargeTolerance">The same for the state of charge.</param>
/// <param name="RegionsExpected">Full path of the expected output of the workflow, or null.</param>
public sealed record CheckSpec(int SamplesMin, double TimeToleranceSeconds, double TemperatureToleranceKelvin, double ChargeTolerance, string? RegionsExpected);
