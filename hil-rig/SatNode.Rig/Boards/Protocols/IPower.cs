namespace SatNode.Rig.Boards.Protocols;

/// <summary>How a run of a board, from power on to power off, ended.</summary>
/// <param name="Run">The run, from 1.</param>
/// <param name="ExitCode">Of the process; 128 and more is a signal's number over 128.</param>
/// <param name="IsAsked">True when the rig switched it off.</param>
public readonly record struct BoardExit(int Run, int ExitCode, bool IsAsked);

/// <summary>The power switch of a board. Callers do not overlap calls.</summary>
public interface IPower
{
    /// <summary>True from power on until the run ends.</summary>
    bool IsOn { get; }

    /// <summary>Runs begun so far.</summary>
    int Runs { get; }

    /// <summary>Ends with the current run, or with the last one when the board is off; never faults.</summary>
    Task<BoardExit> Ended { get; }

    /// <summary>Switches on.</summary>
    /// <exception cref="InvalidOperationException">It is on.</exception>
    /// <exception cref="BoardException">It cannot be started.</exception>
    Task On(CancellationToken cancellationToken);

    /// <summary>Asks the board to end, and takes the power away when it has not after its grace. Nothing happens when it is off.</summary>
    Task Off(CancellationToken cancellationToken);

    /// <summary>Takes the power away without asking. Nothing happens when it is off.</summary>
    Task Cut(CancellationToken cancellationToken);
}
