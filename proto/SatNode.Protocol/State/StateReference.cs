using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.State;

/// <summary>Names a state: CDDL <c>state-reference = [key: text, version: uint, holder: uint]</c>.</summary>
/// <param name="Key">1 to 200 characters.</param>
/// <param name="Version">The version; later ones are greater.</param>
/// <param name="Holder">The number of a node that has it.</param>
public readonly record struct StateReference(string Key, ulong Version, ulong Holder)
{
    internal static StateReference Read(CborReader reader)
    {
        reader.Expect(3);
        var reference = new StateReference(ReadKey(reader), reader.ReadUInt64(), reader.ReadUInt64());
        reader.ReadEndArray();
        return reference;
    }

    internal void Write(CborWriter writer)
    {
        writer.WriteStartArray(3);
        writer.WriteTextString(Key);
        writer.WriteUInt64(Version);
        writer.WriteUInt64(Holder);
        writer.WriteEndArray();
    }

    internal static string ReadKey(CborReader reader)
    {
        string key = reader.ReadTextUpTo(StateLimits.MaxKeyLength);
        return key.Length > 0 ? key : throw new WireFormatException("expected a key of at least 1 character, found none");
    }
}

/// <summary>The stage of a workflow that a state starts: CDDL
/// <c>state-trigger = [workflow: text, run: text, stage: text, function: text, deadline: uint, offloads: uint, inputs: [* state-reference], depth: 0..16]</c>.</summary>
/// <param name="Workflow">The workflow's name.</param>
/// <param name="Run">The run's id.</param>
/// <param name="Stage">The stage to start.</param>
/// <param name="Function">The function that the stage runs.</param>
/// <param name="DeadlineMs">DTN time in ms until which the result is of use.</param>
/// <param name="Offloads">How often it was passed on, 0 to 16.</param>
/// <param name="Inputs">The stage's inputs, at most 64.</param>
/// <param name="Depth">How many invocations stand above the stage's in its ancestry; stages of a workflow count as one.</param>
public sealed record StateTrigger(string Workflow, string Run, string Stage, string Function, ulong DeadlineMs, int Offloads, IReadOnlyList<StateReference> Inputs, int Depth)
{
    internal static StateTrigger Read(CborReader reader)
    {
        reader.Expect(8);
        string workflow = reader.ReadTextUpTo(StateLimits.MaxNameLength);
        string run = reader.ReadTextUpTo(StateLimits.MaxNameLength);
        string stage = reader.ReadTextUpTo(StateLimits.MaxNameLength);
        string function = reader.ReadTextUpTo(StateLimits.MaxNameLength);
        ulong deadline = reader.ReadUInt64();
        int offloads = reader.ReadInt32UpTo(StateLimits.MaxOffloads);
        var inputs = new StateReference[reader.ReadStartArrayUpTo(StateLimits.MaxInputs)];
        for (int i = 0; i < inputs.Length; i++)
            inputs[i] = StateReference.Read(reader);
        reader.ReadEndArray();
        int depth = reader.ReadInt32UpTo(StateLimits.MaxDepth);
        reader.ReadEndArray();
        return new(workflow, run, stage, function, deadline, offloads, inputs, depth);
    }

    internal void Write(CborWriter writer)
    {
        writer.WriteStartArray(8);
        writer.WriteTextString(Workflow);
        writer.WriteTextString(Run);
        writer.WriteTextString(Stage);
        writer.WriteTextString(Function);
        writer.WriteUInt64(DeadlineMs);
        writer.WriteInt32(Offloads);
        writer.WriteStartArray(Inputs.Count);
        foreach (StateReference input in Inputs)
            input.Write(writer);
        writer.WriteEndArray();
        writer.WriteInt32(Depth);
        writer.WriteEndArray();
    }
}
