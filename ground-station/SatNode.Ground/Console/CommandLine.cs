using System.CommandLine;
using SatNode.Ground.Configuration;
using SatNode.Ground.Console.Commands;
using SatNode.Ground.Console.Shell;
using SatNode.Ground.Hosting;

namespace SatNode.Ground.Console;

/// <summary>The command line: one tree of commands for one-shots and for the interactive console. Exit codes: <see cref="ExitCode"/>.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command line on the process' own screen.</summary>
    public static async Task<int> RunAsync(params string[] arguments)
    {
        using var session = new Session(Screen.OfProcess());
        return await RunAsync(Tree(session), session.Screen, arguments);
    }

    /// <summary>Runs a command line and tells each fault in one line.</summary>
    public static async Task<int> RunAsync(RootCommand tree, Screen screen, IReadOnlyList<string> arguments)
    {
        ParseResult parsed = tree.Parse(arguments);
        if (ParseFault.Of(parsed) is { } fault)
        {
            screen.Fault(fault);
            return ExitCode.Wrong;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = screen.Output });
        }
        catch (StationRefusal e)
        {
            screen.Fault(e.Message);
            return e.ExitCode;
        }
        catch (Exception e) when (e is RequestFault or YamlInputException or StartFault or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            screen.Fault(e.Message);
            return ExitCode.Wrong;
        }
        catch (HttpRequestException e)
        {
            screen.Fault($"no station answers: {e.Message}");
            return ExitCode.Wrong;
        }
        catch (OperationCanceledException e) when (e.InnerException is TimeoutException)
        {
            screen.Fault("the station did not answer in time");
            return ExitCode.TimedOut;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    /// <summary>All commands.</summary>
    /// <param name="session">What they share.</param>
    /// <param name="script">What the console reads instead of the process' standard input.</param>
    public static RootCommand Tree(Session session, TextReader? script = null)
    {
        RootCommand tree = StationTree(session);
        tree.Description = "SatNode's ground station and its console.";
        tree.Add(InteractiveConsole.Command(session, script));
        tree.Add(StationCommands.Serve());
        tree.Add(StationCommands.KeyCommands(session.Screen));
        tree.Add(StationCommands.Dictionary(session.Screen));
        return tree;
    }

    /// <summary>The commands that ask a running station.</summary>
    public static RootCommand StationTree(Session session) => new("The console of SatNode's ground station.")
    {
        SatCommands.Create(session),
        TmCommands.Create(session),
        EventCommands.Create(session),
        CmdCommands.Create(session),
        FnCommands.Create(session),
        PassCommands.Create(session),
    };
}
