using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Topologies;

/// <summary>Links each satellite to its nearest ones in range and in sight, the shortest links first while both ends have a terminal left.</summary>
public sealed class NearestTopology : Topology
{
    private readonly NearestSearch _search;
    private readonly int _terminals;
    private readonly int[] _used;
    private readonly double[] _keys;
    private readonly Pair[] _pairs;

    /// <summary>Prepares for a number of satellites.</summary>
    /// <param name="satellites">How many there are.</param>
    /// <param name="nearest">How many a satellite asks for, 1 to <see cref="Topology.TerminalsMax"/>.</param>
    /// <param name="terminals">The most links of a satellite, asked for by itself or by others; 1 to <see cref="Topology.TerminalsMax"/>.</param>
    /// <param name="limits">Range and line of sight.</param>
    public NearestTopology(int satellites, int nearest, int terminals, IslLimits limits)
        : base(limits)
    {
        _search = new(Bounds.Check(satellites, 0, Sgp4Batch.SatellitesMax), Bounds.Check(nearest, 1, TerminalsMax));
        _terminals = Bounds.Check(terminals, 1, TerminalsMax);
        _used = new int[satellites];
        _keys = new double[satellites * nearest];
        _pairs = new Pair[satellites * nearest];
    }

    /// <inheritdoc/>
    public override void Link(ConstellationStates states, LinkSet into)
    {
        ArgumentNullException.ThrowIfNull(states);
        ArgumentNullException.ThrowIfNull(into);
        into.Clear();
        _search.Find(states, Limits.MaxRangeKm, new InReach(this, states));
        int count = _search.CopyPairs(states.Count, _keys, _pairs);
        Array.Clear(_used);
        LinkShortestFirst(_keys.AsSpan(0, count), _pairs.AsSpan(0, count), _used, _terminals, into);
    }

    private readonly struct InReach(NearestTopology topology, ConstellationStates states) : NearestSearch.IAllowed
    {
        public bool Allows(int from, int to, double distance2) => topology.Allows(states, from, to, distance2);
    }
}
