using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;

namespace SatNode.Flight.Tests;

/// <summary>Keeps what was raised, as <c>name argument argument</c>.</summary>
internal sealed class RecordingEvents : IEventSink
{
    public List<string> Raised { get; } = [];

    public void Raise(EventDefinition definition, params ReadOnlySpan<ArgumentValue> arguments)
    {
        Assert.Equal(definition.Arguments.Count, arguments.Length);
        string text = definition.Name;
        foreach (ArgumentValue argument in arguments)
            text += $" {argument}";
        Raised.Add(text);
    }
}
