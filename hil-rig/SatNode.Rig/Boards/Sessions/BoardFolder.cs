using System.Globalization;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Sessions;

/// <summary>The folder of a board that the command line handles: what it is made of, what it said, and whether a supervisor keeps it on.</summary>
internal sealed class BoardFolder
{
    /// <summary>The longest path of a UNIX socket on Linux (sun_path less the final zero).</summary>
    private const int SocketPathBytesMax = 107;

    /// <summary>How long to try to take a board that others may only be looking at.</summary>
    public static readonly TimeSpan TakePatience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan TakePoll = TimeSpan.FromMilliseconds(20);

    /// <summary>Opens the folder of a board, there or not.</summary>
    /// <exception cref="BenchException">Its path is too long for sockets.</exception>
    public BoardFolder(string below, string bench, string board)
    {
        FullPath = Path.GetFullPath(Path.Combine(below, bench, board));
        int longest = System.Text.Encoding.UTF8.GetByteCount(Path.Combine(FullPath, $"{board}.uart"));
        if (longest > SocketPathBytesMax)
            throw new BenchException($"--state: expected a path of at most {SocketPathBytesMax - (longest - System.Text.Encoding.UTF8.GetByteCount(below))} bytes, found '{below}'; choose a shorter one");
    }

    /// <summary>The folder below which all benches keep theirs: <c>satnode/boards</c> in the user's state folder.</summary>
    public static string StateFolder
    {
        get
        {
            string? state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
            return Path.Combine(state is { Length: > 0 } && Path.IsPathFullyQualified(state) ? state
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"), "satnode", "boards");
        }
    }

    /// <summary>Its full path.</summary>
    public string FullPath { get; }

    /// <summary>What the agent finds: configuration, keys.</summary>
    public string Data => Path.Combine(FullPath, "data");

    /// <summary>The public key whose images the board boots.</summary>
    public string ImageKey => Path.Combine(FullPath, "image.pub");

    /// <summary>The lines of the console since power on.</summary>
    public string ConsoleLog => Path.Combine(FullPath, "console.log");

    /// <summary>The socket at which the supervisor hands the console out.</summary>
    public string ConsoleSocket => Path.Combine(FullPath, "console");

    /// <summary>The file that whoever has the board holds locked.</summary>
    private string Lock => Path.Combine(FullPath, "supervisor.lock");

    /// <summary>The file with the supervisor's process id, once the board is on; means nothing unless the lock is held.</summary>
    private string ProcessIdFile => Path.Combine(FullPath, "supervisor.pid");

    /// <summary>What a supervisor said that could not do its work.</summary>
    public string SupervisorLog => Path.Combine(FullPath, "supervisor.log");

    /// <summary>True when the board has what it needs but an image.</summary>
    public bool IsProvisioned => File.Exists(ImageKey);

    /// <summary>True when a command or a supervisor has the board: it is on, starts, or is being written to.</summary>
    public bool IsTaken
    {
        get
        {
            try
            {
                using var probe = new FileStream(Lock, FileMode.Open, FileAccess.Read, FileShare.Read); // a shared lock: probes do not meet each other
                return false;
            }
            catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
            {
                return false;
            }
            catch (IOException)
            {
                return true;
            }
        }
    }

    /// <summary>Takes the board, its folder being there; held until disposed.</summary>
    /// <param name="patience">How long to try; a moment at least, since a probe holds the lock too.</param>
    /// <param name="machine">The machine's clock.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>Null when another one had it all the time.</returns>
    public async Task<IDisposable?> Take(TimeSpan patience, TimeProvider machine, CancellationToken cancellation)
    {
        long begin = machine.GetTimestamp();
        while (true)
        {
            try
            {
                var held = new FileStream(Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                File.Delete(ProcessIdFile); // of a supervisor that was killed
                return new Tenure(held, ProcessIdFile);
            }
            catch (IOException) when (File.Exists(Lock))
            {
                if (machine.GetElapsedTime(begin) >= patience)
                    return null;
            }
            await Task.Delay(TakePoll, machine, cancellation);
        }
    }

    /// <summary>Says that the board is on, and which process keeps it so.</summary>
    public void Announce(int processId) => File.WriteAllText(ProcessIdFile, processId.ToString(CultureInfo.InvariantCulture));

    /// <summary>The process id of the supervisor; null when the board is off or still starts.</summary>
    public int? Supervisor()
    {
        if (!IsTaken)
            return null;
        try
        {
            return int.TryParse(File.ReadAllText(ProcessIdFile), NumberStyles.None, CultureInfo.InvariantCulture, out int id) && IsSupervisor(id) ? id : null;
        }
        catch (IOException)
        {
            return null; // not announced yet, or ended meanwhile
        }
    }

    /// <summary>Removes what an unfinished provision made; the lock stays, since it is held.</summary>
    public void Clear()
    {
        foreach (string file in Directory.GetFiles(FullPath).Where(file => file != Lock))
            File.Delete(file);
        foreach (string folder in Directory.GetDirectories(FullPath))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>True when a process is a supervisor of this board: the number of one that was killed may be another's now, and signals go there.</summary>
    private bool IsSupervisor(int processId)
    {
        try
        {
            string[] words = File.ReadAllText($"/proc/{processId}/cmdline").Split('\0');
            return words.Contains("supervise") && words.Contains(Path.GetFileName(FullPath));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private sealed class Tenure(FileStream held, string processIdFile) : IDisposable
    {
        public void Dispose()
        {
            File.Delete(processIdFile); // before the lock goes: what a probe then reads is the next holder's
            held.Dispose();
        }
    }
}
