using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using SatNode.Ground.Hosting;

namespace SatNode.Ground.Metrics;

/// <summary>Sends the station's series to a collector by OTLP, with the names and labels that Prometheus sees. A collector that is not there costs a line in the
/// log and nothing else.</summary>
internal sealed partial class OtlpExport : IAsyncDisposable
{
    /// <summary>Label combinations of one series, well above 30,000 satellites times the streams of one.</summary>
    private const int SeriesMax = 200_000;

    private const int HeadersBytesMax = 16 * 1024;
    private const int ExportTimeoutMs = 10_000;

    private readonly OtlpOptions _options;
    private readonly StationMetrics _metrics;
    private readonly TimeProvider _machineTime;
    private readonly ILogger<OtlpExport> _logger;
    private readonly Messenger _messenger;
    private readonly BaseExportingMetricReader _reader;
    private readonly MeterProvider _provider;
    private readonly CancellationTokenSource _stopping = new();
    private string _lastFault = "";
    private Task _loop = Task.CompletedTask;

    /// <summary>Prepares the export; reads the file of headers.</summary>
    /// <exception cref="StartFault">The file of headers is not one.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public OtlpExport(OtlpOptions options, string station, StationMetrics metrics, TimeProvider machineTime, ILogger<OtlpExport> logger)
    {
        (_options, _metrics, _machineTime, _logger) = (options, metrics, machineTime, logger);
        _messenger = new(options.HeadersFile is { } file ? ReadHeaders(file) : []);
        _reader = new BaseExportingMetricReader(new OtlpMetricExporter(new OtlpExporterOptions
        {
            Endpoint = options.Endpoint,
            Protocol = options.IsGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
            TimeoutMilliseconds = ExportTimeoutMs,
            HttpClientFactory = () => new HttpClient(_messenger, disposeHandler: false) { Timeout = TimeSpan.FromMilliseconds(ExportTimeoutMs) },
        }));
        _provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService("satnode-ground", serviceInstanceId: station))
            .AddMeter(SeriesRegistry.MeterName)
            .AddView(instrument => instrument.Meter == metrics.Series.Meter ? new MetricStreamConfiguration { CardinalityLimit = SeriesMax } : MetricStreamConfiguration.Drop)
            .AddReader(_reader)
            .Build();
    }

    /// <summary>Starts to send.</summary>
    public void Start() => _loop = RunAsync(_stopping.Token);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _provider.Dispose();
        _messenger.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await Task.Delay(_options.Period, _machineTime, stop);
                _messenger.Fault = "";
                await _metrics.SnapshotAsync(stop);
                bool isSent = await Task.Run(() => _reader.Collect(ExportTimeoutMs), stop);
                Say(isSent ? "" : _messenger.Fault.Length > 0 ? _messenger.Fault : "the collector did not take it");
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) // the station is ending
            {
                return;
            }
#pragma warning disable CA1031 // a twin that cannot answer, or a disk, costs this round and not the export
            catch (Exception e)
#pragma warning restore CA1031
            {
                Say(e.Message);
            }
        }
    }

    /// <summary>One line, once for as long as it is the same.</summary>
    private void Say(string fault)
    {
        if (fault == _lastFault)
            return;
        _lastFault = fault;
        if (fault.Length > 0)
            LogFailed(_logger, _options.Endpoint, fault);
        else
            LogSends(_logger, _options.Endpoint);
    }

    private static List<(string Name, string Value)> ReadHeaders(string file)
    {
        if (new FileInfo(file).Length > HeadersBytesMax)
            throw new StartFault($"{file}: expected at most {HeadersBytesMax} bytes, found {new FileInfo(file).Length}");
        List<(string, string)> headers = [];
        foreach ((int number, string line) in File.ReadAllLines(file).Index())
        {
            if (line.Trim().Length == 0)
                continue;
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            using var trial = new HttpRequestMessage();
            if (colon < 1 || line[(colon + 1)..].Trim().Length == 0 || !trial.Headers.TryAddWithoutValidation(line[..colon].Trim(), line[(colon + 1)..].Trim()))
                throw new StartFault($"{file}:{number + 1}: expected a header such as Authorization: Bearer …");
            headers.Add((line[..colon].Trim(), line[(colon + 1)..].Trim()));
        }
        return headers;
    }

    /// <summary>Sends the headers along, whatever characters they have, and hears why an export failed: the exporter keeps that to itself.</summary>
    private sealed class Messenger(IReadOnlyList<(string Name, string Value)> headers) : DelegatingHandler(new SocketsHttpHandler())
    {
        public string Fault { get; set; } = "";

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return Hear(base.Send(With(request), cancellationToken));
            }
            catch (HttpRequestException e)
            {
                Fault = e.Message;
                throw;
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return Hear(await base.SendAsync(With(request), cancellationToken));
            }
            catch (HttpRequestException e)
            {
                Fault = e.Message;
                throw;
            }
        }

        private HttpRequestMessage With(HttpRequestMessage request)
        {
            foreach ((string name, string value) in headers)
                request.Headers.TryAddWithoutValidation(name, value);
            return request;
        }

        private HttpResponseMessage Hear(HttpResponseMessage response)
        {
            if (!response.IsSuccessStatusCode)
                Fault = $"{(int)response.StatusCode} {response.ReasonPhrase}";
            return response;
        }
    }

    [LoggerMessage(LogLevel.Warning, "telemetry: otlp: {endpoint}: {fault}; tried again")]
    private static partial void LogFailed(ILogger logger, Uri endpoint, string fault);

    [LoggerMessage(LogLevel.Information, "telemetry: otlp: {endpoint}: taken again")]
    private static partial void LogSends(ILogger logger, Uri endpoint);
}
