using System.Buffers;
using System.Security.Cryptography;

namespace SatNode.Protocol.Boards;

/// <summary>Reads a squashfs from a stream's position on and holds it against the manifest's size and digest.</summary>
internal static class PayloadDigest
{
    private const int ChunkBytes = 1 << 20;

    internal static void Check(string where, Stream source, BoardImageManifest manifest, IProgress<long>? progress) =>
        Copy(where, source, manifest, Stream.Null, progress);

    /// <summary>Copies what it reads, and checks it on the way.</summary>
    /// <exception cref="WireFormatException">What was read is not what the manifest says; it has been copied all the same.</exception>
    internal static void Copy(string where, Stream source, BoardImageManifest manifest, Stream destination, IProgress<long>? progress)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (long done = 0; done < manifest.SizeBytes;)
            {
                int wanted = (int)Math.Min(ChunkBytes, manifest.SizeBytes - done);
                int read = source.ReadAtLeast(chunk.AsSpan(0, wanted), wanted, throwOnEndOfStream: false);
                if (read < wanted)
                    throw new WireFormatException($"{where}: expected {manifest.SizeBytes} bytes of squashfs, found {done + read}; it was cut");
                sha256.AppendData(chunk, 0, read);
                destination.Write(chunk, 0, read);
                done += read;
                progress?.Report(done);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
        byte[] found = sha256.GetHashAndReset();
        if (!manifest.Digest.Span.SequenceEqual(found))
        {
            throw new WireFormatException(
                $"{where}: expected SHA-256 {Convert.ToHexStringLower(manifest.Digest.Span)}, found {Convert.ToHexStringLower(found)}; it is damaged");
        }
    }
}
