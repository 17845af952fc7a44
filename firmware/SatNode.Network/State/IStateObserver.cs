using SatNode.Protocol.State;

namespace SatNode.Network.State;

/// <summary>Told of what arrives; implemented by whoever runs functions on this node. A bundle is let go when the task completes: until then it comes
/// again after a restart, so that both may be called twice for one message.</summary>
public interface IStateObserver
{
    /// <summary>A state has arrived and, if newer than what was there, is in the store.</summary>
    /// <param name="update">The state.</param>
    /// <param name="from">The number of the node that sent it.</param>
    /// <param name="hops">How many links it crossed; null when unknown.</param>
    /// <param name="isNew">False when the store had this version or a later one.</param>
    /// <param name="cancellation">The node stops.</param>
    Task StateReceived(StateUpdate update, ulong from, int? hops, bool isNew, CancellationToken cancellation);

    /// <summary>An invocation was handed over to this node.</summary>
    /// <param name="request">The invocation.</param>
    /// <param name="from">The number of the node that sent it.</param>
    /// <param name="hops">How many links it crossed; null when unknown.</param>
    /// <param name="cancellation">The node stops.</param>
    Task InvocationReceived(InvocationRequest request, ulong from, int? hops, CancellationToken cancellation);

    /// <summary>A node is running what a function of this node follows: it may be made ready. Called at most as often as nodes ask; nothing is lost when it is not done.</summary>
    /// <param name="request">The function.</param>
    /// <param name="from">The number of the node that asks.</param>
    /// <param name="cancellation">The node stops.</param>
    Task WarmRequested(WarmRequest request, ulong from, CancellationToken cancellation);
}
