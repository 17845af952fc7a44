using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace SatNode.Boot.Clock;

/// <summary>Asks a server for the time: several exchanges, of which the one with the least round trip counts, since an offset is wrong by half the round trip at
/// most. Ends within <see cref="MaxExchanges"/> times <see cref="ExchangeTimeout"/>, whatever the server does. Source: RFC 5905, section 14; RFC 4330, section 5.</summary>
/// <param name="server">Whom to ask.</param>
/// <param name="machine">The clock that is to be corrected.</param>
internal sealed class SntpClient(IPEndPoint server, TimeProvider machine)
{
    /// <summary>The most exchanges.</summary>
    internal const int MaxExchanges = 8;

    /// <summary>Exchanges without an answer after which the server is given up.</summary>
    internal const int MaxMissed = 4;

    /// <summary>How long an answer is waited for: a hundred round trips of a bench.</summary>
    internal static readonly TimeSpan ExchangeTimeout = TimeSpan.FromMilliseconds(250);

    private const int MaxPacketsPerExchange = 32;

    // A server whose clock ticks so coarsely may seem to hold a request for a tick.
    private static readonly TimeSpan CoarsestClock = TimeSpan.FromMilliseconds(10);

    /// <summary>How far the machine's clock is off; null without an answer, and then <paramref name="fault"/> says why.</summary>
    internal ClockOffset? Ask(out string fault)
    {
        ClockOffset? best = null;
        fault = $"no answer from {server}";
        try
        {
            using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(server); // packets of others are not received
            for (int exchange = 0, missed = 0; exchange < MaxExchanges && missed < MaxMissed; exchange++)
            {
                (ClockOffset? offset, string? refusal) = Exchange(socket);
                if (refusal is not null)
                {
                    fault = $"{server}: {refusal}";
                    break;
                }
                if (offset is null)
                    missed++;
                else if (best is null || offset.Value.RoundTrip < best.Value.RoundTrip)
                    best = offset;
            }
        }
        catch (SocketException e)
        {
            fault = $"{server}: {e.Message}";
        }
        return best;
    }

    private (ClockOffset? Offset, string? Refusal) Exchange(Socket socket)
    {
        Span<byte> packet = stackalloc byte[SntpPacket.Bytes * 2];
        Span<byte> cookieBytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(cookieBytes);
        ulong cookie = BinaryPrimitives.ReadUInt64BigEndian(cookieBytes);
        SntpPacket.WriteRequest(packet, cookie);
        DateTimeOffset sent = machine.GetUtcNow();
        try
        {
            socket.Send(packet[..SntpPacket.Bytes]);
            long begin = machine.GetTimestamp();
            for (int packets = 0; packets < MaxPacketsPerExchange; packets++)
            {
                TimeSpan left = ExchangeTimeout - machine.GetElapsedTime(begin);
                if (left <= TimeSpan.Zero || !socket.Poll(left, SelectMode.SelectRead))
                    break;
                int length = socket.Receive(packet, SocketFlags.None);
                DateTimeOffset arrived = machine.GetUtcNow();
                SntpReply reply = SntpPacket.Read(packet[..length], cookie);
                if (reply.Kind == SntpReplyKind.Foreign)
                    continue;
                if (reply.Kind == SntpReplyKind.Refusal)
                    return (null, reply.Refusal);
                TimeSpan roundTrip = (arrived - sent) - (reply.Transmitted - reply.Received);
                if (roundTrip < -CoarsestClock)
                    return (null, "the server says that it held the request for longer than we waited");
                return (new ClockOffset(((reply.Received - sent) + (reply.Transmitted - arrived)) / 2, roundTrip < TimeSpan.Zero ? TimeSpan.Zero : roundTrip), null);
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.MessageSize)
        {
            // Nobody listens there yet, or what came is too long for an answer: this exchange is lost.
        }
        return (null, null);
    }
}

/// <summary>How far a clock is off.</summary>
/// <param name="Offset">What has to be added to it.</param>
/// <param name="RoundTrip">How long the question took; the offset is wrong by half of it at most.</param>
internal readonly record struct ClockOffset(TimeSpan Offset, TimeSpan RoundTrip);
