using System.Net;
using SatNode.Network.Links;

namespace SatNode.Network;

/// <summary>Where a neighbour is reached.</summary>
/// <param name="Peer">The neighbour's node number.</param>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">1 to 65,535.</param>
public sealed record LinkEndpoint(ulong Peer, string Host, int Port);

/// <summary>What a node is told at its start.</summary>
public sealed record DtnNodeOptions
{
    /// <summary>This node's number, 1 or more.</summary>
    public required ulong Node { get; init; }

    /// <summary>Where to listen for neighbours; null for a node that only connects. Port 0 takes any free one.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>The neighbours to connect to while a contact with them is open.</summary>
    public IReadOnlyList<LinkEndpoint> Links { get; init; } = [];

    /// <summary>How sessions are kept.</summary>
    public TcpclOptions Tcpcl { get; init; } = new();

    /// <summary>The hop limit of this node's bundles, 1 to 255: more than the hops across a constellation's graph.</summary>
    public byte HopLimit { get; init; } = 64;
}

/// <summary>Limits of a node that need no setting.</summary>
public static class DtnNodeLimits
{
    /// <summary>The most bundles that live in memory only, such as echoes.</summary>
    public const int MaxVolatile = 1024;

    /// <summary>The most bytes of them.</summary>
    public const long MaxVolatileBytes = 8L * 1024 * 1024;

    /// <summary>The most services of a node.</summary>
    public const int MaxServices = 64;

    /// <summary>How often what has expired is removed when nothing else happens.</summary>
    public static readonly TimeSpan PurgeInterval = TimeSpan.FromSeconds(60);

    /// <summary>How long a neighbour that has no room is left alone.</summary>
    public static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(2);
}
