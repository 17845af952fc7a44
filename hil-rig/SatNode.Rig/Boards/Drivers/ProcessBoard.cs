using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.World;

namespace SatNode.Rig.Boards.Drivers;

/// <summary>A board of kind <c>process</c>: power on starts the agent, power off asks it to end (SIGTERM, then SIGKILL after the grace), a cut kills it. Its output is
/// the console; its CPU time heats the satellite. It never outlives the rig.</summary>
public sealed partial class ProcessBoard : IBoard, IPower, IMemoryUse, IBoardLoad
{
    private const int Terminate = 15; // SIGTERM
    private const int Kill = 9;       // SIGKILL

    private static readonly TimeSpan ConsoleDrain = TimeSpan.FromSeconds(1); // what a descendant that keeps the console open may delay the end

    private readonly ProcessBoardResource _resource;
    private readonly TimeProvider _machine;
    private readonly ConsoleLog _console;
    private readonly MemorySamples _memory = new();
    private readonly Lock _lock = new();
    private Run? _run;
    private int _runs;
    private TimeSpan _cpuOfEnded;
    private double _speed = 1;

    /// <summary>Creates the driver; the board is off.</summary>
    /// <param name="resource">The board.</param>
    /// <param name="clock">The world's clock, for the console's stamps.</param>
    /// <param name="machine">The machine's clock, for the grace; null takes the system's.</param>
    public ProcessBoard(ProcessBoardResource resource, TimeProvider clock, TimeProvider? machine = null)
    {
        ArgumentNullException.ThrowIfNull(resource);
        _resource = resource;
        _machine = machine ?? TimeProvider.System;
        _console = new(resource.Name, clock, _machine);
    }

    /// <summary>The console, over all runs.</summary>
    public IConsole Console => _console;

    /// <inheritdoc/>
    public string Name => _resource.Name;

    /// <inheritdoc/>
    public string Kind => _resource.Kind;

    IPower IBoard.Power => this;

    IBoardLoad IBoard.Load => this;

    IMemoryUse IBoard.Memory => this;

    ITerminal? IBoard.Terminal => null;

    IReset? IBoard.Reset => null;

    IBoardSlots? IBoard.Slots => null;

    /// <summary>The agent's process, or null when the board is off.</summary>
    public int? ProcessId => Current is { } run ? run.Process.Id : null;

    /// <inheritdoc/>
    public bool IsOn => Current is not null;

    /// <inheritdoc/>
    public bool IsPowered => IsOn;

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
                return _cpuOfEnded + (Current?.ReadCpu() ?? TimeSpan.Zero);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The agent's process is stopped for the rest of each 20 ms: its work takes longer and makes less heat, as on a slower clock. What it does not show: on a real board CPU time
    /// stretches with the clock, here a second of CPU time stays a second of work at full clock; and an agent that waits is slowed too.</remarks>
    public void Throttle(double speed)
    {
        if (!(speed is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(speed), speed, "expected a share above 0 to 1");
        lock (_lock)
        {
            _speed = speed;
            Current?.Throttle(speed);
        }
    }

    /// <inheritdoc/>
    public long? ResidentBytesMedian => _memory.Median;

    /// <inheritdoc/>
    public long? ResidentBytesMax => _memory.Max;

    private Run? Current
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
        if (!File.Exists(_resource.Executable))
            throw new BoardException($"{Name}: power: expected an executable at '{_resource.Executable}', found none; the board stays off");
        Process process;
        try
        {
            process = await ProcessLauncher.Start(_resource.Executable, _resource.Arguments, _resource.WorkingFolder, _resource.Environment);
        }
        catch (Exception failed) when (failed is Win32Exception or InvalidOperationException or IOException)
        {
            throw new BoardException($"{Name}: power: '{_resource.Executable}' did not start ({failed.Message}); setsid and setpriv of util-linux are needed too", failed);
        }
        lock (_lock)
        {
            _run = new(this, process, ++_runs);
            _run.Throttle(_speed); // the board is as hot as it was
        }
    }

    /// <inheritdoc/>
    public async Task Off(CancellationToken cancellationToken)
    {
        if (Current is not { } run)
            return;
        run.Signal(Terminate);
        try
        {
            await run.Ended.WaitAsync(_resource.ShutdownGrace, _machine, cancellationToken);
        }
        catch (TimeoutException)
        {
            _console.Add(run.Number, isError: true, $"rig: no end within {_resource.ShutdownGrace.TotalSeconds:0.#} s of SIGTERM; killed");
            await Cut(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task Cut(CancellationToken cancellationToken)
    {
        if (Current is not { } run)
            return;
        run.Signal(Kill);
        await run.Ended.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public long? SampleMemory()
    {
        long? bytes = ProcessId is { } id ? MemorySamples.Read(id) : null;
        if (bytes is { } sample)
            _memory.Add(sample);
        return bytes;
    }

    /// <summary>Cuts the power.</summary>
    public async ValueTask DisposeAsync() => await Cut(CancellationToken.None);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);

    /// <summary>From power on to power off.</summary>
    private sealed class Run
    {
        private readonly ProcessBoard _board;
        private readonly AgentCpu _cpu;
        private readonly DutyCycle _duty;
        private bool _isAsked;

        internal Run(ProcessBoard board, Process process, int number)
        {
            _board = board;
            Process = process;
            Number = number;
            _duty = new(process);
            _cpu = new(process.Id, board._machine);
            Task output = board._console.PumpOnThread(process.StandardOutput.BaseStream, number, isError: false);
            Task error = board._console.PumpOnThread(process.StandardError.BaseStream, number, isError: true);
            Ended = AwaitEnd(output, error);
        }

        internal Process Process { get; }

        internal int Number { get; }

        internal Task<BoardExit> Ended { get; }

        /// <summary>True once its CPU time is booked with the board's.</summary>
        internal bool IsOver { get; private set; }

        internal TimeSpan ReadCpu() => _cpu.Read();

        internal void Throttle(double speed) => _duty.Set(speed);

        internal void Signal(int signal)
        {
            lock (_board._lock)
            {
                _isAsked = true;
                if (IsOver || Process.HasExited)
                    return;
                _ = SendSignal(signal == Kill ? -Process.Id : Process.Id, signal); // killed with all it started; gone meanwhile is fine
                if (signal == Kill)
                    _ = SendSignal(Process.Id, signal); // within the first moments it has no group of its own yet
            }
        }

        private async Task<BoardExit> AwaitEnd(Task output, Task error)
        {
            await Process.WaitForExitAsync();
            _duty.End(); // before the id can be another's
            _ = SendSignal(-Process.Id, Kill); // a board without power runs nothing: what the agent left in its group ends too
            try
            {
                await Task.WhenAll(output, error).WaitAsync(ConsoleDrain, TimeProvider.System);
            }
            catch (TimeoutException)
            {
                Process.StandardOutput.Close();
                Process.StandardError.Close();
            }
            lock (_board._lock)
            {
                _board._cpuOfEnded += ReadCpu();
                IsOver = true;
                return new(Number, Process.ExitCode, _isAsked);
            }
        }
    }
}
