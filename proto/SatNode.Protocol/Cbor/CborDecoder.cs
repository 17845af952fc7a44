using System.Formats.Cbor;

namespace SatNode.Protocol.Cbor;

/// <summary>The one gate for CBOR from outside: bounds the length, refuses trailing bytes, and turns every parser's exception into a
/// <see cref="WireFormatException"/> with the message's name and the offset.</summary>
public static class CborDecoder
{
    /// <summary>Decodes exactly one message from all of <paramref name="encoded"/>.</summary>
    /// <exception cref="WireFormatException">The bytes are not one well-formed message of this kind.</exception>
    public static T Decode<T>(ReadOnlyMemory<byte> encoded) where T : ICborMessage<T>
    {
        if (encoded.Length > T.MaxEncodedBytes)
            throw new WireFormatException($"{T.MessageName}: expected at most {T.MaxEncodedBytes} bytes, found {encoded.Length}; dropped");
        var reader = new CborReader(encoded, CborConformanceMode.Strict);
        try
        {
            T message = T.Read(reader);
            if (reader.BytesRemaining != 0)
                throw new WireFormatException($"expected the end, found {reader.BytesRemaining} bytes more");
            return message;
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException or WireFormatException
            or ArgumentException or FormatException)
        {
            throw new WireFormatException(
                $"{T.MessageName}: byte {encoded.Length - reader.BytesRemaining} of {encoded.Length}: {e.Message.TrimEnd('.')}; dropped", e);
        }
    }

    /// <summary>Encodes a message to a new array.</summary>
    public static byte[] Encode<T>(this T message) where T : ICborMessage<T>
    {
        var writer = new CborWriter(CborConformanceMode.Strict);
        message.Write(writer);
        return writer.Encode();
    }
}
