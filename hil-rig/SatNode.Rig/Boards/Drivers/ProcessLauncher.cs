using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace SatNode.Rig.Boards.Drivers;

/// <summary>Starts child processes that die with the rig, however it dies.</summary>
/// <remarks>The kernel sends a child its parent-death signal when the <em>thread</em> ends that forked it (prctl(2), PR_SET_PDEATHSIG). A thread of the pool may
/// end any time, so all children are forked by one thread that lives as long as the process. The signal itself is armed between fork and exec by
/// <c>setpriv</c>, and <c>setsid</c> gives the child a process group of its own, so that a Ctrl+C at the rig's terminal does not reach it (both util-linux;
/// both exec in place: the child's id stays).</remarks>
internal static class ProcessLauncher
{
    private static readonly BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Started)> Orders = new(boundedCapacity: 1024);
    private static readonly Lazy<Thread> Forker = new(StartForker);

    /// <summary>Starts a program with redirected output.</summary>
    /// <exception cref="Win32Exception">It, or util-linux, could not be started.</exception>
    internal static Task<Process> Start(string executable, IEnumerable<string> arguments, string? workingFolder, IEnumerable<KeyValuePair<string, string>> environment)
    {
        _ = Forker.Value;
        var info = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = workingFolder ?? "",
        };
        foreach (string argument in (IEnumerable<string>)["setpriv", "--pdeathsig", "KILL", "--", executable, .. arguments])
            info.ArgumentList.Add(argument);
        foreach ((string key, string value) in environment)
            info.Environment[key] = value;
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Orders.Add((info, started));
        return started.Task;
    }

    private static Thread StartForker()
    {
        var thread = new Thread(Fork) { IsBackground = true, Name = "board forker" };
        thread.Start();
        return thread;
    }

    private static void Fork()
    {
        foreach ((ProcessStartInfo info, TaskCompletionSource<Process> started) in Orders.GetConsumingEnumerable())
        {
            try
            {
                Process process = Process.Start(info) ?? throw new UnreachableException("a process without shell is always new");
                process.StandardInput.Close();
                started.SetResult(process);
            }
            catch (Exception failed) when (failed is Win32Exception or InvalidOperationException or IOException)
            {
                started.SetException(failed);
            }
        }
    }
}
