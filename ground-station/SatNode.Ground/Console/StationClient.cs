using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using SatNode.Ground.Api;
using SatNode.Ground.Configuration;
using SatNode.Ground.Hosting;
using SatNode.Ground.Keys;

namespace SatNode.Ground.Console;

/// <summary>Talks to a running station's API, as any client would. A refusal is a <see cref="StationRefusal"/> with the station's own text.</summary>
internal sealed class StationClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly HttpClient _http;

    /// <summary>Reads the token from a keys folder.</summary>
    public StationClient(Uri station, string keysFolder)
    {
        string file = Path.Combine(keysFolder, KeyFolder.ApiToken);
        string token = File.ReadAllText(file).Trim();
        if (token.Length == 0 || token.Any(c => c is <= ' ' or > '~'))
            throw new InvalidDataException($"{file}: expected the station's token on one line, found something else");
        _http = new HttpClient { BaseAddress = station, Timeout = Patience };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Where the station is.</summary>
    public Uri Address => _http.BaseAddress!;

    /// <summary>Finds a station by its configuration: where it listens is in its data folder while it runs, its keys are in its keys folder.</summary>
    public static StationClient Of(GroundOptions options)
    {
        string file = Path.Combine(options.DataFolder, GroundStation.UrlFile);
        Uri station = File.Exists(file) ? Uri.TryCreate(File.ReadAllText(file).Trim(), UriKind.Absolute, out Uri? told) ? told : throw new InvalidDataException($"{file}: expected the station's URL, found something else")
            : options.Http.Port != 0 ? new($"http://{options.Http}")
            : throw new InvalidDataException($"{options.File}: no station of this configuration runs here");
        return new(station, options.KeysFolder);
    }

    public Task<StationView> StationAsync(CancellationToken cancellation) => GetAsync<StationView>("station", cancellation);

    public Task<DictionaryView> DictionaryAsync(CancellationToken cancellation) => GetAsync<DictionaryView>("dictionary", cancellation);

    public Task<SatelliteView[]> SatellitesAsync(CancellationToken cancellation) => GetAsync<SatelliteView[]>("satellites", cancellation);

    public Task<SatelliteView> SatelliteAsync(string name, CancellationToken cancellation) => GetAsync<SatelliteView>($"satellites/{Escape(name)}", cancellation);

    public Task<SampleView[]> SamplesAsync(string satellite, string parameter, int last, CancellationToken cancellation) =>
        GetAsync<SampleView[]>($"satellites/{Escape(satellite)}/telemetry?parameter={Escape(parameter)}&limit={last}", cancellation);

    /// <summary>Events after an id, or without one the latest.</summary>
    public Task<EventView[]> EventsAsync(string? satellite, string? name, long? after, int limit, CancellationToken cancellation) =>
        GetAsync<EventView[]>($"events?limit={limit}{Query("satellite", satellite)}{Query("name", name)}{Query("after", after?.ToString(System.Globalization.CultureInfo.InvariantCulture))}", cancellation);

    public Task<CommandView[]> CommandsAsync(string? satellite, int last, CancellationToken cancellation) =>
        GetAsync<CommandView[]>(satellite is null ? $"commands?limit={last}" : $"satellites/{Escape(satellite)}/commands?limit={last}", cancellation);

    public Task<CommandView> CommandAsync(string id, CancellationToken cancellation) => GetAsync<CommandView>($"commands/{Escape(id)}", cancellation);

    public Task<PassView[]> PassesAsync(string? satellite, string? station, int limit, CancellationToken cancellation) =>
        GetAsync<PassView[]>($"passes?limit={limit}{Query("satellite", satellite)}{Query("station", station)}", cancellation);

    public Task<ImageView[]> ImagesAsync(CancellationToken cancellation) => GetAsync<ImageView[]>("images", cancellation);

    public Task<InvocationView[]> InvocationsOfRunAsync(string run, CancellationToken cancellation) => GetAsync<InvocationView[]>($"invocations?run={Escape(run)}", cancellation);

    /// <summary>Queues a command; its id.</summary>
    public async Task<string> SendAsync(string satellite, CommandRequest command, CancellationToken cancellation) =>
        (await PostAsync<CommandRequest, QueuedView>($"satellites/{Escape(satellite)}/commands", command, cancellation)).Id;

    /// <summary>Queues the deployment of an image; the command's id.</summary>
    public async Task<string> DeployAsync(string satellite, string image, CancellationToken cancellation) =>
        (await PostAsync<FunctionRequestBody, QueuedView>($"satellites/{Escape(satellite)}/functions", new(null, null, image), cancellation)).Id;

    /// <summary>Adds an image to the library.</summary>
    public Task<ImageView> PushAsync(string manifestYaml, byte[] module, CancellationToken cancellation) =>
        PostAsync<FunctionRequestBody, ImageView>("images", new(manifestYaml, module, null), cancellation);

    /// <summary>Hands a request to the front door, which chooses the satellite.</summary>
    public Task<RoutedView> InvokeAsync(string function, byte[] input, CancellationToken cancellation) =>
        PostAsync<InvocationRequestBody, RoutedView>($"functions/{Escape(function)}/invocations", new(new System.Text.Json.Nodes.JsonObject { ["base64"] = Convert.ToBase64String(input) }), cancellation);

    public void Dispose() => _http.Dispose();

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static string Query(string name, string? value) => value is null ? "" : $"&{name}={Escape(value)}";

    private async Task<T> GetAsync<T>(string path, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await _http.GetAsync($"api/v1/{path}", cancellation);
        return await ReadAsync<T>(response, cancellation);
    }

    private async Task<TAnswer> PostAsync<TBody, TAnswer>(string path, TBody body, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await _http.PostAsJsonAsync($"api/v1/{path}", body, cancellation);
        return await ReadAsync<TAnswer>(response, cancellation);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode)
        {
            try
            {
                return await response.Content.ReadFromJsonAsync<T>(cancellation) ?? throw new StationRefusal(response.StatusCode, "expected a body, found null");
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
            {
                throw new InvalidDataException($"{response.RequestMessage?.RequestUri}: expected a station's answer, found {response.Content.Headers.ContentType?.MediaType ?? "something else"}; is this the station's URL?", e);
            }
        }
        string text = await response.Content.ReadAsStringAsync(cancellation);
        try
        {
            text = JsonSerializer.Deserialize<ErrorView>(text, JsonSerializerOptions.Web)?.Error ?? text;
        }
        catch (JsonException) // not the station's own answer: its text as it is
        {
        }
        throw new StationRefusal(response.StatusCode, text.Length > 0 ? text : $"{(int)response.StatusCode} {response.ReasonPhrase}");
    }
}

/// <summary>The station refused a request.</summary>
internal sealed class StationRefusal(HttpStatusCode status, string text) : Exception(text)
{
    /// <summary>What the console ends with: wrong for a request that can never be granted, refused for one that cannot be granted now.</summary>
    public int ExitCode => status is HttpStatusCode.TooManyRequests or HttpStatusCode.Conflict or >= HttpStatusCode.InternalServerError ? Console.ExitCode.Refused : Console.ExitCode.Wrong;
}

/// <summary>A request that the console itself finds wrong.</summary>
internal sealed class RequestFault(string text) : Exception(text);
