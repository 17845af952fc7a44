using Microsoft.Data.Sqlite;
using SatNode.Flight.Telemetry;
using SatNode.Protocol;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Invocations;

/// <summary>What each function did on this node, counted in a fixed size a function, told as telemetry and kept over restarts. A profile is told with its first invocation and
/// then, when it has changed, at most every <see cref="InvocationLimits.ProfileInterval"/>; it is kept on disk in the same transaction. Another version of a function begins anew. Thread-safe.</summary>
/// <remarks>A power cut loses what was counted since a profile was told last. What a disk refuses is told again.</remarks>
public sealed class FunctionProfiles
{
    private readonly FlightDatabase _database;
    private readonly Outbox _outbox;
    private readonly Dictionary<string, ProfileEntry> _entries = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly bool _hasTable;

    /// <summary>Reads what an earlier run kept; a profile that is damaged begins anew.</summary>
    public FunctionProfiles(FlightDatabase database, Outbox outbox)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(outbox);
        _database = database;
        _outbox = outbox;
        // A table more and no schema version more: the agent of the other slot opens the same file.
        _hasTable = database.TryWrite(database, static file =>
        {
            using SqliteCommand create = file.Prepare("CREATE TABLE IF NOT EXISTS profile (function TEXT PRIMARY KEY, payload BLOB NOT NULL) WITHOUT ROWID");
            create.ExecuteNonQuery();
        });
        if (_hasTable)
            Load();
    }

    /// <summary>Functions that have a profile.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    /// <summary>Counts an invocation that ended. Allocates nothing but for a function's first.</summary>
    /// <param name="function">The function; the caller sees to it that the node has it.</param>
    /// <param name="version">Its version.</param>
    /// <param name="use">How it ended and what it used.</param>
    /// <param name="loadFactor">World seconds for one of the board's.</param>
    /// <param name="energy">What was booked for it; zero for one that another function called.</param>
    /// <param name="isCalled">True when another function called it.</param>
    /// <param name="now">The mission clock's time.</param>
    /// <returns>False when <see cref="InvocationLimits.MaxFunctions"/> others have a profile; nothing is counted then.</returns>
    public bool Add(string function, string version, in InvocationUse use, double loadFactor, Energy energy, bool isCalled, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(function, out ProfileEntry? entry) || !string.Equals(entry.Version, version, StringComparison.Ordinal))
            {
                if (entry is null && _entries.Count >= InvocationLimits.MaxFunctions)
                    return false;
                _entries[function] = entry = new(function, version, now);
            }
            entry.Add(use, loadFactor, energy, isCalled);
            return true;
        }
    }

    /// <summary>A function's profile as it stands; null when there is none.</summary>
    public FunctionProfile? Find(string function)
    {
        lock (_lock)
            return _entries.GetValueOrDefault(function)?.ToProfile();
    }

    /// <summary>Tells of the profiles that have changed and are due, at most <see cref="InvocationLimits.MaxProfilesPerTick"/> of them.</summary>
    public void Tell(DateTimeOffset now) => Tell(InvocationLimits.MaxProfilesPerTick, entry => entry.NextTelling <= now, now + InvocationLimits.ProfileInterval);

    /// <summary>Tells of all that have changed: for when the agent ends.</summary>
    public void TellAll() => Tell(InvocationLimits.MaxFunctions, static _ => true, default);

    /// <summary>Forgets a function that was removed.</summary>
    public void Forget(string function)
    {
        lock (_lock)
            _entries.Remove(function);
        if (_hasTable)
        {
            _database.TryWrite((_database, function), static state =>
            {
                using SqliteCommand delete = state._database.Prepare("DELETE FROM profile WHERE function = $1", 1);
                delete.Parameters[0].Value = state.function;
                delete.ExecuteNonQuery();
            });
        }
    }

    private void Tell(int max, Func<ProfileEntry, bool> isDue, DateTimeOffset next)
    {
        List<FunctionProfile>? due = null;
        lock (_lock)
        {
            foreach (ProfileEntry entry in _entries.Values)
            {
                if (!entry.IsChanged || !isDue(entry) || due?.Count >= max)
                    continue;
                entry.IsChanged = false;
                entry.NextTelling = next;
                (due ??= []).Add(entry.ToProfile());
            }
        }
        foreach (FunctionProfile profile in due ?? [])
        {
            if (_outbox.Record(TelemetryStream.Profile, profile, _hasTable ? Keep : null) is null)
                MarkChanged(profile.Function);
        }
    }

    private void MarkChanged(string function)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(function, out ProfileEntry? entry))
                entry.IsChanged = true;
        }
    }

    private void Keep(TelemetryRecord<FunctionProfile> record, byte[] payload)
    {
        using SqliteCommand keep = _database.Prepare("INSERT INTO profile (function, payload) VALUES ($1, $2) ON CONFLICT (function) DO UPDATE SET payload = $2", 2);
        keep.Parameters[0].Value = record.Body.Function;
        keep.Parameters[1].Value = record.Body.Encode();
        keep.ExecuteNonQuery();
    }

    private void Load()
    {
        lock (_database.Gate)
        {
            using SqliteCommand select = _database.Prepare("SELECT payload FROM profile LIMIT $1", 1);
            select.Parameters[0].Value = InvocationLimits.MaxFunctions;
            try
            {
                using SqliteDataReader reader = select.ExecuteReader();
                while (reader.Read())
                    Load(reader.GetFieldValue<byte[]>(0));
            }
            catch (SqliteException) // a torn page: what was read before it stands
            {
            }
        }
    }

    private void Load(byte[] payload)
    {
        try
        {
            FunctionProfile profile = CborDecoder.Decode<FunctionProfile>(payload);
            _entries[profile.Function] = new(profile);
        }
        catch (WireFormatException) // of another version of the agent, or damaged: it begins anew
        {
        }
    }
}
