using System.CommandLine;
using System.Globalization;
using SatNode.Ground.Api;
using Spectre.Console;

namespace SatNode.Ground.Console.Shell;

/// <summary><c>console</c>: reads commands from a terminal, or from a pipe as a script, and runs them one after the other on one connection.</summary>
internal sealed class InteractiveConsole
{
    /// <summary>Words of the console alone.</summary>
    public static readonly IReadOnlyList<string> OwnWords = ["exit", "help"];

    private const int ScriptLineCharactersMax = 1024 * 1024;
    private readonly Session _session;
    private readonly Call _call;
    private readonly RootCommand _tree;
    private readonly StationView _station;
    private readonly long _asked = TimeProvider.System.GetTimestamp();

    private InteractiveConsole(Session session, Call call, StationView station)
    {
        (_session, _call, _station) = (session, call, station);
        _tree = CommandLine.StationTree(session);
    }

    /// <summary>The command.</summary>
    /// <param name="session">What its lines share.</param>
    /// <param name="script">What is read instead of standard input.</param>
    public static Command Command(Session session, TextReader? script) => session.Command("console", "Opens the console; lines from a pipe are run as a script, which ends with the first that fails.", [], async (call, _) =>
    {
        var console = new InteractiveConsole(session, call, await call.Station.StationAsync(CancellationToken.None));
        return script is null && !System.Console.IsInputRedirected && call.Screen.IsTerminal ? await console.RunAsync() : await console.RunScriptAsync(script ?? System.Console.In);
    });

    private async Task<int> RunScriptAsync(TextReader script)
    {
        for (int number = 1; await script.ReadLineAsync() is { } line; number++)
        {
            if (line.Length > ScriptLineCharactersMax)
                throw new RequestFault(string.Create(CultureInfo.InvariantCulture, $"line {number}: expected at most {ScriptLineCharactersMax} characters, found {line.Length}"));
            int? code = await RunLineAsync(line);
            if (code is null)
                break;
            if (code is ExitCode.Done)
                continue;
            _call.Screen.Fault(string.Create(CultureInfo.InvariantCulture, $"line {number}: '{line.Trim()}' ended with exit code {code}; the lines after it were not run"));
            return code.Value;
        }
        return ExitCode.Done;
    }

    private async Task<int> RunAsync()
    {
        await RefreshNamesAsync();
        _call.Screen.Line(new Cell(string.Create(CultureInfo.InvariantCulture, $"{_station.Name}: {_session.Names.Satellites.Count} satellites, {_station.Rate:0.##} × real time. Tab completes, help helps, Ctrl-D leaves."), "grey"));
        var history = new LineHistory(LineHistory.OfUser());
        var editor = new LineEditor(token => AnsiConsole.Console.Input.ReadKeyAsync(intercept: true, token), System.Console.Out, () => AnsiConsole.Profile.Width, history,
            text => LineCompletion.Of(_tree, text));
        while (true)
        {
            System.Console.TreatControlCAsInput = true; // a line is abandoned, not the console
            string? line = await editor.ReadAsync(Prompt(), CancellationToken.None);
            System.Console.TreatControlCAsInput = false;
            history.Save();
            if (line is null || await RunLineAsync(line) is null)
                return ExitCode.Done;
            await RefreshNamesAsync();
        }
    }

    /// <summary>Runs one line; null when it asks to leave.</summary>
    private async Task<int?> RunLineAsync(string line)
    {
        IReadOnlyList<string> words;
        try
        {
            words = Words.Split(line);
        }
        catch (RequestFault fault)
        {
            _call.Screen.Fault(fault.Message);
            return ExitCode.Wrong;
        }
        switch (words)
        {
            case []:
                return ExitCode.Done;
            case ["exit" or "quit"]:
                return null;
            case ["help"]:
                ShowHelp();
                return ExitCode.Done;
            case ["help", ..]:
                return await CommandLine.RunAsync(_tree, _call.Screen, [.. words.Skip(1), "--help"]);
            default:
                return await CommandLine.RunAsync(_tree, _call.Screen, words);
        }
    }

    private void ShowHelp()
    {
        _call.Screen.Table(["command", "what"], _tree.Subcommands.SelectMany(group => group.Subcommands.Select(command => (IReadOnlyList<Cell>)
            [new($"{group.Name} {command.Name}{string.Concat(command.Arguments.Select(Shape))}", "bold"), command.Description ?? ""]))
            .Append([new("help COMMAND", "bold"), "Shows a command's arguments and options."]).Append([new("exit", "bold"), "Leaves the console, as Ctrl-D does."]), "");
    }

    private static string Shape(Argument argument) => (argument.Arity.MinimumNumberOfValues, argument.Arity.MaximumNumberOfValues) switch
    {
        (0, 1) => $" [{argument.Name}]",
        (0, _) => $" [{argument.Name}…]",
        (_, 1) => $" {argument.Name}",
        _ => $" {argument.Name}…",
    };

    /// <summary>The station's name and the world's time, computed from the first answer.</summary>
    private (string Plain, string Styled) Prompt()
    {
        string time = (People.Parse(_station.Time) + (TimeProvider.System.GetElapsedTime(_asked) * _station.Rate)).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return ($"{_station.Name} {time} > ", $"\e[1;36m{_station.Name}\e[0m \e[90m{time}\e[0m \e[1m>\e[0m ");
    }

    /// <summary>Learns the names that completion offers; without an answer those before stay.</summary>
    private async Task RefreshNamesAsync()
    {
        try
        {
            SatelliteView[] satellites = await _call.Station.SatellitesAsync(CancellationToken.None);
            ImageView[] images = await _call.Station.ImagesAsync(CancellationToken.None);
            _session.Names = new([.. satellites.Select(satellite => satellite.Name)],
                [.. images.Select(image => image.Name).Concat(satellites.SelectMany(satellite => satellite.Functions).Select(function => function.Name)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
                [.. _station.Stations.Select(station => station.Name)], await _call.Station.DictionaryAsync(CancellationToken.None));
        }
        catch (Exception e) when (e is HttpRequestException or StationRefusal or OperationCanceledException)
        {
            // The next command says that the station does not answer.
        }
    }
}
