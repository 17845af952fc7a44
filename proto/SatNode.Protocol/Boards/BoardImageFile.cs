using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SatNode.Protocol.Boards;

/// <summary>A board image in a file: the mark <c>SATNODE-IMAGE-1\n</c>, the length of the signed manifest (u32, big-endian), the manifest (COSE_Sign1), zeroes up
/// to byte 4096, and the squashfs up to the end. It is read from a stream that can seek, which stays the caller's.</summary>
public sealed class BoardImageFile
{
    /// <summary>Where the squashfs begins.</summary>
    public const int PayloadOffset = 4096;

    /// <summary>The largest squashfs in bytes: 1 GiB, sixteen times the largest slot so far.</summary>
    public const long MaxPayloadBytes = 1L << 30;

    private const int MarkBytes = 16;
    private const int ManifestOffset = MarkBytes + sizeof(uint);
    private const int MaxManifestBytes = PayloadOffset - ManifestOffset;

    private readonly Stream _file;

    private BoardImageFile(Stream file, BoardImageManifest manifest, byte[] signedManifest)
    {
        _file = file;
        Manifest = manifest;
        SignedManifest = signedManifest;
    }

    private static ReadOnlySpan<byte> Mark => "SATNODE-IMAGE-1\n"u8;

    /// <summary>What is in it.</summary>
    public BoardImageManifest Manifest { get; }

    /// <summary>The manifest as it was signed.</summary>
    public ReadOnlyMemory<byte> SignedManifest { get; }

    /// <summary>Writes an image.</summary>
    /// <param name="file">Takes the image from its position on.</param>
    /// <param name="signedManifest">What <see cref="BoardImageManifest.Sign"/> made.</param>
    /// <param name="squashfs">What the manifest is about, from its position to its end.</param>
    public static void Write(Stream file, ReadOnlyMemory<byte> signedManifest, Stream squashfs)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(squashfs);
        int length = signedManifest.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxManifestBytes, nameof(signedManifest));
        var header = new byte[PayloadOffset];
        Mark.CopyTo(header);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(MarkBytes), (uint)length);
        signedManifest.Span.CopyTo(header.AsSpan(ManifestOffset));
        file.Write(header);
        squashfs.CopyTo(file);
    }

    /// <summary>Opens an image and checks all of it: mark, signature, board class, length and digest. Only what came back from here may be written to a slot.</summary>
    /// <param name="file">The image, from its first byte.</param>
    /// <param name="trustedKeys">Public keys on P-256.</param>
    /// <param name="boardClass">The class of the board that it is for.</param>
    /// <param name="progress">Told the bytes checked so far; null for no one.</param>
    /// <exception cref="WireFormatException">The file is no image, is damaged or cut, is signed by a stranger, or is for another board.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static BoardImageFile Open(Stream file, IReadOnlyList<ECDsa> trustedKeys, string boardClass, IProgress<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        var header = new byte[PayloadOffset];
        file.Position = 0;
        int read = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (!header.AsSpan(0, read).StartsWith(Mark))
            throw new WireFormatException("board image: byte 0: expected the mark SATNODE-IMAGE-1, found none; this is no board image");
        if (read < PayloadOffset)
            throw new WireFormatException($"board image: expected a header of {PayloadOffset} bytes, found the end after {read}; the file was cut");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(MarkBytes));
        if (length > MaxManifestBytes)
            throw new WireFormatException($"board image: byte {MarkBytes}: expected a manifest of at most {MaxManifestBytes} bytes, found {length}; the file is damaged");
        byte[] signed = header[ManifestOffset..(ManifestOffset + (int)length)];
        if (header.AsSpan(ManifestOffset + (int)length).ContainsAnyExcept((byte)0))
            throw new WireFormatException($"board image: expected zeroes from the manifest to byte {PayloadOffset}, found others; the file is damaged");
        BoardImageManifest manifest = BoardImageManifest.Open(signed, trustedKeys);
        if (manifest.BoardClass != boardClass)
            throw new WireFormatException($"board image: expected one for board class \"{boardClass}\", found one for \"{manifest.BoardClass}\"; build one for this board");
        long size = file.Length - PayloadOffset;
        if (size != manifest.SizeBytes)
            throw new WireFormatException($"board image: expected {manifest.SizeBytes} bytes of squashfs, found {size}; the file was cut or something was added");
        PayloadDigest.Check("board image", file, manifest, progress);
        return new(file, manifest, signed);
    }

    /// <summary>Copies the squashfs into <paramref name="destination"/>, and nothing that is not it.</summary>
    /// <exception cref="WireFormatException">The file changed since it was opened.</exception>
    internal void CopyPayload(Stream destination, IProgress<long>? progress)
    {
        _file.Position = PayloadOffset;
        PayloadDigest.Copy("board image", _file, Manifest, destination, progress);
    }
}
