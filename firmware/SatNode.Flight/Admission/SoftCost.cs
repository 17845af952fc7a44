using SatNode.Flight.Invocations;
using SatNode.Flight.Model;
using SatNode.Protocol.Functions;

namespace SatNode.Flight.Admission;

/// <summary>What a start costs by the soft constraints of its function: a heat that could be less, energy of the battery that the array could give later, and waiting.</summary>
internal static class SoftCost
{
    /// <summary>A later start must be better by so much: less is within what forecasts move from sample to sample.</summary>
    public const double GainMin = 0.05;

    /// <summary>What is left to the latest start when one is preferred, seconds: what is deferred is looked at again after <see cref="InvocationLimits.MinDeferral"/>, and perhaps waits for its turn.</summary>
    public static readonly double SpareSeconds = 3 * InvocationLimits.MinDeferral.TotalSeconds;

    private const double RoomKelvin = 20; // below the limit: cooler is no better

    /// <summary>The cost of a start, from 0; NaN where the forecast does not tell.</summary>
    /// <param name="soft">The weights.</param>
    /// <param name="request">What starts.</param>
    /// <param name="candidate">When.</param>
    /// <param name="latestSeconds">The latest start of all, which costs 1 in waiting.</param>
    public static double Of(SoftConstraints soft, in AdmissionRequest request, in Candidate candidate, double latestSeconds)
    {
        double waited = latestSeconds > candidate.NowSeconds ? (candidate.StartSeconds - candidate.NowSeconds) / (latestSeconds - candidate.NowSeconds) : 0;
        double heat = soft.CoolBoard > 0 ? soft.CoolBoard * Heat(request, candidate) : 0;
        double dark = soft.Sunlight > 0 ? soft.Sunlight * BatteryShare(request, candidate) : 0;
        return waited + heat + dark;
    }

    /// <summary>From 0, where the board stays well below the function's limit, to 1 at the limit.</summary>
    private static double Heat(in AdmissionRequest request, in Candidate candidate)
    {
        double duration = request.Duration.TotalSeconds;
        double peak = Candidate.At(candidate.BoardUpperKelvin, candidate.StartSeconds + duration) + candidate.Forecast.Heating(request.Power.Watts, duration, duration);
        return Math.Clamp(1 - ((request.BoardTemperatureMax.Kelvin - peak) / RoomKelvin), 0, 1);
    }

    /// <summary>The share of the run's energy, 0 to 1, that the array does not give beside what else runs.</summary>
    private static double BatteryShare(in AdmissionRequest request, in Candidate candidate)
    {
        double watts = request.Power.Watts;
        if (!(watts > 0))
            return 0;
        double sum = 0;
        int first = (int)(candidate.StartSeconds / Forecast.StepSeconds), last = (int)((candidate.StartSeconds + request.Duration.TotalSeconds) / Forecast.StepSeconds);
        for (int i = first; i <= last; i++)
            sum += i < candidate.LoadWatts.Length ? Math.Clamp((candidate.LoadWatts[i] + watts - candidate.Forecast.SolarWatts[i]) / watts, 0, 1) : double.NaN;
        return sum / (last - first + 1);
    }
}
