using SatNode.Rig.Cloud;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Tests.Cloud;

public sealed class KubeResourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kube").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Reads_each_document_of_a_file()
    {
        IReadOnlyList<KubeResource> resources = Read("# why\n---\napiVersion: v1\nkind: Namespace\nmetadata: { name: orbit }\n---\n"
            + "apiVersion: satnode.dev/v1\nkind: SatelliteFunction\nmetadata: { name: greet, namespace: orbit }\nspec: { image: greet }\n");

        Assert.Equal([("v1", "Namespace", "orbit", "default"), ("satnode.dev/v1", "SatelliteFunction", "greet", "orbit")],
            resources.Select(resource => (resource.ApiVersion, resource.Kind, resource.Name, resource.Namespace)));
        Assert.Contains("image: greet", resources[1].Yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("Namespace", resources[1].Yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("- a list\n", "expected apiVersion, kind and metadata.name in each document")]
    [InlineData("apiVersion: v1\nkind: Namespace\n", "expected apiVersion, kind and metadata.name in each document")]
    [InlineData("apiVersion: v1\nkind: Namespace\nmetadata: { name: [a] }\n", "expected apiVersion, kind and metadata.name in each document")]
    [InlineData("kind: {\n", "not YAML")]
    public void Refuses_what_is_no_resource_with_the_file(string text, string told)
    {
        FlightException fault = Assert.Throws<FlightException>(() => Read(text));
        Assert.StartsWith($"{Path.Combine(_folder, "resource.yaml")}: {told}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_everything_that_a_control_plane_is_given()
    {
        string[] files = [.. Directory.GetFiles(CloudTools.Deploy, "*.yaml", SearchOption.AllDirectories).Where(file => !file.EndsWith("kustomization.yaml", StringComparison.Ordinal)),
            Path.Combine(CloudTools.Recipes, "polaris-crds.yaml")];
        string[] kinds = [.. files.Where(file => !file.Contains("prometheus", StringComparison.Ordinal)).SelectMany(KubeResource.Read).Select(resource => resource.Kind)];
        Assert.Equal(5, kinds.Count(kind => kind is "CustomResourceDefinition"));
        Assert.Contains("Role", kinds);
    }

    private IReadOnlyList<KubeResource> Read(string text)
    {
        string file = Path.Combine(_folder, "resource.yaml");
        File.WriteAllText(file, text);
        return KubeResource.Read(file);
    }
}
