namespace SatNode.Flight.Invocations;

/// <summary>Counts a function's starts over the last orbit, to the minute, so that a manifest's limit holds whatever triggers it.</summary>
public sealed class OrbitQuota
{
    private static readonly int Minutes = (int)InvocationLimits.Orbit.TotalMinutes;

    private readonly int[] _starts = new int[Minutes];
    private long _minute;
    private int _total;

    /// <summary>Counts a start when fewer than <paramref name="max"/> happened within the last orbit.</summary>
    /// <returns>False when the quota is used up; nothing is counted then.</returns>
    public bool TryTake(DateTimeOffset now, int max)
    {
        long minute = now.ToUnixTimeSeconds() / 60;
        if (minute - _minute >= Minutes)
        {
            Array.Clear(_starts);
            _total = 0;
            _minute = minute;
        }
        for (; _minute < minute; _minute++)
        {
            int oldest = (int)((_minute + 1) % Minutes);
            _total -= _starts[oldest];
            _starts[oldest] = 0;
        }
        if (_total >= max)
            return false;
        _starts[(int)(minute % Minutes)]++;
        _total++;
        return true;
    }

    /// <summary>Takes a start back that was counted and did not happen.</summary>
    /// <param name="taken">When it was counted.</param>
    public void GiveBack(DateTimeOffset taken)
    {
        long minute = taken.ToUnixTimeSeconds() / 60;
        int at = (int)(minute % Minutes);
        if (_minute - minute >= Minutes || _starts[at] == 0)
            return; // it no longer counts
        _starts[at]--;
        _total--;
    }
}
