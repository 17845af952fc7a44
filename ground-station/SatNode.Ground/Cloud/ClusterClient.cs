using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Exceptions;
using k8s.Models;
using SatNode.Ground.Cloud.Resources;

namespace SatNode.Ground.Cloud;

/// <summary>The cluster is not there, or does not let us do what we must. The text says what and where, in one line.</summary>
internal sealed class ClusterException(string text, bool isConflict = false, Exception? inner = null) : Exception(text, inner)
{
    /// <summary>True when the object changed or went meanwhile: look again.</summary>
    public bool IsConflict => isConflict;
}

/// <summary>The calls that the bridge makes to the API server, each with a time limit, counted and timed.</summary>
internal sealed class ClusterClient : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);

    /// <summary>The server ends a watch after so long, and we list again: what a watch may have missed is found.</summary>
    private const int WatchSeconds = 300;

    /// <summary>Machine time after which a watch is given up: its connection is dead although nobody said so.</summary>
    private static readonly TimeSpan WatchMax = TimeSpan.FromSeconds(WatchSeconds + 30);

    private const int ListMax = 1000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new UtcTime() } };
    private readonly Kubernetes _kubernetes;
    private readonly string _host;
    private readonly string _namespace;
    private readonly BridgeMetrics _metrics;
    private readonly TimeProvider _time;

    private ClusterClient(Kubernetes kubernetes, string host, string @namespace, BridgeMetrics metrics, TimeProvider time) =>
        (_kubernetes, _host, _namespace, _metrics, _time) = (kubernetes, host, @namespace, metrics, time);

    /// <summary>Reads the kubeconfig. Connects to nothing yet.</summary>
    /// <exception cref="ClusterException">The file is not there, or not a kubeconfig with a cluster and a user, or it asks not to verify TLS.</exception>
    public static ClusterClient Open(CloudOptions options, BridgeMetrics metrics, TimeProvider time)
    {
        try
        {
            KubernetesClientConfiguration configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(options.Kubeconfig, options.Context);
            if (configuration.SkipTlsVerify)
                throw new ClusterException($"{options.Kubeconfig}: insecure-skip-tls-verify: expected the cluster's certificate authority, for commands follow from what it says");
            if (!Uri.TryCreate(configuration.Host, UriKind.Absolute, out Uri? host) || host.Scheme != Uri.UriSchemeHttps)
                throw new ClusterException($"{options.Kubeconfig}: server: expected an https address, found '{configuration.Host}'");
            configuration.HttpClientTimeout = Timeout.InfiniteTimeSpan; // a watch is one long answer; every other call has CallTimeout
            return new(new Kubernetes(configuration), configuration.Host, options.Namespace, metrics, time);
        }
        catch (KubeConfigException e)
        {
            throw new ClusterException($"{options.Kubeconfig}: {OneLine(e.Message)}", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or YamlDotNet.Core.YamlException or FormatException or ArgumentException or InvalidOperationException
            or NotSupportedException or System.Security.Cryptography.CryptographicException)
        {
            throw new ClusterException($"{options.Kubeconfig}: expected a kubeconfig: {OneLine(e.Message)}", inner: e);
        }
    }

    public void Dispose() => _kubernetes.Dispose();

    /// <summary>All functions, and the version at which they were listed.</summary>
    public Task<ObjectList<SatelliteFunctionObject>> ListFunctionsAsync(CancellationToken cancellation) => ListAsync<SatelliteFunctionObject>(SatelliteFunctionObject.Plural, cancellation);

    /// <summary>All satellites.</summary>
    public Task<ObjectList<SatelliteObject>> ListSatellitesAsync(CancellationToken cancellation) => ListAsync<SatelliteObject>(SatelliteObject.Plural, cancellation);

    /// <summary>Changes of functions after a version, until the server ends the watch. Then, and whatever ended it, list again.</summary>
    /// <exception cref="ClusterException">The server is gone or refused.</exception>
    public async IAsyncEnumerable<(bool IsGone, SatelliteFunctionObject Function)> WatchFunctionsAsync(string version,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(WatchMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        IAsyncEnumerator<(WatchEventType Type, object Body)> changes = _kubernetes.CustomObjects.WatchListNamespacedCustomObjectAsync(ApiNames.Group, ApiNames.Version, _namespace,
            SatelliteFunctionObject.Plural, resourceVersion: version, timeoutSeconds: WatchSeconds, cancellationToken: either.Token).GetAsyncEnumerator(either.Token);
        await using (changes)
        {
            while (true)
            {
                try
                {
                    if (!await changes.MoveNextAsync())
                        yield break;
                }
                catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
                {
                    throw new ClusterException($"{_host}: watch {SatelliteFunctionObject.Plural}: not ended by the server within {WatchMax.TotalSeconds:0} s", inner: e);
                }
                catch (Exception e) when (IsFault(e, cancellation))
                {
                    throw Fault("watch", SatelliteFunctionObject.Plural, null, e);
                }
                (WatchEventType type, object body) = changes.Current;
                if (type is WatchEventType.Error or WatchEventType.Bookmark || body is not JsonElement json)
                    yield break; // 410 Gone among them: our version is too old
                yield return (type == WatchEventType.Deleted, Read<SatelliteFunctionObject>(json));
            }
        }
    }

    /// <summary>Holds a function until it is off the satellites, or lets it go.</summary>
    public Task SetFinalizersAsync(SatelliteFunctionObject function, IEnumerable<string> finalizers, CancellationToken cancellation) =>
        PatchAsync(SatelliteFunctionObject.Plural, function.Metadata.Name, isStatus: false, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = function.Metadata.ResourceVersion, // finalizers of others are in the same list
                ["finalizers"] = new JsonArray([.. finalizers.Select(finalizer => (JsonNode)finalizer)]),
            },
        }, cancellation);

    /// <summary>Writes a function's status.</summary>
    public Task WriteStatusAsync(string name, SatelliteFunctionStatus status, CancellationToken cancellation) =>
        PatchAsync(SatelliteFunctionObject.Plural, name, isStatus: true, new JsonObject { ["status"] = JsonSerializer.SerializeToNode(status, Json) }, cancellation);

    /// <summary>Writes a satellite's status.</summary>
    public Task WriteStatusAsync(string name, SatelliteStatus status, CancellationToken cancellation) =>
        PatchAsync(SatelliteObject.Plural, name, isStatus: true, new JsonObject { ["status"] = JsonSerializer.SerializeToNode(status, Json) }, cancellation);

    /// <summary>Corrects what a satellite is configured with.</summary>
    public Task WriteSpecAsync(string name, SatelliteSpec spec, CancellationToken cancellation) =>
        PatchAsync(SatelliteObject.Plural, name, isStatus: false, new JsonObject { ["spec"] = JsonSerializer.SerializeToNode(spec, Json) }, cancellation);

    /// <summary>Makes a satellite's object.</summary>
    public Task CreateSatelliteAsync(string name, SatelliteSpec spec, CancellationToken cancellation)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = $"{ApiNames.Group}/{ApiNames.Version}",
            ["kind"] = "Satellite",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject { ["number"] = spec.Number },
        };
        if (spec.Tle is { } lines)
            body["spec"]!["tle"] = new JsonArray([.. lines.Select(line => (JsonNode)line)]);
        return CallAsync("create", SatelliteObject.Plural, name, token => _kubernetes.CustomObjects.CreateNamespacedCustomObjectAsync(body, ApiNames.Group, ApiNames.Version, _namespace,
            SatelliteObject.Plural, cancellationToken: token), cancellation);
    }

    private Task<ObjectList<T>> ListAsync<T>(string plural, CancellationToken cancellation) => CallAsync("list", plural, null, async token =>
    {
        List<T> items = [];
        string? next = null;
        ObjectList<T> page;
        do
        {
            object answer = await _kubernetes.CustomObjects.ListNamespacedCustomObjectAsync(ApiNames.Group, ApiNames.Version, _namespace, plural,
                continueParameter: next, limit: ListMax, cancellationToken: token);
            page = Read<ObjectList<T>>((JsonElement)answer);
            items.AddRange(page.Items);
            next = page.Metadata.ContinueProperty;
        }
        while (!string.IsNullOrEmpty(next));
        return new ObjectList<T>(page.Metadata, items);
    }, cancellation);

    private Task<object> PatchAsync(string plural, string name, bool isStatus, JsonObject body, CancellationToken cancellation)
    {
        var patch = new V1Patch(body.ToJsonString(), V1Patch.PatchType.MergePatch);
        return CallAsync(isStatus ? "patch-status" : "patch", plural, name, token => isStatus
            ? _kubernetes.CustomObjects.PatchNamespacedCustomObjectStatusAsync(patch, ApiNames.Group, ApiNames.Version, _namespace, plural, name, cancellationToken: token)
            : _kubernetes.CustomObjects.PatchNamespacedCustomObjectAsync(patch, ApiNames.Group, ApiNames.Version, _namespace, plural, name, cancellationToken: token), cancellation);
    }

    private async Task<T> CallAsync<T>(string verb, string plural, string? name, Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(CallTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        long started = _time.GetTimestamp();
        try
        {
            T answer = await call(either.Token);
            _metrics.Called(verb, plural, "ok", _time.GetElapsedTime(started));
            return answer;
        }
        catch (Exception e) when (IsFault(e, cancellation))
        {
            _metrics.Called(verb, plural, e is HttpOperationException { Response: { } response } ? ((int)response.StatusCode).ToString() : "no-answer", _time.GetElapsedTime(started));
            throw Fault(verb, plural, name, e);
        }
    }

    /// <summary>What a server, a network or a wrong answer can do to a call; our own stop is none of them.</summary>
    private static bool IsFault(Exception e, CancellationToken stop) => e is HttpOperationException or HttpRequestException or IOException or JsonException or KubernetesException
        or System.Security.Authentication.AuthenticationException or System.Net.Sockets.SocketException || (e is OperationCanceledException && !stop.IsCancellationRequested);

    private ClusterException Fault(string verb, string plural, string? name, Exception e)
    {
        string what = $"{_host}: {verb} {plural}{(name is null ? "" : " " + name)}";
        if (e is HttpOperationException { Response: { } response })
        {
            string reason = MessageOf(response.Content) ?? response.ReasonPhrase ?? "";
            bool isConflict = name is not null && (response.StatusCode == HttpStatusCode.Conflict || (response.StatusCode == HttpStatusCode.NotFound && verb != "create"));
            return new($"{what}: {(int)response.StatusCode} {OneLine(reason)}", isConflict, e);
        }
        return new(e is OperationCanceledException ? $"{what}: no answer within {CallTimeout.TotalSeconds} s" : $"{what}: {OneLine(Deepest(e).Message)}", inner: e);
    }

    /// <summary>The cause: that a connection could not be made says less than why.</summary>
    private static Exception Deepest(Exception e) => e.InnerException is { } inner and not OperationCanceledException ? Deepest(inner) : e;

    private static string? MessageOf(string? content)
    {
        try
        {
            return content is { Length: > 0 } ? (JsonNode.Parse(content) as JsonObject)?["message"]?.GetValue<string>() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // not an answer of Kubernetes
        {
            return null;
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();

    private static T Read<T>(JsonElement json) => json.Deserialize<T>(Json) ?? throw new JsonException("expected an object, found null");

    /// <summary>Times as Kubernetes writes them: in UTC, with a Z.</summary>
    private sealed class UtcTime : System.Text.Json.Serialization.JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value.UtcDateTime);
    }
}
