using SatNode.Flight.Model;

namespace SatNode.Flight.Admission;

/// <summary>The board stays cool enough: <c>T_orbit(t) + Σ ΔT_exec ≤ T_max</c> (ADM-3). The function's own limit holds while it runs; the node's, and
/// those of what is admitted, to the end of the next eclipse.</summary>
public sealed class ThermalConstraint : IConstraint
{
    /// <inheritdoc/>
    public string Name => "board-temperature";

    /// <inheritdoc/>
    public bool MayImprove => true;

    /// <inheritdoc/>
    public Margin Judge(in AdmissionRequest request, in Candidate candidate)
    {
        double duration = request.Duration.TotalSeconds;
        double start = candidate.StartSeconds;
        double end = start + duration;
        double sigma = candidate.SafetySigmas * candidate.Forecast.HeatingSigma(request.Power.Watts, duration);
        int last = candidate.EndOfNextEclipse(end);
        double own = request.BoardTemperatureMax.Kelvin;
        var worst = new Worst();
        if (last < 0)
            worst.Take(double.NaN, own);
        worst.Take(Candidate.At(candidate.BoardUpperKelvin, start), Math.Min(own, Candidate.At(candidate.BoardLimitKelvin, start)));
        double peak = Candidate.At(candidate.BoardUpperKelvin, end) + candidate.Forecast.Heating(request.Power.Watts, duration, duration) + sigma;
        worst.Take(peak, Math.Min(own, Candidate.At(candidate.BoardLimitKelvin, end)));
        for (int i = Candidate.PointFrom(start); i <= last; i++)
        {
            double seconds = i * Forecast.StepSeconds;
            double predicted = candidate.BoardUpperKelvin[i] + candidate.Forecast.Heating(request.Power.Watts, seconds - start, duration) + sigma;
            double limit = candidate.BoardLimitKelvin[i];
            worst.Take(predicted, seconds <= end ? Math.Min(own, limit) : limit);
        }
        return new(Name, Quantity.Temperature, Bound.AtMost, worst.Predicted, worst.Limit);
    }

    /// <summary>The prediction with the least room; an unknown one is worst of all.</summary>
    private struct Worst
    {
        private double _room = double.PositiveInfinity;

        public Worst()
        {
        }

        public double Predicted { get; private set; } = double.NaN;

        public double Limit { get; private set; } = double.NaN;

        public void Take(double predicted, double limit)
        {
            double room = limit - predicted;
            if (double.IsNaN(_room) || room >= _room)
                return;
            (_room, Predicted, Limit) = (room, predicted, limit);
        }
    }
}
