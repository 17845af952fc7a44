namespace SatNode.Protocol.Boards;

/// <summary>Keeps a <see cref="BootState"/> on a block of 64 KiB so that a power cut at any moment leaves the old or the new one: two copies far apart, each in
/// a sector of its own; a write goes to the older copy, is flushed to the disk and never touches the newer.</summary>
/// <param name="block">The block, readable, writable and seekable; stays the caller's. A <see cref="FileStream"/> without buffer, on a file or a block device.</param>
public sealed class BootStateStore(Stream block)
{
    /// <summary>The size of the block.</summary>
    public const int BlockBytes = 64 * 1024;

    /// <summary>What a write writes: the largest unit that disks and the kernel's cache write at once, so that nothing is read back to complete it.</summary>
    internal const int CopyBytes = 4096;

    private static ReadOnlySpan<int> CopyOffsets => [0, BlockBytes / 2];

    /// <summary>The state, or null when neither copy holds one: a new block, or one that something else wrote.</summary>
    /// <exception cref="IOException">The block can't be read.</exception>
    public BootState? Read() => Find().Newest?.State;

    /// <summary>The number of the write that made the state, from 1; 0 when there is none. Tells one rollback from the same again.</summary>
    /// <exception cref="IOException">The block can't be read.</exception>
    public ulong Sequence => Find().Newest?.Sequence ?? 0;

    /// <summary>Stores a state; on return it is on the disk. One equal to the stored state writes nothing.</summary>
    /// <exception cref="IOException">The block can't be written; the old state still counts.</exception>
    public void Write(BootState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        (BootStateRecord? newest, int older) = Find();
        if (newest?.State == state)
            return;
        var copy = new byte[CopyBytes];
        new BootStateRecord((newest?.Sequence ?? 0) + 1, state).Write(copy);
        block.Position = CopyOffsets[older];
        block.Write(copy);
        DurableStream.Flush(block);
    }

    private (BootStateRecord? Newest, int Older) Find()
    {
        BootStateRecord? first = ReadCopy(0), second = ReadCopy(1);
        bool firstIsNewer = first is { } a && (second is not { } b || a.Sequence >= b.Sequence);
        return firstIsNewer ? (first, 1) : (second, 0);
    }

    private BootStateRecord? ReadCopy(int index)
    {
        var bytes = new byte[BootStateRecord.EncodedBytes];
        block.Position = CopyOffsets[index];
        int read = block.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return BootStateRecord.TryRead(bytes.AsSpan(0, read));
    }
}
