namespace SatNode.Flight.Invocations.Actors;

/// <summary>What became of a message to an actor.</summary>
public enum PostResult
{
    /// <summary>The mailbox is full, or all mailboxes are.</summary>
    Full = 0,

    /// <summary>It waits for its turn.</summary>
    Waits,

    /// <summary>The actor's policy dropped it.</summary>
    Dropped,
}
