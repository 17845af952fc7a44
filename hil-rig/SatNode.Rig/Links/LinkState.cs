namespace SatNode.Rig.Links;

/// <summary>What a link can do at an instant, in the world's units.</summary>
/// <param name="IsUp">True when the two ends see each other.</param>
/// <param name="OneWayDelay">Light time, 0 or more.</param>
/// <param name="RateBitsPerSecond">Bits a world second in each direction, above 0 when up.</param>
public readonly record struct LinkState(bool IsUp, TimeSpan OneWayDelay, double RateBitsPerSecond)
{
    /// <summary>No link; the default.</summary>
    public static LinkState Down => default;
}
