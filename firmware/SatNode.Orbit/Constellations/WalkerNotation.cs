using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Constellations;

/// <summary>Walker's t/p/f: how many satellites, in how many planes, and how far a plane is ahead of the one to its west, in units of 360°/t. Iridium is 66/6/2.</summary>
public sealed record WalkerNotation
{
    /// <summary>Three numbers that fit each other.</summary>
    /// <param name="satellites">t: satellites in all, a multiple of the planes, 1 to <see cref="WalkerShell.SatellitesMax"/>.</param>
    /// <param name="planes">p: planes, 1 to 1,000, each of at most 1,000 satellites.</param>
    /// <param name="phasing">f: 0 to planes − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range, or the satellites do not fill the planes.</exception>
    public WalkerNotation(int satellites, int planes, int phasing)
    {
        Satellites = Bounds.Check(satellites, 1, WalkerShell.SatellitesMax);
        Planes = Bounds.Check(planes, 1, WalkerShell.PlanesMax);
        Phasing = Bounds.Check(phasing, 0, planes - 1);
        if (satellites % planes != 0)
            throw new ArgumentOutOfRangeException(nameof(satellites), satellites, $"expected a multiple of the {planes} planes, found {satellites}");
        _ = Bounds.Check(SatellitesPerPlane, 1, WalkerShell.SatellitesPerPlaneMax);
    }

    /// <summary>t: satellites in all.</summary>
    public int Satellites { get; }

    /// <summary>p: planes.</summary>
    public int Planes { get; }

    /// <summary>f: what a plane is ahead of the one to its west, in 360°/t.</summary>
    public int Phasing { get; }

    /// <summary>Satellites in each plane.</summary>
    public int SatellitesPerPlane => Satellites / Planes;

    /// <summary>Reads three whole numbers parted by slashes, such as <c>66/6/2</c>; false when they are not, or do not fit each other.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WalkerNotation? notation)
    {
        notation = null;
        string[] parts = text?.Split('/') ?? [];
        var numbers = new int[3];
        if (parts.Length != numbers.Length)
            return false;
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                return false;
        }

        try
        {
            notation = new(numbers[0], numbers[1], numbers[2]);
            return true;
        }
        catch (ArgumentOutOfRangeException) // the one place that knows what fits
        {
            return false;
        }
    }

    /// <summary>The three numbers as they are read.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Satellites}/{Planes}/{Phasing}");
}
