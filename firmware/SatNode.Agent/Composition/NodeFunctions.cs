using System.Buffers.Binary;
using System.Formats.Cbor;
using SatNode.Flight.Invocations;
using SatNode.Flight.Telemetry;
using SatNode.Functions.Deployments;
using SatNode.Functions.Runtime;
using SatNode.Network;
using SatNode.Network.State;
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

    private readonly string _node;
    private readonly ulong _number;
    private readonly FunctionDeployments _deployments;
    private readonly FunctionRuntime _runtime;
    private readonly WorkflowRegistry _workflows;
    private readonly JoinBoard _joins = new();
    private readonly StateStore _states;
    private readonly NodeDirectory _directory;
    private readonly NodeFacts _facts;
    private readonly Outbox _outbox;
    private readonly IEventSink _events;
    private readonly TimeProvider _time;
    private readonly string? _image;
    private readonly TriggerBoard _triggers;
    private StatePropagation? _propagation;
    private InvocationScheduler? _scheduler;
    private long _invocations;
    private long _runs;

    public NodeFunctions(string node, ulong number, FunctionDeployments deployments, FunctionRuntime runtime, WorkflowRegistry workflows, TriggerBoard triggers,
        StateStore states, NodeDirectory directory, NodeFacts facts, Outbox outbox, IEventSink events, TimeProvider time, string? image)
    {
        _node = node;
        _number = number;
        _deployments = deployments;
        _runtime = runtime;
        _workflows = workflows;
        _triggers = triggers;
        _states = states;
        _directory = directory;
        _facts = facts;
        _outbox = outbox;
        _events = events;
        _time = time;
        _image = image;
    }

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
    /// <param name="run">What its report names as its run when it is of no workflow: the telecommand that asked for it.</param>
    /// <returns>False when the queue is full or the function is unknown.</returns>
    public bool Trigger(string function, InputSource source, ReadOnlyMemory<byte> input, Action<ExecutionResult>? whenEnded = null, string run = "")
    {
        if (FindManifest(function) is not { } manifest)
            return false;
        IReadOnlyList<(WorkflowDefinition Workflow, WorkflowStage Stage)> starts = _workflows.FirstStages(function, _node);
        Invocation invocation = New(manifest) with { Source = source, Input = input, WhenEnded = whenEnded, Run = run };
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
        if (invocation.Source != InputSource.State)
            return StateOrigin.None;
        StateOrigin origin = StateOrigin.Local;
        foreach (StateReference state in invocation.States)
        {
            if (_states.Get(state.Key, state.Version) is not null)
                continue;
            origin = StateOrigin.Remote;
            DateTimeOffset asked = _time.GetUtcNow();
            if (await _propagation!.Fetch(state.Holder, state.Key, state.Version, FetchTimeout, cancellation) is not { } entry)
                return null;
            _events.Raise(Events.StateFetched, state.Key, entry.Bytes.Length, _directory.NameOf(state.Holder), (_time.GetUtcNow() - asked).TotalSeconds);
        }
        return origin;
    }

    public ExecutionResult Execute(Invocation invocation, CancellationToken cancellation)
    {
        if (_deployments.Find(invocation.Function) is not { } function)
            return new ExecutionResult { Result = InvocationResult.Refused, Reason = $"no function '{invocation.Function}' on this node" };
        if (ReadInput(invocation) is not { } input)
            return new ExecutionResult { Result = InvocationResult.Refused, Reason = "the input is not there" };
        var environment = new NodeEnvironment(_node, invocation.Function, SeedOf(invocation.Id), invocation.Deadline, _time, _facts, _states, _number, _events, WhenEmitted);
        InvocationOutcome outcome = _runtime.Invoke(function, input, environment, cancellation);
        return new ExecutionResult
        {
            Result = outcome.End switch
            {
                InvocationEnd.Completed => InvocationResult.Completed,
                InvocationEnd.OutOfFuel or InvocationEnd.DeadlineExceeded or InvocationEnd.OutOfMemory => InvocationResult.LimitReached,
                InvocationEnd.Refused => InvocationResult.Refused,
                _ => InvocationResult.Trapped,
            },
            Reason = outcome.Reason,
            Output = outcome.Output,
            CpuTime = outcome.CpuTime,
            Fuel = outcome.FuelUsed,
        };
    }

    public bool Deliver(Invocation invocation, ReadOnlyMemory<byte> output)
    {
        if (invocation.Workflow.Length == 0 || !_workflows.TryFind(invocation.Workflow, out WorkflowDefinition? workflow))
            return true;
        WorkflowStage[] following = [.. workflow.Following(invocation.Stage)];
        if (following.Length == 0)
            return true;
        var state = new StateReference($"workflow/{invocation.Workflow}/{invocation.Run}/{invocation.Stage}", 1, _number);
        _states.Put(state.Key, state.Version, _number, output);
        DtnTime deadline = DtnTime.From(_time.GetUtcNow() + RunLifetime);
        foreach (WorkflowStage stage in following)
        {
            string target = stage.Candidates[0];
            var trigger = new StateTrigger(invocation.Workflow, invocation.Run, stage.Name, stage.Function, deadline.Milliseconds, 0, [state]);
            if (string.Equals(target, _node, StringComparison.Ordinal))
                Arrive(trigger, state, invocation.Stage);
            else if (_directory.NumberOf(target) is { } number)
                _ = Push(number, new StateUpdate(state.Key, state.Version, _number, output, trigger), invocation);
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
        StateReference held = _states.Get(input.Key, input.Version) is null ? input : input with { Holder = _number };
        var request = new InvocationRequest(invocation.Workflow, invocation.Run, invocation.Stage, invocation.Function, held, DtnTime.From(invocation.Deadline),
            invocation.Offloads + 1);
        _ = Transfer(number, request, invocation);
        return true;
    }

    public void Report(InvocationReport report) => _outbox.Record(TelemetryStream.Function, report);

    public Task StateReceived(StateUpdate update, ulong from, int? hops, bool isNew, CancellationToken cancellation)
    {
        if (!isNew)
            return Task.CompletedTask;
        _events.Raise(Events.StateReceived, update.Key, update.Bytes.Length, hops ?? 0, _directory.NameOf(update.Origin));
        if (update.Trigger is { } trigger)
            Arrive(trigger, new StateReference(update.Key, update.Version, _number), update.Key[(update.Key.LastIndexOf('/') + 1)..]);
        return Task.CompletedTask;
    }

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
        });
    }

    private void Enqueue(string function, Func<Invocation, Invocation> complete)
    {
        if (FindManifest(function) is not { } manifest)
            _events.Raise(Events.InputRefused, "invocation", $"no function '{function}' on this node", 1);
        else if (!_scheduler!.TryEnqueue(complete(New(manifest))))
            _events.Raise(Events.InputRefused, "invocation", $"{function}: {InvocationLimits.MaxQueued} invocations wait already", 1);
    }

    private Invocation New(FunctionManifest manifest)
    {
        DateTimeOffset now = _time.GetUtcNow();
        return new Invocation { Id = NextId(), Function = manifest.Name, Queued = now, Deadline = now + manifest.Objective.Deadline, Priority = manifest.Objective.Priority };
    }

    private string NextId() => $"{_node}-{_outbox.Boot}-{Interlocked.Increment(ref _invocations)}";

    private byte[]? ReadInput(Invocation invocation)
    {
        switch (invocation.Source)
        {
            case InputSource.Imager:
                try
                {
                    return _image is null ? [] : File.ReadAllBytes(_image);
                }
                catch (IOException)
                {
                    return null;
                }
            case InputSource.State:
                var parts = new List<ReadOnlyMemory<byte>>(invocation.States.Count);
                foreach (StateReference state in invocation.States)
                {
                    if (_states.Get(state.Key, state.Version) is not { } entry)
                        return null;
                    parts.Add(entry.Bytes);
                }
                return parts.Count == 1 ? parts[0].ToArray() : Join(parts);
            default:
                return invocation.Input.ToArray();
        }
    }

    private void WhenEmitted(string function, StateReferenceChange change)
    {
        foreach (string triggered in _triggers.TriggeredBy(change.Topic))
        {
            // A function never starts itself: the shortest of the endless loops.
            if (!string.Equals(triggered, function, StringComparison.Ordinal))
                Enqueue(triggered, invocation => invocation with { Source = InputSource.State, States = [new StateReference(change.Key, change.Version, _number)] });
        }
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
