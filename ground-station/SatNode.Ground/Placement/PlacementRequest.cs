using SatNode.Protocol.Functions;

namespace SatNode.Ground.Placement;

/// <summary>What a place is sought for.</summary>
/// <param name="Manifest">The function.</param>
/// <param name="Now">World time.</param>
/// <param name="Satellites">Only these; null for all.</param>
internal sealed record PlacementRequest(FunctionManifest Manifest, DateTimeOffset Now, IReadOnlySet<string>? Satellites = null);
