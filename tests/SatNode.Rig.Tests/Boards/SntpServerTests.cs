using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using SatNode.Rig.Boards.Drivers;

namespace SatNode.Rig.Tests.Boards;

/// <summary>The time server of the bench, asked byte by byte.</summary>
public sealed class SntpServerTests : IAsyncDisposable
{
    private const ulong Cookie = 0x0123_4567_89AB_CDEF;

    private static readonly DateTimeOffset Era = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _machine = new(new DateTimeOffset(2026, 8, 15, 20, 44, 13, TimeSpan.Zero).AddTicks(1_234_567)); // 0.1234567 s
    private readonly SntpServer _server;
    private readonly Socket _client = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public SntpServerTests()
    {
        _server = new(_machine);
        _client.Connect(IPAddress.Loopback, _server.Port);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Answers_as_a_server_of_stratum_1_that_has_no_one_above_it()
    {
        byte[] answer = await Ask(Request());

        Assert.Equal(48, answer.Length);
        Assert.Equal((0, 4, 4), (answer[0] >> 6, (answer[0] >> 3) & 7, answer[0] & 7)); // in step, version 4, mode server
        Assert.Equal(1, answer[1]);
        Assert.Equal(6, answer[2]); // the poll interval of the request
        Assert.All(answer[4..12], octet => Assert.Equal(0, octet));
        Assert.Equal("LOCL"u8.ToArray(), answer[12..16]);
        Assert.Equal(Cookie, BinaryPrimitives.ReadUInt64BigEndian(answer.AsSpan(24))); // what only the asker knows
    }

    [Fact]
    public async Task Tells_the_machines_time_to_the_tick()
    {
        byte[] answer = await Ask(Request());

        Assert.Equal(_machine.GetUtcNow(), Time(answer, 32, Era)); // received
        Assert.Equal(_machine.GetUtcNow(), Time(answer, 40, Era)); // transmitted
        Assert.Equal(_machine.GetUtcNow(), Time(answer, 16, Era)); // last set
    }

    [Fact]
    public async Task Tells_the_time_of_the_era_after_2036()
    {
        _machine.SetUtcNow(new(2036, 2, 7, 6, 28, 17, 500, TimeSpan.Zero)); // era 1 began at 06:28:16

        Assert.Equal(_machine.GetUtcNow(), Time(await Ask(Request()), 40, Era.AddSeconds(1L << 32)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Answers_in_the_version_of_the_request(int version)
    {
        byte[] answer = await Ask(Request(version));

        Assert.Equal(version, (answer[0] >> 3) & 7);
    }

    [Fact]
    public async Task Answers_nothing_but_a_request_and_serves_on()
    {
        List<byte[]> hostile = [[], new byte[47], new byte[49], new byte[60_000], [.. Request(), 0, 0, 0, 0]];
        for (int first = 0; first <= byte.MaxValue; first++)
        {
            byte[] packet = Request(version: 4, cookie: 1);
            packet[0] = (byte)first;
            if ((first & 7) != 3 || ((first >> 3) & 7) is < 1 or > 4)
                hostile.Add(packet); // every other mode and version: broadcasts, peers, control messages
        }
        foreach (byte[][] packets in hostile.Chunk(16)) // fewer at a time than the socket's buffer holds while the server does not get to run
        {
            foreach (byte[] packet in packets)
                await _client.SendAsync(packet);
            byte[] answer = await Ask(Request()); // the first answer that comes is that to the last packet
            Assert.Equal(Cookie, BinaryPrimitives.ReadUInt64BigEndian(answer.AsSpan(24)));
        }
    }

    [Fact]
    public async Task Serves_on_after_a_client_that_does_not_wait()
    {
        for (int i = 0; i < 20; i++)
        {
            using var gone = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            gone.Connect(IPAddress.Loopback, _server.Port);
            await gone.SendAsync(Request());
        }

        Assert.Equal(48, (await Ask(Request())).Length);
    }

    private static byte[] Request(int version = 4, ulong cookie = Cookie)
    {
        byte[] packet = new byte[48];
        packet[0] = (byte)((version << 3) | 3);
        packet[2] = 6;
        BinaryPrimitives.WriteUInt64BigEndian(packet.AsSpan(40), cookie);
        return packet;
    }

    private static DateTimeOffset Time(byte[] packet, int at, DateTimeOffset era)
    {
        double fraction = BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(at + 4)) / (double)(1L << 32);
        return era.AddSeconds(BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(at))).AddTicks((long)Math.Round(fraction * TimeSpan.TicksPerSecond));
    }

    private async Task<byte[]> Ask(byte[] request)
    {
        byte[] answer = new byte[100];
        await _client.SendAsync(request);
        return answer[..await Eventually.InTime(_client.ReceiveAsync(answer, SocketFlags.None))];
    }
}
