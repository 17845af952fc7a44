using System.Diagnostics.CodeAnalysis;
using SatNode.Flight.Invocations;
using SatNode.Functions.Deployments;
using SatNode.Functions.Prefetch;
using SatNode.Protocol.Functions;
using SatNode.Protocol.State;

namespace SatNode.Agent.Composition;

/// <summary>Makes functions ready that are about to be invoked: while an invocation runs, those that follow it get their machine code, an instance and the state that they will
/// read, here or on the node where they are placed; while an invocation waits for what it has to fetch, its code is loaded. And it holds an output for those that follow here, so that
/// they need not read it back.</summary>
/// <remarks>Thread-safe. Nothing here is promised: whoever finds nothing ready starts cold. What is held counts in one budget of bytes, and goes when it is taken, when the invocation that
/// it followed did not complete, or after <see cref="HeldFor"/>. A function is made ready without running its code, before anybody has admitted it.</remarks>
internal sealed class WarmAhead
{
    /// <summary>The most functions whose state is held ahead.</summary>
    public const int FunctionsMax = 16;

    /// <summary>The most outputs that are held for those that follow.</summary>
    public const int OutputsMax = 16;

    /// <summary>How long what nobody takes is held: by then its invocation was deferred.</summary>
    public static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(60);

    /// <summary>How long a fetch from other nodes may take.</summary>
    public static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(30);

    private readonly string _node;
    private readonly FunctionDeployments _deployments;
    private readonly WorkflowRegistry _workflows;
    private readonly TriggerBoard _triggers;
    private readonly IPrefetchSource _source;
    private readonly RemotePrefetch _remote;
    private readonly Action<string, string> _ask;
    private readonly TimeProvider _time;
    private readonly OrderedDictionary<string, Ready> _ready = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<(string Key, ulong Version), Output> _outputs = [];
    private readonly Lock _lock = new();

    /// <summary>Makes one; nothing is ready.</summary>
    /// <param name="node">This node's name.</param>
    /// <param name="deployments">The node's functions.</param>
    /// <param name="workflows">Says which stages follow, and where.</param>
    /// <param name="triggers">Says which functions an output starts.</param>
    /// <param name="source">The state on the node.</param>
    /// <param name="remote">The state on other nodes.</param>
    /// <param name="ask">Asks a node, the first, to make a function ready, the second.</param>
    /// <param name="time">The mission clock.</param>
    public WarmAhead(string node, FunctionDeployments deployments, WorkflowRegistry workflows, TriggerBoard triggers, IPrefetchSource source, RemotePrefetch remote, Action<string, string> ask,
        TimeProvider time)
    {
        _node = node;
        _deployments = deployments;
        _workflows = workflows;
        _triggers = triggers;
        _source = source;
        _remote = remote;
        _ask = ask;
        _time = time;
    }

    /// <summary>True makes nothing ready for what follows, and holds no outputs: to measure what it is worth.</summary>
    public bool IsOff { get; set; }

    /// <summary>What is held, in bytes.</summary>
    public PrefetchBudget Budget { get; } = new();

    /// <summary>Functions whose state is held.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _ready.Count;
        }
    }

    /// <summary>Called when an invocation begins to run: makes ready what follows it.</summary>
    public void Begin(Invocation invocation)
    {
        if (IsOff)
            return;
        foreach (string follower in _triggers.FollowersOf(invocation.Function))
        {
            if (!string.Equals(follower, invocation.Function, StringComparison.Ordinal)) // which never starts itself
                _ = Warm(follower, invocation.Id);
        }
        if (invocation.Workflow.Length == 0 || !_workflows.TryFind(invocation.Workflow, out WorkflowDefinition? workflow))
            return;
        foreach (WorkflowStage stage in workflow.Following(invocation.Stage))
        {
            if (string.Equals(stage.Candidates[0], _node, StringComparison.Ordinal))
                _ = Warm(stage.Function, invocation.Id);
            else
                _ask(stage.Candidates[0], stage.Function);
        }
    }

    /// <summary>Called when an invocation ended: what was made ready for those that would have followed it goes unless it completed. Their code and instances stay for their idle time.</summary>
    public void Ended(Invocation invocation, bool isCompleted)
    {
        if (isCompleted)
            return;
        lock (_lock)
        {
            foreach (Ready ready in (Ready[])[.. _ready.Values.Where(ready => string.Equals(ready.For, invocation.Id, StringComparison.Ordinal))])
                Drop(ready);
        }
    }

    /// <summary>Makes a function ready that an invocation is going to start: loads its code and makes an instance, fetches and reads the state that it will read.</summary>
    /// <param name="function">The function; nothing happens where it is not deployed.</param>
    /// <param name="cause">The invocation that it follows, or the node that asked.</param>
    /// <returns>Ends when it is ready.</returns>
    public Task Warm(string function, string cause)
    {
        if (_deployments.Find(function) is not { } deployed)
            return Task.CompletedTask;
        FunctionManifest manifest = deployed.Manifest;
        DateTimeOffset now = _time.GetUtcNow();
        if (manifest.Prefetch.Count == 0)
            return Task.Run(() => _deployments.Warm(function, now));
        lock (_lock)
        {
            if (_ready.TryGetValue(function, out Ready? there) && there.Until > now && ReferenceEquals(there.Manifest, manifest))
                return there.Done;
            if (there is not null)
                Drop(there);
            if (_ready.Count == FunctionsMax)
                Drop(_ready.GetAt(0).Value);
            var ready = new Ready(manifest, new(manifest, _source, Budget), cause, now + HeldFor);
            CancellationToken dropped = ready.Dropped;
            ready.Done = Task.Run(async () =>
            {
                Task fetched = _remote.Fetch(manifest, FetchTimeout, dropped);
                _deployments.Warm(function, now);
                await fetched; // before it is read: what is newer elsewhere is what the function shall see
                ready.State.ReadAll();
            });
            _ready.Add(function, ready);
            return ready.Done;
        }
    }

    /// <summary>Begins what an invocation waits for before it is due: the state that other nodes have, unless that is on its way already, and its code where something has to be waited for.</summary>
    /// <param name="invocation">The invocation, just queued.</param>
    /// <param name="inputs">The fetch of its inputs.</param>
    /// <param name="cancellation">The node stops.</param>
    public async Task Prepare(Invocation invocation, Task inputs, CancellationToken cancellation)
    {
        if (_deployments.Find(invocation.Function) is not { Manifest: { } manifest } function)
            return;
        Task fetched = IsOnItsWay(manifest, out Task? begun) ? begun : _remote.Fetch(manifest, Patience(invocation), cancellation);
        if (!function.IsLoaded && !(fetched.IsCompleted && inputs.IsCompleted))
            _ = Task.Run(() => _deployments.Warm(manifest.Name, _time.GetUtcNow()), CancellationToken.None);
        if (!fetched.IsCompleted)
            await fetched.WaitAsync(Patience(invocation), _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The state for an invocation of a function that starts now: what was made ready, or, when it starts cold, what is to be read while it does.</summary>
    /// <returns>Null when there is none to read ahead. The caller disposes it.</returns>
    public StatePrefetch? Take(FunctionManifest manifest, bool isCold)
    {
        if (manifest.Prefetch.Count == 0)
            return null;
        lock (_lock)
        {
            if (_ready.Remove(manifest.Name, out Ready? ready))
            {
                if (ReferenceEquals(ready.Manifest, manifest))
                    return ready.State; // what is still being read goes on; the function waits for no more than what it asks for
                ready.Dispose();
            }
        }
        return isCold ? new(manifest, _source, Budget) : null;
    }

    /// <summary>Holds an output for those that follow here.</summary>
    /// <param name="state">Where it stands in the store.</param>
    /// <param name="output">The output.</param>
    /// <param name="takers">How many will take it, 1 or more.</param>
    /// <returns>False when there is no room: they have to read it.</returns>
    public bool Hold(StateReference state, ReadOnlyMemory<byte> output, int takers)
    {
        if (IsOff)
            return false;
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            if (_outputs.ContainsKey((state.Key, state.Version)))
                return true;
            if (_outputs.Count == OutputsMax)
                Drop(_outputs.GetAt(0).Key);
            if (!Budget.TryTake(output.Length))
                return false;
            _outputs.Add((state.Key, state.Version), new(output, now + HeldFor) { Takers = takers });
            return true;
        }
    }

    /// <summary>Whether an output is held.</summary>
    public bool Holds(StateReference state)
    {
        lock (_lock)
            return _outputs.ContainsKey((state.Key, state.Version));
    }

    /// <summary>An output that is held, once for each taker; null when it has to be read.</summary>
    public ReadOnlyMemory<byte>? Take(StateReference state)
    {
        lock (_lock)
        {
            if (!_outputs.TryGetValue((state.Key, state.Version), out Output? output))
                return null;
            if (--output.Takers == 0)
                Drop((state.Key, state.Version));
            return output.Bytes;
        }
    }

    /// <summary>Lets go what nobody took in time. Cheap; call it now and then.</summary>
    public void Expire()
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            foreach (Ready ready in (Ready[])[.. _ready.Values.Where(ready => ready.Until <= now)])
                Drop(ready);
            foreach ((string, ulong) key in ((string, ulong)[])[.. _outputs.Where(held => held.Value.Until <= now).Select(held => held.Key)])
                Drop(key);
        }
    }

    private bool IsOnItsWay(FunctionManifest manifest, [NotNullWhen(true)] out Task? done)
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            done = _ready.TryGetValue(manifest.Name, out Ready? ready) && ready.Until > now && ReferenceEquals(ready.Manifest, manifest) ? ready.Done : null;
            return done is not null;
        }
    }

    /// <summary>What an invocation waits for is worth no more than half of its time.</summary>
    private TimeSpan Patience(Invocation invocation)
    {
        TimeSpan half = (invocation.Deadline - _time.GetUtcNow()) / 2;
        return half < TimeSpan.Zero ? TimeSpan.Zero : half < FetchTimeout ? half : FetchTimeout;
    }

    private void Drop(Ready ready)
    {
        _ready.Remove(ready.Manifest.Name);
        ready.Dispose();
    }

    private void Drop((string Key, ulong Version) key)
    {
        if (_outputs.Remove(key, out Output? output))
            Budget.Return(output.Bytes.Length);
    }

    private sealed class Ready(FunctionManifest manifest, StatePrefetch state, string cause, DateTimeOffset until) : IDisposable
    {
        private readonly CancellationTokenSource _dropped = new();

        public FunctionManifest Manifest => manifest;

        public StatePrefetch State => state;

        public string For => cause;

        public DateTimeOffset Until => until;

        public CancellationToken Dropped => _dropped.Token;

        public Task Done { get; set; } = Task.CompletedTask;

        public void Dispose()
        {
            state.Dispose(); // first: whoever is woken then reads no more
            _dropped.Cancel();
            _dropped.Dispose();
        }
    }

    private sealed class Output(ReadOnlyMemory<byte> bytes, DateTimeOffset until)
    {
        public ReadOnlyMemory<byte> Bytes => bytes;

        public DateTimeOffset Until => until;

        public int Takers { get; set; }
    }
}
