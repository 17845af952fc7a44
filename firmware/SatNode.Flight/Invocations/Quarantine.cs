using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Invocations;

/// <summary>Holds functions back that break their limits again and again. A quarantine survives a restart; it ends by its time, after which the next offence begins one twice as long,
/// or by telecommand. A completed invocation clears the record.</summary>
/// <remarks>Kept in the flight database as one number a function: the time in seconds of the Unix epoch, and the level in the last digit pair. Thread-safe.</remarks>
public sealed class Quarantine
{
    private const int LevelMax = 16;
    private const int LevelUnit = 100;

    private readonly FlightDatabase _database;
    private readonly IEventSink _events;
    private readonly Dictionary<string, Record> _records = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Reads nothing yet: a function's record is read when it is first asked for.</summary>
    public Quarantine(FlightDatabase database, IEventSink events)
    {
        _database = database;
        _events = events;
    }

    /// <summary>Until when a function is held back; null when it may run.</summary>
    public DateTimeOffset? HeldUntil(string function, DateTimeOffset now)
    {
        lock (_lock)
            return Find(function) is { } record && record.Until > now ? record.Until : null;
    }

    /// <summary>Takes in an offence; the fifth without a success between them, and after a quarantine the first, holds the function back.</summary>
    public void Offend(string function, string reason, DateTimeOffset now)
    {
        lock (_lock)
        {
            Record record = Find(function);
            record.Offences++;
            if (record.Offences < InvocationLimits.OffencesMax && record.Level == 0)
                return;
            double factor = Math.Pow(2, record.Level);
            TimeSpan holdOff = InvocationLimits.FirstHoldOff * factor;
            record.Level = Math.Min(record.Level + 1, LevelMax);
            record.Until = now + (holdOff < InvocationLimits.LongestHoldOff ? holdOff : InvocationLimits.LongestHoldOff);
            Keep(function, record);
            _events.Raise(Events.FunctionQuarantined, function, record.Offences, DtnTime.From(record.Until).ToString(), reason);
        }
    }

    /// <summary>Takes in that an invocation completed.</summary>
    public void Succeed(string function)
    {
        lock (_lock)
        {
            Record record = Find(function);
            record.Offences = 0;
            if (record.Level > 0)
                Clear(function, record);
        }
    }

    /// <summary>Ends a quarantine and forgets the offences.</summary>
    /// <returns>False when there was nothing to forget.</returns>
    public bool Release(string function, DateTimeOffset now)
    {
        lock (_lock)
        {
            Record record = Find(function);
            bool was = record.Level > 0 || record.Offences > 0;
            bool held = record.Until > now;
            record.Offences = 0;
            Clear(function, record);
            if (held)
                _events.Raise(Events.FunctionReleased, function);
            return was;
        }
    }

    private static string NameOf(string function) => $"quarantine/{function}";

    private Record Find(string function)
    {
        if (_records.TryGetValue(function, out Record? record))
            return record;
        long kept;
        lock (_database.Gate)
            kept = _database.ReadMeta(NameOf(function)) ?? 0;
        record = new() { Level = (int)(kept % LevelUnit), Until = DateTimeOffset.FromUnixTimeSeconds(kept / LevelUnit) };
        return _records[function] = record;
    }

    private void Clear(string function, Record record)
    {
        record.Level = 0;
        record.Until = default;
        Keep(function, record);
    }

    private void Keep(string function, Record record)
    {
        long kept = record.Level == 0 ? 0 : (record.Until.ToUnixTimeSeconds() * LevelUnit) + record.Level;
        _database.TryWrite((_database, function, kept), static state => state._database.WriteMeta(NameOf(state.function), state.kept)); // a disk that refuses forgets it at the next start
    }

    private sealed class Record
    {
        public int Offences { get; set; }

        public int Level { get; set; }

        public DateTimeOffset Until { get; set; }
    }
}
