using System.Net;
using SatNode.Network;
using SatNode.Network.Links;
using SatNode.Network.Routing;
using SatNode.Network.Store;
using SatNode.Protocol.Bundles;

namespace SatNode.Benchmarks.Bundles;

/// <summary>Two nodes with a session over loopback; the second one counts what comes to its service 9.</summary>
internal sealed class NodePair : IAsyncDisposable
{
    private const ulong Sink = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly BundleStore _firstStore;
    private readonly BundleStore _secondStore;
    private readonly DtnNode _first;
    private readonly DtnNode _second;
    private readonly SemaphoreSlim _all = new(0);
    private int _missing;

    private NodePair(BundleStoreOptions first, BundleStoreOptions second)
    {
        _firstStore = BundleStore.Open(first, TimeProvider.System);
        _secondStore = BundleStore.Open(second, TimeProvider.System);
        _second = new(new() { Node = 2, Listen = new(IPAddress.Loopback, 0) }, _secondStore, TimeProvider.System);
        _second.Register(Sink, (_, _) =>
        {
            if (Interlocked.Decrement(ref _missing) == 0)
                _all.Release();
            return Task.CompletedTask;
        });
        _second.Start();
        var tcpcl = new TcpclOptions { MinBackOff = TimeSpan.FromMilliseconds(20) };
        _first = new(new() { Node = 1, Links = [new(2, "127.0.0.1", _second.Port)], Tcpcl = tcpcl }, _firstStore, TimeProvider.System);
        _first.Start();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var plan = new ContactPlan([Always(1, 2, now), Always(2, 1, now)]);
        _second.SetPlan(plan);
        _first.SetPlan(plan);
        Check.That(_first.Ping(2, Patience).GetAwaiter().GetResult() is not null, "a session between the nodes");
    }

    /// <summary>Joins two nodes that store in memory, or on disk when <paramref name="workspace"/> is given.</summary>
    public static NodePair Join(Workspace? workspace = null) => new(
        new() { Path = workspace?.Fresh("first.db") }, new() { Path = workspace?.Fresh("second.db") });

    public void Ping(int times) => PingAsync(times).GetAwaiter().GetResult();

    /// <summary>Sends so many bundles, several at once, and waits until the last has been delivered.</summary>
    /// <param name="payload">The payload of each.</param>
    /// <param name="count">How many.</param>
    /// <param name="inFlight">How many may wait for their store at once.</param>
    public void Send(byte[] payload, int count, int inFlight) => SendAsync(payload, count, inFlight).GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await _firstStore.DisposeAsync();
        await _secondStore.DisposeAsync();
        _all.Dispose();
    }

    private static Contact Always(ulong from, ulong to, DateTimeOffset now) => new(from, to, now.AddHours(-1), now.AddHours(1), 1e11, TimeSpan.Zero);

    private async Task PingAsync(int times)
    {
        for (int i = 0; i < times; i++)
            Check.That(await _first.Ping(2, Patience) is not null, "an answer");
    }

    private async Task SendAsync(byte[] payload, int count, int inFlight)
    {
        Volatile.Write(ref _missing, count);
        EndpointId sink = EndpointId.Ipn(2, Sink);
        var sends = new Task[Math.Min(inFlight, count)];
        int left = count;
        for (int i = 0; i < sends.Length; i++)
            sends[i] = SendSome();
        await Task.WhenAll(sends);
        if (!await _all.WaitAsync(Patience))
            Check.Fail($"{count} bundles delivered, found {_missing} missing");

        async Task SendSome()
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                while ((await _first.Send(sink, payload, TimeSpan.FromHours(1))).Status != SendStatus.Accepted)
                    await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System); // the store is full until the link has taken some
            }
        }
    }
}
