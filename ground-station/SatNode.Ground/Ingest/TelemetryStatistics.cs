using SatNode.Ground.Archive;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Ingest;

/// <summary>Counts what came in, what came twice and what is missing: sequences count from 1 without gaps, so within one (node, stream, boot) the highest
/// sequence less the number of records is what is missing. Continues from the archive after a restart. Thread-safe.</summary>
internal sealed class TelemetryStatistics
{
    /// <summary>Boots of a stream whose counts are kept apart; older ones are summed up.</summary>
    public const int BootsMax = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Node, TelemetryStream Stream), StreamCounts> _streams = [];
    private readonly Dictionary<(string Node, ushort EventId, int Severity), long> _events = [];
    private readonly Dictionary<string, long> _rejects = new(StringComparer.Ordinal);

    /// <summary>Continues from the archive.</summary>
    public TelemetryStatistics(ArchiveReader archive)
    {
        foreach (StreamRow row in archive.Streams())
            Counts(row.Node, row.Stream).Add(row.Boot, row.Count, row.Highest);
        foreach (EventCountRow row in archive.EventCounts())
            _events[(row.Node, row.EventId, row.Severity)] = row.Count;
        foreach ((string node, long count) in archive.Rejects())
            _rejects[node] = count;
    }

    /// <summary>Counts a record that was committed.</summary>
    public void Count(ArchivedRecord archived)
    {
        IncomingRecord record = archived.Record;
        lock (_lock)
        {
            StreamCounts counts = Counts(record.Node, record.Stream);
            if (archived.IsDuplicate)
            {
                counts.Duplicates++;
                return;
            }
            counts.Add(record.Boot, 1, (long)record.Sequence);
            if (record.Body is EventReport report)
            {
                (string, ushort, int) key = (record.Node, report.EventId, (int)report.Severity);
                _events[key] = _events.GetValueOrDefault(key) + 1;
            }
        }
    }

    /// <summary>Counts a payload that was refused.</summary>
    public void CountReject(string node)
    {
        lock (_lock)
            _rejects[node] = _rejects.GetValueOrDefault(node) + 1;
    }

    /// <summary>The streams as they stand.</summary>
    public IReadOnlyList<StreamStatistics> Streams()
    {
        lock (_lock)
            return [.. _streams.Select(pair => new StreamStatistics(pair.Key.Node, pair.Key.Stream, pair.Value.Received, pair.Value.Duplicates, pair.Value.Gaps, pair.Value.Missing))];
    }

    /// <summary>The events as they stand.</summary>
    public IReadOnlyList<EventCountRow> Events()
    {
        lock (_lock)
            return [.. _events.Select(pair => new EventCountRow(pair.Key.Node, pair.Key.EventId, pair.Key.Severity, pair.Value))];
    }

    /// <summary>The refused payloads as they stand.</summary>
    public IReadOnlyList<(string Node, long Count)> Rejects()
    {
        lock (_lock)
            return [.. _rejects.Select(pair => (pair.Key, pair.Value))];
    }

    private StreamCounts Counts(string node, TelemetryStream stream)
    {
        if (!_streams.TryGetValue((node, stream), out StreamCounts? counts))
            _streams[(node, stream)] = counts = new();
        return counts;
    }

    private sealed class StreamCounts
    {
        private readonly SortedDictionary<uint, (long Count, long Highest)> _boots = [];
        private long _foldedMissing;

        public long Received { get; private set; }

        public long Duplicates { get; set; }

        public long Gaps { get; private set; }

        public long Missing => _foldedMissing + _boots.Values.Sum(boot => boot.Highest - boot.Count);

        public void Add(uint boot, long count, long sequence)
        {
            Received += count;
            (long Count, long Highest) state = _boots.GetValueOrDefault(boot);
            if (count == 1 && sequence > state.Highest + 1)
                Gaps++;
            _boots[boot] = (state.Count + count, Math.Max(state.Highest, sequence));
            if (_boots.Count > BootsMax)
            {
                (uint oldest, (long Count, long Highest) folded) = _boots.First();
                _foldedMissing += folded.Highest - folded.Count;
                _boots.Remove(oldest);
            }
        }
    }
}

/// <summary>One stream: records received, received twice, jumps of the sequence, and records missing now.</summary>
internal readonly record struct StreamStatistics(string Node, TelemetryStream Stream, long Received, long Duplicates, long Gaps, long Missing);
