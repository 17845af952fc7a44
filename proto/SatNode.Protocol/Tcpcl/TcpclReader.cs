using System.Buffers;
using System.Text;

namespace SatNode.Protocol.Tcpcl;

/// <summary>Reads messages from the bytes that have arrived so far. Source: RFC 9174 §4.2 (contact header), §4.5 to §6.1.</summary>
/// <remarks>A segment's data is not read here: the session takes it as it arrives, so that a segment need not be held twice.</remarks>
public static class TcpclReader
{
    private const ushort TransferLengthItem = 1;

    private static ReadOnlySpan<byte> Magic => "dtn!"u8;

    /// <summary>Reads the contact header.</summary>
    /// <returns>False while bytes are missing; <paramref name="buffer"/> then stays as it is.</returns>
    /// <exception cref="WireFormatException">The peer does not speak TCPCL.</exception>
    public static bool TryReadContactHeader(ref ReadOnlySequence<byte> buffer, out TcpclMessage message)
    {
        message = default;
        var reader = new SequenceReader<byte>(buffer);
        for (int i = 0; i < Magic.Length; i++) // byte by byte: a stranger is refused with the first wrong one
        {
            if (!reader.TryRead(out byte found))
                return false;
            if (found != Magic[i])
                throw new WireFormatException($"tcpcl: byte {i}: expected the magic \"dtn!\", found 0x{found:x2}; closed");
        }
        if (!reader.TryRead(out byte version) || !reader.TryRead(out byte flags))
            return false;
        message = new(TcpclKind.ContactHeader) { Version = version, CanTls = (flags & 1) != 0 };
        buffer = buffer.Slice(reader.Position);
        return true;
    }

    /// <summary>Reads one message after the contact header, of a segment up to its data.</summary>
    /// <returns>False while bytes are missing; <paramref name="buffer"/> then stays as it is.</returns>
    /// <exception cref="WireFormatException">An unknown type or a length beyond <see cref="TcpclLimits"/>.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out TcpclMessage message)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out byte type))
        {
            message = default;
            return false;
        }
        bool complete;
        switch ((TcpclKind)type)
        {
            case TcpclKind.Segment:
                complete = TryReadSegment(ref reader, out message);
                break;
            case TcpclKind.Acknowledge:
                complete = TryReadAcknowledge(ref reader, out message);
                break;
            case TcpclKind.Refuse:
                complete = TryReadRefuse(ref reader, out message);
                break;
            case TcpclKind.KeepAlive:
                message = new(TcpclKind.KeepAlive);
                complete = true;
                break;
            case TcpclKind.Terminate:
                complete = TryReadTwo(ref reader, out byte flags, out byte reason);
                message = new(TcpclKind.Terminate) { IsReply = (flags & 1) != 0, Reason = reason };
                break;
            case TcpclKind.Reject:
                complete = TryReadTwo(ref reader, out byte why, out byte header);
                message = new(TcpclKind.Reject) { Reason = why, RejectedHeader = header };
                break;
            case TcpclKind.Initialize:
                complete = TryReadInitialize(ref reader, out message);
                break;
            default:
                throw new WireFormatException($"tcpcl: expected message type 1 to 7, found 0x{type:x2}; closed");
        }
        if (complete)
            buffer = buffer.Slice(reader.Position);
        return complete;
    }

    private static bool TryReadSegment(ref SequenceReader<byte> reader, out TcpclMessage message)
    {
        message = default;
        ulong? total = null;
        bool unknown = false;
        if (!reader.TryRead(out byte flagByte) || !TryReadUInt64(ref reader, out ulong id))
            return false;
        var flags = (SegmentFlags)flagByte & (SegmentFlags.Start | SegmentFlags.End);
        if ((flags & SegmentFlags.Start) != 0 && !TryReadExtensions(ref reader, transfer: true, out total, out unknown))
            return false;
        if (!TryReadUInt64(ref reader, out ulong length))
            return false;
        message = new(TcpclKind.Segment)
        {
            Flags = flags,
            TransferId = id,
            Length = length,
            TotalLength = total,
            HasUnknownCriticalExtension = unknown,
        };
        return true;
    }

    private static bool TryReadAcknowledge(ref SequenceReader<byte> reader, out TcpclMessage message)
    {
        message = default;
        if (!reader.TryRead(out byte flags) || !TryReadUInt64(ref reader, out ulong id) || !TryReadUInt64(ref reader, out ulong length))
            return false;
        message = new(TcpclKind.Acknowledge) { Flags = (SegmentFlags)flags & (SegmentFlags.Start | SegmentFlags.End), TransferId = id, Length = length };
        return true;
    }

    private static bool TryReadRefuse(ref SequenceReader<byte> reader, out TcpclMessage message)
    {
        message = default;
        if (!reader.TryRead(out byte reason) || !TryReadUInt64(ref reader, out ulong id))
            return false;
        message = new(TcpclKind.Refuse) { Reason = reason, TransferId = id };
        return true;
    }

    private static bool TryReadInitialize(ref SequenceReader<byte> reader, out TcpclMessage message)
    {
        message = default;
        if (!reader.TryReadBigEndian(out short keepAlive) || !TryReadUInt64(ref reader, out ulong segmentMru)
            || !TryReadUInt64(ref reader, out ulong transferMru) || !reader.TryReadBigEndian(out short nodeIdLength))
            return false;
        int length = unchecked((ushort)nodeIdLength);
        if (length > TcpclLimits.MaxNodeIdBytes)
            throw new WireFormatException($"tcpcl: expected a node id of at most {TcpclLimits.MaxNodeIdBytes} bytes, found {length}; closed");
        if (!reader.TryReadExact(length, out ReadOnlySequence<byte> nodeId) || !TryReadExtensions(ref reader, transfer: false, out _, out bool unknown))
            return false;
        message = new(TcpclKind.Initialize)
        {
            KeepAliveSeconds = unchecked((ushort)keepAlive),
            SegmentMru = segmentMru,
            TransferMru = transferMru,
            NodeId = Encoding.UTF8.GetString(nodeId), // bytes that are no UTF-8 become U+FFFD, which no endpoint contains
            HasUnknownCriticalExtension = unknown,
        };
        return true;
    }

    /// <summary>Extension items: a 32-bit length of all, then each flags, 16-bit type, 16-bit length, value. Source: RFC 9174 §4.8, §5.2.5.</summary>
    private static bool TryReadExtensions(ref SequenceReader<byte> reader, bool transfer, out ulong? total, out bool unknownCritical)
    {
        total = null;
        unknownCritical = false;
        if (!reader.TryReadBigEndian(out int signed))
            return false;
        uint all = unchecked((uint)signed);
        if (all > TcpclLimits.MaxExtensionBytes)
            throw new WireFormatException($"tcpcl: expected at most {TcpclLimits.MaxExtensionBytes} bytes of extension items, found {all}; closed");
        if (!reader.TryReadExact((int)all, out ReadOnlySequence<byte> items))
            return false;
        var item = new SequenceReader<byte>(items);
        while (item.Remaining > 0)
        {
            if (!item.TryRead(out byte flags) || !item.TryReadBigEndian(out short type) || !item.TryReadBigEndian(out short signedLength)
                || !item.TryReadExact(unchecked((ushort)signedLength), out ReadOnlySequence<byte> value))
                throw new WireFormatException($"tcpcl: expected a whole extension item, found {item.Remaining} bytes left; closed");
            var number = new SequenceReader<byte>(value);
            if (transfer && type == TransferLengthItem && value.Length == sizeof(ulong) && TryReadUInt64(ref number, out ulong length))
                total = length;
            else if ((flags & 1) != 0)
                unknownCritical = true;
        }
        return true;
    }

    private static bool TryReadTwo(ref SequenceReader<byte> reader, out byte first, out byte second)
    {
        second = 0;
        return reader.TryRead(out first) && reader.TryRead(out second);
    }

    private static bool TryReadUInt64(ref SequenceReader<byte> reader, out ulong value)
    {
        bool complete = reader.TryReadBigEndian(out long signed);
        value = unchecked((ulong)signed);
        return complete;
    }
}
