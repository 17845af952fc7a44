using SatNode.Protocol.Bundles;

namespace SatNode.Network.Store;

/// <summary>Where bundles wait and how many.</summary>
public sealed record BundleStoreOptions
{
    /// <summary>The database file; null keeps bundles in memory only, for tests and ground tools.</summary>
    public string? Path { get; init; }

    /// <summary>The most bytes of bundles, at least one bundle of the largest size; 64 MiB by default: four states of the largest size.</summary>
    public long MaxBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>The most bundles; 20,000 by default, which cost some 10 MB of memory for their index.</summary>
    public int MaxCount { get; init; } = 20_000;

    /// <summary>Whether a commit waits until the medium has the data (synchronous=FULL). Without, a loss of power, but not of the process, can take the
    /// bundles of the last moments, which their senders have already deleted.</summary>
    public bool SurvivesPowerLoss { get; init; } = true;
}

/// <summary>Limits of the store that need no setting.</summary>
public static class BundleStoreLimits
{
    /// <summary>How many receptions are remembered to tell a repetition: more than can be on the way between two nodes in one contact's cut.</summary>
    public const int MaxSeen = 16_384;

    /// <summary>The most operations in one commit.</summary>
    public const int MaxBatch = 512;

    /// <summary>The most bytes of bundles kept in memory beside the file.</summary>
    public const long MaxCachedBytes = 16L * 1024 * 1024;

    /// <summary>The largest buffer of a bundle, in bytes.</summary>
    public const int MaxBufferBytes = BundleLimits.MaxBundleBytes;

    /// <summary>The least buffer that is used again, in bytes: smaller ones come from memory that the collector has at hand.</summary>
    public const int MinPooledBytes = 16 * 1024;

    /// <summary>What a buffer has beside a round payload, in bytes.</summary>
    public const int BufferSlackBytes = 4 * 1024;

    /// <summary>The most bytes of buffers that wait to be used again: two of the largest size, one that is filled while another is emptied.</summary>
    public const long MaxIdleBufferBytes = 2L * MaxBufferBytes;

    /// <summary>How long no buffer is wanted until none is kept: longer than the pauses within a contact, and of no weight for the rest of an orbit.</summary>
    public static readonly TimeSpan BufferIdleTime = TimeSpan.FromSeconds(5);
}
