using System.Text.Json.Serialization;

namespace SatNode.Protocol.Images;

/// <summary>Lists what an artifact is made of. Source: OCI Image Format Specification 1.1, manifest.md.</summary>
/// <param name="SchemaVersion">2.</param>
/// <param name="MediaType">That of a manifest.</param>
/// <param name="Config">The config.</param>
/// <param name="Layers">The layers.</param>
/// <param name="ArtifactType">What it is when the config does not tell.</param>
/// <param name="Subject">The manifest that it is about.</param>
public sealed record OciManifest(
    [property: JsonPropertyName("schemaVersion")] int SchemaVersion,
    [property: JsonPropertyName("mediaType")] string MediaType,
    [property: JsonPropertyName("config")] OciDescriptor Config,
    [property: JsonPropertyName("layers")] IReadOnlyList<OciDescriptor> Layers,
    [property: JsonPropertyName("artifactType"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ArtifactType = null,
    [property: JsonPropertyName("subject"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] OciDescriptor? Subject = null);
