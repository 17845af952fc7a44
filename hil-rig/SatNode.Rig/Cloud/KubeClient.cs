using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Cloud;

/// <summary>The Kubernetes API as far as the bench needs it: applies resources as <c>kubectl apply --server-side</c> does, and reads.</summary>
internal sealed class KubeClient : IDisposable
{
    private static readonly TimeSpan ServedWithin = TimeSpan.FromSeconds(20); // a kind is served a moment after its definition was accepted
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http;
    private readonly X509Certificate2Collection _authorities = [];
    private readonly TimeProvider _machine;

    /// <summary>Creates the client.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="authorities">The certificates that it is trusted by, PEM.</param>
    /// <param name="token">The bearer token.</param>
    /// <param name="machine">The machine's clock.</param>
    public KubeClient(Uri server, string authorities, string token, TimeProvider machine)
    {
        _machine = machine;
        _authorities.ImportFromPem(authorities);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.AddRange(_authorities);
        _http = new(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust } }) { BaseAddress = server, Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>True when the API server serves.</summary>
    public async Task<bool> IsReady(CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync(new Uri("readyz", UriKind.Relative), cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return false; // it does not listen yet, or is too busy to answer
        }
    }

    /// <summary>Applies resources.</summary>
    /// <exception cref="FlightException">The API server refused one.</exception>
    public async Task Apply(IEnumerable<KubeResource> resources, CancellationToken cancellation)
    {
        foreach (KubeResource resource in resources)
        {
            var uri = new Uri($"{await PathOf(resource, cancellation)}?fieldManager=satnode-rig&force=true", UriKind.Relative);
            using var request = new HttpRequestMessage(HttpMethod.Patch, uri) { Content = new StringContent(resource.Yaml, Encoding.UTF8) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/apply-patch+yaml");
            using HttpResponseMessage answer = await _http.SendAsync(request, cancellation);
            if (!answer.IsSuccessStatusCode)
                throw new FlightException($"{resource.File}: {resource.Kind} {resource.Name}: the API server refuses it: {await Reason(answer, cancellation)}");
        }
    }

    /// <summary>Reads an object, or null when there is none.</summary>
    public async Task<JsonNode?> Get(string path, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellation);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        if (!answer.IsSuccessStatusCode)
            throw new FlightException($"kubernetes: {path}: {await Reason(answer, cancellation)}");
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellation));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        foreach (X509Certificate2 authority in _authorities)
            authority.Dispose();
    }

    private async Task<string> PathOf(KubeResource resource, CancellationToken cancellation)
    {
        string group = resource.ApiVersion.Contains('/', StringComparison.Ordinal) ? $"apis/{resource.ApiVersion}" : $"api/{resource.ApiVersion}";
        long begin = _machine.GetTimestamp();
        while (true)
        {
            JsonArray kinds = (await Get(group, cancellation))?["resources"]?.AsArray() ?? [];
            if (kinds.FirstOrDefault(kind => kind!["kind"]!.GetValue<string>() == resource.Kind && !kind["name"]!.GetValue<string>().Contains('/', StringComparison.Ordinal)) is { } found)
            {
                string plural = found["name"]!.GetValue<string>();
                return found["namespaced"]!.GetValue<bool>() ? $"{group}/namespaces/{resource.Namespace}/{plural}/{resource.Name}" : $"{group}/{plural}/{resource.Name}";
            }
            if (_machine.GetElapsedTime(begin) > ServedWithin)
                throw new FlightException($"{resource.File}: the API server serves no {resource.Kind} of {resource.ApiVersion}");
            await Task.Delay(Poll, _machine, cancellation);
        }
    }

    private static async Task<string> Reason(HttpResponseMessage answer, CancellationToken cancellation)
    {
        string text = await answer.Content.ReadAsStringAsync(cancellation);
        try
        {
            return JsonNode.Parse(text)?["message"]?.GetValue<string>() ?? $"{(int)answer.StatusCode}";
        }
        catch (JsonException)
        {
            return $"{(int)answer.StatusCode} {text}";
        }
    }
}
