using System.Text.Json.Serialization;

namespace SatNode.Protocol.Images;

/// <summary>Names a blob. Source: OCI Image Format Specification 1.1, descriptor.md.</summary>
/// <param name="MediaType">What the blob is.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="ArtifactType">What an artifact is; null for anything else.</param>
/// <param name="Annotations">Words beside it.</param>
public sealed record OciDescriptor(
    [property: JsonPropertyName("mediaType")] string MediaType,
    [property: JsonPropertyName("digest")] string Digest,
    [property: JsonPropertyName("size")] long Size,
    [property: JsonPropertyName("artifactType"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ArtifactType = null,
    [property: JsonPropertyName("annotations"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? Annotations = null);
