using System.Net;
using System.Net.Sockets;
using SatNode.Network.Routing;
using SatNode.Protocol.Tcpcl;

namespace SatNode.Network.Links;

/// <summary>Keeps one session a neighbour: connects to those it is told of while a contact is open, with growing pauses after failures, and takes the
/// connections of others.</summary>
internal sealed class LinkManager : IAsyncDisposable
{
    private readonly DtnNode _node;
    private readonly DtnNodeOptions _options;
    private readonly Forwarder _forwarder;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, TcpclSession> _sessions = [];
    private readonly Dictionary<TcpclSession, Task> _passive = [];
    private readonly List<(LinkEndpoint Link, Signal Wake)> _connectors = [];
    private Socket? _listener;

    public LinkManager(DtnNode node, DtnNodeOptions options, Forwarder forwarder, TimeProvider time, CancellationToken stopping)
    {
        _node = node;
        _options = options;
        _forwarder = forwarder;
        _time = time;
        _stopping = stopping;
    }

    public int Port => (_listener?.LocalEndPoint as IPEndPoint)?.Port ?? 0;

    public void Start(List<Task> tasks)
    {
        if (_options.Listen is { } listen)
        {
            _listener = new(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _listener.Bind(listen);
            _listener.Listen(_options.Tcpcl.MaxSessions);
            tasks.Add(Accept(_listener));
        }
        foreach (LinkEndpoint link in _options.Links)
        {
            var wake = new Signal();
            _connectors.Add((link, wake));
            tasks.Add(KeepConnected(link, wake));
        }
    }

    public IReadOnlyList<ulong> Peers()
    {
        lock (_gate)
            return [.. _sessions.Keys];
    }

    /// <summary>Wakes the connectors and ends the sessions that this node made and whose contact is over.</summary>
    public void ContactsChanged()
    {
        ContactPlan plan = _forwarder.Plan;
        DateTimeOffset now = _time.GetUtcNow();
        foreach ((_, Signal wake) in _connectors)
            wake.Set();
        TcpclSession[] over;
        lock (_gate)
            over = [.. _sessions.Values.Where(s => s.IsActive && !plan.IsLinked(_options.Node, s.Peer, now))];
        foreach (TcpclSession session in over)
            _ = session.Terminate(TerminateReason.IdleTimeout, "the contact is over"); // ends by itself within a time limit and throws nothing
    }

    public async ValueTask DisposeAsync()
    {
        _listener?.Dispose();
        Task[] running;
        lock (_gate)
        {
            foreach (TcpclSession session in _sessions.Values.Concat(_passive.Keys))
                session.Close();
            running = [.. _passive.Values];
        }
        await Task.WhenAll(running);
    }

    private async Task Accept(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(_stopping);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException) // a connection that broke before it was taken, or no file handles: the next may do
            {
                await Pause(_options.Tcpcl.MinBackOff);
                continue;
            }
            lock (_gate)
            {
                if (_passive.Count + _sessions.Count >= _options.Tcpcl.MaxSessions || _stopping.IsCancellationRequested)
                {
                    socket.Close(0);
                    continue;
                }
                var session = new TcpclSession(socket, isActive: false, _options.Tcpcl, _time, _node);
                var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _passive.Add(session, Serve(session, begun.Task));
                begun.SetResult();
            }
        }
    }

    private async Task Serve(TcpclSession session, Task begun)
    {
        await begun; // not before it is listed
        await RunSession(session, expected: null);
        lock (_gate)
            _passive.Remove(session);
    }

    private async Task KeepConnected(LinkEndpoint link, Signal wake)
    {
        TcpclOptions tcpcl = _options.Tcpcl;
        TimeSpan pause = tcpcl.MinBackOff;
        try
        {
            while (true)
            {
                if (!_forwarder.Plan.IsLinked(_options.Node, link.Peer, _time.GetUtcNow()))
                    pause = tcpcl.MinBackOff; // each contact begins afresh
                else if (!HasSession(link.Peer))
                {
                    bool carried = await ConnectOnce(link);
                    pause = carried ? tcpcl.MinBackOff : pause;
                    await Task.Delay(pause, _time, _stopping); // also after a session that stood: a link that drops at once is not hammered
                    pause = carried ? pause : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, tcpcl.MaxBackOff.Ticks));
                    continue;
                }
                await wake.Wait(_stopping);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // the node stops
        }
    }

    /// <summary>Makes one connection and serves its session to the end.</summary>
    /// <returns>Whether a session stood and carried something.</returns>
    private async Task<bool> ConnectOnce(LinkEndpoint link)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using var timer = new CancellationTokenSource(_options.Tcpcl.HandshakeTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, _stopping);
            await socket.ConnectAsync(link.Host, link.Port, either.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            _stopping.ThrowIfCancellationRequested();
            _node.Counters.CountConnectFailure();
            _node.Report(new(NetworkEventKind.ConnectFailed, link.Peer, e is SocketException ? e.Message : "the connect took too long"));
            return false;
        }
        var session = new TcpclSession(socket, isActive: true, _options.Tcpcl, _time, _node);
        using (_stopping.Register(session.Close))
            return await RunSession(session, link.Peer);
    }

    private async Task<bool> RunSession(TcpclSession session, ulong? expected)
    {
        await using (session)
        {
            if (!await session.Handshake(_options.Node, expected))
            {
                _node.Counters.CountConnectFailure();
                _node.Report(new(NetworkEventKind.ConnectFailed, expected ?? 0, session.EndReason));
                return false;
            }
            if (!await TryEnlist(session))
                return false;
            _node.Counters.CountSession();
            _node.Report(new(NetworkEventKind.LinkUp, session.Peer, session.IsActive ? "connected" : "accepted"));
            Task sending = _forwarder.SendOver(session);
            await session.Run();
            await sending;
            lock (_gate)
            {
                if (_sessions.GetValueOrDefault(session.Peer) == session)
                    _sessions.Remove(session.Peer);
            }
            _forwarder.Return(session.TakeOutstanding());
            _node.Report(new(NetworkEventKind.LinkDown, session.Peer, session.EndReason));
            foreach ((_, Signal wake) in _connectors)
                wake.Set();
            return session.HasCarried;
        }
    }

    /// <summary>One session a neighbour: of two made from the same side the newer stays, as the older one's maker has given it up; of two that crossed the
    /// one made by the lower node number, on both ends.</summary>
    private async Task<bool> TryEnlist(TcpclSession session)
    {
        TcpclSession? other;
        bool wins;
        lock (_gate)
        {
            other = _sessions.GetValueOrDefault(session.Peer);
            ulong maker = session.IsActive ? _options.Node : session.Peer;
            wins = other is null || other.IsActive == session.IsActive || maker == Math.Min(_options.Node, session.Peer);
            if (wins)
                _sessions[session.Peer] = session;
        }
        if (!wins)
            return await session.Terminate(TerminateReason.Busy, "another session stands");
        if (other is not null)
            await other.Terminate(TerminateReason.Busy, "a newer session stands");
        return true;
    }

    private bool HasSession(ulong peer)
    {
        lock (_gate)
            return _sessions.ContainsKey(peer);
    }

    private async Task Pause(TimeSpan time)
    {
        try
        {
            await Task.Delay(time, _time, _stopping);
        }
        catch (OperationCanceledException)
        {
            // the caller looks at the token
        }
    }
}
