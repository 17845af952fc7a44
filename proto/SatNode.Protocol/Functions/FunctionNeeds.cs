namespace SatNode.Protocol.Functions;

/// <summary>Backing services that a node provides for a function and takes away with it.</summary>
[Flags]
public enum FunctionNeeds
{
    /// <summary>Nothing but its input.</summary>
    None = 0,

    /// <summary>Versioned keys that outlive an invocation. Without it every state call answers <em>refused</em>.</summary>
    State = 1,

    /// <summary>The right to be started by timers.</summary>
    Timers = 2,

    /// <summary>Objects larger than a state value.</summary>
    ObjectStore = 4,

    /// <summary>A durable first-in first-out queue of messages.</summary>
    Queue = 8,
}
