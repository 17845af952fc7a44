using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using SatNode.Rig.Links;

namespace SatNode.Rig.Tests.Links;

public sealed class LinkEmulatorTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(Noon);
    private readonly LinkEmulator _emulator;
    private readonly TcpListener _target = new(IPAddress.Loopback, 0);
    private readonly EmulatedLink _link;
    private readonly List<Socket> _open = []; // held: the collector closes sockets that nobody holds
    private LinkState _state = new(IsUp: true, TimeSpan.Zero, RateBitsPerSecond: 1e12);

    public LinkEmulatorTests()
    {
        _target.Start();
        _emulator = new(_clock);
        _link = _emulator.Add(new() { Name = "test", TargetPort = ((IPEndPoint)_target.LocalEndpoint).Port, State = _ => _state });
    }

    public async ValueTask DisposeAsync()
    {
        await _emulator.DisposeAsync();
        _target.Dispose();
        _open.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task Carries_every_byte_in_order_both_ways_and_the_end_of_each()
    {
        (Socket near, Socket far) = await Open();
        var random = new Random(3);
        byte[] up = new byte[3_000_000];
        byte[] down = new byte[1_000_000];
        random.NextBytes(up);
        random.NextBytes(down);

        Task<byte[]> atFar = ReadToEnd(far);
        Task<byte[]> atNear = ReadToEnd(near);
        await Eventually.InTime(Task.WhenAll(SendInPieces(near, up, new(5)), SendInPieces(far, down, new(6))));
        Assert.Equal(up, await Eventually.InTime(atFar));
        Assert.Equal(down, await Eventually.InTime(atNear));

        Assert.Equal((3_000_000, 1_000_000), (_link.Counters.Forward.BytesDelivered, _link.Counters.Backward.BytesDelivered));
        Assert.Equal((0, 0, 1, 0), (_link.Counters.Forward.BytesLost, _link.Counters.Backward.BytesLost, _link.Counters.Connections, _link.Counters.Cuts));
    }

    [Fact]
    public async Task Nothing_arrives_before_its_light_time()
    {
        _state = _state with { OneWayDelay = TimeSpan.FromSeconds(2) };
        (Socket near, Socket far) = await Open();
        await near.SendAsync("early"u8.ToArray());
        await WaitUntilTaken(_link, 5);
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        await Task.Delay(50, TestContext.Current.CancellationToken); // time for a wrong delivery to happen
        Assert.Equal(0, far.Available);

        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("early"u8.ToArray(), await Read(far, 5));
    }

    [Fact]
    public async Task No_more_arrives_than_the_rate_lets_through()
    {
        _state = _state with { RateBitsPerSecond = 8 * 4096 }; // a segment a second
        (Socket near, Socket far) = await Open();
        await near.SendAsync(new byte[5 * 4096]);
        await WaitUntilTaken(_link, 5 * 4096);
        for (int second = 1; second <= 5; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Read(far, 4096);
            await Task.Delay(20, TestContext.Current.CancellationToken);
            Assert.Equal(0, far.Available);
        }
    }

    [Fact]
    public async Task Losing_sight_resets_connections_loses_what_flies_and_refuses_new_ones()
    {
        _state = _state with { OneWayDelay = TimeSpan.FromSeconds(5) };
        (Socket near, Socket far) = await Open();
        await near.SendAsync(new byte[1000]);
        await WaitUntilTaken(_link, 1000);
        _state = LinkState.Down;
        _clock.Advance(TimeSpan.FromSeconds(1)); // the emulator's own timer sees it

        Assert.Equal(SocketError.ConnectionReset, await ErrorOf(near));
        Assert.Equal(SocketError.ConnectionReset, await ErrorOf(far));
        Assert.False(_link.IsUp);
        Assert.Equal((1, 1000, 0), (_link.Counters.Cuts, _link.Counters.Forward.BytesLost, _link.Counters.Forward.BytesDelivered));
        Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAsync<SocketException>(Connect)).SocketErrorCode);
    }

    [Fact]
    public async Task Back_in_sight_it_takes_connections_at_the_same_port()
    {
        int port = _link.ListenPort;
        for (int pass = 2; pass <= 4; pass++)
        {
            (Socket before, Socket _) = await Open();
            _state = LinkState.Down;
            _emulator.Evaluate();
            await ErrorOf(before);
            _state = new(IsUp: true, TimeSpan.Zero, 1e12);
            _emulator.Evaluate();
            (Socket near, Socket far) = await Open();
            await near.SendAsync("again"u8.ToArray());
            Assert.Equal("again"u8.ToArray(), await Read(far, 5));
            Assert.Equal(pass, _link.Counters.Contacts);
        }
        Assert.Equal(port, _link.ListenPort);
    }

    [Fact]
    public async Task A_link_that_is_down_from_the_start_refuses()
    {
        EmulatedLink link = _emulator.Add(new() { Name = "dark", TargetPort = 1, State = _ => LinkState.Down });
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        SocketException refused = await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(IPAddress.Loopback, link.ListenPort));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    [Fact]
    public async Task A_fault_overrides_the_geometry_until_it_is_lifted()
    {
        _link.Override = _ => LinkState.Down;
        _emulator.Evaluate();
        Assert.False(_link.IsUp);
        await Assert.ThrowsAsync<SocketException>(Connect);
        _link.Override = null;
        _emulator.Evaluate();
        await Open();
    }

    [Fact]
    public async Task A_cut_ends_what_is_open_and_takes_the_next()
    {
        (Socket near, Socket _) = await Open();
        _link.Cut();
        Assert.Equal(SocketError.ConnectionReset, await ErrorOf(near));
        await Open();
        Assert.Equal((1, 1), (_link.Counters.Cuts, _link.Counters.Contacts));
    }

    [Fact]
    public async Task A_reset_of_one_end_reaches_the_other()
    {
        (Socket near, Socket far) = await Open();
        near.LingerState = new(enable: true, seconds: 0);
        near.Dispose();

        Assert.Equal(SocketError.ConnectionReset, await ErrorOf(far));
        Assert.Equal(0, _link.Counters.Cuts);
    }

    [Fact]
    public async Task Who_finds_no_target_is_reset()
    {
        _target.Stop();
        await IsReset();
        await Eventually.Becomes(() => _link.Counters.Unanswered == 1, "one unanswered connection");
    }

    [Fact]
    public async Task More_connections_than_the_bound_are_closed_and_the_others_live()
    {
        for (int i = 0; i < LinkEmulator.ConnectionsMax; i++)
            await Open();
        await IsReset();
        Assert.Equal(1, _link.Counters.Surplus);
        Assert.Equal(LinkEmulator.ConnectionsMax, _link.Counters.Connections);
    }

    [Fact]
    public async Task A_flood_that_nobody_reads_is_held_back()
    {
        (Socket near, Socket _) = await Open();
        near.Blocking = false;
        byte[] flood = new byte[64 * 1024];
        long sent = 0;
        int full = 0;
        while (full < 50 && sent < 100_000_000)
        {
            int now = near.Send(flood, SocketFlags.None, out SocketError error);
            sent += Math.Max(0, now);
            Assert.True(error is SocketError.Success or SocketError.WouldBlock, $"{error}");
            full = error == SocketError.WouldBlock ? full + 1 : 0;
            if (error == SocketError.WouldBlock)
                await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.InRange(sent, 1, 20_000_000); // socket buffers and what is in flight, not the flood
    }

    private static async Task WaitUntilTaken(EmulatedLink link, long bytes) =>
        await Eventually.Becomes(() => link.BytesInFlight >= bytes, $"{bytes} bytes in flight");

    private static async Task SendInPieces(Socket socket, byte[] data, Random random)
    {
        for (int at = 0; at < data.Length;)
        {
            int piece = Math.Min(random.Next(1, 50_000), data.Length - at);
            at += await socket.SendAsync(data.AsMemory(at, piece));
        }
        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task<byte[]> ReadToEnd(Socket socket)
    {
        using var all = new MemoryStream();
        using var stream = new NetworkStream(socket);
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    private static async Task<byte[]> Read(Socket socket, int length)
    {
        byte[] data = new byte[length];
        using var stream = new NetworkStream(socket);
        await Eventually.InTime(stream.ReadExactlyAsync(data).AsTask());
        return data;
    }

    private static async Task<SocketError> ErrorOf(Socket socket)
    {
        try
        {
            return await Eventually.InTime(socket.ReceiveAsync(new byte[1], SocketFlags.None)) == 0 ? SocketError.Disconnecting : SocketError.Success;
        }
        catch (SocketException failed)
        {
            return failed.SocketErrorCode;
        }
    }

    private async Task IsReset()
    {
        try
        {
            using Socket near = await Connect();
            Assert.Equal(SocketError.ConnectionReset, await ErrorOf(near));
        }
        catch (SocketException reset)
        {
            Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode); // before the connect returned
        }
    }

    private async Task<Socket> Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, _link.ListenPort, TestContext.Current.CancellationToken);
        return socket;
    }

    private async Task<(Socket Near, Socket Far)> Open()
    {
        long before = _link.Counters.Connections;
        Socket near = await Connect();
        Socket far = await Eventually.InTime(_target.AcceptSocketAsync());
        await Eventually.Becomes(() => _link.Counters.Connections > before, "a connection");
        _open.AddRange([near, far]);
        return (near, far);
    }
}
