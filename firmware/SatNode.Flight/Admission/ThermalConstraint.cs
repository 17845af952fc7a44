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
        TakeEnd(request, candidate, sigma, ref worst);
        for (int i = Candidate.PointFrom(start); i <= last; i++)
            TakePoint(request, candidate, sigma, i, ref worst);
        return new(Name, Quantity.Temperature, Bound.AtMost, worst.Predicted, worst.Limit);
    }

    /// <inheritdoc/>
    public bool IsSurelyBroken(in AdmissionRequest request, in Candidate candidate)
    {
        double duration = request.Duration.TotalSeconds;
        int last = candidate.EndOfNextEclipse(candidate.StartSeconds + duration), hottest = candidate.HottestPoint;
        if (last < 0)
            return false;
        double sigma = candidate.SafetySigmas * candidate.Forecast.HeatingSigma(request.Power.Watts, duration);
        var worst = new Worst();
        TakeEnd(request, candidate, sigma, ref worst);
        if (hottest >= Candidate.PointFrom(candidate.StartSeconds) && hottest <= last)
            TakePoint(request, candidate, sigma, hottest, ref worst);
        return worst.Predicted > worst.Limit;
    }

    /// <summary>The end of the load, where it has heated most.</summary>
    private static void TakeEnd(in AdmissionRequest request, in Candidate candidate, double sigma, ref Worst worst)
    {
        double duration = request.Duration.TotalSeconds, end = candidate.StartSeconds + duration;
        double peak = Candidate.At(candidate.BoardUpperKelvin, end) + candidate.Forecast.Heating(request.Power.Watts, duration, duration) + sigma;
        worst.Take(peak, Math.Min(request.BoardTemperatureMax.Kelvin, Candidate.At(candidate.BoardLimitKelvin, end)));
    }

    private static void TakePoint(in AdmissionRequest request, in Candidate candidate, double sigma, int point, ref Worst worst)
    {
        double seconds = point * Forecast.StepSeconds, duration = request.Duration.TotalSeconds, start = candidate.StartSeconds;
        double predicted = candidate.BoardUpperKelvin[point] + candidate.Forecast.Heating(request.Power.Watts, seconds - start, duration) + sigma;
        double limit = candidate.BoardLimitKelvin[point];
        worst.Take(predicted, seconds <= start + duration ? Math.Min(request.BoardTemperatureMax.Kelvin, limit) : limit);
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
