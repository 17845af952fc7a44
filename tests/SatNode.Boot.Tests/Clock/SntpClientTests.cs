using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using SatNode.Boot.Clock;

namespace SatNode.Boot.Tests.Clock;

public sealed class SntpClientTests
{
    private static readonly DateTimeOffset Rtc = new(2026, 8, 15, 20, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Off = TimeSpan.FromSeconds(1234.5678901);

    private readonly FakeTimeProvider _machine = new(Rtc);

    private static TimeSpan Milliseconds(double value) => TimeSpan.FromMilliseconds(value);

    /// <summary>Answers whose way there and back takes the time that the list says.</summary>
    private TimeServer Server(TimeSpan off, params (double There, double Back)[] waysMilliseconds) => new((n, request) =>
    {
        (double there, double back) = waysMilliseconds[Math.Min(n, waysMilliseconds.Length - 1)];
        _machine.Advance(Milliseconds(there));
        DateTimeOffset received = _machine.GetUtcNow() + off;
        _machine.Advance(Milliseconds(0.25)); // the server thinks
        byte[] answer = TimeServer.Answer(request, received, _machine.GetUtcNow() + off);
        _machine.Advance(Milliseconds(back));
        return [answer];
    });

    private ClockOffset? Ask(TimeServer server, out string fault) => new SntpClient(server.Address, _machine).Ask(out fault);

    [Theory]
    [InlineData(1234.5678901)]
    [InlineData(-98765.4321)] // the machine's clock is ahead
    [InlineData(0.0000001)] // a tick
    [InlineData(-1786824000.0)] // 1970: a board without a real-time clock, the other way round
    [InlineData(600_000_000.0)] // 2045: the timestamps have begun anew in 2036
    public void Finds_how_far_the_clock_is_off(double seconds)
    {
        var off = TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
        using TimeServer server = Server(off, (3, 3));
        ClockOffset found = Ask(server, out _)!.Value;
        Assert.Equal(off, found.Offset);
        Assert.Equal(Milliseconds(6), found.RoundTrip);
        Assert.Equal(SntpClient.MaxExchanges, server.Requests);
    }

    [Fact]
    public void The_exchange_with_the_least_round_trip_counts()
    {
        using TimeServer server = Server(Off, (40, 2), (9, 1), (1.5, 1.5), (30, 0), (5, 1));
        ClockOffset found = Ask(server, out _)!.Value;
        Assert.Equal(Milliseconds(3), found.RoundTrip);
        Assert.Equal(Off, found.Offset);
    }

    [Fact]
    public void The_offset_is_wrong_by_half_the_round_trip_at_most()
    {
        using TimeServer server = Server(Off, (10, 0));
        ClockOffset found = Ask(server, out _)!.Value;
        Assert.Equal(Off + Milliseconds(5), found.Offset);
        Assert.Equal(Milliseconds(10), found.RoundTrip);
    }

    [Fact] // a first packet is often lost while addresses are resolved
    public void Some_lost_answers_do_not_matter()
    {
        using var server = new TimeServer((n, request) =>
        {
            _machine.Advance(n < SntpClient.MaxMissed - 1 ? SntpClient.ExchangeTimeout : Milliseconds(2));
            return n < SntpClient.MaxMissed - 1 ? [] : [TimeServer.Answer(request, _machine.GetUtcNow() + Off, _machine.GetUtcNow() + Off)];
        });
        Assert.NotNull(Ask(server, out _));
        Assert.Equal(SntpClient.MaxExchanges, server.Requests);
    }

    [Fact]
    public void A_server_that_says_nothing_is_given_up()
    {
        using var server = new TimeServer((_, _) => []);
        Assert.Null(Ask(server, out string fault));
        Assert.Equal($"no answer from {server.Address}", fault);
        Assert.Equal(SntpClient.MaxMissed, server.Requests);
    }

    [Fact]
    public void A_port_where_nobody_listens_is_given_up()
    {
        using var unused = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = (IPEndPoint)unused.LocalEndPoint!;
        unused.Close();
        Assert.Null(new SntpClient(address, TimeProvider.System).Ask(out string fault));
        Assert.Equal($"no answer from {address}", fault);
    }

    public static TheoryData<string, Action<byte[]>> Foreign => new()
    {
        { "another cookie", packet => packet[31] ^= 1 },
        { "a request", packet => packet[0] = (4 << 3) | 3 },
        { "a broadcast", packet => packet[0] = (4 << 3) | 5 },
        { "version 2", packet => packet[0] = (2 << 3) | 4 },
    };

    [Theory]
    [MemberData(nameof(Foreign))]
    public void What_is_no_answer_to_the_question_is_passed_over(string what, Action<byte[]> change)
    {
        using var server = new TimeServer((_, request) =>
        {
            byte[] foreign = TimeServer.Answer(request, Rtc.AddYears(1), Rtc.AddYears(1));
            change(foreign);
            return [foreign, [], foreign[..47], TimeServer.Answer(request, _machine.GetUtcNow() + Off, _machine.GetUtcNow() + Off)];
        });
        Assert.True(Ask(server, out _) is { } found && found.Offset == Off, what);
    }

    [Fact] // an exchange reads so many packets and no more
    public void A_flood_of_foreign_packets_ends()
    {
        using var server = new TimeServer((_, request) =>
        {
            byte[] foreign = TimeServer.Answer(request, Rtc, Rtc);
            foreign[24] ^= 1;
            return Enumerable.Repeat(foreign, 100);
        });
        Assert.Null(Ask(server, out string fault));
        Assert.Equal($"no answer from {server.Address}", fault);
    }

    public static TheoryData<Action<byte[]>, string> Refusals => new()
    {
        { packet => { packet[1] = 0; "RATE"u8.CopyTo(packet.AsSpan(12)); }, "the server sends us away (RATE)" },
        { packet => { packet[1] = 0; packet[12] = 0x1B; }, "the server sends us away (????)" },
        { packet => packet[0] |= 0xC0, "the server has no time itself" },
        { packet => packet[1] = 16, "the server has no time itself" },
        { packet => packet.AsSpan(32, 8).Clear(), "the server's times contradict each other" },
        { packet => packet.AsSpan(40, 8).Clear(), "the server's times contradict each other" },
        { packet => packet[35] += 1, "the server's times contradict each other" }, // answered before it was asked
        { packet => packet[43] += 1, "the server says that it held the request for longer than we waited" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_server_without_a_time_is_believed_nothing(Action<byte[]> change, string expected)
    {
        using var server = new TimeServer((_, request) =>
        {
            byte[] answer = TimeServer.Answer(request, Rtc + Off, Rtc + Off);
            change(answer);
            return [answer];
        });
        Assert.Null(Ask(server, out string fault));
        Assert.Equal($"{server.Address}: {expected}", fault);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public void What_was_learnt_before_a_refusal_counts()
    {
        using var server = new TimeServer((n, request) =>
        {
            byte[] answer = TimeServer.Answer(request, _machine.GetUtcNow() + Off, _machine.GetUtcNow() + Off);
            answer[1] = (byte)(n == 0 ? 1 : 0);
            return [answer];
        });
        Assert.Equal(Off, Ask(server, out _)!.Value.Offset);
        Assert.Equal(2, server.Requests);
    }

    [Fact] // the clock of a coarse server seems to stand still or to jump while it answers
    public void A_coarse_server_is_no_contradiction()
    {
        using var server = new TimeServer((_, request) => [TimeServer.Answer(request, Rtc + Off, Rtc + Off + Milliseconds(10))]);
        ClockOffset found = Ask(server, out _)!.Value;
        Assert.Equal((TimeSpan.Zero, Off + Milliseconds(5)), (found.RoundTrip, found.Offset));
    }

    [Fact]
    public void Every_request_has_a_cookie_of_its_own_and_no_time()
    {
        var cookies = new HashSet<ulong>();
        using var server = new TimeServer((_, request) =>
        {
            Assert.Equal(0x23, request[0]);
            Assert.All(request[1..40], value => Assert.Equal(0, value));
            cookies.Add(BitConverter.ToUInt64(request, 40));
            return [TimeServer.Answer(request, Rtc, Rtc)];
        });
        Ask(server, out _);
        Assert.Equal(SntpClient.MaxExchanges, cookies.Count);
    }
}
