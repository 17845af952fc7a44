using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.State;

/// <summary>A state on its way to the node that will need it: CDDL
/// <c>state-update = [1, key: text, version: uint, origin: uint, state: bytes, state-trigger / null, depth: 0..16]</c>.</summary>
/// <param name="Key">1 to 200 characters.</param>
/// <param name="Version">The version; a store never replaces a greater one by a smaller.</param>
/// <param name="Origin">The number of the node that made the state.</param>
/// <param name="Bytes">The state, at most 16 MiB.</param>
/// <param name="Trigger">The stage that this state starts; null for none.</param>
/// <param name="Depth">How deep in its ancestry the invocation was that wrote it; what the state starts stands one below.</param>
public sealed record StateUpdate(string Key, ulong Version, ulong Origin, ReadOnlyMemory<byte> Bytes, StateTrigger? Trigger, int Depth) : IStateMessage, ICborMessage<StateUpdate>
{
    /// <inheritdoc/>
    public static string MessageName => "state-update";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => StateLimits.MaxBytes + StateLimits.MaxOverheadBytes;

    /// <inheritdoc/>
    public static StateUpdate Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        StateMessage.Begin(reader, 7, StateMessageKind.Update);
        string key = StateReference.ReadKey(reader);
        ulong version = reader.ReadUpTo(StateLimits.MaxVersion);
        ulong origin = reader.ReadUInt64();
        byte[] bytes = reader.ReadBytesUpTo(StateLimits.MaxBytes);
        StateTrigger? trigger = null;
        if (reader.PeekState() == CborReaderState.Null)
            reader.ReadNull();
        else
            trigger = StateTrigger.Read(reader);
        int depth = reader.ReadInt32UpTo(StateLimits.MaxDepth);
        reader.ReadEndArray();
        return new(key, version, origin, bytes, trigger, depth);
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(7);
        writer.WriteInt32((int)StateMessageKind.Update);
        writer.WriteTextString(Key);
        writer.WriteUInt64(Version);
        writer.WriteUInt64(Origin);
        writer.WriteByteString(Bytes.Span);
        if (Trigger is null)
            writer.WriteNull();
        else
            Trigger.Write(writer);
        writer.WriteInt32(Depth);
        writer.WriteEndArray();
    }
}
