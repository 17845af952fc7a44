using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Qemu;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.World;

namespace SatNode.Rig.Boards.Drivers;

/// <summary>A board of kind <c>qemu</c>: power on starts QEMU, power off presses the board's power button and takes the power away after the grace, a cut kills QEMU. The
/// UART is the console; the CPU time of the emulated core heats the satellite. It never outlives the rig.</summary>
public sealed class QemuBoard : IBoard, IPower, IReset, IBoardLoad, ITerminal
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);

    private readonly QemuBoardResource _resource;
    private readonly QemuWiring _wiring;
    private readonly QemuKit _kit;
    private readonly QemuDisks _disks;
    private readonly TimeProvider _machine;
    private readonly ConsoleLog _console;
    private readonly Lock _lock = new();
    private TerminalReceiver[] _receivers = [];
    private QemuRun? _run;
    private int _runs;
    private TimeSpan _cpuOfEnded;
    private double _speed = 1;

    /// <summary>Creates the driver; the board is off.</summary>
    /// <param name="resource">The board.</param>
    /// <param name="wiring">What it is connected to.</param>
    /// <param name="kit">What it starts from.</param>
    /// <param name="clock">The world's clock, for the console's stamps.</param>
    /// <param name="machine">The machine's clock, for the grace; null takes the system's.</param>
    public QemuBoard(QemuBoardResource resource, QemuWiring wiring, QemuKit kit, TimeProvider clock, TimeProvider? machine = null)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(wiring);
        _resource = resource;
        _wiring = wiring;
        _kit = kit;
        _disks = new(resource, wiring.Folder);
        _machine = machine ?? TimeProvider.System;
        _console = new(resource.Name, clock, _machine);
    }

    /// <inheritdoc/>
    public string Name => _resource.Name;

    /// <inheritdoc/>
    public string Kind => _resource.Kind;

    /// <inheritdoc/>
    public IConsole Console => _console;

    /// <summary>Its disks.</summary>
    public QemuDisks Disks => _disks;

    IPower IBoard.Power => this;

    IBoardLoad IBoard.Load => this;

    ITerminal IBoard.Terminal => this;

    IReset IBoard.Reset => this;

    IBoardSlots IBoard.Slots => _disks;

    IMemoryUse? IBoard.Memory => null; // the agent's memory is the board's own affair: QEMU's would be the whole board's and its own

    /// <inheritdoc/>
    public bool IsOn => Current is not null;

    /// <inheritdoc/>
    public bool IsPowered => IsOn;

    /// <summary>QEMU's process, or null when the board is off.</summary>
    public int? ProcessId => Current?.ProcessId;

    /// <inheritdoc/>
    public int Runs
    {
        get
        {
            lock (_lock)
                return _runs;
        }
    }

    /// <inheritdoc/>
    public Task<BoardExit> Ended
    {
        get
        {
            lock (_lock)
                return _run?.Ended ?? Task.FromResult(default(BoardExit));
        }
    }

    /// <inheritdoc/>
    public TimeSpan CpuTime
    {
        get
        {
            lock (_lock)
                return (_cpuOfEnded + (Current?.CpuTime ?? TimeSpan.Zero)) / _resource.EmulationSlowdown;
        }
    }

    /// <inheritdoc/>
    /// <remarks>QEMU is stopped for the rest of each 20 ms, all devices with it; the guest's clocks go on. As for a process, a second of CPU time stays a second of work at full clock.</remarks>
    public void Throttle(double speed)
    {
        lock (_lock)
        {
            _speed = speed;
            Current?.Throttle(speed);
        }
    }

    private QemuRun? Current
    {
        get
        {
            lock (_lock)
                return _run is { IsOver: false } run ? run : null;
        }
    }

    /// <inheritdoc/>
    public async Task On(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsOn)
            throw new InvalidOperationException($"{Name}: power: expected off, found on");
        string monitorPath = Path.Combine(_wiring.Sockets, $"{Name}.qmp"), terminalPath = Path.Combine(_wiring.Sockets, $"{Name}.uart");
        using Socket monitorAt = Listen(monitorPath), terminalAt = Listen(terminalPath);
        Process process;
        try
        {
            process = await ProcessLauncher.Start(QemuCommandLine.Program, QemuCommandLine.Of(_resource, _wiring, _kit, _disks, monitorPath, terminalPath), _wiring.Folder, new Dictionary<string, string>(StringComparer.Ordinal));
        }
        catch (Exception failed) when (failed is Win32Exception or InvalidOperationException or IOException)
        {
            throw new BoardException($"{Name}: power: QEMU did not start ({failed.Message}); setsid and setpriv of util-linux are needed too", failed);
        }
        var run = new QemuRun(Name, process, ++_runs, _console, Book);
        try
        {
            await run.Connect(monitorAt, terminalAt, Heard, cancellationToken).WaitAsync(StartTimeout, _machine, cancellationToken);
        }
        catch (Exception fault)
        {
            run.Kill();
            await run.Ended;
            string last = _console.Lines.LastOrDefault(line => line.Run == run.Number) is { Text: { } text } ? $"; last line: '{text}'" : "";
            throw fault is OperationCanceledException ? fault : new BoardException($"{Name}: power: QEMU did not start: {fault.Message}{last}", fault);
        }
        finally
        {
            File.Delete(monitorPath);
            File.Delete(terminalPath);
        }
        lock (_lock)
        {
            _run = run;
            run.Throttle(_speed); // the board is as hot as it was
        }
    }

    /// <inheritdoc/>
    public async Task Off(CancellationToken cancellationToken)
    {
        if (Current is not { } run)
            return;
        try
        {
            await run.PressPowerButton(cancellationToken);
            await run.Ended.WaitAsync(_resource.ShutdownGrace, _machine, cancellationToken);
        }
        catch (Exception fault) when (fault is TimeoutException or BoardException)
        {
            _console.Add(run.Number, isError: true, $"rig: not off within {_resource.ShutdownGrace.TotalSeconds:0.#} s of its power button; cut");
            await Cut(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task Cut(CancellationToken cancellationToken)
    {
        if (Current is not { } run)
            return;
        run.Kill();
        await run.Ended.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task Pull(CancellationToken cancellationToken) =>
        Current is { } run ? run.Reset(cancellationToken) : throw new InvalidOperationException($"{Name}: reset: expected on, found off");

    /// <inheritdoc/>
    public IDisposable Listen(TerminalReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        lock (_lock)
            _receivers = [.. _receivers, receiver];
        return new Listener(this, receiver);
    }

    /// <inheritdoc/>
    public Task Type(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => Current?.Type(bytes, cancellationToken) ?? Task.CompletedTask;

    /// <summary>Cuts the power.</summary>
    public async ValueTask DisposeAsync() => await Cut(CancellationToken.None);

    private void Heard(ReadOnlySpan<byte> bytes)
    {
        TerminalReceiver[] receivers;
        lock (_lock)
            receivers = _receivers;
        foreach (TerminalReceiver receiver in receivers)
            receiver(bytes);
    }

    private void Book(QemuRun run)
    {
        lock (_lock)
        {
            _cpuOfEnded += run.CpuTime;
            run.IsOver = true;
        }
    }

    private Socket Listen(string path)
    {
        File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            socket.Listen(1);
            return socket;
        }
        catch (Exception fault) when (fault is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw new BoardException($"{Name}: power: no socket at '{path}': {fault.Message}", fault);
        }
    }

    private sealed class Listener(QemuBoard board, TerminalReceiver receiver) : IDisposable
    {
        public void Dispose()
        {
            lock (board._lock)
            {
                int index = Array.IndexOf(board._receivers, receiver);
                if (index >= 0)
                    board._receivers = [.. board._receivers[..index], .. board._receivers[(index + 1)..]];
            }
        }
    }
}
