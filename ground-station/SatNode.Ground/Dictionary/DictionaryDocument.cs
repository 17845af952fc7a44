using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SatNode.Ground.Api;
using SatNode.Ground.Metrics;
using SatNode.Protocol.Dictionary;

namespace SatNode.Ground.Dictionary;

/// <summary>Writes the mission dictionary out as the code defines it: JSON for machines, the same as <c>GET /api/v1/dictionary</c>, and a page for people.</summary>
internal static class DictionaryDocument
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The dictionary as JSON, ending with a line break.</summary>
    public static string Json() => JsonSerializer.Serialize(Views.Dictionary(), Indented) + "\n";

    /// <summary>The dictionary as Markdown.</summary>
    public static string Markdown()
    {
        DictionaryView dictionary = Views.Dictionary();
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # The mission dictionary
            Written from the definitions in `proto/SatNode.Protocol/Dictionary` by `satnode-ground dictionary`; `make dictionary` refreshes it. The same for machines:
            [dictionary.json](dictionary.json). Its digest is in every telecommand, so that agent and ground agree on what is said here:
            `{dictionary.Digest}`.

            ## Parameters
            Values are in the unit of the wire; people see °C for kelvin and % for a ratio. Outside its nominal range the agent raises `limit.soft-violated`,
            outside the hard one `limit.hard-violated`, each after three samples in a row, unless a telecommand (`monitoring.*`) set other limits. What a sensor tells is stale (`parameter.stale`) when it is
            older than its age.


            """);
        Table(page, ["no.", "parameter", "unit", "accuracy", "nominal", "hard", "age, s", "series of `/metrics`", "what"], dictionary.Parameters.Select(parameter => new[]
        {
            parameter.Id.ToString(CultureInfo.InvariantCulture), $"`{parameter.Name}`", parameter.Unit, parameter.Accuracy == 0 ? "" : $"± {Number(parameter.Accuracy)}",
            Range(parameter.Low, parameter.High), Range(parameter.HardLow, parameter.HardHigh), parameter.ExpectedAgeSeconds is { } age ? Number(age) : "", $"`{StationMetrics.SeriesName(Parameters.Find(parameter.Id)!)}`", parameter.Description,
        }));
        page.Append("\n## Telecommands\nEvery argument is required; the range is of a number's value, or of the length of a text or of bytes.\n\n");
        Table(page, ["telecommand", "arguments", "what"], dictionary.Commands.Select(command => new[]
        {
            $"`{command.Name}`", string.Join("<br>", command.Arguments.Select(argument => $"`{argument.Name}` {argument.Type}, {Range(argument.Min, argument.Max)}: {argument.Description}")), command.Description,
        }));
        page.Append("\n## Events\nSeverities are those of ECSS-E-ST-70-41C, service 5. Units are in the arguments' names.\n\n");
        Table(page, ["no.", "event", "severity", "arguments", "what"], dictionary.Events.Select(kind => new[]
        {
            kind.Id.ToString(CultureInfo.InvariantCulture), $"`{kind.Name}`", kind.Severity, string.Join(' ', kind.Arguments.Select(argument => $"`{argument}`")), kind.Description,
        }));
        return page.ToString();
    }

    private static void Table(StringBuilder page, string[] columns, IEnumerable<string[]> rows)
    {
        Row(columns);
        Row([.. columns.Select(_ => "---")]);
        foreach (string[] row in rows)
            Row(row);

        void Row(string[] cells) => page.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
    }

    private static string Range(double? low, double? high) => (low, high) switch
    {
        ({ } from, { } to) => $"{Number(from)} to {Number(to)}",
        ({ } from, null) => $"from {Number(from)}",
        (null, { } to) => $"up to {Number(to)}",
        _ => "",
    };

    private static string Number(double value) => value.ToString("#,0.######", CultureInfo.InvariantCulture);
}
