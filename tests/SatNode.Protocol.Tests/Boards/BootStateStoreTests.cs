using System.Buffers.Binary;
using SatNode.Protocol.Boards;
using SatNode.Protocol.Bundles;

namespace SatNode.Protocol.Tests.Boards;

public sealed class BootStateStoreTests
{
    private const int SectorBytes = 512;
    private const int CopyBytes = 4096;

    // The life of a board: flashed, on trial, confirmed, flashed again, rolled back; the states of every kind one after the other.
    private static readonly BootState[] Life =
    [
        BootState.Initial,
        BootState.Initial.StageTrial(),
        BootState.Initial.StageTrial().NextBoot().State,
        new(BootSlot.B, null, null),
        new BootState(BootSlot.B, null, null).StageTrial(),
        new(BootSlot.B, null, new BootRollback(BootSlot.A, RollbackReason.BadImage)),
    ];

    [Fact]
    public void Every_state_is_read_back()
    {
        using var block = new TearingBlock();
        var store = new BootStateStore(block);
        foreach (BootState state in Life)
        {
            store.Write(state);
            Assert.Equal(state, store.Read());
            Assert.Equal(state, new BootStateStore(block).Read());
        }
    }

    [Fact]
    public void A_record_has_the_bytes_of_its_description()
    {
        using var block = new TearingBlock();
        new BootStateStore(block).Write(BootState.Initial.StageTrial());
        byte[] expected = Convert.FromHexString("534e424f4f540001" + "0000000000000001" + "00" + "01" + "03" + "ff" + "00" + "00000000000000" + "00000000");
        BinaryPrimitives.WriteUInt32BigEndian(expected.AsSpan(28), BundleCrc.Crc32C(expected.AsSpan(0, 28)));
        Assert.Equal(expected, block.Bytes[..32]);
    }

    [Fact]
    public void An_equal_state_writes_nothing()
    {
        using var block = new TearingBlock();
        var store = new BootStateStore(block);
        store.Write(Life[2]);
        byte[] before = [.. block.Bytes];
        block.TearAt(0, []);
        store.Write(Life[2] with { });
        Assert.Equal(before, block.Bytes);
    }

    [Fact]
    public void A_write_is_flushed_and_never_touches_the_newer_copy()
    {
        using var block = new TearingBlock();
        var store = new BootStateStore(block);
        long last = -1;
        foreach (BootState state in Life)
        {
            store.Write(state);
            Assert.True(block.IsFlushed);
            Assert.NotEqual(last, block.LastWriteOffset);
            Assert.True(last < 0 || Math.Abs(last - block.LastWriteOffset) >= BootStateStore.BlockBytes / 2);
            last = block.LastWriteOffset;
        }
    }

    // Every write of a life, torn at every byte, with each kind of rest: what was there before, zeroes, ones (erased flash), noise.
    [Fact]
    public void A_power_cut_at_any_byte_of_any_write_leaves_the_old_or_the_new_state()
    {
        var noise = new Random(7);
        var garbage = new byte[CopyBytes];
        int cuts = 0, kept = 0;
        for (int write = 1; write < Life.Length; write++)
        {
            using var whole = new TearingBlock();
            var store = new BootStateStore(whole);
            foreach (BootState state in Life[..write])
                store.Write(state);
            byte[] before = [.. whole.Bytes];
            foreach (int kind in (int[])[0, 1, 2, 3])
            {
                for (int cut = 0; cut <= CopyBytes; cut += cut < 64 || kind == 3 ? 1 : SectorBytes - (cut % SectorBytes))
                {
                    noise.NextBytes(garbage);
                    if (kind is 1 or 2)
                        garbage.AsSpan().Fill(kind == 1 ? (byte)0 : (byte)0xFF);
                    using var block = new TearingBlock(before);
                    block.TearAt(cut, kind == 0 ? null : garbage);
                    try
                    {
                        new BootStateStore(block).Write(Life[write]);
                    }
                    catch (IOException)
                    {
                    }
                    BootState? found = new BootStateStore(block).Read();
                    Assert.True(found == Life[write - 1] || found == Life[write], $"write {write}, cut at {cut}, rest {kind}: {found}");
                    kept += found == Life[write - 1] ? 1 : 0;
                    cuts++;
                    new BootStateStore(block).Write(Life[write]); // the boot after it tries again
                    Assert.Equal(Life[write], new BootStateStore(block).Read());
                }
            }
        }
        Assert.True(kept > 0 && kept < cuts, "the cuts must show both");
    }

    // A disk may also write the sectors of one request in any order.
    [Fact]
    public void Any_set_of_written_sectors_leaves_the_old_or_the_new_state()
    {
        for (int write = 1; write < Life.Length; write++)
        {
            using var whole = new TearingBlock();
            var store = new BootStateStore(whole);
            foreach (BootState state in Life[..write])
                store.Write(state);
            byte[] before = [.. whole.Bytes];
            store.Write(Life[write]);
            byte[] after = whole.Bytes;
            int at = (int)whole.LastWriteOffset;
            for (int sectors = 0; sectors < 1 << (CopyBytes / SectorBytes); sectors++)
            {
                using var block = new TearingBlock(before);
                for (int sector = 0; sector < CopyBytes / SectorBytes; sector++)
                {
                    if ((sectors >> sector & 1) == 1)
                        after.AsSpan(at + (sector * SectorBytes), SectorBytes).CopyTo(block.Bytes.AsSpan(at + (sector * SectorBytes)));
                }
                BootState? found = new BootStateStore(block).Read();
                Assert.Equal((sectors & 1) == 1 ? Life[write] : Life[write - 1], found);
            }
        }
    }

    [Fact]
    public void A_damaged_copy_gives_way_to_the_other()
    {
        using var block = new TearingBlock();
        var store = new BootStateStore(block);
        store.Write(Life[0]);
        store.Write(Life[1]);
        int newest = (int)block.LastWriteOffset;
        for (int i = 0; i < 32; i++)
        {
            byte good = block.Bytes[newest + i];
            for (int value = 0; value < 256; value++)
            {
                block.Bytes[newest + i] = (byte)value;
                Assert.Equal(value == good ? Life[1] : Life[0], store.Read());
            }
            block.Bytes[newest + i] = good;
        }
    }

    [Fact]
    public void An_empty_block_has_no_state()
    {
        using var zeroes = new TearingBlock();
        Assert.Null(new BootStateStore(zeroes).Read());
        using var small = new MemoryStream(new byte[100]);
        Assert.Null(new BootStateStore(small).Read());
    }

    [Theory] // offset and value of one byte of a record whose checksum is right
    [InlineData(7, 2)] // another format version
    [InlineData(16, 2)] // confirmed slot c
    [InlineData(17, 0)] // the confirmed slot on trial
    [InlineData(17, 0xFF)] // boots left without a trial
    [InlineData(18, 4)] // a trial boot too many
    [InlineData(19, 1)] // a rollback without a reason
    [InlineData(20, 1)] // a reason without a rollback
    [InlineData(21, 1)] // something where nothing is
    public void A_record_that_contradicts_itself_does_not_count(int offset, byte value)
    {
        using var block = new TearingBlock();
        new BootStateStore(block).Write(BootState.Initial.StageTrial());
        block.Bytes[offset] = value;
        BinaryPrimitives.WriteUInt32BigEndian(block.Bytes.AsSpan(28), BundleCrc.Crc32C(block.Bytes.AsSpan(0, 28)));
        Assert.Null(new BootStateStore(block).Read());
    }

    [Fact]
    public void A_block_in_a_file_keeps_its_state()
    {
        string folder = Directory.CreateTempSubdirectory("satnode-boards-").FullName;
        try
        {
            string path = Path.Combine(folder, "boot-state");
            File.WriteAllBytes(path, new byte[BootStateStore.BlockBytes]);
            using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0))
                new BootStateStore(file).Write(Life[1]);
            using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0))
                Assert.Equal(Life[1], new BootStateStore(file).Read());
            Assert.Equal(BootStateStore.BlockBytes, new FileInfo(path).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A block whose power goes at a byte of the next write: the bytes before are written, the rest is what the tear leaves.</summary>
    private sealed class TearingBlock(byte[]? content = null) : Stream
    {
        private int? _tearAt;
        private byte[]? _rest;

        public byte[] Bytes { get; } = content is null ? new byte[BootStateStore.BlockBytes] : [.. content];

        public long LastWriteOffset { get; private set; } = -1;

        public bool IsFlushed { get; private set; }

        public override long Position { get; set; }

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => true;

        public override long Length => Bytes.Length;

        public void TearAt(int offset, byte[]? rest) => (_tearAt, _rest) = (offset, rest);

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = (int)Math.Min(count, Bytes.Length - Position);
            Bytes.AsSpan((int)Position, read).CopyTo(buffer.AsSpan(offset));
            Position += read;
            return read;
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            int written = Math.Min(count, _tearAt ?? count);
            buffer.AsSpan(offset, written).CopyTo(Bytes.AsSpan((int)Position));
            _rest?.AsSpan(written, count - written).CopyTo(Bytes.AsSpan((int)Position + written));
            IsFlushed = false;
            LastWriteOffset = Position;
            Position += count;
            if (_tearAt is not null)
            {
                (_tearAt, _rest) = (null, null);
                throw new IOException("power cut");
            }
        }

        public override void Flush() => IsFlushed = true;

        public override long Seek(long offset, SeekOrigin origin) => Position = offset;

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
