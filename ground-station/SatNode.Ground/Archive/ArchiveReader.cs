using Microsoft.Data.Sqlite;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Archive;

/// <summary>Reads the archive beside its writer. Every query is bounded.</summary>
internal sealed class ArchiveReader(string path) : IDisposable
{
    /// <summary>The most rows of one answer.</summary>
    public const int RowsMax = 100_000;

    private readonly string _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 5 }.ToString();

    /// <summary>The samples of a parameter by rising time, the latest <paramref name="limit"/> of the range.</summary>
    public IReadOnlyList<SampleRow> Samples(string node, ushort parameter, DtnTime from, DtnTime to, int limit) => Read(connection =>
    {
        List<SampleRow> rows = connection.Query("""
            SELECT time, received, boot, sequence, value FROM sample WHERE node = $node AND parameter = $parameter AND time >= $from AND time <= $to
            ORDER BY time DESC, boot DESC, sequence DESC LIMIT $limit
            """,
            row => new SampleRow(Time(row, 0), Time(row, 1), (uint)row.GetInt64(2), (ulong)row.GetInt64(3), row.GetDouble(4)),
            ("$node", node), ("$parameter", (long)parameter), ("$from", (long)from.Milliseconds), ("$to", (long)to.Milliseconds), ("$limit", limit));
        rows.Reverse();
        return rows;
    });

    /// <summary>The events of a node in the order of (boot, sequence), after a position.</summary>
    public IReadOnlyList<RecordRow> Events(string node, uint afterBoot, ulong afterSequence, int limit) => Read(connection => connection.Query($"""
        {SelectRecord} WHERE node = $node AND stream = $stream AND (boot, sequence) > ($boot, $sequence) ORDER BY boot, sequence LIMIT $limit
        """,
        Record, ("$node", node), ("$stream", (long)TelemetryStream.Event), ("$boot", (long)afterBoot), ("$sequence", (long)afterSequence), ("$limit", limit)));

    /// <summary>Events in the order in which they were archived: those after an id, else the latest; null filters nothing.</summary>
    public IReadOnlyList<RecordRow> Events(string? node, ushort? kind, long? after, int limit) => Read(connection =>
    {
        List<RecordRow> rows = connection.Query($"""
            {SelectRecord} WHERE stream = $stream AND id > $after AND ($node IS NULL OR node = $node) AND ($kind IS NULL OR kind = $kind)
            ORDER BY id {(after is null ? "DESC" : "ASC")} LIMIT $limit
            """,
            Record, ("$stream", (long)TelemetryStream.Event), ("$after", after ?? 0), ("$node", node), ("$kind", kind is { } id ? (long)id : null), ("$limit", limit));
        if (after is null)
            rows.Reverse();
        return rows;
    });

    /// <summary>Reports of invocations by rising end; null filters nothing.</summary>
    public IReadOnlyList<RecordRow> Invocations(string? function, string? workflow, string? run, int limit) => Read(connection =>
    {
        List<RecordRow> rows = connection.Query($"""
            {SelectRecord} JOIN invocation ON invocation.record = record.id
            WHERE ($function IS NULL OR function = $function) AND ($workflow IS NULL OR workflow = $workflow) AND ($run IS NULL OR run = $run)
            ORDER BY ended DESC, id DESC LIMIT $limit
            """,
            Record, ("$function", function), ("$workflow", workflow), ("$run", run), ("$limit", limit));
        rows.Reverse();
        return rows;
    });

    /// <summary>The latest records of a node in the order of storing, of all streams but housekeeping, and the latest housekeeping before them.</summary>
    public IReadOnlyList<RecordRow> Recent(string node, int limit) => Read(connection =>
    {
        List<RecordRow> rows = connection.Query($"{SelectRecord} WHERE node = $node AND stream <> $stream ORDER BY id DESC LIMIT $limit", Record,
            ("$node", node), ("$stream", (long)TelemetryStream.Housekeeping), ("$limit", limit));
        rows.AddRange(connection.Query($"{SelectRecord} WHERE node = $node AND stream = $stream ORDER BY boot DESC, sequence DESC LIMIT 1", Record,
            ("$node", node), ("$stream", (long)TelemetryStream.Housekeeping)));
        rows.Reverse();
        return rows;
    });

    /// <summary>The highest id of a record of a node, 0 when there is none.</summary>
    public long LastId(string node) => Read(connection => connection.Scalar("SELECT max(id) FROM record WHERE node = $node", ("$node", node)));

    /// <summary>How many records there are of each node, stream and boot, and the highest sequence.</summary>
    public IReadOnlyList<StreamRow> Streams() => Read(connection => connection.Query(
        "SELECT node, stream, boot, count(*), max(sequence) FROM record GROUP BY node, stream, boot ORDER BY node, stream, boot",
        row => new StreamRow(row.GetString(0), (TelemetryStream)row.GetInt64(1), (uint)row.GetInt64(2), row.GetInt64(3), row.GetInt64(4))));

    /// <summary>How many events there are of each node, kind and severity.</summary>
    public IReadOnlyList<EventCountRow> EventCounts() => Read(connection => connection.Query(
        "SELECT node, kind, severity, count(*) FROM record WHERE stream = $stream GROUP BY node, kind, severity",
        row => new EventCountRow(row.GetString(0), (ushort)row.GetInt64(1), (int)row.GetInt64(2), row.GetInt64(3)), ("$stream", (long)TelemetryStream.Event)));

    /// <summary>How many payloads were refused, by node.</summary>
    public IReadOnlyList<(string Node, long Count)> Rejects() => Read(connection => connection.Query(
        "SELECT node, count(*) FROM reject GROUP BY node", row => (row.GetString(0), row.GetInt64(1))));

    /// <summary>Runs a query on a connection of its own.</summary>
    public T Read<T>(Func<SqliteConnection, T> query)
    {
        using var connection = new SqliteConnection(_connectionString);
        connection.Open();
        connection.Run("PRAGMA query_only = ON");
        return query(connection);
    }

    /// <summary>Closes the connections that were kept open.</summary>
    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private const string SelectRecord = "SELECT id, node, stream, boot, sequence, time, received, payload FROM record";

    private static DtnTime Time(SqliteDataReader row, int column) => new((ulong)row.GetInt64(column));

    private static RecordRow Record(SqliteDataReader row) => new(row.GetInt64(0), row.GetString(1), (TelemetryStream)row.GetInt64(2), (uint)row.GetInt64(3),
        (ulong)row.GetInt64(4), Time(row, 5), Time(row, 6), row.Bytes(7));
}

/// <summary>A sample of a parameter.</summary>
internal readonly record struct SampleRow(DtnTime Time, DtnTime Received, uint Boot, ulong Sequence, double Value);

/// <summary>A record as archived.</summary>
internal sealed record RecordRow(long Id, string Node, TelemetryStream Stream, uint Boot, ulong Sequence, DtnTime Time, DtnTime Received, byte[] Payload)
{
    /// <summary>Decodes the body; what is in the archive was decoded once before it was stored.</summary>
    public T Body<T>() where T : ICborMessage<T> => CborDecoder.Decode<TelemetryRecord<T>>(Payload).Body;
}

/// <summary>The state of one (node, stream, boot).</summary>
internal sealed record StreamRow(string Node, TelemetryStream Stream, uint Boot, long Count, long Highest);

/// <summary>A number of events.</summary>
internal sealed record EventCountRow(string Node, ushort EventId, int Severity, long Count);
