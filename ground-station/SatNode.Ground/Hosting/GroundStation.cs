using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Console;
using Orleans.Configuration;
using SatNode.Ground.Api;
using SatNode.Ground.Archive;
using SatNode.Ground.Broker;
using SatNode.Ground.Cloud;
using SatNode.Ground.Commanding;
using SatNode.Ground.Configuration;
using SatNode.Ground.Functions;
using SatNode.Ground.Ingest;
using SatNode.Ground.Keys;
using SatNode.Ground.Metrics;
using SatNode.Ground.Placement;
using SatNode.Ground.Twins;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Hosting;

/// <summary>A running ground station: starts its parts in order, and ends them in the reverse order so that nothing that was acknowledged is lost.</summary>
internal sealed partial class GroundStation : IAsyncDisposable
{
    /// <summary>The file in the data folder that says where the API listens while the station runs.</summary>
    public const string UrlFile = "api.url";

    /// <summary>The largest body of a request: a function module of 4 MiB as base64 with its manifest.</summary>
    private const int RequestBytesMax = 6 * 1024 * 1024;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);
    private readonly Stack<Func<ValueTask>> _parts = new();
    private bool _isDisposed;

    private GroundStation()
    {
    }

    /// <summary>Where the API listens.</summary>
    public Uri Http { get; private set; } = new("http://127.0.0.1");

    /// <summary>Where the broker listens.</summary>
    public IPEndPoint Mqtt { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>Triggered by SIGTERM and SIGINT.</summary>
    public CancellationToken Stopping { get; private set; }

    /// <summary>Starts a station.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="machineTime">The machine's clock, on which the world's is built.</param>
    /// <exception cref="StartFault">A port is in use, or keys or archive cannot be read.</exception>
    public static async Task<GroundStation> StartAsync(GroundOptions options, TimeProvider machineTime)
    {
        var station = new GroundStation();
        try
        {
            await station.StartPartsAsync(options, machineTime);
            return station;
        }
        catch (Exception e)
        {
            await station.DisposeAsync();
            throw e switch
            {
                SqliteException or InvalidDataException => new StartFault($"{options.DataFolder}: {e.Message}", e),
                CryptographicException => new StartFault($"{options.KeysFolder}: {e.Message}", e),
                FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException => new StartFault($"{options.File}: {e.Message}", e),
                _ => e,
            };
        }
    }

    /// <summary>Ends the station.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        while (_parts.TryPop(out Func<ValueTask>? end))
            await end();
    }

    private async Task StartPartsAsync(GroundOptions options, TimeProvider machineTime)
    {
        var clock = new MissionClock(options.Clock.Epoch, options.Clock.Origin, options.Clock.Rate, machineTime);
        if (clock.GetUtcNow().Year < 2000)
            throw new StartFault($"{options.File}: clock: expected a world time of 2000 or later, found {clock.GetUtcNow():u}");
        ILoggerFactory loggers = LoggerFactory.Create(Configure);
        Own(loggers);
        string token = (await File.ReadAllTextAsync(Path.Combine(options.KeysFolder, KeyFolder.ApiToken))).Trim();
        ECDsa commandKey = ECDsa.Create();
        Own(commandKey);
        commandKey.ImportFromPem(await File.ReadAllTextAsync(Path.Combine(options.KeysFolder, KeyFolder.CommandKey)));

        ECDsa functionKey = ECDsa.Create();
        Own(functionKey);
        functionKey.ImportFromPem(await File.ReadAllTextAsync(Path.Combine(options.KeysFolder, KeyFolder.FunctionKey)));

        ILogger<FunctionLibrary> libraryLogger = loggers.CreateLogger<FunctionLibrary>();
        var library = new FunctionLibrary(Path.Combine(options.DataFolder, "images"), functionKey, damage => LogDamage(libraryLogger, damage));
        string path = Path.Combine(options.DataFolder, "archive.db");
        var contacts = new ContactRegistry(options.Satellites.Select(satellite => satellite.Name), clock);
        var writer = new ArchiveWriter(path, CommandStore.Apply, loggers.CreateLogger<ArchiveWriter>());
        var reader = new ArchiveReader(path);
        Own(reader);
        TelemetryStatistics statistics;
        FunctionLedger ledger;
        MqttBroker broker;
        WebApplication app;
        TwinFeeder feeder;
        StationMetrics metrics;
        CommandQueue queue;
        CloudBridge? bridge = null;
        try
        {
            statistics = new TelemetryStatistics(reader);
            ledger = new FunctionLedger(reader, clock, options.Costs, options.Objectives);
            broker = new MqttBroker(options.Mqtt, new TelemetryIngest(writer, statistics, clock, loggers.CreateLogger<TelemetryIngest>()), contacts, machineTime,
                loggers.CreateLogger<MqttBroker>());
            app = Build(options, reader, contacts);
            IGrainFactory grains = app.Services.GetRequiredService<IGrainFactory>();
            feeder = new TwinFeeder(writer, statistics, ledger, contacts, grains, loggers.CreateLogger<TwinFeeder>());
            var targets = new PolarisTargets();
            metrics = new StationMetrics(grains, statistics, ledger, contacts, broker, reader, targets, clock, options.TelemetryMaxAge);
            queue = new CommandQueue(options.Commanding, writer, reader, broker, contacts, library, commandKey, clock, machineTime, loggers.CreateLogger<CommandQueue>());
            var fleet = new Fleet(options.Satellites, new PassBook(options.Satellites, options.Stations, options.Placement.PassHorizon), grains, feeder, contacts, reader, clock);
            Own(fleet);
            PlacementPipeline pipeline = PlacementPipeline.Of(options.Placement);
            var router = new RequestRouter(fleet, library, pipeline, queue, reader, clock);
            Own(router);
            RouteGroupBuilder api = new Endpoints(options, token, grains, reader, statistics, queue, library, router, metrics).Map(app);
            new ImageEndpoints(library).Map(api);
            new PassEndpoints(options, clock).Map(api);
            if (options.Cloud is { } cloud)
                bridge = BridgeOf(cloud, fleet, library, queue, reader, pipeline, targets, metrics, clock, machineTime, loggers);
        }
        catch
        {
            await writer.DisposeAsync();
            throw;
        }
        Own(metrics);
        _parts.Push(() => EndAsync(app));
        _parts.Push(feeder.DisposeAsync);
        _parts.Push(writer.DisposeAsync);
        _parts.Push(broker.DisposeAsync);
        feeder.Start();
        await StartAsync(app, options);
        try
        {
            await broker.StartAsync();
        }
        catch (SocketException e)
        {
            throw new StartFault($"{options.File}: mqtt.port: {options.Mqtt.EndPoint} cannot be used: {e.Message}", e);
        }
        _parts.Push(queue.DisposeAsync);
        feeder.Verified += queue.Wake;
        queue.Start();
        if (options.Otlp is { } otlp)
        {
            var export = new OtlpExport(otlp, options.Name, metrics, machineTime, loggers.CreateLogger<OtlpExport>());
            _parts.Push(export.DisposeAsync);
            export.Start();
        }
        if (bridge is not null)
        {
            _parts.Push(bridge.DisposeAsync);
            bridge.Start();
        }
        Mqtt = broker.EndPoint!;
        if (await BrokerSelfCheck.Run(options.Mqtt, Mqtt) is { } fault)
            throw new StartFault($"{options.File}: mqtt: {fault}");
        Http = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        string urlFile = Path.Combine(options.DataFolder, UrlFile);
        await File.WriteAllTextAsync(urlFile, Http + "\n");
        _parts.Push(() =>
        {
            File.Delete(urlFile);
            return ValueTask.CompletedTask;
        });
        Stopping = app.Lifetime.ApplicationStopping;
    }

    private static CloudBridge BridgeOf(CloudOptions options, Fleet fleet, FunctionLibrary library, CommandQueue queue, ArchiveReader archive, PlacementPipeline pipeline,
        PolarisTargets targets, StationMetrics metrics, TimeProvider clock, TimeProvider machineTime, ILoggerFactory loggers)
    {
        var bridgeMetrics = new BridgeMetrics(metrics.Series);
        try
        {
            ClusterClient.Open(options, bridgeMetrics, machineTime).Dispose(); // a file that is wrong from the start is the caller's to mend
        }
        catch (ClusterException e)
        {
            throw new StartFault(e.Message, e);
        }
        var keeper = new FunctionKeeper(options, fleet, library, queue, archive, pipeline, targets, bridgeMetrics, clock, machineTime, loggers.CreateLogger<FunctionKeeper>());
        return new CloudBridge(options, fleet, keeper, bridgeMetrics, machineTime, loggers);
    }

    private static async Task StartAsync(WebApplication app, GroundOptions options)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException e) when (e.InnerException is not null)
        {
            throw new StartFault($"{options.File}: http.port: {options.Http} cannot be used: {e.InnerException.Message}", e);
        }
        catch (SocketException e)
        {
            throw new StartFault($"{options.File}: http.port: {options.Http} or twins.port {options.SiloPort} cannot be used: {e.Message}", e);
        }
    }

    private static WebApplication Build(GroundOptions options, ArchiveReader reader, ContactRegistry contacts)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "satnode-ground", EnvironmentName = Environments.Production });
        Configure(builder.Logging);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBytesMax;
            kestrel.Listen(options.Http);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true); // so that a body that is none is answered with the reason
        builder.Services.AddSingleton(reader);
        builder.Services.AddSingleton(contacts);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(options.SiloPort == 0 ? FreePort() : options.SiloPort, gatewayPort: 0, serviceId: "satnode-ground", clusterId: options.Name);
            silo.Configure<EndpointOptions>(endpoint => endpoint.GatewayPort = 0); // no clients but ourselves
        });
        return builder.Build();
    }

    private static void Configure(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("SatNode", LogLevel.Information);
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // a start that fails is told in one line by who started it
        logging.AddFilter("Orleans", LogLevel.Error); // its watchdog warns of the time before the process began
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private static async ValueTask EndAsync(WebApplication app)
    {
        Task ended = EndWholeAsync(app);
        using var limit = new CancellationTokenSource();
        await Task.WhenAny(ended, Task.Delay(StopTimeout, TimeProvider.System, limit.Token)); // the archive was closed before: the rest ends with the process
        await limit.CancelAsync();

        static async Task EndWholeAsync(WebApplication app)
        {
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Damage}")]
    private static partial void LogDamage(ILogger logger, string damage);

    private void Own(IDisposable part) => _parts.Push(() =>
    {
        part.Dispose();
        return ValueTask.CompletedTask;
    });
}
