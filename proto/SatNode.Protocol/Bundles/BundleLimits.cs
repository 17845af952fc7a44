namespace SatNode.Protocol.Bundles;

/// <summary>What a bundle from outside may claim at most. Larger claims are refused before anything is allocated for them.</summary>
public static class BundleLimits
{
    /// <summary>The largest bundle in bytes: 16 MiB of state and 1 MiB for everything around it.</summary>
    public const int MaxBundleBytes = 17 * 1024 * 1024;

    /// <summary>The most blocks after the primary one, payload included: six kinds are defined, BPSec adds a block per target.</summary>
    public const int MaxBlocks = 32;

    /// <summary>The longest scheme-specific part of a <c>dtn:</c> endpoint in bytes.</summary>
    public const int MaxEndpointBytes = 255;

    /// <summary>The largest hop limit. Source: RFC 9171 §4.4.3.</summary>
    public const int MaxHopLimit = 255;

    /// <summary>The most bytes that a block takes beside its data: array and five integers of 9 bytes, the data's length and the CRC.</summary>
    internal const int BlockOverheadBytes = 1 + (5 * 9) + 5;

    /// <summary>The most bytes that a primary block takes: eleven items, three of them endpoints.</summary>
    internal const int PrimaryBytes = 160 + (3 * (MaxEndpointBytes + 8));
}
