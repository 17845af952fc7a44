namespace SatNode.Functions.Runtime;

/// <summary>Counts the idle instances of all functions and what memory they hold, so that warm ones never take the place of those that run, nor the board's memory.</summary>
internal sealed class WarmBudget(int instancesMax, long bytesMax)
{
    private readonly Lock _lock = new();
    private int _instances;
    private long _bytes;

    public bool TryTake(long bytes)
    {
        lock (_lock)
        {
            if (_instances == instancesMax || bytes > bytesMax - _bytes)
                return false;
            _instances++;
            _bytes += bytes;
            return true;
        }
    }

    public void Return(long bytes)
    {
        lock (_lock)
        {
            _instances--;
            _bytes -= bytes;
        }
    }
}
