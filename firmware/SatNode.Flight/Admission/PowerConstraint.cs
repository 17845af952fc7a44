using SatNode.Flight.Model;

namespace SatNode.Flight.Admission;

/// <summary>Array and battery can feed all that runs: <c>Σ P ≤ P_available(t)</c>, the array less its error bars plus what the battery may give (ADM-4).</summary>
public sealed class PowerConstraint : IConstraint
{
    /// <inheritdoc/>
    public string Name => "power";

    /// <inheritdoc/>
    public bool MayImprove => true;

    /// <inheritdoc/>
    public Margin Judge(in AdmissionRequest request, in Candidate candidate)
    {
        int first = (int)(Math.Max(0, candidate.StartSeconds) / Forecast.StepSeconds);
        int last = Candidate.PointFrom(candidate.StartSeconds + request.Duration.TotalSeconds);
        double predicted = double.NaN, limit = double.NaN, room = double.PositiveInfinity;
        if (last >= candidate.LoadWatts.Length)
            return new(Name, Quantity.Power, Bound.AtMost, double.NaN, candidate.Forecast.MaxDischargeWatts);
        for (int i = first; i <= last; i++)
        {
            double load = candidate.LoadWatts[i] + request.Power.Watts;
            double available = candidate.Forecast.SolarWatts[i] + candidate.Forecast.MaxDischargeWatts;
            if (double.IsNaN(room) || available - load >= room)
                continue;
            (predicted, limit, room) = (load, available, available - load);
        }
        return new(Name, Quantity.Power, Bound.AtMost, predicted, limit);
    }
}
