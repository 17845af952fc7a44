using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SatNode.Protocol.Tcpcl;

/// <summary>Writes messages. Source: RFC 9174 §4.2, §4.5 to §6.1.</summary>
public static class TcpclWriter
{
    /// <summary>The version of the protocol.</summary>
    public const byte Version = 4;

    /// <summary>The most bytes of a segment before its data.</summary>
    public const int MaxSegmentHeaderBytes = 1 + 1 + 8 + 4 + 13 + 8;

    /// <summary>Writes the contact header, without TLS.</summary>
    public static void WriteContactHeader(IBufferWriter<byte> writer) => writer.Write<byte>([.. "dtn!"u8, Version, 0]);

    /// <summary>Writes a session initialisation.</summary>
    public static void WriteInitialize(IBufferWriter<byte> writer, ushort keepAliveSeconds, ulong segmentMru, ulong transferMru, string nodeId)
    {
        ArgumentNullException.ThrowIfNull(writer);
        int idBytes = Encoding.UTF8.GetByteCount(nodeId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(idBytes, TcpclLimits.MaxNodeIdBytes, nameof(nodeId));
        Span<byte> span = writer.GetSpan(25 + idBytes);
        span[0] = (byte)TcpclKind.Initialize;
        BinaryPrimitives.WriteUInt16BigEndian(span[1..], keepAliveSeconds);
        BinaryPrimitives.WriteUInt64BigEndian(span[3..], segmentMru);
        BinaryPrimitives.WriteUInt64BigEndian(span[11..], transferMru);
        BinaryPrimitives.WriteUInt16BigEndian(span[19..], (ushort)idBytes);
        Encoding.UTF8.GetBytes(nodeId, span[21..]);
        BinaryPrimitives.WriteUInt32BigEndian(span[(21 + idBytes)..], 0);
        writer.Advance(25 + idBytes);
    }

    /// <summary>Writes a segment up to its data, with the transfer's length on the first of several.</summary>
    public static void WriteSegmentHeader(IBufferWriter<byte> writer, SegmentFlags flags, ulong transferId, ulong dataBytes, ulong totalBytes)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<byte> span = writer.GetSpan(MaxSegmentHeaderBytes);
        span[0] = (byte)TcpclKind.Segment;
        span[1] = (byte)flags;
        BinaryPrimitives.WriteUInt64BigEndian(span[2..], transferId);
        int at = 10;
        if ((flags & SegmentFlags.Start) != 0)
        {
            bool announce = (flags & SegmentFlags.End) == 0; // RFC 9174 §5.2.5.1: not on a transfer of one segment
            BinaryPrimitives.WriteUInt32BigEndian(span[at..], announce ? 13U : 0);
            at += 4;
            if (announce)
            {
                span[at] = 0; // an optimisation for the receiver, not critical
                BinaryPrimitives.WriteUInt16BigEndian(span[(at + 1)..], 1);
                BinaryPrimitives.WriteUInt16BigEndian(span[(at + 3)..], sizeof(ulong));
                BinaryPrimitives.WriteUInt64BigEndian(span[(at + 5)..], totalBytes);
                at += 13;
            }
        }
        BinaryPrimitives.WriteUInt64BigEndian(span[at..], dataBytes);
        writer.Advance(at + 8);
    }

    /// <summary>Writes an acknowledgement of <paramref name="receivedBytes"/> of a transfer.</summary>
    public static void WriteAcknowledge(IBufferWriter<byte> writer, SegmentFlags flags, ulong transferId, ulong receivedBytes)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<byte> span = writer.GetSpan(18);
        span[0] = (byte)TcpclKind.Acknowledge;
        span[1] = (byte)flags;
        BinaryPrimitives.WriteUInt64BigEndian(span[2..], transferId);
        BinaryPrimitives.WriteUInt64BigEndian(span[10..], receivedBytes);
        writer.Advance(18);
    }

    /// <summary>Writes the refusal of a transfer.</summary>
    public static void WriteRefuse(IBufferWriter<byte> writer, RefuseReason reason, ulong transferId)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<byte> span = writer.GetSpan(10);
        span[0] = (byte)TcpclKind.Refuse;
        span[1] = (byte)reason;
        BinaryPrimitives.WriteUInt64BigEndian(span[2..], transferId);
        writer.Advance(10);
    }

    /// <summary>Writes a keepalive.</summary>
    public static void WriteKeepAlive(IBufferWriter<byte> writer) => writer.Write<byte>([(byte)TcpclKind.KeepAlive]);

    /// <summary>Writes the end of a session.</summary>
    public static void WriteTerminate(IBufferWriter<byte> writer, TerminateReason reason, bool isReply = false) =>
        writer.Write<byte>([(byte)TcpclKind.Terminate, isReply ? (byte)1 : (byte)0, (byte)reason]);

    /// <summary>Writes the rejection of a message whose first byte was <paramref name="rejectedHeader"/>.</summary>
    public static void WriteReject(IBufferWriter<byte> writer, RejectReason reason, byte rejectedHeader) =>
        writer.Write<byte>([(byte)TcpclKind.Reject, (byte)reason, rejectedHeader]);
}
