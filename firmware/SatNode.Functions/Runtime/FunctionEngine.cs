using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Runtime;

/// <summary>The engine's settings, each with its reason.</summary>
internal static class FunctionEngine
{
    public static Engine Create(int instancesMax)
    {
        // A slot reserves address space for a whole memory; pages cost only when touched, and copy-on-write images start an instance in microseconds.
        using var pool = new PoolingAllocationConfig();
        pool.WithMaxCoreInstances((uint)instancesMax)
            .WithMaxMemories((uint)instancesMax)
            .WithMaxTables((uint)instancesMax)
            .WithMaxMemoriesPerModule(1)
            .WithMaxTablesPerModule(1)
            .WithMaxTableElements(FunctionBounds.TableElementsMax)
            .WithMaxMemorySize(FunctionLimits.MemoryBytesCeiling)
            .WithMaxUnusedWarmSlots((uint)instancesMax)
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
