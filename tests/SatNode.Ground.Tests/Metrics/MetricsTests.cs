using System.Globalization;
using System.Text.RegularExpressions;
using SatNode.Ground.Metrics;
using SatNode.Ground.Tests.Hosting;
using SatNode.Ground.Tests.Ingest;
using SatNode.Ground.Tests.Twins;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Tests.Metrics;

public sealed partial class MetricsTests
{
    [Fact]
    public async Task Exports_every_parameter_functions_and_the_composed_metric()
    {
        await using TestStation station = await TestStation.StartAsync(rate: 1, extra: "costs: { perJoule: 0.01, perCpuHour: 10 }\nobjectives: { windowSeconds: 3600, functions: { object-det: 12.5 } }");
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await satellite.SendAsync(TelemetryStream.Housekeeping, new Housekeeping([.. Parameters.All.Select(parameter => new ParameterSample(parameter.Id, 273.15 + parameter.Id))]));
        await satellite.SendAsync(TelemetryStream.Function, IngestTests.Report("object-det", "i-1", InvocationResult.Completed, seconds: 0));
        await satellite.SendAsync(TelemetryStream.Function, IngestTests.Report("object-det", "i-2", InvocationResult.Trapped, seconds: 0));
        await satellite.SendAsync(TelemetryStream.Function, IngestTests.Report("object-det", "i-3", InvocationResult.Offloaded, seconds: 0));

        string text = await TestStation.UntilAsync(station.MetricsAsync, metrics => metrics.Contains("result=\"offloaded\"", StringComparison.Ordinal));
        Dictionary<string, double> series = Parse(text);
        Assert.Equal(1, series["satnode_board_temperature_celsius{satellite=\"p10-s03\"}"], 6);
        foreach (ParameterDefinition parameter in Parameters.All)
            Assert.True(series.ContainsKey($"{StationMetrics.SeriesName(parameter)}{{satellite=\"p10-s03\"}}"), parameter.Name);
        Assert.Equal((TestSatellite.Noon.ToDateTimeOffset() - DateTimeOffset.UnixEpoch).TotalSeconds, series["satnode_telemetry_timestamp_seconds{satellite=\"p10-s03\"}"]);
        Assert.Equal(1, series["satnode_function_invocations_total{function=\"object-det\",satellite=\"p10-s03\",result=\"completed\"}"]);
        Assert.Equal(15, series["satnode_function_energy_joules_total{function=\"object-det\",satellite=\"p10-s03\"}"]);
        Assert.Equal(1, series["satnode_function_deadline_misses_total{function=\"object-det\",satellite=\"p10-s03\"}"]); // the trapped one
        Assert.Equal(2, series["satnode_function_response_seconds_count{function=\"object-det\"}"]);
        Assert.Equal(0.5, Polaris("percentileBetterThanThreshold"));
        Assert.Equal(2 * ((5 * 0.01) + (3.6 / 3600 * 10)), Polaris("totalCost.currentCostPerHour"), 9);
        Assert.Equal(1 / 3600.0 / 0.12, Polaris("costEfficiency"), 9);
        Assert.Equal(0.12, Polaris("totalCost.accumulatedCostInPeriod"), 9);

        double Polaris(string key) => series[$"{StationMetrics.PolarisCostEfficiency}{{target_gvk=\"satnode.dev/v1/SatelliteFunction\",target_namespace=\"default\",target_name=\"object-det\",metric_prop_key=\"{key}\"}}"];
    }

    [Fact]
    public async Task Exports_what_functions_used_and_their_profiles()
    {
        await using TestStation station = await TestStation.StartAsync(rate: 1);
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await satellite.SendAsync(TelemetryStream.Function, IngestTests.Report("ndvi", "i-1", InvocationResult.Completed, seconds: 0) with { Start = InvocationStart.Cold, InputBytes = 10, OutputBytes = 20 });
        await satellite.SendAsync(TelemetryStream.Function, IngestTests.Report("ndvi", "i-2", InvocationResult.Completed, seconds: 0) with { Start = InvocationStart.Warm, InputBytes = 5, OutputBytes = 7 });
        await satellite.SendAsync(TelemetryStream.Profile, TwinModelTests.Profile("ndvi", 2, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(40)));
        Dictionary<string, double> series = Parse(await TestStation.UntilAsync(station.MetricsAsync, metrics => metrics.Contains("satnode_function_profile_called{", StringComparison.Ordinal)));
        const string Labels = "function=\"ndvi\",satellite=\"p10-s03\"";
        Assert.Equal(1, series[$"satnode_function_starts_total{{{Labels},start=\"cold\"}}"]);
        Assert.Equal(1, series[$"satnode_function_starts_total{{{Labels},start=\"warm\"}}"]);
        Assert.Equal(15, series[$"satnode_function_input_bytes_total{{{Labels}}}"]);
        Assert.Equal(27, series[$"satnode_function_output_bytes_total{{{Labels}}}"]);
        Assert.InRange(series[$"satnode_function_profile_cpu_seconds{{{Labels},quantile=\"0.5\"}}"], 0.0008, 0.0012);
        Assert.InRange(series[$"satnode_function_profile_wall_seconds{{{Labels},quantile=\"0.99\"}}"], 0.033, 0.048);
        Assert.Equal(65_536, series[$"satnode_function_profile_memory_peak_bytes{{{Labels}}}"]);
        Assert.Equal(2, series[$"satnode_function_profile_failures{{{Labels},reason=\"fuel\"}}"]);
        Assert.Equal(4, series[$"satnode_function_profile_called{{{Labels}}}"]);
        await satellite.SendEventAsync(Events.FunctionUndeployed, null, "ndvi");
        await TestStation.UntilAsync(station.MetricsAsync, metrics => !metrics.Contains("satnode_function_profile_called{", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Series_vanish_when_the_telemetry_is_too_old()
    {
        await using TestStation station = await TestStation.StartAsync(rate: 1, extra: "metrics: { telemetryMaxAgeSeconds: 600 }");
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await satellite.SendAsync(TelemetryStream.Housekeeping, new Housekeeping([new(1, 300)]), time: new DtnTime(TestSatellite.Noon.Milliseconds - 700_000));
        await TestStation.UntilAsync(() => station.GetAsync($"api/v1/satellites/{TestStation.Sat}"), twin => twin["housekeeping"] is not null);
        string old = await station.MetricsAsync();
        Assert.DoesNotContain("satnode_board_temperature_celsius{", old, StringComparison.Ordinal);
        Assert.DoesNotContain("satnode_telemetry_timestamp_seconds{", old, StringComparison.Ordinal);
        await satellite.SendAsync(TelemetryStream.Housekeeping, new Housekeeping([new(1, 300)]));
        await TestStation.UntilAsync(station.MetricsAsync, text => text.Contains("satnode_board_temperature_celsius{satellite=\"p10-s03\"}", StringComparison.Ordinal));
    }

    [Fact]
    public void Series_of_before_stay_until_those_of_now_are_set()
    {
        using var registry = new SeriesRegistry();
        Prometheus.Gauge gauge = registry.Gauge("some", "Some.", "stage");
        StationMetrics.SetAll(gauge, [(["queued"], 1), (["failed"], 2)]);
        Prometheus.Gauge.Child failed = gauge.WithLabels("failed");
        StationMetrics.SetAll(gauge, [(["failed"], 3)]);
        Assert.Equal(["failed"], gauge.GetAllLabelValues().Select(labels => labels[0]));
        Assert.Same(failed, gauge.WithLabels("failed")); // was never taken away
        Assert.Equal(3, failed.Value);
    }

    /// <summary>Every line is a comment or a sample of the text format; the names are unique.</summary>
    private static Dictionary<string, double> Parse(string text)
    {
        var series = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal) || line.StartsWith("# TYPE ", StringComparison.Ordinal))
                continue;
            Match match = Sample().Match(line);
            Assert.True(match.Success, line);
            series.Add(match.Groups["series"].Value, double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture));
        }
        return series;
    }

    [GeneratedRegex("""^(?<series>[a-z_][a-z0-9_]*(\{([a-z_]+="[^"\\]*",?)+\})?) (?<value>-?[0-9.eE+-]+|\+Inf|NaN)$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sample();
}
