using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using SatNode.Network.Store;
using SatNode.Protocol.Bundles;
using SatNode.Protocol.Time;

namespace SatNode.Network.Tests.Store;

public sealed class BundleStoreTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly string _folder = Directory.CreateTempSubdirectory("bundles-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "bundles.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Keeps_bundles_and_what_it_has_seen_over_a_reopening()
    {
        await using (BundleStore store = BundleStore.Open(new() { Path = Path }, _time))
            Assert.Equal(AddStatus.Added, (await Add(store, 1, seenAs: "a")).Status);
        await using BundleStore again = BundleStore.Open(new() { Path = Path }, _time);
        StoredBundle stored = Assert.Single(again.List());
        Assert.Equal(1UL, stored.Id.Sequence);
        Assert.Equal(Encoded(1), again.Read(stored)!.GetSpan());
        Assert.Equal(AddStatus.Duplicate, (await Add(again, 1, seenAs: "a")).Status);
        again.Remove(stored);
        Assert.Equal(0, again.Count);
        Assert.Equal(0, again.Bytes);
    }

    [Fact]
    public async Task What_was_acknowledged_is_in_the_files_at_that_moment_so_that_a_killed_process_loses_nothing()
    {
        await using BundleStore store = BundleStore.Open(new() { Path = Path }, _time);
        for (ulong i = 0; i < 20; i++)
            await Add(store, i);
        string copy = System.IO.Path.Combine(_folder, "as-killed.db");
        foreach (string suffix in (string[])["", "-wal"]) // what a process that dies now leaves behind
            File.Copy(Path + suffix, copy + suffix);
        await using BundleStore after = BundleStore.Open(new() { Path = copy }, _time);
        Assert.Equal(20, after.Count);
    }

    [Fact]
    public async Task A_removed_bundle_stays_removed()
    {
        await using (BundleStore store = BundleStore.Open(new() { Path = Path }, _time))
            store.Remove((await Add(store, 1)).Stored!);
        await using BundleStore again = BundleStore.Open(new() { Path = Path }, _time);
        Assert.Equal(0, again.Count);
    }

    [Fact]
    public async Task Damage_to_a_record_is_found_when_opening_and_costs_only_that_record()
    {
        await using (BundleStore store = BundleStore.Open(new() { Path = Path }, _time))
        {
            await Add(store, 1);
            await Add(store, 2);
        }
        Damage();
        await using BundleStore again = BundleStore.Open(new() { Path = Path }, _time);
        Assert.Equal(2UL, Assert.Single(again.List()).Id.Sequence);
        Assert.Equal(1, again.Damaged);
    }

    [Fact]
    public async Task Damage_to_a_record_is_found_when_reading()
    {
        await using (BundleStore store = BundleStore.Open(new() { Path = Path }, _time))
            await Add(store, 1);
        await using BundleStore again = BundleStore.Open(new() { Path = Path }, _time);
        StoredBundle stored = Assert.Single(again.List());
        Damage();
        Assert.Null(again.Read(stored));
        Assert.Equal(1, again.Damaged);
        Assert.Equal(0, again.Count);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_replaced()
    {
        File.WriteAllBytes(Path, new byte[8192].Select((_, i) => (byte)(i * 7 % 256)).ToArray());
        await using BundleStore store = BundleStore.Open(new() { Path = Path }, _time);
        Assert.Equal(1, store.Damaged);
        Assert.Equal(AddStatus.Added, (await Add(store, 1)).Status);
    }

    [Fact]
    public async Task Takes_as_many_bundles_as_it_may_and_refuses_one_more()
    {
        await using BundleStore store = BundleStore.Open(new() { MaxCount = 3 }, _time);
        for (ulong i = 0; i < 3; i++)
            Assert.Equal(AddStatus.Added, (await Add(store, i)).Status);
        Assert.Equal(AddStatus.Full, (await Add(store, 3)).Status);
        store.Remove(store.List()[0]);
        Assert.Equal(AddStatus.Added, (await Add(store, 3)).Status);
    }

    [Fact]
    public async Task Takes_as_many_bytes_as_it_may_and_refuses_one_more()
    {
        const int Megabyte = 1024 * 1024;
        int overhead = Encoded(1, Megabyte / 2).Length - (Megabyte / 2);
        await using BundleStore store = BundleStore.Open(new() { MaxBytes = Megabyte }, _time);
        Assert.Equal(AddStatus.Added, (await Add(store, 1, bytes: Megabyte / 2)).Status);
        Assert.Equal(AddStatus.Full, (await Add(store, 2, bytes: (Megabyte / 2) - (2 * overhead) + 1)).Status);
        Assert.Equal(AddStatus.Added, (await Add(store, 3, bytes: (Megabyte / 2) - (2 * overhead))).Status);
        Assert.Equal(Megabyte, store.Bytes);
    }

    [Fact]
    public async Task What_has_expired_makes_room()
    {
        await using BundleStore store = BundleStore.Open(new() { MaxCount = 1 }, _time);
        await Add(store, 1);
        _time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(AddStatus.Full, (await Add(store, 2)).Status);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(AddStatus.Added, (await Add(store, 2)).Status);
        Assert.Equal(2UL, Assert.Single(store.List()).Id.Sequence);
    }

    [Fact]
    public async Task Remembers_only_the_last_receptions()
    {
        await using BundleStore store = BundleStore.Open(new(), _time);
        for (int i = 0; i <= BundleStoreLimits.MaxSeen; i++)
            Assert.True(store.TryRemember($"{i}"));
        Assert.True(store.TryRemember("0")); // forgotten
        Assert.False(store.TryRemember($"{BundleStoreLimits.MaxSeen}"));
    }

    private static Bundle Make(ulong sequence, int bytes, DtnTime now) => Bundle.Create(
        new()
        {
            Destination = EndpointId.Ipn(2, 9),
            Source = EndpointId.Ipn(1, 9),
            CreationTime = now,
            Sequence = sequence,
            LifetimeMs = 60_000,
        }, new byte[bytes], 10);

    private byte[] Encoded(ulong sequence, int bytes = 1000) => BundleCodec.Encode(Make(sequence, bytes, DtnTime.From(_time.GetUtcNow())));

    private Task<(AddStatus Status, StoredBundle? Stored)> Add(BundleStore store, ulong sequence, string? seenAs = null, int bytes = 1000) =>
        store.Add(BundleCodec.Decode(Encoded(sequence, bytes)), new(Encoded(sequence, bytes)), isOwn: true, seenAs);

    /// <summary>Flips a bit in the first record, as radiation would.</summary>
    private void Damage()
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "UPDATE bundle SET data = CAST(substr(data, 1, 500) || x'01' || substr(data, 502) AS BLOB) WHERE row = (SELECT min(row) FROM bundle)";
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
