using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using HousekeepingBody = SatNode.Protocol.Telemetry.Housekeeping;

namespace SatNode.Flight.Tests.Telemetry;

public sealed class OutboxTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(Noon);
    private readonly List<string> _console = [];

    private string Path => _folder.File("flight.db");

    private Store Open(TelemetryLimits? limits = null, string? path = null)
    {
        FlightDatabase database = FlightDatabase.Open(path ?? Path, limits);
        var outbox = new Outbox(database, _time);
        return new(database, outbox, new EventLog(database, outbox, record => _console.Add($"{record.Boot} {record.Sequence} {record.Body.ToText()}")));
    }

    private sealed record Store(FlightDatabase Database, Outbox Outbox, EventLog Log) : IDisposable
    {
        public void Dispose()
        {
            Log.Dispose();
            Outbox.Dispose();
            Database.Dispose();
        }
    }

    private static HousekeepingBody Sample(double value) => new([new(1, value)]);

    private static VerificationReport Report(string id) => new(id, VerificationStage.Start, FailureReason.None, "");

    private static string Name(OutboxRecord record) => record.Stream switch
    {
        TelemetryStream.Housekeeping => Decode<HousekeepingBody>(record, body => $"hk {body.Samples[0].Value}"),
        TelemetryStream.Event => Decode<EventReport>(record, body => body.ToText()),
        _ => Decode<VerificationReport>(record, body => body.CommandId),
    };

    private static string Decode<T>(OutboxRecord record, Func<T, string> text) where T : ICborMessage<T>
    {
        TelemetryRecord<T> decoded = CborDecoder.Decode<TelemetryRecord<T>>(record.Payload);
        return $"{decoded.Boot}.{decoded.Sequence} {text(decoded.Body)}";
    }

    [Fact]
    public void Numbers_each_stream_without_gaps_and_keeps_the_order()
    {
        using Store store = Open();
        store.Outbox.Record(TelemetryStream.Verification, Report("a"));
        store.Log.Raise(Events.LinkUp, "p01-s01");
        store.Outbox.Record(TelemetryStream.Verification, Report("b"));
        store.Outbox.Record(TelemetryStream.Housekeeping, Sample(1));
        Assert.Equal(["1.1 a", "1.1 link.up peer=p01-s01", "1.2 b", "1.1 hk 1"], store.Outbox.Peek(10).Select(Name));
        Assert.Equal(4, store.Outbox.Depth);
    }

    [Fact]
    public void A_stamped_record_takes_a_number_and_is_not_stored()
    {
        using Store store = Open();
        Assert.Equal(1UL, CborDecoder.Decode<TelemetryRecord<HousekeepingBody>>(store.Outbox.Stamp(TelemetryStream.Housekeeping, Sample(1))).Sequence);
        store.Outbox.Record(TelemetryStream.Housekeeping, Sample(2));
        Assert.Equal(["1.2 hk 2"], store.Outbox.Peek(10).Select(Name));
    }

    [Fact]
    public void Acknowledged_records_are_gone_and_only_these()
    {
        using Store store = Open();
        foreach (string id in (string[])["a", "b", "c"])
            store.Outbox.Record(TelemetryStream.Verification, Report(id));
        IReadOnlyList<OutboxRecord> records = store.Outbox.Peek(2);
        Assert.Equal(["1.1 a", "1.2 b"], records.Select(Name));
        Assert.Equal("1.3 c", Name(Assert.Single(store.Outbox.Peek(10, records[1].Id))));
        Assert.True(store.Outbox.Acknowledge([records[1].Id, 99_999]));
        Assert.Equal(["1.1 a", "1.3 c"], store.Outbox.Peek(10).Select(Name));
        Assert.Equal(2, store.Outbox.Depth);
    }

    [Fact]
    public void Boots_are_counted_and_older_records_stay()
    {
        using (Store store = Open())
            store.Outbox.Record(TelemetryStream.Verification, Report("a"));
        using Store second = Open();
        second.Outbox.Record(TelemetryStream.Verification, Report("b"));
        Assert.Equal(2U, second.Outbox.Boot);
        Assert.Equal(["1.1 a", "2.1 b"], second.Outbox.Peek(10).Select(Name));
        Assert.Equal(2, second.Outbox.Depth);
    }

    [Fact] // SIGKILL leaves the files as they are at that moment: database and write-ahead log
    public void Everything_recorded_survives_a_kill_after_any_record()
    {
        using Store store = Open();
        for (int i = 1; i <= 20; i++)
        {
            store.Log.Raise(Events.LinkUp, $"p00-s{i:D2}");
            string copy = _folder.File($"copy{i}.db");
            foreach (string suffix in (string[])["", "-wal"])
                File.Copy(Path + suffix, copy + suffix);
            using Store after = Open(path: copy);
            Assert.Null(after.Database.SetAside);
            Assert.Equal(Enumerable.Range(1, i).Select(n => $"1.{n} link.up peer=p00-s{n:D2}"), after.Outbox.Peek(100).Select(Name));
            Assert.Equal(i, after.Log.Read(100).Count);
        }
    }

    [Fact] // a power cut tears the write-ahead log anywhere: a transaction is there whole or not at all
    public void A_torn_log_loses_only_the_end()
    {
        using Store store = Open();
        for (int i = 1; i <= 5; i++)
            store.Log.Raise(Events.LinkUp, $"p00-s{i:D2}");
        byte[] log = ReadShared(Path + "-wal");
        byte[] database = ReadShared(Path);
        for (int cut = 0; cut < log.Length; cut += 1009)
        {
            string copy = _folder.File($"torn{cut}.db");
            File.WriteAllBytes(copy, database);
            File.WriteAllBytes(copy + "-wal", log[..cut]);
            using Store after = Open(path: copy);
            string[] found = [.. after.Outbox.Peek(100).Select(Name)];
            Assert.Equal(Enumerable.Range(1, found.Length).Select(n => $"1.{n} link.up peer=p00-s{n:D2}"), found);
            Assert.Equal(found.Length, after.Log.Read(100).Count);
        }
    }

    private static byte[] ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    [Fact]
    public void A_damaged_file_is_moved_aside_and_boots_go_on()
    {
        using (Open())
        {
        }
        using (Open())
        {
        }
        byte[] bytes = File.ReadAllBytes(Path);
        bytes.AsSpan(0, 4096).Fill(0x55);
        File.WriteAllBytes(Path, bytes);
        using Store store = Open();
        Assert.Equal(3U, store.Outbox.Boot);
        Assert.Equal(Path + ".damaged", store.Database.SetAside);
        Assert.True(File.Exists(Path + ".damaged"));
        Assert.Contains("3 1 input.refused source=flight-database detail=damaged; moved to flight.db.damaged and started new refused_total=1", _console);
    }

    [Fact]
    public void Damage_inside_the_file_is_found_too()
    {
        using (Store store = Open())
        {
            for (int i = 0; i < 200; i++)
                store.Log.Raise(Events.LinkUp, new string('x', 200));
        }
        byte[] bytes = File.ReadAllBytes(Path);
        bytes.AsSpan(4096, bytes.Length - 8192).Fill(0xAA);
        File.WriteAllBytes(Path, bytes);
        using Store after = Open();
        Assert.NotNull(after.Database.SetAside);
        Assert.Equal(2U, after.Outbox.Boot);
    }

    [Fact]
    public void Housekeeping_drops_its_oldest_and_says_so_once()
    {
        using Store store = Open(new() { MaxHousekeeping = 3 });
        store.Outbox.Record(TelemetryStream.Verification, Report("a"));
        for (int i = 1; i <= 3; i++)
            store.Outbox.Record(TelemetryStream.Housekeeping, Sample(i));
        Assert.Equal(0, store.Outbox.Dropped);
        store.Outbox.Record(TelemetryStream.Housekeeping, Sample(4));
        store.Outbox.Record(TelemetryStream.Housekeeping, Sample(5));
        Assert.Equal(2, store.Outbox.Dropped);
        Assert.Equal(["1.1 a", "1.3 hk 3", "1.4 hk 4", "1.1 outbox.dropped records=1 dropped_total=1", "1.5 hk 5"], store.Outbox.Peek(10).Select(Name));
    }

    [Fact]
    public void When_full_housekeeping_goes_before_events()
    {
        using Store store = Open(new() { MaxRecords = 3 });
        store.Outbox.Record(TelemetryStream.Verification, Report("a"));
        store.Outbox.Record(TelemetryStream.Housekeeping, Sample(1));
        store.Outbox.Record(TelemetryStream.Verification, Report("b"));
        store.Outbox.Record(TelemetryStream.Verification, Report("c"));
        Assert.DoesNotContain(store.Outbox.Peek(10), record => record.Stream == TelemetryStream.Housekeeping);
        Assert.Equal(3, store.Outbox.Depth);
        store.Outbox.Record(TelemetryStream.Verification, Report("d"));
        Assert.Equal(3, store.Outbox.Depth);
    }

    [Fact]
    public void Bytes_are_bounded_as_well()
    {
        using Store store = Open(new() { MaxPayloadBytes = 5000 });
        for (int i = 0; i < 20; i++)
            store.Outbox.Record(TelemetryStream.Verification, new VerificationReport("c", VerificationStage.Progress, FailureReason.None, new string('x', 1000)));
        Assert.InRange(store.Outbox.Peek(100).Sum(record => record.Payload.Length), 3000, 5000);
    }

    [Fact]
    public void A_full_disk_is_counted_and_leaves_no_gap()
    {
        using Store store = Open(new() { MaxFileBytes = 128 * 1024 });
        int stored = 0;
        while (store.Outbox.Record(TelemetryStream.Verification, new VerificationReport("c", VerificationStage.Progress, FailureReason.None, new string('x', 1000))))
            stored++;
        Assert.InRange(stored, 10, 200);
        Assert.Equal(1, store.Outbox.Lost);
        Assert.Equal(1, store.Database.WriteFailures);
        Assert.NotEmpty(store.Database.LastFailure);
        Assert.Equal(stored, store.Outbox.Depth);
        store.Outbox.Acknowledge([.. store.Outbox.Peek(stored).Select(record => record.Id)]);
        Assert.True(store.Outbox.Record(TelemetryStream.Verification, Report("after")));
        Assert.Equal($"1.{stored + 1} after", Name(Assert.Single(store.Outbox.Peek(10))));
    }

    [Fact]
    public void An_event_that_is_not_on_disk_is_not_told()
    {
        using Store store = Open(new() { MaxFileBytes = 128 * 1024 });
        for (int i = 0; i < 1000 && store.Outbox.Lost == 0; i++)
            store.Log.Raise(Events.LinkUp, new string('x', 200));
        Assert.Equal(1, store.Outbox.Lost);
        Assert.Equal(store.Outbox.Depth, _console.Count);
    }

    [Fact]
    public void The_ring_keeps_the_newest_events_sent_or_not()
    {
        using Store store = Open(new() { MaxLoggedEvents = 3 });
        for (int i = 1; i <= 5; i++)
            store.Log.Raise(Events.LinkUp, $"p{i}");
        store.Outbox.Acknowledge([.. store.Outbox.Peek(100).Select(record => record.Id)]);
        Assert.Equal([3UL, 4UL, 5UL], store.Log.Read(10).Select(entry => entry.Record.Sequence));
        Assert.Equal(5UL, Assert.Single(store.Log.Read(10, store.Log.Read(10)[1].Id)).Record.Sequence);
    }

    [Fact]
    public void The_longest_event_is_one_that_the_ground_reads()
    {
        using Store store = Open();
        string huge = new string('€', 5000) + "\uD83D";
        store.Log.Raise(Events.InvocationDeferred, huge, huge, huge, double.NaN, 1e300, huge, huge);
        Assert.Equal(256, CborDecoder.Decode<TelemetryRecord<EventReport>>(store.Outbox.Peek(1)[0].Payload).Body.Arguments[0].AsText().Length);
    }

    [Fact]
    public void An_event_with_the_wrong_number_of_arguments_is_our_fault()
    {
        using Store store = Open();
        Assert.Throws<ArgumentException>(() => store.Log.Raise(Events.LinkUp));
        Assert.Equal(0, store.Outbox.Depth);
    }

    [Fact]
    public async Task Many_threads_leave_no_gap()
    {
        using Store store = Open();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 25; i++)
                store.Outbox.Record(TelemetryStream.Verification, Report("a"));
        })));
        Assert.Equal(Enumerable.Range(1, 100).Select(n => $"1.{n} a"), store.Outbox.Peek(200).Select(Name));
    }

    public void Dispose() => _folder.Dispose();
}
