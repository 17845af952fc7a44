namespace SatNode.Rig.Orbits;

/// <summary>The named maxima of the <c>orbit</c> commands.</summary>
internal static class Limits
{
    /// <summary>The largest catalogue file: 70,000 sets of three lines, or 25,000 in JSON.</summary>
    public const int MaxCatalogueBytes = 12 * 1024 * 1024;

    /// <summary>The most rows of an ephemeris: two years of minutes.</summary>
    public const int MaxRows = 1_000_000;

    /// <summary>The longest search: a year.</summary>
    public const double MaxHours = 366 * 24;

    /// <summary>The most satellites whose contacts with one are searched: all of a large constellation.</summary>
    public const int MaxOthers = 10_000;

    /// <summary>The most points of a line in a plot; longer ones are thinned.</summary>
    public const int MaxPlotPoints = 4_000;

    /// <summary>The most rows of bars in a plot.</summary>
    public const int MaxPlotRows = 24;

    /// <summary>The most passes in a plot.</summary>
    public const int MaxPlotPasses = 60;

    /// <summary>The most unreadable sets of a file that are told.</summary>
    public const int MaxFaultsTold = 5;
}
