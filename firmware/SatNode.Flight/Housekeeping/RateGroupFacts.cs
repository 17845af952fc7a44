using SatNode.Flight.RateGroups;

namespace SatNode.Flight.Housekeeping;

/// <summary>What telemetry tells of a rate group.</summary>
/// <param name="Overruns">Runs that took longer than its period.</param>
/// <param name="Longest">The longest run, machine time.</param>
public readonly record struct RateGroupFacts(long Overruns, TimeSpan Longest)
{
    /// <summary>A group's counts now.</summary>
    public static RateGroupFacts Of(RateGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return new(group.Overruns, group.Longest);
    }
}
