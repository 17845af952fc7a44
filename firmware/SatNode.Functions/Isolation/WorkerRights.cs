using System.Globalization;
using System.Runtime.InteropServices;

namespace SatNode.Functions.Isolation;

/// <summary>What a worker gives up of what a process may do, before a function runs in it. Source: prctl(2), setrlimit(2), proc(5).</summary>
internal static partial class WorkerRights
{
    private const int SetParentDeathSignal = 1;
    private const int SetNoNewPrivileges = 38;
    private const int SetDumpable = 4;
    private const int Kill = 9;

    private enum Limit
    {
        CpuSeconds = 0,
        FileBytes = 1,
        PrivateBytes = 2,
        CoreBytes = 4,
        OpenFiles = 7,
        LockedBytes = 8,
        MessageQueueBytes = 12,
    }

    /// <summary>Ends this process when its agent ends.</summary>
    /// <returns>False when the agent has ended already.</returns>
    public static bool TryTieTo(int agent) => Control(SetParentDeathSignal, Kill, 0, 0, 0) == 0 && ParentId() == agent;

    /// <summary>Gives up rights by programs for this thread and for all that it starts: a worker that is started by it has none from its first instruction.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void GiveUpPrivileges() => Require(Control(SetNoNewPrivileges, 1, 0, 0, 0), "no new privileges");

    /// <summary>No files that grow, no dumps, little memory, and the first to go when the board has none left. What cannot be given up ends the worker.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void GiveUp(long functionBytes)
    {
        File.WriteAllText("/proc/self/oom_score_adj", "1000");
        long bytes = PrivateBytes() + (2 * functionBytes) + WorkerBounds.OwnMemoryBytesMax;
        Set(Limit.CpuSeconds, (long)WorkerBounds.CpuTimeMax.TotalSeconds);
        Set(Limit.PrivateBytes, bytes);
        Set(Limit.CoreBytes, 0);
        Set(Limit.LockedBytes, 0);
        Set(Limit.MessageQueueBytes, 0);
        Set(Limit.OpenFiles, WorkerBounds.FilesMax);
        Set(Limit.FileBytes, 0);
        Require(Control(SetDumpable, 0, 0, 0, 0), "no dumps");
    }

    private static long PrivateBytes()
    {
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("VmData:", StringComparison.Ordinal))
                return long.Parse(line.AsSpan("VmData:".Length).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture) * 1024;
        }
        throw new IOException("/proc/self/status: expected VmData, found none");
    }

    private static void Set(Limit limit, long max)
    {
        Span<ulong> both = [(ulong)max, (ulong)max];
        Require(SetLimit((int)limit, in both[0]), limit.ToString());
    }

    private static void Require(int result, string what)
    {
        if (result != 0)
            throw new IOException($"worker: {what}: error {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nint one, nint two, nint three, nint four);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int ParentId();

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in ulong limits);
}
