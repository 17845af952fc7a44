using System.Text.Json.Serialization;

namespace SatNode.Protocol.Images;

/// <summary>Lists the manifests of a layout. Source: OCI Image Format Specification 1.1, image-index.md.</summary>
/// <param name="SchemaVersion">2.</param>
/// <param name="Manifests">The manifests.</param>
public sealed record OciIndex(
    [property: JsonPropertyName("schemaVersion")] int SchemaVersion,
    [property: JsonPropertyName("manifests")] IReadOnlyList<OciDescriptor> Manifests);
