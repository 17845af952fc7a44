namespace SatNode.Network.State;

/// <summary>Where states are kept and how many.</summary>
public sealed record StateStoreOptions
{
    /// <summary>The database file; null keeps states in memory only.</summary>
    public string? Path { get; init; }

    /// <summary>The most bytes of states, 1 or more; 128 MiB by default: eight of the largest. Beyond, the least recently used go.</summary>
    public long MaxBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary>The most states; 10,000 by default.</summary>
    public int MaxCount { get; init; } = 10_000;

    /// <summary>Whether a put waits until the medium has the state (synchronous=FULL).</summary>
    public bool SurvivesPowerLoss { get; init; } = true;
}

/// <summary>A state as it is kept.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Version">Its version.</param>
/// <param name="Origin">The number of the node that made it.</param>
/// <param name="Bytes">The state.</param>
public sealed record StateEntry(string Key, ulong Version, ulong Origin, ReadOnlyMemory<byte> Bytes);

/// <summary>What became of a state given to the store.</summary>
public enum PutStatus
{
    /// <summary>It is larger than the whole store, or the medium failed.</summary>
    Refused,

    /// <summary>The store has this version or a later one; nothing changed.</summary>
    NotNewer,

    /// <summary>It is stored.</summary>
    Stored,
}

/// <summary>One of several changes that are made as one.</summary>
/// <param name="Key">1 to 200 characters.</param>
/// <param name="Version">The new version; raised when the store has it or a later one.</param>
/// <param name="Origin">The number of the node that made the state.</param>
/// <param name="Bytes">The new value; null removes.</param>
/// <param name="Expected">The version that the key must have, 0 for absent; null when it does not matter.</param>
public readonly record struct StateWrite(string Key, ulong Version, ulong Origin, ReadOnlyMemory<byte>? Bytes, ulong? Expected = null);

/// <summary>What became of several changes.</summary>
public enum ApplyStatus
{
    /// <summary>Too large, or the disk failed; nothing changed.</summary>
    Refused = 0,

    /// <summary>All are on disk.</summary>
    Applied = 1,

    /// <summary>A key has not the expected version; nothing changed.</summary>
    Conflict = 2,
}
