namespace SatNode.Rig.Boards.Protocols;

/// <summary>One line of a board's console.</summary>
/// <param name="Number">Its number since the board was made, from 1; counts on over runs.</param>
/// <param name="Time">World time at which it was read.</param>
/// <param name="Run">The run that wrote it.</param>
/// <param name="IsError">True when it came by standard error.</param>
/// <param name="Text">Without the line's end; at most <see cref="LineCharactersMax"/>, the rest is a line of its own.</param>
public readonly record struct ConsoleLine(long Number, DateTimeOffset Time, int Run, bool IsError, string Text)
{
    /// <summary>The longest line, in bytes of UTF-8 as they are read.</summary>
    public const int LineCharactersMax = 16 * 1024;
}

/// <summary>A board's console, kept as the last lines.</summary>
public interface IConsole
{
    /// <summary>The number of the last line, 0 before the first.</summary>
    long LastNumber { get; }

    /// <summary>The lines kept, oldest first.</summary>
    IReadOnlyList<ConsoleLine> Lines { get; }

    /// <summary>Calls a receiver for each line from now on, in order; it must be quick, and not throw.</summary>
    /// <returns>Disposed, it ends the calls.</returns>
    IDisposable Subscribe(Action<ConsoleLine> receiver);

    /// <summary>Waits for a line.</summary>
    /// <param name="isExpected">Which.</param>
    /// <param name="after">The number of the line after which to look; lines that were read already count.</param>
    /// <param name="timeout">Machine time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">No such line came.</exception>
    Task<ConsoleLine> Expect(Func<ConsoleLine, bool> isExpected, long after, TimeSpan timeout, CancellationToken cancellationToken);
}
