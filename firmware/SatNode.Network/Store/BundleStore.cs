using Microsoft.Data.Sqlite;
using SatNode.Protocol;
using SatNode.Protocol.Bundles;
using SatNode.Protocol.Time;

namespace SatNode.Network.Store;

/// <summary>Bundles that wait for a contact or their delivery, in SQLite, so that neither a killed process nor (by setting) a power loss takes one that was
/// acknowledged. Bounded in bytes and number; when full, what has expired goes first, then new bundles are refused, own and others' alike: the sender keeps
/// them. Each record's CRC-32C is checked when it is read. Safe for many threads.</summary>
/// <remarks>One thread writes, and puts what has gathered while it was busy into one commit: a commit that waits for the medium takes milliseconds, whether for
/// one bundle or 500.</remarks>
public sealed class BundleStore : IAsyncDisposable
{
    private readonly BundleStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly BundleDatabase? _database; // null: in memory only
    private readonly Lock _gate = new();
    private readonly Dictionary<long, StoredBundle> _bundles = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Queue<string> _seenOrder = new();
    private long _nextRow = 1;
    private long _bytes;
    private long _cachedBytes;

    private BundleStore(BundleStoreOptions options, TimeProvider time, BundleDatabase? database)
    {
        _options = options;
        _time = time;
        _database = database;
    }

    /// <summary>Bundles in the store.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _bundles.Count;
        }
    }

    /// <summary>Bytes of bundles in the store.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    /// <summary>Records found damaged and removed since the start.</summary>
    public long Damaged => Interlocked.Read(ref _damaged);

    private long _damaged;

    /// <summary>Opens the store and reads what waits in it; damaged records are removed and counted, a file that is no database is replaced.</summary>
    /// <exception cref="SqliteException">The file can't be opened or written.</exception>
    public static BundleStore Open(BundleStoreOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        if (options.MaxBytes < BundleLimits.MaxBundleBytes / 17 || options.MaxCount < 1)
            throw new ArgumentException($"bundle store: expected at least {BundleLimits.MaxBundleBytes / 17} bytes and 1 bundle, found {options.MaxBytes} and {options.MaxCount}", nameof(options));
        bool replaced = false;
        BundleDatabase? database = options.Path is null ? null : BundleDatabase.Open(options, out replaced);
        var store = new BundleStore(options, time, database);
        if (replaced)
            store._damaged++;
        if (database is not null)
        {
            store.Load(database);
            database.Start();
        }
        return store;
    }

    /// <summary>Stores a bundle; completes when it is safe.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="encoded">Its encoding, held by the caller until the end; what keeps it longer takes a hold of its own.</param>
    /// <param name="isOwn">Whether this node made it.</param>
    /// <param name="seenAs">What tells a repetition of this reception; null where none is possible.</param>
    internal async Task<(AddStatus Status, StoredBundle? Stored)> Add(Bundle bundle, BundleBuffer encoded, bool isOwn, string? seenAs)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(encoded);
        DtnTime now = DtnTime.From(_time.GetUtcNow());
        var stored = new StoredBundle(bundle, encoded.Length, now, isOwn);
        string? forgotten;
        lock (_gate)
        {
            if (seenAs is not null && _seen.Contains(seenAs))
                return (AddStatus.Duplicate, null);
            if (!MakeRoom(encoded.Length, now))
                return (AddStatus.Full, null);
            stored.Row = _nextRow++;
            _bundles.Add(stored.Row, stored);
            _bytes += stored.Bytes;
            if (_database is null || _cachedBytes + encoded.Capacity <= BundleStoreLimits.MaxCachedBytes)
            {
                encoded.Hold();
                stored.Cached = encoded;
                _cachedBytes += encoded.Capacity;
            }
            forgotten = Remember(seenAs);
        }
        bool safe = _database is null || await _database.Insert(stored.Row, encoded.Memory, now.Milliseconds, isOwn, seenAs, forgotten);
        if (safe)
            return (AddStatus.Added, stored);
        lock (_gate)
        {
            Forget(stored);
            if (seenAs is not null)
                _seen.Remove(seenAs);
        }
        return (AddStatus.Full, null);
    }

    /// <summary>Remembers a reception that is not stored itself.</summary>
    /// <returns>Whether it is the first.</returns>
    public bool TryRemember(string seenAs)
    {
        lock (_gate)
        {
            if (_seen.Contains(seenAs))
                return false;
            Remember(seenAs);
            return true;
        }
    }

    /// <summary>Removes a bundle that is done with. Removing twice does nothing.</summary>
    public void Remove(StoredBundle stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        lock (_gate)
        {
            if (!Forget(stored))
                return;
        }
        _database?.Delete(stored.Row);
    }

    /// <summary>Whether a bundle of this size would be taken now: asked before it is encoded. What has expired makes room.</summary>
    internal bool CanTake(int bytes)
    {
        DtnTime now = DtnTime.From(_time.GetUtcNow());
        lock (_gate)
            return MakeRoom(bytes, now);
    }

    /// <summary>The encoded bundle, to be released by the caller; null when it is gone, or damaged, in which case it is removed and counted.</summary>
    internal BundleBuffer? Read(StoredBundle stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        lock (_gate)
        {
            if (stored.IsRemoved)
                return null;
            if (stored.Cached is { } cached)
            {
                cached.Hold();
                return cached;
            }
        }
        byte[]? bytes = _database?.Read(stored.Row);
        if (bytes is null)
        {
            Interlocked.Increment(ref _damaged);
            Remove(stored);
            return null;
        }
        return new(bytes);
    }

    /// <summary>All bundles, in the order of their coming.</summary>
    public IReadOnlyList<StoredBundle> List()
    {
        lock (_gate)
            return [.. _bundles.Values.OrderBy(b => b.Row)];
    }

    /// <summary>Removes what has expired.</summary>
    /// <returns>How many bundles.</returns>
    public int PurgeExpired()
    {
        DtnTime now = DtnTime.From(_time.GetUtcNow());
        lock (_gate)
            return PurgeExpired(now);
    }

    /// <summary>Waits for the commit of everything asked for so far and closes the file.</summary>
    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? default;

    private bool MakeRoom(int bytes, DtnTime now) => HasRoom(bytes) || (PurgeExpired(now) > 0 && HasRoom(bytes));

    private bool HasRoom(int bytes) => _bundles.Count < _options.MaxCount && _bytes + bytes <= _options.MaxBytes;

    private int PurgeExpired(DtnTime now)
    {
        StoredBundle[] expired = [.. _bundles.Values.Where(b => b.Expiry <= now)];
        foreach (StoredBundle bundle in expired)
        {
            Forget(bundle);
            _database?.Delete(bundle.Row);
        }
        return expired.Length;
    }

    private string? Remember(string? seenAs)
    {
        if (seenAs is null)
            return null;
        _seen.Add(seenAs);
        _seenOrder.Enqueue(seenAs);
        if (_seenOrder.Count <= BundleStoreLimits.MaxSeen)
            return null;
        string forgotten = _seenOrder.Dequeue();
        _seen.Remove(forgotten);
        return forgotten;
    }

    private bool Forget(StoredBundle stored)
    {
        if (stored.IsRemoved || !_bundles.Remove(stored.Row))
            return false;
        stored.IsRemoved = true;
        _bytes -= stored.Bytes;
        if (stored.Cached is { } cached)
        {
            _cachedBytes -= cached.Capacity;
            stored.Cached = null;
            cached.Release();
        }
        return true;
    }

    private void Load(BundleDatabase database)
    {
        foreach (BundleRecord record in database.ReadAll())
        {
            _nextRow = Math.Max(_nextRow, record.Row + 1);
            try
            {
                if (record.Data is null)
                    throw new WireFormatException($"bundle store: record {record.Row}: the CRC-32C differs; removed");
                Bundle bundle = BundleCodec.Decode(record.Data);
                var stored = new StoredBundle(bundle, record.Data.Length, new(record.ReceivedMs), record.IsOwn) { Row = record.Row };
                _bundles.Add(stored.Row, stored);
                _bytes += stored.Bytes;
            }
            catch (WireFormatException)
            {
                _damaged++;
                database.Delete(record.Row);
            }
        }
        foreach (string seen in database.ReadSeen())
            Remember(seen);
    }
}
