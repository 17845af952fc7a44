using System.Globalization;
using SatNode.Ground.Tests.Hosting;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Tests.Metrics;

/// <summary>What a collector receives is what Prometheus scrapes.</summary>
public sealed class OtlpExportTests
{
    [Fact]
    public async Task A_collector_receives_the_series_that_Prometheus_scrapes()
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        await using TestStation station = await StartAsync(receiver);
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        await satellite.SendAsync(TelemetryStream.Housekeeping, new Housekeeping([new(Parameters.BoardTemperature.Id, 315.65)]));
        await satellite.SendAsync(TelemetryStream.Function, Report());
        Dictionary<string, double> received = await TestStation.UntilAsync(() => Task.FromResult(receiver.Requests.LastOrDefault() ?? []),
            all => all.ContainsKey($"satnode_board_temperature_celsius{{satellite=\"{TestStation.Sat}\"}}") && all.ContainsKey("satnode_function_response_seconds_count{function=\"greet\"}"));
        Assert.Equal(42.5, received[$"satnode_board_temperature_celsius{{satellite=\"{TestStation.Sat}\"}}"], 6);
        Assert.Equal(1, received["satnode_function_response_seconds_count{function=\"greet\"}"]);
        Assert.Equal("Bearer secret, with a comma", receiver.Authorization);

        HashSet<string> scraped = [.. (await station.MetricsAsync()).Split('\n').Where(line => line.StartsWith("satnode", StringComparison.Ordinal) && !line.Contains("_bucket", StringComparison.Ordinal)
            && !line.Contains("_sum", StringComparison.Ordinal)).Select(line => Sorted(line[..line.LastIndexOf(' ')]))];
        await TestStation.UntilAsync(() => Task.FromResult(receiver.Requests.Last()),
            latest => scraped.SetEquals(latest.Keys.Where(series => series.StartsWith("satnode", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Series_vanish_at_the_collector_too_when_the_telemetry_is_too_old()
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        await using TestStation station = await StartAsync(receiver, "metrics: { telemetryMaxAgeSeconds: 120 }"); // two seconds at 60 times real time
        await using var satellite = new TestSatellite(station);
        await satellite.GoOnlineAsync();
        string series = $"satnode_board_temperature_celsius{{satellite=\"{TestStation.Sat}\"}}";
        double now = double.Parse((await station.MetricsAsync()).Split('\n').Single(line => line.StartsWith("satnode_world_time_seconds ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
        await satellite.SendAsync(TelemetryStream.Housekeeping, new Housekeeping([new(Parameters.BoardTemperature.Id, 300)]), time: DtnTime.From(DateTimeOffset.FromUnixTimeSeconds((long)now)));
        await TestStation.UntilAsync(() => Task.FromResult(receiver.Requests.Any(request => request.ContainsKey(series))), isThere => isThere);
        await TestStation.UntilAsync(() => Task.FromResult(receiver.Requests.Last()), latest => latest.ContainsKey("satnode_world_time_seconds") && !latest.ContainsKey(series));
    }

    [Fact]
    public async Task A_collector_that_refuses_or_is_not_there_stops_nothing()
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        receiver.Answer = 401;
        await using TestStation station = await StartAsync(receiver);
        await TestStation.UntilAsync(() => Task.FromResult(receiver.Requests.Count), count => count >= 2);
        Assert.Contains("satnode_up", await station.MetricsAsync(), StringComparison.Ordinal);
        receiver.Answer = 200;
        int refused = receiver.Requests.Count;
        await TestStation.UntilAsync(() => Task.FromResult(receiver.Requests.Count), count => count >= refused + 2); // it goes on, and counters come again
    }

    private static Task<TestStation> StartAsync(OtlpReceiver receiver, string extra = "") =>
        TestStation.StartAsync(extra: $"telemetry: {{ otlp: {{ endpoint: \"{receiver.Address}\", headersFile: \"{receiver.HeadersFile}\", periodSeconds: 1 }} }}\n{extra}");

    /// <summary>A series with its labels by name, as the receiver has them.</summary>
    private static string Sorted(string series)
    {
        int brace = series.IndexOf('{', StringComparison.Ordinal);
        return brace < 0 ? series : $"{series[..brace]}{{{string.Join(',', series[(brace + 1)..^1].Split(',').Order(StringComparer.Ordinal))}}}";
    }

    private static InvocationReport Report() => new()
    {
        Function = "greet",
        Version = "1.0.0",
        InvocationId = "i-1",
        Result = InvocationResult.Completed,
        Queued = TestSatellite.Noon,
        Started = TestSatellite.Noon,
        Ended = new(TestSatellite.Noon.Milliseconds + 1500),
        CpuTime = TimeSpan.FromMilliseconds(20),
        Energy = new(0.1),
        Fuel = 1000,
        State = StateOrigin.None,
    };
}
