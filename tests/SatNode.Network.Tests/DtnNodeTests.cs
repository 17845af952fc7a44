using System.Text;
using Microsoft.Extensions.Time.Testing;
using SatNode.Network.Routing;
using SatNode.Network.Store;
using SatNode.Protocol.Bundles;

namespace SatNode.Network.Tests;

public sealed class DtnNodeTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_bundle_crosses_one_link_and_leaves_the_senders_store()
    {
        await using var world = new World();
        (TestNode a, TestNode b) = Pair(world);
        SendResult sent = await a.Node.Send(b.Sink, "hello"u8.ToArray(), Hour);
        Assert.Equal(SendStatus.Accepted, sent.Status);
        DeliveredBundle received = await b.Next();
        Assert.Equal("hello", Encoding.ASCII.GetString(received.Payload.Span));
        Assert.Equal(sent.Id, received.Id);
        Assert.Equal(1, received.Hops);
        await a.Until(() => a.Store.Count == 0);
        await b.Until(() => b.Store.Count == 0);
    }

    [Fact]
    public async Task A_bundle_of_the_largest_state_crosses_in_segments()
    {
        await using var world = new World();
        (TestNode a, TestNode b) = Pair(world);
        var payload = new byte[16 * 1024 * 1024];
        new Random(1).NextBytes(payload);
        await a.Node.Send(b.Sink, payload, Hour);
        Assert.Equal(payload, (await b.Next()).Payload.ToArray());
    }

    /// <summary>Around the sizes from which segments are split, and from which they are not copied; over a node between, which writes the head anew and leaves the payload.</summary>
    [Fact]
    public async Task Bundles_of_every_size_around_a_segment_cross_two_links_unchanged()
    {
        await using var world = new World();
        TestNode c = world.Add(3);
        c.Node.Start();
        TestNode b = world.Add(2, links: new LinkEndpoint(3, "127.0.0.1", c.Node.Port));
        b.Node.Start();
        TestNode a = world.Add(1, links: new LinkEndpoint(2, "127.0.0.1", b.Node.Port));
        a.Node.Start();
        ContactPlan plan = world.Always((1, 2), (2, 3));
        foreach (TestNode node in (TestNode[])[a, b, c])
            node.Node.SetPlan(plan);
        var random = new Random(5);
        foreach (int around in (int[])[32 * 1024, 256 * 1024, 512 * 1024, 2 * 1024 * 1024])
        {
            for (int less = -16; less <= 160; less += 8) // the head and the frame around a payload take some 120 bytes
            {
                byte[] payload = new byte[around - less];
                random.NextBytes(payload);
                await a.Node.Send(c.Sink, payload, Hour);
                DeliveredBundle received = await c.Next();
                Assert.True(received.Payload.Span.SequenceEqual(payload), $"{payload.Length} bytes");
            }
        }
    }

    [Fact]
    public async Task What_memory_did_to_a_payload_after_it_was_checked_is_seen_by_the_next_node()
    {
        await using var world = new World();
        (TestNode a, TestNode b) = Pair(world);
        byte[] payload = "a bundle in memory"u8.ToArray();
        a.Node.SetPlan(new([])); // it waits
        await a.Node.Send(b.Sink, payload, Hour);
        StoredBundle waiting = Assert.Single(a.Store.List());
        BundleBuffer stored = a.Store.Read(waiting)!;
        stored.GetSpan()[stored.GetSpan().IndexOf("memory"u8)] ^= 1;
        stored.Release();
        a.Node.SetPlan(world.Always((1, 2)));
        await b.Until(() => b.Events.Any(e => e.Kind == NetworkEventKind.BundleDropped && e.Detail.Contains("CRC", StringComparison.Ordinal)));
        Assert.Equal(0, b.DeliveredCount);
    }

    [Fact]
    public async Task Both_ends_send_at_once_without_standing_in_each_others_way()
    {
        await using var world = new World();
        (TestNode a, TestNode b) = Pair(world);
        var payload = new byte[3 * 1024 * 1024];
        Task[] sends = [.. Enumerable.Range(0, 10).SelectMany(_ => (Task[])[a.Node.Send(b.Sink, payload, Hour), b.Node.Send(a.Sink, payload, Hour)])];
        await Task.WhenAll(sends);
        for (int i = 0; i < 10; i++)
        {
            await a.Next();
            await b.Next();
        }
    }

    [Fact]
    public async Task A_bundle_crosses_two_links_with_hop_count_2()
    {
        await using var world = new World();
        TestNode c = world.Add(3);
        c.Node.Start();
        TestNode b = world.Add(2, links: new LinkEndpoint(3, "127.0.0.1", c.Node.Port));
        b.Node.Start();
        TestNode a = world.Add(1, links: new LinkEndpoint(2, "127.0.0.1", b.Node.Port));
        a.Node.Start();
        ContactPlan plan = world.Always((1, 2), (2, 3));
        foreach (TestNode node in (TestNode[])[a, b, c])
            node.Node.SetPlan(plan);
        await a.Node.Send(c.Sink, "over b"u8.ToArray(), Hour);
        DeliveredBundle received = await c.Next();
        Assert.Equal(2, received.Hops);
        Assert.Equal(1UL, received.Source.Node);
        Assert.NotNull(await a.Node.Ping(3, World.Patience));
        Assert.Equal(0, b.DeliveredCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(6)] // the contact header
    [InlineData(20)]
    [InlineData(38)] // the session initialisation
    [InlineData(39)]
    [InlineData(60)]
    [InlineData(150)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    [InlineData(400_000)]
    public async Task A_transfer_that_is_cut_is_sent_again_and_delivered_once(long cut)
    {
        await using var world = new World();
        TestNode b = world.Add(2);
        b.Node.Start();
        CuttingProxy proxy = world.Own(new CuttingProxy(b.Node.Port, cut, cut, cut + 1));
        TestNode a = world.Add(1, links: new LinkEndpoint(2, "127.0.0.1", proxy.Port));
        a.Node.Start();
        ContactPlan plan = world.Always((1, 2));
        a.Node.SetPlan(plan);
        b.Node.SetPlan(plan);
        var payload = new byte[300_000];
        new Random(2).NextBytes(payload);
        await a.Node.Send(b.Sink, payload, Hour);
        Assert.Equal(payload, (await b.Next()).Payload.ToArray());
        await a.Until(() => a.Store.Count == 0);
        await b.Until(() => b.Node.Counters.Delivered == 1);
        Assert.Equal(0, b.DeliveredCount);
        Assert.True(proxy.Connections >= (cut < 300_000 ? 4 : 1), $"{proxy.Connections} connections");
    }

    [Fact]
    public async Task Many_bundles_over_a_link_that_keeps_being_cut_are_each_delivered_once()
    {
        await using var world = new World();
        TestNode b = world.Add(2);
        b.Node.Start();
        CuttingProxy proxy = world.Own(new CuttingProxy(b.Node.Port, [.. Enumerable.Range(1, 12).Select(i => i * 1_700L)]));
        TestNode a = world.Add(1, links: new LinkEndpoint(2, "127.0.0.1", proxy.Port));
        a.Node.Start();
        ContactPlan plan = world.Always((1, 2));
        a.Node.SetPlan(plan);
        b.Node.SetPlan(plan);
        const int Bundles = 200;
        for (int i = 0; i < Bundles; i++)
            await a.Node.Send(b.Sink, BitConverter.GetBytes(i).Concat(new byte[500]).ToArray(), Hour);
        var received = new List<int>();
        for (int i = 0; i < Bundles; i++)
            received.Add(BitConverter.ToInt32((await b.Next()).Payload.Span));
        await a.Until(() => a.Store.Count == 0);
        Assert.Equal(Enumerable.Range(0, Bundles), received.Order());
        Assert.Equal(0, b.DeliveredCount);
    }

    [Fact]
    public async Task A_bundle_waits_for_its_contact_and_goes_when_it_opens()
    {
        var time = new FakeTimeProvider(new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
        await using var world = new World(time);
        TestNode b = world.Add(2);
        b.Node.Start();
        TestNode a = world.Add(1, links: new LinkEndpoint(2, "127.0.0.1", b.Node.Port));
        a.Node.Start();
        ContactPlan plan = world.Between(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(20), (1, 2));
        a.Node.SetPlan(plan);
        b.Node.SetPlan(plan);
        await a.Node.Send(b.Sink, "later"u8.ToArray(), Hour);
        time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        Assert.Null(await Within(b.Next(), TimeSpan.FromMilliseconds(200)));
        Assert.Equal(0, a.Node.Counters.Sessions);
        Assert.Equal(1, a.Store.Count);
        await AdvanceUntil(time, TimeSpan.FromMilliseconds(20), () => b.DeliveredCount > 0 || b.Node.Counters.Delivered > 0);
        Assert.Equal(1, a.Node.Counters.Sessions);
        await AdvanceUntil(time, TimeSpan.FromSeconds(20), () => a.Node.Neighbours.Count == 0); // the contact ends, and with it the session
    }

    [Fact]
    public async Task What_expires_in_the_store_is_not_delivered()
    {
        var time = new FakeTimeProvider(new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
        await using var world = new World(time);
        TestNode a = world.Add(1);
        a.Node.Start();
        await a.Node.Send(EndpointId.Ipn(2, 9), "late"u8.ToArray(), TimeSpan.FromMinutes(1));
        Assert.Equal(1, a.Store.Count);
        await AdvanceUntil(time, TimeSpan.FromSeconds(30), () => a.Store.Count == 0);
    }

    [Fact]
    public async Task Bundles_in_memory_only_are_bounded_and_expire_like_others()
    {
        var time = new FakeTimeProvider(new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
        await using var world = new World(time);
        TestNode a = world.Add(1);
        a.Node.Start();
        for (int i = 0; i < DtnNodeLimits.MaxVolatile; i++)
            Assert.Equal(SendStatus.Accepted, (await a.Node.Send(EndpointId.Ipn(2, 9), default, TimeSpan.FromMinutes(1), durable: false)).Status);
        Assert.Equal(SendStatus.Full, (await a.Node.Send(EndpointId.Ipn(2, 9), default, TimeSpan.FromMinutes(1), durable: false)).Status);
        await AdvanceUntil(time, TimeSpan.FromSeconds(30), () => a.Node.Counters.Dropped(DropReason.Expired) == DtnNodeLimits.MaxVolatile);
        Assert.Equal(SendStatus.Accepted, (await a.Node.Send(EndpointId.Ipn(2, 9), default, TimeSpan.FromMinutes(1), durable: false)).Status);
    }

    [Fact]
    public async Task A_full_store_refuses_and_the_neighbour_keeps_the_bundle_until_there_is_room()
    {
        await using var world = new World();
        TestNode b = world.Add(2, new() { MaxBytes = 1024 * 1024, MaxCount = 2 });
        b.Node.Start();
        TestNode a = world.Add(1, links: new LinkEndpoint(2, "127.0.0.1", b.Node.Port));
        a.Node.Start();
        b.Node.SetPlan(world.Always((1, 2)));
        a.Node.SetPlan(world.Always((1, 2), (2, 3)));
        Assert.Equal(SendStatus.Accepted, (await b.Node.Send(EndpointId.Ipn(3, 9), "1"u8.ToArray(), TimeSpan.FromSeconds(4))).Status);
        Assert.Equal(SendStatus.Accepted, (await b.Node.Send(EndpointId.Ipn(3, 9), "2"u8.ToArray(), Hour)).Status);
        Assert.Equal(SendStatus.Full, (await b.Node.Send(EndpointId.Ipn(3, 9), "3"u8.ToArray(), Hour)).Status);
        await a.Node.Send(b.Sink, "from a"u8.ToArray(), Hour);
        await a.Until(() => a.Node.Counters.RefusedThere > 0);
        Assert.Equal(1, a.Store.Count);
        Assert.Equal("from a", Encoding.ASCII.GetString((await b.Next()).Payload.Span)); // the first of b's own has expired meanwhile
        Assert.Equal(0, b.Node.Counters.Dropped(DropReason.NotAcceptable));
    }

    [Fact]
    public async Task What_waits_in_the_store_goes_on_after_a_restart()
    {
        string path = Path.Combine(Path.GetTempPath(), $"bundles-{Guid.NewGuid():N}.db");
        await using var world = new World();
        await using (BundleStore store = BundleStore.Open(new() { Path = path }, TimeProvider.System))
        await using (var before = new DtnNode(new() { Node = 1 }, store, TimeProvider.System))
            Assert.Equal(SendStatus.Accepted, (await before.Send(EndpointId.Ipn(2, 9), "kept"u8.ToArray(), Hour)).Status);
        TestNode b = world.Add(2);
        b.Node.Start();
        TestNode a = world.Add(1, new() { Path = path }, links: new LinkEndpoint(2, "127.0.0.1", b.Node.Port));
        Assert.Equal(1, a.Store.Count);
        a.Node.Start();
        a.Node.SetPlan(world.Always((1, 2)));
        Assert.Equal("kept", Encoding.ASCII.GetString((await b.Next()).Payload.Span));
    }

    [Fact]
    public async Task Two_nodes_that_connect_to_each_other_keep_one_session()
    {
        await using var world = new World();
        int port;
        using (var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((System.Net.IPEndPoint)probe.LocalEndpoint).Port;
        }
        TestNode b = world.Add(2, port: port);
        TestNode a = world.Add(1, links: new LinkEndpoint(2, "127.0.0.1", port));
        a.Node.Start();
        await b.DisposeAsync();
        TestNode again = world.Add(2, port: port, links: new LinkEndpoint(1, "127.0.0.1", a.Node.Port));
        again.Node.Start();
        ContactPlan plan = world.Always((1, 2));
        a.Node.SetPlan(plan);
        again.Node.SetPlan(plan);
        // A ping is volatile: one that went to the session which gave way is lost.
        _ = await a.Node.Ping(2, TimeSpan.FromSeconds(5));
        _ = await again.Node.Ping(1, TimeSpan.FromSeconds(5));
        for (int i = 0; i < 20; i++)
        {
            Assert.NotNull(await a.Node.Ping(2, World.Patience));
            Assert.NotNull(await again.Node.Ping(1, World.Patience));
        }
        Assert.Equal([2UL], a.Node.Neighbours);
        Assert.Equal([1UL], again.Node.Neighbours);
    }

    [Fact]
    public async Task A_payload_that_fails_its_service_is_dropped_and_the_next_one_comes()
    {
        await using var world = new World();
        TestNode a = world.Add(1);
        var good = new TaskCompletionSource();
        a.Node.Register(8, (bundle, _) => bundle.Payload.Length == 0 ? throw new Protocol.WireFormatException("empty") : Finish());
        a.Node.Start();
        await a.Node.Send(EndpointId.Ipn(1, 8), default, Hour);
        await a.Node.Send(EndpointId.Ipn(1, 8), new byte[1], Hour);
        await good.Task.WaitAsync(World.Patience);
        Assert.Equal(1, a.Node.Counters.Dropped(DropReason.HandlerFailed));
        await a.Until(() => a.Store.Count == 0);

        Task Finish()
        {
            good.SetResult();
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_payload_that_is_kept_after_its_handler_ended_shows_no_other_bundle()
    {
        await using var world = new World();
        TestNode a = world.Add(1);
        ReadOnlyMemory<byte> kept = default;
        a.Node.Register(8, (bundle, _) =>
        {
            kept = bundle.Payload;
            return Task.CompletedTask;
        });
        a.Node.Start();
        await a.Node.Send(EndpointId.Ipn(1, 8), new byte[100_000], Hour);
        await a.Until(() => a.Node.Counters.Delivered == 1 && a.Store.Count == 0);
        Assert.Throws<ObjectDisposedException>(() => kept.Span.Length);
    }

    [Fact]
    public async Task A_hop_limit_ends_a_bundles_way()
    {
        await using var world = new World();
        TestNode b = world.Add(2);
        b.Node.Start();
        BundleStore store = BundleStore.Open(new(), TimeProvider.System);
        var a = world.Own(new TestNode(new(new() { Node = 1, HopLimit = 1, Links = [new(2, "127.0.0.1", b.Node.Port)], Tcpcl = World.Quick }, store, TimeProvider.System), store));
        a.Node.Start();
        ContactPlan plan = world.Always((1, 2), (2, 3));
        a.Node.SetPlan(plan);
        b.Node.SetPlan(plan);
        TestNode c = world.Add(3, links: new LinkEndpoint(2, "127.0.0.1", b.Node.Port));
        c.Node.Start();
        c.Node.SetPlan(plan);
        await a.Node.Send(c.Sink, "too far"u8.ToArray(), Hour);
        await b.Until(() => b.Node.Counters.Dropped(DropReason.HopLimit) == 1);
        await a.Node.Send(b.Sink, "near"u8.ToArray(), Hour);
        await b.Next();
        Assert.Equal(0, c.DeliveredCount);
    }

    private static (TestNode A, TestNode B) Pair(World world)
    {
        TestNode b = world.Add(2);
        b.Node.Start();
        TestNode a = world.Add(1, links: new LinkEndpoint(2, "127.0.0.1", b.Node.Port));
        a.Node.Start();
        ContactPlan plan = world.Always((1, 2));
        a.Node.SetPlan(plan);
        b.Node.SetPlan(plan);
        return (a, b);
    }

    private static async Task<DeliveredBundle?> Within(Task<DeliveredBundle> task, TimeSpan time)
    {
        await Task.WhenAny(task, Task.Delay(time));
        return task.IsCompleted ? await task : null;
    }

    private static async Task AdvanceUntil(FakeTimeProvider time, TimeSpan step, Func<bool> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            time.Advance(step);
            await Task.Delay(5); // real sockets need real time
            Assert.True(TimeProvider.System.GetElapsedTime(start) < World.Patience, "waited too long");
        }
    }
}
