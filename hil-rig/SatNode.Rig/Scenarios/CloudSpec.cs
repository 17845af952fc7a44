namespace SatNode.Rig.Scenarios;

/// <summary>A cluster that steers the satellites of a flight: what it is asked for, and who asks the function.</summary>
public sealed record CloudSpec
{
    /// <summary>The functions whose images are pushed into the ground station's library; they are deployed nowhere by the scenario.</summary>
    public required IReadOnlyList<FunctionSpec> Images { get; init; }

    /// <summary>Full path of the SatelliteFunction that is applied when the satellites fly.</summary>
    public required string FunctionFile { get; init; }

    /// <summary>Full path of the CostEfficiencySloMapping that is applied with it.</summary>
    public required string MappingFile { get; init; }

    /// <summary>The name of the SatelliteFunction.</summary>
    public required string Resource { get; init; }

    /// <summary>The name of the function that its image has.</summary>
    public required string Function { get; init; }

    /// <summary>Replicas that the SatelliteFunction asks for at first.</summary>
    public required int Replicas { get; init; }

    /// <summary>The warmest board that the SatelliteFunction allows, °C; null when it does not say.</summary>
    public required double? BoardTemperatureMaxCelsius { get; init; }

    /// <summary>The response time below which a request is fast enough, in the world; from the mapping.</summary>
    public required TimeSpan Threshold { get; init; }

    /// <summary>The share of requests that must be fast enough, above 0 to 1; from the mapping.</summary>
    public required double Share { get; init; }

    /// <summary>Over which world time the station judges requests.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>The requests.</summary>
    public required RequestSpec Requests { get; init; }
}

/// <summary>Requests through the ground station's front door.</summary>
/// <param name="From">Time of the first, from the start.</param>
/// <param name="To">Time of the last.</param>
/// <param name="Period">World time between two.</param>
/// <param name="Input">What each brings, a text.</param>
public sealed record RequestSpec(TimeSpan From, TimeSpan To, TimeSpan Period, string Input);
