using System.Formats.Cbor;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;

namespace SatNode.Protocol.Telemetry;

/// <summary>An event that happened, <c>[id: uint, severity: uint, [* argument]]</c>.</summary>
/// <param name="EventId">The event's number in the dictionary; an unknown number is kept.</param>
/// <param name="Severity">How bad it is, as the sender's dictionary says.</param>
/// <param name="Arguments">The values, in the order of the definition's names.</param>
public sealed record EventReport(ushort EventId, Severity Severity, IReadOnlyList<ArgumentValue> Arguments) : ICborMessage<EventReport>
{
    /// <summary>The most arguments.</summary>
    public const int MaxArguments = 16;

    /// <inheritdoc/>
    public static string MessageName => "event";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => 16 * 1024;

    /// <summary>The value of a named argument, or null when the definition or the report lacks it.</summary>
    public ArgumentValue? Find(string argument)
    {
        IReadOnlyList<string> names = Events.Find(EventId)?.Arguments ?? [];
        for (int i = 0; i < names.Count && i < Arguments.Count; i++)
        {
            if (string.Equals(names[i], argument, StringComparison.Ordinal))
                return Arguments[i];
        }
        return null;
    }

    /// <summary>For people: the event's name and <c>name=value</c> for each argument.</summary>
    public string ToText()
    {
        EventDefinition? definition = Events.Find(EventId);
        IEnumerable<string> arguments = Arguments.Select((value, i) => $"{(definition is not null && i < definition.Arguments.Count ? definition.Arguments[i] : $"argument{i}")}={value}");
        return string.Join(' ', arguments.Prepend(definition?.Name ?? $"event-{EventId}"));
    }

    /// <inheritdoc/>
    public static EventReport Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        reader.Expect(3);
        var id = (ushort)reader.ReadUpTo(ushort.MaxValue);
        var severity = (Severity)reader.ReadInt32UpTo((int)Severity.High);
        if (severity < Severity.Informative)
            throw new WireFormatException($"expected a severity of 1 to 4, found {(int)severity}");
        var arguments = new ArgumentValue[reader.ReadStartArrayUpTo(MaxArguments)];
        for (int i = 0; i < arguments.Length; i++)
            arguments[i] = ArgumentValue.Read(reader);
        reader.ReadEndArray();
        reader.ReadEndArray();
        return new(id, severity, arguments);
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray(3);
        writer.WriteUInt32(EventId);
        writer.WriteInt32((int)Severity);
        writer.WriteStartArray(Arguments.Count);
        foreach (ArgumentValue argument in Arguments)
            argument.Write(writer);
        writer.WriteEndArray();
        writer.WriteEndArray();
    }
}
