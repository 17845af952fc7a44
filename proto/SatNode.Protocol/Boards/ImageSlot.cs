using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SatNode.Protocol.Boards;

/// <summary>A slot of a board: the squashfs at offset 0 and, at the begin of the slot's last 64 KiB, the trailer that says what it is: the mark
/// <c>SATNODE-SLOT-1\n</c> and a zero, the length of the signed manifest (u32, big-endian) and the manifest (COSE_Sign1).</summary>
/// <param name="slot">The slot, seekable; stays the caller's.</param>
/// <param name="sizeBytes">The slot's size: a block device's stream does not know its own.</param>
public sealed class ImageSlot(Stream slot, long sizeBytes)
{
    /// <summary>The part at the slot's end that is kept for the trailer.</summary>
    public const int TrailerBytes = 64 * 1024;

    private const int HeaderBytes = 4096; // what is written and read of the trailer
    private const int MarkBytes = 16;
    private const int ManifestOffset = MarkBytes + sizeof(uint);

    private static ReadOnlySpan<byte> Mark => "SATNODE-SLOT-1\n\0"u8;

    /// <summary>The largest squashfs that fits.</summary>
    public long CapacityBytes => sizeBytes - TrailerBytes;

    /// <summary>Puts an image into the slot: takes the old trailer away, writes the squashfs, reads it back from the start against the digest, and writes the
    /// trailer last, so that a slot with a trailer was whole when it was written. On return all is on the disk.</summary>
    /// <param name="image">The image, already checked by <see cref="BoardImageFile.Open"/>.</param>
    /// <param name="writing">Told the bytes written so far.</param>
    /// <param name="verifying">Told the bytes read back so far.</param>
    /// <exception cref="WireFormatException">The image does not fit (nothing was written), or what was read back is not what was written (the slot is empty).</exception>
    /// <exception cref="IOException">The slot can't be written.</exception>
    public void Write(BoardImageFile image, IProgress<long>? writing = null, IProgress<long>? verifying = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Manifest.SizeBytes > CapacityBytes)
            throw new WireFormatException($"board image: expected at most {CapacityBytes} bytes of squashfs for this slot, found {image.Manifest.SizeBytes}; nothing was written");
        WriteTrailer([]);
        slot.Position = 0;
        image.CopyPayload(slot, writing);
        DurableStream.Flush(slot);
        VerifyPayload(image.Manifest, verifying);
        WriteTrailer(image.SignedManifest.Span);
    }

    /// <summary>What the trailer says is in the slot, or null when there is no trailer: nothing was written, or not to the end.</summary>
    /// <param name="trustedKeys">Public keys on P-256.</param>
    /// <exception cref="WireFormatException">The trailer is damaged or signed by a stranger.</exception>
    /// <exception cref="IOException">The slot can't be read.</exception>
    public BoardImageManifest? ReadManifest(IReadOnlyList<ECDsa> trustedKeys)
    {
        var header = new byte[HeaderBytes];
        slot.Position = CapacityBytes;
        int read = slot.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (read < HeaderBytes)
            throw new WireFormatException($"slot: expected a trailer of {HeaderBytes} bytes at byte {CapacityBytes}, found {read}; the slot is smaller than {sizeBytes} bytes");
        if (!header.AsSpan(0, MarkBytes).ContainsAnyExcept((byte)0))
            return null;
        if (!header.AsSpan().StartsWith(Mark))
            throw new WireFormatException($"slot: byte {CapacityBytes}: expected the mark SATNODE-SLOT-1, found another; flash this slot");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(MarkBytes));
        if (length > HeaderBytes - ManifestOffset)
            throw new WireFormatException($"slot: expected a manifest of at most {HeaderBytes - ManifestOffset} bytes, found {length}; flash this slot");
        BoardImageManifest manifest = BoardImageManifest.Open(header.AsMemory(ManifestOffset, (int)length), trustedKeys);
        return manifest.SizeBytes <= CapacityBytes
            ? manifest
            : throw new WireFormatException($"slot: expected at most {CapacityBytes} bytes of squashfs, found {manifest.SizeBytes} in its manifest; flash this slot");
    }

    /// <summary>Reads the slot's squashfs against its manifest.</summary>
    /// <exception cref="WireFormatException">It is not what the manifest says.</exception>
    /// <exception cref="IOException">The slot can't be read.</exception>
    public void VerifyPayload(BoardImageManifest manifest, IProgress<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        slot.Position = 0;
        PayloadDigest.Check("slot", slot, manifest, progress);
    }

    private void WriteTrailer(ReadOnlySpan<byte> signedManifest)
    {
        var header = new byte[HeaderBytes];
        if (signedManifest.Length > 0)
        {
            Mark.CopyTo(header);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(MarkBytes), (uint)signedManifest.Length);
            signedManifest.CopyTo(header.AsSpan(ManifestOffset));
        }
        slot.Position = CapacityBytes;
        slot.Write(header);
        DurableStream.Flush(slot);
    }
}
