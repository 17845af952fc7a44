namespace SatNode.Orbit.Propagation;

/// <summary>Why there is no state at a time. The numbers 1 to 6 are those of the reference implementation (AIAA 2006-6753).</summary>
public enum PropagationError
{
    /// <summary>There is a state.</summary>
    None = 0,

    /// <summary>The mean eccentricity left 0 to 1 (or fell below −0.001): the drag terms are extrapolated too far.</summary>
    MeanEccentricity = 1,

    /// <summary>The mean motion is not positive.</summary>
    MeanMotion = 2,

    /// <summary>The eccentricity with lunar and solar periodics left 0 to 1.</summary>
    PerturbedEccentricity = 3,

    /// <summary>The semi-latus rectum is negative.</summary>
    SemiLatusRectum = 4,

    /// <summary>The satellite is below the Earth's surface: it has decayed.</summary>
    Decayed = 6,

    /// <summary>The time is not a number or more than <see cref="Sgp4.MinutesFromEpochMax"/> from the epoch.</summary>
    TimeOutOfRange = 7,

    /// <summary>The elements are so extreme that the theory's series have no finite value.</summary>
    NotFinite = 8,
}
