namespace SatNode.Functions.Runtime;

/// <summary>What the node lends to one invocation. All calls come from the thread that called <see cref="FunctionRuntime.Invoke"/>, during that call.
/// An exception thrown here is the node's own fault: the invocation ends, and the exception leaves <see cref="FunctionRuntime.Invoke"/> unchanged.</summary>
public interface IFunctionEnvironment
{
    /// <summary>The node's name, for the function to read.</summary>
    string NodeName { get; }

    /// <summary>Where the invocation's randomness starts: the same seed, input and state give the same output.</summary>
    ulong Seed { get; }

    /// <summary>The mission clock.</summary>
    TimeProvider Clock { get; }

    /// <summary>When the invocation is ended at the latest, on the mission clock; null when nobody waits for it.</summary>
    DateTimeOffset? Deadline { get; }

    /// <summary>Looks up a state value. Must not change until the invocation ended.</summary>
    bool TryGetState(string key, out ReadOnlyMemory<byte> value);

    /// <summary>Looks up what is known of the node, for example <c>board.celsius</c>, as text.</summary>
    bool TryGetFact(string name, out string value);

    /// <summary>Takes a line of the function's log; at most <see cref="FunctionBounds.LogLinesMax"/> an invocation.</summary>
    void Log(FunctionLogLevel level, string text);

    /// <summary>Takes all that the function changed and emitted, at once, only after it completed: one that ends otherwise leaves no trace.</summary>
    void Commit(FunctionEffects effects);
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

/// <summary>A key written or, with a null value, deleted.</summary>
/// <param name="Key">1 to 128 characters.</param>
/// <param name="Value">The new value, or null when the key was deleted.</param>
public readonly record struct StateChange(string Key, ReadOnlyMemory<byte>? Value);

/// <summary>A message that a function sends on.</summary>
/// <param name="Topic">1 to 128 characters; what it means is the node's affair.</param>
/// <param name="Payload">At most the function's output limit.</param>
public readonly record struct Emission(string Topic, ReadOnlyMemory<byte> Payload);

/// <summary>All that an invocation wants changed.</summary>
/// <param name="Changes">The last word on each key, in the order of the first; at most <see cref="FunctionBounds.StateChangesMax"/>.</param>
/// <param name="Emissions">In order; at most the manifest's fan-out limit.</param>
public sealed record FunctionEffects(IReadOnlyList<StateChange> Changes, IReadOnlyList<Emission> Emissions);
