using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SatNode.Protocol.Boards;
using SatNode.Rig.Boards.Images;
using SatNode.Rig.Boards.Mounts;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Boards.Strategies;

namespace SatNode.Rig.Boards.Sessions;

/// <summary>A board from the command line: between two commands a supervisor keeps it on.</summary>
/// <param name="bench">The bench.</param>
/// <param name="board">The board.</param>
/// <param name="folder">Its folder.</param>
/// <param name="machine">The machine's clock.</param>
internal sealed partial class BoardSession(BenchFile bench, BenchBoard board, BoardFolder folder, TimeProvider machine)
{
    private const int HangUp = 1, Quit = 3, Terminate = 15;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(5); // over the board's own grace

    /// <summary>The board's name.</summary>
    public string Name => board.Resource.Name;

    /// <summary>Its folder.</summary>
    public BoardFolder Folder => folder;

    /// <summary>True when it is on.</summary>
    public bool IsOn => folder.Supervisor() is not null;

    /// <summary>Makes what the board needs but an image, once.</summary>
    public Task Provision(string keys, CancellationToken cancellation) => BoardSupervisor.Provision(bench, board, folder, keys, cancellation);

    /// <summary>How it stands.</summary>
    public BoardStatus Status()
    {
        int? supervisor = folder.Supervisor();
        (BootSlot? running, string? reason, string? last) = supervisor is null ? default : BoardStatus.ReadConsole(ConsoleLines());
        if (!folder.IsProvisioned || BoardMount.SlotsOf(board.Resource, folder.FullPath) is not { } slots)
            return new(Name, board.Resource.Kind, supervisor, null, [], running, reason, last);
        using ECDsa key = ImageKeys.ReadPublic(folder.ImageKey);
        var flasher = new BoardFlasher(Name, slots, [key]);
        return new(Name, board.Resource.Kind, supervisor, flasher.ReadBootState(), [flasher.Read(BootSlot.A), flasher.Read(BootSlot.B)], running, reason, last);
    }

    /// <summary>Flashes an image into the slot that does not run.</summary>
    /// <exception cref="BenchException">The board has no slots, is starting, or the image is not for it; nothing was written.</exception>
    /// <exception cref="BoardException">The slot did not take it.</exception>
    public async Task<FlashResult> Flash(Stream image, Action<FlashStep, long, long>? progress, CancellationToken cancellation)
    {
        IBoardSlots slots = BoardMount.SlotsOf(board.Resource, folder.FullPath) ?? throw new BenchException($"{Name}: flash: kind {board.Resource.Kind} has no slots");
        using ECDsa key = ImageKeys.ReadPublic(folder.ImageKey);
        bool isOn = IsOn;
        // What is off stays off meanwhile.
        using IDisposable? held = isOn ? null : await folder.Take(BoardFolder.TakePatience, machine, cancellation)
            ?? throw new BenchException($"{Name}: flash: expected on or off, found it starting or another command at it; try again in a moment");
        return new BoardFlasher(Name, slots, [key]).Flash(image, isOn, progress);
    }

    /// <summary>Switches on; with a wait, until the agent speaks.</summary>
    /// <param name="supervise">The command line that supervises this board.</param>
    /// <param name="wait">True to wait for the agent.</param>
    /// <param name="cancellation">Ends the wait; the board stays on.</param>
    /// <exception cref="BoardException">It does not start, or the agent does not speak in time.</exception>
    public async Task PowerOn(IReadOnlyList<string> supervise, bool wait, CancellationToken cancellation)
    {
        if (IsOn)
            throw new BenchException($"{Name}: power: expected off, found on");
        if (folder.IsTaken)
            throw new BenchException($"{Name}: power: expected off, found it starting or another command at it; try again in a moment");
        if (BoardMount.SlotsOf(board.Resource, folder.FullPath) is not null && Status().Slots.All(slot => slot.Manifest is null))
            throw new BenchException($"{Name}: power: expected an image in a slot, found none; run: satnode-rig boards flash {Name} IMAGE");
        File.Delete(folder.ConsoleLog);
        File.Delete(folder.SupervisorLog);
        // A session of its own, and its words in a file: it outlives this command and its terminal.
        var start = new ProcessStartInfo("setsid") { UseShellExecute = false };
        foreach (string argument in (IEnumerable<string>)["sh", "-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null", "sh", folder.SupervisorLog, .. supervise])
            start.ArgumentList.Add(argument);
        using Process supervisor = Start(start);
        long begin = machine.GetTimestamp();
        while (folder.Supervisor() is null)
        {
            if (supervisor.HasExited)
                throw new BoardException(LastWords());
            if (machine.GetElapsedTime(begin) > StartTimeout)
            {
                supervisor.Kill(entireProcessTree: true); // else it would switch on later, unasked
                throw new BoardException($"{Name}: power: expected a supervisor within {StartTimeout.TotalSeconds:0} s, found none; its words are in {folder.SupervisorLog}");
            }
            await Task.Delay(Poll, machine, cancellation);
        }
        while (wait && !ConsoleLines().Any(line => line.StartsWith("EVENT ", StringComparison.Ordinal)))
        {
            if (supervisor.HasExited)
                throw new BoardException($"{LastWords()}; the console's last line: {ConsoleLines().LastOrDefault(line => line.Length > 0) ?? "none"}");
            if (machine.GetElapsedTime(begin) > board.Strategy.BootTimeout)
                throw new BoardException($"{Name}: boot: expected the agent to speak within {board.Strategy.BootTimeout.TotalSeconds:0} s, it did not; the console's last line: {ConsoleLines().LastOrDefault(line => line.Length > 0) ?? "none"}");
            await Task.Delay(Poll, machine, cancellation);
        }
    }

    /// <summary>Presses the power button, or cuts the power; one that starts is waited for. Nothing happens when it is off.</summary>
    /// <exception cref="BoardException">The supervisor does not end.</exception>
    public async Task PowerOff(bool isCut, CancellationToken cancellation)
    {
        long begin = machine.GetTimestamp();
        int supervisor;
        while (true)
        {
            if (folder.Supervisor() is { } found)
            {
                supervisor = found;
                break;
            }
            if (!folder.IsTaken)
                return;
            if (machine.GetElapsedTime(begin) > StartTimeout)
                throw new BoardException($"{Name}: power: expected on or off within {StartTimeout.TotalSeconds:0} s, found it starting or another command at it");
            await Task.Delay(Poll, machine, cancellation);
        }
        _ = SendSignal(supervisor, isCut ? Quit : Terminate);
        TimeSpan patience = StopMargin + board.Resource.ShutdownGrace;
        begin = machine.GetTimestamp();
        while (folder.IsTaken)
        {
            if (machine.GetElapsedTime(begin) > patience)
                throw new BoardException($"{Name}: power: expected supervisor {supervisor} to end within {patience.TotalSeconds:0} s, it did not");
            await Task.Delay(Poll, machine, cancellation);
        }
    }

    /// <summary>Pulls the reset line: the board starts anew without losing power.</summary>
    /// <exception cref="BenchException">The board is off, or its kind has no reset line.</exception>
    public void Reset()
    {
        if (!BoardMount.HasReset(board.Resource))
            throw new BenchException($"{Name}: reset: kind {board.Resource.Kind} has no reset line");
        if (folder.Supervisor() is not { } supervisor)
            throw new BenchException($"{Name}: reset: expected on, found off");
        _ = SendSignal(supervisor, HangUp);
    }

    private string[] ConsoleLines()
    {
        if (!File.Exists(folder.ConsoleLog))
            return [];
        using var reader = new StreamReader(new FileStream(folder.ConsoleLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries);
    }

    private string LastWords() => File.Exists(folder.SupervisorLog) && File.ReadLines(folder.SupervisorLog).LastOrDefault(line => line.Length > 0) is { } last
        ? last.Replace("satnode-rig: ", "", StringComparison.Ordinal) : $"{Name}: power: the supervisor ended and said nothing";

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new UnreachableException("a process without shell is always new");
        }
        catch (Win32Exception fault)
        {
            throw new BenchException($"{Name}: power: '{start.FileName}' of util-linux did not start: {fault.Message}", fault);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}
