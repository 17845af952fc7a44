using SatNode.Protocol.Functions;

namespace SatNode.Functions.Runtime;

/// <summary>What the node lends to one invocation and to all that it calls. All calls come from the thread that called <see cref="FunctionRuntime.Invoke(DeployedFunction, ReadOnlyMemory{byte}, IFunctionEnvironment, CancellationToken)"/>,
/// during that call. An exception thrown here is the node's own fault: the invocation ends, and the exception leaves the runtime unchanged.</summary>
public interface IFunctionEnvironment
{
    /// <summary>The node's name, for the function to read.</summary>
    string NodeName { get; }

    /// <summary>Where the invocation's randomness starts: the same seed, input and state give the same output.</summary>
    ulong Seed { get; }

    /// <summary>How many invocations stand above this one in its ancestry, over all nodes; 0 for one that a trigger of the node began.</summary>
    int Depth { get; }

    /// <summary>The key of the actor whose message this is; empty when the function has no actors.</summary>
    string Actor { get; }

    /// <summary>The mission clock.</summary>
    TimeProvider Clock { get; }

    /// <summary>When the invocation is ended at the latest, on the mission clock; null when nobody waits for it.</summary>
    DateTimeOffset? Deadline { get; }

    /// <summary>Told what the invocation has used so far, every few milliseconds while it works; answers the share of a core that it may use from now on, above 0 to 1. Below 1 the
    /// function is made to rest between its ticks. Not less than <see cref="FunctionBounds.ShareMin"/> is kept.</summary>
    /// <param name="cpuTime">CPU time since it began.</param>
    double Pace(TimeSpan cpuTime) => 1;

    /// <summary>Looks up a function's state. Must not change until the invocation ended.</summary>
    bool TryGetState(string function, string key, out StateValue value);

    /// <summary>Length in bytes and version of a value, without reading it; −1 and 0 when there is none.</summary>
    (int Length, ulong Version) DescribeState(string function, string key);

    /// <summary>The keys of a function that begin with a prefix, in ordinal order; at most <see cref="FunctionBounds.StateListMax"/>.</summary>
    IReadOnlyList<string> ListState(string function, string prefix);

    /// <summary>What a function keeps in all: bytes of its values and characters of its keys.</summary>
    long StateBytes(string function);

    /// <summary>Looks up what is known of the node, for example <c>board.celsius</c>, as text.</summary>
    bool TryGetFact(string name, out string value);

    /// <summary>Finds a function of the node that another one calls; null when it is not here.</summary>
    DeployedFunction? FindFunction(string name);

    /// <summary>True when a function must not be started now, because it broke its limits again and again.</summary>
    bool IsHeldBack(string name) => false;

    /// <summary>What a function of the node asks for; null when it is not here. Loads nothing.</summary>
    FunctionManifest? FindManifest(string name);

    /// <summary>Takes an actor for a call, until the invocation ended; one that the invocation has already is taken again.</summary>
    /// <param name="actor">Which.</param>
    /// <param name="policy">How it wants its messages.</param>
    /// <returns>False when it handles another message, when some wait, when its policy drops, or when the invocation has <see cref="FunctionBounds.ActorsCalledMax"/>.</returns>
    bool TryEnter(ActorAddress actor, out ActorPolicy policy);

    /// <summary>Whether a message to an actor would be taken in now.</summary>
    /// <param name="actor">To whom.</param>
    /// <param name="limits">What the actor's manifest allows.</param>
    /// <param name="before">How many messages the invocation has for the actor already.</param>
    /// <param name="bytes">The length of all these, the new one among them.</param>
    bool HasRoomFor(ActorAddress actor, FunctionActor limits, int before, long bytes);

    /// <summary>Told how a called function ended, for its profile; what it used is in its caller's outcome as well.</summary>
    void CalleeEnded(DeployedFunction function, in InvocationOutcome outcome);

    /// <summary>Takes a line of a function's log; at most <see cref="FunctionBounds.LogLinesMax"/> an invocation.</summary>
    void Log(string function, FunctionLogLevel level, string text);

    /// <summary>Takes all that was changed and emitted, as one, only after the invocation completed: one that ends otherwise leaves no trace.</summary>
    CommitResult Commit(IReadOnlyList<FunctionEffects> effects);
}

/// <summary>What became of a commit.</summary>
public enum CommitResult
{
    /// <summary>The store could not take it; nothing changed.</summary>
    Refused = 0,

    /// <summary>All of it is kept.</summary>
    Committed = 1,

    /// <summary>A key that was compared and set has changed since; nothing changed.</summary>
    Conflict = 2,
}

/// <summary>How much a log line matters.</summary>
public enum FunctionLogLevel
{
    /// <summary>For the function's author.</summary>
    Debug = 0,

    /// <summary>For the operator, nothing to do.</summary>
    Information = 1,

    /// <summary>For the operator, soon.</summary>
    Warning = 2,

    /// <summary>For the operator, now.</summary>
    Error = 3,
}

/// <summary>A value of a function's state.</summary>
/// <param name="Bytes">The value.</param>
/// <param name="Version">1 or more; grows with each write.</param>
public readonly record struct StateValue(ReadOnlyMemory<byte> Bytes, ulong Version);

/// <summary>A key written or, with a null value, deleted.</summary>
/// <param name="Key">1 to 128 characters.</param>
/// <param name="Value">The new value, or null when the key was deleted.</param>
/// <param name="Expected">The version that the key must have when it is committed, 0 for absent; null when it does not matter.</param>
public readonly record struct StateChange(string Key, ReadOnlyMemory<byte>? Value, ulong? Expected = null);

/// <summary>A message that a function sends on.</summary>
/// <param name="Topic">1 to 128 characters; what it means is the node's affair. The address of an actor for a message to it.</param>
/// <param name="Payload">At most the function's output limit.</param>
/// <param name="MessagePriority">0 (last) to 9 (first) for a message to an actor; null for anything else.</param>
public readonly record struct Emission(string Topic, ReadOnlyMemory<byte> Payload, int? MessagePriority = null);

/// <summary>All that one function wants changed.</summary>
/// <param name="Function">The function's name.</param>
/// <param name="Changes">The last word on each key, in the order of the first; at most <see cref="FunctionBounds.StateChangesMax"/> of all functions of an invocation.</param>
/// <param name="Emissions">In order; at most the manifest's fan-out limit.</param>
public sealed record FunctionEffects(string Function, IReadOnlyList<StateChange> Changes, IReadOnlyList<Emission> Emissions);
