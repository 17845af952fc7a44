using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using SatNode.Functions.Actors;
using SatNode.Functions.Hosting;
using SatNode.Functions.Isolation;
using SatNode.Functions.Modules;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Runtime;

/// <summary>Runs functions: one engine, a pool of instances, and for each invocation a fresh one that nothing outlives.</summary>
/// <remarks>Thread-safe. A function cannot outlast its CPU time, fuel, memory, stack or output, and none of its faults reaches the caller as an exception.
/// Runs on Linux only: it reads the thread's CPU time from the kernel.</remarks>
public sealed partial class FunctionRuntime : IDisposable
{
    private readonly FunctionRuntimeOptions _options;
    private readonly FunctionEngine _engine;
    private readonly EpochTicker _ticker;
    private readonly ModuleInspector _inspector;
    private readonly ModuleCache? _cache;
    private readonly SemaphoreSlim _instances;
    private readonly WarmBudget _warm = new(FunctionBounds.WarmInstancesMax, FunctionBounds.WarmMemoryBytesAllMax);
    private static readonly EffectLog NoEffects = new(); // of a worker: its agent notes them
    private readonly ConcurrentBag<EffectLog> _effects = [];
    private readonly WorkerStarter? _workers;
    private int _nested;
    private int _waiting;

    /// <summary>Starts the engine.</summary>
    /// <exception cref="ArgumentException">The options are out of range; the text lists every fault.</exception>
    /// <exception cref="IOException">The cache folder cannot be created.</exception>
    public FunctionRuntime(FunctionRuntimeOptions options)
        : this(options, null)
    {
    }

    /// <summary>Starts the engine in a worker process, whose functions' host calls go through <paramref name="channel"/>.</summary>
    internal FunctionRuntime(FunctionRuntimeOptions options, WorkerChannel? channel)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Faults() is { Count: > 0 } faults)
            throw new ArgumentException(string.Join("; ", faults), nameof(options));
        _options = options;
        Channel = channel;
        _engine = channel is null ? new(options.InstancesMax + FunctionBounds.NestedInstancesMax + FunctionBounds.WarmInstancesMax, SatNodeCalls.All)
            : new(2, WorkerCalls.Through(channel)); // one that runs, one kept warm
        _inspector = new(_engine.ReactorCalls, _engine.CommandCalls);
        _cache = options.CacheFolder is { } folder ? new(folder, options.CacheEntriesMax) : null;
        _instances = new(options.InstancesMax);
        _ticker = new(_engine.Engine, options.TickPeriod);
        _workers = options.Worker is { } program ? new(program, options.Time, options.WorkerLost) : null;
    }

    /// <summary>CPU time of all worker processes, living and ended, since the start; the kernel does not count it as this process's own. It never falls.</summary>
    public TimeSpan WorkerCpuTime => _workers?.CpuTime ?? TimeSpan.Zero;

    /// <summary>The way to the agent; null where this is the agent.</summary>
    internal WorkerChannel? Channel { get; }

    /// <summary>Makes a function ready to run: checks its digest, takes its machine code from the cache or compiles it, and checks it against the ABI.</summary>
    /// <exception cref="FunctionModuleException">The manifest or the module is refused; the text says why.</exception>
    public DeployedFunction Install(FunctionManifest manifest, ReadOnlySpan<byte> module)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (manifest.Faults() is { Count: > 0 } faults)
            throw ModuleInspector.Refuse(manifest, string.Join("; ", faults));
        if (manifest.Isolation == FunctionIsolation.Process && _workers is null)
            throw ModuleInspector.Refuse(manifest, "isolation: expected shared, because this node has no program for worker processes, found process");
        if (module.Length > FunctionBounds.ModuleBytesMax)
            throw ModuleInspector.Refuse(manifest, $"expected a module of at most {FunctionBounds.ModuleBytesMax} bytes, found {module.Length}");
        byte[] hash = SHA256.HashData(module);
        if (!hash.AsSpan().SequenceEqual(manifest.ModuleDigest.Span))
        {
            throw ModuleInspector.Refuse(manifest, $"expected a module of digest sha256:{Convert.ToHexStringLower(manifest.ModuleDigest.Span)}, "
                + $"found sha256:{Convert.ToHexStringLower(hash)}");
        }
        string remark = "";
        Module? compiled = _cache?.TryLoad(_engine.Engine, manifest.Name, hash, out remark);
        ModuleOrigin origin = compiled is null ? ModuleOrigin.Compiled : ModuleOrigin.Cache;
        compiled ??= Compile(manifest, module);
        try
        {
            bool initializes = _inspector.Inspect(compiled, manifest);
            string? unkept = origin == ModuleOrigin.Compiled ? _cache?.Store(compiled, hash) : null;
            if (unkept is { Length: > 0 })
                remark = remark.Length == 0 ? unkept : $"{remark}; {unkept}";
            DeployedFunction? function = null;
            return function = new(manifest, compiled, initializes, origin, remark, () => _cache?.TryLoad(_engine.Engine, manifest.Name, hash, out _),
                mayUnload: _cache is not null && unkept is not { Length: > 0 }, _warm)
            {
                Workers = manifest.Isolation == FunctionIsolation.Process ? new(_workers!, manifest, initializes, () => function!.Serialize()) : null,
            };
        }
        catch (FunctionModuleException)
        {
            compiled.Dispose();
            throw;
        }
    }

    /// <summary>Makes a function ready to run in a worker, from machine code that the agent made.</summary>
    /// <exception cref="IOException">It is not for this engine.</exception>
    internal DeployedFunction Adopt(FunctionManifest manifest, string code, bool initializes)
    {
        try
        {
            return new(manifest, Module.DeserializeFile(_engine.Engine, manifest.Name, code), initializes, ModuleOrigin.Cache, "", () => null, mayUnload: false, _warm);
        }
        catch (WasmtimeException e)
        {
            throw new IOException($"worker: expected machine code for this engine, found: {Line(e)}", e);
        }
    }

    /// <summary>Runs an invocation in a worker.</summary>
    internal InvocationOutcome InvokeForAgent(DeployedFunction function, ReadOnlySpan<byte> input, IFunctionEnvironment environment, ulong fuelMax, out ICallee? callee)
    {
        ReadOnlyMemory<byte> standardInput = function.Manifest.Kind == FunctionKind.Command ? input.ToArray() : default;
        _ticker.Enter();
        try
        {
            return Run(function, "", input, standardInput, null, environment, null, NoEffects, fuelMax, CancellationToken.None, out callee);
        }
        finally
        {
            _ticker.Leave();
        }
    }

    /// <summary>Runs one invocation on the calling thread and returns when it ended, however it ended.</summary>
    /// <remarks>Blocks: first for an instance, at most <see cref="FunctionRuntimeOptions.WaitMax"/>, then for the function, at most its limits. A thread for functions that call
    /// others needs <see cref="FunctionBounds.ThreadStackBytes"/>. Exceptions that leave this method are <paramref name="environment"/>'s own.</remarks>
    public InvocationOutcome Invoke(DeployedFunction function, ReadOnlyMemory<byte> input, IFunctionEnvironment environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        var output = new OneArray();
        InvocationOutcome outcome = Invoke(function, input, environment, output, cancellationToken);
        return outcome with { Output = output.Written };
    }

    /// <summary>As <see cref="Invoke(DeployedFunction, ReadOnlyMemory{byte}, IFunctionEnvironment, CancellationToken)"/>, into a buffer of the caller's.</summary>
    /// <param name="function">The function.</param>
    /// <param name="input">Its input.</param>
    /// <param name="environment">What the node lends.</param>
    /// <param name="output">Takes the output, once, only when it completed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public InvocationOutcome Invoke(DeployedFunction function, ReadOnlyMemory<byte> input, IFunctionEnvironment environment, IBufferWriter<byte> output, CancellationToken cancellationToken) =>
        Invoke(function, input, null, environment, output, cancellationToken);

    /// <summary>As <see cref="Invoke(DeployedFunction, ReadOnlyMemory{byte}, IFunctionEnvironment, CancellationToken)"/>, with an input that is still on its way: the instance is started
    /// meanwhile, its module's own start included, and then waits for it.</summary>
    /// <param name="function">The function.</param>
    /// <param name="input">Read by whoever comes first, the caller's other thread or the function's; null when it is not to be had, which ends the invocation <see cref="InvocationEnd.Refused"/>.
    /// Must end by itself.</param>
    /// <param name="environment">What the node lends.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public InvocationOutcome InvokeAhead(DeployedFunction function, Lazy<ReadOnlyMemory<byte>?> input, IFunctionEnvironment environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(input);
        var output = new OneArray();
        InvocationOutcome outcome = Invoke(function, default, input, environment, output, cancellationToken);
        return outcome with { Output = output.Written };
    }

    /// <summary>Makes a function ready for an invocation that is on its way: loads its machine code, and makes a fresh instance where none waits and there is room among the
    /// <see cref="FunctionBounds.WarmInstancesMax"/>. Runs none of the function's code; the invocation then starts <see cref="InstanceStart.Ahead"/>.</summary>
    /// <param name="function">The function.</param>
    /// <param name="now">The mission clock's time: what is made ready goes as after an invocation that ended now.</param>
    /// <returns>False when its code is not to be had.</returns>
    public bool Warm(DeployedFunction function, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(function);
        return function.Warm(_engine, now);
    }

    private InvocationOutcome Invoke(DeployedFunction function, ReadOnlyMemory<byte> input, Lazy<ReadOnlyMemory<byte>?>? pending, IFunctionEnvironment environment,
        IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(output);
        FunctionLimits limits = function.Manifest.Limits;
        if (input.Length > limits.InputBytesMax)
            return NotRun(InvocationEnd.Refused, input.Length, $"input: expected at most {limits.InputBytesMax} bytes, found {input.Length}", "limits.inputBytesMax");
        if (TakeInstance(cancellationToken) is { } failure)
            return NotBegun(failure, input.Length);
        if (!_effects.TryTake(out EffectLog? effects))
            effects = new();
        _ticker.Enter();
        try
        {
            InvocationOutcome outcome = Run(function, function.Manifest.Actor is null ? "" : environment.Actor, input.Span, input, pending, environment, null, effects,
                limits.FuelMax, cancellationToken, out ICallee? instance);
            if (instance is null)
                return outcome;
            outcome = Commit(outcome, environment, effects);
            if (outcome.Succeeded && outcome.OutputBytes > 0)
            {
                instance.Output.CopyTo(output.GetSpan(outcome.OutputBytes));
                output.Advance(outcome.OutputBytes);
            }
            instance.Release(mayServeAgain: outcome.Succeeded);
            return outcome;
        }
        finally
        {
            _ticker.Leave();
            effects.Clear();
            _effects.Add(effects);
            _instances.Release();
        }
    }

    /// <summary>Gives up instances and machine code of functions that were idle for longer than their manifests allow. Cheap; call it now and then.</summary>
    /// <param name="functions">The node's functions.</param>
    /// <param name="now">The mission clock's time.</param>
    public static void ReleaseIdle(IEnumerable<DeployedFunction> functions, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(functions);
        foreach (DeployedFunction function in functions)
            function.ReleaseIdle(now);
    }

    /// <summary>Runs a function that another one calls, on its thread, within its budget and as part of it.</summary>
    /// <returns>The length of the output, which the caller's context then keeps, or a negative answer of the ABI.</returns>
    internal int InvokeNested(InvocationContext caller, string name, ReadOnlySpan<byte> input)
    {
        caller.Keep(null);
        if (!ActorAddress.TryParse(name, out ActorAddress actor) || caller.Environment.FindFunction(actor.Function) is not { } function
            || (function.Manifest.Actor is null && name.Length > actor.Function.Length))
        {
            return SatNodeCalls.Absent;
        }
        if (caller.Environment.IsHeldBack(actor.Function))
            return Refuse("quarantine");
        FunctionLimits limits = function.Manifest.Limits;
        if (input.Length > limits.InputBytesMax)
            return Refuse("limits.inputBytesMax");
        if (caller.Depth + 1 > limits.DepthMax || caller.Nested + 1 > FunctionBounds.NestedMax)
            return Refuse("limits.depthMax");
        string key = "";
        if (function.Manifest.Actor is not null)
        {
            if (caller.IsWithin(actor))
                return Refuse("call to itself"); // it would wait for its own end
            if (!caller.Environment.TryEnter(actor, out ActorPolicy policy))
                return SatNodeCalls.Busy;
            key = actor.Key;
            if (policy.Kind == ActorPolicyKind.Batch)
                input = MessageBatch.Of(input);
        }
        if (Interlocked.Increment(ref _nested) > FunctionBounds.NestedInstancesMax)
        {
            LeaveNested();
            return Refuse("nested instances");
        }
        EffectLog.Mark mark = caller.Effects.Save();
        bool isKept = false;
        try
        {
            ReadOnlyMemory<byte> standardInput = function.Manifest.Kind == FunctionKind.Command ? input.ToArray() : default;
            ulong fuel = Math.Min(limits.FuelMax, caller.Fuel);
            InvocationOutcome outcome = Run(function, key, input, standardInput, null, caller.Environment, caller, caller.Effects, fuel, CancellationToken.None, out ICallee? instance);
            caller.Environment.CalleeEnded(function, outcome);
            caller.Fuel -= Math.Min(caller.Fuel, outcome.FuelUsed);
            if (!outcome.Succeeded || instance is null)
            {
                caller.Effects.Restore(mark);
                caller.Check(); // what ended the callee may end the caller
                if (caller.Fuel == 0)
                    throw new GuestFaultException(InvocationEnd.OutOfFuel, $"expected to end within {caller.Manifest.Limits.FuelMax} units of fuel, found all used by {name}", "limits.fuelMax");
                return outcome.End == InvocationEnd.Refused ? SatNodeCalls.RefusedByNode : SatNodeCalls.Failed;
            }
            caller.Keep(instance);
            isKept = true;
            return instance.Output.Length;
        }
        finally
        {
            if (!isKept)
                LeaveNested();
        }

        int Refuse(string limit)
        {
            caller.Reached(limit);
            return SatNodeCalls.RefusedByNode;
        }
    }

    /// <summary>Called when a called function's instance is done with.</summary>
    internal void LeaveNested() => Interlocked.Decrement(ref _nested);

    /// <summary>Ends the engine. No invocation may be running; deployed functions may be disposed before or after.</summary>
    public void Dispose()
    {
        _workers?.Dispose();
        _ticker.Dispose();
        _instances.Dispose();
        _engine.Dispose();
    }

    private static InvocationOutcome NotRun(InvocationEnd end, int inputBytes, string reason, string limit = "") =>
        new() { End = end, Reason = reason, Limit = limit, InputBytes = inputBytes };

    private static InvocationOutcome NotBegun(InvocationEnd end, int inputBytes) =>
        NotRun(end, inputBytes, end == InvocationEnd.Cancelled ? "cancelled by the caller" : "no instance became free in time");

    private Module Compile(FunctionManifest manifest, ReadOnlySpan<byte> module)
    {
        // The text format would be taken too; only what a digest names byte for byte is.
        if (module.Length < 4 || !module[..4].SequenceEqual("\0asm"u8))
            throw ModuleInspector.Refuse(manifest, "expected a WebAssembly module, found other bytes");
        ModuleShape.Check(manifest, module);
        try
        {
            return Module.FromBytes(_engine.Engine, manifest.Name, module);
        }
        catch (WasmtimeException e)
        {
            throw new FunctionModuleException($"function {manifest.Name}: expected a WebAssembly module that can be compiled, found: {Line(e)}; not installed", e);
        }
        finally
        {
            NativeHeap.Trim();
        }
    }

    private InvocationEnd? TakeInstance(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return InvocationEnd.Cancelled;
        if (_instances.Wait(TimeSpan.Zero, CancellationToken.None))
            return null;
        if (Interlocked.Increment(ref _waiting) > _options.WaitersMax)
        {
            Interlocked.Decrement(ref _waiting);
            return InvocationEnd.PoolFull;
        }
        try
        {
            return _instances.Wait(_options.WaitMax, cancellationToken) ? null : InvocationEnd.PoolFull;
        }
        catch (OperationCanceledException)
        {
            return InvocationEnd.Cancelled;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private InvocationOutcome Run(DeployedFunction function, string actor, ReadOnlySpan<byte> input, ReadOnlyMemory<byte> standardInput, Lazy<ReadOnlyMemory<byte>?>? pending,
        IFunctionEnvironment environment, InvocationContext? caller, EffectLog effects, ulong fuel, CancellationToken cancellationToken, out ICallee? callee)
    {
        if (function.Workers is { } workers)
            return RunInWorker(function, workers, actor, input, pending, environment, caller, effects, fuel, cancellationToken, out callee);
        callee = null;
        FunctionManifest manifest = function.Manifest;
        InstanceStart start = function.Begin(out FunctionInstance? instance, out Module? module);
        if (start == InstanceStart.None)
        {
            return NotRun(InvocationEnd.BadModule, input.Length, function.IsDisposed
                ? $"function {manifest.Name}: expected a deployed function, found one that was removed"
                : $"function {manifest.Name}: expected its machine code in the cache, found it gone or damaged");
        }
        try
        {
            instance ??= new(_engine, function);
            InvocationContext context = instance.Context;
            context.Begin(this, manifest, actor, standardInput, environment, caller, effects, cancellationToken);
            instance.Fuel = fuel;
            Ending ending = Ending.Completed;
            try
            {
                instance.Start(module);
                if (pending is not null)
                    input = context.Receive(pending).Span;
                Call(instance, manifest.Kind, input);
                context.Keep(null); // its own callee's output is of no use any more
            }
            catch (Exception e) when (e is WasmtimeException or GuestFaultException or ObjectDisposedException)
            {
                ending = Classify(e, instance, fuel);
            }
            InvocationOutcome outcome = Measure(instance, ending, fuel, pending is null ? input.Length : context.ReceivedBytes, start);
            if (!outcome.Succeeded)
                instance.Dispose();
            callee = outcome.Succeeded ? instance : null;
            return outcome;
        }
        catch
        {
            instance?.Dispose();
            throw;
        }
        finally
        {
            function.End(Channel is null ? environment.Clock.GetUtcNow() : DateTimeOffset.MaxValue); // a worker goes as a whole
        }
    }

    private InvocationOutcome RunInWorker(DeployedFunction function, WorkerPool workers, string actor, ReadOnlySpan<byte> input, Lazy<ReadOnlyMemory<byte>?>? pending,
        IFunctionEnvironment environment, InvocationContext? caller, EffectLog effects, ulong fuel, CancellationToken cancellationToken, out ICallee? callee)
    {
        callee = null;
        if (workers.Take(_options.WaitMax, cancellationToken, out bool waited, out string reason) is not { } worker)
        {
            return function.IsDisposed ? NotRun(InvocationEnd.BadModule, input.Length, $"function {function.Manifest.Name}: expected a deployed function, found one that was removed")
                : cancellationToken.IsCancellationRequested ? NotRun(InvocationEnd.Cancelled, input.Length, "cancelled by the caller")
                : NotRun(InvocationEnd.PoolFull, input.Length, reason);
        }
        bool isNew = worker.IsNew, isKept = false;
        try
        {
            InvocationOutcome outcome = worker.Run(this, function.Manifest, actor, input, pending, environment, caller, effects, fuel, cancellationToken);
            if (isNew && outcome.Start == InstanceStart.Fresh)
                outcome = outcome with { Start = waited ? InstanceStart.Cold : InstanceStart.Ahead };
            if (outcome.Succeeded)
            {
                callee = worker;
                isKept = true;
            }
            return outcome;
        }
        finally
        {
            if (!isKept)
                worker.Release(mayServeAgain: true);
        }
    }

    private static InvocationOutcome Measure(FunctionInstance instance, in Ending ending, ulong fuel, int inputBytes, InstanceStart start)
    {
        InvocationContext context = instance.Context;
        return new InvocationOutcome
        {
            End = ending.End,
            Reason = ending.Reason,
            Limit = ending.Limit.Length > 0 ? ending.Limit : context.LimitReached,
            OutputBytes = ending.End == InvocationEnd.Completed ? instance.Output.Length : 0,
            FuelUsed = fuel - instance.Fuel,
            MemoryBytesHighest = instance.MemoryBytes,
            InputBytes = inputBytes,
            HostCalls = context.HostCalls,
            LogLinesLost = context.LogLinesLost,
            Start = start,
            GaveUp = ending.GaveUp,
            IsCallersLimit = ending.IsCallersLimit,
            CpuTime = context.CpuTime,
            WallTime = context.WallTime,
            RestOwed = context.RestOwed,
        };
    }

    private static void Call(FunctionInstance instance, FunctionKind kind, ReadOnlySpan<byte> input)
    {
        if (kind == FunctionKind.Reactor)
        {
            instance.RunReactor(input);
            return;
        }
        try
        {
            instance.RunCommand();
        }
        catch (WasmtimeException e) when (e.InnerException is GuestFaultException { End: InvocationEnd.Completed })
        {
            // proc_exit(0)
        }
    }

    private static InvocationOutcome Commit(in InvocationOutcome outcome, IFunctionEnvironment environment, EffectLog effects)
    {
        if (effects.IsEmpty)
            return outcome;
        return environment.Commit(effects.ToEffects()) switch
        {
            CommitResult.Committed => outcome,
            CommitResult.Conflict => outcome with { End = InvocationEnd.Conflict, Reason = "a key that was compared and set has changed since", OutputBytes = 0 },
            _ => outcome with { End = InvocationEnd.NotCommitted, Reason = "the node could not keep what was changed", OutputBytes = 0 },
        };
    }

    private static Ending Classify(Exception exception, FunctionInstance instance, ulong fuel)
    {
        InvocationContext context = instance.Context;
        FunctionManifest manifest = context.Manifest;
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (e is GuestFaultException fault)
            {
                return new(fault.End, fault.Message, fault.Limit, fault.IsOwnDecision,
                    fault.Owner is { } owner ? owner != context : fault.End == InvocationEnd.OutOfFuel && fuel < manifest.Limits.FuelMax);
            }
            if (e is not WasmtimeException && !ReferenceEquals(e, exception))
                ExceptionDispatchInfo.Throw(e); // the environment's own
        }
        if (exception is ObjectDisposedException)
            return new(InvocationEnd.BadModule, $"function {manifest.Name}: expected a deployed function, found one that was removed");
        if (exception is not TrapException trap)
            return new(InvocationEnd.BadModule, $"function {manifest.Name}: {Line(exception)}");
        if (trap.Type == TrapCode.OutOfFuel)
        {
            return new(InvocationEnd.OutOfFuel, $"expected to end within {fuel} units of fuel, found all used", "limits.fuelMax", IsCallersLimit: fuel < manifest.Limits.FuelMax);
        }
        // A function that cannot grow by one page more, and then traps, was killed by its own allocator.
        if (instance.MemoryBytes + Memory.PageSize > manifest.Limits.MemoryBytesMax)
            return new(InvocationEnd.OutOfMemory, $"expected to need at most {manifest.Limits.MemoryBytesMax} bytes, trapped with all of them used: {Line(trap)}", "limits.memoryBytesMax");
        return new(InvocationEnd.Trapped, $"{trap.Type}: {Line(trap)}", trap.Type == TrapCode.StackOverflow ? "stack" : "");
    }

    // The engine's texts have a backtrace of several lines; the last says what happened, the first where.
    private static string Line(Exception e)
    {
        string[] lines = e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? "no text" : lines.Length == 1 ? lines[0] : $"{lines[0]}: {lines[^1]}";
    }

    /// <summary>How the code of a function came to its end, before anything is committed.</summary>
    private readonly record struct Ending(InvocationEnd End, string Reason = "", string Limit = "", bool GaveUp = false, bool IsCallersLimit = false)
    {
        public static readonly Ending Completed = new(InvocationEnd.Completed);
    }

    /// <summary>Takes an output that is written at once, in an array of its length.</summary>
    private sealed class OneArray : IBufferWriter<byte>
    {
        private byte[] _array = [];
        private int _written;

        public ReadOnlyMemory<byte> Written => _array.AsMemory(0, _written);

        public void Advance(int count) => _written += count;

        public System.Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (_array.Length - _written < sizeHint)
            {
                byte[] longer = GC.AllocateUninitializedArray<byte>(_written + sizeHint); // all of it is written at once
                _array.AsSpan(0, _written).CopyTo(longer);
                _array = longer;
            }
            return _array.AsMemory(_written);
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
