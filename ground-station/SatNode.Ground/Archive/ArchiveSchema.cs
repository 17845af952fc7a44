using Microsoft.Data.Sqlite;

namespace SatNode.Ground.Archive;

/// <summary>The archive's tables. Times are DTN time in ms. A record's raw payload is kept, so that nothing is lost that this version cannot read.</summary>
internal static class ArchiveSchema
{
    /// <summary>The version of the tables.</summary>
    public const int Version = 5;

    private const string Tables = """
        CREATE TABLE record (
          id INTEGER PRIMARY KEY AUTOINCREMENT, node TEXT NOT NULL, stream INTEGER NOT NULL, boot INTEGER NOT NULL, sequence INTEGER NOT NULL,
          time INTEGER NOT NULL, received INTEGER NOT NULL, kind INTEGER NOT NULL, severity INTEGER NOT NULL, payload BLOB NOT NULL,
          UNIQUE (node, stream, boot, sequence));
        CREATE TABLE sample (
          node TEXT NOT NULL, parameter INTEGER NOT NULL, time INTEGER NOT NULL, boot INTEGER NOT NULL, sequence INTEGER NOT NULL,
          received INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (node, parameter, time, boot, sequence)) WITHOUT ROWID;
        CREATE TABLE invocation (
          record INTEGER PRIMARY KEY REFERENCES record (id), function TEXT NOT NULL, workflow TEXT NOT NULL, run TEXT NOT NULL, ended INTEGER NOT NULL);
        CREATE INDEX invocation_function ON invocation (function, ended);
        CREATE INDEX invocation_run ON invocation (run);
        CREATE TABLE reject (
          id INTEGER PRIMARY KEY AUTOINCREMENT, node TEXT NOT NULL, topic TEXT NOT NULL, received INTEGER NOT NULL, fault TEXT NOT NULL, payload BLOB NOT NULL);
        CREATE TABLE command (
          ordinal INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, node TEXT NOT NULL, name TEXT NOT NULL, arguments BLOB NOT NULL,
          state INTEGER NOT NULL, queued INTEGER NOT NULL, expiry INTEGER NOT NULL, sequence INTEGER, signed BLOB, releases INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX command_open ON command (node, state);
        CREATE TABLE command_stage (
          id INTEGER PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL, state INTEGER NOT NULL, time INTEGER NOT NULL, received INTEGER NOT NULL,
          reason INTEGER NOT NULL, detail TEXT NOT NULL);
        CREATE INDEX command_stage_command ON command_stage (command);
        CREATE TABLE command_sequence (key_id TEXT NOT NULL, node TEXT NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (key_id, node)) WITHOUT ROWID;
        CREATE TABLE schema_version (version INTEGER NOT NULL);
        INSERT INTO schema_version VALUES (1);
        """;

    /// <summary>From version 1: the function and the image that a command is about; older commands stay without.</summary>
    private const string ToVersion2 = """
        ALTER TABLE command ADD COLUMN function TEXT;
        ALTER TABLE command ADD COLUMN image TEXT;
        CREATE INDEX command_function ON command (function, name, node);
        CREATE INDEX command_on_its_way ON command (name, node) WHERE state IN (1, 2, 4, 5, 6);
        INSERT INTO schema_version VALUES (2);
        """;

    /// <summary>From version 2: the boot in which a satellite accepted a command.</summary>
    private const string ToVersion3 = """
        ALTER TABLE command ADD COLUMN boot INTEGER;
        INSERT INTO schema_version VALUES (3);
        """;

    /// <summary>From version 3: the deploy that a command delivers the image for, by its ordinal, and whether a deploy waits for its image. A deploy had its whole module as an argument:
    /// its image takes the place of that, and one that still waits fails, because no satellite takes it any more.</summary>
    private const string ToVersion4 = """
        INSERT INTO command_stage (command, state, time, received, reason, detail)
          SELECT id, 8, queued, queued, 3, 'it carried its module, which is delivered as an image now; deploy the function again' FROM command WHERE name = 'function.deploy' AND state <= 2;
        UPDATE command SET state = CASE WHEN state <= 2 THEN 8 ELSE state END, signed = NULL,
          arguments = CASE WHEN length(image) = 71 THEN CAST(x'a165696d6167657847' || image AS BLOB) ELSE x'a0' END WHERE name = 'function.deploy'; -- CBOR: {"image": image}
        ALTER TABLE command ADD COLUMN parent INTEGER;
        ALTER TABLE command ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX command_parent ON command (parent) WHERE parent IS NOT NULL;
        CREATE INDEX command_held ON command (node, function) WHERE held = 1;
        INSERT INTO schema_version VALUES (4);
        """;

    /// <summary>From version 4: what is asked many times a second, or with each scrape of the metrics, is found without reading the commands that delivered images, 64 and more for
    /// each deploy.</summary>
    private const string ToVersion5 = """
        CREATE INDEX command_waiting ON command (node, expiry) WHERE state <= 2;
        CREATE INDEX command_told ON command (node, state) WHERE parent IS NULL;
        INSERT INTO schema_version VALUES (5);
        """;

    /// <summary>Prepares a connection for writing, and makes the tables in a new file.</summary>
    /// <exception cref="InvalidDataException">The file is of a newer version.</exception>
    public static void Prepare(SqliteConnection connection)
    {
        connection.Run("PRAGMA journal_mode = WAL");
        connection.Run("PRAGMA synchronous = FULL"); // what is acknowledged to a satellite is deleted there
        connection.Run("PRAGMA busy_timeout = 5000");
        if (connection.Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'") == 0)
        {
            connection.Run("BEGIN IMMEDIATE");
            connection.Run(Tables);
            connection.Run("COMMIT");
        }
        Upgrade(connection, from: 1, ToVersion2);
        Upgrade(connection, from: 2, ToVersion3);
        Upgrade(connection, from: 3, ToVersion4);
        Upgrade(connection, from: 4, ToVersion5);
        long found = connection.Scalar("SELECT max(version) FROM schema_version");
        if (found != Version)
            throw new InvalidDataException($"{connection.DataSource}: expected archive version {Version}, found {found}; use the release that wrote it");
    }

    private static void Upgrade(SqliteConnection connection, long from, string statements)
    {
        if (connection.Scalar("SELECT max(version) FROM schema_version") != from)
            return;
        connection.Run("BEGIN IMMEDIATE");
        connection.Run(statements);
        connection.Run("COMMIT");
    }
}

/// <summary>Short ways to run SQL.</summary>
internal static class SqliteExtensions
{
    /// <summary>Runs a statement and returns how many rows it changed.</summary>
    public static int Run(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteCommand command = connection.Prepared(sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>Runs a query of one whole number; nothing and null are 0.</summary>
    public static long Scalar(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteCommand command = connection.Prepared(sql, parameters);
        return command.ExecuteScalar() is long value ? value : 0;
    }

    /// <summary>Runs a query and reads each row.</summary>
    public static List<T> Query<T>(this SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteCommand command = connection.Prepared(sql, parameters);
        using SqliteDataReader reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>A column of bytes.</summary>
    public static byte[] Bytes(this SqliteDataReader reader, int column) => reader.GetFieldValue<byte[]>(column);

    private static SqliteCommand Prepared(this SqliteConnection connection, string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // every text comes from this program; values travel as parameters
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach ((string name, object? value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}
