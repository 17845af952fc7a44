namespace SatNode.Flight.Admission;

/// <summary>It has ended at its deadline: start + duration ≤ deadline (ADM-2).</summary>
public sealed class DeadlineConstraint : IConstraint
{
    /// <inheritdoc/>
    public string Name => "deadline";

    /// <inheritdoc/>
    public bool MayImprove => false;

    /// <inheritdoc/>
    public Margin Judge(in AdmissionRequest request, in Candidate candidate)
    {
        double end = request.Duration > TimeSpan.Zero ? candidate.StartSeconds + request.Duration.TotalSeconds - candidate.NowSeconds : double.NaN;
        double limit = request.Deadline is { } deadline ? candidate.Forecast.SecondsTo(deadline) - candidate.NowSeconds : double.PositiveInfinity;
        return new(Name, Quantity.Time, Bound.AtMost, end, limit);
    }
}
