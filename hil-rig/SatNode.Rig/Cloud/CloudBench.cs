using System.Globalization;
using SatNode.Protocol.Time;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Cloud;

/// <summary>The cloud beside a flight: the control plane, Prometheus, Polaris' two controllers, and who sends requests.</summary>
internal sealed class CloudBench : IAsyncDisposable
{
    private const string SloIntervalMilliseconds = "1000"; // Polaris' own 20 s would be minutes of the world
    private static readonly TimeSpan WatchTimeout = TimeSpan.FromSeconds(60);

    private readonly CloudSpec _spec;
    private readonly CloudTools _tools;
    private readonly string _folder;
    private readonly ControlPlane _plane;
    private readonly TimeProvider _machine;
    private readonly List<SupervisedProcess> _controllers = [];
    private PrometheusServer? _prometheus;
    private int _taken;
    private int _refused;

    private CloudBench(CloudSpec spec, CloudTools tools, string folder, ControlPlane plane, TimeProvider machine) =>
        (_spec, _tools, _folder, _plane, _machine) = (spec, tools, folder, plane, machine);

    /// <summary>With what the ground station's bridge reaches the API server.</summary>
    public string BridgeKubeconfig => _plane.Kubeconfig(ControlPlane.Bridge);

    /// <summary>With what a person reaches it.</summary>
    public string AdministratorKubeconfig => _plane.Kubeconfig(ControlPlane.Administrator);

    /// <summary>Ends with a fault when a part was given up; complete after <see cref="StartControllers"/>.</summary>
    public Task Kept { get; private set; } = Task.CompletedTask;

    /// <summary>Starts the control plane.</summary>
    /// <exception cref="FlightException">A program is not there, or does not come up.</exception>
    public static async Task<CloudBench> Start(CloudSpec spec, string folder, TimeProvider machine, CancellationToken cancellation)
    {
        CloudTools tools = CloudTools.Find();
        return new(spec, tools, folder, await ControlPlane.Start(tools, folder, machine, cancellation), machine);
    }

    /// <summary>Starts Prometheus and Polaris' controllers, and waits until the controllers watch.</summary>
    /// <exception cref="FlightException">One does not come up.</exception>
    public async Task StartControllers(Uri station, CancellationToken cancellation)
    {
        _prometheus = await PrometheusServer.Start(_tools, _folder, station, _machine, cancellation);
        await Start(ControlPlane.SloController, "slo-controller.js", [_prometheus.Port.ToString(CultureInfo.InvariantCulture), SloIntervalMilliseconds], cancellation);
        await Start(ControlPlane.ElasticityController, "elasticity-controller.js", [], cancellation);
        Kept = Task.WhenAny([_plane.Kept, _prometheus.Kept, .. _controllers.Select(controller => controller.Kept)]).Unwrap();
    }

    /// <summary>Applies the function and its SLO mapping.</summary>
    /// <exception cref="FlightException">The API server refused one.</exception>
    public Task Apply(CancellationToken cancellation) => _plane.Client.Apply([.. KubeResource.Read(_spec.FunctionFile), .. KubeResource.Read(_spec.MappingFile)], cancellation);

    /// <summary>Sends the scenario's requests through the front door, each at its time; then it waits to be ended.</summary>
    public async Task SendRequests(GroundClient client, DateTimeOffset epoch, MissionClock clock, CancellationToken cancellation)
    {
        for (DateTimeOffset next = epoch + _spec.Requests.From; next <= epoch + _spec.Requests.To; next += _spec.Requests.Period)
        {
            if (next - clock.GetUtcNow() is { Ticks: > 0 } wait)
                await Task.Delay(clock.ToMachine(wait), _machine, cancellation);
            if (await client.TryInvoke(_spec.Function, _spec.Requests.Input, cancellation))
                _taken++;
            else
                _refused++;
        }
        await Task.Delay(Timeout.InfiniteTimeSpan, _machine, cancellation);
    }

    /// <summary>Collects what is known of the cluster's part in the flight.</summary>
    public async Task<CloudRecord> Collect(GroundClient client, IEnumerable<string> satellites, MissionClock clock, CancellationToken cancellation)
    {
        string series = $"{MetricsCheck.ComposedMetric}{{target_name=\"{_spec.Resource}\",metric_prop_key=\"percentileBetterThanThreshold\"}}";
        List<DeploymentTrace> deployments = [];
        foreach (string satellite in satellites)
            deployments.AddRange(await client.Deployments(satellite, cancellation));
        return new()
        {
            Origin = clock.Origin,
            Share = _prometheus is null ? [] : await _prometheus.Samples(series, clock, cancellation),
            Writes = AuditLog.Read(await File.ReadLinesAsync(_plane.AuditLog, cancellation).Take(AuditLog.EventsMax).ToListAsync(cancellation), _spec.Resource, clock),
            Deployments = [.. deployments.OrderBy(trace => trace.TimeOf("queued"))],
            RequestsTaken = _taken,
            RequestsRefused = _refused,
            ControllerStarts = _controllers.Sum(controller => controller.Starts),
        };
    }

    /// <summary>Ends Polaris' controllers and Prometheus; the ground station, a client too, should end next, and the control plane last.</summary>
    public async Task StopControllers()
    {
        foreach (SupervisedProcess controller in _controllers)
        {
            await controller.Stop();
            controller.WriteLog(_folder);
            await controller.DisposeAsync();
        }
        _controllers.Clear();
        if (_prometheus is { } prometheus)
            await prometheus.DisposeAsync();
        _prometheus = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopControllers();
        await _plane.DisposeAsync();
    }

    private async Task Start(string account, string script, string[] arguments, CancellationToken cancellation)
    {
        var controller = new SupervisedProcess(
            new ProcessBoardResource
            {
                Name = account,
                Executable = _tools.Node,
                Arguments = [Path.Combine(CloudTools.Recipes, "polaris", script), _plane.Kubeconfig(account), .. arguments],
                WorkingFolder = _folder,
                ShutdownGrace = TimeSpan.FromSeconds(1),
                Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["NODE_PATH"] = _tools.PolarisPackages },
            }, _machine);
        _controllers.Add(controller);
        await controller.Start(cancellation);
        try
        {
            await controller.Console.Expect(line => line.Text.Contains("Started watch on", StringComparison.Ordinal), 0, WatchTimeout, cancellation);
        }
        catch (TimeoutException late)
        {
            throw new FlightException($"cloud: {account} does not watch: {late.Message}", late);
        }
    }
}
