using SatNode.Ground.Configuration;

namespace SatNode.Ground.Metrics;

/// <summary>One request to a function as the objectives see it.</summary>
/// <param name="Ended">When it ended, in world time.</param>
/// <param name="Response">From its trigger to its end.</param>
/// <param name="IsCompleted">True when it ended with an output.</param>
/// <param name="CpuTime">CPU time, in the world's seconds.</param>
/// <param name="Joules">Energy booked.</param>
internal readonly record struct FunctionRequest(DateTimeOffset Ended, TimeSpan Response, bool IsCompleted, TimeSpan CpuTime, double Joules)
{
    /// <summary>What it cost.</summary>
    public double Cost(CostOptions costs) => (Joules * costs.PerJoule) + (CpuTime.TotalHours * costs.PerCpuHour);
}

/// <summary>The composed metric of a function, as Polaris defines it (<c>CostEfficiency</c> of @polaris-sloc/common-mappings): performance over cost.</summary>
/// <param name="Efficiency">Requests a second that were faster than the threshold, over the cost an hour; null while nothing costs anything.</param>
/// <param name="ShareBetterThanThreshold">Requests that were faster than the threshold, over all requests; 0 to 1.</param>
/// <param name="CostPerHour">The cost of the window's requests, an hour.</param>
/// <param name="CostInPeriod">The cost of all requests since the beginning of the world's month.</param>
internal sealed record CostEfficiency(double? Efficiency, double ShareBetterThanThreshold, double CostPerHour, double CostInPeriod)
{
    /// <summary>Computes the metric over the requests that ended in (now − window, now]; null when there were none.</summary>
    public static CostEfficiency? Of(IEnumerable<FunctionRequest> requests, DateTimeOffset now, TimeSpan window, TimeSpan threshold, CostOptions costs, double costInPeriod)
    {
        int all = 0;
        int faster = 0;
        double cost = 0;
        foreach (FunctionRequest request in requests)
        {
            if (!(request.Ended > now - window && request.Ended <= now))
                continue;
            all++;
            if (request.IsCompleted && request.Response <= threshold)
                faster++;
            cost += request.Cost(costs);
        }
        if (all == 0)
            return null;
        double perHour = cost / window.TotalHours;
        return new(perHour > 0 ? faster / window.TotalSeconds / perHour : null, (double)faster / all, perHour, costInPeriod);
    }
}
