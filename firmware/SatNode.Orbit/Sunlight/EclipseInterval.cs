namespace SatNode.Orbit.Sunlight;

/// <summary>One passage through the Earth's shadow.</summary>
public sealed record EclipseInterval
{
    /// <summary>The light begins to fade; the start of the search when the satellite was in the shadow then (<see cref="StartsBefore"/>).</summary>
    public required DateTimeOffset PenumbraEntry { get; init; }

    /// <summary>The Sun is gone; null when the passage only grazes the shadow.</summary>
    public DateTimeOffset? UmbraEntry { get; init; }

    /// <summary>The first ray is back; null when the passage only grazes the shadow.</summary>
    public DateTimeOffset? UmbraExit { get; init; }

    /// <summary>Full light again; the end of the search when the satellite was still in the shadow then (<see cref="EndsAfter"/>).</summary>
    public required DateTimeOffset PenumbraExit { get; init; }

    /// <summary>The eclipse had begun before the time searched.</summary>
    public bool StartsBefore { get; init; }

    /// <summary>The eclipse goes on after the time searched, or the elements have no state further on.</summary>
    public bool EndsAfter { get; init; }

    /// <summary>From first to last loss of light.</summary>
    public TimeSpan Duration => PenumbraExit - PenumbraEntry;

    /// <summary>The time without any sunlight.</summary>
    public TimeSpan UmbraDuration => UmbraExit - UmbraEntry ?? TimeSpan.Zero;
}
