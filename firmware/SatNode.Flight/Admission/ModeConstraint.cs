namespace SatNode.Flight.Admission;

/// <summary>Nothing starts in safe mode (ADM-1).</summary>
public sealed class ModeConstraint : IConstraint
{
    /// <inheritdoc/>
    public string Name => "mode";

    /// <inheritdoc/>
    public bool MayImprove => false;

    /// <inheritdoc/>
    public Margin Judge(in AdmissionRequest request, in Candidate candidate) => new(Name, Quantity.Mode, Bound.AtMost, candidate.IsSafeMode ? 1 : 0, 0);
}
