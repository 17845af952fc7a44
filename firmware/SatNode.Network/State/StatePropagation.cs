using System.Collections.Concurrent;
using SatNode.Protocol;
using SatNode.Protocol.Bundles;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.State;

namespace SatNode.Network.State;

/// <summary>Brings states and invocations to the nodes that need them, as bundles to services 1 and 2. Create it before the node is started.</summary>
public sealed class StatePropagation
{
    /// <summary>The service that takes states.</summary>
    public const ulong StateService = 1;

    /// <summary>The service that takes invocations.</summary>
    public const ulong InvocationService = 2;

    /// <summary>The most fetches that wait at once.</summary>
    public const int MaxFetches = 256;

    private readonly DtnNode _node;
    private readonly StateStore _store;
    private readonly IStateObserver _observer;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<ulong, (ulong Holder, string Key, TaskCompletionSource<StateReply> Done)> _fetches = new();
    private ulong _lastFetch;

    /// <summary>Registers the two services.</summary>
    public StatePropagation(DtnNode node, StateStore store, IStateObserver observer, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(time);
        _node = node;
        _store = store;
        _observer = observer;
        _time = time;
        _lastFetch = (ulong)time.GetUtcNow().UtcTicks; // an answer to a fetch of before a restart meets no new one
        node.Register(StateService, TakeState);
        node.Register(InvocationService, TakeInvocation);
    }

    /// <summary>The nodes that have a link with this one now.</summary>
    public IReadOnlyList<ulong> Neighbours => _node.Neighbours;

    /// <summary>Sends a state to a node; completes when the bundle is safe here.</summary>
    public Task<SendResult> Push(ulong node, StateUpdate update, TimeSpan lifetime) =>
        _node.Send(EndpointId.Ipn(node, StateService), update.Encode(), lifetime, StateService);

    /// <summary>Hands an invocation over to a node; completes when the bundle is safe here.</summary>
    public Task<SendResult> Transfer(ulong node, InvocationRequest request, TimeSpan lifetime) =>
        _node.Send(EndpointId.Ipn(node, InvocationService), request.Encode(), lifetime, InvocationService);

    /// <summary>Asks a node to make a function ready, because what starts it is on its way. It is of use for a while, and then of none: it is not kept through a restart.</summary>
    public Task<SendResult> AskToWarm(ulong node, string function, TimeSpan lifetime) =>
        _node.Send(EndpointId.Ipn(node, StateService), new WarmRequest(function).Encode(), lifetime, StateService, durable: false);

    /// <summary>The state of a key of at least this version: from this node's store, otherwise asked of its holder and kept here.</summary>
    /// <returns>Null when the holder has none, or nothing came in time.</returns>
    public async Task<StateEntry?> Fetch(ulong holder, string key, ulong minVersion, TimeSpan timeout, CancellationToken cancellation = default)
    {
        if (_store.Get(key, minVersion) is { } here)
            return here;
        if (holder == _node.Node || _fetches.Count >= MaxFetches)
            return null;
        ulong id = Interlocked.Increment(ref _lastFetch);
        var done = new TaskCompletionSource<StateReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _fetches[id] = (holder, key, done);
        try
        {
            byte[] request = new StateRequest(id, key, minVersion, _node.Node).Encode();
            SendResult sent = await _node.Send(EndpointId.Ipn(holder, StateService), request, timeout, StateService, durable: false);
            if (sent.Status != SendStatus.Accepted)
                return null;
            StateReply reply = await done.Task.WaitAsync(timeout, _time, cancellation);
            return reply.Bytes is { } bytes && reply.Version >= minVersion && string.Equals(reply.Key, key, StringComparison.Ordinal)
                ? new(key, reply.Version, reply.Origin, bytes) : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            _fetches.TryRemove(id, out _);
        }
    }

    private async Task TakeState(DeliveredBundle bundle, CancellationToken cancellation)
    {
        ulong from = SenderOf(bundle);
        switch (StateMessage.Decode(bundle.Payload))
        {
            case StateUpdate update:
                RequireOpen(update.Key);
                PutStatus status = _store.Put(update.Key, update.Version, update.Origin, update.Bytes);
                await _observer.StateReceived(update, from, bundle.Hops, status == PutStatus.Stored, cancellation);
                break;
            case StateRequest request:
                if (request.ReplyTo != from)
                    throw new WireFormatException($"state-request: expected a reply to the sender {from}, found {request.ReplyTo}; dropped");
                RequireOpen(request.Key);
                StateEntry? found = _store.Get(request.Key, request.MinVersion);
                byte[] answer = new StateReply(request.Id, request.Key, found?.Version ?? 0, found?.Origin ?? 0, found?.Bytes).Encode();
                await _node.Send(EndpointId.Ipn(from, StateService), answer, ReplyLifetime, StateService);
                break;
            case StateReply reply:
                if (!_fetches.TryGetValue(reply.Id, out (ulong Holder, string Key, TaskCompletionSource<StateReply> Done) fetch) || fetch.Holder != from)
                    break; // too late, or nobody asked this node
                if (reply.Bytes is { } bytes && string.Equals(reply.Key, fetch.Key, StringComparison.Ordinal) && StateStore.IsOpenToOthers(reply.Key)) // else it is no answer to what was asked
                    _store.Put(reply.Key, reply.Version, reply.Origin, bytes);
                fetch.Done.TrySetResult(reply);
                break;
            case WarmRequest request:
                await _observer.WarmRequested(request, from, cancellation);
                break;
        }
    }

    private Task TakeInvocation(DeliveredBundle bundle, CancellationToken cancellation)
    {
        InvocationRequest request = CborDecoder.Decode<InvocationRequest>(bundle.Payload);
        RequireOpen(request.Input.Key);
        return _observer.InvocationReceived(request, SenderOf(bundle), bundle.Hops, cancellation);
    }

    private static void RequireOpen(string key)
    {
        if (!StateStore.IsOpenToOthers(key))
            throw new WireFormatException($"state: expected a key that nodes share, found '{key}'; dropped");
    }

    private static readonly TimeSpan ReplyLifetime = TimeSpan.FromMinutes(30);

    private static ulong SenderOf(in DeliveredBundle bundle) => bundle.Source.Scheme == EndpointScheme.Ipn && !bundle.Source.IsNull
        ? bundle.Source.Node
        : throw new WireFormatException($"state: expected a bundle from an ipn endpoint, found {bundle.Source}; dropped");
}
