using SatNode.Orbit.Constellations;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Elements;
using SatNode.Orbit.Propagation;

namespace SatNode.Orbit.Topologies;

/// <summary>The +Grid: each satellite to the next and the one before in its plane, and to one in each plane beside it. Who is whose neighbour is found once; a step asks only which of these
/// links are in range and in sight.</summary>
public sealed class PlusGridTopology : Topology
{
    private readonly int[] _from;
    private readonly int[] _to;

    private PlusGridTopology(IslLimits limits, IReadOnlyList<(int From, int To)> pairs, int planes, int placed)
        : base(limits)
    {
        _from = [.. pairs.Select(pair => pair.From)];
        _to = [.. pairs.Select(pair => pair.To)];
        Planes = planes;
        Placed = placed;
    }

    /// <summary>Number of planes.</summary>
    public int Planes { get; }

    /// <summary>Number of satellites that have a place in a plane; the others have no links.</summary>
    public int Placed { get; }

    /// <summary>Number of pairs of neighbours.</summary>
    public int Pairs => _from.Length;

    /// <summary>The grid of shells made by generators; the satellites are numbered shell by shell, plane by plane.</summary>
    public static PlusGridTopology Of(IReadOnlyList<WalkerShell> shells, IslLimits limits)
    {
        ArgumentNullException.ThrowIfNull(shells);
        List<(int, int)> pairs = [];
        int first = 0;
        foreach (WalkerShell shell in shells)
        {
            for (int plane = 0; plane < shell.Planes; plane++)
            {
                for (int slot = 0; slot < shell.SatellitesPerPlane; slot++)
                {
                    int self = Index(new(plane, slot));
                    PlusGridNeighbours around = shell.NeighboursOf(plane, slot);
                    foreach (ShellPlace? place in (ReadOnlySpan<ShellPlace?>)[around.Ahead, around.Behind, around.East, around.West])
                    {
                        if (place is { } other && Index(other) > self)
                            pairs.Add((self, Index(other)));
                    }
                }
            }

            first += shell.Count;

            int Index(ShellPlace place) => first + (place.Plane * shell.SatellitesPerPlane) + place.Slot;
        }

        return new(limits, pairs, shells.Sum(shell => shell.Planes), first);
    }

    /// <summary>The grid of a catalogue, whose planes are found as <see cref="OrbitalPlanes"/> says.</summary>
    /// <param name="elements">The satellites; their order numbers them.</param>
    /// <param name="utc">When the planes are looked at: near the instants of the steps.</param>
    /// <param name="limits">Range and line of sight.</param>
    public static PlusGridTopology Of(IReadOnlyList<Tle> elements, DateTimeOffset utc, IslLimits limits)
    {
        OrbitalPlanes planes = OrbitalPlanes.Of(elements, utc);
        return new(limits, planes.NeighbourPairs(), planes.Count, planes.Placed);
    }

    /// <inheritdoc/>
    public override void Link(ConstellationStates states, LinkSet into)
    {
        ArgumentNullException.ThrowIfNull(states);
        ArgumentNullException.ThrowIfNull(into);
        into.Clear();
        for (int i = 0; i < _from.Length; i++)
        {
            double distance2 = Distance2(states, _from[i], _to[i]);
            if (Allows(states, _from[i], _to[i], distance2))
                into.Add(_from[i], _to[i], Math.Sqrt(distance2));
        }
    }
}
