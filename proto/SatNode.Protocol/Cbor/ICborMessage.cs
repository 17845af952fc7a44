using System.Formats.Cbor;

namespace SatNode.Protocol.Cbor;

/// <summary>A message with one CBOR encoding (RFC 8949), read only through <see cref="CborDecoder"/>.</summary>
/// <typeparam name="TSelf">The message itself.</typeparam>
public interface ICborMessage<TSelf> where TSelf : ICborMessage<TSelf>
{
    /// <summary>The message's name in error texts and in the CDDL, for example <c>housekeeping</c>.</summary>
    static abstract string MessageName { get; }

    /// <summary>The largest encoding that is looked at, in bytes; a longer one is refused unread.</summary>
    static abstract int MaxEncodedBytes { get; }

    /// <summary>Reads one message. Throws the reader's exceptions and <see cref="WireFormatException"/>; the gate turns all into the latter.</summary>
    static abstract TSelf Read(CborReader reader);

    /// <summary>Writes the message in its one encoding.</summary>
    void Write(CborWriter writer);
}
