using System.Globalization;
using Microsoft.Data.Sqlite;

namespace SatNode.Flight.Telemetry;

/// <summary>The one file that survives power loss: outbox, event log, replay windows and the boot counter. SQLite, WAL, synchronous=FULL: what a
/// committed transaction wrote is there after SIGKILL and after a power cut. Opening counts a boot. Thread-safe: one transaction at a time.
/// <para>A damaged file is moved aside (name plus <c>.damaged</c>, the newest kept) and a new one started. The boot counter lives a second time in a
/// small file beside it, so that boots are never counted anew and no two records ever share an identity.</para></summary>
public sealed class FlightDatabase : IDisposable
{
    private const int SchemaVersion = 1;
    private const int PageBytes = 4096;
    private const int ErrorCorrupt = 11;
    private const int ErrorNotADatabase = 26;

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT NULL, payload BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS outbox_stream ON outbox (stream, id);
        CREATE TABLE IF NOT EXISTS event_log (id INTEGER PRIMARY KEY AUTOINCREMENT, payload BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS replay (key_id BLOB PRIMARY KEY, highest INTEGER NOT NULL, bitmap INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS accepted (id INTEGER PRIMARY KEY AUTOINCREMENT, key_id BLOB NOT NULL, sequence INTEGER NOT NULL, command TEXT NOT NULL);
        """;

    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private bool _disposed;

    private FlightDatabase(SqliteConnection connection, TelemetryLimits limits)
    {
        Connection = connection;
        Limits = limits;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
    }

    /// <summary>Counts the boots of this node, from 1; this one's number.</summary>
    public uint Boot { get; private set; }

    /// <summary>Where a damaged file was moved to while opening, or null.</summary>
    public string? SetAside { get; private set; }

    /// <summary>Transactions that failed since the start: disk full, input or output errors.</summary>
    public long WriteFailures { get; private set; }

    /// <summary>The last failure for people, or empty.</summary>
    public string LastFailure { get; private set; } = "";

    internal SqliteConnection Connection { get; }

    internal TelemetryLimits Limits { get; }

    internal Lock Gate { get; } = new();

    /// <summary>Opens or creates the file and counts a boot.</summary>
    /// <param name="path">The file; its folder is created.</param>
    /// <param name="limits">The bounds; null takes the defaults.</param>
    /// <exception cref="IOException">The folder cannot be made or a damaged file not be moved.</exception>
    /// <exception cref="SqliteException">The file cannot be opened although it is not damaged: no rights, no file handles.</exception>
    public static FlightDatabase Open(string path, TelemetryLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        string? setAside = null;
        FlightDatabase database;
        try
        {
            database = OpenChecked(full, limits ?? new());
        }
        catch (SqliteException e) when (e.SqliteErrorCode is ErrorCorrupt or ErrorNotADatabase)
        {
            setAside = MoveAside(full);
            database = OpenChecked(full, limits ?? new());
        }
        database.SetAside = setAside;
        database.CountBoot(full + ".boot");
        return database;
    }

    /// <summary>Runs one transaction; what it wrote is durable when this returns true. False: nothing was written, and the failure is counted.</summary>
    internal bool TryWrite<TState>(TState state, Action<TState> write)
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            try
            {
                _begin.ExecuteNonQuery();
                write(state);
                _commit.ExecuteNonQuery();
                return true;
            }
            catch (SqliteException e) // the disk's: full, torn, away; the agent goes on without
            {
                WriteFailures++;
                LastFailure = e.Message;
                TryRollBack();
                return false;
            }
        }
    }

    /// <summary>Prepares a command with parameters <c>$1</c>, <c>$2</c> and so on.</summary>
    internal SqliteCommand Prepare(string sql, int parameters = 0)
    {
        SqliteCommand command = Connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant of this assembly
        command.CommandText = sql;
#pragma warning restore CA2100
        for (int i = 1; i <= parameters; i++)
            command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
        return command;
    }

    /// <summary>A number of the meta table, or null. The caller holds the gate or is alone.</summary>
    internal long? ReadMeta(string name)
    {
        using SqliteCommand command = Prepare("SELECT value FROM meta WHERE name = $1", 1);
        command.Parameters[0].Value = name;
        return command.ExecuteScalar() as long?;
    }

    /// <summary>Writes a number to the meta table, within a transaction.</summary>
    internal void WriteMeta(string name, long value)
    {
        using SqliteCommand command = Prepare("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2", 2);
        command.Parameters[0].Value = name;
        command.Parameters[1].Value = value;
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (Gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            _begin.Dispose();
            _commit.Dispose();
            _rollback.Dispose();
            Connection.Dispose();
        }
    }

    private static FlightDatabase OpenChecked(string path, TelemetryLimits limits)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(connection, "PRAGMA synchronous = FULL");
            Execute(connection, "PRAGMA cache_size = -256"); // KiB: a board has better uses for 2 MB
            Execute(connection, "PRAGMA journal_size_limit = 4194304");
            Execute(connection, $"PRAGMA max_page_count = {Math.Max(16, limits.MaxFileBytes / PageBytes)}");
            long version = (long)Execute(connection, "PRAGMA user_version")!;
            if (version is not (0 or SchemaVersion))
                throw new SqliteException($"expected schema version {SchemaVersion}, found {version}", ErrorNotADatabase);
            if (Execute(connection, "PRAGMA quick_check(1)") is not "ok")
                throw new SqliteException("the quick check found damage", ErrorCorrupt);
            if (version == 0)
            {
                Execute(connection, Schema);
                Execute(connection, $"PRAGMA user_version = {SchemaVersion}");
            }
            return new(connection, limits);
        }
        catch (SqliteException)
        {
            connection.Dispose();
            throw;
        }
    }

    private static object? Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // constants and numbers
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    private static string MoveAside(string path)
    {
        string aside = path + ".damaged";
        foreach (string suffix in (ReadOnlySpan<string>)["", "-wal", "-shm"])
        {
            if (File.Exists(path + suffix))
                File.Move(path + suffix, aside + suffix, overwrite: true);
        }
        return aside;
    }

    private void CountBoot(string besidePath)
    {
        long beside = ReadBeside(besidePath);
        long next = Math.Min(uint.MaxValue, Math.Max(ReadMeta("boot") ?? 0, beside) + 1);
        Boot = (uint)next;
        try
        {
            string temporary = besidePath + ".new";
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(System.Text.Encoding.ASCII.GetBytes(next.ToString(CultureInfo.InvariantCulture)));
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, besidePath, overwrite: true);
        }
        catch (IOException e) // a full disk: the number in the database alone must do
        {
            WriteFailures++;
            LastFailure = e.Message;
        }
        TryWrite((this, next), static state => state.Item1.WriteMeta("boot", state.next));
    }

    private static long ReadBeside(string path)
    {
        try
        {
            return File.Exists(path) && uint.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out uint boot) ? boot : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private void TryRollBack()
    {
        try
        {
            _rollback.ExecuteNonQuery();
        }
        catch (SqliteException) // a full disk has rolled back already
        {
        }
    }
}
