using Prometheus;
using SatNode.Ground.Api;
using SatNode.Ground.Archive;
using SatNode.Ground.Broker;
using SatNode.Ground.Cloud;
using SatNode.Ground.Commanding;
using SatNode.Ground.Ingest;
using SatNode.Ground.Twins;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Metrics;

/// <summary>The station's series in Prometheus' format, brought up to date before each scrape. Names and units: <c>docs/metrics.md</c>.</summary>
internal sealed class StationMetrics : IDisposable
{
    /// <summary>The composed metric that Polaris reads.</summary>
    public const string PolarisCostEfficiency = "polaris_composed_metrics_polaris_slo_cloud_github_io_v1_cost_efficiency";

    private static readonly DateTimeOffset UnixEpoch = DateTimeOffset.UnixEpoch;
    private readonly SemaphoreSlim _updating = new(1);
    private readonly Dictionary<ushort, Gauge> _parameters = [];
    private readonly IGrainFactory _grains;
    private readonly TelemetryStatistics _statistics;
    private readonly FunctionLedger _ledger;
    private readonly ContactRegistry _contacts;
    private readonly MqttBroker _broker;
    private readonly ArchiveReader _archive;
    private readonly PolarisTargets _targets;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _maxAge;
    private readonly Gauge _up, _timestamp, _missing, _commands, _polaris, _worldTime;
    private readonly Counter _received, _duplicates, _gaps, _rejects, _events, _refusals, _invocations, _cpu, _energy, _deadlineMisses, _starts, _inputBytes, _outputBytes;
    private readonly Gauge _cpuQuantiles, _wallQuantiles, _memory, _failed, _called;
    private readonly SeriesHistogram _response;

    public StationMetrics(IGrainFactory grains, TelemetryStatistics statistics, FunctionLedger ledger, ContactRegistry contacts, MqttBroker broker,
        ArchiveReader archive, PolarisTargets targets, TimeProvider clock, TimeSpan maxAge)
    {
        (_grains, _statistics, _ledger, _contacts, _broker, _archive, _targets, _clock, _maxAge) = (grains, statistics, ledger, contacts, broker, archive, targets, clock, maxAge);
        _worldTime = Series.Gauge("satnode_world_time_seconds", "The world's clock, Unix time.");
        _up = Series.Gauge("satnode_up", "1 while telecommands reach the satellite.", "satellite");
        _timestamp = Series.Gauge("satnode_telemetry_timestamp_seconds", "When the latest housekeeping was generated on board, Unix time of the world.", "satellite");
        _received = Series.Counter("satnode_records_received_total", "Telemetry records archived.", "satellite", "stream");
        _duplicates = Series.Counter("satnode_records_duplicate_total", "Telemetry records received again and dropped.", "satellite", "stream");
        _gaps = Series.Counter("satnode_records_gaps_total", "Jumps of the sequence seen.", "satellite", "stream");
        _missing = Series.Gauge("satnode_records_missing", "Sequence numbers below the highest seen that are not in the archive.", "satellite", "stream");
        _rejects = Series.Counter("satnode_payloads_rejected_total", "Payloads that could not be decoded.", "satellite");
        _events = Series.Counter("satnode_events_total", "Events archived.", "satellite", "event", "severity");
        _refusals = Series.Counter("satnode_broker_refusals_total", "What the broker refused.", "reason");
        _commands = Series.Gauge("satnode_commands", "Commands in the archive by the stage that they reached.", "satellite", "stage");
        _invocations = Series.Counter("satnode_function_invocations_total", "Invocations reported.", "function", "satellite", "result");
        _cpu = Series.Counter("satnode_function_cpu_seconds_total", "CPU time of invocations, in the world's seconds.", "function", "satellite");
        _energy = Series.Counter("satnode_function_energy_joules_total", "Energy booked for invocations.", "function", "satellite");
        _deadlineMisses = Series.Counter("satnode_function_deadline_misses_total", "Invocations that missed their deadline.", "function", "satellite");
        _starts = Series.Counter("satnode_function_starts_total", "Invocations reported by what they started from: cold, fresh or warm.", "function", "satellite", "start");
        _inputBytes = Series.Counter("satnode_function_input_bytes_total", "Bytes that invocations got.", "function", "satellite");
        _outputBytes = Series.Counter("satnode_function_output_bytes_total", "Bytes that invocations gave.", "function", "satellite");
        _cpuQuantiles = Series.Gauge("satnode_function_profile_cpu_seconds", "Quantiles of CPU time, in the world's seconds, since the satellite has this version.", "function", "satellite", "quantile");
        _wallQuantiles = Series.Gauge("satnode_function_profile_wall_seconds", "Quantiles of the time from start to end, in the world's seconds, since the satellite has this version.", "function", "satellite", "quantile");
        _memory = Series.Gauge("satnode_function_profile_memory_peak_bytes", "The most linear memory that an invocation held.", "function", "satellite");
        _failed = Series.Gauge("satnode_function_profile_failures", "Invocations that ran and did not complete, those that other functions called among them.", "function", "satellite", "reason");
        _called = Series.Gauge("satnode_function_profile_called", "Invocations that another function of the satellite called.", "function", "satellite");
        _response = Series.Histogram("satnode_function_response_seconds", "From trigger to end, in the world's seconds; offloaded ones count where they run.",
            [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600], "function");
        _polaris = Series.Gauge(PolarisCostEfficiency, "Cost efficiency of a function over the window, for Polaris.",
            "target_gvk", "target_namespace", "target_name", "metric_prop_key");
        foreach (ParameterDefinition parameter in Parameters.All)
            _parameters[parameter.Id] = Series.Gauge(SeriesName(parameter), $"{parameter.Description}", "satellite");
        Registry.AddBeforeCollectCallback(UpdateAsync);
    }

    /// <summary>All series, for others to add theirs.</summary>
    public SeriesRegistry Series { get; } = new();

    /// <summary>The registry that is exported.</summary>
    public CollectorRegistry Registry => Series.Registry;

    /// <summary>The series of a parameter, with its unit: <c>board.temperature</c> is <c>satnode_board_temperature_celsius</c>.</summary>
    public static string SeriesName(ParameterDefinition parameter)
    {
        string unit = parameter.Unit switch
        {
            Unit.Kelvin => "_celsius",
            Unit.Count => "",
            Unit.Metres => "_meters",
            _ => "_" + parameter.Unit.ToString().ToLowerInvariant(),
        };
        string name = "satnode_" + parameter.Name.Replace('.', '_').Replace('-', '_');
        return name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit;
    }

    public void Dispose()
    {
        _updating.Dispose();
        Series.Dispose();
    }

    /// <summary>Brings the series up to date and takes the values that OTLP sends.</summary>
    public async Task SnapshotAsync(CancellationToken cancellation)
    {
        await _updating.WaitAsync(cancellation);
        try
        {
            await UpdateAllAsync();
            Series.Snapshot();
        }
        finally
        {
            _updating.Release();
        }
    }

    private async Task UpdateAsync(CancellationToken cancellation)
    {
        await _updating.WaitAsync(cancellation);
        try
        {
            await UpdateAllAsync();
        }
        finally
        {
            _updating.Release();
        }
    }

    private async Task UpdateAllAsync()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        _worldTime.Set((now - UnixEpoch).TotalSeconds);
        TwinState[] twins = await Task.WhenAll(_contacts.Names.Select(name => _grains.GetGrain<ISatelliteTwin>(name).Get()));
        foreach (TwinState twin in twins)
            Update(twin, now);
        UpdateProfiles(twins);
        UpdateRecords();
        UpdateFunctions();
        SetAll(_commands, [.. _archive.Read(CommandStore.Counts).Select(row => (new[] { row.Node, row.State.ToString().ToLowerInvariant() }, (double)row.Count))]);
        foreach ((string reason, long count) in _broker.Refusals)
            _refusals.WithLabels(reason).IncTo(count);
    }

    private void Update(TwinState twin, DateTimeOffset now)
    {
        _up.WithLabels(twin.Node).Set(twin.IsReachable ? 1 : 0);
        DateTimeOffset time = new DtnTime((ulong)twin.HousekeepingTime).ToDateTimeOffset();
        bool isFresh = twin.HousekeepingTime > 0 && time >= now - _maxAge;
        if (isFresh)
            _timestamp.WithLabels(twin.Node).Set((time - UnixEpoch).TotalSeconds);
        else
            _timestamp.RemoveLabelled(twin.Node);
        foreach (ParameterDefinition parameter in Parameters.All)
        {
            Gauge gauge = _parameters[parameter.Id];
            if (isFresh && twin.Housekeeping.TryGetValue(parameter.Id, out double value))
                gauge.WithLabels(twin.Node).Set(parameter.Unit == Unit.Kelvin ? new Protocol.Quantities.Temperature(value).Celsius : value);
            else
                gauge.RemoveLabelled(twin.Node);
        }
    }

    private void UpdateProfiles(TwinState[] twins)
    {
        List<(string[], double)> cpu = [], wall = [], memory = [], failed = [], called = [];
        foreach (TwinState twin in twins)
        {
            foreach (ProfileState profile in twin.Profiles)
            {
                string[] labels = [profile.Function, twin.Node];
                Add(cpu, labels, profile.CpuMedian, profile.CpuP99);
                Add(wall, labels, profile.WallMedian, profile.WallP99);
                memory.Add((labels, profile.MemoryBytesHighest));
                called.Add((labels, profile.Called));
                foreach ((int fault, long count) in profile.Failed.Index().Where(pair => pair.Item > 0))
                    failed.Add(([.. labels, Views.Lower((InvocationFault)fault)], count));
            }
        }
        SetAll(_cpuQuantiles, cpu);
        SetAll(_wallQuantiles, wall);
        SetAll(_memory, memory);
        SetAll(_failed, failed);
        SetAll(_called, called);

        static void Add(List<(string[], double)> series, string[] labels, TimeSpan? median, TimeSpan? p99)
        {
            if (median is { } half && p99 is { } most)
                series.AddRange([([.. labels, "0.5"], half.TotalSeconds), ([.. labels, "0.99"], most.TotalSeconds)]);
        }
    }

    private void UpdateRecords()
    {
        foreach (StreamStatistics stream in _statistics.Streams())
        {
            string[] labels = [stream.Node, Topics.Name(stream.Stream)];
            _received.WithLabels(labels).IncTo(stream.Received);
            _duplicates.WithLabels(labels).IncTo(stream.Duplicates);
            _gaps.WithLabels(labels).IncTo(stream.Gaps);
            _missing.WithLabels(labels).Set(stream.Missing);
        }
        foreach (var kind in _statistics.Events().GroupBy(count => (count.Node, Name: Events.Find(count.EventId)?.Name ?? "unknown", count.Severity)))
            _events.WithLabels(kind.Key.Node, kind.Key.Name, ((Severity)kind.Key.Severity).ToString().ToLowerInvariant()).IncTo(kind.Sum(count => count.Count));
        foreach ((string node, long count) in _statistics.Rejects())
            _rejects.WithLabels(node).IncTo(count);
    }

    private void UpdateFunctions()
    {
        _ledger.Visit((function, byNode, requests) =>
        {
            foreach ((string node, FunctionTotals totals) in byNode)
            {
                foreach (InvocationResult result in Enum.GetValues<InvocationResult>())
                {
                    if (totals[result] > 0)
                        _invocations.WithLabels(function, node, ResultName(result)).IncTo(totals[result]);
                }
                _cpu.WithLabels(function, node).IncTo(totals.CpuTime.TotalSeconds);
                _energy.WithLabels(function, node).IncTo(totals.Joules);
                _deadlineMisses.WithLabels(function, node).IncTo(totals.DeadlineMisses);
                _inputBytes.WithLabels(function, node).IncTo(totals.InputBytes);
                _outputBytes.WithLabels(function, node).IncTo(totals.OutputBytes);
                foreach (InvocationStart start in (ReadOnlySpan<InvocationStart>)[InvocationStart.Cold, InvocationStart.Fresh, InvocationStart.Warm])
                {
                    if (totals.StartedFrom(start) > 0)
                        _starts.WithLabels(function, node, Views.Lower(start)).IncTo(totals.StartedFrom(start));
                }
            }
            foreach (FunctionRequest request in requests)
                _response.Observe(request.Response.TotalSeconds, function);
        });
        List<(string[] Labels, double Value)> composed = [];
        foreach ((string function, CostEfficiency metric) in _ledger.Efficiencies())
        {
            if (metric.Efficiency is { } efficiency)
                Set(function, "costEfficiency", efficiency);
            Set(function, "percentileBetterThanThreshold", metric.ShareBetterThanThreshold);
            Set(function, "totalCost.currentCostPerHour", metric.CostPerHour);
            Set(function, "totalCost.accumulatedCostInPeriod", metric.CostInPeriod);
        }
        SetAll(_polaris, composed);

        void Set(string function, string key, double value)
        {
            (string space, string name) = _targets.Of(function);
            composed.Add((["satnode.dev/v1/SatelliteFunction", space, name, key], value));
        }
    }

    /// <summary>Sets a gauge's series, then takes away those that are not among them: a scrape in between misses none.</summary>
    internal static void SetAll(Gauge gauge, IReadOnlyList<(string[] Labels, double Value)> series)
    {
        HashSet<string> told = new(StringComparer.Ordinal);
        foreach ((string[] labels, double value) in series)
        {
            gauge.WithLabels(labels).Set(value);
            told.Add(string.Join('\n', labels));
        }
        foreach (string[] stale in gauge.GetAllLabelValues().Where(labels => !told.Contains(string.Join('\n', labels))).ToArray())
            gauge.RemoveLabelled(stale);
    }

    private static string ResultName(InvocationResult result) => result switch
    {
        InvocationResult.Completed => "completed",
        InvocationResult.Trapped => "trapped",
        InvocationResult.LimitReached => "limit-reached",
        InvocationResult.Refused => "refused",
        InvocationResult.Offloaded => "offloaded",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, "expected a result"),
    };
}
