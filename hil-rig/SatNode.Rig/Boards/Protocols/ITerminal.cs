namespace SatNode.Rig.Boards.Protocols;

/// <summary>A console as a terminal: bytes both ways, as a serial line has them.</summary>
public interface ITerminal
{
    /// <summary>Calls a receiver for all bytes from now on, in order; it must be quick, and not throw. The bytes are valid during the call.</summary>
    /// <returns>Disposed, it ends the calls.</returns>
    IDisposable Listen(TerminalReceiver receiver);

    /// <summary>Types. What is typed while the board is off is lost.</summary>
    Task Type(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);
}

/// <summary>Takes what a terminal printed.</summary>
public delegate void TerminalReceiver(ReadOnlySpan<byte> bytes);
