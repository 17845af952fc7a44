using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SatNode.Protocol.Bundles;
using SatNode.Protocol.Tcpcl;
using SatNode.Protocol.Time;

namespace SatNode.Network.Tests.Links;

/// <summary>Whatever a peer does, the node goes on serving others.</summary>
public sealed class HostilePeerTests
{
    [Fact]
    public async Task Garbage_cuts_and_broken_promises_leave_the_node_alive()
    {
        await using var world = new World();
        TestNode victim = Start(world);
        byte[] noise = new byte[5000];
        new Random(7).NextBytes(noise);
        byte[] greeting = Greeting(66);
        byte[][] attacks =
        [
            [], noise, "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), greeting[..10], greeting,
            [.. greeting, .. noise],
            [.. greeting, 0x01, 0x03, .. new byte[8], 0, 0, 0, 0, .. Enumerable.Repeat((byte)0xFF, 8)], // a segment of 2^64 - 1 bytes
            [.. greeting, 0x01, 0x00, .. new byte[8], .. new byte[8]], // a middle without a start
            [.. greeting, .. Segment(SegmentFlags.Start, 1, 10, 5), 1, 2, 3, 4, 5, .. Segment(SegmentFlags.Start, 2, 10, 5), 1, 2, 3, 4, 5], // a start within a transfer
            [.. greeting, .. Segment(SegmentFlags.Start, 1, ulong.MaxValue, 1024), .. new byte[1024]], // announces 2^64 - 1 bytes
            [.. greeting, .. Segment(SegmentFlags.Start | SegmentFlags.End, 1, 100, 100), .. noise[..100]], // a transfer that is no bundle
            [.. greeting, 0x02, 0x01, .. new byte[16]], // acknowledges what was never sent
            [.. greeting, .. Enumerable.Repeat((byte)0x04, 5000)], // keepalives without end
            Greeting(1), // claims to be the node itself
            Greeting(66, segmentMru: 0),
        ];
        foreach (byte[] attack in attacks)
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, victim.Node.Port);
            NetworkStream stream = socket.GetStream();
            try
            {
                await stream.WriteAsync(attack);
                socket.Client.Shutdown(SocketShutdown.Send);
                await stream.CopyToAsync(Stream.Null).WaitAsync(World.Patience); // until the victim has read all and hangs up
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // the victim hung up in the middle of it
            }
        }
        await StillServes(world, victim);
        Assert.True(victim.Node.Counters.Dropped(DropReason.Malformed) == 1, string.Join('\n', victim.Events));
        Assert.Equal(9, victim.Events.Count(e => e is { Kind: NetworkEventKind.LinkUp, Peer: 66 })); // these came past the handshake
    }

    [Fact]
    public async Task A_transfer_beyond_the_limit_is_refused_and_the_session_goes_on()
    {
        await using var world = new World();
        TestNode victim = Start(world);
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, victim.Node.Port);
        NetworkStream stream = socket.GetStream();
        await stream.WriteAsync((byte[])[.. Greeting(66), .. Segment(SegmentFlags.Start, 1, BundleLimits.MaxBundleBytes + 1UL, 4), 1, 2, 3, 4]);
        await Skip(stream, 6 + 25 + 7); // contact header and session initialisation
        Assert.Equal("0304" + "0000000000000001", await ReadHex(stream, 10));
        await stream.WriteAsync((byte[])[.. Segment(SegmentFlags.Start | SegmentFlags.End, 2, 3, 3), 1, 2, 3]);
        Assert.Equal("0304" + "0000000000000002", await ReadHex(stream, 10)); // no bundle, but in order
    }

    [Theory]
    [InlineData(1_000_000)] // the memory of as much would be held for a few bytes
    [InlineData(2)]
    public async Task A_transfer_of_another_length_than_was_told_is_refused_and_the_session_goes_on(ulong told)
    {
        await using var world = new World();
        TestNode victim = Start(world);
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, victim.Node.Port);
        NetworkStream stream = socket.GetStream();
        byte[] bundle = BundleCodec.Encode(Bundle.Create(
            new() { Destination = victim.Sink, Source = EndpointId.Ipn(66, 9), CreationTime = DtnTime.From(world.Time.GetUtcNow()), Sequence = 1, LifetimeMs = 60_000 }, "good"u8.ToArray(), 10));
        ulong length = (ulong)bundle.Length;
        byte[] Transfer(ulong id, ulong total) => [.. Segment(SegmentFlags.Start, id, total, 3), .. bundle[..3], .. Segment(SegmentFlags.End, id, total, length - 3), .. bundle[3..]];
        await stream.WriteAsync((byte[])[.. Greeting(66), .. Transfer(1, told), .. Transfer(2, length)]);
        await Skip(stream, 6 + 25 + 7); // contact header and session initialisation
        Assert.Equal("0202" + "0000000000000001" + "0000000000000003" + "0304" + "0000000000000001", await ReadHex(stream, 18 + 10));
        Assert.Equal("0202" + "0000000000000002" + "0000000000000003" + "0201" + "0000000000000002" + length.ToString("x16", CultureInfo.InvariantCulture), await ReadHex(stream, 18 + 18)); // the same, told as it is
        Assert.Equal("good"u8.ToArray(), (await victim.Next()).Payload.ToArray());
    }

    [Fact]
    public async Task Those_who_connect_and_say_nothing_take_no_place_for_ever()
    {
        await using var world = new World();
        TestNode victim = world.Add(1, tcpcl: World.Quick with { MaxSessions = 4, HandshakeTimeout = TimeSpan.FromMilliseconds(300) });
        victim.Node.Start();
        victim.Node.SetPlan(world.Always((1, 2)));
        var silent = new List<TcpClient>();
        for (int i = 0; i < 4; i++)
        {
            silent.Add(new());
            await silent[i].ConnectAsync(IPAddress.Loopback, victim.Node.Port);
        }
        await victim.Until(() => victim.Events.Count(e => e.Kind == NetworkEventKind.ConnectFailed && e.Detail.Contains("too long", StringComparison.Ordinal)) == 4);
        await StillServes(world, victim);
        silent.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task A_link_that_accepts_and_closes_at_once_is_tried_with_growing_pauses()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
        await using var world = new World(time);
        CuttingProxy proxy = world.Own(new CuttingProxy(1, new long[1000])); // each connection is cut at once
        TestNode a = world.Add(1, tcpcl: new(), links: new LinkEndpoint(2, "127.0.0.1", proxy.Port));
        a.Node.Start();
        a.Node.SetPlan(world.Always((1, 2)));
        var attempts = new List<DateTimeOffset>();
        while (attempts.Count < 8)
        {
            int before = attempts.Count;
            await a.Until(() => a.Node.Counters.ConnectFailures > before);
            attempts.Add(time.GetUtcNow());
            while (a.Node.Counters.ConnectFailures == attempts.Count)
            {
                time.Advance(TimeSpan.FromMilliseconds(250));
                await Task.Delay(2); // real sockets need real time
            }
        }
        double[] pauses = [.. attempts.Zip(attempts.Skip(1), (x, y) => (y - x).TotalSeconds)];
        double[] least = [1, 2, 4, 8, 16, 30, 30];
        Assert.All(pauses.Zip(least), p => Assert.True(p.First >= p.Second, $"{p.First} s before {p.Second} s"));
        Assert.Equal(0, a.Node.Counters.Sessions);
    }

    private static TestNode Start(World world)
    {
        TestNode victim = world.Add(1);
        victim.Node.Start();
        victim.Node.SetPlan(world.Always((1, 2)));
        return victim;
    }

    private static async Task StillServes(World world, TestNode victim)
    {
        TestNode friend = world.Add(2, links: new LinkEndpoint(1, "127.0.0.1", victim.Node.Port));
        friend.Node.Start();
        friend.Node.SetPlan(world.Always((1, 2)));
        await friend.Node.Send(victim.Sink, "still there"u8.ToArray(), TimeSpan.FromHours(1));
        Assert.Equal("still there"u8.ToArray(), (await victim.Next()).Payload.ToArray());
    }

    private static byte[] Greeting(ulong node, ulong segmentMru = 1 << 20)
    {
        var writer = new ArrayBufferWriter<byte>();
        TcpclWriter.WriteContactHeader(writer);
        TcpclWriter.WriteInitialize(writer, 30, segmentMru, 1 << 24, $"ipn:{node}.0");
        return writer.WrittenSpan.ToArray();
    }

    private static byte[] Segment(SegmentFlags flags, ulong id, ulong total, ulong length)
    {
        var writer = new ArrayBufferWriter<byte>();
        TcpclWriter.WriteSegmentHeader(writer, flags, id, length, total);
        return writer.WrittenSpan.ToArray();
    }

    private static async Task Skip(NetworkStream stream, int bytes) => await ReadHex(stream, bytes);

    private static async Task<string> ReadHex(NetworkStream stream, int bytes)
    {
        var buffer = new byte[bytes];
        await stream.ReadExactlyAsync(buffer).AsTask().WaitAsync(World.Patience);
        return Convert.ToHexStringLower(buffer);
    }
}
