using SatNode.Orbit;
using SatNode.Orbit.Contacts;
using SatNode.Rig.World;

namespace SatNode.Rig.Oracle;

/// <summary>What the oracle is asked: how much work a satellite could have done, had it known everything.</summary>
public sealed record OracleQuestion
{
    /// <summary>What the satellite is made of.</summary>
    public required SatelliteOptions Vehicle { get; init; }

    /// <summary>Its orbit.</summary>
    public required SatelliteOrbit Orbit { get; init; }

    /// <summary>The ground stations, in whose view it transmits.</summary>
    public required IReadOnlyList<GroundSite> Stations { get; init; }

    /// <summary>World time at which the truth starts, with the vehicle's initial state.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>World time from which there is work to do.</summary>
    public required DateTimeOffset WorkFrom { get; init; }

    /// <summary>World time at which the last work must have ended.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>Cores that functions may use at once, above 0.</summary>
    public required double FunctionCores { get; init; }

    /// <summary>Cores that the agent itself takes all the time, 0 or more; its heat and its charge are not the functions'.</summary>
    public double OwnCores { get; init; }

    /// <summary>The board's limit, K.</summary>
    public required double BoardKelvinMax { get; init; }

    /// <summary>The battery's reserve, 0 to 1.</summary>
    public required double StateOfChargeReserve { get; init; }
}

/// <summary>What nobody could have exceeded, in CPU-seconds of functions in the world's time.</summary>
/// <param name="ByHeat">By the board's limit alone.</param>
/// <param name="ByCharge">By the battery's reserve alone.</param>
/// <param name="ByCores">By the cores alone.</param>
public sealed record OracleAnswer(double ByHeat, double ByCharge, double ByCores)
{
    /// <summary>The bound: who keeps all limits keeps each of them.</summary>
    public double CpuSeconds => Math.Min(ByHeat, Math.Min(ByCharge, ByCores));

    /// <summary>Which limit it is: <c>heat</c>, <c>charge</c> or <c>cores</c>.</summary>
    public string Binding => CpuSeconds == ByCores ? "cores" : CpuSeconds == ByHeat ? "heat" : "charge";
}
