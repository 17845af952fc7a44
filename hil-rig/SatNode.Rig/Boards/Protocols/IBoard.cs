using SatNode.Rig.World;

namespace SatNode.Rig.Boards.Protocols;

/// <summary>A board as those see it who use it: what its drivers can do, and nothing of its kind. What a kind cannot do is null.</summary>
public interface IBoard : IAsyncDisposable
{
    /// <summary>The board's name.</summary>
    string Name { get; }

    /// <summary>The kind by which a bench file names it.</summary>
    string Kind { get; }

    /// <summary>Its switch.</summary>
    IPower Power { get; }

    /// <summary>What it says.</summary>
    IConsole Console { get; }

    /// <summary>What heats the satellite.</summary>
    IBoardLoad Load { get; }

    /// <summary>Its console as a terminal; null when nobody can type there.</summary>
    ITerminal? Terminal { get; }

    /// <summary>Its reset line; null when it has none.</summary>
    IReset? Reset { get; }

    /// <summary>Its image slots; null when it runs what lies on the host.</summary>
    IBoardSlots? Slots { get; }

    /// <summary>The memory of its agent; null when it cannot be seen from outside.</summary>
    IMemoryUse? Memory { get; }
}
