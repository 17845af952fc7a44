using System.Globalization;
using SatNode.Flight.RateGroups;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;

namespace SatNode.Flight.Boards;

/// <summary>Says which rate group hangs, before the watchdog resets the board: a line on the console first, which needs no disk, then a record for the next boot and <c>rate-group.hung</c>.
/// Looks on a timer's thread, since the loop's own is the one that hangs. A group that comes back takes the record with it.</summary>
public sealed class HangWatch : IDisposable
{
    /// <summary>A group hangs after a quarter of the watchdog's time-out: ticks are at most half of it apart, so that a quarter is left to say it.</summary>
    public const int PatiencesPerTimeout = 4;

    private const int LooksPerPatience = 5;
    private const string HungName = "hung_group"; // its place in LoopGroups.All, from 1

    private readonly LoopGroups _groups;
    private readonly FlightDatabase _database;
    private readonly IEventSink _events;
    private readonly Action<string> _warn;
    private readonly ITimer _timer;
    private RateGroup? _told;
    private int _isLooking;

    /// <summary>Begins to look.</summary>
    /// <param name="groups">What is watched.</param>
    /// <param name="patience">The groups' patience, machine time.</param>
    /// <param name="database">Keeps the record.</param>
    /// <param name="events">Where the event goes.</param>
    /// <param name="warn">Writes a line to the console.</param>
    /// <param name="machine">The machine's clock.</param>
    public HangWatch(LoopGroups groups, TimeSpan patience, FlightDatabase database, IEventSink events, Action<string> warn, TimeProvider machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _groups = groups;
        _database = database;
        _events = events;
        _warn = warn;
        _timer = machine.CreateTimer(static watch => ((HangWatch)watch!).Look(), this, patience / LooksPerPatience, patience / LooksPerPatience);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>The group that hung when the last run ended, or null. The caller holds the database's gate.</summary>
    internal static string? Recorded(FlightDatabase database, LoopGroups groups) =>
        database.ReadMeta(HungName) is { } number && number >= 1 && number <= groups.All.Count ? groups.All[(int)number - 1].Name : null;

    /// <summary>Forgets the record, within a transaction.</summary>
    internal static void Forget(FlightDatabase database) => database.WriteMeta(HungName, 0);

    private void Look()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) != 0) // the last look waits for the disk
            return;
        RateGroup? hung = _groups.Hung();
        if (!ReferenceEquals(hung, _told))
        {
            _told = hung;
            if (hung is null)
                _database.TryWrite(_database, Forget);
            else
                Tell(hung);
        }
        Volatile.Write(ref _isLooking, 0);
    }

    private void Tell(RateGroup hung)
    {
        double seconds = hung.Since.TotalSeconds;
        string what = hung.IsRunning ? "runs" : "does not come to its turn";
        _warn(string.Create(CultureInfo.InvariantCulture, $"rate group {hung.Name} {what} since {seconds:F1} s; the watchdog is not stroked"));
        _database.TryWrite((_database, Number: NumberOf(hung)), static state => state._database.WriteMeta(HungName, state.Number));
        _events.Raise(Events.RateGroupHung, hung.Name, seconds, what);
    }

    private long NumberOf(RateGroup group)
    {
        for (int i = 0; i < _groups.All.Count; i++)
        {
            if (ReferenceEquals(_groups.All[i], group))
                return i + 1;
        }
        return 0;
    }
}
