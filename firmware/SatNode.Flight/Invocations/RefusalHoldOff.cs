namespace SatNode.Flight.Invocations;

/// <summary>For how long the timers of a function wait that was refused: until there is a new forecast, <see cref="InvocationLimits.MinDeferral"/>, and twice as long after each further refusal, at most
/// <see cref="InvocationLimits.MaxDeferral"/>. One that starts, is deferred, or was not refused for the longest time begins anew. The tick's thread asks.</summary>
internal sealed class RefusalHoldOff
{
    private readonly Dictionary<string, (DateTimeOffset Until, TimeSpan Wait)> _held = new(StringComparer.Ordinal);

    /// <summary>Takes in that a function was refused. What somebody else asked for while its timers wait makes them wait no longer.</summary>
    public void Refuse(string function, DateTimeOffset now)
    {
        bool isKnown = _held.TryGetValue(function, out (DateTimeOffset Until, TimeSpan Wait) last);
        if (isKnown && IsAhead(last.Until, now))
            return;
        if (!isKnown && _held.Count >= InvocationLimits.MaxFunctions)
            DropOld(now);
        TimeSpan wait = isKnown && !IsOld(last.Until, now) ? last.Wait * 2 : InvocationLimits.MinDeferral;
        wait = wait < InvocationLimits.MaxDeferral ? wait : InvocationLimits.MaxDeferral;
        _held[function] = (now + wait, wait);
    }

    /// <summary>Takes in that a function was not refused.</summary>
    public void End(string function) => _held.Remove(function);

    /// <summary>True while its timers wait.</summary>
    public bool Holds(string function, DateTimeOffset now) => _held.TryGetValue(function, out (DateTimeOffset Until, TimeSpan Wait) held) && IsAhead(held.Until, now);

    /// <summary>False also after a clock that was set back: no wait is so long.</summary>
    private static bool IsAhead(DateTimeOffset until, DateTimeOffset now) => until > now && until - now <= InvocationLimits.MaxDeferral;

    private static bool IsOld(DateTimeOffset until, DateTimeOffset now) => now - until > InvocationLimits.MaxDeferral;

    private void DropOld(DateTimeOffset now)
    {
        foreach ((string function, (DateTimeOffset until, _)) in _held.ToArray())
        {
            if (IsOld(until, now))
                _held.Remove(function);
        }
    }
}
