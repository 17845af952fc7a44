namespace SatNode.Rig.World;

/// <summary>What a satellite's board really does, as far as it heats and draws power.</summary>
public interface IBoardLoad
{
    /// <summary>True when the board has power.</summary>
    bool IsPowered { get; }

    /// <summary>CPU time of everything on the board since the world began, in machine time; never falls, also not over resets.</summary>
    TimeSpan CpuTime { get; }

    /// <summary>Slows the board's processor, as its firmware does when it is too hot. Called by the world's thread when the share has changed; returns at once.</summary>
    /// <param name="speed">Share of the full clock, above 0 to 1.</param>
    void Throttle(double speed);
}
