using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SatNode.Rig.Boards.Drivers;

/// <summary>Runs a process for a share of each 20 ms and stops it (SIGSTOP, SIGCONT) for the rest: a slower clock, as far as a process can have one. Thread-safe.</summary>
internal sealed partial class DutyCycle(Process process)
{
    /// <summary>Machine time of a cycle: shorter than what an agent at rate 60 notices as a late tick, long enough for the machine's timers.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private const int Stop = 19;     // SIGSTOP
    private const int Continue = 18; // SIGCONT

    private readonly Lock _lock = new();
    private double _speed = 1;
    private bool _isCycling;
    private bool _isOver;

    /// <summary>Sets the share.</summary>
    /// <param name="speed">Above 0 to 1; 1 leaves the process alone.</param>
    internal void Set(double speed)
    {
        if (!(speed is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(speed), speed, "expected a share above 0 to 1");
        lock (_lock)
        {
            _speed = speed;
            if (_isCycling || _isOver || speed >= 1)
                return;
            _isCycling = true;
        }
        _ = Cycle();
    }

    /// <summary>Leaves the process alone for good, which runs on if it still is.</summary>
    internal void End()
    {
        lock (_lock)
        {
            if (_isCycling && !process.HasExited)
                _ = SendSignal(process.Id, Continue);
            _isOver = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);

    private async Task Cycle()
    {
        while (Begin() is { } speed)
        {
            await Task.Delay(Period * (1 - speed), TimeProvider.System);
            Send(Continue);
            await Task.Delay(Period * speed, TimeProvider.System);
        }
    }

    /// <summary>Stops the process for the first part of a cycle; null when it is to be left alone.</summary>
    private double? Begin()
    {
        lock (_lock)
        {
            if (_isOver || _speed >= 1 || process.HasExited)
            {
                _isCycling = false;
                return null;
            }
            _ = SendSignal(process.Id, Stop);
            return _speed;
        }
    }

    private void Send(int signal)
    {
        lock (_lock)
        {
            if (!_isOver && !process.HasExited)
                _ = SendSignal(process.Id, signal);
        }
    }
}
