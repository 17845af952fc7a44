using System.ComponentModel;
using System.Runtime.InteropServices;

namespace SatNode.Functions.Hosting;

/// <summary>CPU time that the calling thread has used. Source: clock_gettime(2), CLOCK_THREAD_CPUTIME_ID (Linux).</summary>
internal static partial class ThreadCpuClock
{
    private const int ClockThreadCpuTimeId = 3;
    private const long NanosecondsPerTick = 100;

    /// <summary>User and system time since the thread began.</summary>
    public static TimeSpan Now
    {
        get
        {
            if (ClockGetTime(ClockThreadCpuTimeId, out TimeSpec time) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            return new(((long)time.Seconds * TimeSpan.TicksPerSecond) + ((long)time.Nanoseconds / NanosecondsPerTick));
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
