using SatNode.Protocol.Functions;

namespace SatNode.Protocol.Images;

/// <summary>An image in a <see cref="FunctionImageFolder"/>, without its module.</summary>
/// <param name="Outline">All of the image but its module.</param>
/// <param name="Signature">Its signature, see <see cref="ImageSignature"/>; empty when it came without.</param>
/// <param name="Annotations">Words beside it in the index.</param>
public sealed record KeptImage(FunctionImageOutline Outline, ReadOnlyMemory<byte> Signature, IReadOnlyDictionary<string, string> Annotations)
{
    /// <summary>The image's name.</summary>
    public string Digest => Outline.Digest;
}
