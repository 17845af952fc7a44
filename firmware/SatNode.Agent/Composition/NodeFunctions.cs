using System.Buffers.Binary;
using System.Formats.Cbor;
using SatNode.Flight.Invocations;
using SatNode.Flight.Telemetry;
using SatNode.Functions.Deployments;
using SatNode.Functions.Prefetch;
using SatNode.Functions.Runtime;
using SatNode.Network;
using SatNode.Network.State;
using SatNode.Protocol;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.State;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;
using StateTrigger = SatNode.Protocol.State.StateTrigger;

namespace SatNode.Agent.Composition;

/// <summary>Joins functions, state and network: runs what the scheduler starts, passes outputs on along the workflow, and takes in what other nodes send.</summary>
internal sealed class NodeFunctions : IInvocationHost, IStateObserver
{
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RunLifetime = TimeSpan.FromHours(3);

    // What is asked for in advance is of use for as long as what it is for takes.
    private static readonly TimeSpan WarmRequestLifetime = TimeSpan.FromSeconds(60);

    // 128 that wait then cost at most 8 MiB, as with what a telecommand brings.
    private const int BundleInputBytesMax = 64 * 1024;

    // A compare-and-set that lost is tried again from the start, as often as it takes for three that race on one key.
    private const int ConflictRetriesMax = 2;

    private readonly string _node;
    private readonly ulong _number;
    private readonly FunctionDeployments _deployments;
    private readonly FunctionRuntime _runtime;
    private readonly WorkflowRegistry _workflows;
    private readonly JoinBoard _joins = new();
    private readonly LogGate _logs = new();
    private readonly StateStore _states;
    private readonly FunctionStates _functionStates;
    private readonly NodeDirectory _directory;
    private readonly NodeFacts _facts;
    private readonly Outbox _outbox;
    private readonly IEventSink _events;
    private readonly TimeProvider _time;
    private readonly string? _image;
    private readonly TriggerBoard _triggers;
    private readonly Quarantine _quarantine;
    private readonly FunctionProfiles _profiles;
    private readonly double _loadRate;
    private readonly WarmAhead _ahead;
    private StatePropagation? _propagation;
    private InvocationScheduler? _scheduler;
    private long _invocations;
    private long _runs;

    public NodeFunctions(string node, ulong number, FunctionDeployments deployments, FunctionRuntime runtime, WorkflowRegistry workflows, TriggerBoard triggers,
        StateStore states, NodeDirectory directory, NodeFacts facts, Outbox outbox, IEventSink events, TimeProvider time, string? image, Quarantine quarantine,
        FunctionProfiles profiles, double loadRate)
    {
        _node = node;
        _number = number;
        _deployments = deployments;
        _runtime = runtime;
        _workflows = workflows;
        _triggers = triggers;
        _quarantine = quarantine;
        _profiles = profiles;
        _loadRate = loadRate;
        _states = states;
        _directory = directory;
        _facts = facts;
        _outbox = outbox;
        _events = events;
        _time = time;
        _image = image;
        Actors = new NodeActors(states, number, function => FindManifest(function)?.Actor, events, time);
        _functionStates = new FunctionStates(states, Actors.Memories, directory.Numbers, number, time) { Written = WhenWritten, Emitted = WhenEmitted, Shared = Share, Sent = WhenSent };
        var remote = new RemotePrefetch(_functionStates, number, (holder, key, newer, timeout, cancellation) => _propagation!.Fetch(holder, key, newer, timeout, cancellation),
            () => _propagation!.Neighbours);
        _ahead = new WarmAhead(node, deployments, workflows, triggers, _functionStates, remote, AskToWarm, time);
    }

    /// <summary>What actors remember.</summary>
    public NodeActors Actors { get; }

    /// <summary>What is ready for those that come next.</summary>
    public WarmAhead Ahead => _ahead;

    /// <summary>CPU time of the functions' worker processes, which is not in the agent's own.</summary>
    public TimeSpan WorkerCpuTime => _runtime.WorkerCpuTime;

    /// <summary>Completes the circle: the scheduler needs this as its host, the propagation as its observer.</summary>
    public void Attach(InvocationScheduler scheduler, StatePropagation propagation)
    {
        _scheduler = scheduler;
        _propagation = propagation;
    }

    /// <summary>Queues an invocation of a function for a trigger; one that begins workflows begins a run of each.</summary>
    /// <param name="function">The function.</param>
    /// <param name="source">Where its input comes from.</param>
    /// <param name="input">The input.</param>
    /// <param name="whenEnded">Told how it ended.</param>
    /// <param name="actor">The key of the actor, where the function has some; null for the one that triggers mean.</param>
    /// <param name="run">What its report names as its run when it is of no workflow: the telecommand that asked for it.</param>
    /// <returns>False when the queue is full or the function is unknown.</returns>
    public bool Trigger(string function, InputSource source, ReadOnlyMemory<byte> input, Action<ExecutionResult>? whenEnded = null, string run = "",
        string? actor = null)
    {
        if (FindManifest(function) is not { } manifest)
            return false;
        IReadOnlyList<(WorkflowDefinition Workflow, WorkflowStage Stage)> starts = _workflows.FirstStages(function, _node);
        Invocation invocation = New(manifest) with { Source = source, Input = input, WhenEnded = whenEnded, Run = run };
        if (manifest.Actor is not null && actor is not null)
            invocation = invocation with { Actor = actor };
        if (starts.Count == 0)
            return _scheduler!.TryEnqueue(invocation);
        bool all = true;
        foreach ((WorkflowDefinition workflow, WorkflowStage stage) in starts)
        {
            all &= _scheduler!.TryEnqueue(invocation with
            {
                Id = NextId(),
                Workflow = workflow.Name,
                Run = $"{_node}-{_outbox.Boot}-{Interlocked.Increment(ref _runs)}",
                Stage = stage.Name,
            });
        }
        return all;
    }

    public FunctionManifest? FindManifest(string function) => _deployments.Find(function)?.Manifest;

    public async Task<StateOrigin?> Prepare(Invocation invocation, CancellationToken cancellation)
    {
        Task<StateOrigin?> inputs = FetchInputs(invocation, cancellation);
        await _ahead.Prepare(invocation, inputs, cancellation);
        return await inputs;
    }

    private async Task<StateOrigin?> FetchInputs(Invocation invocation, CancellationToken cancellation)
    {
        if (invocation.Source != InputSource.State)
            return StateOrigin.None;
        StateOrigin origin = StateOrigin.Local;
        foreach (StateReference state in invocation.States)
        {
            if (IsHere(state))
                continue;
            origin = StateOrigin.Remote;
            DateTimeOffset asked = _time.GetUtcNow();
            if (await _propagation!.Fetch(state.Holder, state.Key, state.Version, FetchTimeout, cancellation) is not { } entry)
                return null;
            _events.Raise(Events.StateFetched, state.Key, entry.Bytes.Length, _directory.NameOf(state.Holder), (_time.GetUtcNow() - asked).TotalSeconds);
        }
        return origin;
    }

    private bool IsHere(StateReference state) => _ahead.Holds(state) || (_states.Describe(state.Key) is { Length: >= 0 } here && here.Version >= state.Version);

    public ExecutionResult Execute(Invocation invocation, InvocationPace pace, CancellationToken cancellation)
    {
        if (_deployments.Find(invocation.Function) is not { } deployed)
            return new ExecutionResult { Result = InvocationResult.Refused, Reason = $"no function '{invocation.Function}' on this node" };
        bool isCompleted = false;
        Invocation last = invocation.Fused is [.., { } end] ? end : invocation;
        _ahead.Begin(last);
        try
        {
            ExecutionResult result = Execute(invocation, deployed, pace, cancellation);
            isCompleted = result.Fused.Count == invocation.Fused.Count && (result.Fused is [.., { } final] ? final : result).Result == InvocationResult.Completed;
            return result;
        }
        finally
        {
            _ahead.Ended(last, isCompleted);
        }
    }

    public IReadOnlyList<Invocation> Fusible(Invocation invocation)
    {
        if (invocation.Workflow.Length == 0 || !_workflows.TryFind(invocation.Workflow, out WorkflowDefinition? workflow) || FindManifest(invocation.Function) is not { } first)
            return [];
        List<Invocation> stages = [];
        // What somebody else waits for is kept as ever, and what a stage reads ahead takes its time: such stages run by themselves.
        while (stages.Count < InvocationLimits.MaxFused && _triggers.FollowersOf((stages is [.., { } last] ? last : invocation).Function).Count == 0
            && workflow.Following((stages is [.., { } end] ? end : invocation).Stage).ToList() is [{ Fuse: true } stage] && string.Equals(stage.Candidates[0], _node, StringComparison.Ordinal)
            && FindManifest(stage.Function) is { Prefetch.Count: 0 } manifest && FunctionRuntime.CanFuse(first, manifest))
        {
            Invocation next = New(manifest);
            stages.Add(next with
            {
                Workflow = invocation.Workflow,
                Run = invocation.Run,
                Stage = stage.Name,
                Source = InputSource.State,
                Deadline = Earlier(next.Deadline, DtnTime.From(next.Queued + RunLifetime)),
                Depth = invocation.Depth,
            });
        }
        return stages;
    }

    private ExecutionResult Execute(Invocation invocation, DeployedFunction deployed, InvocationPace pace, CancellationToken cancellation)
    {
        long tenure = _deployments.TenureOf(invocation.Function);
        bool isCold = !deployed.IsLoaded;
        using StatePrefetch? prefetch = _ahead.Take(deployed.Manifest, isCold);
        var input = new Lazy<ReadOnlyMemory<byte>?>(() => ReadInput(invocation));
        if (isCold && (prefetch is not null || invocation.Source != InputSource.Bytes || invocation.Batch.Count > 0))
        {
            // On another thread while this one loads the code and starts the instance: what is not read yet when it is wanted is read by who wants it.
            _ = Task.Run(() =>
            {
                _ = input.Value;
                prefetch?.ReadAll();
            }, CancellationToken.None);
        }
        DeployedFunction function = _deployments.FindReady(invocation.Function) ?? deployed; // one that was just removed says so itself
        if (function.Manifest.Actor is null != (invocation.Actor.Length == 0))
        {
            return new ExecutionResult
            {
                Result = InvocationResult.Refused,
                Reason = $"the version of {invocation.Function} that came meanwhile {(function.Manifest.Actor is null ? "has no actors" : "has actors")}",
            };
        }
        NodeEnvironment environment = EnvironmentFor(invocation, tenure, prefetch, pace, null);
        try
        {
            if (invocation.Fused.Count > 0)
                return ExecuteFused(invocation, function, environment, input, isCold, pace, cancellation);
            InvocationOutcome outcome = _runtime.InvokeAhead(function, input, environment, cancellation);
            for (int again = 0; outcome.End == InvocationEnd.Conflict && again < ConflictRetriesMax; again++)
                outcome = After(outcome, _runtime.InvokeAhead(function, input, environment, cancellation));
            ExecutionResult result = Executions.Of(outcome);
            return result with
            {
                CpuTime = result.CpuTime + environment.PrefetchCpuTime, // what another thread read for the function costs as much as if it had read it itself
                Start = isCold && result.Start != InvocationStart.None ? InvocationStart.Cold : result.Start,
                Called = environment.Called,
            };
        }
        finally
        {
            environment.LeaveActors();
        }
    }

    private ExecutionResult ExecuteFused(Invocation invocation, DeployedFunction first, NodeEnvironment environment, Lazy<ReadOnlyMemory<byte>?> input, bool isCold, InvocationPace pace,
        CancellationToken cancellation)
    {
        List<FusedFunction> functions = [new(first, environment)];
        List<NodeEnvironment> environments = [environment];
        foreach (Invocation stage in invocation.Fused)
        {
            // One that was removed or replaced since by another module runs by itself, as far as it can.
            long tenure = _deployments.TenureOf(stage.Function);
            if (_deployments.Find(stage.Function) is not { } function || !FunctionRuntime.CanFuse(first.Manifest, function.Manifest))
                break;
            environments.Add(EnvironmentFor(stage, tenure, null, pace, environment));
            functions.Add(new(function, environments[^1]));
        }
        IReadOnlyList<InvocationOutcome> outcomes = _runtime.InvokeFused(functions, input, cancellation);
        for (int again = 0; outcomes[0].End == InvocationEnd.Conflict && again < ConflictRetriesMax; again++)
        {
            IReadOnlyList<InvocationOutcome> lost = outcomes, next = _runtime.InvokeFused(functions, input, cancellation);
            outcomes = [.. next.Select((outcome, i) => i < lost.Count ? After(lost[i], outcome) : outcome)];
        }
        ExecutionResult[] results = [.. outcomes.Select((outcome, i) => Executions.Of(outcome) with { Called = environments[i].Called })];
        return results[0] with
        {
            CpuTime = results[0].CpuTime + environment.PrefetchCpuTime,
            Start = isCold && results[0].Start != InvocationStart.None ? InvocationStart.Cold : results[0].Start,
            Fused = results[1..],
        };
    }

    private NodeEnvironment EnvironmentFor(Invocation invocation, long tenure, StatePrefetch? prefetch, InvocationPace pace, NodeEnvironment? first) => new(_node, SeedOf(invocation.Id), invocation, _time, _facts,
        _functionStates, _deployments, _scheduler!.Actors, _logs, tenure, _events, _quarantine, _profiles, _loadRate, prefetch, pace, first);

    /// <summary>An attempt after one that lost: what both used is what the invocation used.</summary>
    private static InvocationOutcome After(in InvocationOutcome lost, in InvocationOutcome again) => again with
    {
        CpuTime = lost.CpuTime + again.CpuTime,
        WallTime = lost.WallTime + again.WallTime,
        FuelUsed = lost.FuelUsed + again.FuelUsed,
        MemoryBytesHighest = Math.Max(lost.MemoryBytesHighest, again.MemoryBytesHighest),
    };

    public bool Deliver(Invocation invocation, ReadOnlyMemory<byte> output)
    {
        if (_triggers.FollowersOf(invocation.Function) is { Count: > 0 } followers && _functionStates.Keep(invocation.Function, output, invocation.Depth) is { } kept)
        {
            _ahead.Hold(new StateReference(kept.StoreKey, kept.Version, _number), output, followers.Count);
            Start(followers, kept);
        }
        if (invocation.Workflow.Length == 0 || !_workflows.TryFind(invocation.Workflow, out WorkflowDefinition? workflow))
            return true;
        WorkflowStage[] following = [.. workflow.Following(invocation.Stage)];
        if (following.Length == 0)
            return true;
        var state = new StateReference($"workflow/{invocation.Workflow}/{invocation.Run}/{invocation.Stage}", 1, _number);
        int here = following.Count(stage => string.Equals(stage.Candidates[0], _node, StringComparison.Ordinal));
        if (here > 0 && _ahead.Hold(state, output, here))
            _ = Task.Run(() => _states.Put(state.Key, state.Version, _number, output)); // while the follower starts with what is in memory
        else
            _states.Put(state.Key, state.Version, _number, output);
        DtnTime deadline = DtnTime.From(_time.GetUtcNow() + RunLifetime);
        foreach (WorkflowStage stage in following)
        {
            string target = stage.Candidates[0];
            var trigger = new StateTrigger(invocation.Workflow, invocation.Run, stage.Name, stage.Function, deadline.Milliseconds, 0, [state], invocation.Depth);
            if (string.Equals(target, _node, StringComparison.Ordinal))
                Arrive(trigger, state, invocation.Stage);
            else if (_directory.NumberOf(target) is { } number)
                _ = Push(number, new StateUpdate(state.Key, state.Version, _number, output, trigger, invocation.Depth), invocation);
            else
                _events.Raise(Events.InputRefused, "workflow", $"{invocation.Workflow}: stage {stage.Name} is placed on '{target}', which is not a known node", 1);
        }
        return false;
    }

    public string? NextCandidate(Invocation invocation)
    {
        if (invocation.Source != InputSource.State || invocation.States.Count != 1 || !_workflows.TryFind(invocation.Workflow, out WorkflowDefinition? workflow))
            return null;
        IReadOnlyList<string>? candidates = workflow.Stages.FirstOrDefault(stage => string.Equals(stage.Name, invocation.Stage, StringComparison.Ordinal))?.Candidates;
        if (candidates is null)
            return null;
        int here = candidates.ToList().IndexOf(_node);
        return here >= 0 && here + 1 < candidates.Count ? candidates[here + 1] : null;
    }

    public bool TryOffload(Invocation invocation, string node)
    {
        if (_directory.NumberOf(node) is not { } number)
            return false;
        StateReference input = invocation.States[0];
        // Whoever takes it asks where the state surely is: here, when it arrived here, else where it came from.
        StateReference held = IsHere(input) ? input with { Holder = _number } : input;
        var request = new InvocationRequest(invocation.Workflow, invocation.Run, invocation.Stage, invocation.Function, held, DtnTime.From(invocation.Deadline),
            invocation.Offloads + 1, invocation.Depth);
        _ = Transfer(number, request, invocation);
        return true;
    }

    public void Report(InvocationReport report) => _outbox.Record(TelemetryStream.Function, report);

    public Task StateReceived(StateUpdate update, ulong from, int? hops, bool isNew, CancellationToken cancellation)
    {
        if (!isNew)
            return Task.CompletedTask;
        _events.Raise(Events.StateReceived, update.Key, update.Bytes.Length, hops ?? 0, _directory.NameOf(update.Origin));
        if (StateStore.SharedBy(update.Key) is { } shared && _triggers.TriggeredBy(shared.Key).Contains(shared.Owner, StringComparer.Ordinal))
        {
            // A function's own key that another node changed.
            Enqueue(shared.Owner, invocation => invocation with
            {
                Source = InputSource.State,
                States = [new StateReference(update.Key, update.Version, _number)],
                Depth = update.Depth + 1,
            });
        }
        if (update.Trigger is { } trigger)
            Arrive(trigger, new StateReference(update.Key, update.Version, _number), update.Key[(update.Key.LastIndexOf('/') + 1)..]);
        return Task.CompletedTask;
    }

    /// <summary>Takes a bundle to one of the services that functions have.</summary>
    /// <exception cref="WireFormatException">No function takes it; the network drops and counts it.</exception>
    public Task BundleReceived(DeliveredBundle bundle, CancellationToken cancellation)
    {
        if (_triggers.TakerOf(bundle.Service) is not { } function)
            throw new WireFormatException($"bundle: expected a service that a function takes, found {bundle.Service}; dropped");
        if (bundle.Payload.Length > BundleInputBytesMax)
            throw new WireFormatException($"bundle for {function}: expected at most {BundleInputBytesMax} bytes, found {bundle.Payload.Length}; dropped");
        byte[] payload = bundle.Payload.ToArray(); // the network takes its memory back
        Enqueue(function, invocation => invocation with { Input = payload });
        return Task.CompletedTask;
    }

    /// <summary>Takes away all that a function kept on the node, and the messages to its actors.</summary>
    public void Forget(string function)
    {
        _scheduler!.Actors.Remove(function);
        Actors.Forget(function);
        _states.RemoveOwned(function);
        _profiles.Forget(function);
    }

    /// <summary>Takes away what a function's actors remember, and the messages to them: its new version has none.</summary>
    public void ForgetActors(string function)
    {
        _scheduler!.Actors.Remove(function);
        Actors.Forget(function);
    }

    public ActorPolicy PolicyOf(ActorAddress actor) => Actors.Memories.PolicyOf(actor);

    public int InputBytes(Invocation invocation) => invocation.Source == InputSource.State
        ? invocation.States.Sum(state => Math.Max(_states.Describe(state.Key).Length, 0)) : invocation.Input.Length;

    public Task InvocationReceived(InvocationRequest request, ulong from, int? hops, CancellationToken cancellation)
    {
        Enqueue(request.Function, invocation => invocation with
        {
            Workflow = request.Workflow,
            Run = request.Run,
            Stage = request.Stage,
            Source = InputSource.State,
            States = [request.Input],
            Deadline = Earlier(invocation.Deadline, request.Deadline),
            Offloads = request.Offloads,
            Depth = request.Depth,
        });
        return Task.CompletedTask;
    }

    private void Arrive(StateTrigger trigger, StateReference state, string fromStage)
    {
        IReadOnlyList<string> after = _workflows.TryFind(trigger.Workflow, out WorkflowDefinition? workflow)
            ? workflow.Stages.FirstOrDefault(stage => string.Equals(stage.Name, trigger.Stage, StringComparison.Ordinal))?.After ?? []
            : [];
        if (_joins.Arrive(trigger.Run, trigger.Stage, after, fromStage, state) is not { } inputs)
            return;
        Enqueue(trigger.Function, invocation => invocation with
        {
            Workflow = trigger.Workflow,
            Run = trigger.Run,
            Stage = trigger.Stage,
            Source = InputSource.State,
            States = inputs,
            Deadline = Earlier(invocation.Deadline, new DtnTime(trigger.DeadlineMs)),
            Offloads = trigger.Offloads,
            Depth = trigger.Depth,
        });
    }

    private void Enqueue(string function, Func<Invocation, Invocation> complete)
    {
        if (FindManifest(function) is not { } manifest)
        {
            _events.Raise(Events.InputRefused, "invocation", $"no function '{function}' on this node", 1);
            return;
        }
        Invocation invocation = complete(New(manifest));
        if (invocation.Depth > manifest.Limits.DepthMax)
            _events.Raise(Events.InvocationRefused, function, invocation.Id, "limits.depthMax", (double)invocation.Depth, (double)manifest.Limits.DepthMax, "1");
        else if (!_scheduler!.TryEnqueue(invocation) && invocation.Actor.Length == 0)
            _events.Raise(Events.InputRefused, "invocation", $"{function}: {InvocationLimits.MaxQueuedPerFunction} of it, or {InvocationLimits.MaxQueued} invocations in all, wait already", 1);
    }

    private Invocation New(FunctionManifest manifest)
    {
        DateTimeOffset now = _time.GetUtcNow();
        return new Invocation
        {
            Id = NextId(),
            Function = manifest.Name,
            Actor = manifest.Actor is null ? "" : ActorAddress.DefaultKey,
            Queued = now,
            Deadline = now + manifest.Objective.Deadline,
            Priority = manifest.Objective.Priority,
        };
    }

    private string NextId() => $"{_node}-{_outbox.Boot}-{Interlocked.Increment(ref _invocations)}";

    private ReadOnlyMemory<byte>? ReadInput(Invocation invocation)
    {
        if (invocation.Batch.Count > 0)
        {
            // A message whose bytes are gone is left out of a batch, not the others with it.
            List<ReadOnlyMemory<byte>> messages = [.. invocation.Batch.Select(ReadInput).OfType<ReadOnlyMemory<byte>>()];
            return messages.Count == 0 ? null : Join(messages);
        }
        switch (invocation.Source)
        {
            case InputSource.Imager:
                try
                {
                    return _image is null ? Array.Empty<byte>() : File.ReadAllBytes(_image);
                }
                catch (IOException)
                {
                    return null;
                }
            case InputSource.State:
                var parts = new List<ReadOnlyMemory<byte>>(invocation.States.Count);
                foreach (StateReference state in invocation.States)
                {
                    if ((_ahead.Take(state) ?? _states.Get(state.Key, state.Version)?.Bytes) is not { } part)
                        return null;
                    parts.Add(part);
                }
                return parts.Count == 1 ? parts[0] : Join(parts);
            default:
                return invocation.Input;
        }
    }

    /// <summary>What a function emitted starts those that wait for its topic.</summary>
    private void WhenEmitted(FunctionWrite write) => Start(_triggers.TriggeredBy(write.Key), write);

    /// <summary>What a function wrote starts those that wait for <c>FUNCTION/KEY</c>.</summary>
    private void WhenWritten(FunctionWrite write) => Start(_triggers.TriggeredBy($"{write.Function}/{write.Key}"), write);

    /// <summary>What a function sent goes to the actor's mailbox.</summary>
    private void WhenSent(ActorAddress actor, Emission message, int depth) => Enqueue(actor.Function, invocation => invocation with
    {
        Actor = invocation.Actor.Length > 0 ? actor.Key : "",
        Input = message.Payload,
        Priority = message.MessagePriority!.Value,
        Depth = depth + 1,
    });

    private void Start(IReadOnlyList<string> functions, FunctionWrite write)
    {
        foreach (string triggered in functions)
        {
            // A function never starts itself: the shortest of the endless loops.
            if (!string.Equals(triggered, write.Function, StringComparison.Ordinal))
            {
                Enqueue(triggered, invocation => invocation with
                {
                    Source = InputSource.State,
                    States = [new StateReference(write.StoreKey, write.Version, _number)],
                    Depth = write.Depth + 1,
                });
            }
        }
    }

    private void Share(FunctionWrite write, StateUpdate update)
    {
        if (write.Key.StartsWith(FunctionStates.Neighbourhood, StringComparison.Ordinal))
        {
            foreach (ulong neighbour in _propagation!.Neighbours)
                _ = Spread(neighbour, update, write.Function);
        }
        else if (_functionStates.HomeOf(write.Function, write.Key) is ulong home && home != _number)
        {
            _ = Spread(home, update, write.Function);
        }
    }

    private async Task Spread(ulong number, StateUpdate update, string function)
    {
        SendResult sent = await _propagation!.Push(number, update, RunLifetime);
        if (sent.Status == SendStatus.Full)
            _events.Raise(Events.InputRefused, "state", $"{function}: {update.Key} could not be sent to {_directory.NameOf(number)}: the bundle store is full", 1);
    }

    /// <summary>Another node runs what a function here follows.</summary>
    public Task WarmRequested(WarmRequest request, ulong from, CancellationToken cancellation)
    {
        _ = _ahead.Warm(request.Function, _directory.NameOf(from));
        return Task.CompletedTask;
    }

    private void AskToWarm(string node, string function)
    {
        if (_directory.NumberOf(node) is { } number)
            _ = _propagation!.AskToWarm(number, function, WarmRequestLifetime);
    }

    private async Task Push(ulong number, StateUpdate update, Invocation invocation)
    {
        SendResult sent = await _propagation!.Push(number, update, RunLifetime);
        if (sent.Status == SendStatus.Full)
            _events.Raise(Events.InvocationFailed, invocation.Function, invocation.Id, $"the output could not be sent to {_directory.NameOf(number)}: the bundle store is full");
    }

    private async Task Transfer(ulong number, InvocationRequest request, Invocation invocation)
    {
        SendResult sent = await _propagation!.Transfer(number, request, RunLifetime);
        if (sent.Status == SendStatus.Full)
            _events.Raise(Events.InvocationFailed, invocation.Function, invocation.Id, $"it could not be handed to {_directory.NameOf(number)}: the bundle store is full");
    }

    private static byte[] Join(List<ReadOnlyMemory<byte>> parts)
    {
        var writer = new CborWriter();
        writer.WriteStartArray(parts.Count);
        foreach (ReadOnlyMemory<byte> part in parts)
            writer.WriteByteString(part.Span);
        writer.WriteEndArray();
        return writer.Encode();
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DtnTime other) => other.Milliseconds > 0 && other.ToDateTimeOffset() < one ? other.ToDateTimeOffset() : one;

    private static ulong SeedOf(string invocation) =>
        BinaryPrimitives.ReadUInt64LittleEndian(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(invocation)));
}
