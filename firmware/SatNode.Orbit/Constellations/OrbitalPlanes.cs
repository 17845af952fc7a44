using SatNode.Orbit.Elements;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Constellations;

/// <summary>The planes of a real catalogue, found from mean elements at one instant, and who flies beside whom.</summary>
/// <remarks>Inclinations that follow each other within <see cref="InclinationGapDegrees"/> are one family; in it mean altitudes within <see cref="AltitudeGapKm"/> are one shell; in it nodes
/// within <see cref="NodeGapDegrees"/> are one plane, if at least <see cref="PlaneMin"/> satellites fly in it. What is raising its orbit or decays alone has no plane. Beside a plane is the next
/// one of its shell to the east, if its node is at most <see cref="SpacingMax"/> times the shell's middle spacing away: a star's seam and a gap of launches not yet flown stay open.
/// Between two planes each satellite gets the one that flies beside it, one to one, the nearest in phase first: on average two are nearest when the eastern one is behind by the
/// difference of the nodes times the cosine of the inclination, as seen along the orbit.</remarks>
public sealed class OrbitalPlanes
{
    /// <summary>The largest gap between inclinations of a family, degrees.</summary>
    public const double InclinationGapDegrees = 0.04;

    /// <summary>The largest gap between altitudes of a shell, km: satellites that keep their station stay within a few.</summary>
    public const double AltitudeGapKm = 2.0;

    /// <summary>The largest gap between nodes of a plane, degrees; planes of today's densest shells are 2.5 apart.</summary>
    public const double NodeGapDegrees = 1.0;

    /// <summary>The fewest satellites of a plane.</summary>
    public const int PlaneMin = 3;

    /// <summary>The largest distance between planes that are beside each other, in middle spacings of their shell.</summary>
    public const double SpacingMax = 1.6;

    private readonly List<List<Plane>> _shells;

    private OrbitalPlanes(List<List<Plane>> shells) => _shells = shells;

    /// <summary>Number of shells that have planes.</summary>
    public int Shells => _shells.Count;

    /// <summary>Number of planes.</summary>
    public int Count => _shells.Sum(shell => shell.Count);

    /// <summary>Number of satellites that have a place in a plane.</summary>
    public int Placed => _shells.Sum(shell => shell.Sum(plane => plane.Members.Length));

    /// <summary>Finds the planes.</summary>
    /// <param name="elements">The satellites; their order numbers them.</param>
    /// <param name="utc">The instant: mean nodes and phases are brought to it.</param>
    public static OrbitalPlanes Of(IReadOnlyList<Tle> elements, DateTimeOffset utc)
    {
        ArgumentNullException.ThrowIfNull(elements);
        Flyer[] flyers = [.. elements.Select((tle, i) => new Flyer(i, new Sgp4(tle), utc))];
        List<List<Plane>> shells = [];
        foreach (Flyer[] family in Runs(flyers, flyer => flyer.InclinationDegrees, InclinationGapDegrees))
        {
            foreach (Flyer[] shell in Runs(family, flyer => flyer.AltitudeKm, AltitudeGapKm))
            {
                List<Plane> planes = [.. Around(shell).Where(plane => plane.Length >= PlaneMin).Select(plane => new Plane(plane))];
                if (planes.Count > 0)
                    shells.Add(planes);
            }
        }

        return new(shells);
    }

    /// <summary>Pairs of neighbours, each once: along the planes, then between them.</summary>
    public IReadOnlyList<(int From, int To)> NeighbourPairs()
    {
        List<(int, int)> pairs = [];
        foreach (List<Plane> shell in _shells)
        {
            foreach (Plane plane in shell)
            {
                for (int i = 0; i < plane.Members.Length; i++)
                    pairs.Add((plane.Members[i].Index, plane.Members[(i + 1) % plane.Members.Length].Index));
            }

            if (shell.Count < 2)
                continue;
            double[] spacings = [.. shell.Select((plane, i) => Angle.WrapDegrees(shell[(i + 1) % shell.Count].NodeDegrees - plane.NodeDegrees))];
            double widest = spacings.Order().ElementAt((spacings.Length - 1) / 2) * SpacingMax;
            for (int i = 0; i < shell.Count; i++)
            {
                if (spacings[i] <= widest && (shell.Count > 2 || i == 0))
                    Join(shell[i], shell[(i + 1) % shell.Count], pairs);
            }
        }

        return pairs;
    }

    /// <summary>Runs of values that follow each other without a gap.</summary>
    private static IEnumerable<Flyer[]> Runs(Flyer[] flyers, Func<Flyer, double> value, double gap)
    {
        Flyer[] sorted = [.. flyers.OrderBy(value).ThenBy(flyer => flyer.Index)];
        for (int start = 0, end = 1; start < sorted.Length; start = end++)
        {
            while (end < sorted.Length && value(sorted[end]) - value(sorted[end - 1]) <= gap)
                end++;
            yield return sorted[start..end];
        }
    }

    /// <summary>The same for nodes, which go round: the first and last run are one when there is no gap between them.</summary>
    private static List<Flyer[]> Around(Flyer[] shell)
    {
        List<Flyer[]> runs = [.. Runs(shell, flyer => flyer.NodeDegrees, NodeGapDegrees)];
        if (runs.Count > 1 && runs[0][0].NodeDegrees + 360.0 - runs[^1][^1].NodeDegrees <= NodeGapDegrees)
        {
            runs[0] = [.. runs[^1].Select(flyer => flyer with { NodeDegrees = flyer.NodeDegrees - 360.0 }), .. runs[0]];
            runs.RemoveAt(runs.Count - 1);
        }

        return runs;
    }

    private static void Join(Plane west, Plane east, List<(int, int)> pairs)
    {
        double behind = Angle.WrapDegrees(east.NodeDegrees - west.NodeDegrees) * Math.Cos(Angle.ToRadians(west.Members[0].InclinationDegrees));
        // A satellite further than half a slot away has no one beside it: there is a hole.
        double reach = 360.0 / Math.Min(west.Members.Length, east.Members.Length) / 2.0;
        List<(double Off, int West, int East)> candidates = [];
        for (int w = 0; w < west.Members.Length; w++)
        {
            for (int e = 0; e < east.Members.Length; e++)
            {
                double off = Math.Abs(Math.IEEERemainder(east.Members[e].PhaseDegrees - west.Members[w].PhaseDegrees + behind, 360.0));
                if (off <= reach)
                    candidates.Add((off, w, e));
            }
        }

        candidates.Sort();
        var isTakenWest = new bool[west.Members.Length];
        var isTakenEast = new bool[east.Members.Length];
        foreach ((_, int w, int e) in candidates)
        {
            if (isTakenWest[w] || isTakenEast[e])
                continue;
            isTakenWest[w] = isTakenEast[e] = true;
            pairs.Add((west.Members[w].Index, east.Members[e].Index));
        }
    }

    /// <summary>A satellite's mean elements at the instant.</summary>
    private sealed record Flyer(int Index, double InclinationDegrees, double AltitudeKm)
    {
        internal Flyer(int index, Sgp4 sgp4, DateTimeOffset utc)
            : this(index, sgp4.Elements.InclinationDegrees, (sgp4.SemiMajorAxis - 1.0) * Wgs72.RadiusKm)
        {
            double minutes = sgp4.MinutesSinceEpoch(utc);
            SecularTerms rates = sgp4.Secular;
            NodeDegrees = Angle.WrapDegrees(Angle.ToDegrees(sgp4.NodeAtEpoch + (rates.NodeRate * minutes)));
            PhaseDegrees = Angle.WrapDegrees(Angle.ToDegrees(sgp4.PerigeeAtEpoch + sgp4.AnomalyAtEpoch + ((rates.PerigeeRate + rates.AnomalyRate) * minutes)
                + (sgp4.MeanMotion * rates.T2 * minutes * minutes)));
        }

        internal double NodeDegrees { get; init; }

        /// <summary>The mean angle from the node.</summary>
        internal double PhaseDegrees { get; }
    }

    /// <summary>A plane: its mean node, and its satellites by phase.</summary>
    private sealed class Plane(Flyer[] members)
    {
        internal double NodeDegrees { get; } = members.Average(flyer => flyer.NodeDegrees);

        internal Flyer[] Members { get; } = [.. members.OrderBy(flyer => flyer.PhaseDegrees)];
    }
}
