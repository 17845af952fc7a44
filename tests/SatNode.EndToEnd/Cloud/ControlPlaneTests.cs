using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SatNode.EndToEnd.Cloud;

/// <summary>The bench's control plane: it is real, it keeps everybody to their rights, and it comes back.</summary>
[Collection("flights")]
public sealed partial class ControlPlaneTests(BareControlPlane plane) : IClassFixture<BareControlPlane>
{
    private const string Functions = "apis/satnode.dev/v1/namespaces/default/satellitefunctions";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serves_the_resources_of_satellites_and_of_Polaris_and_scales()
    {
        using HttpClient admin = Client(plane.AdministratorKubeconfig);
        using HttpResponseMessage created = await admin.PostAsync(Functions, Json("""{"apiVersion":"satnode.dev/v1","kind":"SatelliteFunction","metadata":{"name":"greet"},"spec":{"image":"greet:1.0.0"}}"""), Stop);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        JsonNode scale = JsonNode.Parse(await admin.GetStringAsync($"{Functions}/greet/scale", Stop))!;
        Assert.Equal(1, (int)scale["spec"]!["replicas"]!);

        JsonArray groups = JsonNode.Parse(await admin.GetStringAsync("apis", Stop))!["groups"]!.AsArray();
        Assert.Contains("slo.polaris-slo-cloud.github.io", groups.Select(group => (string)group!["name"]!));
        Assert.Contains("elasticity.polaris-slo-cloud.github.io", groups.Select(group => (string)group!["name"]!));
    }

    [Fact]
    public async Task Refuses_strangers_and_what_the_bridge_has_no_right_to()
    {
        using HttpClient bridge = Client(plane.BridgeKubeconfig);
        Assert.Equal(HttpStatusCode.OK, (await bridge.GetAsync(Functions, Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await bridge.GetAsync("api/v1/namespaces/default/secrets", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await bridge.PostAsync(Functions, Json("{}"), Stop)).StatusCode);

        bridge.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "guess");
        Assert.Equal(HttpStatusCode.Unauthorized, (await bridge.GetAsync(Functions, Stop)).StatusCode);
    }

    [Fact]
    public async Task A_killed_API_server_comes_back_at_its_address_with_what_it_had()
    {
        using HttpClient admin = Client(plane.AdministratorKubeconfig);
        string body = """{"apiVersion":"satnode.dev/v1","kind":"SatelliteFunction","metadata":{"name":"survivor"},"spec":{"image":"greet:1.0.0","replicas":3}}""";
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync(Functions, Json(body), Stop)).StatusCode);
        plane.KillApiServer();

        long begin = TimeProvider.System.GetTimestamp();
        JsonNode? survivor = null;
        while (survivor is null)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromMinutes(1), "the API server did not come back");
            try
            {
                survivor = JsonNode.Parse(await admin.GetStringAsync($"{Functions}/survivor", Stop));
            }
            catch (HttpRequestException) // it is down, or its rules are not loaded yet
            {
                await Task.Delay(100, Stop);
            }
        }
        Assert.Equal(3, (int)survivor["spec"]!["replicas"]!);
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    /// <summary>A client that trusts the kubeconfig's authority alone.</summary>
    private HttpClient Client(string kubeconfig)
    {
        string text = File.ReadAllText(kubeconfig);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(Authority().Match(text).Groups["data"].Value)));
        var client = new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } }) { BaseAddress = plane.Server };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token().Match(text).Groups["token"].Value);
        return client;
    }

    [GeneratedRegex("certificate-authority-data: (?<data>\\S+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Authority();

    [GeneratedRegex("token: (?<token>\\S+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Token();
}
