using Microsoft.Data.Sqlite;
using SatNode.Protocol.Bundles;

namespace SatNode.Network.Store;

/// <summary>A record as it was read; its data is null when the checksum differs.</summary>
internal readonly record struct BundleRecord(long Row, ulong ReceivedMs, bool IsOwn, byte[]? Data);

/// <summary>The file under the <see cref="BundleStore"/>: one connection for the writing thread, one for readers.</summary>
internal sealed class BundleDatabase : IAsyncDisposable
{
    private const int SqliteCorrupt = 11;
    private const int SqliteNotADatabase = 26;

    private readonly SqliteConnection _writer;
    private readonly SqliteConnection _reader;
    private readonly Lock _readGate = new();
    private readonly object _gate = new(); // Monitor: the writing thread waits on it
    private readonly Queue<Operation> _operations = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BundleInsert _insert;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _see;
    private readonly SqliteCommand _forget;
    private Thread? _thread;
    private bool _closing;

    private BundleDatabase(SqliteConnection writer, SqliteConnection reader)
    {
        _writer = writer;
        _reader = reader;
        _insert = new(writer);
        _delete = Prepare("DELETE FROM bundle WHERE row = $row", "$row");
        _see = Prepare("INSERT OR IGNORE INTO seen(key) VALUES($key)", "$key");
        _forget = Prepare("DELETE FROM seen WHERE key = $key", "$key");
    }

    private readonly record struct Operation(long Row, ReadOnlyMemory<byte>? Data, ulong ReceivedMs, bool IsOwn, string? Seen, string? Forgotten, TaskCompletionSource<bool>? Done);

    public static BundleDatabase Open(BundleStoreOptions options, out bool replaced)
    {
        replaced = false;
        try
        {
            return OpenOnce(options);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is SqliteCorrupt or SqliteNotADatabase)
        {
            // A file that can't be read would stop the node at every start: what it held is lost either way.
            replaced = true;
            foreach (string suffix in (string[])["", "-wal", "-shm"])
                File.Delete(options.Path + suffix);
            return OpenOnce(options);
        }
    }

    public void Start()
    {
        _thread = new Thread(Work) { IsBackground = true, Name = "bundle store" };
        _thread.Start();
    }

    /// <summary>Puts a bundle into the next commit; its bytes must not change until that is done.</summary>
    /// <returns>Whether it is safe.</returns>
    public Task<bool> Insert(long row, ReadOnlyMemory<byte> data, ulong receivedMs, bool isOwn, string? seen, string? forgotten)
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new(row, data, receivedMs, isOwn, seen, forgotten, done));
        return done.Task;
    }

    public void Delete(long row) => Post(new(row, null, 0, IsOwn: false, null, null, null));

    public byte[]? Read(long row)
    {
        lock (_readGate)
        {
            using SqliteCommand command = _reader.CreateCommand();
            command.CommandText = "SELECT crc, data FROM bundle WHERE row = $row";
            command.Parameters.AddWithValue("$row", row);
            try
            {
                using SqliteDataReader reader = command.ExecuteReader();
                return reader.Read() ? Checked(reader, 0) : null;
            }
            catch (SqliteException) // a page that can't be read is a damaged record like any other
            {
                return null;
            }
        }
    }

    public IEnumerable<BundleRecord> ReadAll()
    {
        using SqliteCommand command = _reader.CreateCommand();
        command.CommandText = "SELECT row, received, own, crc, data FROM bundle ORDER BY row";
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
            yield return new(reader.GetInt64(0), unchecked((ulong)reader.GetInt64(1)), reader.GetInt64(2) != 0, Checked(reader, 3));
    }

    public IEnumerable<string> ReadSeen()
    {
        using SqliteCommand command = _reader.CreateCommand();
        command.CommandText = "SELECT key FROM seen ORDER BY row";
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
            yield return reader.GetString(0);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closing)
                return;
            _closing = true;
            Monitor.PulseAll(_gate);
        }
        if (_thread is not null)
            await _ended.Task;
        foreach (SqliteCommand command in (SqliteCommand[])[_delete, _see, _forget])
            await command.DisposeAsync();
        _insert.Dispose();
        await _reader.DisposeAsync();
        await _writer.DisposeAsync();
    }

    private static byte[]? Checked(SqliteDataReader reader, int column)
    {
        if (reader.IsDBNull(column) || reader.IsDBNull(column + 1))
            return null;
        byte[] data = reader.GetFieldValue<byte[]>(column + 1);
        return BundleCrc.Crc32C(data) == unchecked((uint)reader.GetInt64(column)) ? data : null;
    }

    private static BundleDatabase OpenOnce(BundleStoreOptions options)
    {
        var text = new SqliteConnectionStringBuilder { DataSource = options.Path, Pooling = false }.ToString();
        var writer = new SqliteConnection(text);
        var reader = new SqliteConnection(text);
        try
        {
            writer.Open();
            Execute(writer, $"PRAGMA journal_mode=WAL; PRAGMA cache_size=-256; PRAGMA synchronous={(options.SurvivesPowerLoss ? "FULL" : "NORMAL")}");
            Execute(writer, """
                CREATE TABLE IF NOT EXISTS bundle(row INTEGER PRIMARY KEY, received INTEGER NOT NULL, own INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL);
                CREATE TABLE IF NOT EXISTS seen(row INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE);
                """);
            reader.Open();
            return new(writer, reader);
        }
        catch
        {
            reader.Dispose();
            writer.Dispose();
            throw;
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // constant text of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql, params string[] parameters)
    {
        SqliteCommand command = _writer.CreateCommand();
#pragma warning disable CA2100 // constant text of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (string name in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = name, Value = 0 });
        return command;
    }

    private void Post(Operation operation)
    {
        lock (_gate)
        {
            if (!_closing)
            {
                _operations.Enqueue(operation);
                if (_operations.Count == 1)
                    Monitor.Pulse(_gate);
                return;
            }
        }
        operation.Done?.SetResult(false);
    }

    private void Work()
    {
        var batch = new List<Operation>(BundleStoreLimits.MaxBatch);
        while (true)
        {
            lock (_gate)
            {
                while (_operations.Count == 0 && !_closing)
                    Monitor.Wait(_gate);
                if (_operations.Count == 0)
                    break;
                while (batch.Count < BundleStoreLimits.MaxBatch && _operations.TryDequeue(out Operation next))
                    batch.Add(next);
            }
            bool safe = Commit(batch);
            foreach (Operation operation in batch)
                operation.Done?.SetResult(safe);
            batch.Clear();
        }
        _ended.SetResult();
    }

    private bool Commit(List<Operation> batch)
    {
        try
        {
            using SqliteTransaction transaction = _writer.BeginTransaction();
            foreach (SqliteCommand command in (ReadOnlySpan<SqliteCommand>)[_delete, _see, _forget])
                command.Transaction = transaction;
            foreach (Operation operation in batch)
                Apply(operation);
            transaction.Commit();
            return true;
        }
        catch (SqliteException) // disk full or failing: the bundles of this batch are refused and stay with their senders
        {
            return false;
        }
    }

    private void Apply(in Operation operation)
    {
        if (operation.Data is not { } data)
        {
            _delete.Parameters[0].Value = operation.Row;
            _delete.ExecuteNonQuery();
            return;
        }
        _insert.Execute(operation.Row, operation.ReceivedMs, operation.IsOwn, data.Span);
        if (operation.Seen is { } seen)
        {
            _see.Parameters[0].Value = seen;
            _see.ExecuteNonQuery();
        }
        if (operation.Forgotten is { } forgotten)
        {
            _forget.Parameters[0].Value = forgotten;
            _forget.ExecuteNonQuery();
        }
    }
}
