using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.State;

/// <summary>Asks a node to make a function ready that is placed on it, because what it follows is running: CDDL <c>warm-request = [4, function: text]</c>.</summary>
/// <param name="Function">The function's name, 1 to 100 characters.</param>
public sealed record WarmRequest(string Function) : IStateMessage, ICborMessage<WarmRequest>
{
    /// <inheritdoc/>
    public static string MessageName => "warm-request";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => 512;

    /// <inheritdoc/>
    public static WarmRequest Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        StateMessage.Begin(reader, 2, StateMessageKind.Warm);
        string function = reader.ReadTextUpTo(StateLimits.MaxNameLength);
        reader.ReadEndArray();
        return function.Length > 0 ? new(function) : throw new WireFormatException("expected a function's name of at least 1 character, found none");
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(2);
        writer.WriteInt32((int)StateMessageKind.Warm);
        writer.WriteTextString(Function);
        writer.WriteEndArray();
    }
}
