namespace SatNode.Ground.Placement;

/// <summary>The station's rules of placement. Times are world time.</summary>
/// <param name="FunctionsMax">Functions that a satellite can have; 64 unless told, as the agent.</param>
/// <param name="MemoryBytesMax">Memory that the agent may use with the function that is placed; 256 MiB unless told: four functions of 64 MiB.</param>
/// <param name="TelemetryMaxAge">How old housekeeping may be; 12,000 s (two orbits) unless told.</param>
/// <param name="PassHorizon">How far the next pass may be; 86,400 s unless told.</param>
/// <param name="Weights">What each score counts.</param>
internal sealed record PlacementOptions(int FunctionsMax, double MemoryBytesMax, TimeSpan TelemetryMaxAge, TimeSpan PassHorizon, PlacementWeights Weights)
{
    /// <summary>What holds when nothing is told.</summary>
    public static PlacementOptions Default { get; } = new(64, 256 * 1024 * 1024, TimeSpan.FromSeconds(12_000), TimeSpan.FromDays(1), PlacementWeights.Default);
}

/// <summary>What each score counts, 0 to 100; 0 leaves it out.</summary>
internal sealed record PlacementWeights(int Latency, int Temperature, int Charge, int Spread)
{
    /// <summary>Latency counts most: a request is answered during a contact.</summary>
    public static PlacementWeights Default { get; } = new(40, 20, 20, 20);

    /// <summary>The weight of a score by its name; an unknown one counts nothing.</summary>
    public int this[string name] => name switch
    {
        "latency" => Latency,
        "temperature" => Temperature,
        "charge" => Charge,
        "spread" => Spread,
        _ => 0,
    };
}
