using SatNode.Protocol.Functions;

namespace SatNode.Ground.Cloud;

/// <summary>What the image of a spec means.</summary>
/// <param name="Function">The function's name; also known without an image when it was resolved before.</param>
/// <param name="Digest">The image to deploy, with the limits of spec applied; null when there is none.</param>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Reason">In one word, as a condition's reason.</param>
/// <param name="Message">What to do, or what was found.</param>
internal sealed record ImageResolution(string? Function, string? Digest, FunctionManifest? Manifest, string Reason, string Message);
