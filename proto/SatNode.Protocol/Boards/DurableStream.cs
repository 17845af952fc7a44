namespace SatNode.Protocol.Boards;

internal static class DurableStream
{
    /// <summary>Returns when what was written is on the medium, and not only in the system's cache.</summary>
    internal static void Flush(Stream stream)
    {
        if (stream is FileStream file)
            file.Flush(flushToDisk: true);
        else
            stream.Flush();
    }
}
