using System.Globalization;
using SatNode.Protocol.Quantities;
using SatNode.Rig.Cloud;

namespace SatNode.Rig.Scenarios.Checks;

/// <summary>The checks of a flight with a cluster: the objective was missed, Polaris scaled, the bridge placed the replica, the objective was met again, and all in order.</summary>
internal static class CloudChecks
{
    public const string Missed = "slo-missed";
    public const string Scaled = "polaris-scaled";
    public const string Placed = "replica-placed";
    public const string Recovered = "slo-recovered";
    public const string Ordered = "cloud-steps-in-order";

    /// <summary>Machine time by which the clocks of two witnesses may differ: they are one machine's, read in milliseconds.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMilliseconds(50);

    public static IEnumerable<CheckResult> Run(FlightRecord flight)
    {
        if (CloudSteps.Of(flight) is not { } steps)
            return ((string[])[Missed, Scaled, Placed, Recovered, Ordered]).Select(name => new CheckResult(name, Passed: false, "nothing is known of the cluster"));
        CloudSpec spec = flight.Scenario.Cloud!;
        return [OfMissed(flight.Cloud!, spec, steps), OfScaled(spec, steps), OfPlaced(flight, spec, steps), OfRecovered(flight, spec, steps), OfOrder(flight, steps)];
    }

    private static CheckResult OfMissed(CloudRecord cloud, CloudSpec spec, CloudSteps steps)
    {
        List<string> faults = [];
        if (cloud.RequestsTaken == 0)
        {
            string waits = cloud.Writes.OfType<StatusWrite>().LastOrDefault()?.Waits ?? "";
            faults.Add($"the front door took none of {cloud.RequestsRefused} requests{(waits.Length > 0 ? $" ({waits})" : "")}");
        }
        if (!steps.Before.Any(sample => sample.Value >= spec.Share))
            faults.Add("the objective was never met before");
        if (steps.Missed is null)
            faults.Add($"none of {cloud.Share.Count} scrapes is below {Percent(spec.Share)}");
        return FlightChecks.Judge(Missed, faults, $"{cloud.RequestsTaken} requests taken, {cloud.RequestsRefused} refused; {steps.Before.Count} scrapes before the first below {Percent(spec.Share)}, the lowest {Percent(cloud.Share.Select(sample => sample.Value).DefaultIfEmpty().Min())}");
    }

    private static CheckResult OfScaled(CloudSpec spec, CloudSteps steps)
    {
        List<string> faults = [];
        if (steps.Strategy is null)
            faults.Add("no elasticity strategy asks for more");
        else if (steps.Strategy.User != ControlPlane.SloController)
            faults.Add($"the strategy was written by {steps.Strategy.User}, expected {ControlPlane.SloController}");
        if (steps.Scale is null)
            faults.Add($"the function stayed at {spec.Replicas} replicas");
        else if (steps.Scale.User != ControlPlane.ElasticityController)
            faults.Add($"the replicas were written by {steps.Scale.User}, expected {ControlPlane.ElasticityController}");
        return FlightChecks.Judge(Scaled, faults, $"compliance {steps.Strategy?.CompliancePercent} % by {steps.Strategy?.User}, {spec.Replicas} → {steps.Scale?.Replicas} replicas by {steps.Scale?.User}");
    }

    private static CheckResult OfPlaced(FlightRecord flight, CloudSpec spec, CloudSteps steps)
    {
        if (steps.Deployment is not { } deployment || deployment.TimeOf("queued") is not { } queued)
            return new(Placed, Passed: false, "no telecommand brought a replica");
        List<string> faults = [];
        if (deployment.TimeOf("completed") is null)
            faults.Add($"{deployment.Satellite}: expected a completed deployment, found {string.Join(", ", deployment.Stages.Select(stage => stage.Stage))}");
        string[] first = [.. flight.Cloud!.Deployments.Where(trace => trace.TimeOf("queued") < queued).Select(trace => trace.Satellite).Distinct(StringComparer.Ordinal)];
        if (first.Contains(deployment.Satellite, StringComparer.Ordinal))
            faults.Add($"the replica went to {deployment.Satellite}, which had the function already");
        if (steps.Ready is null)
            faults.Add("no status counts it as ready");
        if (steps.Served is null)
            faults.Add($"{deployment.Satellite} answered no request");
        (string Name, double Celsius)[] boards = [.. flight.Satellites.Select(satellite => (satellite.Name, CelsiusAt(satellite, queued)))];
        double chosen = boards.First(board => board.Name == deployment.Satellite).Celsius;
        if (spec.BoardTemperatureMaxCelsius is { } limit && !(chosen <= limit))
            faults.Add($"{deployment.Satellite} was at {Celsius(chosen)}, expected at most {Celsius(limit)}");
        IEnumerable<string> hot = boards.Where(board => board.Celsius > spec.BoardTemperatureMaxCelsius).Select(board => $"{board.Name} at {Celsius(board.Celsius)}");
        string avoided = string.Join(", ", hot);
        return FlightChecks.Judge(Placed, faults,
            $"{string.Join(", ", first)} had it; the replica went to {deployment.Satellite} at {Celsius(chosen)}{(avoided.Length > 0 ? $" and not to {avoided} (limit {Celsius(spec.BoardTemperatureMaxCelsius!.Value)})" : "")}");
    }

    private static CheckResult OfRecovered(FlightRecord flight, CloudSpec spec, CloudSteps steps)
    {
        if (steps.Missed is not { } missed || steps.Met is not { } met)
            return new(Recovered, Passed: false, steps.Missed is null ? "the objective was never missed" : $"the objective of {Percent(spec.Share)} was not met again");
        List<string> faults = [];
        if (steps.Served?.Ended.ToDateTimeOffset() is not { } served || met < served)
            faults.Add("the objective was met again before the replica answered");
        return FlightChecks.Judge(Recovered, faults, string.Create(CultureInfo.InvariantCulture,
            $"met again {(met - missed).TotalSeconds:0} s of the world after it was missed, {(met - missed).TotalSeconds / flight.Scenario.Rate:0.0} s of the machine"));
    }

    private static CheckResult OfOrder(FlightRecord flight, CloudSteps steps)
    {
        List<string> faults = [.. steps.Steps.Where(step => step.Time is null).Select(step => $"{step.Name} did not happen")];
        // The bridge writes what it observed after it acted, and both before the satellite answers; the replica answers when it can, whoever knows of it.
        foreach (string[] chain in (string[][])
        [
            ["objective-missed", "strategy-written", "replicas-scaled", "deploy-queued", "deploy-released", "deploy-accepted", "deploy-completed", "first-request-served", "objective-met"],
            ["replicas-scaled", "scale-observed", "replica-ready"],
            ["deploy-completed", "replica-ready"],
        ])
        {
            for (int i = 1; i < chain.Length; i++)
            {
                CloudStep before = steps.Steps.Single(step => step.Name == chain[i - 1]), after = steps.Steps.Single(step => step.Name == chain[i]);
                if (after.Time < before.Time - (ClockTolerance * flight.Scenario.Rate))
                    faults.Add($"{after.Name} came before {before.Name}");
            }
        }
        return FlightChecks.Judge(Ordered, faults, string.Join(" → ", steps.Steps.Where(step => step.Time is not null).OrderBy(step => step.Time).Select(step => step.Name)));
    }

    private static double CelsiusAt(SatelliteRecord satellite, DateTimeOffset time) =>
        satellite.Truth.LastOrDefault(point => point.Time <= time) is { Time.Ticks: > 0 } point ? new Temperature(point.BoardKelvin).Celsius : double.NaN;

    private static string Celsius(double value) => value.ToString("0.0 °C", CultureInfo.InvariantCulture);

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %");
}
