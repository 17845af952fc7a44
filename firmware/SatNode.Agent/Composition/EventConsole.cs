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

    private static string OneLine(string text) => text.Any(IsBreak) ? string.Concat(text.Select(c => IsBreak(c) ? ' ' : c)) : text;

    /// <summary>What some reader takes for the end of a line, or a terminal for a command.</summary>
    private static bool IsBreak(char c) => char.IsControl(c) || c is '\u2028' or '\u2029';
}
