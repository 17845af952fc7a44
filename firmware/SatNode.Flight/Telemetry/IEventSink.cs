using SatNode.Protocol.Dictionary;

namespace SatNode.Flight.Telemetry;

/// <summary>Where events go. In flight it is <see cref="EventLog"/>; a test looks at what was raised.</summary>
public interface IEventSink
{
    /// <summary>Raises an event; it is on disk when this returns, unless the disk failed, which the sink counts.</summary>
    /// <param name="definition">What happened.</param>
    /// <param name="arguments">The values, in the order of the definition's names; as many as it has.</param>
    void Raise(EventDefinition definition, params ReadOnlySpan<ArgumentValue> arguments);
}
