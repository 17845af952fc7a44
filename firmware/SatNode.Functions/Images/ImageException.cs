namespace SatNode.Functions.Images;

/// <summary>Why an image was refused.</summary>
public enum ImageFault
{
    /// <summary>What was sent is not what it should be, or is not signed by a trusted key.</summary>
    Refused = 0,

    /// <summary>It is not on the node, or not all of it.</summary>
    NotFound,

    /// <summary>There is no room, or the disk refused.</summary>
    NoRoom,
}

/// <summary>An image is refused; the message says where, what was expected and found, and what now.</summary>
/// <param name="fault">Why.</param>
/// <param name="message">The same in words.</param>
public sealed class ImageException(ImageFault fault, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public ImageFault Fault { get; } = fault;
}
