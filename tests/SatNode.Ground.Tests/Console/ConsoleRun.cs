using System.Text;
using SatNode.Ground.Console;
using SatNode.Ground.Tests.Hosting;
using Spectre.Console;

namespace SatNode.Ground.Tests.Console;

/// <summary>The console's commands in this process against a whole station.</summary>
internal sealed class ConsoleRun(TestStation station, bool isTerminal = false)
{
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    public string Output => _output.ToString();

    public string Errors => _errors.ToString();

    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static async Task<(int Code, string Output, string Errors)> OfAsync(TestStation station, params string[] arguments)
    {
        var run = new ConsoleRun(station);
        return (await run.RunAsync(arguments), run.Output, run.Errors);
    }

    public async Task<int> RunAsync(params string[] arguments)
    {
        using var session = NewSession();
        return await CommandLine.RunAsync(CommandLine.Tree(session), session.Screen, [.. arguments, .. Access()]);
    }

    public string[] Access() => ["--config", Path.Combine(station.Folder, "ground.yaml")];

    public Session NewSession()
    {
        TextWriter output = TextWriter.Synchronized(new StringWriter(_output) { NewLine = "\n" });
        TextWriter errors = TextWriter.Synchronized(new StringWriter(_errors) { NewLine = "\n" });
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
        terminal.Profile.Width = 200;
        return new(new Screen(terminal, output, errors, isTerminal));
    }
}
