namespace SatNode.Protocol;

/// <summary>Bytes from outside that are not what they claim to be. The only exception that a decoder of this library throws for bad input.
/// The text says where, what was expected, what was found, and what happens now.</summary>
public sealed class WireFormatException : Exception
{
    /// <summary>Creates the exception with a text such as <c>bundle: byte 12: expected a text string, found an array; dropped</c>.</summary>
    public WireFormatException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception around the parser's own.</summary>
    public WireFormatException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
