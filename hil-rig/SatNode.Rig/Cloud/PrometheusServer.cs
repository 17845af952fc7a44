using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using SatNode.Protocol.Time;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Scenarios.Checks;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Cloud;

/// <summary>Prometheus, scraping the ground station once a second.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly SupervisedProcess _process;
    private readonly HttpClient _http;
    private readonly string _folder;

    private PrometheusServer(SupervisedProcess process, int port, string folder)
    {
        _process = process;
        Port = port;
        _folder = folder;
        _http = new() { BaseAddress = new($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(20) };
    }

    /// <summary>Where it answers, on loopback.</summary>
    public int Port { get; }

    /// <summary>Faults when it was given up.</summary>
    public Task Kept => _process.Kept;

    /// <summary>Starts it and waits until it answers.</summary>
    /// <exception cref="FlightException">It does not come up.</exception>
    public static async Task<PrometheusServer> Start(CloudTools tools, string folder, Uri station, TimeProvider machine, CancellationToken cancellation)
    {
        int port = Ports.Free(1)[0];
        string configuration = Path.Combine(folder, "prometheus.yml");
        await File.WriteAllTextAsync(configuration,
            $"global: {{ scrape_interval: 1s, scrape_timeout: 1s }}\nscrape_configs:\n  - job_name: satnode-ground\n    static_configs:\n      - targets: [\"{station.Authority}\"]\n", cancellation);
        var server = new PrometheusServer(
            new(new ProcessBoardResource
            {
                Name = "prometheus",
                Executable = tools.Prometheus,
                Arguments = [$"--config.file={configuration}", $"--storage.tsdb.path={Path.Combine(folder, "prometheus")}", $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"],
                WorkingFolder = folder,
            }, machine), port, folder);
        try
        {
            await server._process.Start(cancellation);
            long begin = machine.GetTimestamp();
            while (!await server.IsReady(cancellation))
            {
                if (server.Kept.IsFaulted)
                    await server.Kept;
                if (machine.GetElapsedTime(begin) > ReadyTimeout)
                    throw new FlightException($"cloud: prometheus is not ready after {ReadyTimeout.TotalSeconds:0} s; its words are in {Path.Combine(folder, "prometheus.log")}");
                await Task.Delay(Poll, machine, cancellation);
            }
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every sample of one series that was scraped within the last day, by rising time, in the world's time.</summary>
    /// <param name="selector">The series.</param>
    /// <param name="clock">The world's clock, to which the times of the scrapes are converted.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="FlightException">The selector has several series.</exception>
    public async Task<IReadOnlyList<MetricSample>> Samples(string selector, MissionClock clock, CancellationToken cancellation)
    {
        JsonNode answer = (await _http.GetFromJsonAsync<JsonNode>(new Uri($"api/v1/query?query={Uri.EscapeDataString($"{selector}[1d]")}", UriKind.Relative), cancellation))!;
        JsonArray series = answer["data"]!["result"]!.AsArray();
        if (series.Count > 1)
            throw new FlightException($"prometheus: {selector}: expected one series, found {series.Count}");
        return series.Count == 0 ? [] : [.. series[0]!["values"]!.AsArray().Select(pair => new MetricSample(
            clock.Epoch + ((DateTimeOffset.UnixEpoch.AddSeconds(pair![0]!.GetValue<double>()) - clock.Origin) * clock.Rate),
            double.Parse(pair[1]!.GetValue<string>(), CultureInfo.InvariantCulture)))];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.Stop();
        _process.WriteLog(_folder);
        await _process.DisposeAsync();
    }

    private async Task<bool> IsReady(CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync(new Uri("-/ready", UriKind.Relative), cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return false; // it does not listen yet, or is too busy to answer
        }
    }
}
