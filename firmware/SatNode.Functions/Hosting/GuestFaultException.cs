using SatNode.Functions.Runtime;

namespace SatNode.Functions.Hosting;

/// <summary>Ends a running function from within a host call; never leaves the runtime.</summary>
/// <param name="end">How it ends.</param>
/// <param name="reason">Why, with the numbers.</param>
/// <param name="limit">The limit that was hit, as the manifest names it; empty when none was.</param>
internal sealed class GuestFaultException(InvocationEnd end, string reason, string limit = "") : Exception(reason)
{
    public InvocationEnd End => end;

    public string Limit => limit;

    /// <summary>Whose limit it is, where that may be a caller's; null where it is the function's own.</summary>
    public InvocationContext? Owner { get; init; }

    /// <summary>True when the function itself gave up.</summary>
    public bool IsOwnDecision { get; init; }
}
