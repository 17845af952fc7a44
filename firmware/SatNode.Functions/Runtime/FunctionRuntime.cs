using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using SatNode.Functions.Hosting;
using SatNode.Functions.Modules;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Runtime;

/// <summary>Runs functions: one engine, a pool of instances, and for each invocation a fresh one that nothing outlives.</summary>
/// <remarks>Thread-safe. A function cannot outlast its CPU time, fuel, memory, stack or output, and none of its faults reaches the caller as an exception.
/// Runs on Linux only: it reads the thread's CPU time from the kernel.</remarks>
public sealed class FunctionRuntime : IDisposable
{
    private static readonly Store.EpochDeadlineCallback OnTick = static store =>
    {
        ((InvocationContext)store.GetData()!).Check();
        return 1;
    };

    private readonly FunctionRuntimeOptions _options;
    private readonly Engine _engine;
    private readonly EpochTicker _ticker;
    private readonly Linker _reactorLinker;
    private readonly Linker _commandLinker;
    private readonly ModuleInspector _inspector;
    private readonly ModuleCache? _cache;
    private readonly SemaphoreSlim _instances;
    private int _waiting;

    /// <summary>Starts the engine.</summary>
    /// <exception cref="ArgumentException">The options are out of range; the text lists every fault.</exception>
    /// <exception cref="IOException">The cache folder cannot be created.</exception>
    public FunctionRuntime(FunctionRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Faults() is { Count: > 0 } faults)
            throw new ArgumentException(string.Join("; ", faults), nameof(options));
        _options = options;
        _engine = FunctionEngine.Create(options.InstancesMax);
        IReadOnlyList<HostFunction> commandCalls = [.. SatNodeCalls.All, .. WasiCalls.All];
        _reactorLinker = Link(SatNodeCalls.All);
        _commandLinker = Link(commandCalls);
        _inspector = new(SatNodeCalls.All, commandCalls);
        _cache = options.CacheFolder is { } folder ? new(folder, options.CacheEntriesMax) : null;
        _instances = new(options.InstancesMax);
        _ticker = new(_engine, options.TickPeriod);
    }

    /// <summary>Makes a function ready to run: checks its digest, takes its machine code from the cache or compiles it, and checks it against the ABI.</summary>
    /// <exception cref="FunctionModuleException">The manifest or the module is refused; the text says why.</exception>
    public DeployedFunction Install(FunctionManifest manifest, ReadOnlySpan<byte> module)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (manifest.Faults() is { Count: > 0 } faults)
            throw ModuleInspector.Refuse(manifest, string.Join("; ", faults));
        if (module.Length > FunctionBounds.ModuleBytesMax)
            throw ModuleInspector.Refuse(manifest, $"expected a module of at most {FunctionBounds.ModuleBytesMax} bytes, found {module.Length}");
        byte[] hash = SHA256.HashData(module);
        if (!hash.AsSpan().SequenceEqual(manifest.ModuleDigest.Span))
        {
            throw ModuleInspector.Refuse(manifest, $"expected a module of digest sha256:{Convert.ToHexStringLower(manifest.ModuleDigest.Span)}, "
                + $"found sha256:{Convert.ToHexStringLower(hash)}");
        }
        string remark = "";
        Module? compiled = _cache?.TryLoad(_engine, manifest.Name, hash, out remark);
        ModuleOrigin origin = compiled is null ? ModuleOrigin.Compiled : ModuleOrigin.Cache;
        compiled ??= Compile(manifest, module);
        try
        {
            bool initializes = _inspector.Inspect(compiled, manifest);
            if (origin == ModuleOrigin.Compiled && _cache?.Store(compiled, hash) is { Length: > 0 } unkept)
                remark = remark.Length == 0 ? unkept : $"{remark}; {unkept}";
            return new(manifest, compiled, initializes, origin, remark);
        }
        catch (FunctionModuleException)
        {
            compiled.Dispose();
            throw;
        }
    }

    /// <summary>Runs one invocation on the calling thread, from a fresh instance, and returns when it ended, however it ended.</summary>
    /// <remarks>Blocks: first for an instance, at most <see cref="FunctionRuntimeOptions.WaitMax"/>, then for the function, at most its limits.
    /// Exceptions that leave this method are <paramref name="environment"/>'s own.</remarks>
    public InvocationOutcome Invoke(
        DeployedFunction function, ReadOnlyMemory<byte> input, IFunctionEnvironment environment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(environment);
        FunctionLimits limits = function.Manifest.Limits;
        if (input.Length > limits.InputBytesMax)
            return NotRun(InvocationEnd.Refused, input, $"input: expected at most {limits.InputBytesMax} bytes, found {input.Length}");
        if (TakeInstance(cancellationToken) is { } failure)
            return NotRun(failure, input, failure == InvocationEnd.Cancelled ? "cancelled by the caller" : "no instance became free in time");
        _ticker.Enter();
        try
        {
            return Run(function, input, environment, cancellationToken);
        }
        finally
        {
            _ticker.Leave();
            _instances.Release();
        }
    }

    /// <summary>Ends the engine. No invocation may be running; deployed functions may be disposed before or after.</summary>
    public void Dispose()
    {
        _ticker.Dispose();
        _reactorLinker.Dispose();
        _commandLinker.Dispose();
        _instances.Dispose();
        _engine.Dispose();
    }

    private static InvocationOutcome NotRun(InvocationEnd end, ReadOnlyMemory<byte> input, string reason) =>
        new() { End = end, Reason = reason, InputBytes = input.Length };

    private Linker Link(IReadOnlyList<HostFunction> calls)
    {
        var linker = new Linker(_engine);
        foreach (HostFunction call in calls)
            call.Define(linker);
        return linker;
    }

    private Module Compile(FunctionManifest manifest, ReadOnlySpan<byte> module)
    {
        // The text format would be taken too; only what a digest names byte for byte is.
        if (module.Length < 4 || !module[..4].SequenceEqual("\0asm"u8))
            throw ModuleInspector.Refuse(manifest, "expected a WebAssembly module, found other bytes");
        try
        {
            return Module.FromBytes(_engine, manifest.Name, module);
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

    private InvocationOutcome Run(
        DeployedFunction function, ReadOnlyMemory<byte> input, IFunctionEnvironment environment, CancellationToken cancellationToken)
    {
        FunctionManifest manifest = function.Manifest;
        var context = new InvocationContext(manifest, input, environment, cancellationToken);
        InvocationOutcome outcome;
        using (var store = new Store(_engine, context))
        {
            store.SetLimits(manifest.Limits.MemoryBytesMax, FunctionBounds.TableElementsMax, instances: 1, tables: 1, memories: 1);
            store.Fuel = manifest.Limits.FuelMax;
            store.SetEpochDeadline(1);
            store.SetEpochDeadlineCallback(OnTick);
            Instance? instance = null;
            InvocationEnd end = InvocationEnd.Completed;
            string reason = "";
            ReadOnlyMemory<byte> output = default;
            try
            {
                Linker linker = manifest.Kind == FunctionKind.Command ? _commandLinker : _reactorLinker;
                instance = linker.Instantiate(store, function.Module);
                output = manifest.Kind == FunctionKind.Command ? RunCommand(instance, context) : RunReactor(instance, function, input);
            }
            catch (Exception e) when (e is WasmtimeException or GuestFaultException or ObjectDisposedException)
            {
                (end, reason) = Classify(e, instance, manifest);
                output = end == InvocationEnd.Completed ? context.Output : default;
            }
            outcome = new()
            {
                End = end,
                Reason = reason,
                Output = output,
                FuelUsed = manifest.Limits.FuelMax - store.Fuel,
                MemoryBytesHighest = instance?.GetMemory("memory")?.GetLength() ?? 0,
                InputBytes = input.Length,
                LogLinesLost = context.LogLinesLost,
            };
        }
        outcome = outcome with { CpuTime = context.CpuTime };
        if (outcome.Succeeded && context.Effects is { } effects)
            environment.Commit(effects);
        return outcome;
    }

    private static ReadOnlyMemory<byte> RunCommand(Instance instance, InvocationContext context)
    {
        instance.GetFunction("_start")!.Invoke();
        return context.Output;
    }

    private static ReadOnlyMemory<byte> RunReactor(Instance instance, DeployedFunction function, ReadOnlyMemory<byte> input)
    {
        Memory memory = instance.GetMemory("memory")!;
        if (function.Initializes)
            instance.GetFunction("_initialize")!.Invoke();
        int pointer = 0;
        if (!input.IsEmpty)
        {
            pointer = (int)instance.GetFunction("satnode_alloc")!.Invoke([input.Length])!;
            if (pointer == 0)
                throw new GuestFaultException(InvocationEnd.OutOfMemory, $"satnode_alloc: expected room for {input.Length} bytes of input, found none");
            input.Span.CopyTo(GuestMemory.Slice(memory, pointer, input.Length, "satnode_alloc"));
        }
        long packed = (long)instance.GetFunction("satnode_handle")!.Invoke([pointer, input.Length])!;
        int outputPointer = unchecked((int)(packed >> 32)), outputLength = unchecked((int)packed);
        int outputMax = function.Manifest.Limits.OutputBytesMax;
        if (GuestMemory.Unsigned(outputLength) > GuestMemory.Unsigned(outputMax))
        {
            throw new GuestFaultException(InvocationEnd.Trapped,
                $"satnode_handle: expected at most {outputMax} bytes of output, found {GuestMemory.Unsigned(outputLength)}");
        }
        return GuestMemory.Slice(memory, outputPointer, outputLength, "satnode_handle").ToArray();
    }

    private static (InvocationEnd End, string Reason) Classify(Exception exception, Instance? instance, FunctionManifest manifest)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (e is GuestFaultException fault)
                return (fault.End, fault.Message);
            if (e is not WasmtimeException && !ReferenceEquals(e, exception))
                ExceptionDispatchInfo.Throw(e); // the environment's own
        }
        if (exception is ObjectDisposedException)
            return (InvocationEnd.BadModule, $"function {manifest.Name}: expected a deployed function, found one that was removed");
        if (exception is not TrapException trap)
            return (InvocationEnd.BadModule, $"function {manifest.Name}: {Line(exception)}");
        if (trap.Type == TrapCode.OutOfFuel)
            return (InvocationEnd.OutOfFuel, $"expected to end within {manifest.Limits.FuelMax} units of fuel, found all used");
        // A function that cannot grow by one page more, and then traps, was killed by its own allocator.
        if (instance?.GetMemory("memory") is { } memory && memory.GetLength() + Memory.PageSize > manifest.Limits.MemoryBytesMax)
            return (InvocationEnd.OutOfMemory, $"expected to need at most {manifest.Limits.MemoryBytesMax} bytes, trapped with all of them used: {Line(trap)}");
        return (InvocationEnd.Trapped, $"{trap.Type}: {Line(trap)}");
    }

    // The engine's texts have a backtrace of several lines; the last says what happened, the first where.
    private static string Line(Exception e)
    {
        string[] lines = e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? "no text" : lines.Length == 1 ? lines[0] : $"{lines[0]}: {lines[^1]}";
    }
}
