using SatNode.Protocol.Telemetry;

namespace SatNode.Agent.Composition;

/// <summary>Prints each event as one line: <c>EVENT boot sequence time severity text</c>.</summary>
internal sealed class EventConsole(TextWriter console)
{
    private readonly Lock _lock = new();

    public void Print(TelemetryRecord<EventReport> record)
    {
        string text = string.Create(null, $"EVENT {record.Boot} {record.Sequence} {record.Time} {record.Body.Severity.ToString().ToLowerInvariant()} {OneLine(record.Body.ToText())}");
        lock (_lock)
        {
            console.WriteLine(text);
            console.Flush();
        }
    }

    private static string OneLine(string text) => text.AsSpan().ContainsAnyInRange('\0', '\x1f') ? string.Concat(text.Select(c => c < ' ' ? ' ' : c)) : text;
}
