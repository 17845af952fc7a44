using System.Security.Cryptography;
using SatNode.Protocol.Boards;

namespace SatNode.Protocol.Tests.Boards;

public sealed class ImageSlotTests : IDisposable
{
    private const int SlotBytes = 128 * 1024;

    private readonly TestImage _image = new();
    private readonly byte[] _bytes = new byte[SlotBytes];
    private readonly MemoryStream _disk;
    private readonly ImageSlot _slot;

    public ImageSlotTests()
    {
        _disk = new(_bytes);
        _slot = new(_disk, SlotBytes);
    }

    [Fact]
    public void What_was_written_is_there_and_whole()
    {
        var written = new Steps();
        var verified = new Steps();
        _slot.Write(_image.Open(_image.File()), written, verified);
        Assert.Equal(_image.Payload, _disk.ToArray()[..9000]);
        BoardImageManifest manifest = _slot.ReadManifest([_image.Key])!;
        Assert.Equal("1.4.0", manifest.Version);
        _slot.VerifyPayload(manifest);
        Assert.Equal((9000, 9000), (written.Last, verified.Last));
        Assert.Equal(SlotBytes, _disk.Length);
    }

    [Fact]
    public void An_empty_slot_has_no_manifest() => Assert.Null(_slot.ReadManifest([_image.Key]));

    [Fact]
    public void A_write_that_breaks_off_leaves_an_empty_slot()
    {
        _slot.Write(_image.Open(_image.File()));
        byte[] file = _image.File();
        BoardImageFile opened = _image.Open(file);
        file[^1] ^= 1; // the file changes under the writer
        Assert.Throws<WireFormatException>(() => _slot.Write(opened));
        Assert.Null(_slot.ReadManifest([_image.Key]));
    }

    [Fact]
    public void A_disk_that_lies_is_found_out()
    {
        using var disk = new LyingDisk(new byte[SlotBytes]);
        var slot = new ImageSlot(disk, SlotBytes);
        Assert.StartsWith("slot: expected SHA-256 ", Assert.Throws<WireFormatException>(() => slot.Write(_image.Open(_image.File()))).Message, StringComparison.Ordinal);
        Assert.Null(slot.ReadManifest([_image.Key]));
    }

    [Fact]
    public void An_image_that_does_not_fit_is_refused_before_anything_is_written()
    {
        _slot.Write(_image.Open(_image.File()));
        byte[] before = _disk.ToArray();
        using var large = new TestImage(SlotBytes - ImageSlot.TrailerBytes + 1);
        Assert.Equal("board image: expected at most 65536 bytes of squashfs for this slot, found 65537; nothing was written",
            Assert.Throws<WireFormatException>(() => _slot.Write(large.Open(large.File()))).Message);
        Assert.Equal(before, _disk.ToArray());
        using var exact = new TestImage(SlotBytes - ImageSlot.TrailerBytes);
        _slot.Write(exact.Open(exact.File()));
        Assert.Equal(exact.Payload, _disk.ToArray()[..exact.Payload.Length]);
    }

    [Fact]
    public void Any_changed_byte_of_trailer_or_squashfs_is_found()
    {
        _slot.Write(_image.Open(_image.File()));
        int trailer = SlotBytes - ImageSlot.TrailerBytes;
        int signed = _image.Open(_image.File()).SignedManifest.Length;
        for (int i = trailer; i < trailer + 20 + signed; i++)
        {
            _bytes[i] ^= 0x40;
            Assert.Throws<WireFormatException>(() => _slot.ReadManifest([_image.Key]));
            _bytes[i] ^= 0x40;
        }
        _bytes[4000] ^= 1;
        Assert.StartsWith("slot: expected SHA-256 ", Assert.Throws<WireFormatException>(() => _slot.VerifyPayload(_image.Manifest)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slot_signed_by_a_stranger_is_refused()
    {
        _slot.Write(_image.Open(_image.File()));
        using ECDsa stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.StartsWith("board image manifest: expected a trusted key, found ", Assert.Throws<WireFormatException>(() => _slot.ReadManifest([stranger])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slot_that_ends_early_is_refused() =>
        Assert.Equal("slot: expected a trailer of 4096 bytes at byte 196608, found 0; the slot is smaller than 262144 bytes",
            Assert.Throws<WireFormatException>(() => new ImageSlot(_disk, 2 * SlotBytes).ReadManifest([_image.Key])).Message);

    public void Dispose()
    {
        _disk.Dispose();
        _image.Dispose();
    }

    private sealed class Steps : IProgress<long>
    {
        public long Last { get; private set; }

        public void Report(long value) => Last = value;
    }

    /// <summary>Turns a bit of what is written at its begin, as worn-out flash does.</summary>
    private sealed class LyingDisk(byte[] bytes) : MemoryStream(bytes)
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            var lie = (byte[])buffer.Clone();
            if (Position == 0)
                lie[offset] ^= 1;
            base.Write(lie, offset, count);
        }
    }
}
