using SatNode.Protocol.Functions;

namespace SatNode.Functions.Isolation;

/// <summary>The bounds of worker processes.</summary>
public static class WorkerBounds
{
    /// <summary>Workers of all functions, starting, idle or busy: each has 31 MB resident, 26 of them shared with the agent, beside what its function uses.</summary>
    public const int WorkersMax = 8;

    /// <summary>Workers of one function: one that runs, and one for a second invocation meanwhile.</summary>
    public const int WorkersPerFunctionMax = 2;

    /// <summary>The bytes of a frame between agent and worker; a frame of any other length breaks the protocol.</summary>
    public const int FrameBytes = 64;

    /// <summary>The part of the shared memory that is no payload: the words for stop and share, the words of a result, and at first the manifest.</summary>
    public const int HeaderBytes = 16 * 1024;

    /// <summary>The longest name of a host call that goes over: longer ones are cut, and refused as what is left.</summary>
    public const int NameBytesMax = 4 * 1024;

    /// <summary>The part of the shared memory for payloads: the largest input, output or object, a byte more to tell what is too long, and two names.</summary>
    public const int WindowBytes = FunctionLimits.BytesCeiling + (64 * 1024);

    /// <summary>The longest payload that goes over, a byte more than any that is taken.</summary>
    public const int PayloadBytesMax = FunctionLimits.BytesCeiling + 1;

    /// <summary>What an idle worker keeps of the window: the rest goes back to the kernel.</summary>
    public const int WindowBytesKept = 64 * 1024;

    /// <summary>The longest reason that a worker gives, in bytes of UTF-8; the rest is cut.</summary>
    public const int ReasonBytesMax = 2 * 1024;

    /// <summary>How often a busy worker is looked at, in real time.</summary>
    public static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(10);

    /// <summary>How often a worker's resident memory is looked at, at most, in real time: the kernel writes a page of text for it.</summary>
    public static readonly TimeSpan ResidentPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a worker may take to end an invocation that it was told to end, in real time; then its process is ended.</summary>
    public static readonly TimeSpan StopGrace = TimeSpan.FromMilliseconds(250);

    /// <summary>A busy worker that uses less than <see cref="StallCpuMin"/> in so long, in real time, waits for something that it may not wait for.</summary>
    public static readonly TimeSpan StallPeriod = TimeSpan.FromSeconds(5);

    /// <summary>One per cent of <see cref="StallPeriod"/>: what is less than that is no work, however busy the board.</summary>
    public static readonly TimeSpan StallCpuMin = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a worker may take to start, in real time: a board's processor needs some tenths of a second.</summary>
    public static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);

    /// <summary>How long no worker is started after the first loss in a row; twice as long after each further one.</summary>
    public static readonly TimeSpan BackOffMin = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest time without a new worker.</summary>
    public static readonly TimeSpan BackOffMax = TimeSpan.FromSeconds(30);

    /// <summary>CPU time after which an idle worker is replaced by a new one.</summary>
    public static readonly TimeSpan CpuTimeKept = TimeSpan.FromMinutes(50);

    /// <summary>CPU time at which the kernel ends a worker: <see cref="CpuTimeKept"/> and the longest invocation.</summary>
    public static readonly TimeSpan CpuTimeMax = CpuTimeKept + FunctionLimits.TimeCeiling + TimeSpan.FromMinutes(1);

    /// <summary>Files that a worker may have open.</summary>
    public const int FilesMax = 64;

    /// <summary>Private memory that a worker may have beside what it has when it is ready: twice its function's memory (one kept warm, one fresh), and this for the runtime's heap, in
    /// which the input and the output of a command lie.</summary>
    public const long OwnMemoryBytesMax = 128L * 1024 * 1024;
}
