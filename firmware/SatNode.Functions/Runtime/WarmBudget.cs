namespace SatNode.Functions.Runtime;

/// <summary>Counts the idle instances of all functions, so that warm ones never take the place of those that run.</summary>
internal sealed class WarmBudget(int max)
{
    private int _taken;

    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= max)
            return true;
        Interlocked.Decrement(ref _taken);
        return false;
    }

    public void Return() => Interlocked.Decrement(ref _taken);
}
