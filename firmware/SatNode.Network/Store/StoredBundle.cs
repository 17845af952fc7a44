using SatNode.Protocol.Bundles;
using SatNode.Protocol.Time;

namespace SatNode.Network.Store;

/// <summary>A bundle that waits; what is needed to decide about it without reading it.</summary>
public sealed class StoredBundle
{
    internal StoredBundle(Bundle bundle, int bytes, DtnTime received, bool isOwn)
    {
        Id = bundle.Id;
        Destination = bundle.Primary.Destination;
        Bytes = bytes;
        Received = received;
        Expiry = bundle.Expiry(received);
        IsOwn = isOwn;
    }

    /// <summary>The bundle's identity.</summary>
    public BundleId Id { get; }

    /// <summary>Where it goes.</summary>
    public EndpointId Destination { get; }

    /// <summary>Its encoded size in bytes.</summary>
    public int Bytes { get; }

    /// <summary>When it came here.</summary>
    public DtnTime Received { get; }

    /// <summary>From when it is of no use.</summary>
    public DtnTime Expiry { get; }

    /// <summary>Whether this node made it.</summary>
    public bool IsOwn { get; }

    /// <summary>The row in the database; 0 for one that lives in memory only.</summary>
    internal long Row { get; set; }

    /// <summary>The encoded bundle, if it is in memory: held until the bundle is removed.</summary>
    internal BundleBuffer? Cached { get; set; }

    internal bool IsRemoved { get; set; }
}

/// <summary>What became of a bundle offered to the store.</summary>
public enum AddStatus
{
    /// <summary>There is no room, or the medium failed: whoever has the bundle keeps it.</summary>
    Full,

    /// <summary>It was received before.</summary>
    Duplicate,

    /// <summary>It is stored.</summary>
    Added,
}
