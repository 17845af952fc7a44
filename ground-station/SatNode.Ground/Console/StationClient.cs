using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using SatNode.Ground.Api;
using SatNode.Ground.Configuration;
using SatNode.Ground.Hosting;
using SatNode.Ground.Keys;

namespace SatNode.Ground.Console;

/// <summary>Talks to a running station's API. A refusal is a <see cref="StationRefusal"/> with the station's own text.</summary>
internal sealed class StationClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>Reads the token from a keys folder.</summary>
    public StationClient(Uri station, string keysFolder)
    {
        string token = File.ReadAllText(Path.Combine(keysFolder, KeyFolder.ApiToken)).Trim();
        _http = new HttpClient { BaseAddress = station, Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Finds a station by its configuration: where it listens is in its data folder while it runs, its keys are in its keys folder.</summary>
    public static StationClient Of(GroundOptions options)
    {
        string file = Path.Combine(options.DataFolder, GroundStation.UrlFile);
        Uri station = File.Exists(file) ? new(File.ReadAllText(file).Trim())
            : options.Http.Port != 0 ? new($"http://{options.Http}")
            : throw new InvalidDataException($"{options.File}: no station of this configuration runs here");
        return new(station, options.KeysFolder);
    }

    /// <summary>All satellites.</summary>
    public Task<IReadOnlyList<SatelliteView>> SatellitesAsync(CancellationToken cancellation) => GetAsync<IReadOnlyList<SatelliteView>>("api/v1/satellites", cancellation);

    /// <summary>The dictionary.</summary>
    public Task<DictionaryView> DictionaryAsync(CancellationToken cancellation) => GetAsync<DictionaryView>("api/v1/dictionary", cancellation);

    /// <summary>A command with its stages.</summary>
    public Task<CommandView> CommandAsync(string id, CancellationToken cancellation) => GetAsync<CommandView>($"api/v1/commands/{Uri.EscapeDataString(id)}", cancellation);

    /// <summary>Queues a command; its id.</summary>
    public async Task<string> SendAsync(string satellite, CommandRequest command, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await _http.PostAsJsonAsync($"api/v1/satellites/{Uri.EscapeDataString(satellite)}/commands", command, cancellation);
        return (await ReadAsync<QueuedView>(response, cancellation)).Id;
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> GetAsync<T>(string path, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await _http.GetAsync(path, cancellation);
        return await ReadAsync<T>(response, cancellation);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode)
            return await response.Content.ReadFromJsonAsync<T>(cancellation) ?? throw new StationRefusal(response.StatusCode, "expected a body, found null");
        string text = await response.Content.ReadAsStringAsync(cancellation);
        try
        {
            text = JsonSerializer.Deserialize<ErrorView>(text, JsonSerializerOptions.Web)?.Error ?? text;
        }
        catch (JsonException) // not the station's own answer: its text as it is
        {
        }
        throw new StationRefusal(response.StatusCode, text);
    }
}

/// <summary>The station refused a request.</summary>
internal sealed class StationRefusal(HttpStatusCode status, string text) : Exception(text)
{
    /// <summary>The status of the answer.</summary>
    public HttpStatusCode Status => status;
}
