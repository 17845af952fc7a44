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
            lowest = Math.Min(lowest, Left(request, candidate, end, i)); // NaN stays
        }
        return new(Name, Quantity.StateOfCharge, Bound.AtLeast, lowest, limit);
    }

    /// <inheritdoc/>
    public bool IsSurelyBroken(in AdmissionRequest request, in Candidate candidate)
    {
        double limit = Math.Max(candidate.ChargeLimit, request.StateOfChargeMin.Value);
        double end = candidate.StartSeconds + request.Duration.TotalSeconds;
        int first = Candidate.PointFrom(candidate.StartSeconds), last = candidate.EndOfNextEclipse(end), lowest = candidate.LowestPoint;
        return last >= first && (Left(request, candidate, end, last) < limit || (lowest >= first && lowest <= last && Left(request, candidate, end, lowest) < limit));
    }

    private static double Left(in AdmissionRequest request, in Candidate candidate, double end, int point)
    {
        double seconds = Math.Min(point * Forecast.StepSeconds, end) - candidate.StartSeconds;
        return candidate.ChargeLower[point] - candidate.Forecast.Drain(request.Power.Watts * seconds);
    }
}
