using SatNode.Rig.World;

namespace SatNode.Rig.Oracle;

/// <summary>A board whose load is poured: as much CPU time as it is told, in parts of a core.</summary>
internal sealed class FluidLoad : IBoardLoad
{
    public bool IsPowered => true;

    public TimeSpan CpuTime { get; private set; }

    /// <summary>Adds CPU time.</summary>
    public void Add(double coreSeconds) => CpuTime += TimeSpan.FromSeconds(coreSeconds);

    /// <summary>An oracle stays below the temperature at which a board slows down.</summary>
    public void Throttle(double speed)
    {
    }
}
