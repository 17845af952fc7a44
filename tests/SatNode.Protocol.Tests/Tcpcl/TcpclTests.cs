using System.Buffers;
using SatNode.Protocol.Tcpcl;

namespace SatNode.Protocol.Tests.Tcpcl;

public sealed class TcpclTests
{
    [Theory]
    [InlineData("64746e210400")]
    public void Contact_header_has_the_bytes_of_RFC_9174(string hex)
    {
        var writer = new ArrayBufferWriter<byte>();
        TcpclWriter.WriteContactHeader(writer);
        Assert.Equal(hex, Convert.ToHexStringLower(writer.WrittenSpan));
        var buffer = new ReadOnlySequence<byte>(writer.WrittenMemory);
        Assert.True(TcpclReader.TryReadContactHeader(ref buffer, out TcpclMessage message));
        Assert.Equal(4, message.Version);
        Assert.False(message.CanTls);
        Assert.True(buffer.IsEmpty);
    }

    [Fact]
    public void Every_message_is_read_back_whatever_pieces_it_arrives_in()
    {
        foreach ((string hex, TcpclMessage expected) in Messages())
        {
            byte[] bytes = Convert.FromHexString(hex);
            for (int cut = 0; cut < bytes.Length; cut++)
            {
                var part = new ReadOnlySequence<byte>(bytes, 0, cut);
                Assert.False(TcpclReader.TryRead(ref part, out _), $"{expected.Kind} cut at {cut}");
                Assert.Equal(cut, part.Length);
            }
            ReadOnlySequence<byte> whole = InSingleBytes([.. bytes, 0x04]);
            Assert.True(TcpclReader.TryRead(ref whole, out TcpclMessage found));
            Assert.Equal(expected, found);
            Assert.Equal(1, whole.Length);
        }
    }

    [Fact]
    public void Every_message_is_written_as_the_RFC_says()
    {
        (Action<IBufferWriter<byte>> Write, string Hex)[] cases =
        [
            (w => TcpclWriter.WriteInitialize(w, 30, 1000, 2000, "ipn:5.0"), "07001e00000000000003e800000000000007d0000769706e3a352e3000000000"),
            (w => TcpclWriter.WriteSegmentHeader(w, SegmentFlags.Start | SegmentFlags.End, 9, 2, 2), "0103000000000000000900000000" + "0000000000000002"),
            (w => TcpclWriter.WriteSegmentHeader(w, SegmentFlags.Start, 9, 2, 5), "010200000000000000090000000d" + "0000010008" + "0000000000000005" + "0000000000000002"),
            (w => TcpclWriter.WriteSegmentHeader(w, SegmentFlags.End, 9, 3, 5), "01010000000000000009" + "0000000000000003"),
            (w => TcpclWriter.WriteAcknowledge(w, SegmentFlags.End, 9, 5), "02010000000000000009" + "0000000000000005"),
            (w => TcpclWriter.WriteRefuse(w, RefuseReason.NoResources, 9), "03020000000000000009"),
            (TcpclWriter.WriteKeepAlive, "04"),
            (w => TcpclWriter.WriteTerminate(w, TerminateReason.Busy, isReply: true), "050103"),
            (w => TcpclWriter.WriteReject(w, RejectReason.Unexpected, 0x07), "060307"),
        ];
        foreach ((Action<IBufferWriter<byte>> write, string hex) in cases)
        {
            var writer = new ArrayBufferWriter<byte>();
            write(writer);
            Assert.Equal(hex, Convert.ToHexStringLower(writer.WrittenSpan));
        }
    }

    [Theory]
    [InlineData("08", "expected message type 1 to 7, found 0x08")]
    [InlineData("00", "expected message type 1 to 7, found 0x00")]
    [InlineData("07001e00000000000003e800000000000007d00105", "a node id of at most 260 bytes, found 261")]
    [InlineData("0103000000000000000900000401", "at most 1024 bytes of extension items, found 1025")]
    [InlineData("01030000000000000009ffffffff", "at most 1024 bytes of extension items, found 4294967295")]
    [InlineData("010300000000000000090000000500000100ff" + "0000000000000002", "a whole extension item")]
    public void Refuses_what_is_out_of_bounds(string hex, string text)
    {
        var buffer = new ReadOnlySequence<byte>(Convert.FromHexString(hex));
        WireFormatException refusal = Assert.Throws<WireFormatException>(() => TcpclReader.TryRead(ref buffer, out _));
        Assert.StartsWith("tcpcl: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_stranger_with_its_first_wrong_byte()
    {
        var buffer = new ReadOnlySequence<byte>("GET"u8.ToArray());
        Assert.Throws<WireFormatException>(() => TcpclReader.TryReadContactHeader(ref buffer, out _));
    }

    [Fact]
    public void Any_changed_byte_throws_the_one_exception_or_none()
    {
        foreach ((string hex, _) in Messages())
        {
            byte[] bytes = Convert.FromHexString(hex);
            for (int at = 0; at < bytes.Length; at++)
            {
                byte good = bytes[at];
                for (int value = 0; value < 256; value++)
                {
                    bytes[at] = (byte)value;
                    var buffer = new ReadOnlySequence<byte>(bytes);
                    try
                    {
                        TcpclReader.TryRead(ref buffer, out _);
                    }
                    catch (WireFormatException e)
                    {
                        Assert.StartsWith("tcpcl: ", e.Message, StringComparison.Ordinal);
                    }
                }
                bytes[at] = good;
            }
        }
    }

    private static (string Hex, TcpclMessage Message)[] Messages() =>
    [
        ("07001e00000000000003e800000000000007d0000769706e3a352e3000000000",
            new(TcpclKind.Initialize) { KeepAliveSeconds = 30, SegmentMru = 1000, TransferMru = 2000, NodeId = "ipn:5.0" }),
        ("07001e00000000000003e800000000000007d0000769706e3a352e3000000006" + "01abcd000100",
            new(TcpclKind.Initialize) { KeepAliveSeconds = 30, SegmentMru = 1000, TransferMru = 2000, NodeId = "ipn:5.0", HasUnknownCriticalExtension = true }),
        ("07001e00000000000003e800000000000007d0000769706e3a352e3000000006" + "00abcd000100",
            new(TcpclKind.Initialize) { KeepAliveSeconds = 30, SegmentMru = 1000, TransferMru = 2000, NodeId = "ipn:5.0" }),
        ("010200000000000000090000000d000001000800000000000000050000000000000002",
            new(TcpclKind.Segment) { Flags = SegmentFlags.Start, TransferId = 9, Length = 2, TotalLength = 5 }),
        ("010100000000000000090000000000000003", new(TcpclKind.Segment) { Flags = SegmentFlags.End, TransferId = 9, Length = 3 }),
        ("020100000000000000090000000000000005", new(TcpclKind.Acknowledge) { Flags = SegmentFlags.End, TransferId = 9, Length = 5 }),
        ("03020000000000000009", new(TcpclKind.Refuse) { Reason = 2, TransferId = 9 }),
        ("050103", new(TcpclKind.Terminate) { IsReply = true, Reason = 3 }),
        ("060307", new(TcpclKind.Reject) { Reason = 3, RejectedHeader = 7 }),
    ];

    private static ReadOnlySequence<byte> InSingleBytes(byte[] bytes)
    {
        Piece first = new(bytes.AsMemory(0, 1), 0);
        Piece last = first;
        for (int i = 1; i < bytes.Length; i++)
            last = last.Append(bytes.AsMemory(i, 1));
        return new(first, 0, last, 1);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + 1);
            Next = next;
            return next;
        }
    }
}
