namespace SatNode.Ground.Commanding;

/// <summary>How far a command got. Only <see cref="Completed"/> and <see cref="Failed"/> are final: an expired command of which the satellite
/// reports that it took it in time goes on.</summary>
internal enum CommandState
{
    /// <summary>Waits on the ground.</summary>
    Queued = 1,

    /// <summary>Signed and sent at least once; no acceptance seen.</summary>
    Released,

    /// <summary>No acceptance was seen within its validity.</summary>
    Expired,

    /// <summary>Taken by the satellite.</summary>
    Accepted,

    /// <summary>Being executed.</summary>
    Started,

    /// <summary>Still being executed.</summary>
    Progressing,

    /// <summary>Executed.</summary>
    Completed,

    /// <summary>Refused or failed; the stage has the reason.</summary>
    Failed,
}
