using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Topologies;

/// <summary>The shortest links that hold a constellation together: a minimum spanning tree of all links in range and in sight (a forest where parts cannot reach each other); on
/// request with its loops closed.</summary>
/// <remarks>Kruskal's method: links are looked at by rising length, and taken when their ends are not yet connected. They are not gathered all at once but ring by ring: all allowed links
/// between two radii are sorted and looked at before any longer one, so the tree is that of all links. A link whose ends are connected already would not be taken, now or later; so only those
/// between parts are gathered, from the second ring on from outside the largest part only. A satellite without a free terminal takes no further link: with such a limit the tree is the one that
/// this greedy choice gives, and minimal where the limit does not bind (the minimum under a limit is NP-hard).
/// Loops: in the order of their length, links between near satellites with a free terminal whose way along the tree is longer than <see cref="LoopHopsMin"/> links.</remarks>
public sealed class SpanningTreeTopology : Topology
{
    /// <summary>A link that closes a loop spares a way of more links than this along the tree.</summary>
    public const int LoopHopsMin = 6;

    private const int LoopCandidates = 8; // a satellite
    private const int CandidatesPerSatellite = 48;
    private const double RingKmMin = 1e-9;
    private const int RingsMax = 400; // doubling from 1 km to a billion takes 30, halving one that is too full 60 more

    private readonly int _terminals;
    private readonly CellGrid _grid;
    private readonly NearestSearch? _loops;
    private readonly double[] _keys;
    private readonly Pair[] _pairs;
    private readonly int[] _part;
    private readonly int[] _size;
    private readonly int[] _used;
    private readonly int[] _parent;
    private readonly int[] _depth;
    private readonly int[] _queue;
    private readonly int[] _firstEdge;
    private readonly int[] _ends;
    private int _candidates;
    private int _parts;

    /// <summary>Prepares for a number of satellites.</summary>
    /// <param name="satellites">How many there are.</param>
    /// <param name="terminals">The most links of a satellite, 2 to <see cref="Topology.TerminalsMax"/>; 16 never binds (no more can be nearest in space).</param>
    /// <param name="limits">Range and line of sight.</param>
    /// <param name="closeLoops">Adds links beside the tree.</param>
    public SpanningTreeTopology(int satellites, int terminals, IslLimits limits, bool closeLoops = false)
        : base(limits)
    {
        _ = Bounds.Check(satellites, 0, Sgp4Batch.SatellitesMax);
        _terminals = Bounds.Check(terminals, 2, TerminalsMax);
        _grid = new(satellites);
        _loops = closeLoops ? new(satellites, LoopCandidates) : null;
        _keys = new double[(satellites * CandidatesPerSatellite) + 1];
        _pairs = new Pair[_keys.Length];
        _part = new int[satellites];
        _size = new int[satellites];
        _used = new int[satellites];
        _parent = new int[satellites];
        _depth = new int[satellites];
        _queue = new int[satellites];
        _firstEdge = new int[satellites + 1];
        _ends = new int[2 * satellites];
    }

    /// <summary>The number of parts the last step's links left unconnected; 1 when all satellites that have a state hold together.</summary>
    public int Parts => _parts;

    /// <inheritdoc/>
    public override void Link(ConstellationStates states, LinkSet into)
    {
        ArgumentNullException.ThrowIfNull(states);
        ArgumentNullException.ThrowIfNull(into);
        into.Clear();
        Array.Clear(_used);
        _parts = 0;
        for (int i = 0; i < states.Count; i++)
        {
            _part[i] = i;
            _size[i] = 1;
            _parts += states.Has(i) ? 1 : 0;
        }

        double below = -1.0, upTo = Math.Min(NearestSearch.EdgeKm(Math.Max(1, _parts)), Limits.MaxRangeKm), built = double.NaN;
        for (int ring = 0; ring < RingsMax && _parts > 1 && below < Limits.MaxRangeKm; ring++)
        {
            if (upTo != built)
                _grid.Build(states, upTo);
            built = upTo;
            bool isWhole = Gather(states, below, upTo);
            if (!isWhole && upTo - Math.Max(0.0, below) > RingKmMin)
            {
                upTo = Math.Max(0.0, below) + ((upTo - Math.Max(0.0, below)) / 2.0);
                continue;
            }

            Take(into);
            if (!isWhole)
                continue; // all of one length, as satellites at one place are: what is left is between fewer parts now
            below = upTo;
            upTo = Math.Min(Math.Max(upTo, RingKmMin) * 2.0, Limits.MaxRangeKm);
        }

        if (_loops is not null)
            CloseLoops(states, into);
    }

    /// <summary>The links between two lengths whose ends are in different parts and have a free terminal.</summary>
    /// <returns>False when there are more than there is room for.</returns>
    private bool Gather(ConstellationStates states, double belowKm, double upToKm)
    {
        _candidates = 0;
        double below2 = belowKm < 0.0 ? -1.0 : belowKm * belowKm, upTo2 = upToKm * upToKm;
        int largest = Largest(states);
        int last = _grid.CellsPerEdge - 1;
        for (int i = 0; i < states.Count; i++)
        {
            int part = PartOf(i);
            if (!states.Has(i) || _used[i] >= _terminals || part == largest)
                continue;
            double xi = states.X[i], yi = states.Y[i], zi = states.Z[i];
            int x = _grid.Coordinate(xi), y = _grid.Coordinate(yi), z = _grid.Coordinate(zi);
            for (int cx = Math.Max(0, x - 1); cx <= Math.Min(last, x + 1); cx++)
            {
                for (int cy = Math.Max(0, y - 1); cy <= Math.Min(last, y + 1); cy++)
                {
                    for (int cz = Math.Max(0, z - 1); cz <= Math.Min(last, z + 1); cz++)
                    {
                        foreach (int other in _grid.Members(cx, cy, cz))
                        {
                            double dx = states.X[other] - xi, dy = states.Y[other] - yi, dz = states.Z[other] - zi;
                            double distance2 = (dx * dx) + (dy * dy) + (dz * dz);
                            if (!(distance2 <= upTo2) || distance2 <= below2 || _used[other] >= _terminals)
                                continue;
                            int otherPart = PartOf(other);
                            // Between two parts that are both looked at from inside, the lower index speaks.
                            if (otherPart == part || (otherPart != largest && other < i) || !Allows(states, i, other, distance2))
                                continue;
                            if (_candidates == _keys.Length)
                                return false;
                            _keys[_candidates] = distance2;
                            _pairs[_candidates++] = new Pair(i, other);
                        }
                    }
                }
            }
        }

        return true;
    }

    /// <summary>The largest part, if it is one of several satellites.</summary>
    private int Largest(ConstellationStates states)
    {
        int largest = -1;
        for (int i = 0; i < states.Count; i++)
        {
            if (_part[i] == i && _size[i] > (largest < 0 ? 1 : _size[largest]))
                largest = i;
        }

        return largest;
    }

    private void Take(LinkSet into)
    {
        _keys.AsSpan(0, _candidates).Sort(_pairs.AsSpan(0, _candidates));
        for (int i = 0; i < _candidates; i++)
        {
            (int from, int to) = _pairs[i];
            int one = PartOf(from), other = PartOf(to);
            if (one == other || _used[from] >= _terminals || _used[to] >= _terminals)
                continue;
            if (_size[one] < _size[other])
                (one, other) = (other, one);
            _part[other] = one;
            _size[one] += _size[other];
            _used[from]++;
            _used[to]++;
            _parts--;
            into.Add(from, to, Math.Sqrt(_keys[i]));
        }
    }

    private int PartOf(int satellite)
    {
        while (_part[satellite] != satellite)
        {
            _part[satellite] = _part[_part[satellite]];
            satellite = _part[satellite];
        }

        return satellite;
    }

    private void CloseLoops(ConstellationStates states, LinkSet into)
    {
        Root(states, into);
        _loops!.Find(states, Limits.MaxRangeKm, new WithFreeTerminals(this, states));
        _candidates = _loops.CopyPairs(states.Count, _keys, _pairs);
        LinkShortestFirst(_keys.AsSpan(0, _candidates), _pairs.AsSpan(0, _candidates), _used, _terminals, into);
    }

    /// <summary>Gives every satellite its parent and depth in the tree, breadth first from the lowest index of each part.</summary>
    private void Root(ConstellationStates states, LinkSet tree)
    {
        // The ends of the links of each satellite, one after the other.
        Array.Clear(_firstEdge);
        for (int i = 0; i < tree.Count; i++)
        {
            _firstEdge[tree.From[i] + 1]++;
            _firstEdge[tree.To[i] + 1]++;
        }

        for (int i = 0; i < states.Count; i++)
            _firstEdge[i + 1] += _firstEdge[i];
        Array.Fill(_depth, 0);
        for (int i = 0; i < tree.Count; i++)
        {
            _ends[_firstEdge[tree.From[i]] + _depth[tree.From[i]]++] = tree.To[i];
            _ends[_firstEdge[tree.To[i]] + _depth[tree.To[i]]++] = tree.From[i];
        }

        Array.Fill(_depth, -1);
        for (int root = 0; root < states.Count; root++)
        {
            if (_depth[root] >= 0)
                continue;
            (_depth[root], _parent[root], _queue[0]) = (0, root, root);
            for (int head = 0, tail = 1; head < tail; head++)
            {
                int at = _queue[head];
                for (int edge = _firstEdge[at]; edge < _firstEdge[at + 1]; edge++)
                {
                    int next = _ends[edge];
                    if (_depth[next] >= 0)
                        continue;
                    (_depth[next], _parent[next], _queue[tail++]) = (_depth[at] + 1, at, next);
                }
            }
        }
    }

    /// <summary>True when two satellites of one tree are at most <see cref="LoopHopsMin"/> links apart along it.</summary>
    private bool IsNearAlongTree(int one, int other)
    {
        for (int hops = 0; hops <= LoopHopsMin; hops++)
        {
            if (one == other)
                return true;
            if (_depth[one] >= _depth[other])
                one = _parent[one];
            else
                other = _parent[other];
        }

        return false;
    }

    private readonly struct WithFreeTerminals(SpanningTreeTopology tree, ConstellationStates states) : NearestSearch.IAllowed
    {
        public bool Allows(int from, int to, double distance2) =>
            tree._used[from] < tree._terminals && tree._used[to] < tree._terminals && !tree.IsNearAlongTree(from, to) && tree.Allows(states, from, to, distance2);
    }
}
