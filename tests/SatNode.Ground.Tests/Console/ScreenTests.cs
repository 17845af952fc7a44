using System.Text;
using SatNode.Ground.Api;
using SatNode.Ground.Console;
using Spectre.Console;

namespace SatNode.Ground.Tests.Console;

public sealed class ScreenTests
{
    [Theory]
    [InlineData("plain äöü 🛰 [bold]", "plain äöü 🛰 [bold]", false)]
    [InlineData("\u001b]0;owned\u0007\u007f\u009b2J", @"\x1B]0;owned\x07\x7F\x9B2J", false)]
    [InlineData("a\u202eb\u2066c\u061c", @"a\u{202E}b\u{2066}c\u{061C}", false)]
    [InlineData("a\nb\tc\r", @"a\x0Ab\x09c\x0D", false)]
    [InlineData("a\nb\tc\r\u001b", "a\nb\tc" + @"\x0D\x1B", true)]
    public void What_would_act_on_a_terminal_is_shown(string text, string shown, bool keepsLines) => Assert.Equal(shown, Visible.Of(text, keepsLines));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nothing_that_a_satellite_says_reaches_a_terminal_as_a_control(bool isTerminal)
    {
        const string text = "\u001b[2J\u202eevil";
        var written = new StringBuilder();
        using var output = new StringWriter(written);
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
        var screen = new Screen(terminal, output, output, isTerminal);
        screen.Line(new Cell(text, "red"), text);
        screen.Table(["column"], [[text]], "none");
        screen.Note(text);
        screen.Fault(text);
        Assert.DoesNotContain('\u001b', written.ToString());
        Assert.DoesNotContain('\u202e', written.ToString());
        Assert.Equal(5, written.ToString().Split(@"\x1B[2J\u{202E}evil").Length - 1);
    }
}
