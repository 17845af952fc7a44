using Microsoft.Data.Sqlite;
using SatNode.Protocol.Bundles;
using SatNode.Protocol.State;

namespace SatNode.Network.State;

/// <summary>Versioned states by key, in SQLite: a version only ever grows, what is full makes room by letting the least recently used go, and each
/// record's CRC-32C is checked when it is read. Safe for many threads.</summary>
public sealed class StateStore : IDisposable
{
    private readonly StateStoreOptions _options;
    private readonly SqliteConnection _connection;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Known>> _known = new(StringComparer.Ordinal);
    private readonly LinkedList<Known> _byUse = new(); // the least recently used first
    private long _bytes;

    private StateStore(StateStoreOptions options, SqliteConnection connection)
    {
        _options = options;
        _connection = connection;
    }

    private sealed record Known(string Key, ulong Version, ulong Origin, int Bytes);

    /// <summary>States in the store.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _known.Count;
        }
    }

    /// <summary>Bytes of states in the store.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    /// <summary>States let go to make room, since the start.</summary>
    public long Evicted { get; private set; }

    /// <summary>Records found damaged and removed since the start.</summary>
    public long Damaged { get; private set; }

    /// <summary>Opens the store; a file that is no database is replaced and counted as damaged.</summary>
    /// <exception cref="SqliteException">The file can't be opened or written.</exception>
    public static StateStore Open(StateStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.MaxBytes < 1 || options.MaxCount < 1)
            throw new ArgumentException($"state store: expected at least 1 byte and 1 state, found {options.MaxBytes} and {options.MaxCount}", nameof(options));
        try
        {
            return OpenOnce(options);
        }
        catch (SqliteException e) when (options.Path is not null && e.SqliteErrorCode is 11 or 26) // SQLITE_CORRUPT, SQLITE_NOTADB
        {
            foreach (string suffix in (string[])["", "-wal", "-shm"])
                File.Delete(options.Path + suffix);
            StateStore store = OpenOnce(options);
            store.Damaged++;
            return store;
        }
    }

    /// <summary>Stores a state unless the store has its version or a later one; completes when it is safe.</summary>
    public PutStatus Put(string key, ulong version, ulong origin, ReadOnlyMemory<byte> bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, StateLimits.MaxKeyLength, nameof(key));
        lock (_gate)
        {
            if (_known.TryGetValue(key, out LinkedListNode<Known>? node) && node.Value.Version >= version)
                return PutStatus.NotNewer;
            if (bytes.Length > Math.Min(_options.MaxBytes, StateLimits.MaxBytes))
                return PutStatus.Refused;
            try
            {
                using SqliteTransaction transaction = _connection.BeginTransaction();
                MakeRoom(key, bytes.Length);
                Run("INSERT OR REPLACE INTO state(key, version, origin, crc, data) VALUES($key, $version, $origin, $crc, $data)", ("$key", key),
                    ("$version", unchecked((long)version)), ("$origin", unchecked((long)origin)), ("$crc", (long)BundleCrc.Crc32C(bytes.Span)), ("$data", bytes.ToArray()));
                transaction.Commit();
            }
            catch (SqliteException) // disk full or failing: what the index let go is still on the medium and comes back with a restart
            {
                return PutStatus.Refused;
            }
            Forget(key);
            Learn(new(key, version, origin, bytes.Length));
            return PutStatus.Stored;
        }
    }

    /// <summary>The state of this key if it has at least this version; null otherwise, and for a damaged record, which is removed.</summary>
    public StateEntry? Get(string key, ulong minVersion = 0)
    {
        lock (_gate)
        {
            if (!_known.TryGetValue(key, out LinkedListNode<Known>? node) || node.Value.Version < minVersion)
                return null;
            _byUse.Remove(node);
            _byUse.AddLast(node);
            Known known = node.Value;
            try
            {
                using SqliteCommand command = Command("SELECT crc, data FROM state WHERE key = $key", ("$key", key));
                using SqliteDataReader reader = command.ExecuteReader();
                if (reader.Read() && !reader.IsDBNull(1))
                {
                    byte[] data = reader.GetFieldValue<byte[]>(1);
                    if (BundleCrc.Crc32C(data) == unchecked((uint)reader.GetInt64(0)))
                        return new(key, known.Version, known.Origin, data);
                }
            }
            catch (SqliteException)
            {
                // a page that can't be read is a damaged record like any other
            }
            Damaged++;
            Delete(key);
            return null;
        }
    }

    /// <summary>Removes a state.</summary>
    public void Remove(string key)
    {
        lock (_gate)
            Delete(key);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
            _connection.Dispose();
    }

    private static StateStore OpenOnce(StateStoreOptions options)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = options.Path ?? ":memory:", Pooling = false }.ToString());
        var store = new StateStore(options, connection);
        try
        {
            connection.Open();
            store.Run($"PRAGMA journal_mode=WAL; PRAGMA cache_size=-256; PRAGMA synchronous={(options.SurvivesPowerLoss ? "FULL" : "NORMAL")}");
            store.Run("""
                CREATE TABLE IF NOT EXISTS state(key TEXT PRIMARY KEY, version INTEGER NOT NULL, origin INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL)
                """);
            using SqliteCommand command = store.Command("SELECT key, version, origin, length(data) FROM state ORDER BY rowid");
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
                store.Learn(new(reader.GetString(0), unchecked((ulong)reader.GetInt64(1)), unchecked((ulong)reader.GetInt64(2)), reader.GetInt32(3)));
            return store;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void MakeRoom(string key, int bytes)
    {
        int replaced = _known.TryGetValue(key, out LinkedListNode<Known>? same) ? same.Value.Bytes : 0;
        while (_byUse.First is { } least
            && (_bytes - replaced + bytes > _options.MaxBytes || (same is null && _known.Count >= _options.MaxCount)))
        {
            LinkedListNode<Known>? victim = least == same ? least.Next : least;
            if (victim is null)
                return;
            Evicted++;
            Delete(victim.Value.Key);
        }
    }

    private void Delete(string key)
    {
        Forget(key);
        try
        {
            Run("DELETE FROM state WHERE key = $key", ("$key", key));
        }
        catch (SqliteException)
        {
            // the medium fails: the record is out of the index, which is what counts until the restart
        }
    }

    private void Learn(Known known)
    {
        _known[known.Key] = _byUse.AddLast(known);
        _bytes += known.Bytes;
    }

    private void Forget(string key)
    {
        if (!_known.Remove(key, out LinkedListNode<Known>? node))
            return;
        _byUse.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // constant text of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach ((string name, object value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }

    private void Run(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using SqliteCommand command = Command(sql, parameters);
        command.ExecuteNonQuery();
    }
}
