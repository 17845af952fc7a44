using System.Net;
using System.Net.Sockets;

namespace SatNode.Rig.Links;

/// <summary>One connection through a link: two sockets and a pump for each direction.</summary>
internal sealed class LinkConnection : IDisposable
{
    private readonly EmulatedLink _link;
    private readonly Socket _source;
    private readonly Socket _target;
    private readonly CancellationTokenSource _cut = new();

    internal LinkConnection(EmulatedLink link, Socket source, Socket target, TransmissionLine forward, TransmissionLine backward)
    {
        _link = link;
        _source = source;
        _target = target;
        Forward = new(link, forward, source, target);
        Backward = new(link, backward, target, source);
    }

    internal LinkPump Forward { get; }

    internal LinkPump Backward { get; }

    /// <summary>Connects to the target; on failure the source is reset.</summary>
    internal async Task<bool> TryConnect(IPEndPoint target)
    {
        try
        {
            await _target.ConnectAsync(target, _cut.Token);
            return true;
        }
        catch (Exception failed) when (failed is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Dispose();
            return false;
        }
    }

    /// <summary>Pumps until both ends closed, one was reset or the link was cut.</summary>
    internal async Task Run()
    {
        try
        {
            Task forward = Forward.Run(_cut.Token);
            Task backward = Backward.Run(_cut.Token);
            Task first = await Task.WhenAny(forward, backward);
            await first; // a failed direction ends the other
            await Task.WhenAll(forward, backward);
            _source.LingerState = _target.LingerState = new(enable: false, seconds: 0); // both closed in good order
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // An end was reset or the link was cut: both ends are reset below.
        }
        _link.Ended(this);
        Dispose();
    }

    /// <summary>Resets both ends; what is in flight is lost.</summary>
    public void Dispose()
    {
        _ = _cut.CancelAsync(); // not on this thread: it holds the link's lock. Never disposed: it has no timer
        _source.Dispose();
        _target.Dispose();
    }
}
