using SatNode.Ground.Placement;

namespace SatNode.Ground.Cloud;

/// <summary>How a function stands on a satellite, as the status shows it.</summary>
internal enum PlacementState
{
    /// <summary>A command waits for a pass, or for room in the queue.</summary>
    Waiting,

    /// <summary>A deploy is on its way in a contact.</summary>
    Deploying,

    /// <summary>The satellite reported the very image.</summary>
    Deployed,

    /// <summary>Deployed, but the satellite breaks a rule of placement.</summary>
    Unfit,

    /// <summary>It is being taken off.</summary>
    Removing,

    /// <summary>The satellite refused or failed; tried again later.</summary>
    Failed,
}

/// <summary>The placements of a function, counted for its conditions.</summary>
internal sealed class PlacementTally
{
    private readonly SortedDictionary<string, (PlacementState State, string? Reason)> _satellites = new(StringComparer.Ordinal);

    /// <summary>Satellites that have it or are about to, of those that are wanted.</summary>
    public int Placed { get; set; }

    /// <summary>Why no further satellite was chosen.</summary>
    public IReadOnlyDictionary<string, Refusal> Refused { get; set; } = new SortedDictionary<string, Refusal>(StringComparer.Ordinal);

    /// <summary>Notes a satellite.</summary>
    public void Count(PlacementState state, string satellite, string? reason) => _satellites[satellite] = (state, reason);

    /// <summary>How many stand so.</summary>
    public int this[PlacementState state] => _satellites.Values.Count(satellite => satellite.State == state);

    /// <summary>The satellites that stand so.</summary>
    public IEnumerable<string> Named(PlacementState state) => _satellites.Where(pair => pair.Value.State == state).Select(pair => pair.Key);

    /// <summary>The satellites that stand so, each with its reason, the first few of them.</summary>
    public string Explained(PlacementState state)
    {
        string[] words = [.. _satellites.Where(pair => pair.Value.State == state).Select(pair => pair.Value.Reason is { } reason ? $"{pair.Key}: {reason}" : pair.Key)];
        return string.Join("; ", words.Take(PlacementVerdict.NamedMax)) + (words.Length > PlacementVerdict.NamedMax ? $"; and {words.Length - PlacementVerdict.NamedMax} more" : "");
    }
}
