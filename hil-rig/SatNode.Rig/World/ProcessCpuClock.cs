using System.ComponentModel;
using System.Runtime.InteropServices;

namespace SatNode.Rig.World;

/// <summary>The kernel's CPU clock of another process: all its threads, to the nanosecond. Source: POSIX.1-2017, clock_getcpuclockid.</summary>
public sealed partial class ProcessCpuClock
{
    private const int NoSuchProcess = 3; // ESRCH

    private readonly int _clock;

    /// <summary>Opens the clock of a process.</summary>
    /// <exception cref="Win32Exception">There is no such process.</exception>
    public ProcessCpuClock(int processId)
    {
        int error = GetCpuClockId(processId, out _clock);
        if (error != 0)
            throw new Win32Exception(error, $"cpu clock: expected process {processId}, found none (error {error})");
    }

    /// <summary>CPU time since the process began, or null when it has ended.</summary>
    public TimeSpan? Read()
    {
        if (GetTime(_clock, out TimeSpec time) == 0)
            return TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick));
        int error = Marshal.GetLastPInvokeError();
        return error is NoSuchProcess or 22 ? null : throw new Win32Exception(error); // EINVAL: the kernel's answer for a clock whose process is gone
    }

    [LibraryImport("libc", EntryPoint = "clock_getcpuclockid")]
    private static partial int GetCpuClockId(int processId, out int clock);

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
