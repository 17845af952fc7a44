using Prometheus;
using SatNode.Ground.Metrics;

namespace SatNode.Ground.Cloud;

/// <summary>What the bridge does, as series: <c>docs/metrics.md</c>.</summary>
internal sealed class BridgeMetrics
{
    private readonly Gauge _connected;
    private readonly Counter _reconciles, _commands, _calls;
    private readonly SeriesHistogram _reconcileSeconds, _callSeconds;

    private static readonly double[] Buckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15];

    public BridgeMetrics(SeriesRegistry series)
    {
        _connected = series.Gauge("satnode_cloud_connected", "1 while the bridge follows the cluster.");
        _reconciles = series.Counter("satnode_cloud_reconciles_total", "Decisions about a function.", "result");
        _commands = series.Counter("satnode_cloud_commands_total", "Telecommands that the bridge queued.", "command");
        _calls = series.Counter("satnode_cloud_requests_total", "Requests to the API server.", "verb", "resource", "code");
        _reconcileSeconds = series.Histogram("satnode_cloud_reconcile_seconds", "Time for one decision, its writes included.", Buckets);
        _callSeconds = series.Histogram("satnode_cloud_request_seconds", "Time for one request to the API server.", Buckets, "verb", "resource");
    }

    /// <summary>Notes whether the cluster is followed.</summary>
    public void Connected(bool isConnected) => _connected.Set(isConnected ? 1 : 0);

    /// <summary>Notes a decision.</summary>
    public void Reconciled(bool isDone, TimeSpan took)
    {
        _reconciles.WithLabels(isDone ? "done" : "failed").Inc();
        _reconcileSeconds.Observe(took.TotalSeconds);
    }

    /// <summary>Notes a queued telecommand.</summary>
    public void Queued(string command) => _commands.WithLabels(command).Inc();

    /// <summary>Notes a request.</summary>
    public void Called(string verb, string resource, string code, TimeSpan took)
    {
        _calls.WithLabels(verb, resource, code).Inc();
        _callSeconds.Observe(took.TotalSeconds, verb, resource);
    }
}
