using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Time.Testing;
using SatNode.Functions.Actors;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Actors;

/// <summary>When memories are in RAM and when on disk, and that none is lost between.</summary>
public sealed class ActorMemoriesTests
{
    private static readonly FunctionActor Limits = new() { MemoryLifetime = TimeSpan.FromMinutes(10) };

    private readonly FakeTimeProvider _time = new(new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Disk _disk = new();
    private readonly Dictionary<string, FunctionActor> _functions = new(StringComparer.Ordinal) { ["f"] = Limits, ["g"] = Limits };
    private readonly ActorMemories _memories;

    public ActorMemoriesTests() => _memories = new(_disk, function => _functions.GetValueOrDefault(function), _time);

    [Fact]
    public void Goes_to_disk_when_it_was_idle_for_its_lifetime_and_comes_back_with_the_next_message()
    {
        Keep("k", 1);
        _time.Advance(Limits.MemoryLifetime - TimeSpan.FromMilliseconds(1));
        _memories.PassivateIdle();
        Assert.Equal((1, 0), (_memories.Count, _disk.Writes));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _memories.PassivateIdle();
        Assert.Equal((0, 0L, 1), (_memories.Count, _memories.Bytes, _disk.Writes));
        Assert.Equal(1, Read("k"));
        Assert.Equal(1, _memories.Count);
    }

    [Fact]
    public void One_that_changes_while_it_is_on_its_way_to_disk_stays()
    {
        Keep("k", 1);
        _time.Advance(Limits.MemoryLifetime);
        _disk.OnWrite = () =>
        {
            _disk.OnWrite = null;
            Keep("k", 2);
        };
        _memories.PassivateIdle();
        Assert.Equal((1, 1), (_memories.Count, _disk.Writes));
        Assert.Equal(2, Read("k"));
        _memories.PassivateAll();
        Assert.Equal(2, Read("k"));
    }

    [Fact]
    public void A_message_makes_it_live_on()
    {
        Keep("k", 1);
        _time.Advance(Limits.MemoryLifetime / 2);
        Read("k");
        _time.Advance(Limits.MemoryLifetime / 2);
        _memories.PassivateIdle();
        Assert.Equal(1, _memories.Count);
    }

    [Fact]
    public void What_was_only_read_leaves_ram_without_a_write()
    {
        Keep("k", 1);
        _memories.PassivateAll();
        Read("k");
        _memories.PassivateAll();
        Assert.Equal((0, 1), (_memories.Count, _disk.Writes));
    }

    [Fact]
    public void What_became_empty_goes_from_disk()
    {
        Keep("k", 1);
        _memories.PassivateAll();
        Commit(new ActorWrite(new("f", "k"), default));
        Assert.Equal((-1, true), (_memories.LengthOf(new("f", "k")), _disk.Records.ContainsKey(new("f", "k"))));
        Assert.True(_memories.Activate(new("f", "k")).IsEmpty);
        _memories.PassivateAll();
        Assert.Empty(_disk.Records);
    }

    [Fact]
    public void The_least_recently_used_make_room_when_too_many_are_in_ram()
    {
        for (int i = 0; i < FunctionBounds.ActorsResidentMax; i++)
            Keep($"k{i}", i);
        Assert.Equal((FunctionBounds.ActorsResidentMax, 0), (_memories.Count, _disk.Writes));
        Read("k0");
        Keep("one-more", 77);
        Assert.InRange(_memories.Count, 1, FunctionBounds.ActorsResidentMax);
        Assert.Equal((1, FunctionBounds.ActorsPassivatedAtOnce), (_disk.Writes, _disk.Records.Count));
        Assert.False(_disk.Records.ContainsKey(new("f", "k0")));
        Assert.True(_disk.Records.ContainsKey(new("f", "k1")));
        for (int i = 0; i < FunctionBounds.ActorsResidentMax; i++)
            Assert.Equal(i, Read($"k{i}"));
        Assert.InRange(_memories.Count, 1, FunctionBounds.ActorsResidentMax);
    }

    [Fact]
    public void The_least_recently_used_make_room_when_their_bytes_are_too_many()
    {
        byte[] large = new byte[ActorRecord.BytesMax];
        int fit = FunctionBounds.ActorBytesResidentMax / large.Length;
        for (int i = 0; i < fit; i++)
            Commit(new ActorWrite(new("f", $"k{i}"), large));
        Assert.Equal((fit, 0), (_memories.Count, _disk.Writes));
        Commit(new ActorWrite(new("f", "more"), large));
        Assert.Equal(1, _disk.Writes);
        Assert.InRange(_memories.Bytes, 1, FunctionBounds.ActorBytesResidentMax);
    }

    [Fact]
    public void A_disk_that_refuses_loses_nothing_and_the_new_one_finds_no_room()
    {
        for (int i = 0; i < FunctionBounds.ActorsResidentMax; i++)
            Keep($"k{i}", i);
        _disk.Refuses = true;
        Assert.False(_memories.TryReserve([new(new("f", "more"), new byte[1])]));
        _time.Advance(Limits.MemoryLifetime);
        _memories.PassivateIdle();
        Assert.Equal(FunctionBounds.ActorsResidentMax, _memories.Count);
        Assert.Equal((FunctionBounds.ActorsResidentMax, _memories.Bytes), _memories.PassivateAll());
        _disk.Refuses = false;
        Assert.Equal((0, 0L), _memories.PassivateAll());
        Assert.Equal(FunctionBounds.ActorsResidentMax, _disk.Records.Count);
        Assert.Equal(200, Read("k200"));
    }

    [Fact]
    public void What_was_reserved_and_given_up_is_room_again()
    {
        ActorWrite[] all = [.. Enumerable.Range(0, FunctionBounds.ActorsResidentMax).Select(i => new ActorWrite(new("f", $"k{i}"), new byte[1]))];
        Assert.True(_memories.TryReserve(all));
        Assert.False(_memories.TryReserve([all[0]]));
        _memories.GiveUp(all);
        Assert.True(_memories.TryReserve(all));
        Assert.False(_memories.TryReserve([.. all, all[0]]));
        _memories.Keep(all);
        Assert.Equal(all.Length, _memories.Count);
    }

    [Fact]
    public void Counts_what_is_not_on_disk_yet_as_the_disk_would()
    {
        Commit(new ActorWrite(new("f", "key"), new byte[10])); // its key on disk is one character longer
        Assert.Equal((14, 0), (_memories.UnsavedBytes("f"), _memories.UnsavedBytes("g")));
        _memories.PassivateAll();
        Assert.Equal(0, _memories.UnsavedBytes("f"));
        Commit(new ActorWrite(new("f", "key"), new byte[12]));
        Assert.Equal(2, _memories.UnsavedBytes("f"));
        Commit(new ActorWrite(new("f", "key"), default));
        Assert.Equal(-14, _memories.UnsavedBytes("f"));
    }

    [Fact]
    public void A_function_that_goes_takes_its_memories_with_it_and_no_late_message_brings_them_back()
    {
        Keep("k", 1);
        Commit(new ActorWrite(new("g", "k"), new byte[] { 2 }));
        ActorWrite[] late = [new(new("f", "late"), new byte[1])];
        Assert.True(_memories.TryReserve(late));
        _functions.Remove("f");
        _memories.Remove("f");
        _memories.Keep(late);
        Assert.Equal(1, _memories.Count);
        _memories.PassivateAll();
        Assert.Equal([new("g", "k")], _disk.Records.Keys);
    }

    [Fact]
    public void The_policy_of_an_actor_is_known_from_disk_without_making_it_resident()
    {
        var policy = new ActorPolicy(ActorPolicyKind.Drop, 500);
        Commit(new ActorWrite(new("f", "k"), ActorRecord.Of(policy, default)));
        Assert.Equal(policy, _memories.PolicyOf(new("f", "k")));
        _memories.PassivateAll();
        Assert.Equal((policy, 0), (_memories.PolicyOf(new("f", "k")), _memories.Count));
        Assert.Equal(default, _memories.PolicyOf(new("f", "unknown")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0102")]
    [InlineData("020300000000")] // another format
    [InlineData("010900000000")] // no policy
    [InlineData("010241000000")] // a batch of 65
    public void What_is_no_record_is_the_default(string hex) => Assert.Equal(default, ActorRecord.PolicyOf(Convert.FromHexString(hex)));

    [Fact]
    public async Task Many_threads_lose_nothing_while_memories_come_and_go()
    {
        const int Threads = 4, Actors = 100, Rounds = 50;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (int round = 1; round <= Rounds; round++)
            {
                for (int i = 0; i < Actors; i++)
                {
                    Assert.Equal(round - 1, Read($"t{thread}-{i}") ?? 0);
                    Keep($"t{thread}-{i}", round);
                }
            }
        }, TestContext.Current.CancellationToken)));
        Assert.InRange(_memories.Count, 1, FunctionBounds.ActorsResidentMax);
        Assert.Equal((0, 0L), _memories.PassivateAll());
        Assert.Equal(Threads * Actors, _disk.Records.Count);
        Assert.All(_disk.Records.Values, record => Assert.Equal(Rounds, record[0]));
    }

    private void Keep(string key, int value) => Commit(new ActorWrite(new("f", key), new byte[] { checked((byte)value) }));

    private void Commit(params ActorWrite[] writes)
    {
        Assert.True(_memories.TryReserve(writes));
        _memories.Keep(writes);
    }

    private int? Read(string key) => _memories.Activate(new("f", key)) is { Length: 1 } record ? record.Span[0] : null;

    private sealed class Disk : IActorStore
    {
        private readonly Lock _lock = new();

        public Dictionary<ActorAddress, byte[]> Records { get; } = [];

        public int Writes { get; private set; }

        public bool Refuses { get; set; }

        public int LengthOf(ActorAddress actor)
        {
            lock (_lock)
                return Records.TryGetValue(actor, out byte[]? record) ? record.Length : -1;
        }

        public bool TryRead(ActorAddress actor, [NotNullWhen(true)] out byte[]? record)
        {
            lock (_lock)
                return Records.TryGetValue(actor, out record);
        }

        /// <summary>What comes while it writes.</summary>
        public Action? OnWrite { get; set; }

        public bool TryWrite(IReadOnlyList<ActorWrite> writes)
        {
            OnWrite?.Invoke();
            lock (_lock)
            {
                if (Refuses)
                    return false;
                Writes++;
                foreach (ActorWrite write in writes)
                {
                    if (write.Record.IsEmpty)
                        Records.Remove(write.Actor);
                    else
                        Records[write.Actor] = write.Record.ToArray();
                }
                return true;
            }
        }
    }
}
