namespace SatNode.Ground.Placement;

/// <summary>How soon the satellite can take the function and answer: 100 in a contact that lasts, else falling with the wait for the next pass to 0 at an orbit
/// (PLC-8). A contact that is about to end counts as none.</summary>
internal sealed class LatencyScore : IPlacementScore
{
    /// <summary>A contact shorter than this is too short to deploy and to answer, in world time.</summary>
    public static readonly TimeSpan ContactMin = TimeSpan.FromSeconds(60);

    /// <summary>About an orbit in low Earth orbit, in world time: who waits longer is as bad as it gets.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(6000);

    public string Name => "latency";

    public double Score(PlacementRequest request, Candidate candidate, IReadOnlyCollection<Candidate> taken)
    {
        if (candidate.IsReachable && (candidate.ContactEnd is not { } end || end - request.Now >= ContactMin))
            return 100;
        if (candidate.NextPass is not { } pass)
            return 0;
        double wait = Math.Max(0, (pass.Start - request.Now).TotalSeconds);
        return Math.Max(0, 100 * (1 - (wait / WaitMax.TotalSeconds)));
    }
}

/// <summary>100 up to a recommended temperature, from there falling in a straight line to 0 at the function's limit (PLC-9).
/// Source: Pusztai, Marcelino and Nastic, HyperDrive, SEC 2024: recommended 65 °C for a maximum of 75 °C.</summary>
internal sealed class TemperatureScore : IPlacementScore
{
    /// <summary>The recommended temperature is so far below the function's limit, in kelvin.</summary>
    public const double RecommendedBelowMaxKelvin = 10;

    public string Name => "temperature";

    public double Score(PlacementRequest request, Candidate candidate, IReadOnlyCollection<Candidate> taken)
    {
        if (candidate.Board is not { } board)
            return 0;
        double margin = request.Manifest.Constraints.BoardTemperatureMax.Kelvin - board.Kelvin;
        return Math.Clamp(100 * margin / RecommendedBelowMaxKelvin, 0, 100);
    }
}

/// <summary>The charge above the function's least: 0 at it, 100 when full (PLC-10).</summary>
internal sealed class ChargeScore : IPlacementScore
{
    public string Name => "charge";

    public double Score(PlacementRequest request, Candidate candidate, IReadOnlyCollection<Candidate> taken)
    {
        if (candidate.Charge is not { } charge)
            return 0;
        double min = request.Manifest.Constraints.StateOfChargeMin.Value;
        if (!(charge.Value >= min))
            return 0;
        return min < 1 ? Math.Clamp(100 * (charge.Value - min) / (1 - min), 0, 100) : 100;
    }
}

/// <summary>Half for a plane in which the function is not yet, half for a satellite with few functions (PLC-11).</summary>
internal sealed class SpreadScore : IPlacementScore
{
    public string Name => "spread";

    public double Score(PlacementRequest request, Candidate candidate, IReadOnlyCollection<Candidate> taken)
    {
        int inPlane = taken.Count == 0 ? 0 : taken.Count(other => other.Name != candidate.Name && other.Plane == candidate.Plane);
        int others = candidate.Functions.Count - (candidate.Functions.ContainsKey(request.Manifest.Name) ? 1 : 0);
        return (50.0 / (1 + inPlane)) + (50.0 / (1 + others));
    }
}
