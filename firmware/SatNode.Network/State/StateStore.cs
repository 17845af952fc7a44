using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SatNode.Protocol.Bundles;
using SatNode.Protocol.State;

namespace SatNode.Network.State;

/// <summary>Versioned states by key, in SQLite: a version only ever grows, what is full makes room by letting the least recently used go, except what
/// somebody owns, and each record's CRC-32C is checked when it is read. Safe for many threads.</summary>
public sealed class StateStore : IDisposable
{
    private const string OwnedPrefix = "fn/";
    private const string SharedPrefix = "sh/";
    private const string ServicePrefix = "sv/";

    private readonly StateStoreOptions _options;
    private readonly SqliteConnection _connection;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Known>> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _owned = new(StringComparer.Ordinal);
    private readonly LinkedList<Known> _byUse = new(); // the least recently used first
    private long _bytes;
    private long _stamps;

    private StateStore(StateStoreOptions options, SqliteConnection connection)
    {
        _options = options;
        _connection = connection;
    }

    private sealed record Known(string Key, ulong Version, ulong Origin, int Bytes)
    {
        public long Stamp { get; init; }
    }

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

    /// <summary>Values read from the medium since the start.</summary>
    public long Reads { get; private set; }

    /// <summary>Transactions that wrote something, since the start.</summary>
    public long Writes { get; private set; }

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
                if (!TryMakeRoom(bytes.Length - (node?.Value.Bytes ?? 0), node is null ? 1 : 0, [new(key, version, origin, bytes)]))
                    return PutStatus.Refused;
                Insert(key, version, origin, bytes);
                transaction.Commit();
                Writes++;
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
            Reads++;
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

    /// <summary>Length in bytes and version of a state, without reading it; −1 and 0 when there is none.</summary>
    public (int Length, ulong Version) Describe(string key)
    {
        lock (_gate)
            return _known.TryGetValue(key, out LinkedListNode<Known>? node) ? (node.Value.Bytes, node.Value.Version) : (-1, 0);
    }

    /// <summary>Length in bytes and stamp of a state, without reading it; −1 and 0 when there is none. No two writes since the start have the same stamp, also where a key that was removed
    /// comes back with its old version.</summary>
    public (int Length, long Stamp) Look(string key)
    {
        lock (_gate)
            return _known.TryGetValue(key, out LinkedListNode<Known>? node) ? (node.Value.Bytes, node.Value.Stamp) : (-1, 0);
    }

    /// <summary>The keys that begin with a prefix, in ordinal order.</summary>
    public IReadOnlyList<string> List(string prefix, int max)
    {
        lock (_gate)
            return [.. _known.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(max)];
    }

    /// <summary>What an owner keeps, its own and what it shares: bytes of its values and characters of its keys.</summary>
    /// <param name="owner">What <see cref="OwnedKey"/> was given.</param>
    public long BytesOf(string owner)
    {
        lock (_gate)
            return _owned.GetValueOrDefault(owner);
    }

    /// <summary>The key under which an owner's state stands. Owned states are never let go to make room.</summary>
    /// <param name="owner">Without a slash.</param>
    /// <param name="key">The owner's own key.</param>
    public static string OwnedKey(string owner, string key) => $"{OwnedPrefix}{owner}/{key}";

    /// <summary>The key under which a state stands that an owner shares with other nodes. It counts as the owner's, other nodes may read and write it, and it goes like any other when
    /// there is no room.</summary>
    /// <param name="owner">Without a slash.</param>
    /// <param name="key">The owner's own key.</param>
    public static string SharedKey(string owner, string key) => $"{SharedPrefix}{owner}/{key}";

    /// <summary>The key under which a service of the node keeps something for an owner: objects, a queue, memories. It counts as the owner's and goes with it, is no key of its own, and
    /// is never let go to make room.</summary>
    /// <param name="owner">Without a slash.</param>
    /// <param name="key">The service's key.</param>
    public static string ServiceKey(string owner, string key) => $"{ServicePrefix}{owner}/{key}";

    /// <summary>Whether other nodes may read and write a key: all but what is an owner's own.</summary>
    public static bool IsOpenToOthers(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return !IsKept(key);
    }

    /// <summary>The owner and the owner's own key of what it shares; null for any other key.</summary>
    public static (string Owner, string Key)? SharedBy(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.StartsWith(SharedPrefix, StringComparison.Ordinal) && key.IndexOf('/', SharedPrefix.Length) is > 0 and int slash
            ? (key[SharedPrefix.Length..slash], key[(slash + 1)..]) : null;
    }

    /// <summary>Removes all that an owner keeps, as one.</summary>
    /// <returns>How many states that were; 0 when the disk refused.</returns>
    public int RemoveOwned(string owner)
    {
        lock (_gate)
        {
            IReadOnlyList<string> keys = [.. List(OwnedKey(owner, ""), int.MaxValue), .. List(SharedKey(owner, ""), int.MaxValue), .. List(ServiceKey(owner, ""), int.MaxValue)];
            return Apply([.. keys.Select(key => new StateWrite(key, 0, 0, null))]) == ApplyStatus.Applied ? keys.Count : 0;
        }
    }

    /// <summary>Makes several changes as one: all of them or none, on disk when it returns. A version that is not greater than what the store has becomes one more than that.</summary>
    public ApplyStatus Apply(IReadOnlyList<StateWrite> writes)
    {
        ArgumentNullException.ThrowIfNull(writes);
        lock (_gate)
        {
            foreach (StateWrite write in writes)
            {
                if (write.Key.Length is < 1 or > StateLimits.MaxKeyLength || write.Bytes?.Length > Math.Min(_options.MaxBytes, StateLimits.MaxBytes))
                    return ApplyStatus.Refused;
                if (write.Expected is { } expected && (_known.TryGetValue(write.Key, out LinkedListNode<Known>? node) ? node.Value.Version : 0) != expected)
                    return ApplyStatus.Conflict;
            }
            List<Known> learnt = [];
            try
            {
                using SqliteTransaction transaction = _connection.BeginTransaction();
                long growth = 0;
                int more = 0;
                foreach (StateWrite write in writes)
                {
                    bool isThere = _known.TryGetValue(write.Key, out LinkedListNode<Known>? node);
                    growth += (write.Bytes?.Length ?? 0) - (isThere ? node!.Value.Bytes : 0);
                    more += (write.Bytes is null ? 0 : 1) - (isThere ? 1 : 0);
                    if (write.Bytes is not { } bytes)
                    {
                        Run("DELETE FROM state WHERE key = $key", ("$key", write.Key));
                        continue;
                    }
                    ulong version = isThere && node!.Value.Version >= write.Version ? node.Value.Version + 1 : write.Version;
                    Insert(write.Key, version, write.Origin, bytes);
                    learnt.Add(new(write.Key, version, write.Origin, bytes.Length));
                }
                if (!TryMakeRoom(growth, more, writes))
                    return ApplyStatus.Refused;
                transaction.Commit();
                Writes++;
            }
            catch (SqliteException)
            {
                return ApplyStatus.Refused;
            }
            foreach (StateWrite write in writes)
                Forget(write.Key);
            foreach (Known known in learnt)
            {
                Forget(known.Key); // a key that was written twice
                Learn(known);
            }
            return ApplyStatus.Applied;
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

    private void Insert(string key, ulong version, ulong origin, ReadOnlyMemory<byte> bytes) =>
        Run("INSERT OR REPLACE INTO state(key, version, origin, crc, data) VALUES($key, $version, $origin, $crc, $data)", ("$key", key),
            ("$version", unchecked((long)version)), ("$origin", unchecked((long)origin)), ("$crc", (long)BundleCrc.Crc32C(bytes.Span)), ("$data", ArrayOf(bytes)));

    private static byte[] ArrayOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> part) && part.Offset == 0 && part.Count == part.Array!.Length ? part.Array : bytes.ToArray();

    /// <summary>Lets the least recently used go until there is room; never what is being written, nor what is kept for somebody. Where that is not enough, nothing goes.</summary>
    private bool TryMakeRoom(long growth, int more, IReadOnlyList<StateWrite> written)
    {
        long bytes = _bytes + growth - _options.MaxBytes;
        int count = _known.Count + more - _options.MaxCount;
        List<string> victims = [];
        for (LinkedListNode<Known>? least = _byUse.First; (bytes > 0 || count > 0) && least is not null; least = least.Next)
        {
            Known known = least.Value;
            if (IsKept(known.Key) || written.Any(write => string.Equals(write.Key, known.Key, StringComparison.Ordinal)))
                continue;
            victims.Add(known.Key);
            bytes -= known.Bytes;
            count--;
        }
        if ((bytes > 0 && growth > 0) || (count > 0 && more > 0))
            return false;
        foreach (string victim in victims)
        {
            Evicted++;
            Delete(victim);
        }
        return true;
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
        _known[known.Key] = _byUse.AddLast(known with { Stamp = ++_stamps });
        _bytes += known.Bytes;
        CountOwned(known, 1);
    }

    private void Forget(string key)
    {
        if (!_known.Remove(key, out LinkedListNode<Known>? node))
            return;
        _byUse.Remove(node);
        _bytes -= node.Value.Bytes;
        CountOwned(node.Value, -1);
    }

    private static bool IsKept(string key) => key.StartsWith(OwnedPrefix, StringComparison.Ordinal) || key.StartsWith(ServicePrefix, StringComparison.Ordinal);

    private void CountOwned(Known known, int sign)
    {
        if (!IsKept(known.Key) && !known.Key.StartsWith(SharedPrefix, StringComparison.Ordinal))
            return;
        int slash = known.Key.IndexOf('/', OwnedPrefix.Length); // all prefixes are as long
        if (slash < 0)
            return;
        string owner = known.Key[OwnedPrefix.Length..slash];
        long bytes = _owned.GetValueOrDefault(owner) + (sign * (long)(known.Bytes + known.Key.Length - slash - 1));
        if (bytes == 0)
            _owned.Remove(owner);
        else
            _owned[owner] = bytes;
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
