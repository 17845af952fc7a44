namespace SatNode.Protocol.Images;

/// <summary>Files that are there whole or not at all, whenever the power goes.</summary>
public static class WholeFile
{
    /// <summary>What the name of a file ends with while it is written; after a power cut such a file may be left, and is worth nothing.</summary>
    public const string Unfinished = ".new";

    /// <summary>Writes a file beside its place, down to the disk, and then renames it there.</summary>
    /// <param name="path">Where it belongs; what is there is replaced.</param>
    /// <param name="content">All of it.</param>
    /// <exception cref="IOException">The disk refused; what was there before is there still.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string half = path + Unfinished;
        using (FileStream file = File.Create(half))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(half, path, overwrite: true);
    }
}
