using Microsoft.Extensions.Time.Testing;
using SatNode.Agent.Composition;
using SatNode.Functions.Actors;
using SatNode.Functions.Runtime;
using SatNode.Network.State;
using SatNode.Protocol.State;

namespace SatNode.Agent.Tests.Composition;

/// <summary>What functions write, where it goes, and who is told.</summary>
public sealed class FunctionStatesTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.db");
    private readonly StateStore _store;
    private readonly FakeTimeProvider _time = new(new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly List<FunctionWrite> _written = [];
    private readonly List<FunctionWrite> _emitted = [];
    private readonly List<StateUpdate> _shared = [];
    private readonly ActorMemories _memories;
    private readonly FunctionStates _states;

    public FunctionStatesTests()
    {
        _store = StateStore.Open(new() { Path = _path });
        _memories = new(new ActorStore(_store, 1, _time), _ => new(), _time);
        _states = new(_store, _memories, [1, 2, 3, 4, 5], 1, _time) { Written = _written.Add, Emitted = _emitted.Add, Shared = (_, update) => _shared.Add(update) };
    }

    public void Dispose()
    {
        _store.Dispose();
        foreach (string suffix in (string[])["", "-wal", "-shm"])
            File.Delete(_path + suffix);
    }

    [Fact]
    public void Each_function_has_keys_of_its_own()
    {
        Commit("a", new StateChange("k", new byte[] { 1 }));
        Commit("b", new StateChange("k", new byte[] { 2 }));
        Assert.True(_states.TryGet("a", "k", out StateValue value));
        Assert.Equal(1, value.Bytes.Span[0]);
        Assert.Equal(["k"], _states.List("a", ""));
        Assert.Equal(2, _states.BytesOf("a"));
        Assert.False(_states.TryGet("c", "k", out _));
        Assert.Empty(_shared);
    }

    [Fact]
    public void Nothing_is_kept_told_or_sent_when_one_key_conflicts()
    {
        Assert.Equal(CommitResult.Conflict, Commit("a", new StateChange("global/k", new byte[1]), new StateChange("l", new byte[1], Expected: 7)));
        Assert.Equal((0, 0, 0), (_store.Count, _written.Count, _shared.Count));
    }

    [Fact]
    public void What_is_shared_goes_out_with_its_version_and_depth_and_what_is_deleted_does_not()
    {
        Commit("a", new StateChange("neighbourhood/k", new byte[] { 9 }), new StateChange("own", new byte[1]), new StateChange("global/gone", null));
        StateUpdate update = Assert.Single(_shared);
        Assert.Equal(("sh/a/neighbourhood/k", 1UL, 3), (update.Key, update.Origin, update.Depth));
        Assert.Equal(_states.Describe("a", "neighbourhood/k").Version, update.Version);
        Assert.Equal(["neighbourhood/k", "own"], _states.List("a", ""));
        Assert.Equal([("a", "neighbourhood/k", 3), ("a", "own", 3)], _written.Select(write => (write.Function, write.Key, write.Depth)));
    }

    [Fact]
    public void Versions_follow_the_clock_and_grow_within_a_moment()
    {
        Commit("a", new StateChange("k", new byte[1]));
        ulong first = _states.Describe("a", "k").Version;
        Commit("a", new StateChange("k", new byte[1]));
        Assert.Equal(first + 1, _states.Describe("a", "k").Version);
        _time.Advance(TimeSpan.FromSeconds(5));
        Commit("a", new StateChange("k", new byte[1]));
        Assert.Equal(first + 5000, _states.Describe("a", "k").Version);
    }

    [Fact]
    public void Two_messages_to_one_topic_stand_beside_each_other_and_a_topic_keeps_64()
    {
        for (int i = 0; i < 100; i++)
            _states.Commit([new("a", [], [new("t", new byte[] { 1 }), new("t", new byte[] { 2 })])], 0);
        Assert.Equal((200, 64), (_emitted.Count, _store.Count));
        Assert.Equal((byte)1, _store.Get(_emitted[^2].StoreKey, _emitted[^2].Version)!.Bytes.Span[0]);
        Assert.Equal((byte)2, _store.Get(_emitted[^1].StoreKey, _emitted[^1].Version)!.Bytes.Span[0]);
    }

    [Fact]
    public void All_nodes_find_the_same_home_and_keep_it_when_another_node_goes()
    {
        var elsewhere = new FunctionStates(_store, _memories, [5, 4, 3, 2, 1], 4, _time);
        var without3 = new FunctionStates(_store, _memories, [1, 2, 4, 5], 1, _time);
        ulong[] homes = [.. Enumerable.Range(0, 1000).Select(i => _states.HomeOf("f", $"global/{i}"))];
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(homes[i], elsewhere.HomeOf("f", $"global/{i}"));
            if (homes[i] != 3)
                Assert.Equal(homes[i], without3.HomeOf("f", $"global/{i}"));
        }
        Assert.All(homes.GroupBy(home => home), group => Assert.InRange(group.Count(), 140, 260)); // a fifth each
    }

    [Fact]
    public void What_services_keep_counts_as_the_functions_and_is_neither_listed_nor_told()
    {
        Commit("a", new StateChange("k", new byte[] { 1 }), new StateChange("\u0002", new byte[16]), new StateChange("\u0001o", new byte[4]));
        Assert.Equal(["k"], _states.List("a", ""));
        Assert.Equal(2 + 17 + 6, _states.BytesOf("a"));
        Assert.Equal("k", Assert.Single(_written).Key);
        Assert.True(_states.TryGet("a", "\u0002", out _));
        Assert.False(_states.TryGet("b", "\u0002", out _));
    }

    [Fact]
    public void Of_two_that_take_the_same_entry_one_conflicts()
    {
        Commit("a", new StateChange("\u0002", new byte[16], Expected: 0), new StateChange("\u00020000000000000000", new byte[1]));
        ulong seen = _states.Describe("a", "\u0002").Version;
        StateChange[] take = [new("\u0002", new byte[16], Expected: seen), new("\u00020000000000000000", null)];
        Assert.Equal((CommitResult.Committed, CommitResult.Conflict), (Commit("a", take), Commit("a", take)));
    }

    [Fact]
    public void Undeploying_leaves_nothing_behind_and_nothing_of_others_goes()
    {
        Commit("b", new StateChange("k", new byte[] { 1 }), new StateChange("\u0001o", new byte[4]));
        string[] before = Rows();
        Commit("a", new StateChange("k", new byte[1]), new StateChange("neighbourhood/k", new byte[1]), new StateChange("global/k", new byte[1]), new StateChange("\u0001o", new byte[4]),
            new StateChange("\u0001o\u0001000", new byte[4]), new StateChange("\u0002", new byte[16]), new StateChange("\u0003actor", new byte[9]));
        _memories.PassivateAll();
        Assert.Equal(before.Length + 7, Rows().Length);
        Assert.Equal(7, _store.RemoveOwned("a"));
        Assert.Equal(before, Rows());
        Assert.Equal(0, _states.BytesOf("a"));

        // The medium itself, not the store's index.
        string[] Rows()
        {
            using var medium = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_path};Pooling=False");
            medium.Open();
            using Microsoft.Data.Sqlite.SqliteCommand command = medium.CreateCommand();
            command.CommandText = "SELECT key || ' ' || length(data) FROM state ORDER BY key";
            using Microsoft.Data.Sqlite.SqliteDataReader reader = command.ExecuteReader();
            List<string> rows = [];
            while (reader.Read())
                rows.Add(reader.GetString(0));
            return [.. rows];
        }
    }

    private CommitResult Commit(string function, params StateChange[] changes) => _states.Commit([new(function, changes, [])], 3);
}
