using System.Text;
using SatNode.Ground.Console.Shell;

namespace SatNode.Ground.Tests.Console.Shell;

public sealed class LineEditorTests
{
    private static readonly string[] Names = ["p10-s03", "p10-s04", "ping"];
    private readonly StringBuilder _screen = new();
    private readonly LineHistory _history = new(null);

    [Fact]
    public async Task Reads_what_is_typed() => Assert.Equal("sat list", await ReadAsync("sat list\r"));

    [Theory]
    [InlineData("ab<←>x\r", "axb")]
    [InlineData("ab<home>x<end>y\r", "xaby")]
    [InlineData("abc<←><back>\r", "ac")]
    [InlineData("abc<home><del>\r", "bc")]
    [InlineData("one two<^W>x\r", "one x")]
    [InlineData("one two<^U>x\r", "x")]
    [InlineData("one two<^A><^K>x\r", "x")]
    [InlineData("<back><←><del>x\r", "x")]
    [InlineData("lost<^C>kept\r", "kept")]
    public async Task Edits_as_readline_does(string keys, string expected) => Assert.Equal(expected, await ReadAsync(keys));

    [Fact]
    public async Task Recalls_lines_and_comes_back_to_the_draft()
    {
        _history.Add("first");
        _history.Add("second");
        Assert.Equal("first", await ReadAsync("<↑><↑><↑>\r"));
        Assert.Equal("draft", await ReadAsync("draft<↑><↑><↓><↓>\r"));
        Assert.Equal(["first", "second", "first", "draft"], _history.Lines);
    }

    [Fact]
    public async Task Completes_a_word_as_far_as_it_is_certain_and_lists_what_is_left()
    {
        Assert.Equal("ping ", await ReadAsync("pi<tab>\r"));
        Assert.Equal("show p10-s0", await ReadAsync("show p1<tab>\r"));
        Assert.DoesNotContain("p10-s04", _screen.ToString(), StringComparison.Ordinal);
        Assert.Equal("show p10-s04 ", await ReadAsync("show p1<tab><tab>4<tab>\r"));
        Assert.Contains("\r\np10-s03  p10-s04", _screen.ToString(), StringComparison.Ordinal);
        Assert.Equal("zz", await ReadAsync("zz<tab>\r"));
    }

    [Fact]
    public async Task Ends_with_the_input_and_with_Ctrl_D_on_an_empty_line_only()
    {
        Assert.Null(await ReadAsync("<^D>"));
        Assert.Null(await ReadAsync("no return"));
        Assert.Equal("a", await ReadAsync("ab<←><^D>\r"));
    }

    [Fact]
    public async Task A_line_longer_than_the_terminal_stays_on_one_row()
    {
        string line = new('x', 200);
        Assert.Equal(line, await ReadAsync(line + "\r", width: 40));
        string drawn = _screen.ToString().Split('\r').Where(part => part.StartsWith("\e[K", StringComparison.Ordinal)).MaxBy(part => part.Length)!;
        Assert.InRange(drawn.Length, 30, 40 + "\e[K".Length);
    }

    [Fact]
    public void Keeps_the_history_in_a_file_of_its_owner()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("satnode-history-").FullName, "deep", "history");
        try
        {
            var history = new LineHistory(file);
            for (int i = 0; i <= LineHistory.LinesMax; i++)
                history.Add($"line {i}");
            history.Add($"line {LineHistory.LinesMax}");
            history.Save();
            var again = new LineHistory(file);
            Assert.Equal((LineHistory.LinesMax, "line 1", $"line {LineHistory.LinesMax}"), (again.Lines.Count, again.Lines[0], again.Lines[^1]));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(file))!, recursive: true);
        }
    }

    private async Task<string?> ReadAsync(string keys, int width = 80)
    {
        var queue = new Queue<ConsoleKeyInfo>(Keys(keys));
        var editor = new LineEditor(_ => Task.FromResult<ConsoleKeyInfo?>(queue.TryDequeue(out ConsoleKeyInfo key) ? key : null), new StringWriter(_screen), () => width, _history, text =>
        {
            int start = text.LastIndexOf(' ') + 1;
            return new(start, [.. Names.Where(name => name.StartsWith(text[start..], StringComparison.Ordinal))]);
        });
        return await editor.ReadAsync(("> ", "> "), TestContext.Current.CancellationToken);
    }

    /// <summary>Characters stand for themselves, words in angle brackets for keys.</summary>
    private static IEnumerable<ConsoleKeyInfo> Keys(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '<')
            {
                yield return new(text[i], text[i] == '\r' ? ConsoleKey.Enter : ConsoleKey.None, shift: false, alt: false, control: false);
                continue;
            }
            int end = text.IndexOf('>', i);
            string name = text[(i + 1)..end];
            i = end;
            yield return name[0] == '^'
                ? new((char)(name[1] - '@'), ConsoleKey.A + (name[1] - 'A'), shift: false, alt: false, control: true)
                : new('\0', name switch
                {
                    "←" => ConsoleKey.LeftArrow,
                    "↑" => ConsoleKey.UpArrow,
                    "↓" => ConsoleKey.DownArrow,
                    "home" => ConsoleKey.Home,
                    "end" => ConsoleKey.End,
                    "back" => ConsoleKey.Backspace,
                    "del" => ConsoleKey.Delete,
                    "tab" => ConsoleKey.Tab,
                    _ => throw new ArgumentException(name, nameof(text)),
                }, shift: false, alt: false, control: false);
        }
    }
}
