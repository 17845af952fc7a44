namespace SatNode.Rig.World;

/// <summary>A satellite's elements have no state at a time of the world; the world cannot go on.</summary>
public sealed class WorldEndedException : Exception
{
    internal WorldEndedException(string satellite, DateTimeOffset time)
        : base($"world: {satellite}: expected elements valid at {time:yyyy-MM-dd'T'HH:mm:ss'Z'}, found no state (decayed, or too far from its epoch); the world stops")
    {
    }
}
