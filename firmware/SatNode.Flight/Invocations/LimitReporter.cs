using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;

namespace SatNode.Flight.Invocations;

/// <summary>Tells of the limits that functions meet: each pair of function and limit once in ten minutes, with the count of all.</summary>
internal sealed class LimitReporter(IEventSink events)
{
    // A manifest has 13 limits; what is beyond that many a function is one of the runtime's own.
    private const int PairsMax = InvocationLimits.MaxFunctions * 16;

    private readonly Dictionary<(string Function, string Limit), (DateTimeOffset Next, long Total)> _told = [];

    public void Report(string function, string invocation, string limit, string detail, DateTimeOffset now, int times = 1)
    {
        if (_told.Count >= PairsMax && !_told.ContainsKey((function, limit)))
            _told.Clear();
        (DateTimeOffset next, long total) = _told.GetValueOrDefault((function, limit));
        total += times;
        if (now >= next)
        {
            next = now + InvocationLimits.LimitEventInterval;
            events.Raise(Events.FunctionLimitReached, function, invocation, limit, detail, total);
        }
        _told[(function, limit)] = (next, total);
    }
}
