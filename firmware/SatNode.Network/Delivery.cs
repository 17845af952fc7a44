using System.Threading.Channels;
using SatNode.Network.Store;
using SatNode.Protocol.Bundles;

namespace SatNode.Network;

/// <summary>A bundle at its destination.</summary>
/// <param name="Id">The bundle's identity.</param>
/// <param name="Source">Who made it.</param>
/// <param name="Service">The service number that it was sent to.</param>
/// <param name="Payload">The payload; until the handler's task completes, after which its memory belongs to another bundle and reading it throws. Copy what is to be kept.</param>
/// <param name="Hops">How many links it crossed; null when it does not say.</param>
public readonly record struct DeliveredBundle(BundleId Id, EndpointId Source, ulong Service, ReadOnlyMemory<byte> Payload, int? Hops);

/// <summary>Takes a bundle at its destination. A bundle of a durable service is kept until the task completes, so that it comes again after a restart.</summary>
/// <remarks>Throw <see cref="Protocol.WireFormatException"/> for a payload that is none; the bundle is dropped and counted.</remarks>
public delegate Task BundleHandler(DeliveredBundle bundle, CancellationToken cancellation);

/// <summary>What became of a bundle given to <see cref="DtnNode.Send"/>.</summary>
public enum SendStatus
{
    /// <summary>There is no room; nothing was kept.</summary>
    Full,

    /// <summary>The node has it and sends it when a contact opens.</summary>
    Accepted,
}

/// <summary>The outcome of a send.</summary>
/// <param name="Status">Whether the node has it.</param>
/// <param name="Id">The bundle's identity.</param>
public readonly record struct SendResult(SendStatus Status, BundleId Id);

/// <summary>A service of the node: its handler and the bundles that wait for it.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="IsDurable">Whether its bundles are stored before they are acknowledged.</param>
internal sealed record Service(BundleHandler Handler, bool IsDurable)
{
    /// <summary>What waits; bounded by the store for a durable service, by the node's limit of volatile bundles for another.</summary>
    public Channel<StoredBundle> Waiting { get; } = Channel.CreateUnbounded<StoredBundle>(new() { SingleReader = true });
}
