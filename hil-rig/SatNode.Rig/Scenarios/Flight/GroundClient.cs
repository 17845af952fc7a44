using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>The ground station's HTTP API, as far as a flight needs it.</summary>
internal sealed class GroundClient : IDisposable
{
    private const int MaxRows = 100_000;

    private readonly HttpClient _http;

    /// <summary>Creates the client.</summary>
    public GroundClient(Uri station, string token)
    {
        _http = new() { BaseAddress = station, Timeout = TimeSpan.FromSeconds(20) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Queues a telecommand and returns its id.</summary>
    /// <exception cref="FlightException">The station refused it.</exception>
    public Task<string> Send(CommandSpec command, CancellationToken cancellation)
    {
        var arguments = new JsonObject();
        foreach ((string name, ArgumentValue value) in command.Arguments)
        {
            arguments[name] = value.Type switch
            {
                ArgumentType.Integer => value.AsInteger(),
                ArgumentType.Real => value.AsReal(),
                ArgumentType.Boolean => value.AsBoolean(),
                ArgumentType.Bytes => new JsonObject { ["base64"] = Convert.ToBase64String(value.AsBytes()) },
                _ => value.AsText(),
            };
        }
        return Post($"satellites/{command.Satellite}/commands", new() { ["name"] = command.Name, ["arguments"] = arguments }, cancellation);
    }

    /// <summary>Queues the deployment of a function and returns the command's id.</summary>
    /// <exception cref="FlightException">The station refused it.</exception>
    public async Task<string> Deploy(FunctionSpec function, string satellite, CancellationToken cancellation)
    {
        string manifest = await File.ReadAllTextAsync(function.Manifest, cancellation);
        string module = Convert.ToBase64String(await File.ReadAllBytesAsync(function.Module, cancellation));
        return await Post($"satellites/{satellite}/functions", new() { ["manifestYaml"] = manifest, ["moduleBase64"] = module }, cancellation);
    }

    /// <summary>Queues the deployment of a workflow and returns the command's id.</summary>
    /// <exception cref="FlightException">The station refused it.</exception>
    public Task<string> Deploy(WorkflowSpec workflow, string satellite, CancellationToken cancellation)
    {
        IEnumerable<string> stages = workflow.Stages.Select(stage =>
            $"  - {{ name: {stage.Name}, function: {stage.Function}, after: [{string.Join(", ", stage.After)}], candidates: [{string.Join(", ", stage.Candidates)}] }}\n");
        return Post($"satellites/{satellite}/workflows", new() { ["definitionYaml"] = $"name: {workflow.Name}\nstages:\n{string.Concat(stages)}" }, cancellation);
    }

    /// <summary>Puts a function's image into the station's library.</summary>
    /// <exception cref="FlightException">The station refused it.</exception>
    public async Task PushImage(FunctionSpec function, CancellationToken cancellation)
    {
        string manifest = await File.ReadAllTextAsync(function.Manifest, cancellation);
        string module = Convert.ToBase64String(await File.ReadAllBytesAsync(function.Module, cancellation));
        using HttpResponseMessage answer = await _http.PostAsJsonAsync(new Uri("api/v1/images", UriKind.Relative), new JsonObject { ["manifestYaml"] = manifest, ["moduleBase64"] = module }, cancellation);
        await Read(answer, "images", cancellation);
    }

    /// <summary>Sends a request to a function through the front door; false when no satellite takes it now.</summary>
    public async Task<bool> TryInvoke(string function, string input, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await _http.PostAsJsonAsync(new Uri($"api/v1/functions/{function}/invocations", UriKind.Relative), new JsonObject { ["input"] = input }, cancellation);
        return answer.IsSuccessStatusCode;
    }

    /// <summary>The telecommands that brought functions to a satellite, with the times at which their stages were reached.</summary>
    public async Task<IReadOnlyList<DeploymentTrace>> Deployments(string satellite, CancellationToken cancellation)
    {
        JsonArray rows = (await Get($"api/v1/satellites/{satellite}/commands?limit={MaxRows}", cancellation)).AsArray();
        return [.. rows.Where(row => row!["name"]!.GetValue<string>() == Protocol.Dictionary.Commands.DeployFunction.Name).Select(row => new DeploymentTrace(satellite, row!["id"]!.GetValue<string>(),
            [.. row["stages"]!.AsArray().Select(stage => (stage!["stage"]!.GetValue<string>(), Time(stage["time"])))]))];
    }

    /// <summary>What became of a command: its states by time, and the detail of a failure.</summary>
    public async Task<(IReadOnlyList<string> States, string Detail)> Follow(string id, CancellationToken cancellation)
    {
        JsonNode command = await Get($"api/v1/commands/{id}", cancellation);
        JsonArray stages = command["stages"]!.AsArray();
        JsonNode? failed = stages.LastOrDefault(stage => stage!["reason"]!.GetValue<string>() is not "none");
        return ([.. stages.Select(stage => stage!["stage"]!.GetValue<string>())], failed is null ? "" : $"{failed["reason"]}: {failed["detail"]}");
    }

    /// <summary>All events of a satellite in the archive.</summary>
    public async Task<IReadOnlyList<EventRecord>> Events(string satellite, CancellationToken cancellation)
    {
        List<EventRecord> events = [];
        while (true)
        {
            string after = events is [.., { } last] ? $"&after={last.Boot}.{last.Sequence}" : "";
            JsonArray rows = (await Get($"api/v1/satellites/{satellite}/events?limit={MaxRows}{after}", cancellation)).AsArray();
            events.AddRange(rows.Select(row => new EventRecord(row!["boot"]!.GetValue<uint>(), row["sequence"]!.GetValue<ulong>(), Time(row["time"]), row["name"]!.GetValue<string>(),
                row["arguments"]!.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? "", StringComparer.Ordinal))));
            if (rows.Count < MaxRows)
                return events;
        }
    }

    /// <summary>All samples of a parameter of a satellite in the archive.</summary>
    public async Task<IReadOnlyList<SampleRecord>> Samples(string satellite, ParameterDefinition parameter, CancellationToken cancellation)
    {
        JsonArray rows = (await Get($"api/v1/satellites/{satellite}/telemetry?parameter={parameter.Name}&limit={MaxRows}", cancellation)).AsArray();
        return [.. rows.Select(row => new SampleRecord(Time(row!["time"]), parameter, row["value"]!.GetValue<double>()))];
    }

    /// <summary>All reports of invocations in the archive, with the satellite that sent each.</summary>
    public async Task<IReadOnlyList<(string Satellite, InvocationReport Report)>> Invocations(CancellationToken cancellation)
    {
        JsonArray rows = (await Get($"api/v1/invocations?limit={MaxRows}", cancellation)).AsArray();
        return [.. rows.Select(row => (row!["satellite"]!.GetValue<string>(), Report(row)))];
    }

    /// <summary>The metrics, Prometheus text format.</summary>
    public Task<string> Metrics(CancellationToken cancellation) => _http.GetStringAsync(new Uri("metrics", UriKind.Relative), cancellation);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static InvocationReport Report(JsonNode row) => new()
    {
        Function = row["function"]!.GetValue<string>(),
        Version = row["version"]!.GetValue<string>(),
        InvocationId = row["invocation"]!.GetValue<string>(),
        Workflow = row["workflow"]!.GetValue<string>(),
        Run = row["run"]!.GetValue<string>(),
        Result = Word<InvocationResult>(row["result"]),
        Reason = row["reason"]!.GetValue<string>(),
        Queued = DtnTime.From(Time(row["queued"])),
        Started = DtnTime.From(Time(row["started"])),
        Ended = DtnTime.From(Time(row["ended"])),
        CpuTime = TimeSpan.FromSeconds(row["cpuSeconds"]!.GetValue<double>()),
        Energy = new Energy(row["joules"]!.GetValue<double>()),
        Fuel = row["fuel"]!.GetValue<ulong>(),
        State = Word<StateOrigin>(row["state"]),
        Output = Convert.FromBase64String(row["output"]!.GetValue<string>()),
    };

    private static T Word<T>(JsonNode? node) where T : struct, Enum => Enum.Parse<T>(node!.GetValue<string>().Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    private static DateTimeOffset Time(JsonNode? node) => DateTimeOffset.Parse(node!.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private async Task<JsonNode> Get(string path, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellation);
        return await Read(answer, path, cancellation);
    }

    private async Task<string> Post(string path, JsonObject body, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await _http.PostAsJsonAsync(new Uri($"api/v1/{path}", UriKind.Relative), body, cancellation);
        return (await Read(answer, path, cancellation))["id"]!.GetValue<string>();
    }

    private static async Task<JsonNode> Read(HttpResponseMessage answer, string path, CancellationToken cancellation)
    {
        string text = await answer.Content.ReadAsStringAsync(cancellation);
        if (answer.IsSuccessStatusCode)
            return JsonNode.Parse(text) ?? throw new FlightException($"ground station: {path}: expected JSON, found null");
        string? reason = answer.Content.Headers.ContentType?.MediaType is "application/json" ? JsonNode.Parse(text)?["error"]?.GetValue<string>() : null;
        throw new FlightException($"ground station: {path}: {(int)answer.StatusCode} {reason ?? answer.ReasonPhrase}");
    }
}
