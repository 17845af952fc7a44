namespace SatNode.Orbit.Propagation;

/// <summary>A state was demanded where SGP4 has none.</summary>
public sealed class PropagationException : Exception
{
    internal PropagationException(int catalogNumber, double minutesSinceEpoch, PropagationError error)
        : base($"sgp4: satellite {catalogNumber}: no state {minutesSinceEpoch:F3} minutes from its epoch: {Describe(error)}; take newer elements")
    {
        Error = error;
    }

    /// <summary>The reason.</summary>
    public PropagationError Error { get; }

    private static string Describe(PropagationError error) => error switch
    {
        PropagationError.MeanEccentricity => "expected a mean eccentricity of 0 to 1",
        PropagationError.MeanMotion => "expected a positive mean motion",
        PropagationError.PerturbedEccentricity => "expected a perturbed eccentricity of 0 to 1",
        PropagationError.SemiLatusRectum => "expected a positive semi-latus rectum",
        PropagationError.Decayed => "the satellite has decayed",
        PropagationError.TimeOutOfRange => $"expected a time within {Sgp4.MinutesFromEpochMax} minutes of the epoch",
        _ => "the elements have no finite state",
    };
}
