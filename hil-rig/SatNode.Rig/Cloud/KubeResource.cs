using SatNode.Rig.Scenarios.Flight;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SatNode.Rig.Cloud;

/// <summary>A Kubernetes resource as it stands in a file.</summary>
/// <param name="File">The file, as the user named it.</param>
/// <param name="ApiVersion">For example <c>satnode.dev/v1</c>.</param>
/// <param name="Kind">For example <c>SatelliteFunction</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace, <c>default</c> unless told.</param>
/// <param name="Yaml">The text.</param>
internal sealed record KubeResource(string File, string ApiVersion, string Kind, string Name, string Namespace, string Yaml)
{
    /// <summary>The most bytes of a file.</summary>
    public const int FileBytesMax = 1024 * 1024;

    /// <summary>Reads the resources of a file, of which each is a document.</summary>
    /// <exception cref="FlightException">One is no resource.</exception>
    public static IReadOnlyList<KubeResource> Read(string file)
    {
        if (new FileInfo(file) is not { Exists: true, Length: <= FileBytesMax })
            throw new FlightException($"{file}: expected a file of at most {FileBytesMax} bytes");
        List<KubeResource> resources = [];
        foreach (string text in System.IO.File.ReadAllText(file).ReplaceLineEndings("\n").Split("\n---\n"))
        {
            var stream = new YamlStream();
            try
            {
                stream.Load(new StringReader(text));
            }
            catch (YamlException fault)
            {
                throw new FlightException($"{file}: not YAML: {fault.Message}", fault);
            }
            if (stream.Documents.Count == 0)
                continue; // comments alone
            if (stream.Documents[0].RootNode is not YamlMappingNode root || root.Text("apiVersion") is not { } apiVersion || root.Text("kind") is not { } kind
                || root.Map("metadata") is not { } metadata || metadata.Text("name") is not { } name)
            {
                throw new FlightException($"{file}: expected apiVersion, kind and metadata.name in each document");
            }
            resources.Add(new(file, apiVersion, kind, name, metadata.Text("namespace") ?? "default", text));
        }
        return resources;
    }
}

/// <summary>Looks into YAML maps.</summary>
internal static class YamlMappings
{
    public static string? Text(this YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? value) ? (value as YamlScalarNode)?.Value : null;

    public static YamlMappingNode? Map(this YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? value) ? value as YamlMappingNode : null;
}
