using SatNode.Functions.Runtime;

namespace SatNode.Functions.Hosting;

/// <summary>Ends a running function from within a host call; never leaves the runtime.</summary>
internal sealed class GuestFaultException(InvocationEnd end, string reason) : Exception(reason)
{
    public InvocationEnd End => end;
}
