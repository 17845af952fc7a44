using Microsoft.Data.Sqlite;
using SatNode.Protocol;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Telemetry;

/// <summary>Raises events: each goes to the outbox and to a ring on disk, in one transaction, and then to <see cref="Committed"/>. The ring keeps the
/// newest <see cref="TelemetryLimits.MaxLoggedEvents"/>, sent or not, for whoever reads the file after the flight. Thread-safe.</summary>
public sealed class EventLog : IEventSink, IDisposable
{
    private readonly FlightDatabase _database;
    private readonly Outbox _outbox;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _trim;
    private readonly SqliteCommand _read;

    /// <summary>Opens the log of a database.</summary>
    /// <param name="database">The database; when its file was moved aside, the first event says so.</param>
    /// <param name="outbox">The outbox of the same database.</param>
    /// <param name="committed">Told every event after it is on disk, in order; must be quick, because the next event waits for it.</param>
    public EventLog(FlightDatabase database, Outbox outbox, Action<TelemetryRecord<EventReport>>? committed = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(outbox);
        _database = database;
        _outbox = outbox;
        Committed = committed;
        _insert = database.Prepare("INSERT INTO event_log (payload) VALUES ($1)", 1);
        _trim = database.Prepare("DELETE FROM event_log WHERE id <= (SELECT max(id) FROM event_log) - $1", 1);
        _read = database.Prepare("SELECT id, payload FROM event_log WHERE id > $1 ORDER BY id LIMIT $2", 2);
        _trim.Parameters[0].Value = database.Limits.MaxLoggedEvents;
        outbox.Events = this;
        if (database.SetAside is { } path)
            Raise(Events.InputRefused, "flight-database", $"damaged; moved to {Path.GetFileName(path)} and started new", 1);
    }

    /// <summary>Told every event after it is on disk, in order.</summary>
    public Action<TelemetryRecord<EventReport>>? Committed { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Not as many arguments as the definition has names.</exception>
    public void Raise(EventDefinition definition, params ReadOnlySpan<ArgumentValue> arguments)
    {
        ArgumentNullException.ThrowIfNull(definition);
        if (arguments.Length != definition.Arguments.Count)
            throw new ArgumentException($"{definition.Name}: expected {definition.Arguments.Count} arguments, found {arguments.Length}", nameof(arguments));
        var values = new ArgumentValue[arguments.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = Bounded(arguments[i]);
        var report = new EventReport(definition.Id, definition.Severity, values);
        lock (_database.Gate) // held until the callback returned: the console's order is the sequence's
        {
            if (_outbox.Record(TelemetryStream.Event, report, Log) is { } record)
                Committed?.Invoke(record);
        }
    }

    /// <summary>Reads the ring, oldest first.</summary>
    /// <param name="max">How many at most.</param>
    /// <param name="afterId">Only what is newer.</param>
    /// <returns>The events, each with its place in the ring.</returns>
    public IReadOnlyList<(long Id, TelemetryRecord<EventReport> Record)> Read(int max, long afterId = 0)
    {
        var events = new List<(long, TelemetryRecord<EventReport>)>();
        lock (_database.Gate)
        {
            _read.Parameters[0].Value = afterId;
            _read.Parameters[1].Value = max;
            using SqliteDataReader reader = _read.ExecuteReader();
            while (reader.Read())
            {
                try
                {
                    events.Add((reader.GetInt64(0), CborDecoder.Decode<TelemetryRecord<EventReport>>(reader.GetFieldValue<byte[]>(1))));
                }
                catch (WireFormatException) // one damaged row hides no other
                {
                }
            }
        }
        return events;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_database.Gate)
        {
            _insert.Dispose();
            _trim.Dispose();
            _read.Dispose();
        }
    }

    private void Log(TelemetryRecord<EventReport> record, byte[] payload)
    {
        _insert.Parameters[0].Value = payload;
        _insert.ExecuteNonQuery();
        _trim.ExecuteNonQuery();
    }

    private ArgumentValue Bounded(ArgumentValue value)
    {
        int max = _database.Limits.MaxEventTextLength;
        return value.Type switch
        {
            ArgumentType.Text when value.AsText().Length > max => WireText.Cut(value.AsText(), max),
            ArgumentType.Bytes when value.AsBytes().Length > max => value.AsBytes()[..max],
            ArgumentType.None => "",
            _ => value,
        };
    }
}
