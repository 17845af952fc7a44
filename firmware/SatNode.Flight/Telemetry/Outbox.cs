using Microsoft.Data.Sqlite;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Telemetry;

/// <summary>One record that waits to be sent.</summary>
/// <param name="Id">What to acknowledge it by; rises.</param>
/// <param name="Stream">The stream, which gives the topic.</param>
/// <param name="Payload">The encoded <see cref="TelemetryRecord{T}"/>.</param>
public readonly record struct OutboxRecord(long Id, TelemetryStream Stream, byte[] Payload);

/// <summary>Telemetry that waits for a contact. Numbers the records of each stream since boot from 1 without gaps, keeps them in order on disk, and
/// forgets them when acknowledged. Bounded by <see cref="TelemetryLimits"/>: the oldest housekeeping goes first, everything dropped is counted and
/// told by <c>outbox.dropped</c>. Thread-safe.</summary>
public sealed class Outbox : IDisposable
{
    private const int Streams = (int)TelemetryStream.Profile + 1;
    private const long DropsBetweenEvents = 1000;

    private readonly FlightDatabase _database;
    private readonly TimeProvider _time;
    private readonly TelemetryLimits _limits;
    private readonly ulong[] _sequences = new ulong[Streams];
    private readonly int[] _counts = new int[Streams];
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _oldestOf;
    private readonly SqliteCommand _oldest;
    private readonly SqliteCommand _sizeOf;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _peek;
    private int _count;
    private long _bytes;
    private long _droppedAtEvent;

    /// <summary>Opens the outbox of a database.</summary>
    public Outbox(FlightDatabase database, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(time);
        _database = database;
        _time = time;
        _limits = database.Limits;
        _insert = database.Prepare("INSERT INTO outbox (stream, payload) VALUES ($1, $2)", 2);
        _oldestOf = database.Prepare("SELECT id, stream, length(payload) FROM outbox WHERE stream = $1 ORDER BY id LIMIT 1", 1);
        _oldest = database.Prepare("SELECT id, stream, length(payload) FROM outbox ORDER BY id LIMIT 1");
        _sizeOf = database.Prepare("SELECT id, stream, length(payload) FROM outbox WHERE id = $1", 1);
        _delete = database.Prepare("DELETE FROM outbox WHERE id = $1", 1);
        _peek = database.Prepare("SELECT id, stream, payload FROM outbox WHERE id > $1 ORDER BY id LIMIT $2", 2);
        using SqliteCommand count = database.Prepare("SELECT stream, count(*), sum(length(payload)) FROM outbox GROUP BY stream");
        using SqliteDataReader reader = count.ExecuteReader();
        while (reader.Read())
        {
            int records = reader.GetInt32(1);
            if (reader.GetInt32(0) is > 0 and < Streams and var stream)
                _counts[stream] = records;
            _count += records;
            _bytes += reader.GetInt64(2);
        }
    }

    /// <summary>The boot in which records are made now.</summary>
    public uint Boot => _database.Boot;

    /// <summary>Records that wait.</summary>
    public int Depth => Volatile.Read(ref _count);

    /// <summary>Records dropped since the start because a bound was reached.</summary>
    public long Dropped { get; private set; }

    /// <summary>Records lost since the start because the disk took no more.</summary>
    public long Lost { get; private set; }

    /// <summary>Where <c>outbox.dropped</c> is raised; the event log sets it.</summary>
    internal IEventSink? Events { get; set; }

    /// <summary>Stores a record; it is on disk when this returns true.</summary>
    /// <returns>False when the disk failed: the record is lost and counted, its number is given to the next one.</returns>
    public bool Record<T>(TelemetryStream stream, T body) where T : ICborMessage<T> => Record(stream, body, alongside: null) is not null;

    /// <summary>Numbers and encodes a record without storing it: for what may be lost, while there is contact.</summary>
    public byte[] Stamp<T>(TelemetryStream stream, T body) where T : ICborMessage<T>
    {
        lock (_database.Gate)
        {
            byte[] payload = Envelope(stream, body).Encode();
            _sequences[(int)stream]++;
            return payload;
        }
    }

    /// <summary>The oldest records, in the order in which they were made.</summary>
    /// <param name="max">How many at most, 1 or more.</param>
    /// <param name="afterId">Only what is newer than this: what is already under way.</param>
    public IReadOnlyList<OutboxRecord> Peek(int max, long afterId = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var records = new List<OutboxRecord>(Math.Min(max, Depth));
        lock (_database.Gate)
        {
            _peek.Parameters[0].Value = afterId;
            _peek.Parameters[1].Value = max;
            try
            {
                using SqliteDataReader reader = _peek.ExecuteReader();
                while (reader.Read())
                    records.Add(new(reader.GetInt64(0), (TelemetryStream)reader.GetInt32(1), reader.GetFieldValue<byte[]>(2)));
            }
            catch (SqliteException) // a torn page: what was read before it can still be sent
            {
            }
        }
        return records;
    }

    /// <summary>Forgets records that the ground has; unknown ids are ignored.</summary>
    /// <returns>False when the disk failed: they will be sent again, and the ground knows them by their identity.</returns>
    public bool Acknowledge(IReadOnlyList<long> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (_database.Gate)
        {
            Tally before = Save();
            bool written = _database.TryWrite((this, ids), static state =>
            {
                foreach (long id in state.ids)
                {
                    state.Item1._sizeOf.Parameters[0].Value = id;
                    state.Item1.DeleteFirst(state.Item1._sizeOf);
                }
            });
            if (!written)
                Restore(before);
            return written;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_database.Gate)
        {
            _insert.Dispose();
            _oldestOf.Dispose();
            _oldest.Dispose();
            _sizeOf.Dispose();
            _delete.Dispose();
            _peek.Dispose();
        }
    }

    /// <summary>Stores a record and, in the same transaction, what <paramref name="alongside"/> writes with it.</summary>
    /// <returns>The record, or null when the disk failed.</returns>
    internal TelemetryRecord<T>? Record<T>(TelemetryStream stream, T body, Action<TelemetryRecord<T>, byte[]>? alongside) where T : ICborMessage<T>
    {
        TelemetryRecord<T> record;
        lock (_database.Gate)
        {
            record = Envelope(stream, body);
            byte[] payload = record.Encode();
            Tally before = Save();
            long droppedBefore = Dropped;
            bool written = _database.TryWrite((this, stream, payload, record, alongside), static state =>
            {
                state.Item1.Insert(state.stream, state.payload);
                state.alongside?.Invoke(state.record, state.payload);
            });
            if (!written)
            {
                Restore(before);
                Dropped = droppedBefore;
                Lost++;
                return null;
            }
            _sequences[(int)stream] = record.Sequence;
        }
        TellDrops();
        return record;
    }

    private TelemetryRecord<T> Envelope<T>(TelemetryStream stream, T body) where T : ICborMessage<T> =>
        new(_database.Boot, _sequences[(int)stream] + 1, DtnTime.From(_time.GetUtcNow()), body);

    private void Insert(TelemetryStream stream, byte[] payload)
    {
        if (stream == TelemetryStream.Housekeeping && _counts[(int)stream] >= _limits.MaxHousekeeping)
            Drop();
        while (_count > 0 && (_count >= _limits.MaxRecords || _bytes + payload.Length > _limits.MaxPayloadBytes))
        {
            if (!Drop())
                break;
        }
        _insert.Parameters[0].Value = (int)stream;
        _insert.Parameters[1].Value = payload;
        _insert.ExecuteNonQuery();
        _counts[(int)stream]++;
        _count++;
        _bytes += payload.Length;
    }

    private bool Drop()
    {
        bool dropped;
        if (_counts[(int)TelemetryStream.Housekeeping] > 0)
        {
            _oldestOf.Parameters[0].Value = (int)TelemetryStream.Housekeeping;
            dropped = DeleteFirst(_oldestOf);
        }
        else
        {
            dropped = DeleteFirst(_oldest);
        }
        if (dropped)
            Dropped++;
        return dropped;
    }

    private bool DeleteFirst(SqliteCommand select)
    {
        long id;
        int stream;
        int length;
        using (SqliteDataReader reader = select.ExecuteReader())
        {
            if (!reader.Read())
                return false;
            id = reader.GetInt64(0);
            stream = reader.GetInt32(1);
            length = reader.GetInt32(2);
        }
        _delete.Parameters[0].Value = id;
        _delete.ExecuteNonQuery();
        if (stream is > 0 and < Streams)
            _counts[stream]--;
        _count--;
        _bytes -= length;
        return true;
    }

    private void TellDrops()
    {
        long records;
        lock (_database.Gate)
        {
            records = Dropped - _droppedAtEvent;
            bool isDue = records > 0 && (_droppedAtEvent == 0 || records >= DropsBetweenEvents);
            if (!isDue || Events is null)
                return;
            _droppedAtEvent = Dropped;
        }
        Events.Raise(Protocol.Dictionary.Events.OutboxDropped, records, Dropped);
    }

    private Tally Save() => new(_count, _bytes, _counts[(int)TelemetryStream.Housekeeping]);

    private void Restore(Tally tally)
    {
        _count = tally.Count;
        _bytes = tally.Bytes;
        _counts[(int)TelemetryStream.Housekeeping] = tally.Housekeeping;
    }

    private readonly record struct Tally(int Count, long Bytes, int Housekeeping);
}
