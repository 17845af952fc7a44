using SatNode.Protocol.Quantities;

namespace SatNode.Ground.Placement;

/// <summary>Only the satellites that the request names (PLC-1).</summary>
internal sealed class SelectionFilter : IPlacementFilter
{
    public Refusal? Judge(PlacementRequest request, Candidate candidate) =>
        request.Satellites is null || request.Satellites.Contains(candidate.Name) ? null : new(RefusalReason.NotSelected);
}

/// <summary>What is known must be recent enough (PLC-2).</summary>
internal sealed class TelemetryAgeFilter(TimeSpan max) : IPlacementFilter
{
    public Refusal? Judge(PlacementRequest request, Candidate candidate)
    {
        if (candidate.Measured is not { } measured)
            return new(RefusalReason.TelemetryMissing, Detail: "no housekeeping was ever received");
        double age = (request.Now - measured).TotalSeconds;
        return age <= max.TotalSeconds ? null : new(RefusalReason.TelemetryOld, age, max.TotalSeconds);
    }
}

/// <summary>A free slot for a function, and memory for it beside what the agent uses (PLC-3). A new version of a function takes the old one's slot.</summary>
internal sealed class ResourceFilter(int functionsMax, double memoryBytesMax) : IPlacementFilter
{
    public Refusal? Judge(PlacementRequest request, Candidate candidate)
    {
        if (!candidate.Functions.ContainsKey(request.Manifest.Name) && candidate.Functions.Count >= functionsMax)
            return new(RefusalReason.NoFunctionSlot, candidate.Functions.Count, functionsMax);
        if (candidate.MemoryBytes is not { } used)
            return new(RefusalReason.TelemetryMissing, Detail: "agent.resident-memory was never measured");
        double needed = used + request.Manifest.Limits.MemoryBytesMax;
        return needed <= memoryBytesMax ? null : new(RefusalReason.NoMemory, needed, memoryBytesMax);
    }
}

/// <summary>Nominal mode: a satellite in safe mode admits no function (PLC-4).</summary>
internal sealed class ModeFilter : IPlacementFilter
{
    public Refusal? Judge(PlacementRequest request, Candidate candidate) => candidate.IsSafeMode switch
    {
        false => null,
        true => new(RefusalReason.SafeMode),
        null => new(RefusalReason.TelemetryMissing, Detail: "agent.mode was never measured"),
    };
}

/// <summary>The board is and stays below the function's limit (PLC-5).</summary>
internal sealed class HeatFilter : IPlacementFilter
{
    public Refusal? Judge(PlacementRequest request, Candidate candidate)
    {
        if (candidate.Board is not { } board)
            return new(RefusalReason.TelemetryMissing, Detail: "board.temperature was never measured");
        Temperature max = request.Manifest.Constraints.BoardTemperatureMax;
        return board.Kelvin <= max.Kelvin ? null : new(RefusalReason.TooHot, board.Celsius, max.Celsius);
    }
}

/// <summary>The battery has and keeps the function's least charge (PLC-6).</summary>
internal sealed class ChargeFilter : IPlacementFilter
{
    public Refusal? Judge(PlacementRequest request, Candidate candidate)
    {
        if (candidate.Charge is not { } charge)
            return new(RefusalReason.TelemetryMissing, Detail: "battery.state-of-charge was never measured");
        Ratio min = request.Manifest.Constraints.StateOfChargeMin;
        return charge.Value >= min.Value ? null : new(RefusalReason.LowCharge, charge.Value, min.Value);
    }
}

/// <summary>In contact now, or a pass begins within the horizon (PLC-7).</summary>
internal sealed class ContactFilter(TimeSpan horizon) : IPlacementFilter
{
    public Refusal? Judge(PlacementRequest request, Candidate candidate) =>
        candidate.IsReachable || (candidate.NextPass is { } pass && pass.Start - request.Now <= horizon)
            ? null
            : new(RefusalReason.NoContact, candidate.NextPass is { } late ? (late.Start - request.Now).TotalSeconds : double.NaN, horizon.TotalSeconds);
}
