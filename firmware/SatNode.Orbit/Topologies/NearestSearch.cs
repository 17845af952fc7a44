using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Topologies;

/// <summary>Finds the nearest satellites of each one among those a test allows: cube by cube outwards, until no nearer one can come.</summary>
internal sealed class NearestSearch
{
    private const double CubesHold = 64.0; // an edge of √(64/n) radii: about four in a cube of a shell

    private readonly CellGrid _grid;
    private readonly int[] _nearest;
    private readonly double[] _distance2;
    private readonly int[] _found;

    internal NearestSearch(int satellites, int count)
    {
        PerSatellite = count;
        _grid = new(satellites);
        _nearest = new int[satellites * count];
        _distance2 = new double[satellites * count];
        _found = new int[satellites];
    }

    internal int PerSatellite { get; }

    /// <summary>The nearest ones of a satellite, nearest first.</summary>
    internal ReadOnlySpan<int> Of(int satellite) => _nearest.AsSpan(satellite * PerSatellite, _found[satellite]);

    /// <summary>Their distances, km².</summary>
    internal ReadOnlySpan<double> Distances2Of(int satellite) => _distance2.AsSpan(satellite * PerSatellite, _found[satellite]);

    /// <summary>An edge of cubes in which a constellation of low orbits has a few satellites each, km.</summary>
    internal static double EdgeKm(int satellites) => 7_000.0 * Math.Sqrt(CubesHold / 16.0 / Math.Max(1, satellites));

    internal void Find<TAllowed>(ConstellationStates states, double maxRangeKm, TAllowed allowed)
        where TAllowed : struct, IAllowed
    {
        _grid.Build(states, Math.Min(EdgeKm(states.Count), maxRangeKm));
        for (int i = 0; i < states.Count; i++)
        {
            _found[i] = 0;
            if (states.Has(i))
                Find(states, i, maxRangeKm, allowed);
        }
    }

    /// <summary>Copies the pairs of the last search of so many satellites, each once, whoever asked, with their distances, km².</summary>
    /// <returns>How many.</returns>
    internal int CopyPairs(int satellites, Span<double> distances2, Span<Pair> pairs)
    {
        int count = 0;
        for (int i = 0; i < satellites; i++)
        {
            ReadOnlySpan<int> nearest = Of(i);
            for (int n = 0; n < nearest.Length; n++)
            {
                if (nearest[n] < i && Of(nearest[n]).Contains(i))
                    continue; // the other one asks for it, too
                distances2[count] = Distances2Of(i)[n];
                pairs[count++] = new Pair(i, nearest[n]);
            }
        }

        return count;
    }

    private void Find<TAllowed>(ConstellationStates states, int satellite, double maxRangeKm, TAllowed allowed)
        where TAllowed : struct, IAllowed
    {
        int x = _grid.Coordinate(states.X[satellite]), y = _grid.Coordinate(states.Y[satellite]), z = _grid.Coordinate(states.Z[satellite]);
        int last = _grid.CellsPerEdge - 1;
        for (int ring = 0; ring <= last; ring++)
        {
            // Whoever is further out than this ring is further away than the rings before it are wide.
            double inside = (ring - 1) * _grid.EdgeKm;
            if (ring > 0 && (inside > maxRangeKm || (_found[satellite] == PerSatellite && inside > 0.0 && Worst(satellite) <= inside * inside)))
                return;
            for (int cx = Math.Max(0, x - ring); cx <= Math.Min(last, x + ring); cx++)
            {
                for (int cy = Math.Max(0, y - ring); cy <= Math.Min(last, y + ring); cy++)
                {
                    bool isFace = Math.Abs(cx - x) == ring || Math.Abs(cy - y) == ring;
                    int step = isFace || ring == 0 ? 1 : 2 * ring;
                    for (int cz = z - ring; cz <= z + ring; cz += step)
                    {
                        if (cz >= 0 && cz <= last)
                            Take(states, satellite, _grid.Members(cx, cy, cz), allowed);
                    }
                }
            }
        }
    }

    private double Worst(int satellite) => _distance2[(satellite * PerSatellite) + _found[satellite] - 1];

    private void Take<TAllowed>(ConstellationStates states, int satellite, ReadOnlySpan<int> members, TAllowed allowed)
        where TAllowed : struct, IAllowed
    {
        double x = states.X[satellite], y = states.Y[satellite], z = states.Z[satellite];
        Span<double> distances = _distance2.AsSpan(satellite * PerSatellite, PerSatellite);
        Span<int> nearest = _nearest.AsSpan(satellite * PerSatellite, PerSatellite);
        int found = _found[satellite];
        foreach (int other in members)
        {
            double dx = states.X[other] - x, dy = states.Y[other] - y, dz = states.Z[other] - z;
            double distance2 = (dx * dx) + (dy * dy) + (dz * dz);
            if (other == satellite || (found == distances.Length && distance2 >= distances[found - 1]) || !allowed.Allows(satellite, other, distance2))
                continue;
            int at = found < distances.Length ? found++ : found - 1;
            while (at > 0 && distances[at - 1] > distance2)
            {
                distances[at] = distances[at - 1];
                nearest[at] = nearest[at - 1];
                at--;
            }

            distances[at] = distance2;
            nearest[at] = other;
        }

        _found[satellite] = found;
    }

    /// <summary>Whether two satellites at a distance (km²) may be each other's neighbours.</summary>
    internal interface IAllowed
    {
        bool Allows(int from, int to, double distance2);
    }
}
