namespace SatNode.Protocol.Functions;

/// <summary>What becomes of an actor's messages while it handles one.</summary>
public enum ActorPolicyKind
{
    /// <summary>They wait, and are handled one by one in the order in which they came.</summary>
    Queue = 0,

    /// <summary>They are dropped while one waits or is handled, and for <see cref="ActorPolicy.Value"/> ms after its end.</summary>
    Drop = 1,

    /// <summary>They wait; one invocation is handed up to <see cref="ActorPolicy.Value"/> of them, as a CBOR array of byte strings in the order in which they came.</summary>
    Batch = 2,

    /// <summary>The newest waits; it takes the place of an older one.</summary>
    Coalesce = 3,

    /// <summary>They wait; the one of the highest priority goes first, of the same priority the first come.</summary>
    Prioritise = 4,
}

/// <summary>How an actor's later messages are treated; the actor itself may change it with each message.</summary>
/// <param name="Kind">What becomes of them.</param>
/// <param name="Value">Milliseconds of <see cref="ActorPolicyKind.Drop"/>, messages of <see cref="ActorPolicyKind.Batch"/>, else 0.</param>
public readonly record struct ActorPolicy(ActorPolicyKind Kind, int Value = 0)
{
    /// <summary>The most messages that one invocation is handed.</summary>
    public const int BatchMax = 64;

    /// <summary>The longest time for which messages are dropped after one was handled: 24 h, in ms.</summary>
    public const int DropMsMax = 24 * 60 * 60 * 1000;

    /// <summary>Null when it is one, else what was expected and found.</summary>
    public string? Fault()
    {
        (int min, int max) = Kind switch
        {
            ActorPolicyKind.Drop => (0, DropMsMax),
            ActorPolicyKind.Batch => (1, BatchMax),
            _ => (0, 0),
        };
        if (Kind is < ActorPolicyKind.Queue or > ActorPolicyKind.Prioritise)
            return $"expected a policy of 0 (queue), 1 (drop), 2 (batch), 3 (coalesce) or 4 (prioritise), found {(int)Kind}";
        return Value >= min && Value <= max ? null : $"expected a value of {min} to {max} for the policy {Kind}, found {Value}";
    }
}
