namespace SatNode.Flight.Invocations;

/// <summary>The bounds of the invocation scheduler, each with the sum that led to it.</summary>
public static class InvocationLimits
{
    /// <summary>The most invocations that wait. An invocation of the largest input given by value (64 KiB) then costs at most 8 MiB in all.</summary>
    public const int MaxQueued = 128;

    /// <summary>The most invocations of one function that wait: a quarter, so that no function fills the queue for the others.</summary>
    public const int MaxQueuedPerFunction = MaxQueued / 4;

    /// <summary>The most messages that wait for actors; each is a reference and its bytes.</summary>
    public const int MaxMessages = 4096;

    /// <summary>The most messages that wait for the actors of one function: a quarter, and what the largest mailbox of a manifest holds.</summary>
    public const int MaxMessagesPerFunction = MaxMessages / 4;

    /// <summary>The most bytes of messages that wait for actors, 8 MiB: as much as the queue may hold.</summary>
    public const int MaxMessageBytes = 8 * 1024 * 1024;

    /// <summary>The most bytes of messages that wait for the actors of one function, 2 MiB: a quarter.</summary>
    public const int MaxMessageBytesPerFunction = MaxMessageBytes / 4;

    /// <summary>The most mailboxes: as many with messages as there may be messages, and as many that are only quiet.</summary>
    public const int MaxMailboxes = 2 * MaxMessages;

    /// <summary>The most invocations that run at once: what a board's cores could carry.</summary>
    public const int MaxRunning = 16;

    /// <summary>Invocations that ended since the last sample whose heat is told of one by one: four cores with one a second between samples, 10 s apart. What comes above is told of together.</summary>
    public const int MaxPastLoads = 40;

    /// <summary>The stack of a function's thread: ten times what one function may use, for those that call others.</summary>
    public const int WorkerStackBytes = 8 * 1024 * 1024;

    /// <summary>Offences without a completed invocation between them after which a function is held back.</summary>
    public const int OffencesMax = 5;

    /// <summary>How long the first quarantine lasts; each further one twice as long.</summary>
    public static readonly TimeSpan FirstHoldOff = TimeSpan.FromMinutes(10);

    /// <summary>The longest quarantine.</summary>
    public static readonly TimeSpan LongestHoldOff = TimeSpan.FromHours(24);

    /// <summary>How often one function's meeting one limit is told of.</summary>
    public static readonly TimeSpan LimitEventInterval = TimeSpan.FromMinutes(10);

    /// <summary>How often a function's profile is told of at most: 128 functions of 700 bytes every five minutes are 0.3 KB/s, and a disk writes each once.</summary>
    public static readonly TimeSpan ProfileInterval = TimeSpan.FromMinutes(5);

    /// <summary>The most profiles that one tick tells of: each is a transaction.</summary>
    public const int MaxProfilesPerTick = 4;

    /// <summary>How often an invocation may be passed on. Three hops reach every node of a constellation whose candidates are at most eight.</summary>
    public const int MaxOffloads = 3;

    /// <summary>The most functions on a node. Idle ones hold neither instances nor machine code.</summary>
    public const int MaxFunctions = 128;

    /// <summary>The most workflows on a node.</summary>
    public const int MaxWorkflows = 32;

    /// <summary>The most stages that run after another one in its instance: what is judged as one stays short beside a tick of sixteen.</summary>
    public const int MaxFused = 7;

    /// <summary>How many invocations one tick starts or defers at most, so that a tick stays short.</summary>
    public const int MaxJudgedPerTick = 16;

    /// <summary>The shortest time between two judgements of the same deferred invocation.</summary>
    public static readonly TimeSpan MinDeferral = TimeSpan.FromSeconds(10);

    /// <summary>The longest time between two judgements of the same deferred invocation: 128 of them are then judged twice a second, at a tenth of a millisecond to one each.</summary>
    public static readonly TimeSpan MaxDeferral = TimeSpan.FromMinutes(1);

    /// <summary>A deferral longer than this is worth a move to another candidate.</summary>
    public static readonly TimeSpan OffloadPatience = TimeSpan.FromMinutes(3);

    /// <summary>The window over which a manifest's invocations-per-orbit limit counts: one orbit at 550 km, rounded up.</summary>
    public static readonly TimeSpan Orbit = TimeSpan.FromMinutes(96);

    /// <summary>How often an invocation is stopped by brown-out or a mode and put back, at most: what was tried so often in vain ends.</summary>
    public const int MaxSuspensions = 5;

    /// <summary>What is still to come of an invocation that has used all it may, at least: it is about to end.</summary>
    public static readonly TimeSpan LeftMin = TimeSpan.FromSeconds(1);

    /// <summary>How far a slowed invocation is looked ahead; what comes later is looked at again before it is there. Beyond it the forecast must still reach the end of an eclipse.</summary>
    public static readonly TimeSpan SlowedHorizon = TimeSpan.FromMinutes(30);

    /// <summary>How long an invocation waits for a state that it has to fetch before it is tried again.</summary>
    public static readonly TimeSpan FetchRetry = TimeSpan.FromSeconds(30);
}
