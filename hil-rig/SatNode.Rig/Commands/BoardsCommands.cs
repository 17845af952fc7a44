using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;
using SatNode.Protocol.Boards;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Boards.Sessions;
using SatNode.Rig.Boards.Strategies;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Commands;

/// <summary><c>satnode-rig boards</c>: lists, powers, watches and flashes the boards of a bench. Exit codes: 0 done, 1 the board failed, 2 bad input or environment.</summary>
internal sealed class BoardsCommands
{
    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly Option<string?> _bench = new("--bench") { Description = "The bench's file. Unless told, hil-rig/boards/qemu.yaml." };
    private readonly Option<string> _state = new("--state") { Description = "The folder of the boards' states.", DefaultValueFactory = _ => BoardFolder.StateFolder };
    private readonly Option<string> _keys = ImageCommands.KeysFolder();
    private readonly Argument<string> _board = new("BOARD") { Description = "The board." };

    private BoardsCommands(TextWriter output, TextWriter error)
    {
        _output = output;
        _error = error;
        _bench.Recursive = _state.Recursive = true;
    }

    /// <summary>The command.</summary>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var made = new BoardsCommands(output, error);
        return new("boards", "Lists, powers, watches and flashes the boards of a bench.") { made._bench, made._state, made.List(), made.Status(), made.Power(), made.Reset(), made.Console(), made.Flash(), made.Supervise() };
    }

    private Command List()
    {
        var format = Format();
        var list = new Command("list", "The boards of the bench.") { format };
        Set(list, async (parsed, _) =>
        {
            BenchFile bench = Bench(parsed);
            BoardSession[] sessions = [.. bench.Boards.Select(board => Session(parsed, bench, board))];
            if (parsed.GetValue(format) is "json")
            {
                JsonArray boards = [.. sessions.Zip(bench.Boards, (session, board) => (JsonNode)new JsonObject { ["board"] = session.Name, ["kind"] = board.Resource.Kind, ["power"] = session.IsOn ? "on" : "off" })];
                await _output.WriteLineAsync(boards.ToJsonString(JsonText.Indented));
                return;
            }
            int width = sessions.Max(session => session.Name.Length);
            foreach ((BoardSession session, BenchBoard board) in sessions.Zip(bench.Boards))
                await _output.WriteLineAsync($"{session.Name.PadRight(width)}  {board.Resource.Kind,-7}  {(session.IsOn ? "on" : "off")}");
        });
        return list;
    }

    private Command Status()
    {
        var format = Format();
        var board = new Argument<string?>("BOARD") { Description = "The board; all unless told.", Arity = ArgumentArity.ZeroOrOne };
        var status = new Command("status", "Power, slots, trial and last start.") { board, format };
        Set(status, async (parsed, _) =>
        {
            BenchFile bench = Bench(parsed);
            BenchBoard[] asked = parsed.GetValue(board) is { } name ? [Find(bench, name)] : [.. bench.Boards];
            BoardStatus[] all = [.. asked.Select(one => Session(parsed, bench, one).Status())];
            if (parsed.GetValue(format) is "json")
                await _output.WriteLineAsync(new JsonArray([.. all.Select(one => (JsonNode)one.ToJson())]).ToJsonString(JsonText.Indented));
            else
                await _output.WriteLineAsync(string.Join(Environment.NewLine, all.SelectMany(one => one.Lines())));
        });
        return status;
    }

    private Command Power()
    {
        var wait = new Option<bool>("--wait") { Description = "Returns when the agent speaks." };
        var on = new Command("on", "Switches a board on; it stays on between commands.") { _board, wait, _keys };
        Set(on, async (parsed, cancellation) =>
        {
            BoardSession session = Session(parsed);
            await session.Provision(parsed.GetRequiredValue(_keys), cancellation);
            await On(parsed, session, parsed.GetValue(wait), cancellation);
        });
        var off = new Command("off", "Presses the power button; takes the power away when that does not help.") { _board };
        Set(off, async (parsed, cancellation) =>
        {
            BoardSession session = Session(parsed);
            await session.PowerOff(isCut: false, cancellation);
            await _output.WriteLineAsync($"{session.Name}: off");
        });
        var cycle = new Command("cycle", "Takes the power away and switches on again.") { _board, wait };
        Set(cycle, async (parsed, cancellation) =>
        {
            BoardSession session = Session(parsed);
            await session.PowerOff(isCut: true, cancellation);
            await On(parsed, session, parsed.GetValue(wait), cancellation);
        });
        return new("power", "The power switch.") { on, off, cycle };
    }

    private async Task On(ParseResult parsed, BoardSession session, bool wait, CancellationToken cancellation)
    {
        string[] rig = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? [host, typeof(BoardsCommands).Assembly.Location] : [Environment.ProcessPath!];
        TimeProvider machine = TimeProvider.System;
        long begin = machine.GetTimestamp();
        await session.PowerOn([.. rig, "boards", "supervise", session.Name, "--bench", Path.GetFullPath(Bench(parsed).File), "--state", Path.GetFullPath(parsed.GetRequiredValue(_state))], wait, cancellation);
        await _output.WriteLineAsync(wait ? string.Create(CultureInfo.InvariantCulture, $"{session.Name}: on, the agent speaks after {machine.GetElapsedTime(begin).TotalSeconds:0.0} s") : $"{session.Name}: on");
    }

    private Command Reset()
    {
        var reset = new Command("reset", "Pulls the reset line: the board starts anew without losing power.") { _board };
        Set(reset, async (parsed, _) =>
        {
            BoardSession session = Session(parsed);
            session.Reset();
            await _output.WriteLineAsync($"{session.Name}: reset");
        });
        return reset;
    }

    private Command Console()
    {
        var console = new Command("console", "The board's console: Ctrl+] leaves it. With piped input it is left when the board has been silent for 2 s, at the latest after 30 s.") { _board };
        Set(console, async (parsed, cancellation) =>
        {
            BoardSession session = Session(parsed);
            if (!session.IsOn)
                throw new BenchException($"{session.Name}: console: expected on, found off; run: satnode-rig boards power on {session.Name}");
            if (!File.Exists(session.Folder.ConsoleSocket))
                throw new BenchException($"{session.Name}: console: nobody can type at a board of its kind; its lines are in {session.Folder.ConsoleLog}");
            bool isTerminal = !System.Console.IsInputRedirected;
            // On a terminal the framework's own stream edits lines and echoes.
            await using Stream input = isTerminal ? new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0) : System.Console.OpenStandardInput();
            await using Stream output = System.Console.OpenStandardOutput();
            if (isTerminal)
                await _error.WriteLineAsync($"{session.Name}: Ctrl+] leaves, Enter wakes the shell");
            using RawTerminal? raw = isTerminal ? new() : null;
            bool isThere = await new ConsoleClient(session.Name, input, output, TimeProvider.System).Run(session.Folder.ConsoleSocket, cancellation);
            if (!isThere)
                throw new BoardException($"{session.Name}: console: the board went away");
        });
        return console;
    }

    private Command Flash()
    {
        var file = new Argument<string>("IMAGE") { Description = "The image, as `image build` makes it." };
        var flash = new Command("flash", "Writes an image into the slot that does not run; it boots on trial next.") { _board, file, _keys };
        Set(flash, async (parsed, cancellation) =>
        {
            BoardSession session = Session(parsed);
            string path = parsed.GetRequiredValue(file);
            await using FileStream image = Open(path);
            await session.Provision(parsed.GetRequiredValue(_keys), cancellation);
            FlashResult result;
            using (var progress = new FlashProgress(_output, System.Console.IsOutputRedirected))
                result = await session.Flash(image, progress.Report, cancellation);
            await _output.WriteLineAsync($"{session.Name}: slot {result.Slot.Name()} holds {result.Manifest.Version}, {(result.IsTrial ? "on trial from the next boot" : "the board was blank: it boots this")}{(session.IsOn ? $"; run: satnode-rig boards power cycle {session.Name}" : "")}");
        });
        return flash;
    }

    private Command Supervise()
    {
        var supervise = new Command("supervise", "Keeps a board on until SIGTERM; what `power on` starts.") { _board };
        supervise.Hidden = true;
        Set(supervise, async (parsed, cancellation) =>
        {
            BenchFile bench = Bench(parsed);
            BenchBoard board = Find(bench, parsed.GetRequiredValue(_board));
            BoardFolder folder = Session(parsed, bench, board).Folder;
            using IDisposable held = await folder.Take(BoardFolder.TakePatience, TimeProvider.System, cancellation)
                ?? throw new BenchException($"{board.Resource.Name}: power: expected off, found another command or supervisor at it");
            await new BoardSupervisor(board, folder, _error.WriteLine).Run(() => folder.Announce(Environment.ProcessId), cancellation);
        });
        return supervise;
    }

    /// <summary>Sets an action whose failing board is exit code 1.</summary>
    private void Set(Command command, Func<ParseResult, CancellationToken, Task> action) => command.SetAction(async (parsed, cancellation) =>
    {
        try
        {
            await action(parsed, cancellation);
            return RigCommands.Passed;
        }
        catch (BoardException fault)
        {
            await _error.WriteLineAsync($"satnode-rig: {fault.Message.ReplaceLineEndings(" ")}");
            return RigCommands.Failed;
        }
    });

    private BenchFile Bench(ParseResult parsed) => BenchFile.Read(parsed.GetValue(_bench) ?? BoardRequest.FileOf("qemu"));

    private BoardSession Session(ParseResult parsed)
    {
        BenchFile bench = Bench(parsed);
        return Session(parsed, bench, Find(bench, parsed.GetRequiredValue(_board)));
    }

    private BoardSession Session(ParseResult parsed, BenchFile bench, BenchBoard board) =>
        new(bench, board, new(parsed.GetRequiredValue(_state), bench.Name, board.Resource.Name), TimeProvider.System);

    private static BenchBoard Find(BenchFile bench, string name) => bench.Boards.FirstOrDefault(board => board.Resource.Name == name)
        ?? throw new BenchException($"{name}: expected a board of {bench.File} ({string.Join(", ", bench.Boards.Select(board => board.Resource.Name))}), found none of this name");

    private static Option<string> Format()
    {
        var format = new Option<string>("--format") { Description = "text or json.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        return format;
    }

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"{path}: expected a board image: {(fault is FileNotFoundException or DirectoryNotFoundException ? "no such file" : fault.Message)}", fault);
        }
    }
}
