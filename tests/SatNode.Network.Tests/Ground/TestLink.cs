using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SatNode.Network.Tests.Ground;

/// <summary>The radio link between node and broker: passes bytes on, can be cut, and can be silent.</summary>
internal sealed class TestLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly int _to;
    private readonly Task _accepting;
    private int _connections;

    public TestLink(int to)
    {
        _to = to;
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How often somebody connected.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>True: connections are taken, and no byte of theirs is passed on.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Ends all connections without a word.</summary>
    public void Cut()
    {
        foreach (Socket socket in _sockets.Keys)
            socket.Close(0);
        _sockets.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        Cut();
        await _accepting;
        _stop.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                Socket node = await _listener.AcceptSocketAsync(_stop.Token);
                _sockets[node] = true;
                Interlocked.Increment(ref _connections);
                if (!IsSilent)
                    _ = Join(node);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task Join(Socket node)
    {
        var broker = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _sockets[broker] = true;
        try
        {
            await broker.ConnectAsync(IPAddress.Loopback, _to, _stop.Token);
            await Task.WhenAny(Pass(node, broker), Pass(broker, node));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody there.
        }
        node.Dispose();
        broker.Dispose();
    }

    private async Task Pass(Socket from, Socket to)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None, _stop.Token) is > 0 and int read)
                await to.SendAsync(buffer.AsMemory(0, read), SocketFlags.None, _stop.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Cut.
        }
    }
}
