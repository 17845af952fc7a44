using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Topologies;

/// <summary>Decides which satellites hold links to each other at an instant. Keeps its working memory from step to step: one thread at a time.</summary>
public abstract class Topology
{
    /// <summary>The most terminals of a satellite.</summary>
    public const int TerminalsMax = 32;

    private readonly double _clearRadius2;
    private readonly double _rangeMax2;

    private protected Topology(IslLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        Limits = limits;
        double clear = Wgs84.EquatorialRadiusKm + limits.GrazingAltitudeKm;
        _clearRadius2 = clear * clear;
        _rangeMax2 = limits.MaxRangeKm * limits.MaxRangeKm;
    }

    /// <summary>The longest link and the least height of its beam.</summary>
    public IslLimits Limits { get; }

    /// <summary>Finds the links of an instant.</summary>
    /// <param name="states">The satellites; those without a state have no link.</param>
    /// <param name="into">Is cleared, and gets the links.</param>
    public abstract void Link(ConstellationStates states, LinkSet into);

    /// <summary>Whether two satellites can hold a link: their distance, squared, and the beam over the Earth.</summary>
    internal bool Allows(ConstellationStates states, int from, int to, double distance2)
    {
        if (!(distance2 <= _rangeMax2))
            return false;
        // A chord comes no nearer to the centre than the lower end's radius and half its length allow: short ones need no more.
        double lower2 = Math.Min(states.PositionKm(from).LengthSquared, states.PositionKm(to).LengthSquared);
        return lower2 - (0.25 * distance2) >= _clearRadius2
            || Visibility.ClearanceKm(states.PositionKm(from), states.PositionKm(to)) >= Limits.GrazingAltitudeKm;
    }

    /// <summary>Links pairs, the shortest first, while both ends have a terminal left; both spans are sorted.</summary>
    private protected static void LinkShortestFirst(Span<double> distances2, Span<Pair> pairs, int[] used, int terminals, LinkSet into)
    {
        distances2.Sort(pairs);
        for (int i = 0; i < pairs.Length; i++)
        {
            (int from, int to) = pairs[i];
            if (used[from] >= terminals || used[to] >= terminals)
                continue;
            used[from]++;
            used[to]++;
            into.Add(from, to, Math.Sqrt(distances2[i]));
        }
    }

    private protected static double Distance2(ConstellationStates states, int from, int to)
    {
        double x = states.X[from] - states.X[to], y = states.Y[from] - states.Y[to], z = states.Z[from] - states.Z[to];
        return (x * x) + (y * y) + (z * z);
    }
}
