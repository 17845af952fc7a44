using System.Collections.Concurrent;
using System.Threading.Channels;
using SatNode.Ground.Cloud.Resources;
using SatNode.Ground.Placement;

namespace SatNode.Ground.Cloud;

/// <summary>Follows the cluster: lists and watches what should run, lets <see cref="FunctionKeeper"/> bring it about, and <see cref="SatelliteReporter"/> tell how the
/// satellites are. Whatever happens to the cluster, the station flies on, and the bridge tries again.</summary>
internal sealed partial class CloudBridge : IAsyncDisposable
{
    private static readonly TimeSpan BackoffMin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(30);

    /// <summary>Machine time between two rounds however often something changes.</summary>
    private static readonly TimeSpan RoundMin = TimeSpan.FromMilliseconds(200);

    /// <summary>Machine time between two rounds when nothing is heard: passes come and waits end by themselves.</summary>
    private static readonly TimeSpan RoundMax = TimeSpan.FromSeconds(2);

    private readonly CloudOptions _options;
    private readonly Fleet _fleet;
    private readonly FunctionKeeper _keeper;
    private readonly BridgeMetrics _metrics;
    private readonly TimeProvider _machineTime;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger<CloudBridge> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<string, SatelliteFunctionObject> _functions = new(StringComparer.Ordinal);
    private string? _lastFault; // null at first, empty while the cluster is followed
    private Task _loop = Task.CompletedTask;

    public CloudBridge(CloudOptions options, Fleet fleet, FunctionKeeper keeper, BridgeMetrics metrics, TimeProvider machineTime, ILoggerFactory loggers)
    {
        (_options, _fleet, _keeper, _metrics, _machineTime, _loggers, _logger) = (options, fleet, keeper, metrics, machineTime, loggers, loggers.CreateLogger<CloudBridge>());
        _fleet.Changed += OnChanged;
    }

    /// <summary>Starts to follow.</summary>
    public void Start() => _loop = RunAsync(_stopping.Token);

    public async ValueTask DisposeAsync()
    {
        _fleet.Changed -= OnChanged;
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private void OnChanged(string satellite) => _wake.Writer.TryWrite(true);

    private async Task RunAsync(CancellationToken stop)
    {
        TimeSpan backoff = BackoffMin;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using ClusterClient client = ClusterClient.Open(_options, _metrics, _machineTime);
                await FollowAsync(client, () => backoff = BackoffMin, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // whatever a cluster, its certificates or a disk does to the bridge must not end the station
            catch (Exception e)
#pragma warning restore CA1031
            {
                Say(e);
            }
            _metrics.Connected(false);
            try
            {
                await Task.Delay(backoff, _machineTime, stop);
            }
            catch (OperationCanceledException) // the station is ending
            {
                break;
            }
            backoff = backoff * 2 < BackoffMax ? backoff * 2 : BackoffMax;
        }
    }

    /// <summary>Lists, then follows until the watch ends: then the caller lists again.</summary>
    private async Task FollowAsync(ClusterClient client, Action whenFollowed, CancellationToken stop)
    {
        while (true)
        {
            ObjectList<SatelliteFunctionObject> list = await client.ListFunctionsAsync(stop);
            Replace(list.Items);
            long began = _machineTime.GetTimestamp();
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var reporter = new SatelliteReporter(client, _fleet, _options.StatusPeriod, _machineTime, _loggers.CreateLogger<SatelliteReporter>());
            await reporter.ListAsync(stop);
            await AllAsync(ended, ConfirmAsync(list.Items.Count, whenFollowed, ended.Token), WatchAsync(client, list.Metadata.ResourceVersion, ended.Token), ReconcileAsync(client, ended.Token), reporter.RunAsync(ended.Token));
            stop.ThrowIfCancellationRequested();
            if (_machineTime.GetElapsedTime(began) < BackoffMin) // a server that ends every watch at once must not be asked without pause
                await Task.Delay(BackoffMin, _machineTime, stop);
        }
    }

    /// <summary>Says that the cluster is followed once no part of it failed for a moment: a watch that is refused is refused at once.</summary>
    private async Task ConfirmAsync(int functions, Action whenFollowed, CancellationToken stop)
    {
        await Task.Delay(BackoffMin, _machineTime, stop);
        whenFollowed();
        _metrics.Connected(true);
        if (_lastFault is null or { Length: > 0 })
            LogFollows(_logger, _options.Kubeconfig, functions);
        _lastFault = "";
        await Task.Delay(Timeout.InfiniteTimeSpan, _machineTime, stop);
    }

    /// <summary>Runs parts together: the first that ends ends all, and its fault is ours.</summary>
    private static async Task AllAsync(CancellationTokenSource ended, params Task[] parts)
    {
        Task first = await Task.WhenAny(parts);
        await ended.CancelAsync();
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the others lost the same server, or were stopped just now
        await first;
    }

    private async Task WatchAsync(ClusterClient client, string version, CancellationToken stop)
    {
        await foreach ((bool isGone, SatelliteFunctionObject function) in client.WatchFunctionsAsync(version, stop))
        {
            if (isGone)
                _functions.TryRemove(function.Metadata.Name, out _);
            else
                _functions[function.Metadata.Name] = function;
            _wake.Writer.TryWrite(true);
        }
    }

    private async Task ReconcileAsync(ClusterClient client, CancellationToken stop)
    {
        while (true)
        {
            await _keeper.RoundAsync(client, _functions, stop);
            await Task.Delay(RoundMin, _machineTime, stop);
            await WaitAsync(stop);
        }
    }

    private async Task WaitAsync(CancellationToken stop)
    {
        using var period = new CancellationTokenSource(RoundMax, _machineTime);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(period.Token, stop);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested) // nothing was heard
        {
        }
    }

    private void Replace(IReadOnlyList<SatelliteFunctionObject> functions)
    {
        foreach (string gone in _functions.Keys.Except(functions.Select(function => function.Metadata.Name), StringComparer.Ordinal))
            _functions.TryRemove(gone, out _);
        foreach (SatelliteFunctionObject function in functions)
            _functions[function.Metadata.Name] = function;
    }

    /// <summary>One line, once for as long as it is the same.</summary>
    private void Say(Exception e)
    {
        if (e.Message == _lastFault)
            return;
        _lastFault = e.Message;
        if (e is ClusterException)
            LogAway(_logger, e.Message);
        else
            LogFailed(_logger, e.GetType().Name, e.Message);
    }

    [LoggerMessage(LogLevel.Information, "cloud: {kubeconfig}: follows the cluster, {count} functions")]
    private static partial void LogFollows(ILogger logger, string kubeconfig, int count);

    [LoggerMessage(LogLevel.Warning, "cloud: {fault}; the station goes on without the cluster and tries again")]
    private static partial void LogAway(ILogger logger, string fault);

    [LoggerMessage(LogLevel.Error, "cloud: {kind}: {fault}; tried again")]
    private static partial void LogFailed(ILogger logger, string kind, string fault);
}
