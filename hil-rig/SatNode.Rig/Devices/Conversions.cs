namespace SatNode.Rig.Devices;

/// <summary>When a converter that runs by itself has a new result: a chip gives its last finished conversion, however often it is read.</summary>
internal sealed class Conversions(TimeProvider clock)
{
    private DateTimeOffset? _last;

    /// <summary>True when one has finished since the last; the first is finished at once.</summary>
    /// <param name="period">From one to the next.</param>
    internal bool IsDue(TimeSpan period)
    {
        DateTimeOffset now = clock.GetUtcNow();
        if (_last is { } last && now - last < period)
            return false;
        _last = now;
        return true;
    }

    /// <summary>Begins anew: the next is finished at once.</summary>
    internal void Restart() => _last = null;
}
