namespace SatNode.Orbit.Topologies;

/// <summary>A link that may be taken.</summary>
internal readonly record struct Pair(int From, int To);
