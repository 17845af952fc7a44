using SatNode.Agent.Composition;
using SatNode.Functions.Prefetch;
using SatNode.Network.State;
using SatNode.Protocol.Functions;
using SatNode.Protocol.State;

namespace SatNode.Agent.Tests.Composition;

/// <summary>Which keys are asked of whom, how many at once, and how much comes at most.</summary>
public sealed class RemotePrefetchTests : IDisposable
{
    private readonly StateStore _store = StateStore.Open(new());
    private readonly FunctionStates _states;
    private readonly List<(ulong Holder, string Key, ulong Newer, TaskCompletionSource<StateEntry?> Answer)> _asked = [];

    public RemotePrefetchTests() => _states = new(_store, new(new ActorStore(_store, 1, TimeProvider.System), _ => new(), TimeProvider.System), [1, 2], 1, TimeProvider.System);

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_global_key_is_asked_of_its_home_one_of_the_neighbourhood_of_four_neighbours_and_no_other_key_of_anyone()
    {
        string away = GlobalAt(2, 1)[0], here = GlobalAt(1, 1)[0];
        _store.Put(FunctionStates.StoreKey("f", away), 7, 2, new byte[1]);
        Task fetched = Fetch([away, here, "own", "neighbourhood/x"], neighbours: [4, 5, 6, 7, 8]);
        Assert.Equal([(2UL, $"sh/f/{away}", 8UL), (4UL, "sh/f/neighbourhood/x", 1UL), (5UL, "sh/f/neighbourhood/x", 1UL), (6UL, "sh/f/neighbourhood/x", 1UL)],
            _asked.Select(asked => (asked.Holder, asked.Key, asked.Newer)));
        Answer(0, null); // nothing newer
        Assert.Equal((7UL, "sh/f/neighbourhood/x"), (_asked[^1].Holder, _asked[^1].Key));
        Assert.False(fetched.IsCompleted);
        for (int i = 1; i < _asked.Count; i++)
            Answer(i, 1);
        Assert.True(fetched.IsCompletedSuccessfully);
        Assert.Equal(5, _asked.Count);
    }

    [Fact]
    public void Four_are_on_their_way_at_most_and_64_MiB_come_at_most()
    {
        Task fetched = Fetch(GlobalAt(2, 16), []);
        Assert.Equal(4, _asked.Count); // each may be as large as a state can be
        Answer(0, StateLimits.MaxBytes);
        Assert.Equal(4, _asked.Count);
        Answer(1, 0);
        Assert.Equal(5, _asked.Count);
        for (int i = 2; i < 5; i++)
            Answer(i, StateLimits.MaxBytes);
        Assert.True(fetched.IsCompletedSuccessfully);
        Assert.Equal(5, _asked.Count);
        Assert.Equal(PrefetchLimits.BytesMax, 4L * StateLimits.MaxBytes);
    }

    [Fact]
    public async Task The_end_of_the_node_is_no_failure()
    {
        Task fetched = Fetch(GlobalAt(2, 2), []);
        _asked[0].Answer.SetCanceled(TestContext.Current.CancellationToken);
        Answer(1, null);
        await fetched;
    }

    private Task Fetch(string[] keys, ulong[] neighbours)
    {
        var remote = new RemotePrefetch(_states, 1, (holder, key, newer, _, _) =>
        {
            var answer = new TaskCompletionSource<StateEntry?>();
            _asked.Add((holder, key, newer, answer));
            return answer.Task;
        }, () => neighbours);
        var manifest = new FunctionManifest { Name = "f", Version = "1", Kind = FunctionKind.Reactor, ModuleDigest = new byte[32], Needs = FunctionNeeds.State, Prefetch = keys };
        return remote.Fetch(manifest, TimeSpan.FromSeconds(30), CancellationToken.None);
    }

    private void Answer(int which, int? bytes) => _asked[which].Answer.SetResult(bytes is { } length ? new(_asked[which].Key, 9, 2, new byte[length]) : null);

    private string[] GlobalAt(ulong home, int count) => [.. Enumerable.Range(0, 200).Select(i => $"global/{i}").Where(key => _states.HomeOf("f", key) == home).Take(count)];
}
