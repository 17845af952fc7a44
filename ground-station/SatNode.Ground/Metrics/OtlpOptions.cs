namespace SatNode.Ground.Metrics;

/// <summary>Where the series are sent by OTLP.</summary>
/// <param name="Endpoint">The collector; for http the whole address, <c>/v1/metrics</c> when it has no path.</param>
/// <param name="IsGrpc">True for gRPC, false for HTTP with protobuf.</param>
/// <param name="HeadersFile">A file of lines <c>name: value</c> that are sent along, tokens for example; null for none.</param>
/// <param name="Period">Machine time between two exports; 15 s unless told.</param>
internal sealed record OtlpOptions(Uri Endpoint, bool IsGrpc, string? HeadersFile, TimeSpan Period);
