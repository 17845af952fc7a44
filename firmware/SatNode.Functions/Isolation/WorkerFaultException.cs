namespace SatNode.Functions.Isolation;

/// <summary>A worker is lost: its process ended, it broke the protocol, or it did not stop when it was told to. Never leaves the runtime.</summary>
/// <param name="reason">What it did, with the numbers.</param>
internal sealed class WorkerFaultException(string reason) : Exception(reason)
{
    /// <summary>True when its end of the socket is closed: the process has ended or is about to.</summary>
    public bool HasEnded { get; init; }
}
