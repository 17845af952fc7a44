using System.Formats.Cbor;
using System.Security.Cryptography;

namespace SatNode.Protocol.Dictionary;

/// <summary>The dictionary as a whole: what agent and ground must agree on before a telecommand is obeyed.</summary>
public static class MissionDictionary
{
    /// <summary>SHA-256 over the canonical encoding of everything that changes a meaning: numbers, names, units, arguments and ranges; not descriptions.</summary>
    public static ReadOnlyMemory<byte> Digest { get; } = Compute();

    private static byte[] Compute()
    {
        var writer = new CborWriter(CborConformanceMode.Strict);
        writer.WriteStartArray(3);
        writer.WriteStartArray(Parameters.All.Count);
        foreach (ParameterDefinition parameter in Parameters.All)
        {
            writer.WriteStartArray(3);
            writer.WriteUInt32(parameter.Id);
            writer.WriteTextString(parameter.Name);
            writer.WriteInt32((int)parameter.Unit);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
        writer.WriteStartArray(Events.All.Count);
        foreach (EventDefinition definition in Events.All)
        {
            writer.WriteStartArray(3 + definition.Arguments.Count);
            writer.WriteUInt32(definition.Id);
            writer.WriteTextString(definition.Name);
            writer.WriteInt32((int)definition.Severity);
            foreach (string argument in definition.Arguments)
                writer.WriteTextString(argument);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
        writer.WriteStartArray(Commands.All.Count);
        foreach (CommandDefinition command in Commands.All)
        {
            writer.WriteStartArray(1 + (4 * command.Arguments.Count));
            writer.WriteTextString(command.Name);
            foreach (ArgumentDefinition argument in command.Arguments)
            {
                writer.WriteTextString(argument.Name);
                writer.WriteInt32((int)argument.Type);
                writer.WriteDouble(argument.Min);
                writer.WriteDouble(argument.Max);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
        writer.WriteEndArray();
        return SHA256.HashData(writer.Encode());
    }
}
