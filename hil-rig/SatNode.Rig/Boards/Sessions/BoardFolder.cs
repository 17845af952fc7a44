using System.Globalization;
using SatNode.Rig.Boards.Protocols;

namespace SatNode.Rig.Boards.Sessions;

/// <summary>The folder of a board that the command line handles: what it is made of, what it said, and whether a supervisor keeps it on.</summary>
internal sealed class BoardFolder
{
    /// <summary>The longest path of a UNIX socket on Linux (sun_path less the final zero).</summary>
    private const int SocketPathBytesMax = 107;

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

    /// <summary>The file that a supervisor holds locked.</summary>
    private string Lock => Path.Combine(FullPath, "supervisor.lock");

    /// <summary>The file with the supervisor's process id, once the board is on; means nothing unless the lock is held.</summary>
    private string ProcessIdFile => Path.Combine(FullPath, "supervisor.pid");

    /// <summary>What a supervisor said that could not do its work.</summary>
    public string SupervisorLog => Path.Combine(FullPath, "supervisor.log");

    /// <summary>True when the board has what it needs but an image.</summary>
    public bool IsProvisioned => File.Exists(ImageKey);

    /// <summary>Takes the board for a supervisor; null when another one has it. Held until disposed.</summary>
    public FileStream? Take()
    {
        try
        {
            var held = new FileStream(Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.Delete(ProcessIdFile);
            return held;
        }
        catch (IOException) when (File.Exists(Lock))
        {
            return null;
        }
    }

    /// <summary>Says that the board is on, and that this process keeps it so.</summary>
    public void Announce() => File.WriteAllText(ProcessIdFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

    /// <summary>The process id of the supervisor; null when the board is off.</summary>
    public int? Supervisor()
    {
        if (!File.Exists(Lock))
            return null;
        try
        {
            using var free = new FileStream(Lock, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return null;
        }
        catch (IOException)
        {
            return File.Exists(ProcessIdFile) && int.TryParse(File.ReadAllText(ProcessIdFile), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null;
        }
    }
}
