using System.Globalization;

namespace SatNode.Rig.Boards.Drivers;

/// <summary>CPU time of one thread of another process. Source: Documentation/scheduler/sched-stats, <c>/proc/PID/task/TID/schedstat</c>, in ns; where the kernel does not
/// keep it, <c>stat</c> in clock ticks, proc(5).</summary>
/// <param name="processId">The process.</param>
/// <param name="threadId">The thread.</param>
internal sealed class ThreadCpuClock(int processId, int threadId)
{
    private const int TicksASecond = 100; // USER_HZ, the same on every Linux that .NET runs on

    private readonly string _folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/task/{threadId}");

    /// <summary>CPU time since the thread began, or null when it has ended.</summary>
    public TimeSpan? Read()
    {
        try
        {
            string schedule = Path.Combine(_folder, "schedstat");
            if (File.Exists(schedule))
            {
                string text = File.ReadAllText(schedule);
                return TimeSpan.FromTicks(long.Parse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick);
            }
            // The name may hold spaces and brackets; it ends at the last one. Fields 14 and 15 are the 12th and 13th after it.
            string stat = File.ReadAllText(Path.Combine(_folder, "stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            long ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds((double)ticks / TicksASecond);
        }
        catch (Exception ended) when (ended is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
