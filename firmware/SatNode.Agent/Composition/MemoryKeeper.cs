using SatNode.Functions.Hosting;

namespace SatNode.Agent.Composition;

/// <summary>Gives memory back to the kernel while the node is idle. Inputs and outputs of functions and the bundles that carry them are megabytes each; the
/// collector alone would keep their room for the next ones, and a board has little.</summary>
/// <param name="machine">The machine's clock: a collection costs the machine's time, at whatever rate the world runs.</param>
internal sealed class MemoryKeeper(TimeProvider machine)
{
    private const long WorthwhileBytes = 1024 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private long _collectedAt = machine.GetTimestamp();
    private long _allocated;

    /// <summary>Collects when enough was allocated since the last time, at most every 5 s; a heap of some megabytes takes some milliseconds.</summary>
    public void WhenIdle()
    {
        long allocated = GC.GetTotalAllocatedBytes();
        if (allocated - _allocated < WorthwhileBytes || machine.GetElapsedTime(_collectedAt) < Interval)
            return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeHeap.Trim();
        _allocated = allocated;
        _collectedAt = machine.GetTimestamp();
    }
}
