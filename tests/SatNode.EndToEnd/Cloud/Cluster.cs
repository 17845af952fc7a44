using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using SatNode.Ground.Tests.Hosting;

namespace SatNode.EndToEnd.Cloud;

/// <summary>The cluster as its administrator works with it.</summary>
internal sealed class Cluster : IDisposable
{
    private const string Group = "satnode.dev";
    private readonly Kubernetes _kubernetes;

    public Cluster(string kubeconfig) => _kubernetes = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));

    public Kubernetes Client => _kubernetes;

    public void Dispose() => _kubernetes.Dispose();

    /// <summary>Makes a function; its spec as JSON.</summary>
    public Task ApplyAsync(string name, string spec) => _kubernetes.CustomObjects.CreateNamespacedCustomObjectAsync(new JsonObject
    {
        ["apiVersion"] = $"{Group}/v1",
        ["kind"] = "SatelliteFunction",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = JsonNode.Parse(spec),
    }, Group, "v1", "default", "satellitefunctions");

    /// <summary>Changes a function.</summary>
    public Task PatchAsync(string name, string patch) => _kubernetes.CustomObjects.PatchNamespacedCustomObjectAsync(new V1Patch(patch, V1Patch.PatchType.MergePatch), Group, "v1", "default",
        "satellitefunctions", name);

    /// <summary>Scales as an elasticity controller does.</summary>
    public Task ScaleAsync(string name, int replicas) => _kubernetes.CustomObjects.PatchNamespacedCustomObjectScaleAsync(
        new V1Patch($$$"""{"spec":{"replicas":{{{replicas}}}}}""", V1Patch.PatchType.MergePatch), Group, "v1", "default", "satellitefunctions", name);

    public Task DeleteAsync(string name) => _kubernetes.CustomObjects.DeleteNamespacedCustomObjectAsync(Group, "v1", "default", "satellitefunctions", name);

    /// <summary>An object, or null when there is none; also null while the server is down.</summary>
    public async Task<JsonNode?> FindAsync(string plural, string name)
    {
        try
        {
            return JsonNode.Parse(((JsonElement)await _kubernetes.CustomObjects.GetNamespacedCustomObjectAsync(Group, "v1", "default", plural, name)).GetRawText());
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException) // it comes back, its rules a moment later
        {
            return JsonNode.Parse("{}");
        }
    }

    /// <summary>Waits until a function's condition has a reason, and returns the object.</summary>
    public Task<JsonNode?> UntilAsync(string name, string condition, string reason) => TestStation.UntilAsync(() => FindAsync("satellitefunctions", name),
        found => (string?)Condition(found, condition)?["reason"] == reason && (long?)found!["metadata"]!["generation"] == (long?)found["status"]!["observedGeneration"]);

    /// <summary>A condition of an object.</summary>
    public static JsonNode? Condition(JsonNode? found, string type) => (found?["status"]?["conditions"] as JsonArray)?.FirstOrDefault(condition => (string?)condition!["type"] == type);

    /// <summary>Removes what other tests left, whoever holds it.</summary>
    public async Task CleanAsync()
    {
        JsonNode list = JsonNode.Parse(((JsonElement)await _kubernetes.CustomObjects.ListNamespacedCustomObjectAsync(Group, "v1", "default", "satellitefunctions")).GetRawText())!;
        foreach (JsonNode? item in list["items"]!.AsArray())
        {
            string name = (string)item!["metadata"]!["name"]!;
            await PatchAsync(name, """{"metadata":{"finalizers":null}}""");
            await DeleteAsync(name);
        }
    }
}
