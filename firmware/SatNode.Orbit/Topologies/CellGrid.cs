using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Topologies;

/// <summary>Satellites sorted into cubes of space, so that the neighbours of one are found in the cubes around its own.</summary>
/// <remarks>Places outside the box belong to its outermost cubes. Clamping a coordinate brings no two places further apart, so two that are within a cube's edge of each
/// other are in the same cube or in touching ones, wherever they are.</remarks>
internal sealed class CellGrid
{
    private const int CellsPerEdgeMax = 64;
    private const double BoxKmMax = 10_000.0; // cubes of 312 km at least: low orbits

    private readonly int[] _starts = new int[(CellsPerEdgeMax * CellsPerEdgeMax * CellsPerEdgeMax) + 1];
    private readonly int[] _cellOf;
    private readonly int[] _members;
    private double _boxKm;

    internal CellGrid(int satellites)
    {
        _cellOf = new int[satellites];
        _members = new int[satellites];
    }

    /// <summary>Cubes along an edge of the box.</summary>
    internal int CellsPerEdge { get; private set; }

    /// <summary>The edge of a cube, km: at least what was asked for.</summary>
    internal double EdgeKm { get; private set; }

    /// <summary>Satellites in the cubes: those that have a state.</summary>
    internal int Count { get; private set; }

    /// <summary>Sorts the satellites into cubes of an edge in km or more.</summary>
    internal void Build(ConstellationStates states, double edgeKm)
    {
        double furthest = 1.0;
        for (int i = 0; i < states.Count; i++)
        {
            if (states.Has(i))
                furthest = Math.Max(furthest, Math.Max(Math.Abs(states.X[i]), Math.Max(Math.Abs(states.Y[i]), Math.Abs(states.Z[i]))));
        }

        _boxKm = Math.Min(furthest, BoxKmMax);
        CellsPerEdge = (int)Math.Clamp(Math.Floor(2.0 * _boxKm / edgeKm), 1.0, CellsPerEdgeMax);
        EdgeKm = CellsPerEdge == 1 ? double.PositiveInfinity : 2.0 * _boxKm / CellsPerEdge;
        int cells = CellsPerEdge * CellsPerEdge * CellsPerEdge;
        Array.Clear(_starts, 0, cells + 1);
        Count = 0;
        for (int i = 0; i < states.Count; i++)
        {
            _cellOf[i] = -1;
            if (!states.Has(i))
                continue;
            int cell = Cell(Coordinate(states.X[i]), Coordinate(states.Y[i]), Coordinate(states.Z[i]));
            _cellOf[i] = cell;
            _starts[cell + 1]++;
            Count++;
        }

        for (int cell = 0; cell < cells; cell++)
            _starts[cell + 1] += _starts[cell];
        for (int i = states.Count - 1; i >= 0; i--)
        {
            if (_cellOf[i] >= 0)
                _members[--_starts[_cellOf[i] + 1]] = i; // the ends become the beginnings of the cubes after
        }

        // Now _starts[cell + 1] is where the cube begins; its end is where the next one begins.
    }

    /// <summary>The satellites of a cube, by rising index.</summary>
    internal ReadOnlySpan<int> Members(int x, int y, int z)
    {
        int cell = Cell(x, y, z), cells = CellsPerEdge * CellsPerEdge * CellsPerEdge;
        int start = _starts[cell + 1], end = cell + 1 < cells ? _starts[cell + 2] : Count;
        return _members.AsSpan(start, end - start);
    }

    /// <summary>The cube of a coordinate in km along an axis.</summary>
    internal int Coordinate(double km) => Math.Clamp((int)((km + _boxKm) / (2.0 * _boxKm) * CellsPerEdge), 0, CellsPerEdge - 1);

    private int Cell(int x, int y, int z) => (((x * CellsPerEdge) + y) * CellsPerEdge) + z;
}
