using System.Collections.Concurrent;
using SatNode.Flight.Admission;
using SatNode.Flight.Invocations.Actors;
using SatNode.Flight.Model;
using SatNode.Flight.Modes;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Invocations;

/// <summary>Takes invocations in, asks admission before each, and runs them, each on a thread of its own, as many at once as the board's cores and its
/// forecast allow. All decisions are made in
/// <see cref="Tick"/>, by one thread, at the agent's pace; whatever a trigger, a link or a function does, the queue stays bounded.</summary>
public sealed class InvocationScheduler : IAsyncDisposable
{
    private readonly IInvocationHost _host;
    private readonly AdmissionController _admission;
    private readonly Forecast _forecast;
    private readonly EnergyMeter _energy;
    private readonly ModeController _modes;
    private readonly IEventSink _events;
    private readonly TimeProvider _time;
    private readonly double _loadFactor;
    private readonly int _runningMax;
    private readonly Quarantine _quarantine;
    private readonly LimitReporter _limits;
    private readonly FunctionProfiles _counts;
    private readonly BrownOut? _brownOut;
    private readonly ConcurrentDictionary<string, int> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Second, int Starts)> _rates = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Invocation> _arrivals = new();
    private readonly List<Pending> _pending = [];
    private readonly Dictionary<string, ExecutionProfile> _profiles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OrbitQuota> _quotas = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private int _arrived;
    private int _isDisposed;
    private readonly List<Running> _running = [];
    private readonly PastLoads _past;
    private readonly RefusalHoldOff _refused = new();
    private long _localHits;
    private long _remoteHits;

    /// <summary>Creates the scheduler.</summary>
    /// <param name="host">Functions, state and network.</param>
    /// <param name="admission">Who decides over heat and charge.</param>
    /// <param name="forecast">What admission judges by; filled by the thread that calls <see cref="Tick"/>.</param>
    /// <param name="energy">What a second of CPU costs.</param>
    /// <param name="modes">Nominal or safe.</param>
    /// <param name="events">Where events go.</param>
    /// <param name="time">The world's time.</param>
    /// <param name="loadFactor">World seconds of load for a second of the board's CPU time: the clock's rate, less on an emulated processor.</param>
    /// <param name="quarantine">Who is held back.</param>
    /// <param name="profiles">Where what ended is counted.</param>
    /// <param name="runningMax">Invocations that run at once, 1 to <see cref="InvocationLimits.MaxRunning"/>.</param>
    /// <param name="brownOut">Who slows and stops what runs; null leaves it alone.</param>
    public InvocationScheduler(IInvocationHost host, AdmissionController admission, Forecast forecast, EnergyMeter energy, ModeController modes, IEventSink events,
        TimeProvider time, double loadFactor, Quarantine quarantine, FunctionProfiles profiles, int runningMax = 1, BrownOut? brownOut = null)
    {
        _host = host;
        _admission = admission;
        _forecast = forecast;
        _past = new(forecast);
        _energy = energy;
        _modes = modes;
        _events = events;
        _time = time;
        _loadFactor = loadFactor;
        ArgumentOutOfRangeException.ThrowIfLessThan(runningMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(runningMax, InvocationLimits.MaxRunning);
        _runningMax = runningMax;
        _quarantine = quarantine;
        _counts = profiles;
        _brownOut = brownOut;
        _limits = new(events);
        Actors = new(host.PolicyOf, time);
    }

    /// <summary>Called when there is something to do before time has passed: an invocation came, one that ran has ended, or what one waited for is there. From any thread; must not wait. Whoever
    /// calls <see cref="Tick"/> soon after that spares it the wait for the next second.</summary>
    public Action? Stirred { get; set; }

    /// <summary>The mailboxes of actors. What waits there takes no place in the queue.</summary>
    public ActorMailboxes Actors { get; }

    /// <summary>Invocations that wait, messages to actors among them.</summary>
    public int Queued => Volatile.Read(ref _arrived) + _pending.Count + Actors.Count;

    /// <summary>Invocations that run.</summary>
    public int RunningCount => _running.Count;

    /// <summary>The lowest share of a core that a running invocation was slowed to; 1 when none is.</summary>
    public double DutyCycle => _running.Count == 0 ? 1 : _running.Min(running => running.Share);

    /// <summary>Invocations that were stopped by brown-out or a mode since the start.</summary>
    public long Suspended { get; private set; }

    /// <summary>CPU time of functions since the start, in the world's time.</summary>
    public TimeSpan CpuTime { get; private set; }

    /// <summary>As <see cref="CpuTime"/>, with what running ones used so far. The tick's thread asks.</summary>
    public TimeSpan CpuTimeSoFar => _running.Aggregate(CpuTime, (sum, running) => sum + (running.Pace.CpuTime * _loadFactor));

    /// <summary>Invocations whose states were on the node when they started.</summary>
    public long LocalHits => _localHits;

    /// <summary>Invocations whose states were fetched first.</summary>
    public long RemoteHits => _remoteHits;

    /// <summary>Takes an invocation in. May be called from any thread.</summary>
    /// <returns>False when <see cref="InvocationLimits.MaxQueued"/> wait already, or <see cref="InvocationLimits.MaxQueuedPerFunction"/> of the same function; for a message to an actor
    /// when its mailbox is full. One that the actor's policy drops was taken in, and ends with the next tick.</returns>
    public bool TryEnqueue(Invocation invocation)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        if (invocation.Actor.Length > 0)
        {
            if (_host.FindManifest(invocation.Function)?.Actor is not { } actor || Actors.Post(invocation, actor) == PostResult.Full)
                return false;
            Stirred?.Invoke();
            return true;
        }
        if (_waiting.AddOrUpdate(invocation.Function, 1, static (_, count) => count + 1) > InvocationLimits.MaxQueuedPerFunction)
        {
            NoLongerWaits(invocation.Function);
            return false;
        }
        if (Interlocked.Increment(ref _arrived) + _pending.Count > InvocationLimits.MaxQueued)
        {
            Interlocked.Decrement(ref _arrived);
            NoLongerWaits(invocation.Function);
            return false;
        }
        _arrivals.Enqueue(invocation);
        Stirred?.Invoke();
        return true;
    }

    /// <summary>True when an invocation of the function already waits, so that a timer need not add another; of a function with actors, a message to the one that triggers mean.</summary>
    public bool IsWaiting(string function) => _pending.Exists(pending => string.Equals(pending.Invocation.Function, function, StringComparison.Ordinal))
        || _arrivals.Any(invocation => string.Equals(invocation.Function, function, StringComparison.Ordinal)) || Actors.IsWaiting(new ActorAddress(function, ActorAddress.DefaultKey));

    /// <summary>True while the timers of a function wait because it was refused: each second a new one would be refused for the same reason. What is asked for otherwise is judged at once.</summary>
    public bool HoldsTimers(string function) => _refused.Holds(function, _time.GetUtcNow());

    /// <summary>Copies the loads of what runs, as many as there is room for. The tick's thread asks.</summary>
    /// <returns>How many.</returns>
    public int CopyRunning(Span<PlannedLoad> loads)
    {
        int count = Math.Min(loads.Length, _running.Count);
        DateTimeOffset now = _time.GetUtcNow();
        for (int i = 0; i < count; i++)
        {
            AdmittedLoad load = _running[i].LoadFrom(now, _running[i].Share);
            loads[i] = new(load.Start, load.End, load.Power);
        }
        return count;
    }

    /// <summary>Harvests what ended, judges what is due, starts what is admitted. Never waits.</summary>
    public void Tick()
    {
        DateTimeOffset now = _time.GetUtcNow();
        Harvest(); // first: what follows what has ended arrives in the same tick
        if (_modes.PriorityMin > 0)
            StopBelow(_modes.PriorityMin, ModeMargin);
        _brownOut?.Look(_running, now);
        Arrive(now);
        TellOfMessages(now);
        int judged = 0;
        HashSet<string> putOff = new(StringComparer.Ordinal); // functions whose actors wait for what one of them was put off for: they take nobody's turn
        foreach (Pending pending in Due(now))
        {
            if (_running.Count >= _runningMax || judged == InvocationLimits.MaxJudgedPerTick)
                return;
            bool isMessage = pending.Invocation.Actor.Length > 0;
            if (isMessage && pending.IsReady && putOff.Contains(pending.Invocation.Function))
                continue;
            Judge(pending, now);
            judged++;
            if (isMessage && pending.IsReady && Actors.IsWaiting(pending))
                putOff.Add(pending.Invocation.Function);
        }
    }

    /// <summary>Ends what runs and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _stop.CancelAsync();
        foreach (Running running in _running)
            await ((Task)running.Execution).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Harvest says how it ended.
        Harvest();
        _stop.Dispose();
    }

    private void Arrive(DateTimeOffset now)
    {
        while (_arrivals.TryDequeue(out Invocation? invocation))
        {
            _pending.Add(new Pending(invocation) { NotBefore = now, Preparation = Prepare(invocation) });
            Interlocked.Decrement(ref _arrived);
        }
    }

    private Task<StateOrigin?> Prepare(Invocation invocation)
    {
        Task<StateOrigin?> preparation = _host.Prepare(invocation, _stop.Token);
        if (!preparation.IsCompleted)
            _ = preparation.ContinueWith(_ => Stirred?.Invoke(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return preparation;
    }

    private void TellOfMessages(DateTimeOffset now)
    {
        foreach (Pending late in Actors.Late(now))
        {
            Invocation message = late.Invocation;
            Refuse(late, now, "deadline", (now - message.Queued).TotalSeconds, (message.Deadline - message.Queued).TotalSeconds, "s", "its deadline passed while it waited for the actor");
        }
        foreach ((Invocation message, string reason) in Actors.TakeDropped())
            message.WhenEnded?.Invoke(new ExecutionResult { Result = InvocationResult.Refused, Reason = reason });
        foreach (ActorMailboxes.Losses losses in Actors.TakeLosses(now))
        {
            var actor = new ActorAddress(losses.Function, losses.Actor);
            if (losses.Full > 0)
                _limits.Report(losses.Function, "", "actor.mailboxMax", $"{actor}: no room for a message, in its mailbox or in all of them", now, losses.Full);
            if (losses.Dropped > 0)
                _events.Raise(Events.ActorMessagesDropped, actor.ToString(), losses.Policy == ActorPolicyKind.Coalesce ? "coalesce" : "drop", losses.Dropped);
        }
    }

    private List<Pending> DueMessages()
    {
        List<Pending> due = Actors.Due();
        foreach (Pending head in due)
        {
            head.Preparation ??= Prepare(head.Invocation);
            foreach (Pending message in Actors.With(head))
                message.Preparation ??= Prepare(message.Invocation);
        }
        return due;
    }

    private Pending[] Due(DateTimeOffset now) => [.. _pending.Concat(DueMessages())
        .Where(pending => pending.NotBefore <= now && (pending.Preparation!.IsCompleted || pending.Invocation.Deadline <= now) && MayRunMore(pending.Invocation.Function))
        .OrderByDescending(pending => pending.Invocation.Priority)
        .ThenBy(pending => pending.Invocation.Deadline)];

    private void Judge(Pending pending, DateTimeOffset now)
    {
        Invocation invocation = pending.Invocation;
        if (_host.FindManifest(invocation.Function) is not { } manifest)
        {
            Refuse(pending, now, "deployment", double.NaN, double.NaN, "", $"no function '{invocation.Function}' on this node");
            return;
        }
        if (!pending.IsReady)
        {
            PrepareAgain(pending, now);
            return;
        }
        if (invocation.Priority < _modes.PriorityMin && (!_modes.IsSafe || invocation.Actor.Length > 0 || pending.Suspensions > 0))
        {
            // Eclipse-saving ends by itself; in safe mode what had its turn before, and what was sent to an actor, is not lost to the mode.
            if (now + InvocationLimits.MinDeferral < invocation.Deadline)
                Defer(pending, ModeMargin, now, now);
            else
                RefuseAndHold(pending, now, "mode", (double)_modes.Mode, 0, "1", $"the mode {OperatingModes.Name((double)_modes.Mode)} held it back until its deadline");
            return;
        }
        if (_quarantine.HeldUntil(invocation.Function, now) is { } until)
        {
            RefuseAndHold(pending, now, "quarantine", (until - now).TotalSeconds, 0, "s", $"held back until {DtnTime.From(until)} because it broke its limits again and again");
            return;
        }
        if (!MayRunMore(invocation.Function))
            return; // one of its own was started in this tick
        if (!HasRate(invocation.Function, manifest.Limits.InvocationsPerSecondMax, now))
        {
            pending.NotBefore = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() + 1); // all of the function at once: who has waited longest, not who comes just then
            return;
        }
        var alone = new Stage(invocation, manifest);
        List<Stage> stages = Together(alone, now);
        Verdict verdict = Judge(stages, now, out AdmissionRequest request);
        if (stages.Count > 1 && verdict.Decision != Decision.Admit)
            verdict = Judge(stages = [alone], now, out request); // what is too much as one may be done in part
        Margin binding = verdict.Binding;
        switch (verdict.Decision)
        {
            case Decision.Admit when pending.Suspensions > 0 || Quota(invocation.Function).TryTake(now, manifest.Limits.InvocationsPerOrbitMax):
                Start(pending, [alone, .. stages.Skip(1).TakeWhile(stage => Quota(stage.Invocation.Function).TryTake(now, stage.Manifest.Limits.InvocationsPerOrbitMax))], verdict, request, now);
                break;
            case Decision.Admit:
                RefuseAndHold(pending, now, "invocations-per-orbit", manifest.Limits.InvocationsPerOrbitMax + 1, manifest.Limits.InvocationsPerOrbitMax, "1",
                    "the manifest's limit of invocations an orbit is used up");
                break;
            case Decision.Defer:
                DateTimeOffset start = verdict.Start.ToDateTimeOffset();
                if (binding.Quantity == Quantity.Cost || start - now <= InvocationLimits.OffloadPatience || !TryOffload(pending, binding, now))
                    Defer(pending, binding, start, now);
                break;
            default:
                // Unknown (no forecast yet, or a sensor is silent) is not for ever: it waits while there is time. What is known to be impossible moves or ends.
                if (double.IsNaN(binding.Predicted) && now + InvocationLimits.MinDeferral < invocation.Deadline)
                    Defer(pending, binding, now, now);
                else if (!TryOffload(pending, binding, now))
                    RefuseAndHold(pending, now, binding.Constraint, binding.Predicted, binding.Limit, binding.Unit, $"{binding.Constraint} allows no start before the deadline");
                break;
        }
    }

    /// <summary>An invocation, and the stages after it that may start with it as one: each as if it started by itself now.</summary>
    private List<Stage> Together(Stage first, DateTimeOffset now)
    {
        List<Stage> stages = [first];
        foreach (Invocation next in _host.Fusible(first.Invocation))
        {
            if (stages.Count > InvocationLimits.MaxFused || stages.Exists(stage => string.Equals(stage.Invocation.Function, next.Function, StringComparison.Ordinal))
                || next.Priority < _modes.PriorityMin || _host.FindManifest(next.Function) is not { } manifest || _quarantine.HeldUntil(next.Function, now) is not null
                || !MayRunMore(next.Function) || !HasRate(next.Function, manifest.Limits.InvocationsPerSecondMax, now))
            {
                break;
            }
            stages.Add(new(next, manifest));
        }
        return stages;
    }

    /// <summary>Asks admission for all of them as one: their load together, within the tightest of their constraints.</summary>
    private Verdict Judge(List<Stage> stages, DateTimeOffset now, out AdmissionRequest request)
    {
        TimeSpan load = TimeSpan.Zero;
        foreach (Stage stage in stages)
            load += Profile(stage.Invocation.Function).Expected(WithinEnergy(stage.Manifest.Limits)) * _loadFactor;
        request = new AdmissionRequest
        {
            BoardTemperatureMax = stages.Min(stage => stage.Manifest.Constraints.BoardTemperatureMax),
            StateOfChargeMin = stages.Max(stage => stage.Manifest.Constraints.StateOfChargeMin),
            Duration = load,
            Power = _energy.PowerOf(load, load),
            Deadline = DtnTime.From(stages.Min(stage => stage.Invocation.Deadline)),
            Soft = stages[0].Manifest.Constraints.Soft,
        };
        return _admission.Judge(request, [.. _running.Select(running => running.LoadFrom(now, running.Share) with { Start = DtnTime.From(running.Started) }), .. _past.Loads], _forecast, _modes.IsSafe, DtnTime.From(now));
    }

    private void PrepareAgain(Pending pending, DateTimeOffset now)
    {
        if (now + InvocationLimits.FetchRetry > pending.Invocation.Deadline)
        {
            Refuse(pending, now, "state", double.NaN, double.NaN, "", "the state could not be fetched before the deadline");
            return;
        }
        pending.NotBefore = now + InvocationLimits.FetchRetry;
        pending.Preparation = Prepare(pending.Invocation);
    }

    private void Defer(Pending pending, in Margin binding, DateTimeOffset start, DateTimeOffset now)
    {
        _refused.End(pending.Invocation.Function);
        // A start ahead is foreseen with the error bars of that distance, and rounded up to the forecast's steps: half-way there more is known, and often it may start sooner.
        DateTimeOffset earliest = now + InvocationLimits.MinDeferral, latest = now + InvocationLimits.MaxDeferral, halfWay = now + ((start - now) / 2);
        pending.NotBefore = halfWay < earliest ? earliest : halfWay > latest ? latest : halfWay;
        if (pending.DeferredFor.Add(binding.Constraint))
        {
            // One event a constraint: being deferred again and again for the same reasons says nothing new.
            _events.Raise(Events.InvocationDeferred, pending.Invocation.Function, pending.Invocation.Id, binding.Constraint, binding.Predicted, binding.Limit,
                binding.Unit, DtnTime.From(start > earliest ? start : earliest).ToString());
        }
    }

    private bool TryOffload(Pending pending, in Margin binding, DateTimeOffset now)
    {
        Invocation invocation = pending.Invocation;
        if (invocation.Actor.Length > 0 || invocation.Offloads >= InvocationLimits.MaxOffloads || _host.NextCandidate(invocation) is not { } node
            || !_host.TryOffload(invocation, node))
        {
            return false;
        }
        Leave(pending);
        _events.Raise(Events.InvocationOffloaded, invocation.Function, invocation.Id, binding.Constraint, binding.Predicted, binding.Limit, binding.Unit, node);
        End(invocation, new ExecutionResult { Result = InvocationResult.Offloaded, Reason = $"{binding.Constraint}: moved to {node}" }, now, now, default, isLast: false, pending: pending);
        return true;
    }

    /// <summary>Refuses what would be refused again a second later.</summary>
    private void RefuseAndHold(Pending pending, DateTimeOffset now, string constraint, double predicted, double limit, string unit, string reason)
    {
        // Its timers would be refused too; who asked for it with less time than it has says nothing about them.
        if (_host.FindManifest(pending.Invocation.Function) is { } manifest && pending.Invocation.Deadline - pending.Invocation.Queued >= manifest.Objective.Deadline)
            _refused.Refuse(pending.Invocation.Function, now);
        Refuse(pending, now, constraint, predicted, limit, unit, reason);
    }

    private void Refuse(Pending pending, DateTimeOffset now, string constraint, double predicted, double limit, string unit, string reason)
    {
        if (!Leave(pending))
            return; // it gave way to a newer message, or its function went, at this moment: whoever waits for it is told that
        _events.Raise(Events.InvocationRefused, pending.Invocation.Function, pending.Invocation.Id, constraint, predicted, limit, unit);
        End(pending.Invocation, new ExecutionResult { Result = InvocationResult.Refused, Reason = reason }, now, now, default, isLast: false, pending: pending);
    }

    private void Start(Pending pending, Stage[] stages, in Verdict verdict, in AdmissionRequest request, DateTimeOffset now)
    {
        (Invocation invocation, FunctionManifest manifest) = stages[0];
        _refused.End(invocation.Function);
        List<Pending> others = invocation.Actor.Length > 0 ? Together(pending, manifest.Limits.InputBytesMax) : [];
        if (invocation.Actor.Length == 0)
            Leave(pending);
        else if (!Actors.TryBegin(pending, others, out bool isBatch))
            return; // a call was first
        else if (isBatch)
            invocation = AsBatch(invocation, others);
        _events.Raise(Events.InvocationStarted, invocation.Function, invocation.Id, verdict.Predicted(Quantity.Temperature),
            verdict.Predicted(Quantity.StateOfCharge));
        StateOrigin origin = pending.IsReady ? pending.Preparation!.Result!.Value : StateOrigin.None;
        if (origin == StateOrigin.Local)
            _localHits++;
        else if (origin == StateOrigin.Remote)
            _remoteHits++;
        long thisSecond = now.ToUnixTimeSeconds();
        foreach (Stage stage in stages)
        {
            (long second, int starts) = _rates.GetValueOrDefault(stage.Invocation.Function);
            _rates[stage.Invocation.Function] = (thisSecond, second == thisSecond ? starts + 1 : 1);
        }
        if (stages.Length > 1)
            invocation = invocation with { Fused = [.. stages[1..].Select(stage => stage.Invocation)] };
        var pace = new InvocationPace();
        var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        TimeSpan allowed = TimeSpan.Zero;
        foreach (Stage stage in stages)
            allowed += WithinEnergy(stage.Manifest.Limits) * _loadFactor;
        _running.Add(new Running(pending, others, stages, now, origin, request)
        {
            Allowed = allowed,
            LoadFactor = _loadFactor,
            Pace = pace,
            Stop = stop,
            Execution = Execute(invocation, pace, stop.Token),
        });
    }

    /// <summary>What is handed over together with a message: as much as the actor's policy and the function's input take, in order.</summary>
    private List<Pending> Together(Pending head, int inputBytesMax)
    {
        const int headBytes = 9; // of the CBOR array, and of each byte string in it
        List<Pending> others = [];
        long bytes = headBytes;
        foreach (Pending message in Actors.With(head))
        {
            bytes += headBytes + _host.InputBytes(message.Invocation);
            if (message == head)
                continue;
            if (bytes > inputBytesMax || !message.IsReady || message.Invocation.Workflow.Length > 0 || head.Invocation.Workflow.Length > 0)
                break; // a stage's output goes on to the next stage of its own run
            others.Add(message);
        }
        return others;
    }

    private static Invocation AsBatch(Invocation head, List<Pending> others)
    {
        Invocation[] batch = [head, .. others.Select(other => other.Invocation)];
        return head with { Batch = batch, Deadline = batch.Min(message => message.Deadline), Depth = batch.Max(message => message.Depth) };
    }

    private Margin ModeMargin => new("mode", Quantity.Mode, Bound.AtMost, (double)_modes.Mode, 0);

    private void StopBelow(int priority, in Margin margin)
    {
        foreach (Running running in _running)
        {
            if (Array.Exists(running.Stages, stage => stage.Invocation.Priority < priority))
                running.StopFor(margin);
        }
    }

    private Task<ExecutionResult> Execute(Invocation invocation, InvocationPace pace, CancellationToken stop)
    {
        var done = new TaskCompletionSource<ExecutionResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                ExecutionResult result = Handle(invocation, pace, stop);
                done.SetResult(result);
            }
#pragma warning disable CA1031 // whatever it is, it is how the invocation ended: Harvest reports it
            catch (Exception e)
#pragma warning restore CA1031
            {
                done.SetException(e);
            }
            Stirred?.Invoke();
        }, InvocationLimits.WorkerStackBytes)
        {
            IsBackground = true,
            Name = "function",
        }.Start();
        return done.Task;
    }

    private ExecutionResult Handle(Invocation invocation, InvocationPace pace, CancellationToken stop)
    {
        try
        {
            return _host.Execute(invocation, pace, stop);
        }
        finally
        {
            if (invocation.Actor.Length > 0)
                Actors.Leave(invocation.Address);
        }
    }

    private void Harvest()
    {
        foreach (Running ended in _running.FindAll(running => running.Execution.IsCompleted))
        {
            _running.Remove(ended);
            Harvest(ended);
            ended.Dispose();
        }
    }

    private void Harvest(Running running)
    {
        ExecutionResult result = running.Execution.IsCompletedSuccessfully
            ? running.Execution.Result
            : new ExecutionResult { Result = InvocationResult.Trapped, Reason = running.Execution.Exception?.GetBaseException().Message ?? "cancelled" };
        ExecutionResult[] results = [result, .. result.Fused];
        DateTimeOffset now = _time.GetUtcNow(), started = running.Started;
        if (running.StoppedFor is { } margin && results[^1] is { Fault: InvocationFault.Node } last && last.Result != InvocationResult.Completed && !_stop.IsCancellationRequested)
        {
            if (Suspend(running, margin, results, now))
                return;
            last = last with
            {
                Reason = $"stopped, because {margin.Constraint} would have been {margin.Predicted:0.###} {margin.Unit} of {margin.Limit:0.###}; no time is left to run it again",
            };
            results[^1] = last;
            if (results.Length == 1)
                result = last;
        }
        for (int i = 0; i < results.Length; i++)
        {
            DateTimeOffset sum = started + (results[i].WallTime * _loadFactor);
            DateTimeOffset ended = i == results.Length - 1 || sum > now ? now : sum;
            if (i > 0)
            {
                _localHits++;
                _events.Raise(Events.InvocationFused, running.Stages[i].Invocation.Function, running.Stages[i].Invocation.Id, running.Stages[i - 1].Invocation.Id);
            }
            Harvest(running.Stages[i], results[i], started, ended, i == 0 ? running.Origin : StateOrigin.Local, isPassedOn: i == results.Length - 1, i == 0 ? running.Pending : null);
            started = ended;
        }
        foreach (Stage left in running.Stages[results.Length..])
            Quota(left.Invocation.Function).GiveBack(running.Started); // it runs by itself, or not at all
        foreach (Pending other in running.Others)
            other.Invocation.WhenEnded?.Invoke(result);
    }

    private void Harvest(Stage stage, ExecutionResult result, DateTimeOffset started, DateTimeOffset now, StateOrigin origin, bool isPassedOn, Pending? pending)
    {
        Invocation invocation = stage.Invocation;
        if (result.Result == InvocationResult.Completed || result.Fault != InvocationFault.Node)
            Profile(invocation.Function).Add(result.CpuTime); // what the node cut short tells nothing of what the function needs
        bool isLast = false;
        TimeSpan load = result.CpuTime * _loadFactor;
        CpuTime += load;
        Energy energy = _energy.Book(load);
        _past.Add(started, now, energy);
        if (result.Result == InvocationResult.Completed)
        {
            isLast = isPassedOn && _host.Deliver(invocation, result.Output);
            _events.Raise(Events.InvocationCompleted, invocation.Function, invocation.Id, load.TotalSeconds, energy.Joules, isPassedOn ? result.Output.Length : result.OutputBytes,
                origin switch { StateOrigin.Local => "local", StateOrigin.Remote => "remote", _ => "none" });
        }
        else
        {
            _events.Raise(Events.InvocationFailed, invocation.Function, invocation.Id, result.Reason);
        }
        Hold(new CalledFunction(invocation.Function, result.Limit, result.Reason, result.IsOffence, result.Result == InvocationResult.Completed), invocation.Id, now);
        foreach (CalledFunction called in result.Called)
            Hold(called, invocation.Id, now);
        End(invocation, result, started, now, energy, isLast, stage.Manifest.Version, origin, pending);
    }

    /// <summary>Puts an invocation back that was stopped: it waits with its input and runs again from the start, for nothing of it was committed.</summary>
    /// <returns>False when there is no time for that, or it was stopped too often.</returns>
    private bool Suspend(Running running, in Margin margin, ExecutionResult[] results, DateTimeOffset now)
    {
        Pending pending = running.Pending;
        Invocation invocation = pending.Invocation;
        bool waits = pending.Suspensions < InvocationLimits.MaxSuspensions && now + running.Expected < invocation.Deadline;
        TimeSpan load = TimeSpan.Zero;
        foreach (ExecutionResult result in results)
            load += result.CpuTime * _loadFactor;
        Suspended++;
        _events.Raise(Events.InvocationSuspended, invocation.Function, invocation.Id, margin.Constraint, margin.Predicted, margin.Limit, margin.Unit, load.TotalSeconds,
            waits ? "waits" : "ended");
        if (!waits)
            return false;
        foreach (Stage stage in running.Stages[1..])
            Quota(stage.Invocation.Function).GiveBack(running.Started); // they take part anew, or not
        CpuTime += load;
        pending.Suspensions++;
        pending.SpentTime += load;
        Energy energy = _energy.Book(load);
        pending.SpentEnergy += energy;
        _past.Add(running.Started, now, energy);
        pending.NotBefore = now + InvocationLimits.MinDeferral;
        if (invocation.Actor.Length > 0)
        {
            Actors.PutBack(pending, running.Others);
            return true;
        }
        _waiting.AddOrUpdate(invocation.Function, 1, static (_, count) => count + 1);
        pending.Preparation = _host.Prepare(invocation, _stop.Token);
        _pending.Add(pending);
        return true;
    }

    /// <summary>Tells of the limit that a function met, and holds it back when it breaks limits again and again.</summary>
    private void Hold(CalledFunction ended, string invocation, DateTimeOffset now)
    {
        if (ended.Limit.Length > 0)
            _limits.Report(ended.Function, invocation, ended.Limit, ended.Reason.Length > 0 ? ended.Reason : "something was refused, and it went on", now);
        if (ended.IsOffence)
            _quarantine.Offend(ended.Function, ended.Reason, now);
        else if (ended.Succeeded)
            _quarantine.Succeed(ended.Function);
    }

    /// <summary>Whether fewer of a function run than its manifest allows: those that wait for that take nobody's turn.</summary>
    private bool MayRunMore(string function) => _running.Count == 0 || _host.FindManifest(function) is not { } manifest
        || _running.Count(running => Array.Exists(running.Stages, stage => string.Equals(stage.Invocation.Function, function, StringComparison.Ordinal))) < manifest.Instances.ConcurrencyMax;

    private bool HasRate(string function, int perSecondMax, DateTimeOffset now)
    {
        (long second, int starts) = _rates.GetValueOrDefault(function);
        return second != now.ToUnixTimeSeconds() || starts < perSecondMax;
    }

    private bool Leave(Pending pending)
    {
        if (pending.Invocation.Actor.Length > 0)
            return Actors.Take(pending);
        _pending.Remove(pending);
        NoLongerWaits(pending.Invocation.Function);
        return true;
    }

    private void NoLongerWaits(string function)
    {
        // The entry goes with the last one, so that names that come from outside do not pile up; another thread may have added meanwhile, and then it stays.
        if (_waiting.AddOrUpdate(function, 0, static (_, count) => count - 1) <= 0)
            _waiting.TryRemove(KeyValuePair.Create(function, 0));
    }

    private void End(Invocation invocation, ExecutionResult result, DateTimeOffset started, DateTimeOffset ended, Energy energy, bool isLast, string version = "",
        StateOrigin origin = StateOrigin.None, Pending? pending = null)
    {
        energy += pending?.SpentEnergy ?? default; // of runs that were stopped
        string? deployed = _host.FindManifest(invocation.Function)?.Version;
        // What was removed meanwhile leaves no profile behind, and a version that was replaced while it ran does not begin anew what the new one has counted.
        if (deployed is not null && (version.Length == 0 || string.Equals(version, deployed, StringComparison.Ordinal)) && result.Result != InvocationResult.Offloaded)
            _counts.Add(invocation.Function, version.Length > 0 ? version : deployed, result.Use, _loadFactor, energy, isCalled: false, ended);
        _host.Report(new InvocationReport
        {
            Function = invocation.Function,
            Version = version.Length > 0 ? version : deployed ?? "",
            InvocationId = invocation.Id,
            Workflow = invocation.Workflow,
            Run = invocation.Run,
            Result = result.Result,
            Reason = result.Reason,
            Queued = DtnTime.From(invocation.Queued),
            Started = DtnTime.From(started),
            Ended = DtnTime.From(ended),
            Deadline = DtnTime.From(invocation.Deadline),
            CpuTime = (result.CpuTime * _loadFactor) + (pending?.SpentTime ?? default),
            Energy = energy,
            Fuel = result.Fuel,
            State = origin,
            WallTime = result.WallTime * _loadFactor,
            MemoryBytesHighest = result.MemoryBytesHighest,
            InputBytes = result.InputBytes,
            OutputBytes = result.OutputBytes,
            Start = result.Start,
            Limit = result.Limit,
            Output = isLast && result.Output.Length <= InvocationReport.MaxOutputBytes ? result.Output : default,
        });
        invocation.WhenEnded?.Invoke(result);
    }

    private TimeSpan WithinEnergy(FunctionLimits limits)
    {
        double joulesPerSecond = _energy.EnergyOf(TimeSpan.FromSeconds(1) * _loadFactor).Joules;
        double seconds = joulesPerSecond > 0 ? limits.EnergyPerInvocationMax.Joules / joulesPerSecond : limits.TimeMax.TotalSeconds;
        return seconds < limits.TimeMax.TotalSeconds ? TimeSpan.FromSeconds(seconds) : limits.TimeMax;
    }

    private ExecutionProfile Profile(string function) =>
        _profiles.TryGetValue(function, out ExecutionProfile? profile) ? profile : _profiles[function] = new ExecutionProfile();

    private OrbitQuota Quota(string function) => _quotas.TryGetValue(function, out OrbitQuota? quota) ? quota : _quotas[function] = new OrbitQuota();

    /// <summary>What starts as one: an invocation, or several stages.</summary>
    internal sealed record Stage(Invocation Invocation, FunctionManifest Manifest);
}
