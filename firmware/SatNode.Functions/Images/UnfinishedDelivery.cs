using System.Formats.Cbor;
using System.Globalization;
using SatNode.Protocol;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Images;

namespace SatNode.Functions.Images;

/// <summary>An image whose module is on its way: a folder with what began the delivery and a file for each chunk that is here. A chunk is on the disk before it counts, so that
/// a power cut costs no more than the chunk that was being written.</summary>
internal sealed class UnfinishedDelivery
{
    private const string HeadFile = "delivery.cbor";
    private const int HeadBytesMax = FunctionImage.FunctionManifestBytesMax + ImageSignature.BytesMax + 64;

    private readonly string _folder;

    private UnfinishedDelivery(string folder, FunctionImageOutline outline, ReadOnlyMemory<byte> signature, ImageDelivery state, DateTimeOffset heard) =>
        (_folder, Outline, Signature, State, Heard) = (folder, outline, signature, state, heard);

    public FunctionImageOutline Outline { get; }

    public ReadOnlyMemory<byte> Signature { get; }

    public ImageDelivery State { get; private set; }

    /// <summary>When something came last.</summary>
    public DateTimeOffset Heard { get; private set; }

    /// <summary>Begins a delivery.</summary>
    /// <exception cref="IOException">The disk refused; what is left is no delivery, and goes at the next start.</exception>
    public static UnfinishedDelivery Begin(string folder, FunctionImageOutline outline, ReadOnlyMemory<byte> signature, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder);
        var writer = new CborWriter(CborConformanceMode.Canonical);
        writer.WriteStartArray(3);
        writer.WriteByteString(outline.EncodedManifest.Span);
        writer.WriteInt32(outline.ModuleBytes);
        writer.WriteByteString(signature.Span);
        writer.WriteEndArray();
        WholeFile.Write(Path.Combine(folder, HeadFile), writer.Encode());
        return new(folder, outline, signature, ImageDelivery.Of(outline.ModuleBytes), now);
    }

    /// <summary>Reads a delivery that an earlier run left; it ages anew, as the clock of a board may have stood still meanwhile.</summary>
    /// <exception cref="IOException">It has no head, or the disk refused.</exception>
    /// <exception cref="WireFormatException">The head is damaged.</exception>
    public static UnfinishedDelivery Read(string folder, DateTimeOffset now)
    {
        string path = Path.Combine(folder, HeadFile);
        if (new FileInfo(path).Length > HeadBytesMax)
            throw new WireFormatException($"{HeadFile}: expected at most {HeadBytesMax} bytes, found {new FileInfo(path).Length}");
        FunctionImageOutline outline;
        byte[] signature;
        try
        {
            var reader = new CborReader(File.ReadAllBytes(path), CborConformanceMode.Canonical);
            reader.ReadStartArray();
            outline = new(reader.ReadByteString(), reader.ReadInt32());
            signature = reader.ReadByteString();
            reader.ReadEndArray();
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            throw new WireFormatException($"{HeadFile}: {e.Message}", e);
        }
        ImageDelivery state = ImageDelivery.Of(outline.ModuleBytes);
        for (int chunk = 0; chunk < state.Chunks; chunk++)
        {
            var file = new FileInfo(ChunkPath(folder, chunk));
            if (file.Exists && file.Length == SizeOf(outline, chunk))
                state = state.With(chunk);
        }
        return new(folder, outline, signature, state, now);
    }

    /// <summary>Takes a chunk; one that is here already changes nothing.</summary>
    /// <exception cref="WireFormatException">There is no such chunk, or it has another size.</exception>
    /// <exception cref="IOException">The disk refused; nothing changed.</exception>
    public void Take(int chunk, ReadOnlySpan<byte> bytes, DateTimeOffset now)
    {
        if (chunk < 0 || chunk >= State.Chunks)
            throw new WireFormatException($"image {Outline.Manifest.Name}: expected a chunk of 0 to {State.Chunks - 1}, found {chunk}");
        if (bytes.Length != SizeOf(Outline, chunk))
            throw new WireFormatException($"image {Outline.Manifest.Name}: chunk {chunk}: expected {SizeOf(Outline, chunk)} bytes, found {bytes.Length}");
        if ((State.Present & (1UL << chunk)) == 0)
            WholeFile.Write(ChunkPath(_folder, chunk), bytes);
        State = State.With(chunk);
        Heard = now;
    }

    /// <summary>Joins the chunks.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public byte[] Join()
    {
        byte[] module = new byte[Outline.ModuleBytes];
        for (int chunk = 0; chunk < State.Chunks; chunk++)
        {
            Span<byte> part = module.AsSpan()[ImageDelivery.RangeOf(module.Length, chunk)];
            using FileStream file = File.OpenRead(ChunkPath(_folder, chunk));
            file.ReadExactly(part);
        }
        return module;
    }

    /// <summary>Forgets every chunk: what they are together is not the module.</summary>
    public void Restart()
    {
        State = ImageDelivery.Of(Outline.ModuleBytes); // first: a file that the disk does not let go is written over
        for (int chunk = 0; chunk < State.Chunks; chunk++)
            File.Delete(ChunkPath(_folder, chunk));
    }

    /// <summary>Removes the folder.</summary>
    public void Delete() => Directory.Delete(_folder, recursive: true);

    private static int SizeOf(FunctionImageOutline outline, int chunk)
    {
        (_, int length) = ImageDelivery.RangeOf(outline.ModuleBytes, chunk).GetOffsetAndLength(outline.ModuleBytes);
        return length;
    }

    private static string ChunkPath(string folder, int chunk) => Path.Combine(folder, chunk.ToString("D2", CultureInfo.InvariantCulture));
}
