namespace SatNode.Rig.Boards.Protocols;

/// <summary>The reset line of a board: it starts anew without losing power.</summary>
public interface IReset
{
    /// <summary>Pulls the line.</summary>
    /// <exception cref="InvalidOperationException">The board is off.</exception>
    /// <exception cref="BoardException">It did not react.</exception>
    Task Pull(CancellationToken cancellationToken);
}
