namespace SatNode.Rig.Scenarios.Checks;

/// <summary><c>metrics-exported</c>: the ground station's metrics can be read, and have the board temperature of every satellite, series of every deployed
/// function, and the composed metric that Polaris controllers ask for.</summary>
internal static class MetricsCheck
{
    public const string Name = "metrics-exported";
    public const string ComposedMetric = "polaris_composed_metrics_polaris_slo_cloud_github_io_v1_cost_efficiency";

    private const string Temperature = "satnode_board_temperature_celsius";
    private const string FunctionPrefix = "satnode_function_";

    public static CheckResult Run(FlightRecord flight)
    {
        IReadOnlyList<PrometheusSample> samples;
        try
        {
            samples = PrometheusText.Parse(flight.MetricsText);
        }
        catch (FormatException fault)
        {
            return new(Name, Passed: false, $"the metrics are not of the Prometheus text format: {fault.Message}");
        }
        if (samples.Count == 0)
            return new(Name, Passed: false, "there are no metrics");
        List<string> faults = [];
        foreach (SatelliteSpec satellite in flight.Scenario.Satellites)
        {
            if (!samples.Any(sample => sample.Name == Temperature && sample.Labels.GetValueOrDefault("satellite") == satellite.Name))
                faults.Add($"no {Temperature} of satellite {satellite.Name}");
        }
        foreach (string function in flight.Scenario.Functions.Select(function => function.Name))
        {
            if (!samples.Any(sample => sample.Name.StartsWith(FunctionPrefix, StringComparison.Ordinal) && sample.Labels.GetValueOrDefault("function") == function))
                faults.Add($"no {FunctionPrefix} series of function {function}");
        }
        int composed = samples.Count(sample => sample.Name == ComposedMetric && double.IsFinite(sample.Value));
        if (composed == 0)
            faults.Add($"no value of {ComposedMetric}");
        return FlightChecks.Judge(Name, faults,
            $"{samples.Count} series, of {flight.Scenario.Satellites.Count} satellites and {flight.Scenario.Functions.Count} functions, {composed} of the composed metric");
    }
}
