using System.Globalization;
using System.Text;
using SatNode.Protocol.Functions;

namespace SatNode.Protocol.Images;

/// <summary>How much of an image's module a node has. Written and read as <c>complete</c> or as <c>missing 0-3,7 of 16</c>: what a node answers to the beginning of a delivery,
/// so that the ground sends what is missing and nothing twice.</summary>
/// <param name="Chunks">How many chunks the module has, 0 to <see cref="ChunksMax"/>.</param>
/// <param name="Present">Bit <c>i</c> is set when chunk <c>i</c> is there.</param>
public readonly record struct ImageDelivery(int Chunks, ulong Present)
{
    /// <summary>The size of every chunk but the last: little to send again on a slow uplink, few enough for the largest module.</summary>
    public const int ChunkBytes = 64 * 1024;

    /// <summary>The most chunks: those of the largest module.</summary>
    public const int ChunksMax = FunctionImage.ModuleBytesMax / ChunkBytes;

    private const string CompleteWord = "complete";
    private const string MissingWord = "missing ";
    private const string OfWord = " of ";

    /// <summary>A delivery of which nothing is there.</summary>
    /// <param name="moduleBytes">The module's size.</param>
    public static ImageDelivery Of(int moduleBytes) => new((moduleBytes + ChunkBytes - 1) / ChunkBytes, 0);

    /// <summary>A delivery of which all is there.</summary>
    /// <param name="moduleBytes">The module's size.</param>
    public static ImageDelivery Whole(int moduleBytes)
    {
        ImageDelivery none = Of(moduleBytes);
        return none with { Present = none.All };
    }

    /// <summary>Whether every chunk is there.</summary>
    public bool IsComplete => Present == All;

    /// <summary>The chunks that are not there, in their order.</summary>
    public IReadOnlyList<int> Missing
    {
        get
        {
            ulong present = Present;
            return [.. Enumerable.Range(0, Chunks).Where(chunk => (present & (1UL << chunk)) == 0)];
        }
    }

    private ulong All => Chunks == 64 ? ulong.MaxValue : (1UL << Chunks) - 1;

    /// <summary>The delivery with one more chunk.</summary>
    public ImageDelivery With(int chunk) => this with { Present = Present | (1UL << chunk) };

    /// <summary>The bytes of a module that a chunk is.</summary>
    /// <param name="moduleBytes">The module's size.</param>
    /// <param name="chunk">The chunk, below <see cref="Chunks"/>.</param>
    public static Range RangeOf(int moduleBytes, int chunk) => (chunk * ChunkBytes)..Math.Min(moduleBytes, (chunk + 1) * ChunkBytes);

    /// <inheritdoc/>
    public override string ToString()
    {
        if (IsComplete)
            return CompleteWord;
        var text = new StringBuilder(MissingWord);
        IReadOnlyList<int> missing = Missing;
        for (int i = 0; i < missing.Count;)
        {
            int last = i;
            while (last + 1 < missing.Count && missing[last + 1] == missing[last] + 1)
                last++;
            text.Append(i > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{missing[i]}");
            if (last > i)
                text.Append(CultureInfo.InvariantCulture, $"-{missing[last]}");
            i = last + 1;
        }
        return text.Append(OfWord).Append(CultureInfo.InvariantCulture, $"{Chunks}").ToString();
    }

    /// <summary>Reads what <see cref="ToString"/> writes, and nothing else.</summary>
    /// <param name="text">The text.</param>
    /// <param name="moduleBytes">The module's size: a text about another number of chunks is refused.</param>
    /// <param name="delivery">What it says.</param>
    public static bool TryParse(string text, int moduleBytes, out ImageDelivery delivery)
    {
        ArgumentNullException.ThrowIfNull(text);
        ImageDelivery whole = delivery = Whole(moduleBytes);
        if (string.Equals(text, CompleteWord, StringComparison.Ordinal))
            return true;
        string end = string.Create(CultureInfo.InvariantCulture, $"{OfWord}{whole.Chunks}");
        if (!text.StartsWith(MissingWord, StringComparison.Ordinal) || !text.EndsWith(end, StringComparison.Ordinal) || text.Length <= MissingWord.Length + end.Length)
            return false;
        foreach (string part in text[MissingWord.Length..^end.Length].Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryChunk(ends[0], whole.Chunks, out int first) || !TryChunk(ends[^1], whole.Chunks, out int last) || last < first)
                return false;
            for (int chunk = first; chunk <= last; chunk++)
                delivery = delivery with { Present = delivery.Present & ~(1UL << chunk) };
        }
        return string.Equals(delivery.ToString(), text, StringComparison.Ordinal); // one way to say it
    }

    private static bool TryChunk(string text, int chunks, out int chunk) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out chunk) && chunk < chunks;
}
