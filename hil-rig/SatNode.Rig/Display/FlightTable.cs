using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SatNode.Rig.Display;

/// <summary>A flight as a table with a bar over the orbit.</summary>
internal static class FlightTable
{
    private const int BarCells = 10;
    private const double WarmCelsius = 50, HotCelsius = 60;
    private const int FixedWidth = 80; // name, position, light, board and charge at their widest, and what lies between eight columns
    private const int NarrowFixedWidth = 62; // the same without position and last event
    private const int NarrowWidth = 110; // below it, position and last event are left out

    /// <summary>Draws a moment.</summary>
    /// <param name="flight">The moment.</param>
    /// <param name="width">The terminal's width in characters.</param>
    public static IRenderable Draw(FlightSnapshot flight, int width)
    {
        bool isNarrow = width < NarrowWidth;
        int free = Math.Max(18, width - (isNarrow ? NarrowFixedWidth : FixedWidth));
        int contacts = isNarrow ? free * 3 / 5 : Math.Clamp(free / 3, 10, 24);
        int running = isNarrow ? free - contacts : Math.Clamp(free / 4, 8, 16);
        int events = Math.Max(1, free - contacts - running);
        var table = new Table().Border(TableBorder.SimpleHeavy).BorderColor(Color.Grey37);
        foreach (string name in (ReadOnlySpan<string>)["satellite", "position", "light", "board °C", "charge", "contacts", "running", "last event"])
        {
            if (!isNarrow || name is not ("position" or "last event"))
                table.AddColumn(new TableColumn($"[bold]{name}[/]").NoWrap().Alignment(name is "board °C" ? Justify.Right : Justify.Left));
        }
        foreach (SatelliteRow row in flight.Satellites)
        {
            List<string> cells =
            [
                row.IsPowered ? $"[bold]{Markup.Escape(row.Name)}[/]" : $"[grey strikethrough]{Markup.Escape(row.Name)}[/]",
                Position(row),
                Light(row.SunFraction),
                Board(row.BoardCelsius),
                Charge(row),
                row.Contacts.Count == 0 ? "[grey]none[/]" : Markup.Escape(Cut(string.Join(' ', row.Contacts), contacts)),
                row.Running.Length == 0 ? "[grey]-[/]" : $"[green]{Markup.Escape(Cut(row.Running, running))}[/]",
                $"[grey]{Markup.Escape(Cut(row.LastEvent, events))}[/]",
            ];
            if (isNarrow)
            {
                cells.RemoveAt(7);
                cells.RemoveAt(1);
            }
            table.AddRow([.. cells]);
        }
        var heading = new Markup($"[bold]{Markup.Escape(flight.Scenario)}[/] [grey]{flight.Time:yyyy-MM-dd HH:mm:ss} UTC, {flight.Rate.ToString("0.#", CultureInfo.InvariantCulture)} × real time, {flight.Satellites.Count} satellites, {flight.Events} events[/]");
        return flight.Hint.Length == 0 ? new Rows(heading, table, Progress(flight, width)) : new Rows(heading, table, Progress(flight, width), new Markup($"[grey]{Markup.Escape(flight.Hint)}[/]"));
    }

    /// <summary>One line for a log.</summary>
    public static string Line(FlightSnapshot flight)
    {
        string head = string.Create(CultureInfo.InvariantCulture, $"{flight.Time:HH:mm:ss}Z  {flight.Elapsed.TotalMinutes,4:0} of {flight.Duration.TotalMinutes:0} min");
        if (flight.Satellites.Count == 0)
            return $"{head}  {flight.Phase}";
        IReadOnlyList<SatelliteRow> rows = flight.Satellites;
        string[] running = [.. rows.Where(row => row.Running.Length > 0).Select(row => $"{row.Running} on {row.Name}")];
        return string.Create(CultureInfo.InvariantCulture,
            $"{head}  board {rows.Min(row => row.BoardCelsius):0.0} to {rows.Max(row => row.BoardCelsius):0.0} °C  charge {rows.Min(row => row.StateOfCharge) * 100:0} to {rows.Max(row => row.StateOfCharge) * 100:0} %  {rows.Count(row => row.SunFraction < 0.5)} in eclipse  {rows.Count(row => row.Contacts.Count > 0)} in contact  {flight.Events} events{(running.Length > 0 ? "  " + string.Join(", ", running) : "")}");
    }

    private static Markup Progress(FlightSnapshot flight, int width)
    {
        int cells = Math.Clamp(width - Math.Max(40, flight.Phase.Length + 20), 10, 100);
        int done = (int)Math.Round(flight.Share * cells);
        return new(string.Create(CultureInfo.InvariantCulture,
            $"[deepskyblue1]{new string('━', done)}[/][grey30]{new string('━', cells - done)}[/] {flight.Elapsed.TotalMinutes:0} of {flight.Duration.TotalMinutes:0} min [grey]{Markup.Escape(flight.Phase)}[/]"));
    }

    private static string Position(SatelliteRow row) => string.Create(CultureInfo.InvariantCulture,
        $"{Math.Abs(row.LatitudeDegrees),4:0.0}{(row.LatitudeDegrees >= 0 ? 'N' : 'S')} {Math.Abs(row.LongitudeDegrees),5:0.0}{(row.LongitudeDegrees >= 0 ? 'E' : 'W')}");

    private static string Light(double sunFraction) => sunFraction switch
    {
        >= 0.999 => "[yellow]● sun[/]",
        <= 0.001 => "[blue]○ eclipse[/]",
        _ => "[grey]◐ twilight[/]",
    };

    private static string Board(double celsius)
    {
        string colour = celsius >= HotCelsius ? "red" : celsius >= WarmCelsius ? "orange1" : "default";
        return $"[{colour}]{celsius.ToString("0.0", CultureInfo.InvariantCulture)}[/]";
    }

    private static string Charge(SatelliteRow row)
    {
        int full = (int)Math.Round(Math.Clamp(row.StateOfCharge, 0, 1) * BarCells);
        string colour = row.StateOfCharge <= row.StateOfChargeReserve ? "red" : row.StateOfCharge <= row.StateOfChargeReserve + 0.1 ? "orange1" : "green";
        return string.Create(CultureInfo.InvariantCulture, $"[{colour}]{new string('█', full)}[/][grey30]{new string('░', BarCells - full)}[/] {row.StateOfCharge * 100,3:0} %");
    }

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..(width - 1)] + "…";
}
