namespace SatNode.Agent.Composition;

/// <summary>Bounds the log lines of a function over all its invocations: so many a minute of the mission clock. Thread-safe.</summary>
internal sealed class LogGate
{
    private readonly Dictionary<string, (long Minute, int Lines)> _lines = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Counts a line.</summary>
    /// <param name="function">Whose it is; only functions of the node, so that the names are bounded.</param>
    /// <param name="now">The mission clock's time.</param>
    /// <param name="linesMax">The manifest's limit.</param>
    /// <param name="isFirstLost">True for the first line of a minute that is lost, to be told of.</param>
    /// <returns>False when the line is lost.</returns>
    public bool TryTake(string function, DateTimeOffset now, int linesMax, out bool isFirstLost)
    {
        lock (_lock)
        {
            long minute = now.ToUnixTimeSeconds() / 60;
            (long last, int lines) = _lines.GetValueOrDefault(function);
            lines = last == minute ? lines + 1 : 1;
            _lines[function] = (minute, lines);
            isFirstLost = lines == linesMax + 1;
            return lines <= linesMax;
        }
    }
}
