using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.State;

/// <summary>Asks a holder for a state: CDDL <c>state-request = [2, id: uint, key: text, min-version: uint, reply-to: uint]</c>.</summary>
/// <param name="Id">The asker's number of this request; the reply repeats it.</param>
/// <param name="Key">1 to 200 characters.</param>
/// <param name="MinVersion">The least version of use.</param>
/// <param name="ReplyTo">The number of the node that asks.</param>
public sealed record StateRequest(ulong Id, string Key, ulong MinVersion, ulong ReplyTo) : IStateMessage, ICborMessage<StateRequest>
{
    /// <inheritdoc/>
    public static string MessageName => "state-request";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => 1024;

    /// <inheritdoc/>
    public static StateRequest Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        StateMessage.Begin(reader, 5, StateMessageKind.Request);
        var request = new StateRequest(reader.ReadUInt64(), StateReference.ReadKey(reader), reader.ReadUInt64(), reader.ReadUInt64());
        reader.ReadEndArray();
        return request;
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(5);
        writer.WriteInt32((int)StateMessageKind.Request);
        writer.WriteUInt64(Id);
        writer.WriteTextString(Key);
        writer.WriteUInt64(MinVersion);
        writer.WriteUInt64(ReplyTo);
        writer.WriteEndArray();
    }
}

/// <summary>Answers a <see cref="StateRequest"/>: CDDL <c>state-reply = [3, id: uint, key: text, version: uint, origin: uint, bytes / null]</c>.</summary>
/// <param name="Id">The request's number.</param>
/// <param name="Key">The request's key.</param>
/// <param name="Version">The version found, 0 for none.</param>
/// <param name="Origin">The number of the node that made the state, 0 for none.</param>
/// <param name="Bytes">The state, at most 16 MiB; null when the holder has none of that version or later.</param>
public sealed record StateReply(ulong Id, string Key, ulong Version, ulong Origin, ReadOnlyMemory<byte>? Bytes) : IStateMessage, ICborMessage<StateReply>
{
    /// <inheritdoc/>
    public static string MessageName => "state-reply";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => StateLimits.MaxBytes + StateLimits.MaxOverheadBytes;

    /// <inheritdoc/>
    public static StateReply Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        StateMessage.Begin(reader, 6, StateMessageKind.Reply);
        ulong id = reader.ReadUInt64();
        string key = StateReference.ReadKey(reader);
        ulong version = reader.ReadUpTo(StateLimits.MaxVersion);
        ulong origin = reader.ReadUInt64();
        ReadOnlyMemory<byte>? bytes = null;
        if (reader.PeekState() == CborReaderState.Null)
            reader.ReadNull();
        else
            bytes = reader.ReadBytesUpTo(StateLimits.MaxBytes);
        reader.ReadEndArray();
        return new(id, key, version, origin, bytes);
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(6);
        writer.WriteInt32((int)StateMessageKind.Reply);
        writer.WriteUInt64(Id);
        writer.WriteTextString(Key);
        writer.WriteUInt64(Version);
        writer.WriteUInt64(Origin);
        if (Bytes is { } bytes)
            writer.WriteByteString(bytes.Span);
        else
            writer.WriteNull();
        writer.WriteEndArray();
    }
}
