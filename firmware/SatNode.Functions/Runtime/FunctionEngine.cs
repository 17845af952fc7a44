using SatNode.Functions.Hosting;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Runtime;

/// <summary>The engine with its settings, each with its reason, and what instances are linked with.</summary>
internal sealed class FunctionEngine : IDisposable
{
    // Calls a reactor and gives the result to the host as an argument: what a guest's function returns is boxed by the engine, what a host function takes is not.
    private const string ShimText = """
        (module
          (import "function" "alloc" (func $alloc (param i32) (result i32)))
          (import "function" "handle" (func $handle (param i32 i32) (result i64)))
          (import "host" "return" (func $return (param i64)))
          (func (export "alloc") (param i32) (call $return (i64.extend_i32_u (call $alloc (local.get 0)))))
          (func (export "handle") (param i32 i32) (call $return (call $handle (local.get 0) (local.get 1)))))
        """;

    private readonly Linker _reactorLinker;
    private readonly Linker _commandLinker;
    private readonly Module _shim;

    /// <summary>Starts the engine.</summary>
    /// <param name="instancesMax">Instances at once.</param>
    /// <param name="calls">The host calls of the module <c>satnode</c>.</param>
    public FunctionEngine(int instancesMax, IReadOnlyList<HostFunction> calls)
    {
        Engine = CreateEngine(instancesMax);
        ReactorCalls = calls;
        CommandCalls = [.. calls, .. WasiCalls.All];
        _reactorLinker = Link(ReactorCalls);
        _commandLinker = Link(CommandCalls);
        _shim = Module.FromText(Engine, "shim", ShimText);
    }

    /// <summary>Called on every tick of the epoch, on the function's thread.</summary>
    public static readonly Store.EpochDeadlineCallback OnTick = static store =>
    {
        var context = (InvocationContext)store.GetData()!;
        context.Check();
        context.Rest();
        return 1;
    };

    public Engine Engine { get; }

    public IReadOnlyList<HostFunction> ReactorCalls { get; }

    public IReadOnlyList<HostFunction> CommandCalls { get; }

    public Linker LinkerOf(FunctionKind kind) => kind == FunctionKind.Command ? _commandLinker : _reactorLinker;

    public Instance Shim(Store store, Function alloc, Function handle)
    {
        Function hand = Function.FromCallback(store, static (Caller caller, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> _) =>
            ((InvocationContext)caller.GetData()!).Returned = arguments[0].AsInt64(), [ValueKind.Int64], []);
        return new(store, _shim, alloc, handle, hand);
    }

    public void Dispose()
    {
        _shim.Dispose();
        _reactorLinker.Dispose();
        _commandLinker.Dispose();
        Engine.Dispose();
    }

    private Linker Link(IReadOnlyList<HostFunction> calls)
    {
        var linker = new Linker(Engine);
        foreach (HostFunction call in calls)
            call.Define(linker);
        return linker;
    }

    private static Engine CreateEngine(int instancesMax)
    {
        // A slot reserves address space for a whole memory; pages cost only when touched, and copy-on-write images start an instance in microseconds.
        using var pool = new PoolingAllocationConfig();
        pool.WithMaxCoreInstances((uint)instancesMax * 2) // each may have its shim
            .WithMaxMemories((uint)instancesMax)
            .WithMaxTables((uint)instancesMax)
            .WithMaxMemoriesPerModule(1)
            .WithMaxTablesPerModule(1)
            .WithMaxTableElements(FunctionBounds.TableElementsMax)
            .WithMaxMemorySize(FunctionLimits.MemoryBytesCeiling)
            .WithMaxUnusedWarmSlots((uint)Math.Min(instancesMax, 16))
            // A slot's first pages are wiped instead of given back to the kernel: saves a page fault a page, holds this much a slot.
            .WithLinearMemoryKeepResidentBytes(128 * 1024)
            .WithTableKeepResidentBytes(16 * 1024);
        using var config = new Config();
        config.WithPoolingAllocationStrategy(pool)
            .WithMemoryInitCopyOnWrite(true)
            .WithEpochInterruption(true)
            .WithFuelConsumption(true)
            .WithMaximumStackSize(FunctionBounds.StackBytesMax)
            // Two nodes that run the same invocation must get the same bytes.
            .WithCraneliftNaNCanonicalization(true)
            .WithRelaxedSIMD(false, false)
            // What compilers emit by default; anything more is attack surface that no function here needs.
            .WithWasmThreads(false)
            .WithMemory64(false)
            .WithMultiMemory(false)
            .WithFunctionReferences(false)
            .WithGc(false)
            .WithExceptions(false)
            .WithTailCalls(false)
            .WithComponentModel(false)
            .WithWideArithmetic(false)
            // A second thread that compiles would not be counted as the installer's CPU time.
            .WithParallelCompilation(false)
            .WithOptimizationLevel(OptimizationLevel.Speed);
        return new(config);
    }
}
