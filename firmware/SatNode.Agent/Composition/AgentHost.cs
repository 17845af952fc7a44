using System.Device.I2c;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SatNode.Agent.Configuration;
using SatNode.Flight.Admission;
using SatNode.Flight.Boards;
using SatNode.Flight.Commanding;
using SatNode.Flight.Housekeeping;
using SatNode.Flight.Invocations;
using SatNode.Flight.Model;
using SatNode.Flight.Model.Learned;
using SatNode.Flight.Modes;
using SatNode.Flight.Navigation;
using SatNode.Flight.RateGroups;
using SatNode.Flight.Sensors;
using SatNode.Flight.Telemetry;
using SatNode.Functions.Deployments;
using SatNode.Functions.Images;
using SatNode.Functions.Runtime;
using SatNode.Network;
using SatNode.Network.Contacts;
using SatNode.Network.Ground;
using SatNode.Network.State;
using SatNode.Network.Store;
using SatNode.Orbit;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;
using SatNode.Protocol.Boards;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Agent.Composition;

/// <summary>The whole agent: makes every part from the configuration, starts them, and ends them in order.</summary>
public sealed class AgentHost : IAsyncDisposable
{
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PlanHorizon = TimeSpan.FromHours(6);
    private static readonly TimeSpan PlanInterval = TimeSpan.FromHours(3);

    private const int RunningMax = 4;

    private readonly AgentOptions _options;
    private readonly TimeProvider _time;
    private readonly TextWriter _diagnostics;
    private readonly CancellationTokenSource _stop = new();
    private readonly FlightDatabase _database;
    private readonly Outbox _outbox;
    private readonly EventLog _events;
    private readonly FunctionRuntime _runtime;
    private readonly FunctionDeployments _deployments;
    private readonly StateStore _states;
    private readonly BundleStore _bundles;
    private readonly DtnNode _network;
    private readonly NodeFunctions _functions;
    private readonly InvocationScheduler _scheduler;
    private readonly TelecommandReceiver _commands;
    private readonly GroundLink _ground;
    private readonly FlightLoop _loop;
    private readonly BoardKeeper? _board;
    private readonly HangWatch? _hangs;
    private readonly Dictionary<ulong, SatelliteOrbit> _orbits = [];
    private readonly ECDsa[] _trustedKeys;
    private readonly ECDsa[] _functionKeys;
    private readonly FunctionProfiles _profiles;
    private readonly SensorSuite _sensors;
    private readonly TimeSpan? _clockBehind;
    private readonly ModeController _modes;
    private bool _endsInOrder;

    /// <summary>Makes the agent; nothing runs yet.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="baseFolder">The folder that relative paths start from.</param>
    /// <param name="console">Where events are printed.</param>
    /// <param name="diagnostics">Where everything else is.</param>
    /// <param name="bootSlot">The name of the slot that the board booted; null when nothing says so.</param>
    /// <exception cref="OptionsException">A file that the configuration names is missing or is not what it should be.</exception>
    public AgentHost(AgentOptions options, string baseFolder, TextWriter console, TextWriter diagnostics, string? bootSlot)
    {
        ArgumentNullException.ThrowIfNull(options);
        BoardParts? parts = options.Board is { } board ? OpenBoard(board, bootSlot, diagnostics) : null; // first: a start that hangs is the watchdog's too
        _options = options;
        _diagnostics = diagnostics;
        string PathOf(string path) => Path.Combine(baseFolder, path);
        string data = PathOf(options.DataFolder);

        _time = options.Clock is { } clock ? new MissionClock(clock.Epoch, clock.Origin, clock.Rate) : TimeProvider.System;
        double rate = options.Clock?.Rate ?? 1, loadRate = options.Clock?.LoadRate ?? rate;
        var orbit = new SatelliteOrbit(ReadTle("orbit.tle", options.Orbit.Tle));
        _orbits[(ulong)options.NodeNumber] = orbit;
        foreach (NodeOptions node in options.Network.Nodes)
            _orbits[(ulong)node.Number] = new SatelliteOrbit(ReadTle($"network.nodes.{node.Node}.tle", node.Tle));
        I2cBus bus = ReadBus(options.Sensors.Bus, baseFolder).Open();
        DateTimeOffset? restored = BoardClock.BetterThan(bus, _time);
        if (restored is { } start)
        {
            _clockBehind = start - _time.GetUtcNow();
            _time = new MissionClock(start, TimeProvider.System.GetUtcNow(), rate);
        }
        _trustedKeys = [.. options.Commanding.TrustedKeys.Select(path => ReadKey(PathOf(path)))];
        _functionKeys = [.. options.Functions.TrustedKeys.Select(path => ReadKey(PathOf(path)))];
        var groundOptions = new GroundLinkOptions
        {
            Node = options.Node,
            Host = options.Ground.Host,
            Port = options.Ground.Port,
            ServerName = options.Ground.ServerName,
            CertificateAuthority = ReadCertificate(PathOf(options.Ground.CertificateAuthority), null),
            Certificate = ReadCertificate(PathOf(options.Ground.Certificate), PathOf(options.Ground.Key)),
        };

        _database = FlightDatabase.Open(Path.Combine(data, "flight.db"));
        _outbox = new Outbox(_database, _time);
        _events = new EventLog(_database, _outbox, new EventConsole(console).Print);
        TimeSpan patience = TimeSpan.FromSeconds((options.Board ?? new BoardOptions()).WatchdogTimeoutSeconds) / HangWatch.PatiencesPerTimeout;
        var groups = new LoopGroups(rate, FlightLoop.TickPeriod, patience, TimeProvider.System);
        _board = parts is null ? null
            : new BoardKeeper(parts, ProcessFacts.KernelBoot(), TimeSpan.FromSeconds(options.Board!.HealthCheckSeconds), FlightLoop.TickPeriod / rate, groups, _database, _events,
                TimeProvider.System);
        _hangs = _board is null ? null : new HangWatch(groups, patience, _database, _events, Warn, TimeProvider.System);
        _commands = new TelecommandReceiver(options.Node, _trustedKeys, _database, _outbox, _events, _time);
        _modes = new ModeController(new ModeOptions
        {
            Reserve = new(options.Battery.StateOfChargeReserve),
            HoldOff = TimeSpan.FromSeconds(options.Modes?.SafeHoldOffSeconds ?? new ModeChoice().SafeHoldOffSeconds),
            SavingPriority = options.Modes?.SavingPriority ?? new ModeChoice().SavingPriority,
        }, _database, _events, _time);
        ModeController modes = _modes;
        var model = new OnboardModel(new ModelOptions
        {
            BatteryCapacity = Energy.FromWattHours(options.Battery.CapacityWattHours),
            BatteryAmpereHours = options.Battery.CapacityMilliampereHours / 1000,
        });
        var forecast = new Forecast();
        var facts = new NodeFacts();
        var directory = new NodeDirectory(options);

        var quarantine = new Quarantine(_database, _events);
        _profiles = new FunctionProfiles(_database, _outbox);
        int runningMax = Math.Clamp(Environment.ProcessorCount - 1, 1, RunningMax); // a core stays with the agent
        _runtime = new FunctionRuntime(new FunctionRuntimeOptions
        {
            InstancesMax = runningMax,
            CacheEntriesMax = InvocationLimits.MaxFunctions,
            CacheFolder = Path.Combine(data, "compiled"),
            Worker = AgentWorkers.Program,
            WorkerLost = loss => _events.Raise(Events.FunctionWorkerLost, loss.Function, loss.Reason, loss.InARow, loss.BackOff.TotalSeconds),
        });
        var images = new ImageStore(Path.Combine(data, "images"), _functionKeys, new ImageLimits(), _time, Warn);
        _deployments = new FunctionDeployments(Path.Combine(data, "functions"), InvocationLimits.MaxFunctions, images, _runtime,
            manifest => BoundByBoard(manifest, model.Energy, rate, loadRate), Warn);
        var workflows = new WorkflowRegistry(Path.Combine(data, "workflows"), Warn);
        var triggers = new TriggerBoard();
        foreach (FunctionManifest manifest in _deployments.Manifests)
            triggers.Add(manifest, _time.GetUtcNow());

        _states = StateStore.Open(new StateStoreOptions { Path = Path.Combine(data, "state.db") });
        _bundles = BundleStore.Open(new BundleStoreOptions { Path = Path.Combine(data, "bundles.db") }, _time);
        _network = new DtnNode(new DtnNodeOptions
        {
            Node = (ulong)options.NodeNumber,
            Listen = new IPEndPoint(IPAddress.Parse(options.Network.ListenAddress), options.Network.ListenPort),
            Links = [.. options.Network.Neighbours.Select(neighbour => new LinkEndpoint((ulong)neighbour.Number, neighbour.Host, neighbour.Port))],
        }, _bundles, _time);
        NodeFunctions functions = _functions = new(options.Node, (ulong)options.NodeNumber, _deployments, _runtime, workflows, triggers, _states, directory, facts, _outbox,
            _events, _time, options.Payload is { } payload ? PathOf(payload.Image) : null, quarantine, _profiles, loadRate);
        _network.RegisterRange(BundleTrigger.ServiceMin, BundleTrigger.ServiceMax, functions.BundleReceived);
        var propagation = new StatePropagation(_network, _states, functions, _time);
        _network.Happened += happened => LinkEvents.Raise(happened, directory, _events);
        AdmissionPolicy policy = AdmissionPolicies.Find(options.Admission?.Policy ?? AdmissionPolicies.Names[0]) ?? AdmissionPolicy.Forecast;
        if (policy != AdmissionPolicy.Forecast)
            Warn($"admission.policy: {options.Admission!.Policy} keeps neither heat nor charge within the node's limits; for comparison on a bench");
        var limits = new AdmissionOptions { Policy = policy, StateOfChargeReserve = new(options.Battery.StateOfChargeReserve) };
        _scheduler = new InvocationScheduler(functions, new AdmissionController(limits), forecast, model.Energy, modes, _events, _time, loadRate, quarantine, _profiles, runningMax,
            policy == AdmissionPolicy.Forecast ? new BrownOut(limits, forecast, _events) : null); // what is compared with runs as it was let in
        functions.Attach(_scheduler, propagation);

        var adapter = new GroundAdapter(_outbox, _events, _commands);
        _ground = new GroundLink(groundOptions, adapter, adapter, SightOf(orbit), _time);
        _sensors = new SensorSuite(bus, options.Battery.CapacityMilliampereHours, _events, _time);
        var monitor = new ParameterMonitor(_database, _events, _time);
        _loop = new FlightLoop(options.Sensors.HousekeepingPeriodSeconds, loadRate, _sensors, model, new Outlook(model, LearnedForecast.Residual()), forecast, modes, new OrbitTracker(orbit, Sites()), triggers, functions, _deployments, _scheduler, _profiles,
            _network, _ground, _outbox, facts, monitor, groups, _board, _events, _time);
        new CommandHandlers(images, _deployments, workflows, triggers, functions, modes, quarantine, _loop, _commands, _events, _time).Register();
        new MonitoringCommands(monitor).Register(_commands);
    }

    /// <summary>Runs the agent until <paramref name="stop"/> is cancelled, then ends what runs, writes the last event, and sends what waits.</summary>
    /// <exception cref="HealthCheckException">The slot on trial did not pass its health check.</exception>
    public async Task Run(CancellationToken stop)
    {
        _network.Start();
        _events.Raise(Events.AgentStarted, typeof(AgentHost).Assembly.GetName().Version?.ToString(3) ?? "", _board?.ResetReason ?? "power-on", ProcessFacts.MillisecondsSinceExec());
        if (_clockBehind is { } behind)
            _events.Raise(Events.ClockRestored, behind.TotalSeconds);
        if (_sensors.ReadIdentity() is { } identity)
            _events.Raise(Events.BoardIdentified, identity.Board.BoardClass, identity.Board.Serial, identity.Eui48.ToString("x12", CultureInfo.InvariantCulture));
        _board?.Report();
        Task ticks = _loop.Run(_stop.Token);
        Task[] work = [_commands.RunAsync(_stop.Token), _ground.Run(_stop.Token), PlanContacts(_stop.Token), ticks];
        Task<string>? unfit = _board?.Failed;
        Task stopped = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        Task first = await Task.WhenAny(unfit is null ? [stopped, .. work] : [stopped, unfit, .. work]);
        await _stop.CancelAsync();
        await ticks.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the scheduler belongs to the tick until that has ended
        await _scheduler.DisposeAsync();
        _profiles.TellAll();
        _functions.Actors.PassivateAll();
        foreach (Task part in work)
            await part.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _network.DisposeAsync(); // Its last events come before the last one.
        _events.Raise(Events.AgentStopping, first == stopped ? "requested" : first == unfit ? "the health check failed" : "a part of the agent ended");
        using var farewell = new CancellationTokenSource(FarewellTimeout);
        await _ground.Finish(farewell.Token);
        if (first == unfit)
            throw new HealthCheckException(await unfit!);
        if (first != stopped)
            await first; // What ended on its own says why.
        _modes.EndInOrder();
        _endsInOrder = true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _hangs?.Dispose();
        await _network.DisposeAsync();
        await _ground.DisposeAsync();
        _loop.Dispose();
        _commands.Dispose();
        _deployments.Dispose();
        _runtime.Dispose();
        _states.Dispose();
        await _bundles.DisposeAsync();
        _events.Dispose();
        _outbox.Dispose();
        _database.Dispose();
        foreach (ECDsa key in (IEnumerable<ECDsa>)[.. _trustedKeys, .. _functionKeys])
            key.Dispose();
        _stop.Dispose();
        if (_endsInOrder)
            _board?.Disarm();
        _board?.Dispose();
    }

    private async Task PlanContacts(CancellationToken cancellation)
    {
        TerminalPair[] pairs = [.. _options.Network.Links.Select(link => new TerminalPair((ulong)link.From, (ulong)link.To, link.MaxRangeKm, link.RateBitsPerSecond))];
        while (!cancellation.IsCancellationRequested)
        {
            DateTimeOffset now = _time.GetUtcNow();
            _network.SetPlan(ContactPlanner.Plan(_orbits, pairs, now, now + PlanHorizon));
            await Task.Delay(PlanInterval, _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Func<bool> SightOf(SatelliteOrbit orbit)
    {
        var sight = new StationSight(orbit, Sites(), _time);
        return () => sight.IsInSight;
    }

    private GroundSite[] Sites() => [.. _options.Ground.Stations.Select(station => new GroundSite(
        Geodetic.FromDegrees(station.Latitude, station.Longitude, station.AltitudeMetres / 1000), ElevationMask.Constant(station.MinElevationDegrees)))];

    private void Warn(string text) => _diagnostics.WriteLine(text);

    /// <summary>A manifest's CPU time is that of the processor that the board stands for; an energy limit is kept as a limit of CPU time, by the energy that a second of it
    /// takes on this node.</summary>
    internal static FunctionManifest BoundByBoard(FunctionManifest manifest, EnergyMeter energy, double rate, double loadRate)
    {
        TimeSpan allowed = manifest.Limits.TimeMax * (rate / loadRate);
        TimeSpan affordable = TimeSpan.FromSeconds(manifest.Limits.EnergyPerInvocationMax.Joules / (energy.JoulesPerCpuSecond * loadRate));
        TimeSpan bound = affordable < allowed ? affordable : allowed;
        bound = bound < FunctionLimits.TimeFloor ? FunctionLimits.TimeFloor : bound > FunctionLimits.TimeCeiling ? FunctionLimits.TimeCeiling : bound;
        return manifest with { Limits = manifest.Limits with { TimeMax = bound } };
    }

    private static BoardParts OpenBoard(BoardOptions board, string? bootSlot, TextWriter diagnostics)
    {
        BootSlot? slot = BootSlots.Find(bootSlot);
        if (board.BootState is not null && slot is null)
            throw new OptionsException($"board.bootState: expected SATNODE_SLOT in the environment to be a or b, found '{bootSlot}'; what starts the agent sets it");
        Watchdog? watchdog = null;
        string? fault = null;
        try
        {
            watchdog = board.Watchdog is { } path ? Watchdog.Open(path, board.WatchdogTimeoutSeconds) : null;
        }
        catch (IOException e)
        {
            fault = e.Message;
            diagnostics.WriteLine($"board.watchdog: {fault}; the agent goes on without");
        }
        Func<Stream>? openBootState = board.BootState is { } block ? () => new FileStream(block, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0) : null;
        return new(slot, openBootState, watchdog, fault);
    }

    private static I2cBusAddress ReadBus(string text, string baseFolder)
    {
        try
        {
            return I2cBusAddress.Parse(text, baseFolder);
        }
        catch (FormatException e)
        {
            throw new OptionsException($"sensors.bus: {e.Message}", e);
        }
    }

    private static Tle ReadTle(string key, IReadOnlyList<string> lines)
    {
        try
        {
            return TleParser.Parse(lines[0], lines[1]);
        }
        catch (TleFormatException e)
        {
            throw new OptionsException($"{key}: {e.Message}", e);
        }
    }

    private static ECDsa ReadKey(string path)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            return key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new OptionsException($"{path}: expected a public key in PEM: {e.Message}", e);
        }
    }

    private static X509Certificate2 ReadCertificate(string path, string? keyPath)
    {
        try
        {
            return keyPath is null ? X509CertificateLoader.LoadCertificateFromFile(path) : X509Certificate2.CreateFromPemFile(path, keyPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new OptionsException($"{path}: expected a certificate in PEM{(keyPath is null ? "" : $" with its key in {keyPath}")}: {e.Message}", e);
        }
    }
}
