using System.Formats.Cbor;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Time;

namespace SatNode.Protocol.State;

/// <summary>Hands an invocation over to another node: CDDL
/// <c>invocation-request = [workflow: text, run: text, stage: text, function: text, state-reference, deadline: uint, offloads: 0..16, depth: 0..16]</c>.</summary>
/// <param name="Workflow">The workflow's name.</param>
/// <param name="Run">The run's id.</param>
/// <param name="Stage">The stage to run.</param>
/// <param name="Function">The function's name.</param>
/// <param name="Input">The input state, and the node that has it.</param>
/// <param name="Deadline">Until when the result is of use.</param>
/// <param name="Offloads">How often the invocation was passed on, this time included.</param>
/// <param name="Depth">How many invocations stand above it in its ancestry.</param>
public sealed record InvocationRequest(string Workflow, string Run, string Stage, string Function, StateReference Input, DtnTime Deadline, int Offloads, int Depth)
    : ICborMessage<InvocationRequest>
{
    /// <inheritdoc/>
    public static string MessageName => "invocation-request";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => 4096;

    /// <inheritdoc/>
    public static InvocationRequest Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        reader.Expect(8);
        var request = new InvocationRequest(
            reader.ReadTextUpTo(StateLimits.MaxNameLength), reader.ReadTextUpTo(StateLimits.MaxNameLength), reader.ReadTextUpTo(StateLimits.MaxNameLength),
            reader.ReadTextUpTo(StateLimits.MaxNameLength), StateReference.Read(reader), new(reader.ReadUInt64()), reader.ReadInt32UpTo(StateLimits.MaxOffloads),
            reader.ReadInt32UpTo(StateLimits.MaxDepth));
        reader.ReadEndArray();
        return request;
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(8);
        writer.WriteTextString(Workflow);
        writer.WriteTextString(Run);
        writer.WriteTextString(Stage);
        writer.WriteTextString(Function);
        Input.Write(writer);
        writer.WriteUInt64(Deadline.Milliseconds);
        writer.WriteInt32(Offloads);
        writer.WriteInt32(Depth);
        writer.WriteEndArray();
    }
}
