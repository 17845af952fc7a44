using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Drivers;

/// <summary>An emulated board from power on to power off: QEMU's process, its monitor, its UART and the clock of its core.</summary>
internal sealed class QemuRun : IAsyncDisposable
{
    private static readonly TimeSpan ConsoleDrain = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly DutyCycle _duty;
    private readonly ConsoleLog _console;
    private readonly Task _errors;
    private QmpClient? _monitor;
    private NetworkStream? _terminal;
    private Task _lines = Task.CompletedTask;
    private ThreadCpuClock? _cpu;
    private TimeSpan _cpuLast;
    private volatile bool _isAsked;

    /// <summary>Takes a process over.</summary>
    /// <param name="board">The board, for texts.</param>
    /// <param name="process">QEMU.</param>
    /// <param name="number">The run's number.</param>
    /// <param name="console">Takes the lines.</param>
    /// <param name="ended">Called once, before <see cref="Ended"/> completes.</param>
    public QemuRun(string board, Process process, int number, ConsoleLog console, Action<QemuRun> ended)
    {
        Board = board;
        _process = process;
        _duty = new(process);
        Number = number;
        _console = console;
        _errors = Task.WhenAll(console.PumpOnThread(process.StandardOutput.BaseStream, number, isError: true), console.PumpOnThread(process.StandardError.BaseStream, number, isError: true));
        Ended = AwaitEnd(ended);
    }

    public string Board { get; }

    public int Number { get; }

    public int ProcessId => _process.Id;

    public Task<BoardExit> Ended { get; }

    /// <summary>True once its CPU time is booked with the board's; guarded by the board's lock.</summary>
    public bool IsOver { get; set; }

    /// <summary>CPU time of the emulated core; guarded by the board's lock.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            if (_cpu?.Read() is { } now && now > _cpuLast)
                _cpuLast = now;
            return _cpuLast;
        }
    }

    /// <summary>Slows the whole emulator.</summary>
    public void Throttle(double speed) => _duty.Set(speed);

    /// <summary>Waits for QEMU at both sockets.</summary>
    /// <exception cref="BoardException">QEMU ended, or its monitor does not answer.</exception>
    public async Task Connect(Socket monitor, Socket terminal, TerminalReceiver heard, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<Socket[]> connected = Task.WhenAll(monitor.AcceptAsync(stop.Token).AsTask(), terminal.AcceptAsync(stop.Token).AsTask());
        if (await Task.WhenAny(connected, Ended) != connected)
        {
            await stop.CancelAsync();
            await ((Task)connected).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new BoardException($"it ended with exit code {(await Ended).ExitCode}");
        }
        Socket[] sockets = await connected;
        _terminal = new(sockets[1], ownsSocket: true);
        _lines = _console.PumpOnThread(_terminal, Number, isError: false, heard);
        _monitor = await QmpClient.Greet(Board, new NetworkStream(sockets[0], ownsSocket: true), Note, cancellationToken);
        JsonNode? cores = await _monitor.Execute("query-cpus-fast", cancellationToken);
        if (cores?[0]?["thread-id"]?.GetValue<int>() is { } thread)
            _cpu = new(_process.Id, thread);
    }

    public Task PressPowerButton(CancellationToken cancellationToken)
    {
        _isAsked = true;
        return _monitor!.Execute("system_powerdown", cancellationToken);
    }

    public Task Reset(CancellationToken cancellationToken) => _monitor!.Execute("system_reset", cancellationToken);

    public async Task Type(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _terminal!.WriteAsync(bytes, cancellationToken);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // The power went: what was typed is lost, as on a real line.
        }
    }

    /// <summary>Takes the power away and waits for the end.</summary>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await Ended;
    }

    public void Kill()
    {
        _isAsked = true;
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    /// <summary>What the bench engineer cannot see otherwise: the board did not restart by itself.</summary>
    private void Note(string name)
    {
        if (name == "WATCHDOG")
            _console.Add(Number, isError: true, "rig: the board's watchdog ran out; reset");
    }

    private async Task<BoardExit> AwaitEnd(Action<QemuRun> ended)
    {
        await _process.WaitForExitAsync();
        _duty.End();
        await Task.WhenAll(_lines, _errors).WaitAsync(ConsoleDrain, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_terminal is { } terminal)
            await terminal.DisposeAsync();
        if (_monitor is { } monitor)
            await monitor.DisposeAsync();
        ended(this);
        return new(Number, _process.ExitCode, _isAsked);
    }
}
