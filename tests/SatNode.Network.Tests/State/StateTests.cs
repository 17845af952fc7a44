using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using SatNode.Network.Routing;
using SatNode.Network.State;
using SatNode.Protocol.Bundles;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.State;

namespace SatNode.Network.Tests.State;

public sealed class StateStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("states-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "state.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_older_version_never_replaces_a_newer_even_after_a_restart()
    {
        using (StateStore store = StateStore.Open(new() { Path = Path }))
        {
            Assert.Equal(PutStatus.Stored, store.Put("k", 5, 1, "five"u8.ToArray()));
            Assert.Equal(PutStatus.NotNewer, store.Put("k", 4, 1, "four"u8.ToArray()));
            Assert.Equal(PutStatus.NotNewer, store.Put("k", 5, 1, "other"u8.ToArray()));
        }
        using StateStore again = StateStore.Open(new() { Path = Path });
        Assert.Equal(PutStatus.NotNewer, again.Put("k", 4, 1, "four"u8.ToArray()));
        Assert.Equal("five"u8.ToArray(), again.Get("k", 5)!.Bytes.ToArray());
        Assert.Null(again.Get("k", 6));
        Assert.Equal(PutStatus.Stored, again.Put("k", ulong.MaxValue, 2, "max"u8.ToArray()));
        Assert.Equal(ulong.MaxValue, again.Get("k", ulong.MaxValue)!.Version);
        Assert.Equal(3, again.Bytes);
    }

    [Fact]
    public void When_full_the_least_recently_used_goes()
    {
        using StateStore store = StateStore.Open(new() { MaxBytes = 300 });
        foreach (string key in (string[])["a", "b", "c"])
            Assert.Equal(PutStatus.Stored, store.Put(key, 1, 1, new byte[100]));
        Assert.NotNull(store.Get("a"));
        Assert.Equal(PutStatus.Stored, store.Put("d", 1, 1, new byte[100]));
        Assert.Null(store.Get("b"));
        Assert.NotNull(store.Get("a"));
        Assert.Equal(1, store.Evicted);
        Assert.Equal(PutStatus.Refused, store.Put("e", 1, 1, new byte[301]));
        Assert.Equal(3, store.Count);
        Assert.Equal(PutStatus.Stored, store.Put("a", 2, 1, new byte[300])); // room is made by all others, not by itself
        Assert.Equal(1, store.Count);
        Assert.Equal(300, store.Bytes);
    }

    [Fact]
    public void The_number_of_states_is_bounded()
    {
        using StateStore store = StateStore.Open(new() { MaxCount = 2 });
        for (int i = 0; i < 3; i++)
            store.Put($"{i}", 1, 1, new byte[1]);
        Assert.Equal(2, store.Count);
        Assert.Null(store.Get("0"));
    }

    [Fact]
    public void Several_changes_are_made_as_one_or_not_at_all()
    {
        using StateStore store = StateStore.Open(new() { Path = Path, MaxBytes = 100 });
        Assert.Equal(ApplyStatus.Applied, store.Apply([new("a", 5, 1, new byte[3]), new("b", 5, 1, new byte[4], Expected: 0)]));
        Assert.Equal(ApplyStatus.Conflict, store.Apply([new("a", 6, 1, new byte[9]), new("b", 6, 1, new byte[9], Expected: 4)]));
        Assert.Equal(ApplyStatus.Conflict, store.Apply([new("a", 6, 1, new byte[9], Expected: 0)]));
        Assert.Equal(ApplyStatus.Refused, store.Apply([new("a", 6, 1, new byte[9]), new("c", 6, 1, new byte[101])]));
        Assert.Equal(ApplyStatus.Refused, store.Apply([new("a", 6, 1, new byte[9]), new(new string('k', 201), 6, 1, new byte[1])]));
        Assert.Equal((3, 5UL, 2, 7L), (store.Describe("a").Length, store.Describe("a").Version, store.Count, store.Bytes));
        Assert.Equal(ApplyStatus.Applied, store.Apply([new("a", 6, 1, null, Expected: 5), new("b", 2, 1, new byte[1], Expected: 5), new("b", 2, 1, new byte[2])]));
        Assert.Equal((-1, 0UL), store.Describe("a"));
        Assert.Equal((2, 6UL, 1, 2L), (store.Describe("b").Length, store.Describe("b").Version, store.Count, store.Bytes)); // an older version becomes the next
    }

    [Fact]
    public void No_two_writes_have_the_same_stamp_even_when_a_version_comes_back()
    {
        using StateStore store = StateStore.Open(new() { Path = Path });
        Assert.Equal((-1, 0L), store.Look("k"));
        store.Put("k", 5, 1, new byte[3]);
        (int length, long first) = store.Look("k");
        store.Apply([new("k", 5, 1, null)]);
        Assert.Equal((-1, 0L), store.Look("k"));
        store.Apply([new("k", 5, 1, new byte[3])]);
        Assert.Equal((3, 5UL, 3), (length, store.Describe("k").Version, store.Look("k").Length));
        Assert.NotEqual(first, store.Look("k").Stamp);
        long second = store.Look("k").Stamp;
        _ = store.Get("k");
        Assert.Equal(second, store.Look("k").Stamp);
    }

    [Fact]
    public void Changes_are_on_disk_when_they_are_told()
    {
        using (StateStore store = StateStore.Open(new() { Path = Path }))
            store.Apply([new(StateStore.OwnedKey("f", "k"), 5, 1, "five"u8.ToArray()), new("gone", 5, 1, new byte[1]), new("gone", 6, 1, null)]);
        using StateStore again = StateStore.Open(new() { Path = Path });
        Assert.Equal("five"u8.ToArray(), again.Get("fn/f/k")!.Bytes.ToArray());
        Assert.Equal(1, again.Count);
        Assert.Equal(5, again.BytesOf("f"));
    }

    [Fact]
    public void What_somebody_owns_stays_when_the_rest_goes_to_make_room()
    {
        using StateStore store = StateStore.Open(new() { Path = Path, MaxBytes = 100 });
        store.Apply([new(StateStore.OwnedKey("f", "k"), 1, 1, new byte[40])]);
        store.Put("old", 1, 1, new byte[40]);
        Assert.Equal(PutStatus.Stored, store.Put("new", 1, 1, new byte[50]));
        Assert.Equal(["fn/f/k", "new"], store.List("", 9));
        Assert.Equal(ApplyStatus.Applied, store.Apply([new(StateStore.OwnedKey("f", "l"), 1, 1, new byte[60])]));
        Assert.Equal(["fn/f/k", "fn/f/l"], store.List("", 9));
        Assert.Equal(PutStatus.Refused, store.Put("new", 2, 1, new byte[1])); // full of what is owned
        Assert.Equal(ApplyStatus.Refused, store.Apply([new(StateStore.OwnedKey("g", "k"), 1, 1, new byte[1])]));
        Assert.Equal(ApplyStatus.Applied, store.Apply([new(StateStore.OwnedKey("f", "l"), 2, 1, new byte[59])]));
    }

    [Fact]
    public void What_a_service_keeps_for_an_owner_stays_counts_and_goes_with_the_owner()
    {
        using StateStore store = StateStore.Open(new() { Path = Path, MaxBytes = 100 });
        store.Apply([new(StateStore.ServiceKey("f", "o"), 1, 1, new byte[60]), new(StateStore.ServiceKey("fg", "o"), 1, 1, new byte[1])]);
        store.Put("old", 1, 1, new byte[30]);
        Assert.Equal(PutStatus.Stored, store.Put("new", 1, 1, new byte[30]));
        Assert.Equal(["new", "sv/f/o", "sv/fg/o"], store.List("", 9));
        Assert.Equal((61L, 2L), (store.BytesOf("f"), store.BytesOf("fg")));
        Assert.Equal(1, store.RemoveOwned("f"));
        Assert.Equal(["new", "sv/fg/o"], store.List("", 9));
    }

    [Fact]
    public void Nothing_goes_when_that_would_not_make_room()
    {
        using StateStore store = StateStore.Open(new() { Path = Path, MaxBytes = 100 });
        store.Apply([new(StateStore.OwnedKey("f", "k"), 1, 1, new byte[60])]);
        store.Put("other", 1, 1, new byte[30]);
        Assert.Equal(ApplyStatus.Refused, store.Apply([new(StateStore.OwnedKey("f", "l"), 1, 1, new byte[41])]));
        Assert.Equal((2, 0L), (store.Count, store.Evicted));
        Assert.Equal(ApplyStatus.Applied, store.Apply([new(StateStore.OwnedKey("f", "l"), 1, 1, new byte[40])]));
        Assert.Equal((2, 1L), (store.Count, store.Evicted));
    }

    [Fact]
    public void Counts_and_removes_what_an_owner_keeps_and_shares()
    {
        using StateStore store = StateStore.Open(new() { Path = Path });
        store.Apply([new(StateStore.OwnedKey("f", "ab"), 1, 1, new byte[10]), new(StateStore.SharedKey("f", "global/x"), 1, 1, new byte[20]), new(StateStore.OwnedKey("fg", "ab"), 1, 1, new byte[1])]);
        Assert.Equal((2 + 10 + 8 + 20, 3, 0), (store.BytesOf("f"), store.BytesOf("fg"), store.BytesOf("h")));
        Assert.Equal(2, store.RemoveOwned("f"));
        Assert.Equal((0L, 3L), (store.BytesOf("f"), store.BytesOf("fg")));
        Assert.Equal(["fn/fg/ab"], store.List("", 9));
    }

    [Theory]
    [InlineData("fn/f/k", false, null, null)]
    [InlineData("sv/f/k", false, null, null)]
    [InlineData("sh/f/global/x", true, "f", "global/x")]
    [InlineData("workflow/w/r/s", true, null, null)]
    [InlineData("sh/", true, null, null)]
    public void What_is_a_functions_own_is_closed_to_other_nodes(string key, bool isOpen, string? owner, string? own)
    {
        Assert.Equal(isOpen, StateStore.IsOpenToOthers(key));
        Assert.Equal((owner, own), (StateStore.SharedBy(key)?.Owner, StateStore.SharedBy(key)?.Key));
    }

    [Fact]
    public void Damage_is_found_when_reading()
    {
        using StateStore store = StateStore.Open(new() { Path = Path });
        store.Put("k", 5, 1, "five"u8.ToArray());
        using (var connection = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "UPDATE state SET data = x'00'";
            Assert.Equal(1, command.ExecuteNonQuery());
        }
        Assert.Null(store.Get("k"));
        Assert.Equal(1, store.Damaged);
        Assert.Equal(PutStatus.Stored, store.Put("k", 5, 1, "five"u8.ToArray()));
    }
}

public sealed class StatePropagationTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_state_crosses_two_hops_with_its_trigger_and_is_there_when_the_observer_hears_of_it()
    {
        await using var world = new World();
        (Member a, _, Member c) = Chain(world);
        var trigger = new StateTrigger("wildfire", "run-1", "object-det", "detect", 900_000_000_000, 0, [new("frames", 7, 1)], 0);
        await a.Propagation.Push(3, new("frames", 7, 1, "pixels"u8.ToArray(), trigger, 0), Hour);
        (StateUpdate update, ulong from, int? hops, bool isNew) = await c.Observer.Updates.Reader.ReadAsync().AsTask().WaitAsync(World.Patience);
        Assert.Equal(("frames", 7UL, 1UL, 2, true), (update.Key, update.Version, from, hops, isNew));
        Assert.Equal("object-det", update.Trigger!.Stage);
        Assert.Equal("pixels"u8.ToArray(), c.States.Get("frames", 7)!.Bytes.ToArray());
        await a.Propagation.Push(3, new("frames", 6, 1, "old"u8.ToArray(), null, 0), Hour);
        Assert.False((await c.Observer.Updates.Reader.ReadAsync().AsTask().WaitAsync(World.Patience)).IsNew);
        Assert.Equal(7UL, c.States.Get("frames")!.Version);
    }

    [Fact]
    public async Task A_fetch_brings_the_holders_state_and_keeps_it()
    {
        await using var world = new World();
        (Member a, _, Member c) = Chain(world);
        var state = new byte[200_000];
        new Random(3).NextBytes(state);
        c.States.Put("frames", 7, 3, state);
        StateEntry fetched = Assert.IsType<StateEntry>(await a.Propagation.Fetch(3, "frames", 7, World.Patience));
        Assert.Equal(state, fetched.Bytes.ToArray());
        Assert.Equal(3UL, fetched.Origin);
        Assert.Equal(7UL, a.States.Get("frames")!.Version);
    }

    [Fact]
    public async Task A_fetch_of_what_the_holder_lacks_is_null_and_so_is_one_that_nobody_answers()
    {
        await using var world = new World();
        (Member a, _, Member c) = Chain(world);
        c.States.Put("frames", 6, 3, new byte[1]);
        Assert.Null(await a.Propagation.Fetch(3, "frames", 7, World.Patience));
        Assert.Null(await a.Propagation.Fetch(99, "frames", 7, TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public async Task A_functions_own_state_is_neither_written_nor_read_by_another_node()
    {
        await using var world = new World();
        (Member a, _, Member c) = Chain(world);
        c.States.Put("fn/f/secret", 1, 3, "mine"u8.ToArray());
        await a.Propagation.Push(3, new("fn/f/secret", 9, 1, "yours"u8.ToArray(), null, 0), Hour);
        await a.Propagation.Push(3, new("sh/f/global/x", 9, 1, "ours"u8.ToArray(), null, 2), Hour); // comes after the first
        (StateUpdate update, _, _, _) = await c.Observer.Updates.Reader.ReadAsync().AsTask().WaitAsync(World.Patience);
        Assert.Equal(("sh/f/global/x", 2), (update.Key, update.Depth));
        Assert.Equal("mine"u8.ToArray(), c.States.Get("fn/f/secret")!.Bytes.ToArray());
        Assert.Null(await a.Propagation.Fetch(3, "fn/f/secret", 1, TimeSpan.FromMilliseconds(200)));
    }

    [Theory]
    [InlineData("fn/f/secret", "sh/f/global/x")] // what nobody asked for
    [InlineData("fn/f/secret", "fn/f/secret")]
    public async Task An_answer_writes_no_functions_own_state(string answered, string asked)
    {
        await using var world = new World();
        TestNode bad = world.Add(3);
        bad.Node.Register(StatePropagation.StateService, async (bundle, _) =>
        {
            var request = (StateRequest)StateMessage.Decode(bundle.Payload);
            await bad.Node.Send(EndpointId.Ipn(1, StatePropagation.StateService), new StateReply(request.Id, answered, 9, 3, "yours"u8.ToArray()).Encode(), Hour);
        });
        bad.Node.Start();
        Member a = Member.Add(world, 1, new LinkEndpoint(3, "127.0.0.1", bad.Node.Port));
        ContactPlan plan = world.Always((1, 3));
        a.Node.Node.SetPlan(plan);
        bad.Node.SetPlan(plan);
        a.States.Put("fn/f/secret", 1, 1, "mine"u8.ToArray());
        await a.Propagation.Fetch(3, asked, 2, World.Patience);
        Assert.Equal("mine"u8.ToArray(), a.States.Get("fn/f/secret")!.Bytes.ToArray());
    }

    [Fact]
    public async Task No_node_hands_a_functions_own_state_to_another_function()
    {
        await using var world = new World();
        (Member a, _, Member c) = Chain(world);
        var request = new InvocationRequest("wildfire", "run-1", "object-det", "detect", new("fn/f/secret", 1, 3), new(900_000_000_000), 1, 0);
        await a.Propagation.Transfer(3, request, Hour);
        InvocationRequest good = request with { Input = new("frames", 7, 1) };
        await a.Propagation.Transfer(3, good, Hour); // comes after the first
        Assert.Equal((good, 1UL, (int?)2), await c.Observer.Invocations.Reader.ReadAsync().AsTask().WaitAsync(World.Patience));
    }

    [Fact]
    public async Task A_range_of_services_has_one_handler_that_is_told_which()
    {
        await using var world = new World();
        var taken = new TaskCompletionSource<(ulong, byte[])>(TaskCreationOptions.RunContinuationsAsynchronously);
        TestNode to = world.Add(3);
        to.Node.RegisterRange(100, 999, (bundle, _) =>
        {
            taken.TrySetResult((bundle.Service, bundle.Payload.ToArray()));
            return Task.CompletedTask;
        });
        to.Node.Start();
        TestNode from = world.Add(1, links: [new LinkEndpoint(3, "127.0.0.1", to.Node.Port)]);
        ContactPlan plan = world.Always((1, 3));
        from.Node.Start();
        from.Node.SetPlan(plan);
        to.Node.SetPlan(plan);
        await from.Node.Send(EndpointId.Ipn(3, 1000), new byte[1], Hour); // no such service
        await from.Node.Send(EndpointId.Ipn(3, 999), new byte[] { 7 }, Hour);
        (ulong service, byte[] payload) = await taken.Task.WaitAsync(World.Patience);
        Assert.Equal((999UL, (byte)7), (service, payload.Single()));
    }

    [Fact]
    public async Task An_invocation_is_handed_over()
    {
        await using var world = new World();
        (Member a, _, Member c) = Chain(world);
        var request = new InvocationRequest("wildfire", "run-1", "object-det", "detect", new("frames", 7, 1), new(900_000_000_000), 1, 0);
        await a.Propagation.Transfer(3, request, Hour);
        Assert.Equal((request, 1UL, (int?)2), await c.Observer.Invocations.Reader.ReadAsync().AsTask().WaitAsync(World.Patience));
    }

    [Fact]
    public async Task A_node_is_asked_to_make_a_function_ready()
    {
        await using var world = new World();
        (Member a, _, Member c) = Chain(world);
        await a.Propagation.AskToWarm(3, "detect", Hour);
        Assert.Equal((new WarmRequest("detect"), 1UL), await c.Observer.Warmings.Reader.ReadAsync().AsTask().WaitAsync(World.Patience));
    }

    private static (Member A, Member B, Member C) Chain(World world)
    {
        Member c = Member.Add(world, 3);
        Member b = Member.Add(world, 2, new LinkEndpoint(3, "127.0.0.1", c.Node.Node.Port));
        Member a = Member.Add(world, 1, new LinkEndpoint(2, "127.0.0.1", b.Node.Node.Port));
        ContactPlan plan = world.Always((1, 2), (2, 3));
        foreach (Member member in (Member[])[a, b, c])
            member.Node.Node.SetPlan(plan);
        return (a, b, c);
    }

    private sealed record Member(TestNode Node, StateStore States, StatePropagation Propagation, Observer Observer)
    {
        public static Member Add(World world, ulong number, params LinkEndpoint[] links)
        {
            TestNode node = world.Add(number, links: links);
            StateStore states = StateStore.Open(new());
            var observer = new Observer();
            var member = new Member(node, states, new(node.Node, states, observer, TimeProvider.System), observer);
            node.Node.Start();
            return member;
        }
    }

    private sealed class Observer : IStateObserver
    {
        public Channel<(StateUpdate Update, ulong From, int? Hops, bool IsNew)> Updates { get; } = Channel.CreateUnbounded<(StateUpdate, ulong, int?, bool)>();

        public Channel<(InvocationRequest Request, ulong From, int? Hops)> Invocations { get; } = Channel.CreateUnbounded<(InvocationRequest, ulong, int?)>();

        public Task StateReceived(StateUpdate update, ulong from, int? hops, bool isNew, CancellationToken cancellation) =>
            Updates.Writer.WriteAsync((update, from, hops, isNew), cancellation).AsTask();

        public Task InvocationReceived(InvocationRequest request, ulong from, int? hops, CancellationToken cancellation) =>
            Invocations.Writer.WriteAsync((request, from, hops), cancellation).AsTask();

        public Channel<(WarmRequest Request, ulong From)> Warmings { get; } = Channel.CreateUnbounded<(WarmRequest, ulong)>();

        public Task WarmRequested(WarmRequest request, ulong from, CancellationToken cancellation) => Warmings.Writer.WriteAsync((request, from), cancellation).AsTask();
    }
}
