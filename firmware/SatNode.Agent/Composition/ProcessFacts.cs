using System.Globalization;

namespace SatNode.Agent.Composition;

/// <summary>What the kernel says of this process. Source: proc(5).</summary>
public static class ProcessFacts
{
    private const int ClockTicksPerSecond = 100;
    private const int StartTimeField = 22;

    /// <summary>Milliseconds of the machine's time since exec, to 10 ms; 0 when the kernel does not say.</summary>
    public static long MillisecondsSinceExec()
    {
        try
        {
            // The command's name may hold spaces: fields are counted from the bracket that closes it, which ends field 2.
            string stat = File.ReadAllText("/proc/self/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            double startSeconds = long.Parse(fields[StartTimeField - 3], CultureInfo.InvariantCulture) / (double)ClockTicksPerSecond;
            double upSeconds = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
            return (long)Math.Max(0, (upSeconds - startSeconds) * 1000);
        }
        catch (Exception e) when (e is IOException or FormatException or IndexOutOfRangeException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Identifies this run of the kernel; empty when the kernel does not say. Source: random(4), boot_id.</summary>
    public static string KernelBoot()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Resident memory in bytes.</summary>
    public static long ResidentBytes() => Environment.WorkingSet;

    /// <summary>CPU time of all threads since exec; that of worker processes is not in it.</summary>
    public static TimeSpan CpuTime() => Environment.CpuUsage.TotalTime;
}
