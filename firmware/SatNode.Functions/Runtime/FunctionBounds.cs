namespace SatNode.Functions.Runtime;

/// <summary>The bounds that no manifest can move.</summary>
public static class FunctionBounds
{
    /// <summary>The longest module, 4 MiB: compiling costs about a second a MiB on a board where it is of the usual kind; the bounds below are for what is not.</summary>
    public const int ModuleBytesMax = 4 * 1024 * 1024;

    /// <summary>The most functions that a module defines: each costs the compiler 60 µs and 6 KiB, even an empty one.</summary>
    public const int FunctionsMax = 10_000;

    /// <summary>The most instructions of one function of a module: the compiler holds up to 3.5 KiB an instruction until the function is done, and values that live long cost the square.</summary>
    public const int InstructionsMax = 20_000;

    /// <summary>The most locals of one function of a module, parameters included. The compiler ends the process, and with it the agent, where there are tens of thousands.</summary>
    public const int LocalsMax = 2_000;

    /// <summary>The most targets of all branch tables of one function of a module: the compiler's time goes with their square, 70 s for 200,000.</summary>
    public const int BranchTargetsMax = 8_192;

    /// <summary>The most blocks times locals of one function of a module: where each branch changes another local, some 45 bytes and 0.6 µs each.</summary>
    public const int BlocksByLocalsMax = 1_000_000;

    /// <summary>The most loops times locals of one function of a module: each loop carries every local, 1.9 KiB and 20 µs each.</summary>
    public const int LoopsByLocalsMax = 50_000;

    /// <summary>What all functions of a module may cost to compile: the sum of instructions squared, branch targets squared, and instructions, values carried, blocks and loops times locals at their
    /// weights. One is 2.4 ns of a core of x64 at the worst, all of it 10 s; a module of 4 MiB as compilers emit it costs about three quarters of that.</summary>
    public const long CompileEffortMax = 4_000_000_000;

    /// <summary>The weight of an instruction: 3.6 µs.</summary>
    public const int InstructionEffort = 1_500;

    /// <summary>The weight of a block times a local.</summary>
    public const int BlockEffort = 250;

    /// <summary>The weight of a loop times a local.</summary>
    public const int LoopEffort = 8_300;

    /// <summary>The most parameters and results that a type has: with as many as the standard allows, 14 KiB of empty functions in a table took 35 s, and 500 calls 11 s.</summary>
    public const int TypeValuesMax = 128;

    /// <summary>The values of a call that the instructions around it stand for.</summary>
    public const int CallValuesUsual = 8;

    /// <summary>The most values that calls, blocks and branches of one function of a module carry: 5 µs and 400 bytes each.</summary>
    public const int ValuesMax = 200_000;

    /// <summary>As how many locals a value counts that a loop takes or gives: up to 10 KiB and 50 µs each.</summary>
    public const int LoopValueLocals = 4;

    /// <summary>The weight of a value of a type, a function's head, a call, a block or a branch: 6 µs.</summary>
    public const int ValueEffort = 2_500;

    /// <summary>The weight of a function as such, and of a type.</summary>
    public const int FunctionEffort = 25_000;

    /// <summary>The most keys that one invocation changes.</summary>
    public const int StateChangesMax = 64;

    /// <summary>The most writes of one invocation and of all that it calls, to however few keys: a few megabytes of memory.</summary>
    public const int StateWritesMax = 65_536;

    /// <summary>The most bytes that one invocation writes to state and emits, together: 2 MiB, as much as a default output.</summary>
    public const int EffectBytesMax = 2 * 1024 * 1024;

    /// <summary>The most log lines of an invocation; more are counted, not kept.</summary>
    public const int LogLinesMax = 64;

    /// <summary>The longest log line, in bytes; the rest is cut.</summary>
    public const int LogBytesMax = 256;

    /// <summary>The native stack of a function, in bytes: a third of what a pool thread has.</summary>
    public const int StackBytesMax = 512 * 1024;

    /// <summary>How deep functions may call each other on one thread, below the first.</summary>
    public const int NestedMax = 4;

    /// <summary>The stack that a thread needs to run functions that call others: one for each, and as much again for the host calls between them.</summary>
    public const int ThreadStackBytes = (NestedMax + 1) * 2 * StackBytesMax;

    /// <summary>Instances that called functions hold at once, all invocations together; one holds its own until its caller has done with its output.</summary>
    public const int NestedInstancesMax = 8;

    /// <summary>Idle instances of all functions that wait for their next invocation.</summary>
    public const int WarmInstancesMax = 16;

    /// <summary>The most linear memory that an instance keeps between invocations; one that grew beyond is not kept. Room for the largest input and as much again.</summary>
    public const int WarmMemoryBytesMax = 33 * 1024 * 1024;

    /// <summary>The most linear memory that idle instances of all functions keep: two of the largest, or sixteen of 4 MiB.</summary>
    public const long WarmMemoryBytesAllMax = 66 * 1024 * 1024;

    /// <summary>The most keys that one call lists.</summary>
    public const int StateListMax = 256;

    /// <summary>The largest object: as large as a state between nodes may be.</summary>
    public const int ObjectBytesMax = 16 * 1024 * 1024;

    /// <summary>The pieces that objects are kept in: 63 of them and the length of one object are what an invocation may change, just under 2 MiB.</summary>
    public const int ObjectChunkBytes = 32 * 1024;

    /// <summary>The most entries that a function's queue holds.</summary>
    public const int QueueEntriesMax = 1024;

    /// <summary>The largest entry of a queue: as large as an input that comes from outside.</summary>
    public const int QueueEntryBytesMax = 64 * 1024;

    /// <summary>The most elements of a function table.</summary>
    public const int TableElementsMax = 10_000;

    /// <summary>The most actors whose memories are in RAM; more go to disk, the least recently used first.</summary>
    public const int ActorsResidentMax = 256;

    /// <summary>What memories of actors take in RAM at most: four invocations at once, each with all that an invocation may write.</summary>
    public const int ActorBytesResidentMax = 4 * EffectBytesMax;

    /// <summary>The most memories that go to disk in one transaction: at their largest, as much as one invocation may write.</summary>
    public const int ActorsPassivatedAtOnce = 32;

    /// <summary>The most actors that one invocation calls: each is its own until it ended.</summary>
    public const int ActorsCalledMax = StateChangesMax;

    /// <summary>The least share of a core that a function is slowed to: it then rests nine tenths of the time. What must be slower is stopped.</summary>
    public const double ShareMin = 0.1;

    /// <summary>The longest rest between two looks at a slowed function, in real time: well below what a worker may take to stop.</summary>
    public static readonly TimeSpan RestMax = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest message to an actor, as what comes from outside: it waits in RAM.</summary>
    public const int MessageBytesMax = 64 * 1024;
}
