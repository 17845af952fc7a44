namespace SatNode.Orbit.Contacts;

/// <summary>A time in which two satellites can hold a link.</summary>
public sealed record IslWindow
{
    /// <summary>The link can be made, or the search begins.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The link is lost, or the search ends.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>The least distance in the window, km.</summary>
    public required double MinRangeKm { get; init; }

    /// <summary>The largest distance in the window, km.</summary>
    public required double MaxRangeKm { get; init; }

    /// <summary>The window had begun before the time searched.</summary>
    public bool StartsBefore { get; init; }

    /// <summary>The window goes on after the time searched.</summary>
    public bool EndsAfter { get; init; }

    /// <summary>From start to end.</summary>
    public TimeSpan Duration => End - Start;
}

/// <summary>What an inter-satellite link can do.</summary>
public sealed record IslLimits
{
    /// <summary>The longest link in km, above 0; 5000 by default, as laser terminals are sold.</summary>
    public double MaxRangeKm
    {
        get;
        init => field = value is > 0.0 and <= 1e9 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"expected a range of 0 to 1e9 km, found {value}");
    }

    = 5_000.0;

    /// <summary>The least height of the beam over the Earth in km, −100 to 10,000; 80 by default, above the denser air.</summary>
    public double GrazingAltitudeKm { get; init => field = Geometry.Bounds.Check(value, -100.0, 10_000.0); } = 80.0;
}
