using SatNode.Protocol.Quantities;

namespace SatNode.Ground.Placement;

/// <summary>What is known of a satellite when a place for a function is sought. What was never measured is null, and refuses.</summary>
internal sealed record Candidate
{
    /// <summary>The satellite's name.</summary>
    public required string Name { get; init; }

    /// <summary>True while telecommands reach it.</summary>
    public bool IsReachable { get; init; }

    /// <summary>When the contact ends that goes on now, in world time; null out of contact, or when its orbit is not known.</summary>
    public DateTimeOffset? ContactEnd { get; init; }

    /// <summary>The next pass that has not begun; null when there is none within the horizon, or the orbit is not known.</summary>
    public PassWindow? NextPass { get; init; }

    /// <summary>When the values below were measured on board, in world time.</summary>
    public DateTimeOffset? Measured { get; init; }

    /// <summary>True in safe mode.</summary>
    public bool? IsSafeMode { get; init; }

    /// <summary>The board's temperature: the higher of measured and forecast to the end of the next eclipse.</summary>
    public Temperature? Board { get; init; }

    /// <summary>The state of charge: the lower of measured and forecast to the end of the next eclipse.</summary>
    public Ratio? Charge { get; init; }

    /// <summary>The agent's resident memory in bytes.</summary>
    public double? MemoryBytes { get; init; }

    /// <summary>The functions on it, by name.</summary>
    public IReadOnlyDictionary<string, PlacedFunction> Functions { get; init; } = new Dictionary<string, PlacedFunction>(StringComparer.Ordinal);

    /// <summary>Requests on their way to it or in it.</summary>
    public int Outstanding { get; init; }

    /// <summary>The orbital plane that its name tells (<c>pPP-sSS</c>), else its name: a plane of its own.</summary>
    public string Plane => Name is ['p', _, _, '-', 's', _, _] ? Name[..3] : Name;
}

/// <summary>A pass over an antenna, in world time.</summary>
internal sealed record PassWindow(string Station, DateTimeOffset Start, DateTimeOffset End);

/// <summary>A function on a satellite: the digest of its image, and when it was deployed, in world time.</summary>
internal readonly record struct PlacedFunction(string Image, DateTimeOffset Since);
