namespace SatNode.Flight.Telemetry;

/// <summary>The bounds of what is kept on board. The defaults hold two days without contact at the usual pace: 17,280 housekeeping records at 10 s,
/// some 10,000 events, and function reports whose outputs are below 4 KB on average.</summary>
public sealed record TelemetryLimits
{
    /// <summary>Housekeeping records that wait, 1 or more; one more drops the oldest. 20,000 records of 400 bytes are 8 MB.</summary>
    public int MaxHousekeeping { get; init; } = 20_000;

    /// <summary>Records of all streams that wait, 1 or more; one more drops the oldest housekeeping, or the oldest record when there is none.</summary>
    public int MaxRecords { get; init; } = 50_000;

    /// <summary>Bytes of all payloads that wait; kept like <see cref="MaxRecords"/>.</summary>
    public long MaxPayloadBytes { get; init; } = 128L << 20;

    /// <summary>Events kept for reading after the flight, sent or not. 20,000 of 200 bytes are 4 MB.</summary>
    public int MaxLoggedEvents { get; init; } = 20_000;

    /// <summary>The file's bound in bytes, above the sum of the other bounds; a write beyond it fails as on a full disk.</summary>
    public long MaxFileBytes { get; init; } = 256L << 20;

    /// <summary>Characters of a text argument of an event; a longer one is cut, so that any event stays below what the ground reads.
    /// 16 arguments of 256 characters of 3 bytes are 12 KB of 16.</summary>
    public int MaxEventTextLength { get; init; } = 256;
}
