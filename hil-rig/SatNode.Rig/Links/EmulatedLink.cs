using System.Net;
using System.Net.Sockets;

namespace SatNode.Rig.Links;

/// <summary>A TCP proxy that behaves like a radio or laser link: bytes need their light time and the line's rate, both in world time. While the link is down
/// its port refuses connections; when it goes down, connections are reset and what was in flight is lost.</summary>
/// <remarks>Delays are kept to the millisecond of machine time that timers resolve: at rate r, r ms of world time. Rates are exact over many segments.</remarks>
public sealed class EmulatedLink
{
    private const int Backlog = 16;
    private const int SocketBufferBytes = 64 * 1024; // the kernel must not swallow what the line still has to carry

    private static readonly LingerOption Reset = new(enable: true, seconds: 0);

    private readonly LinkOptions _options;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _granularity;
    private readonly Lock _lock = new();
    private readonly TransmissionLine _forwardLine = new();
    private readonly TransmissionLine _backwardLine = new();
    private readonly HashSet<LinkConnection> _connections = [];
    private readonly IPEndPoint _endpoint;
    private Socket? _listener;
    private volatile bool _isUp;
    private bool _isClosed;
    private volatile Func<LinkState, LinkState>? _override;
    private LinkDirectionCounters _forward;
    private LinkDirectionCounters _backward;
    private long _accepted;
    private long _cuts;
    private long _unanswered;
    private long _surplus;
    private long _contacts;

    internal EmulatedLink(LinkOptions options, TimeProvider clock, TimeSpan granularity)
    {
        _options = options;
        _clock = clock;
        _granularity = granularity;
        _listener = Bind(new(IPAddress.Loopback, options.ListenPort));
        _endpoint = (IPEndPoint)_listener.LocalEndPoint!;
    }

    /// <summary>The link's name.</summary>
    public string Name => _options.Name;

    /// <summary>The loopback port through which the target is reached.</summary>
    public int ListenPort => _endpoint.Port;

    /// <summary>True while connections are taken.</summary>
    public bool IsUp => _isUp;

    /// <summary>A fault: turns the geometry's state into a worse (or better) one; null is none. Holds from the next evaluation on.</summary>
    public Func<LinkState, LinkState>? Override
    {
        get => _override;
        set => _override = value;
    }

    /// <summary>What the link did so far; bytes of open connections included.</summary>
    public LinkCounters Counters
    {
        get
        {
            lock (_lock)
            {
                long forward = _forward.BytesDelivered;
                long backward = _backward.BytesDelivered;
                foreach (LinkConnection connection in _connections)
                {
                    forward += connection.Forward.BytesDelivered;
                    backward += connection.Backward.BytesDelivered;
                }
                return new(new(forward, _forward.BytesLost), new(backward, _backward.BytesLost), _accepted, _cuts, _unanswered, _surplus, _contacts);
            }
        }
    }

    /// <summary>Bytes now between the two ends, both directions.</summary>
    public long BytesInFlight
    {
        get
        {
            lock (_lock)
            {
                long bytes = 0;
                foreach (LinkConnection connection in _connections)
                    bytes += connection.Forward.BytesInFlight + connection.Backward.BytesInFlight;
                return bytes;
            }
        }
    }

    /// <summary>Resets all connections as a moment's loss of the link would; the link stays up.</summary>
    public void Cut()
    {
        lock (_lock)
            CutConnections();
    }

    /// <summary>Takes the link up or down as the world says now.</summary>
    internal void Evaluate()
    {
        bool isUp = State().IsUp;
        lock (_lock)
        {
            if (_isClosed || (isUp == _isUp && _listener is not null))
                return;
            if (isUp)
                TakeUp();
            else
                TakeDown();
        }
    }

    internal void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            _isUp = false;
            _listener?.Dispose();
            CutConnections();
        }
    }

    /// <summary>Books a line; false when the link is down.</summary>
    internal bool TryBook(TransmissionLine line, int bytes, out DateTimeOffset arrival)
    {
        LinkState state = State();
        DateTimeOffset now = _clock.GetUtcNow();
        arrival = now;
        if (!_isUp || !state.IsUp)
            return false;
        arrival = line.Book(now, bytes, state);
        return true;
    }

    /// <summary>Waits for an instant of world time, to the granularity of timers.</summary>
    internal async ValueTask WaitUntil(DateTimeOffset instant, CancellationToken cut)
    {
        TimeSpan wait = instant - _clock.GetUtcNow();
        if (wait > _granularity)
            await Task.Delay(wait, _clock, cut);
    }

    /// <summary>A connection ended by itself.</summary>
    internal void Ended(LinkConnection connection)
    {
        lock (_lock)
        {
            if (_connections.Remove(connection))
                Book(connection, isLost: false);
        }
    }

    private LinkState State()
    {
        LinkState state = _options.State(_clock.GetUtcNow());
        if (_override is { } worsen)
            state = worsen(state);
        return state.IsUp && state.RateBitsPerSecond > 0 ? state : LinkState.Down;
    }

    /// <summary>A bound socket that does not listen refuses connections and keeps the port from others.</summary>
    private static Socket Bind(IPEndPoint endpoint)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = SocketBufferBytes };
        try
        {
            socket.Bind(endpoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void TakeUp()
    {
        try
        {
            _listener ??= Bind(_endpoint);
            _listener.Listen(Backlog);
        }
        catch (SocketException)
        {
            _listener?.Dispose(); // somebody holds the port: the link stays down until the next evaluation
            _listener = null;
            return;
        }
        _forwardLine.Clear();
        _backwardLine.Clear();
        _isUp = true;
        _contacts++;
        _ = Accept(_listener);
    }

    private void TakeDown()
    {
        _isUp = false;
        _listener?.Dispose();
        CutConnections();
        try
        {
            _listener = Bind(_endpoint);
        }
        catch (SocketException)
        {
            _listener = null; // tried again at the next evaluation
        }
    }

    private void CutConnections()
    {
        LinkConnection[] open = [.. _connections];
        _connections.Clear(); // first: a connection that ends because of the cut books nothing any more
        foreach (LinkConnection connection in open)
        {
            connection.Dispose();
            Book(connection, isLost: true);
            _cuts++;
        }
    }

    private void Book(LinkConnection connection, bool isLost)
    {
        _forward = Sum(_forward, connection.Forward, isLost);
        _backward = Sum(_backward, connection.Backward, isLost);
    }

    private static LinkDirectionCounters Sum(LinkDirectionCounters counters, LinkPump pump, bool isLost) =>
        new(counters.BytesDelivered + pump.BytesDelivered, counters.BytesLost + (isLost ? pump.BytesInFlight : 0));

    private async Task Accept(Socket listener)
    {
        while (true)
        {
            try
            {
                Socket source = await listener.AcceptAsync();
                source.NoDelay = true;
                source.LingerState = Reset;
                if (IsFull())
                    source.Dispose();
                else
                    _ = Connect(source);
            }
            catch (ObjectDisposedException)
            {
                return; // the link went down
            }
            catch (SocketException failed) when (failed.SocketErrorCode == SocketError.OperationAborted)
            {
                return; // the link went down
            }
            catch (SocketException)
            {
                // Who connected was gone before it was taken, or the process is out of handles: the next one, a moment later.
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }
        }
    }

    private bool IsFull()
    {
        lock (_lock)
        {
            bool isFull = _connections.Count >= LinkEmulator.ConnectionsMax;
            if (isFull)
                _surplus++;
            return isFull;
        }
    }

    private async Task Connect(Socket source)
    {
        var target = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            SendBufferSize = SocketBufferBytes,
            ReceiveBufferSize = SocketBufferBytes,
            LingerState = Reset,
        };
        var connection = new LinkConnection(this, source, target, _forwardLine, _backwardLine);
        lock (_lock)
        {
            if (!_isUp)
            {
                connection.Dispose();
                return;
            }
            _connections.Add(connection);
        }
        bool answered = await connection.TryConnect(new(IPAddress.Loopback, _options.TargetPort));
        lock (_lock)
        {
            if (answered)
                _accepted++;
            else if (_connections.Remove(connection))
                _unanswered++;
        }
        if (answered)
            await connection.Run();
    }
}
