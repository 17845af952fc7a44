namespace SatNode.Functions.Prefetch;

/// <summary>Counts the bytes that are held ahead of all invocations of a node. Thread-safe.</summary>
/// <param name="bytesMax">The most, 0 or more.</param>
public sealed class PrefetchBudget(long bytesMax = PrefetchLimits.NodeBytesMax)
{
    private long _taken;

    /// <summary>Bytes that are held now.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes so many bytes, all or none.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= bytesMax)
            return true;
        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    /// <summary>Gives them back.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
