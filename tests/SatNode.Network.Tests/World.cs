using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using SatNode.Network.Links;
using SatNode.Network.Routing;
using SatNode.Network.Store;
using SatNode.Protocol.Bundles;

namespace SatNode.Network.Tests;

/// <summary>Real nodes over real loopback sockets, joined as a test asks.</summary>
internal sealed class World(TimeProvider? time = null) : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<IAsyncDisposable> _parts = [];

    public TimeProvider Time { get; } = time ?? TimeProvider.System;

    public TestNode Add(ulong number, BundleStoreOptions? store = null, int? port = null, TcpclOptions? tcpcl = null, params LinkEndpoint[] links)
    {
        BundleStore opened = BundleStore.Open(store ?? new(), Time);
        var options = new DtnNodeOptions { Node = number, Listen = new(IPAddress.Loopback, port ?? 0), Links = links, Tcpcl = tcpcl ?? Quick };
        var node = new TestNode(new(options, opened, Time), opened);
        _parts.Add(node);
        return node;
    }

    public static TcpclOptions Quick { get; } = new() { MinBackOff = TimeSpan.FromMilliseconds(20), MaxBackOff = TimeSpan.FromMilliseconds(100) };

    public T Own<T>(T part) where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }

    /// <summary>A plan in which each pair can talk both ways for an hour around now.</summary>
    public ContactPlan Always(params (ulong A, ulong B)[] pairs) => Between(TimeSpan.FromHours(-1), TimeSpan.FromHours(1), pairs);

    public ContactPlan Between(TimeSpan from, TimeSpan to, params (ulong A, ulong B)[] pairs)
    {
        DateTimeOffset now = Time.GetUtcNow();
        return new([.. pairs.SelectMany(p => (Contact[])[new(p.A, p.B, now + from, now + to, 1e9, TimeSpan.Zero), new(p.B, p.A, now + from, now + to, 1e9, TimeSpan.Zero)])]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable part in Enumerable.Reverse(_parts))
            await part.DisposeAsync();
    }
}

/// <summary>A node, its store, and what its service 9 received.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly Channel<DeliveredBundle> _delivered = Channel.CreateUnbounded<DeliveredBundle>();

    public TestNode(DtnNode node, BundleStore store)
    {
        Node = node;
        Store = store;
        Node.Register(9, async (bundle, cancellation) => await _delivered.Writer.WriteAsync(bundle with { Payload = bundle.Payload.ToArray() }, cancellation));
        Node.Happened += e => Events.Enqueue(e);
    }

    public DtnNode Node { get; }

    public BundleStore Store { get; }

    public ConcurrentQueue<NetworkEvent> Events { get; } = new();

    public int DeliveredCount => _delivered.Reader.Count;

    public EndpointId Sink => EndpointId.Ipn(Node.Node, 9);

    public Task<DeliveredBundle> Next() => _delivered.Reader.ReadAsync().AsTask().WaitAsync(World.Patience);

    /// <summary>Waits for an event; those that came before count.</summary>
    public async Task Until(Func<bool> condition)
    {
        var changed = new SemaphoreSlim(0);
        void Wake(NetworkEvent e) => changed.Release();
        Node.Happened += Wake;
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            await changed.WaitAsync(TimeSpan.FromMilliseconds(20));
            Assert.True(TimeProvider.System.GetElapsedTime(start) < World.Patience, "waited too long");
        }
        Node.Happened -= Wake;
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Store.DisposeAsync();
    }
}

/// <summary>A TCP proxy that cuts a connection after so many bytes from the client, or refuses by closing at once.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly int _target;
    private readonly Queue<long> _cuts;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Task> _tasks = [];
    private readonly Task _accepting;

    /// <summary>Cuts the first connections after the given numbers of bytes; all later ones live.</summary>
    public CuttingProxy(int target, params long[] cuts)
    {
        _target = target;
        _cuts = new(cuts);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(16);
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public int Connections { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_tasks);
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptAsync(_stopping.Token);
                Connections++;
                long cut = _cuts.TryDequeue(out long bytes) ? bytes : long.MaxValue;
                _tasks.Add(Carry(client, cut));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task Carry(Socket client, long cut)
    {
        using Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            if (cut == 0)
            {
                client.Close(0);
                return;
            }
            client.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, _target);
            Task up = Copy(client, server, cut);
            Task down = Copy(server, client, long.MaxValue);
            await Task.WhenAny(up, down);
            client.Close(0);
            server.Close(0);
            await Task.WhenAll(up, down);
        }
    }

    private async Task Copy(Socket from, Socket to, long most)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (most > 0)
            {
                int count = await from.ReceiveAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, most)), _stopping.Token);
                if (count == 0)
                    return;
                most -= count;
                for (int sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stopping.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }
}
