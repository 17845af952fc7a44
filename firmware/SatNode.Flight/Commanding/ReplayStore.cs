using Microsoft.Data.Sqlite;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Commanding;

/// <summary>What the replay window says of a command.</summary>
internal enum ReplayCheck
{
    /// <summary>Seen before, or older than the window.</summary>
    Replayed = 0,

    /// <summary>The very command that was taken before, delivered again; the first delivery's reports stand.</summary>
    Duplicate,

    /// <summary>The disk did not take the new window, so the command must not be obeyed.</summary>
    NotRecorded,

    /// <summary>Fresh, and the window on disk knows it now.</summary>
    Taken,
}

/// <summary>The replay windows of all keys, on disk before anything is obeyed, so that a power loss never reopens one.</summary>
internal sealed class ReplayStore : IDisposable
{
    /// <summary>Taken commands remembered by id, to tell a second delivery from a replay: some queues' worth.</summary>
    private const int MaxRemembered = 256;

    private const string FloorName = "replay_floor_ms";

    private readonly FlightDatabase _database;
    private readonly SqliteCommand _select;
    private readonly SqliteCommand _upsert;
    private readonly SqliteCommand _remembered;
    private readonly SqliteCommand _remember;
    private readonly SqliteCommand _forget;
    private readonly ulong _floorMilliseconds;

    public ReplayStore(FlightDatabase database, TimeProvider time)
    {
        _database = database;
        _select = database.Prepare("SELECT highest, bitmap FROM replay WHERE key_id = $1", 1);
        _upsert = database.Prepare(
            "INSERT INTO replay (key_id, highest, bitmap) VALUES ($1, $2, $3) ON CONFLICT (key_id) DO UPDATE SET highest = $2, bitmap = $3", 3);
        _remembered = database.Prepare("SELECT count(*) FROM accepted WHERE key_id = $1 AND sequence = $2 AND command = $3", 3);
        _remember = database.Prepare("INSERT INTO accepted (key_id, sequence, command) VALUES ($1, $2, $3)", 3);
        _forget = database.Prepare($"DELETE FROM accepted WHERE id <= (SELECT max(id) FROM accepted) - {MaxRemembered}");
        lock (database.Gate)
        {
            if (database.SetAside is not null)
                database.TryWrite((database, DtnTime.From(time.GetUtcNow())), static state => state.database.WriteMeta(FloorName, (long)state.Item2.Milliseconds));
            _floorMilliseconds = (ulong)(database.ReadMeta(FloorName) ?? 0);
        }
    }

    /// <summary>Checks a sequence number and, when it is fresh, records it.</summary>
    public ReplayCheck TryTake(byte[] keyId, ulong sequence, string commandId, DtnTime notBefore)
    {
        if (notBefore.Milliseconds < _floorMilliseconds) // from before a damaged file was replaced: what was seen then is not known any more
            return ReplayCheck.Replayed;
        lock (_database.Gate)
        {
            ReplayWindow window;
            try
            {
                window = Read(keyId);
                if (!window.IsFresh(sequence))
                    return IsRemembered(keyId, sequence, commandId) ? ReplayCheck.Duplicate : ReplayCheck.Replayed;
            }
            catch (SqliteException) // a window that cannot be read protects nothing
            {
                return ReplayCheck.NotRecorded;
            }
            bool written = _database.TryWrite((this, keyId, sequence, commandId, window.With(sequence)), static state =>
            {
                (ReplayStore store, byte[] key, ulong number, string id, ReplayWindow next) = state;
                store._upsert.Parameters[0].Value = key;
                store._upsert.Parameters[1].Value = (long)next.Highest;
                store._upsert.Parameters[2].Value = unchecked((long)next.Bitmap);
                store._upsert.ExecuteNonQuery();
                store._remember.Parameters[0].Value = key;
                store._remember.Parameters[1].Value = (long)number;
                store._remember.Parameters[2].Value = id;
                store._remember.ExecuteNonQuery();
                store._forget.ExecuteNonQuery();
            });
            return written ? ReplayCheck.Taken : ReplayCheck.NotRecorded;
        }
    }

    public void Dispose()
    {
        lock (_database.Gate)
        {
            _select.Dispose();
            _upsert.Dispose();
            _remembered.Dispose();
            _remember.Dispose();
            _forget.Dispose();
        }
    }

    private ReplayWindow Read(byte[] keyId)
    {
        _select.Parameters[0].Value = keyId;
        using SqliteDataReader reader = _select.ExecuteReader();
        return reader.Read() ? new((ulong)reader.GetInt64(0), unchecked((ulong)reader.GetInt64(1))) : default;
    }

    private bool IsRemembered(byte[] keyId, ulong sequence, string commandId)
    {
        _remembered.Parameters[0].Value = keyId;
        _remembered.Parameters[1].Value = (long)sequence;
        _remembered.Parameters[2].Value = commandId;
        return (long)_remembered.ExecuteScalar()! > 0;
    }
}
