using System.Globalization;
using CsCheck;
using SatNode.Agent.Composition;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Agent.Tests.Composition;

public sealed class EventConsoleTests
{
    [Fact]
    public void Prints_boot_sequence_time_severity_and_text()
    {
        Assert.Equal("EVENT 1 7 2026-06-21T12:03:10.250Z informative function.logged function=detect text=all is well\n", Print("all is well"));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\0")]
    [InlineData("\u001b[2J")] // clears a terminal
    [InlineData("\u009b2J")] // so does this
    [InlineData("\u007f")]
    [InlineData("\v")]
    [InlineData("\f")]
    [InlineData("\u0085")]
    [InlineData("\u2028")]
    [InlineData("\u2029")]
    public void No_text_breaks_the_line(string text)
    {
        string line = Print($"a{text}EVENT 9 9 b");
        Assert.Equal('\n', line[^1]);
        Assert.DoesNotContain(line[..^1], c => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
        Assert.StartsWith("EVENT 1 7 ", line, StringComparison.Ordinal);
        Assert.Contains("EVENT 9 9 b", line, StringComparison.Ordinal); // nothing else is lost
    }

    [Fact]
    public void Any_text_is_one_line() => Gen.String[Gen.Char, 0, 60].Sample(text => Assert.Single(Print(text).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')));

    [Fact]
    public void What_people_write_stays_as_it_is() => Assert.Contains("text=Größe 5 °C → 雪\n", Print("Größe 5 °C → 雪"), StringComparison.Ordinal);

    [Fact]
    public void Lines_of_many_threads_do_not_mix()
    {
        using var console = new StringWriter { NewLine = "\n" };
        var printer = new EventConsole(console);
        Parallel.For(0, 400, i => printer.Print(Record(new string((char)('a' + (i % 26)), 50))));
        string[] lines = console.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal(400, lines.Length);
        Assert.All(lines, line => Assert.Single(line[(line.IndexOf("text=", StringComparison.Ordinal) + 5)..].Distinct()));
    }

    private static string Print(string text)
    {
        using var console = new StringWriter { NewLine = "\n" };
        new EventConsole(console).Print(Record(text));
        return console.ToString();
    }

    private static TelemetryRecord<EventReport> Record(string text) => new(1, 7, DtnTime.From(new DateTimeOffset(2026, 6, 21, 12, 3, 10, 250, TimeSpan.Zero)),
        new EventReport(Events.FunctionLogged.Id, Severity.Informative, ["detect", text]));
}
