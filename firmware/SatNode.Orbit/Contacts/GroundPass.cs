namespace SatNode.Orbit.Contacts;

/// <summary>One pass of a satellite over a ground site.</summary>
public sealed record GroundPass
{
    /// <summary>Acquisition of signal: the satellite rises over the mask, or the search begins.</summary>
    public required DateTimeOffset Aos { get; init; }

    /// <summary>The highest point of the pass.</summary>
    public required DateTimeOffset Culmination { get; init; }

    /// <summary>Loss of signal: the satellite sets under the mask, or the search ends.</summary>
    public required DateTimeOffset Los { get; init; }

    /// <summary>Elevation at culmination in degrees.</summary>
    public required double MaxElevationDegrees { get; init; }

    /// <summary>Distance at culmination in km.</summary>
    public required double CulminationRangeKm { get; init; }

    /// <summary>Azimuth at acquisition, 0 to 360 degrees.</summary>
    public required double AosAzimuthDegrees { get; init; }

    /// <summary>Azimuth at loss, 0 to 360 degrees.</summary>
    public required double LosAzimuthDegrees { get; init; }

    /// <summary>The pass had begun before the time searched.</summary>
    public bool StartsBefore { get; init; }

    /// <summary>The pass goes on after the time searched.</summary>
    public bool EndsAfter { get; init; }

    /// <summary>From acquisition to loss.</summary>
    public TimeSpan Duration => Los - Aos;
}
