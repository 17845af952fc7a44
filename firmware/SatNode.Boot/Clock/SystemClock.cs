using System.ComponentModel;
using System.Runtime.InteropServices;

namespace SatNode.Boot.Clock;

/// <summary>Sets the machine's clock. Source: clock_settime(2), CLOCK_REALTIME (Linux).</summary>
internal static partial class SystemClock
{
    private const int ClockRealtime = 0;
    private const int NanosecondsPerTick = 100;

    /// <summary>Adds an offset to the clock.</summary>
    /// <exception cref="Win32Exception">The kernel refuses: only the superuser may.</exception>
    internal static void Add(TimeSpan offset)
    {
        long ticks = (TimeProvider.System.GetUtcNow() + offset - DateTimeOffset.UnixEpoch).Ticks;
        var time = new TimeSpec
        {
            Seconds = (nint)(ticks / TimeSpan.TicksPerSecond),
            Nanoseconds = (nint)(ticks % TimeSpan.TicksPerSecond * NanosecondsPerTick),
        };
        if (ClockSetTime(ClockRealtime, in time) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "clock_settime", SetLastError = true)]
    private static partial int ClockSetTime(int clock, in TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
