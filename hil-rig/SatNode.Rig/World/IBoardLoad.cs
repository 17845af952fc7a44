namespace SatNode.Rig.World;

/// <summary>What a satellite's board really does, as far as it heats and draws power.</summary>
public interface IBoardLoad
{
    /// <summary>True when the board has power.</summary>
    bool IsPowered { get; }

    /// <summary>CPU time of everything on the board since the world began, in machine time; never falls, also not over resets.</summary>
    TimeSpan CpuTime { get; }
}
