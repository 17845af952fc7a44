using System.Globalization;
using SatNode.Ground.Api;
using Spectre.Console;

namespace SatNode.Ground.Console;

/// <summary>A cell of a table: its text, and how it looks on a terminal.</summary>
/// <param name="Text">The text; the same everywhere.</param>
/// <param name="Style">A style of Spectre.Console, or "".</param>
internal readonly record struct Cell(string Text, string Style = "")
{
    public static implicit operator Cell(string text) => new(text);

    /// <summary>A whole number.</summary>
    public static Cell Of(long number) => new(number.ToString(CultureInfo.InvariantCulture));
}

/// <summary>Where answers go: tables and colours on a terminal, tab-separated lines elsewhere.</summary>
/// <param name="terminal">The terminal, or whatever stands for it.</param>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="isTerminal">Whether people look at standard output.</param>
internal sealed class Screen(IAnsiConsole terminal, TextWriter output, TextWriter error, bool isTerminal)
{
    /// <summary>The process' own.</summary>
    public static Screen OfProcess() => new(AnsiConsole.Console, System.Console.Out, System.Console.Error, !System.Console.IsOutputRedirected);

    /// <summary>Whether people look at it.</summary>
    public bool IsTerminal => isTerminal;

    /// <summary>The terminal.</summary>
    public IAnsiConsole Terminal => terminal;

    /// <summary>Standard output as it is.</summary>
    public TextWriter Output => output;

    /// <summary>Writes a table; plain, its first line names the columns.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<Cell>> rows, string whenEmpty)
    {
        IReadOnlyList<Cell>[] all = [.. rows];
        if (!isTerminal)
        {
            output.WriteLine(string.Join('\t', columns));
            foreach (IReadOnlyList<Cell> row in all)
                output.WriteLine(string.Join('\t', row.Select(Plain)));
        }
        else if (all.Length == 0)
            Line(whenEmpty, "grey");
        else
            terminal.Write(Grid(columns, all));
    }

    /// <summary>The table as it is drawn on a terminal.</summary>
    public static Table Grid(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<Cell>> rows)
    {
        Table table = new Table().Border(TableBorder.SimpleHeavy).BorderColor(Color.Grey37);
        foreach (string column in columns)
            table.AddColumn(new TableColumn($"[bold]{Markup.Escape(column)}[/]"));
        foreach (IReadOnlyList<Cell> row in rows)
            table.AddRow([.. row.Select(cell => new Markup(Styled(cell)))]);
        return table;
    }

    /// <summary>Writes a line of cells: apart by tabs when plain, by spaces on a terminal.</summary>
    public void Line(params ReadOnlySpan<Cell> cells)
    {
        string[] parts = new string[cells.Length];
        for (int i = 0; i < cells.Length; i++)
            parts[i] = isTerminal ? Styled(cells[i]) : Plain(cells[i]);
        if (isTerminal)
            terminal.MarkupLine(string.Join("  ", parts));
        else
            output.WriteLine(string.Join('\t', parts));
    }

    /// <summary>Writes a line of one style.</summary>
    public void Line(string text, string style = "") => Line(new Cell(text, style));

    /// <summary>Writes a line that is not part of the answer: a hint, where it stands. On a terminal among the answer, else to standard error.</summary>
    public void Note(string text)
    {
        if (isTerminal)
            Line(text, "grey");
        else
            error.WriteLine(Visible.Of(text.ReplaceLineEndings(" "), keepsLines: true)); // tabs part what it lists
    }

    /// <summary>Writes a fault: one line to standard error.</summary>
    public void Fault(string text) => error.WriteLine($"satnode-ground: {Plain(text)}");

    /// <summary>A cell as markup of the terminal.</summary>
    public static string Styled(Cell cell)
    {
        string text = Markup.Escape(Visible.Of(cell.Text));
        return cell.Style.Length == 0 ? text : $"[{cell.Style}]{text}[/]";
    }

    private static string Plain(Cell cell) => Visible.Of(cell.Text.ReplaceLineEndings(" ").Replace('\t', ' '));
}
