using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using SatNode.Ground.Configuration;
using SatNode.Ground.Hosting;
using SatNode.Ground.Keys;

namespace SatNode.Ground.Tests.Hosting;

/// <summary>A whole station on free ports with keys of its own: broker over TLS, archive on disk, twins in a real silo, HTTP API.</summary>
internal sealed class TestStation : IAsyncDisposable
{
    public const string Sat = "p10-s03";
    public const string OtherSat = "p10-s04";
    private GroundStation? _station;
    private HttpClient? _http;

    private TestStation(string folder) => Folder = folder;

    public string Folder { get; }

    public string Keys => Path.Combine(Folder, "keys");

    public int MqttPort => _station!.Mqtt.Port;

    public HttpClient Http => _http!;

    /// <summary>Two antennas, and the orbit of <see cref="Sat"/>.</summary>
    public const string Antennas = """
        stations:
          - { name: redu, latitude: 50.002, longitude: 5.148, altitudeMetres: 340, minElevationDegrees: 5 }
          - { name: white-sands, latitude: 32.501, longitude: -106.609, altitudeMetres: 1470, minElevationDegrees: 5 }
        """;

    private const string Tle = """, tle: ["1 00468U          26227.83333333  .00000000  00000+0  00000+0 0    07", "2 00468  53.0000  14.2400 0001200  90.0000  15.6818 15.05581636    00"]""";

    public static async Task<TestStation> StartAsync(double rate = 60, string extra = "", bool withOrbit = false)
    {
        string folder = Directory.CreateTempSubdirectory("satnode-ground-").FullName;
        var station = new TestStation(folder);
        KeyFolder.Create(station.Keys, TimeProvider.System);
        string now = TimeProvider.System.GetUtcNow().ToString("o");
        await File.WriteAllTextAsync(Path.Combine(folder, "ground.yaml"), $$"""
            name: redu
            clock: { epoch: "2026-06-21T12:00:00Z", origin: "{{now}}", rate: {{rate}} }
            mqtt: { port: 0 }
            http: { port: 0 }
            dataFolder: data
            satellites:
              - { name: {{Sat}}, number: 1003{{(withOrbit ? Tle : "")}} }
              - { name: {{OtherSat}}, number: 1004 }
            {{extra}}
            """);
        await station.RestartAsync();
        return station;
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        GroundOptions options = GroundOptionsReader.ReadFile(Path.Combine(Folder, "ground.yaml"));
        _station = await GroundStation.StartAsync(options, TimeProvider.System);
        _http = new HttpClient { BaseAddress = _station.Http };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(Keys, KeyFolder.ApiToken))).Trim());
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        using HttpResponseMessage response = await Http.GetAsync(path);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    public async Task<(int Status, JsonNode Body)> PostAsync(string path, JsonObject body)
    {
        using HttpResponseMessage response = await Http.PostAsJsonAsync(path, body);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    public Task<string> MetricsAsync() => Http.GetStringAsync("metrics");

    /// <summary>Asks until the answer holds, for at most 20 s unless told.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> holds, TimeSpan? patience = null)
    {
        long begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            T answer = await ask();
            if (holds(answer))
                return answer;
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < (patience ?? TimeSpan.FromSeconds(20)), $"never held: {JsonSerializer.Serialize(answer)}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public async Task StopAsync()
    {
        _http?.Dispose();
        if (_station is not null)
            await _station.DisposeAsync();
        _station = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
