using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.State;

/// <summary>Kinds of messages to the state service, the first item of each.</summary>
public enum StateMessageKind
{
    /// <summary><see cref="StateUpdate"/>.</summary>
    Update = 1,

    /// <summary><see cref="StateRequest"/>.</summary>
    Request = 2,

    /// <summary><see cref="StateReply"/>.</summary>
    Reply = 3,

    /// <summary><see cref="WarmRequest"/>.</summary>
    Warm = 4,
}

/// <summary>A message to the state service.</summary>
public interface IStateMessage;

/// <summary>Reads whichever message the state service receives.</summary>
public static class StateMessage
{
    /// <summary>Decodes an update, a request, a reply or a request to warm.</summary>
    /// <exception cref="WireFormatException">The bytes are none of them.</exception>
    public static IStateMessage Decode(ReadOnlyMemory<byte> encoded)
    {
        if (encoded.Length < 2)
            throw new WireFormatException($"state: expected at least 2 bytes, found {encoded.Length}; dropped");
        return encoded.Span[1] switch // kinds are below 24: one byte after the array's head
        {
            (byte)StateMessageKind.Update => CborDecoder.Decode<StateUpdate>(encoded),
            (byte)StateMessageKind.Request => CborDecoder.Decode<StateRequest>(encoded),
            (byte)StateMessageKind.Reply => CborDecoder.Decode<StateReply>(encoded),
            (byte)StateMessageKind.Warm => CborDecoder.Decode<WarmRequest>(encoded),
            byte kind => throw new WireFormatException($"state: byte 1: expected kind 1 to 4, found 0x{kind:x2}; dropped"),
        };
    }

    internal static void Begin(CborReader reader, int items, StateMessageKind kind)
    {
        reader.Expect(items);
        ulong found = reader.ReadUInt64();
        if (found != (ulong)kind)
            throw new WireFormatException($"expected kind {(int)kind}, found {found}");
    }
}
