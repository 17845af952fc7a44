using System.CommandLine;
using System.Globalization;
using SatNode.Ground.Api;
using Spectre.Console;

namespace SatNode.Ground.Console.Commands;

/// <summary><c>sat list</c> and <c>sat show</c>: what the station knows of its satellites now.</summary>
internal static class SatCommands
{
    private const string BoardTemperature = "board.temperature";
    private const string StateOfCharge = "battery.state-of-charge";

    /// <summary>An argument that names a satellite.</summary>
    public static Argument<string> Satellite(Session session)
    {
        var satellite = new Argument<string>("satellite") { Description = "The satellite." };
        satellite.CompletionSources.Add(_ => session.Names.Satellites.Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        return satellite;
    }

    public static Command Create(Session session) => new("sat", "Shows satellites.") { List(session), Show(session) };

    private static Command List(Session session) => session.Command("list", "Lists the satellites.", [], async (call, cancellation) =>
    {
        SatelliteView[] satellites = await call.Station.SatellitesAsync(cancellation);
        if (call.IsJson)
        {
            call.Json(satellites);
            return ExitCode.Done;
        }
        DictionaryView dictionary = await call.Station.DictionaryAsync(cancellation);
        call.Screen.Table(["satellite", "contact", "last seen", "mode", "board °C", "charge %", "functions", "running"],
            satellites.Select(satellite => (IReadOnlyList<Cell>)
            [
                new(satellite.Name, "bold"), Contact(satellite), People.Time(satellite.LastSeen), Mode(satellite), Shown(satellite, BoardTemperature, dictionary), Shown(satellite, StateOfCharge, dictionary),
                string.Join(' ', satellite.Functions.Select(function => function.Name)), new(string.Join(' ', satellite.Running.Select(running => running.Function)), "green"),
            ]), "no satellites");
        return ExitCode.Done;
    });

    private static Command Show(Session session)
    {
        Argument<string> name = Satellite(session);
        return session.Command("show", "Shows everything about one satellite.", [name], async (call, cancellation) =>
        {
            SatelliteView satellite = await call.Station.SatelliteAsync(call.Get(name), cancellation);
            if (call.IsJson)
            {
                call.Json(satellite);
                return ExitCode.Done;
            }
            DictionaryView dictionary = await call.Station.DictionaryAsync(cancellation);
            string next = satellite.Reachable ? "" : await PassCommands.NextAsync(call, satellite.Name, cancellation);
            List<(string Key, Cell Value)> rows =
            [
                ("satellite", new(string.Create(CultureInfo.InvariantCulture, $"{satellite.Name} (node {satellite.Number})"), "bold")),
                ("contact", satellite.Reachable ? new Cell($"since {People.Time(satellite.ContactSince)}", "green") : new Cell($"none; {next}", "yellow")),
                ("last seen", People.Time(satellite.LastSeen)),
                ("mode", Mode(satellite)),
                ("boot", satellite.Boot == 0 ? "unknown" : Cell.Of(satellite.Boot)),
                ("position", satellite.Position is { } position ? string.Create(CultureInfo.InvariantCulture,
                    $"{Math.Abs(position.Latitude):0.0}° {(position.Latitude >= 0 ? "N" : "S")}, {Math.Abs(position.Longitude):0.0}° {(position.Longitude >= 0 ? "E" : "W")}, {position.AltitudeMetres / 1000:0} km") : "unknown"),
                ("light", satellite.SunFraction switch { null => "unknown", >= 0.999 => new Cell("sun", "yellow"), <= 0.001 => new Cell("eclipse", "blue"), _ => "twilight" }),
                ("board", satellite.Housekeeping is null ? "unknown" : WithUnit(satellite, BoardTemperature, dictionary)),
                ("charge", satellite.Housekeeping is null ? "unknown" : WithUnit(satellite, StateOfCharge, dictionary)),
                ("functions", satellite.Functions.Count == 0 ? "none" : string.Join(", ", satellite.Functions.Select(function => $"{function.Name}:{function.Version}"))),
                ("workflows", satellite.Workflows.Count == 0 ? "none" : string.Join(", ", satellite.Workflows)),
                ("running", satellite.Running.Count == 0 ? "nothing" : new Cell(string.Join(", ", satellite.Running.Select(running => running.Function)), "green")),
                ("links", satellite.Links.Count == 0 ? "none" : string.Join(", ", satellite.Links.Select(link => $"{link.Peer} {(link.Up ? "up" : "down")}"))),
                ("invocations", string.Create(CultureInfo.InvariantCulture, $"{satellite.Counters.InvocationsCompleted} completed, {satellite.Counters.InvocationsFailed} failed")),
                ("records", string.Create(CultureInfo.InvariantCulture, $"{satellite.Counters.Records}, {satellite.Counters.Missing} missing, {satellite.Counters.Rejected} rejected")),
                ("last event", satellite.LastEvent ?? "none"),
            ];
            if (call.Screen.IsTerminal)
            {
                Grid grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
                foreach ((string key, Cell value) in rows)
                    grid.AddRow(new Text(key, new Style(Color.Grey)), new Markup(Screen.Styled(value)));
                call.Screen.Terminal.Write(grid);
            }
            else
            {
                foreach ((string key, Cell value) in rows)
                    call.Screen.Line(key, value);
            }
            return ExitCode.Done;
        });
    }

    private static Cell Contact(SatelliteView satellite) => satellite.Reachable ? new Cell("yes", "green") : new Cell("no", "grey");

    private static Cell Mode(SatelliteView satellite) => satellite.Mode switch { "safe" => new Cell("safe", "red"), null => "unknown", { } mode => mode };

    private static Cell Shown(SatelliteView satellite, string name, DictionaryView dictionary) => satellite.Housekeeping?.Values.GetValueOrDefault(name) is { } value
        ? new Cell(People.Value(name, value.Value, value.Unit), Style(name, value.Value, dictionary)) : "";

    private static Cell WithUnit(SatelliteView satellite, string name, DictionaryView dictionary) => satellite.Housekeeping?.Values.GetValueOrDefault(name) is { } value
        ? new Cell($"{People.Value(name, value.Value, value.Unit)} {People.Unit(value.Unit)}", Style(name, value.Value, dictionary)) : "unknown";

    private static string Style(string name, double value, DictionaryView dictionary) =>
        dictionary.Parameters.FirstOrDefault(parameter => parameter.Name == name) is { } known ? People.Style(known, value) : "";
}
