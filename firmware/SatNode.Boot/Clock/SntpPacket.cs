using System.Buffers.Binary;

namespace SatNode.Boot.Clock;

/// <summary>The packets of SNTP. Source: RFC 5905, sections 6, 7.3 and 14.</summary>
internal static class SntpPacket
{
    internal const int Bytes = 48;

    private const int Version = 4;
    private const int ClientMode = 3;
    private const int ServerMode = 4;
    private const int Unsynchronised = 3;
    private const int MaxStratum = 15;
    private const int ReferenceOffset = 12;
    private const int OriginOffset = 24;
    private const int ReceiveOffset = 32;
    private const int TransmitOffset = 40;

    private static readonly DateTimeOffset Era0 = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a request. Its transmit timestamp is a number that only the asker knows, and no time: the server repeats it, a stranger can't.</summary>
    internal static void WriteRequest(Span<byte> packet, ulong cookie)
    {
        packet[..Bytes].Clear();
        packet[0] = (Version << 3) | ClientMode;
        BinaryPrimitives.WriteUInt64BigEndian(packet[TransmitOffset..], cookie);
    }

    /// <summary>Reads the answer to the request with <paramref name="cookie"/>.</summary>
    internal static SntpReply Read(ReadOnlySpan<byte> packet, ulong cookie)
    {
        if (packet.Length < Bytes || (packet[0] & 7) != ServerMode || (packet[0] >> 3 & 7) is < 3 or > Version
            || BinaryPrimitives.ReadUInt64BigEndian(packet[OriginOffset..]) != cookie)
            return SntpReply.Foreign;
        if (packet[1] == 0)
            return SntpReply.Refused($"the server sends us away ({KissCode(packet[ReferenceOffset..(ReferenceOffset + 4)])})");
        if (packet[0] >> 6 == Unsynchronised || packet[1] > MaxStratum)
            return SntpReply.Refused("the server has no time itself");
        ulong received = BinaryPrimitives.ReadUInt64BigEndian(packet[ReceiveOffset..]);
        ulong transmitted = BinaryPrimitives.ReadUInt64BigEndian(packet[TransmitOffset..]);
        if (received == 0 || transmitted == 0 || Time(transmitted) < Time(received))
            return SntpReply.Refused("the server's times contradict each other");
        return new(SntpReplyKind.Time, Time(received), Time(transmitted), "");
    }

    /// <summary>A timestamp as a time: with its highest bit set it counts from 1900, else from 2036. Source: RFC 4330, section 3.</summary>
    private static DateTimeOffset Time(ulong timestamp)
    {
        ulong seconds = timestamp >> 32;
        if (seconds >> 31 == 0)
            seconds += 1UL << 32;
        ulong fraction = ((timestamp & uint.MaxValue) * TimeSpan.TicksPerSecond) >> 32;
        return Era0.AddTicks((long)((seconds * TimeSpan.TicksPerSecond) + fraction));
    }

    private static string KissCode(ReadOnlySpan<byte> code)
    {
        Span<char> text = stackalloc char[code.Length];
        for (int i = 0; i < code.Length; i++)
            text[i] = char.IsAsciiLetterOrDigit((char)code[i]) ? (char)code[i] : '?';
        return new(text);
    }
}

/// <summary>What a packet says.</summary>
/// <param name="Kind">Which of the rest counts.</param>
/// <param name="Received">The server's time when the request came.</param>
/// <param name="Transmitted">The server's time when it answered.</param>
/// <param name="Refusal">Why there is no time, for people.</param>
internal readonly record struct SntpReply(SntpReplyKind Kind, DateTimeOffset Received, DateTimeOffset Transmitted, string Refusal)
{
    internal static SntpReply Foreign => default;

    internal static SntpReply Refused(string why) => new(SntpReplyKind.Refusal, default, default, why);
}

/// <summary>Kinds of packets.</summary>
internal enum SntpReplyKind
{
    /// <summary>No answer to our request: what comes after it may be one.</summary>
    Foreign = 0,

    /// <summary>An answer without a time in it.</summary>
    Refusal,

    /// <summary>An answer with a time.</summary>
    Time,
}
