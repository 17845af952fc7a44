using System.Formats.Cbor;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Actors;

/// <summary>What an actor with the policy <see cref="ActorPolicyKind.Batch"/> gets as its input: a CBOR array of byte strings, one a message.</summary>
public static class MessageBatch
{
    /// <summary>What the array and the head of each byte string add at most, in bytes: 9 each (RFC 8949, section 3).</summary>
    public const int HeadBytesMax = 9;

    /// <summary>The input for one message.</summary>
    public static byte[] Of(ReadOnlySpan<byte> message)
    {
        var writer = new CborWriter();
        writer.WriteStartArray(1);
        writer.WriteByteString(message);
        writer.WriteEndArray();
        return writer.Encode();
    }
}
