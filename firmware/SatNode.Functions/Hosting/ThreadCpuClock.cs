using System.ComponentModel;
using System.Runtime.InteropServices;

namespace SatNode.Functions.Hosting;

/// <summary>CPU time that the calling thread, or a process, has used. Source: clock_gettime(2), CLOCK_THREAD_CPUTIME_ID (Linux).</summary>
internal static partial class ThreadCpuClock
{
    private const int ClockThreadCpuTimeId = 3;
    private const int ScheduledTime = 2;
    private const long NanosecondsPerTick = 100;

    /// <summary>User and system time since the thread began.</summary>
    public static TimeSpan Now
    {
        get
        {
            if (ClockGetTime(ClockThreadCpuTimeId, out TimeSpec time) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            return Span(time);
        }
    }

    /// <summary>User and system time of all threads of a process since it began; false when there is none. Source: clock_getcpuclockid(3), whose number for a process this is.</summary>
    public static bool TryOfProcess(int process, out TimeSpan used)
    {
        bool isThere = ClockGetTime((~process << 3) | ScheduledTime, out TimeSpec time) == 0;
        used = Span(time);
        return isThere;
    }

    private static TimeSpan Span(TimeSpec time) => new(((long)time.Seconds * TimeSpan.TicksPerSecond) + ((long)time.Nanoseconds / NanosecondsPerTick));

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
