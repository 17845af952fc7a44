using System.Text.Json;
using System.Text.Json.Serialization;

namespace SatNode.Protocol.Images;

/// <summary>Reads OCI's JSON strictly: what is unknown, missing, twice there or null is refused.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, MaxDepth = 8)]
[JsonSerializable(typeof(OciIndex))]
[JsonSerializable(typeof(OciManifest))]
internal sealed partial class OciJson : JsonSerializerContext;
