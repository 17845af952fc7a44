namespace SatNode.Flight.Commanding;

/// <summary>What became of a received telecommand: taken, or the first check that it failed, in the order of the checks.</summary>
public enum CommandRefusal
{
    /// <summary>Not a signed telecommand. Not answered.</summary>
    Malformed = 0,

    /// <summary>Signed by a key that is not trusted. Not answered.</summary>
    UnknownKey,

    /// <summary>The signature does not fit. Not answered.</summary>
    BadSignature,

    /// <summary>For another node. Not answered: the other node does.</summary>
    WrongNode,

    /// <summary>Signed for another dictionary.</summary>
    DictionaryMismatch,

    /// <summary>Valid only later.</summary>
    NotYetValid,

    /// <summary>No longer valid.</summary>
    Expired,

    /// <summary>The sequence number was seen or is older than the window.</summary>
    Replayed,

    /// <summary>The very command that was taken before, delivered again. Not answered: the reports of the first delivery stand.</summary>
    Duplicate,

    /// <summary>The replay window could not be written.</summary>
    NotRecorded,

    /// <summary>Not in the dictionary, or without a handler on this node.</summary>
    UnknownCommand,

    /// <summary>An argument is missing, superfluous, of another type or out of range.</summary>
    InvalidArgument,

    /// <summary>As many commands wait as may.</summary>
    QueueFull,

    /// <summary>Taken: it waits for its execution.</summary>
    None,
}
