using Microsoft.Data.Sqlite;
using SatNode.Protocol.Bundles;
using SQLitePCL;

namespace SatNode.Network.Store;

/// <summary>The statement that stores a bundle, below the provider: that one takes whole arrays only, and a buffer that is used again is seldom as long as its bundle. For the writing thread.</summary>
internal sealed class BundleInsert : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <summary>Prepares the statement on an open connection.</summary>
    public BundleInsert(SqliteConnection connection)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, "INSERT INTO bundle(row, received, own, crc, data) VALUES(?, ?, ?, ?, ?)", out _statement), raw.SQLITE_OK);
    }

    /// <summary>Stores a bundle within the transaction that is open.</summary>
    /// <exception cref="SqliteException">The medium is full or failing.</exception>
    public void Execute(long row, ulong receivedMs, bool isOwn, ReadOnlySpan<byte> data)
    {
        try
        {
            Check(raw.sqlite3_bind_int64(_statement, 1, row), raw.SQLITE_OK);
            Check(raw.sqlite3_bind_int64(_statement, 2, unchecked((long)receivedMs)), raw.SQLITE_OK);
            Check(raw.sqlite3_bind_int64(_statement, 3, isOwn ? 1 : 0), raw.SQLITE_OK);
            Check(raw.sqlite3_bind_int64(_statement, 4, BundleCrc.Crc32C(data)), raw.SQLITE_OK);
            Check(raw.sqlite3_bind_blob(_statement, 5, data), raw.SQLITE_OK);
            Check(raw.sqlite3_step(_statement), raw.SQLITE_DONE);
        }
        finally
        {
            raw.sqlite3_reset(_statement);
            raw.sqlite3_clear_bindings(_statement); // frees SQLite's copy of the bytes
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _statement.Dispose();

    private void Check(int result, int expected)
    {
        if (result != expected)
            throw new SqliteException($"bundle store: {raw.sqlite3_errmsg(_database).utf8_to_string()}", result);
    }
}
