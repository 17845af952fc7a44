using System.Formats.Cbor;
using System.Security.Cryptography;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Boards;

/// <summary>What a board image is: CDDL <c>board-image-manifest</c>, a map with the keys 1 to 6 in the order of the properties after the format. It holds
/// nothing that differs between two builds of one input, so that an image is reproducible.</summary>
public sealed record BoardImageManifest : ICborMessage<BoardImageManifest>
{
    /// <summary>The longest board class and version in characters.</summary>
    public const int MaxTextChars = 64;

    private const int Fields = 6;
    private const ulong Format = 1;

    /// <summary>The kind of board that it runs on, for example <c>qemu-virt-arm64</c>: 1 to 64 of a–z, 0–9 and inner hyphens.</summary>
    public required string BoardClass { get; init; }

    /// <summary>Its version, as <see cref="SemanticVersion"/> defines it.</summary>
    public required string Version { get; init; }

    /// <summary>Rises with every image that is released; tells which of two is newer.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>Bytes of the squashfs, 1 to <see cref="BoardImageFile.MaxPayloadBytes"/>.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>SHA-256 of the squashfs, 32 bytes.</summary>
    public required ReadOnlyMemory<byte> Digest { get; init; }

    /// <inheritdoc/>
    public static string MessageName => "board image manifest";

    /// <inheritdoc/>
    public static int MaxEncodedBytes => 512;

    /// <summary>The externally supplied data that binds a signature to this use.</summary>
    public static ReadOnlySpan<byte> Context => "satnode-board-image-v1"u8;

    /// <summary>Why this is no manifest, or null when it is one.</summary>
    public string? Fault()
    {
        if (BoardClass is not { Length: >= 1 and <= MaxTextChars } || BoardClass[0] == '-' || BoardClass[^1] == '-'
            || BoardClass.AsSpan().ContainsAnyExcept(ClassCharacters))
            return $"board class: expected 1 to {MaxTextChars} of a-z, 0-9 and inner hyphens, found \"{BoardClass}\"";
        if (Version.Length > MaxTextChars || !SemanticVersion.IsValid(Version))
            return $"version: expected a semantic version such as 1.4.0 or 1.4.0-rc.1 of at most {MaxTextChars} characters, found \"{Version}\"";
        if (SizeBytes is < 1 or > BoardImageFile.MaxPayloadBytes)
            return $"size: expected 1 to {BoardImageFile.MaxPayloadBytes} bytes, found {SizeBytes}";
        return Digest.Length == SHA256.HashSizeInBytes ? null : $"digest: expected {SHA256.HashSizeInBytes} bytes of SHA-256, found {Digest.Length}";
    }

    /// <summary>Signs the manifest: COSE_Sign1 (RFC 9052 §4.2) with ES256 over its encoding and <see cref="Context"/>. For an image that is
    /// reproducible the key must draw its nonces from key and hash (RFC 6979).</summary>
    /// <param name="key">A private key on P-256.</param>
    /// <exception cref="InvalidOperationException">It is no manifest; the text is <see cref="Fault"/>'s.</exception>
    /// <exception cref="CryptographicException">The key is not a private one.</exception>
    public byte[] Sign(ECDsa key)
    {
        return Fault() is { } fault ? throw new InvalidOperationException(fault) : SignedMessage.Sign(this, key, Context);
    }

    /// <summary>Opens a signed manifest with one of the trusted keys.</summary>
    /// <param name="signed">The COSE_Sign1 message.</param>
    /// <param name="trustedKeys">Public keys on P-256.</param>
    /// <exception cref="WireFormatException">Not a manifest, or not signed by one of the keys.</exception>
    public static BoardImageManifest Open(ReadOnlyMemory<byte> signed, IReadOnlyList<ECDsa> trustedKeys)
    {
        SignatureResult result = SignedMessage.Open(signed, trustedKeys, Context, out BoardImageManifest? manifest, out _, out string fault);
        return result == SignatureResult.Valid ? manifest! : throw new WireFormatException(fault);
    }

    /// <inheritdoc/>
    public static BoardImageManifest Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        int pairs = reader.ReadStartMapUpTo(Fields);
        if (pairs != Fields)
            throw new WireFormatException($"expected a map of {Fields}, found {pairs}");
        Key(reader, 1);
        ulong format = reader.ReadUInt64();
        if (format != Format)
            throw new WireFormatException($"expected format {Format}, found {format}");
        Key(reader, 2);
        string boardClass = reader.ReadTextUpTo(MaxTextChars);
        Key(reader, 3);
        string version = reader.ReadTextUpTo(MaxTextChars);
        Key(reader, 4);
        ulong sequence = reader.ReadUInt64();
        Key(reader, 5);
        long size = (long)reader.ReadUpTo(BoardImageFile.MaxPayloadBytes);
        Key(reader, 6);
        byte[] digest = reader.ReadBytesUpTo(SHA256.HashSizeInBytes);
        reader.ReadEndMap();
        var manifest = new BoardImageManifest { BoardClass = boardClass, Version = version, Sequence = sequence, SizeBytes = size, Digest = digest };
        return manifest.Fault() is { } fault ? throw new WireFormatException(fault) : manifest;
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartMap(Fields);
        writer.WriteInt32(1);
        writer.WriteUInt64(Format);
        writer.WriteInt32(2);
        writer.WriteTextString(BoardClass);
        writer.WriteInt32(3);
        writer.WriteTextString(Version);
        writer.WriteInt32(4);
        writer.WriteUInt64(Sequence);
        writer.WriteInt32(5);
        writer.WriteInt64(SizeBytes);
        writer.WriteInt32(6);
        writer.WriteByteString(Digest.Span);
        writer.WriteEndMap();
    }

    private static System.Buffers.SearchValues<char> ClassCharacters { get; } = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private static void Key(CborReader reader, int expected)
    {
        int found = reader.ReadInt32();
        if (found != expected)
            throw new WireFormatException($"expected key {expected}, found {found}");
    }
}
