using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Prometheus;
using SatNode.Ground.Archive;
using SatNode.Ground.Commanding;
using SatNode.Ground.Configuration;
using SatNode.Ground.Functions;
using SatNode.Ground.Ingest;
using SatNode.Ground.Metrics;
using SatNode.Ground.Placement;
using SatNode.Ground.Twins;
using SatNode.Protocol;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Api;

/// <summary>The HTTP API. Everything below <c>/api</c> needs the bearer token.</summary>
internal sealed class Endpoints(GroundOptions options, string token, IGrainFactory grains, ArchiveReader archive, TelemetryStatistics statistics, CommandQueue queue, FunctionLibrary library, RequestRouter router, StationMetrics metrics)
{
    private const int DefaultLimit = 1000;
    private readonly byte[] _token = SHA256.HashData(Encoding.UTF8.GetBytes(token));
    private readonly Dictionary<string, SatelliteOptions> _satellites = options.Satellites.ToDictionary(satellite => satellite.Name, StringComparer.Ordinal);

    /// <summary>Adds the routes.</summary>
    /// <returns>The group that more routes of the API join.</returns>
    public RouteGroupBuilder Map(WebApplication app)
    {
        app.Use(AuthorizeAsync);
        app.MapMetrics("/metrics", metrics.Registry);
        app.MapGet("/healthz", () => "ok");
        RouteGroupBuilder api = app.MapGroup("/api/v1");
        api.MapGet("/dictionary", () => Views.Dictionary());
        api.MapGet("/satellites", async () => await Task.WhenAll(options.Satellites.Select(ViewAsync)));
        api.MapGet("/satellites/{name}", async (string name) => Find(name, out IResult? fault) is { } satellite ? Results.Ok(await ViewAsync(satellite)) : fault!);
        api.MapGet("/satellites/{name}/telemetry", Telemetry);
        api.MapGet("/satellites/{name}/events", EventsOf);
        api.MapGet("/satellites/{name}/commands", (string name, int? limit) => Find(name, out IResult? fault) is null ? fault! : CommandsOf(name, limit));
        api.MapPost("/satellites/{name}/commands", QueueCommandAsync);
        api.MapPost("/satellites/{name}/functions", QueueFunctionAsync);
        api.MapPost("/satellites/{name}/workflows", QueueWorkflowAsync);
        api.MapGet("/commands/{id}", Command);
        api.MapGet("/invocations", Invocations);
        api.MapPost("/functions/{function}/invocations", InvokeAsync);
        api.MapGet("/events", EventsOfAll);
        api.MapGet("/commands", (int? limit) => CommandsOf(null, limit));
        return api;
    }

    private async Task AuthorizeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && !IsAuthorized(context.Request.Headers.Authorization.ToString()))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await context.Response.WriteAsJsonAsync(new ErrorView("expected the header 'Authorization: Bearer' with the station's token"), context.RequestAborted);
            return;
        }
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode;
            await context.Response.WriteAsJsonAsync(new ErrorView((e.InnerException ?? e).Message), context.RequestAborted);
        }
    }

    private bool IsAuthorized(string header)
    {
        const string scheme = "Bearer ";
        return header.StartsWith(scheme, StringComparison.Ordinal)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[scheme.Length..])), _token);
    }

    private SatelliteOptions? Find(string name, out IResult? fault)
    {
        bool found = _satellites.TryGetValue(name, out SatelliteOptions? satellite);
        fault = found ? null : Results.NotFound(new ErrorView($"no satellite '{name}'{Suggestion.For(name, _satellites.Keys)}"));
        return satellite;
    }

    private async Task<SatelliteView> ViewAsync(SatelliteOptions satellite) =>
        Views.Satellite(satellite, await grains.GetGrain<ISatelliteTwin>(satellite.Name).Get(), statistics);

    private IResult Telemetry(string name, string? parameter, string? from, string? to, int? limit)
    {
        if (Find(name, out IResult? fault) is null)
            return fault!;
        if (parameter is null || Views.ParameterOf(parameter) is not { } id)
            return Refuse($"parameter: expected the name of a parameter, found '{parameter}'{Suggestion.For(parameter ?? "", Parameters.All.Select(known => known.Name))}");
        return TryTime(from, new DtnTime(0), out DtnTime begin) && TryTime(to, DtnTime.Max, out DtnTime end) && IsLimit(limit)
            ? Results.Ok(archive.Samples(name, id, begin, end, limit ?? DefaultLimit).Select(Views.Sample))
            : Refuse($"expected from and to such as 2026-06-21T12:00:00Z and a limit of 1 to {ArchiveReader.RowsMax}");
    }

    private IResult EventsOf(string name, string? after, int? limit)
    {
        if (Find(name, out IResult? fault) is null)
            return fault!;
        uint boot = 0;
        ulong sequence = 0;
        string[] parts = after?.Split('.') ?? [];
        if (after is not null && !(parts.Length == 2 && uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out boot)
            && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out sequence) && sequence <= long.MaxValue))
        {
            return Refuse($"after: expected boot and sequence such as 1.42, found '{after}'");
        }
        return IsLimit(limit)
            ? Results.Ok(archive.Events(name, boot, sequence, limit ?? DefaultLimit).Select(Views.Event))
            : Refuse($"limit: expected 1 to {ArchiveReader.RowsMax}, found {limit}");
    }

    private IResult EventsOfAll(string? satellite, string? name, long? after, int? limit)
    {
        if (satellite is not null && Find(satellite, out IResult? fault) is null)
            return fault!;
        ushort? kind = name is null ? null : Events.All.FirstOrDefault(known => string.Equals(known.Name, name, StringComparison.Ordinal))?.Id;
        if (name is not null && kind is null)
            return Refuse($"name: expected an event of the dictionary, found '{name}'{Suggestion.For(name, Events.All.Select(known => known.Name))}");
        return IsLimit(limit)
            ? Results.Ok(archive.Events(satellite, kind, after, limit ?? DefaultLimit).Select(Views.Event))
            : Refuse($"limit: expected 1 to {ArchiveReader.RowsMax}, found {limit}");
    }

    private IResult Invocations(string? function, string? workflow, string? run, int? limit) => IsLimit(limit)
        ? Results.Ok(archive.Invocations(function, workflow, run, limit ?? DefaultLimit).Select(Views.Invocation))
        : Refuse($"limit: expected 1 to {ArchiveReader.RowsMax}, found {limit}");

    private IResult CommandsOf(string? name, int? limit) => IsLimit(limit)
        ? Results.Ok(archive.Read(connection => CommandStore.Latest(connection, name, limit ?? DefaultLimit).ConvertAll(row => Views.Command(row, CommandStore.Stages(connection, row.Id)))))
        : Refuse($"limit: expected 1 to {ArchiveReader.RowsMax}, found {limit}");

    private IResult Command(string id) => archive.Read(connection => CommandStore.Find(connection, id) is { } row
        ? Results.Ok(Views.Command(row, CommandStore.Stages(connection, id)))
        : Results.NotFound(new ErrorView($"no command '{id}'")));

    private async Task<IResult> QueueCommandAsync(string name, CommandRequest body, CancellationToken cancellation)
    {
        if (Find(name, out IResult? fault) is null)
            return fault!;
        if (body.Name is null || Protocol.Dictionary.Commands.Find(body.Name) is not { } definition)
            return Refuse($"name: expected a command of the dictionary, found '{body.Name}'{Suggestion.For(body.Name ?? "", Protocol.Dictionary.Commands.All.Select(command => command.Name))}");
        Dictionary<string, ArgumentValue> arguments = ArgumentJson.Read(definition, body.Arguments, out string? argumentFault);
        return argumentFault is null ? await QueueAsync(name, definition, arguments, cancellation) : Refuse($"{definition.Name}: {argumentFault}");
    }

    private async Task<IResult> QueueFunctionAsync(string name, FunctionRequestBody body, CancellationToken cancellation)
    {
        if (Find(name, out IResult? fault) is null)
            return fault!;
        try
        {
            if (body.Image is not null && (body.ManifestYaml ?? (object?)body.ModuleBase64) is not null)
                return Refuse("expected either image, or manifestYaml and moduleBase64, found both");
            StoredImage? image = body.Image is { } reference ? library.Find(reference) : library.Push(ImageEndpoints.Pack(body));
            return image is null
                ? ImageEndpoints.Missing(library, body.Image!)
                : await QueueAsync(name, Protocol.Dictionary.Commands.DeployFunction, new Dictionary<string, ArgumentValue>(StringComparer.Ordinal) { ["image"] = image.Digest }, cancellation);
        }
        catch (Exception e) when (e is YamlInputException or WireFormatException)
        {
            return Refuse(e.Message);
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException or IOException or UnauthorizedAccessException) // the library is full, or what is in it is damaged
        {
            return Results.Json(new ErrorView(e.Message), statusCode: StatusCodes.Status507InsufficientStorage);
        }
    }

    /// <summary>The front door: one request to the satellite that can answer it best.</summary>
    private async Task<IResult> InvokeAsync(string function, InvocationRequestBody body, HttpContext context, CancellationToken cancellation)
    {
        if (ArgumentJson.Input(body.Input) is not { } input)
            return Refuse($"input: expected a text, or {{\"base64\": \"…\"}}, of at most {ArgumentJson.InputBytesMax} bytes");
        RoutedRequest routed = await router.SendAsync(function, input, cancellation);
        switch (routed.Result)
        {
            case RouteResult.Sent:
                return Results.Accepted($"/api/v1/commands/{routed.Command}", new RoutedView(routed.Command, routed.Satellite));
            case RouteResult.Unavailable:
                context.Response.Headers.RetryAfter = "5";
                return Results.Json(new ErrorView(routed.Fault), statusCode: StatusCodes.Status503ServiceUnavailable);
            default:
                return Results.NotFound(new ErrorView(routed.Fault));
        }
    }

    private async Task<IResult> QueueWorkflowAsync(string name, WorkflowRequest body, CancellationToken cancellation)
    {
        if (Find(name, out IResult? fault) is null)
            return fault!;
        try
        {
            byte[] definition = WorkflowYaml.Read("definitionYaml", body.DefinitionYaml ?? "").Encode();
            return await QueueAsync(name, Protocol.Dictionary.Commands.DeployWorkflow,
                new Dictionary<string, ArgumentValue>(StringComparer.Ordinal) { ["definition"] = definition }, cancellation);
        }
        catch (YamlInputException e)
        {
            return Refuse(e.Message);
        }
    }

    private async Task<IResult> QueueAsync(string node, CommandDefinition command, Dictionary<string, ArgumentValue> arguments, CancellationToken cancellation)
    {
        if (command.Fault(arguments) is { } fault)
            return Refuse($"{command.Name}: {fault}");
        return await queue.EnqueueAsync(node, command.Name, arguments, cancellation) is { } id
            ? Results.Accepted($"/api/v1/commands/{id}", new QueuedView(id))
            : Results.Json(new ErrorView($"{node}: expected at most {options.Commanding.QueueMax} commands that wait, found as many"), statusCode: StatusCodes.Status429TooManyRequests);
    }

    private static IResult Refuse(string text) => Results.BadRequest(new ErrorView(text));

    private static bool IsLimit(int? limit) => limit is null or (>= 1 and <= ArchiveReader.RowsMax);

    private static bool TryTime(string? text, DtnTime fallback, out DtnTime time)
    {
        time = fallback;
        if (text is null)
            return true;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset parsed) || parsed.Year < 2000)
            return false;
        time = DtnTime.From(parsed);
        return true;
    }
}
