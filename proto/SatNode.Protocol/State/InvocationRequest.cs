using System.Formats.Cbor;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Time;

namespace SatNode.Protocol.State;

/// <summary>Hands an invocation over to another node: CDDL
/// <c>invocation-request = [workflow: text, run: text, stage: text, function: text, state-reference, deadline: uint, offloads: 0..16]</c>.</summary>
/// <param name="Workflow">The workflow's name.</param>
/// <param name="Run">The run's id.</param>
/// <param name="Stage">The stage to run.</param>
/// <param name="Function">The function's name.</param>
/// <param name="Input">The input state, and the node that has it.</param>
/// <param name="Deadline">Until when the result is of use.</param>
/// <param name="Offloads">How often the invocation was passed on, this time included.</param>
public sealed record InvocationRequest(string Workflow, string Run, string Stage, string Function, StateReference Input, DtnTime Deadline, int Offloads)
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
        reader.Expect(7);
        var request = new InvocationRequest(
            reader.ReadTextUpTo(StateLimits.MaxNameLength), reader.ReadTextUpTo(StateLimits.MaxNameLength), reader.ReadTextUpTo(StateLimits.MaxNameLength),
            reader.ReadTextUpTo(StateLimits.MaxNameLength), StateReference.Read(reader), new(reader.ReadUInt64()), reader.ReadInt32UpTo(StateLimits.MaxOffloads));
        reader.ReadEndArray();
        return request;
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(7);
        writer.WriteTextString(Workflow);
        writer.WriteTextString(Run);
        writer.WriteTextString(Stage);
        writer.WriteTextString(Function);
        Input.Write(writer);
        writer.WriteUInt64(Deadline.Milliseconds);
        writer.WriteInt32(Offloads);
        writer.WriteEndArray();
    }
}
