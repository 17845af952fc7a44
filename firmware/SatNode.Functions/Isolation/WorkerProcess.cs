using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SatNode.Functions.Hosting;

namespace SatNode.Functions.Isolation;

/// <summary>A worker's process: its start with nothing but three files, what it uses as the kernel counts it, and its end. Source: posix_spawn(3), wait4(2), pidfd_open(2), proc(5).</summary>
internal sealed partial class WorkerProcess
{
    private const int SetProcessGroup = 2;
    private const int AttributeBytes = 512; // glibc: 336 and 80
    private const int MovedFilesFrom = 100;
    private const int DuplicateCloseOnExec = 1030;
    private const int ReadWrite = 2;
    private const int SignalKill = 9;
    private const short Readable = 1;
    private const int EndPatienceMs = 500;
    private const string Status = "VmHWM:";

    private readonly Lock _lock = new();
    private string? _end;
    private long _cpuTicksSeen;
    private long _resident;
    private long _residentAt;

    private WorkerProcess(int id) => Id = id;

    public int Id { get; }

    /// <summary>CPU time of all its threads since it started; it cannot change what the kernel counts. It never falls, and is told without a wait: while the process is being ended, as it was before.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            if (_lock.TryEnter())
            {
                try
                {
                    if (_end is null && ThreadCpuClock.TryOfProcess(Id, out TimeSpan time))
                        See(time);
                }
                finally
                {
                    _lock.Exit();
                }
            }
            return TimeSpan.FromTicks(Volatile.Read(ref _cpuTicksSeen));
        }
    }

    /// <summary>True when it has ended, and its CPU time changes no more.</summary>
    public bool HasEnded => Volatile.Read(ref _end) is not null;

    /// <summary>The most memory that it had resident since it started, what it shares with others included; as it was at most <see cref="WorkerBounds.ResidentPeriod"/> ago.</summary>
    public long ResidentBytesHighest
    {
        get
        {
            lock (_lock)
            {
                if (_end is null && (_residentAt == 0 || TimeProvider.System.GetElapsedTime(_residentAt) > WorkerBounds.ResidentPeriod))
                {
                    _resident = ReadResident();
                    _residentAt = TimeProvider.System.GetTimestamp();
                }
                return _resident;
            }
        }
    }

    /// <summary>Starts a worker. Call it from a thread that lives on: the worker ends with the thread that started it.</summary>
    /// <exception cref="IOException">It could not be started.</exception>
    public static WorkerProcess Start(WorkerProgram program, SafeFileHandle socket, SafeFileHandle memory, SafeFileHandle code)
    {
        string[] arguments = [program.Path, .. program.Arguments, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)];
        nint actions = Marshal.AllocHGlobal(AttributeBytes), attributes = Marshal.AllocHGlobal(AttributeBytes);
        nint[] argv = Native(arguments), environment = Native(EnvironmentOfWorkers());
        int[] moved = [];
        _ = InitActions(actions);
        _ = InitAttributes(attributes);
        try
        {
            // Out of the way of the numbers that they will have.
            moved = [.. new[] { socket, memory, code }.Select(file => Duplicate(file, DuplicateCloseOnExec, MovedFilesFrom))];
            if (moved.Any(file => file < 0))
                throw new IOException($"worker: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
            for (int file = 0; file < 3; file++)
                Require(AddOpen(actions, file, "/dev/null", ReadWrite, 0));
            Require(AddDuplicate(actions, moved[0], FunctionWorker.SocketFile));
            Require(AddDuplicate(actions, moved[1], FunctionWorker.MemoryFile));
            Require(AddDuplicate(actions, moved[2], FunctionWorker.CodeFile));
            Require(AddCloseFrom(actions, FunctionWorker.CodeFile + 1));
            Require(SetFlags(attributes, SetProcessGroup));
            Require(SetGroup(attributes, 0));
            Require(Spawn(out int id, program.Path, actions, attributes, in argv[0], in environment[0]));
            return new(id);
        }
        catch (EntryPointNotFoundException e)
        {
            throw new IOException("worker: expected a C library that can close files at a start (glibc 2.34), found an older one", e);
        }
        finally
        {
            foreach (int file in moved.Where(file => file >= 0))
                _ = Close(file);
            _ = DestroyActions(actions);
            _ = DestroyAttributes(attributes);
            Marshal.FreeHGlobal(actions);
            Marshal.FreeHGlobal(attributes);
            foreach (nint text in (nint[])[.. argv, .. environment])
                Marshal.FreeCoTaskMem(text);
        }
    }

    /// <summary>Waits a while for its own end, when its end of the socket is closed already; then ends it. Says how it ended.</summary>
    public string End(bool isEnding)
    {
        lock (_lock)
        {
            if (_end is not null)
                return _end;
            bool ended = isEnding && WaitsForEnd();
            if (!ended)
                _ = Signal(Id, SignalKill);
            Span<long> usage = stackalloc long[18];
            int waited = Wait(Id, out int status, 0, ref usage[0]);
            if (waited == Id)
            {
                See(TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3]));
                _resident = usage[4] * 1024;
            }
            return _end = waited != Id ? "its end was not told" : !ended ? "ended by the node" : (status & 0x7f) is not 0 and int signal ? $"signal {signal} ({NameOf(signal)})"
                : $"exit code {(status >> 8) & 0xff}";
        }
    }

    private void See(TimeSpan cpuTime) => Volatile.Write(ref _cpuTicksSeen, Math.Max(cpuTime.Ticks, _cpuTicksSeen));

    private static string NameOf(int signal) => signal switch
    {
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => "unnamed",
    };

    // What a runtime needs to find itself, a small heap, and no diagnostics server. Nothing of the agent's own.
    private static IEnumerable<string> EnvironmentOfWorkers() =>
    [
        .. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Where(entry => entry.Key is "DOTNET_ROOT" or "PATH" or "HOME" or "LANG").Select(entry => $"{entry.Key}={entry.Value}"),
        "DOTNET_EnableDiagnostics=0",
        "DOTNET_GCHeapHardLimit=0x6000000",
        "DOTNET_gcConcurrent=0",
        "DOTNET_gcServer=0",
        "DOTNET_TieredPGO=0",
    ];

    private static nint[] Native(IEnumerable<string> texts) => [.. texts.Select(Marshal.StringToCoTaskMemUTF8), 0];

    private static void Require(int error)
    {
        if (error != 0)
            throw new IOException($"worker: could not be started: {new Win32Exception(error).Message}");
    }

    private bool WaitsForEnd()
    {
        int process = OpenProcess(Id, 0);
        if (process < 0)
            return false;
        try
        {
            var wanted = new PollFile { File = process, Events = Readable };
            return Poll(ref wanted, 1, EndPatienceMs) == 1;
        }
        finally
        {
            _ = Close(process);
        }
    }

    private long ReadResident()
    {
        try
        {
            foreach (string line in File.ReadLines($"/proc/{Id}/status"))
            {
                if (line.StartsWith(Status, StringComparison.Ordinal))
                    return long.Parse(line.AsSpan(Status.Length).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture) * 1024;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            // It is ending: the kernel tells it once more when it has.
        }
        return _resident;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFile
    {
        public int File;
        public short Events;
        public short Found;
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(out int id, string path, nint actions, nint attributes, in nint arguments, in nint environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int InitActions(nint actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int DestroyActions(nint actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(nint actions, int file, int newFile);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddOpen(nint actions, int file, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    private static partial int AddCloseFrom(nint actions, int from);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int InitAttributes(nint attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int DestroyAttributes(nint attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(nint attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    private static partial int SetGroup(nint attributes, int group);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Duplicate(SafeFileHandle file, int command, nint from);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int id, int signal);

    [LibraryImport("libc", EntryPoint = "wait4")]
    private static partial int Wait(int id, out int status, int options, ref long usage);

    [LibraryImport("libc", EntryPoint = "pidfd_open")]
    private static partial int OpenProcess(int id, uint flags);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollFile files, nuint count, int milliseconds);
}
