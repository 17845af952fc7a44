using SatNode.Flight.Model;

namespace SatNode.Flight.Admission;

/// <summary>Keeps charge for the dark: <c>SoC(t) ≥ max(reserve, what functions want left)</c> from the start to the end of the next eclipse (ADM-5).</summary>
public sealed class EnergyReserveConstraint : IConstraint
{
    /// <inheritdoc/>
    public string Name => "state-of-charge";

    /// <inheritdoc/>
    public bool MayImprove => true;

    /// <inheritdoc/>
    public Margin Judge(in AdmissionRequest request, in Candidate candidate)
    {
        double limit = Math.Max(candidate.ChargeLimit, request.StateOfChargeMin.Value);
        double end = candidate.StartSeconds + request.Duration.TotalSeconds;
        int last = candidate.EndOfNextEclipse(end);
        if (last < 0)
            return new(Name, Quantity.StateOfCharge, Bound.AtLeast, double.NaN, limit);
        double lowest = Candidate.At(candidate.ChargeLower, candidate.StartSeconds);
        for (int i = Candidate.PointFrom(candidate.StartSeconds); i <= last; i++)
        {
            double seconds = Math.Min(i * Forecast.StepSeconds, end) - candidate.StartSeconds;
            lowest = Math.Min(lowest, candidate.ChargeLower[i] - candidate.Forecast.Drain(request.Power.Watts * seconds)); // NaN stays
        }
        return new(Name, Quantity.StateOfCharge, Bound.AtLeast, lowest, limit);
    }
}
