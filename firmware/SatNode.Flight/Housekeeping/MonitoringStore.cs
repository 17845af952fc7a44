using Microsoft.Data.Sqlite;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;

namespace SatNode.Flight.Housekeeping;

/// <summary>What commands said about monitoring, in the flight database. The table is made with the first row: a full disk keeps no agent from starting.</summary>
internal sealed class MonitoringStore(FlightDatabase database)
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS monitoring (parameter INTEGER PRIMARY KEY, is_enabled INTEGER NOT NULL,
          soft_low REAL, soft_high REAL, hard_low REAL, hard_high REAL, persistence INTEGER)
        """; // without persistence: the dictionary's limits

    /// <summary>One row.</summary>
    public readonly record struct Row(ushort Parameter, bool IsEnabled, ParameterLimits? Limits);

    /// <summary>All rows; limits that cannot be watched by are left out.</summary>
    public IReadOnlyList<Row> Read()
    {
        var rows = new List<Row>();
        lock (database.Gate)
        {
            using SqliteCommand exists = database.Prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'monitoring'");
            if ((long)exists.ExecuteScalar()! == 0)
                return rows;
            using SqliteCommand select = database.Prepare("SELECT parameter, is_enabled, soft_low, soft_high, hard_low, hard_high, persistence FROM monitoring");
            using SqliteDataReader reader = select.ExecuteReader();
            while (reader.Read())
            {
                if (reader.GetInt64(0) is < 0 or > ushort.MaxValue)
                    continue;
                rows.Add(new((ushort)reader.GetInt64(0), reader.GetInt64(1) != 0, ReadLimits(reader)));
            }
        }
        return rows;
    }

    /// <summary>Writes one row; false when the disk refuses.</summary>
    public bool TryWrite(Row row) => database.TryWrite((database, row), static state =>
    {
        using (SqliteCommand create = state.database.Prepare(Schema))
            create.ExecuteNonQuery();
        using SqliteCommand write = state.database.Prepare("INSERT OR REPLACE INTO monitoring VALUES ($1, $2, $3, $4, $5, $6, $7)", 7);
        object?[] values = [(long)state.row.Parameter, state.row.IsEnabled ? 1L : 0L, state.row.Limits?.Soft.Low, state.row.Limits?.Soft.High, state.row.Limits?.Hard.Low, state.row.Limits?.Hard.High,
            (long?)state.row.Limits?.Persistence];
        for (int i = 0; i < values.Length; i++)
            write.Parameters[i].Value = values[i] ?? DBNull.Value;
        write.ExecuteNonQuery();
    });

    private static ParameterLimits? ReadLimits(SqliteDataReader reader)
    {
        long persistence = reader.IsDBNull(6) ? 0 : reader.GetInt64(6);
        if (persistence is < 1 or > ParameterLimits.PersistenceMax)
            return null;
        var limits = new ParameterLimits(new(End(2), End(3)), new(End(4), End(5)), (int)persistence);
        return limits.Fault() is null ? limits : null;

        double? End(int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);
    }
}
