using SatNode.Protocol.Boards;

namespace SatNode.Rig.Boards.Protocols;

/// <summary>The image slots of a board and its boot state, from outside. What writes to them is <see cref="Strategies.BoardFlasher"/>.</summary>
public interface IBoardSlots
{
    /// <summary>The class of images that run here.</summary>
    string BoardClass { get; }

    /// <summary>Opens a slot. Disposing the session makes the board see what was written.</summary>
    /// <exception cref="BoardException">It cannot be reached.</exception>
    SlotSession Open(BootSlot slot);

    /// <summary>Opens the block with the boot state, <see cref="BootStateStore.BlockBytes"/> long.</summary>
    /// <exception cref="BoardException">It cannot be reached.</exception>
    Stream OpenBootState();
}

/// <summary>An open slot.</summary>
/// <param name="Stream">Its bytes: readable, writable, seekable.</param>
/// <param name="Bytes">Its size.</param>
public sealed record SlotSession(Stream Stream, long Bytes) : IDisposable
{
    /// <summary>The slot's image.</summary>
    public ImageSlot Image { get; } = new(Stream, Bytes);

    /// <inheritdoc/>
    public void Dispose() => Stream.Dispose();
}
