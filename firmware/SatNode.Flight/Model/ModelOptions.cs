using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Model;

/// <summary>What the model must be told; everything else it finds out in flight.</summary>
public sealed record ModelOptions
{
    /// <summary>The battery's energy from full to empty.</summary>
    public required Energy BatteryCapacity { get; init; }

    /// <summary>The battery's charge from full to empty, Ah; without it voltage corrects nothing, and the counter is believed as it is.</summary>
    public double? BatteryAmpereHours { get; init; }

    /// <summary>The most power that the battery may give; half its capacity in an hour (0.5 C) when not set.</summary>
    public Power? MaxDischarge { get; init; }
}
