using SatNode.Rig.Display;
using Spectre.Console;

namespace SatNode.Rig.Tests.Display;

public sealed class FlightDisplayTests
{
    private static readonly FlightSnapshot Snapshot = new()
    {
        Scenario = "wildfire",
        Time = new(2026, 6, 21, 12, 43, 10, TimeSpan.Zero),
        Elapsed = TimeSpan.FromMinutes(43),
        Duration = TimeSpan.FromMinutes(97),
        Rate = 60,
        Phase = "flying",
        Events = 41,
        Satellites =
        [
            new() { Name = "p10-s03", LatitudeDegrees = 39.51, LongitudeDegrees = -122.94, SunFraction = 1, BoardCelsius = 61.23, StateOfCharge = 0.62, StateOfChargeReserve = 0.3, Contacts = ["white-sands", "p10-s04"], Running = "denoise", LastEvent = "invocation.started function=denoise" },
            new() { Name = "p10-s04", LatitudeDegrees = -12, LongitudeDegrees = 5, SunFraction = 0, BoardCelsius = 31, StateOfCharge = 0.29, StateOfChargeReserve = 0.3 },
        ],
    };

    [Fact]
    public void The_table_shows_what_an_operator_asks_for()
    {
        string[] lines = Render(140).Split('\n');

        string first = Assert.Single(lines, line => line.Contains("p10-s03 ", StringComparison.Ordinal) && line.Contains("denoise", StringComparison.Ordinal));
        foreach (string expected in (string[])["39.5N 122.9W", "● sun", "61.2", "62 %", "██████░░░░", "white-sands", "invocation.started"])
            Assert.Contains(expected, first, StringComparison.Ordinal);
        string second = Assert.Single(lines, line => line.TrimStart().StartsWith("p10-s04", StringComparison.Ordinal));
        foreach (string expected in (string[])["12.0S   5.0E", "○ eclipse", "31.0", "29 %", "none"])
            Assert.Contains(expected, second, StringComparison.Ordinal);
        Assert.Contains(lines, line => line.Contains("43 of 97 min flying", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(110)]
    [InlineData(140)]
    [InlineData(200)]
    public void The_table_fits_the_terminal_with_one_line_a_satellite(int width)
    {
        string[] lines = Render(width).TrimEnd('\n').Split('\n');

        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        Assert.True(lines.Length <= 10, string.Join('\n', lines));
    }

    [Fact]
    public async Task Lines_come_every_ten_minutes_of_the_world()
    {
        var output = new StringWriter();
        TimeSpan[] moments = [.. new[] { 0, 4, 9, 10, 15, 21, 22 }.Select(minutes => TimeSpan.FromMinutes(minutes))];
        var ended = new TaskCompletionSource();
        int at = 0;
        var display = new FlightDisplay(DisplayKind.Lines, Console(output, 80), new InstantTime());

        await display.Follow(() =>
        {
            FlightSnapshot now = Snapshot with { Elapsed = moments[Math.Min(at, moments.Length - 1)] };
            if (++at == moments.Length)
                ended.SetResult();
            return now;
        }, ended.Task);

        string[] lines = output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Equal("12:43:10Z     0 of 97 min  board 31.0 to 61.2 °C  charge 29 to 62 %  1 in eclipse  1 in contact  41 events  denoise on p10-s03", lines[0]);
        Assert.Contains("   10 of 97 min", lines[1], StringComparison.Ordinal);
        Assert.Contains("   21 of 97 min", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hint_is_said_once_in_a_log_and_stands_below_the_table()
    {
        FlightSnapshot held = Snapshot with { Hint = "console: satnode-ground console" };
        var table = new StringWriter();
        Console(table, 110).Write(FlightTable.Draw(held, 110));
        Assert.Equal(held.Hint, table.ToString().TrimEnd().Split('\n')[^1].TrimEnd());

        var output = new StringWriter();
        var ended = new TaskCompletionSource();
        int shown = 0;
        await new FlightDisplay(DisplayKind.Lines, Console(output, 80), new InstantTime()).Follow(() =>
        {
            if (++shown == 3)
                ended.SetResult();
            return held;
        }, ended.Task);
        Assert.Equal(2, output.ToString().Split(held.Hint).Length);
    }

    [Fact]
    public async Task Silence_writes_nothing_and_survives_a_flight_that_fails()
    {
        var output = new StringWriter();

        await new FlightDisplay(DisplayKind.Silent, Console(output, 80), TimeProvider.System).Follow(() => Snapshot, Task.FromException(new IOException("the world ended")));

        Assert.Equal("", output.ToString());
    }

    private static string Render(int width)
    {
        var output = new StringWriter();
        Console(output, width).Write(FlightTable.Draw(Snapshot, width));
        return output.ToString();
    }

    private static IAnsiConsole Console(StringWriter output, int width)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = width;
        return console;
    }

    /// <summary>Time in which every delay is over at once.</summary>
    private sealed class InstantTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
