using Microsoft.Data.Sqlite;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Archive;

/// <summary>The prepared statements that store telemetry records. Owned by the writer's thread.</summary>
internal sealed class RecordStatements : IDisposable
{
    private readonly SqliteCommand _record;
    private readonly SqliteCommand _sample;
    private readonly SqliteCommand _invocation;

    public RecordStatements(SqliteConnection connection)
    {
        _record = connection.CreateCommand();
        _record.CommandText = """
            INSERT INTO record (node, stream, boot, sequence, time, received, kind, severity, payload)
            VALUES ($node, $stream, $boot, $sequence, $time, $received, $kind, $severity, $payload)
            ON CONFLICT DO NOTHING RETURNING id
            """;
        Declare(_record, "$node", "$stream", "$boot", "$sequence", "$time", "$received", "$kind", "$severity", "$payload");
        _sample = connection.CreateCommand();
        _sample.CommandText = "INSERT OR IGNORE INTO sample VALUES ($node, $parameter, $time, $boot, $sequence, $received, $value)";
        Declare(_sample, "$node", "$parameter", "$time", "$boot", "$sequence", "$received", "$value");
        _invocation = connection.CreateCommand();
        _invocation.CommandText = "INSERT INTO invocation VALUES ($record, $function, $workflow, $run, $ended)";
        Declare(_invocation, "$record", "$function", "$workflow", "$run", "$ended");
    }

    /// <summary>Stores a record unless it is there; its id, or 0.</summary>
    public long Insert(IncomingRecord record)
    {
        var report = record.Body as EventReport;
        Set(_record, record.Node, (long)record.Stream, (long)record.Boot, (long)record.Sequence, (long)record.Time.Milliseconds, (long)record.Received.Milliseconds,
            report is null ? 0L : report.EventId, report is null ? 0L : (long)report.Severity, record.Payload);
        if (_record.ExecuteScalar() is not long id)
            return 0;
        if (record.Body is Housekeeping housekeeping)
        {
            foreach (ParameterSample sample in housekeeping.Samples)
            {
                Set(_sample, record.Node, (long)sample.ParameterId, (long)record.Time.Milliseconds, (long)record.Boot, (long)record.Sequence,
                    (long)record.Received.Milliseconds, sample.Value);
                _sample.ExecuteNonQuery();
            }
        }
        else if (record.Body is InvocationReport invocation)
        {
            Set(_invocation, id, invocation.Function, invocation.Workflow, invocation.Run, (long)invocation.Ended.Milliseconds);
            _invocation.ExecuteNonQuery();
        }
        return id;
    }

    public void Dispose()
    {
        _record.Dispose();
        _sample.Dispose();
        _invocation.Dispose();
    }

    private static void Declare(SqliteCommand command, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
    }

    private static void Set(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
    }
}
