using SatNode.Network.Store;
using SatNode.Protocol.Tcpcl;

namespace SatNode.Network.Links;

/// <summary>What a session needs of its node.</summary>
internal interface ITransferOwner
{
    /// <summary>A buffer for a bundle on its way in, to be released by the caller.</summary>
    BundleBuffer Rent(int bytes);

    /// <summary>Takes a whole bundle, held by the caller until the end; completes with null when it is safe here, or with the reason for which it is refused.</summary>
    Task<RefuseReason?> Receive(TcpclSession session, BundleBuffer bundle);

    /// <summary>The peer has the bundle of this entry.</summary>
    void Sent(TcpclSession session, QueuedBundle entry);

    /// <summary>The peer does not take the bundle of this entry.</summary>
    void Refused(TcpclSession session, QueuedBundle entry, RefuseReason reason);

    /// <summary>Reserves room for bytes on their way in.</summary>
    bool TryReserve(int bytes);

    /// <summary>Gives room back.</summary>
    void Release(int bytes);
}
