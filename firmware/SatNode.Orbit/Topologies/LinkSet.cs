using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Topologies;

/// <summary>Links of one instant: pairs of indices, each pair once, and their lengths in km. Cleared and filled anew at each step without allocating once it is large enough.</summary>
public sealed class LinkSet
{
    /// <summary>The most links of a set: 64 terminals for each of the most satellites of a batch would be as many.</summary>
    public const int LinksMax = 6_400_000;

    private int[] _from = new int[256];
    private int[] _to = new int[256];
    private double[] _rangeKm = new double[256];

    /// <summary>Number of links.</summary>
    public int Count { get; private set; }

    /// <summary>One end of each link.</summary>
    public ReadOnlySpan<int> From => _from.AsSpan(0, Count);

    /// <summary>The other end of each link.</summary>
    public ReadOnlySpan<int> To => _to.AsSpan(0, Count);

    /// <summary>The length of each link, km.</summary>
    public ReadOnlySpan<double> RangeKm => _rangeKm.AsSpan(0, Count);

    /// <summary>The sum of all lengths, km.</summary>
    public double TotalKm
    {
        get
        {
            double sum = 0.0;
            foreach (double km in RangeKm)
                sum += km;
            return sum;
        }
    }

    /// <summary>Leaves no links.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a link.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are <see cref="LinksMax"/> already.</exception>
    public void Add(int from, int to, double rangeKm)
    {
        if (Count == _from.Length)
            Grow();
        _from[Count] = from;
        _to[Count] = to;
        _rangeKm[Count++] = rangeKm;
    }

    private void Grow()
    {
        int room = Math.Min(LinksMax, Count * 2);
        _ = Bounds.Check(Count + 1, 1, room);
        Array.Resize(ref _from, room);
        Array.Resize(ref _to, room);
        Array.Resize(ref _rangeKm, room);
    }
}
