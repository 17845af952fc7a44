using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Modes;

/// <summary>Nominal or safe. Safe mode has up to three causes: low charge, a hot board, a command; it is left when none is left. The command's cause is
/// on disk: a reset does not leave safe mode. Thread-safe.</summary>
public sealed class ModeController
{
    private const string CommandedName = "safe_mode_commanded";

    private readonly ModeOptions _options;
    private readonly FlightDatabase _database;
    private readonly IEventSink _events;
    private readonly Lock _gate = new();
    private Causes _causes;
    private int _lowCharge;
    private int _hotBoard;

    /// <summary>Creates the controller in the commanded mode of the last boot.</summary>
    /// <exception cref="ArgumentException">A limit to leave safe mode is not on the safe side of the one to enter it.</exception>
    public ModeController(ModeOptions options, FlightDatabase database, IEventSink events)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(events);
        if (!(options.NominalFromCharge > options.SafeBelowCharge && options.NominalToBoard < options.SafeAboveBoard && options.Repeats >= 1))
            throw new ArgumentException("expected limits to leave safe mode on the safe side of those to enter it, and 1 or more repeats", nameof(options));
        _options = options;
        _database = database;
        _events = events;
        lock (database.Gate)
            _causes = database.ReadMeta(CommandedName) == 1 ? Causes.Command : Causes.None;
    }

    [Flags]
    private enum Causes
    {
        None = 0,
        Command = 1,
        LowCharge = 2,
        HotBoard = 4,
    }

    /// <summary>True in safe mode.</summary>
    public bool IsSafe
    {
        get
        {
            lock (_gate)
                return _causes != Causes.None;
        }
    }

    /// <summary>Looks at a sample; an unknown value neither enters nor leaves.</summary>
    public void Update(Temperature board, Ratio charge)
    {
        lock (_gate)
        {
            _lowCharge = charge < _options.SafeBelowCharge ? _lowCharge + 1 : 0;
            _hotBoard = board > _options.SafeAboveBoard ? _hotBoard + 1 : 0;
            Causes next = _causes;
            if (_lowCharge >= _options.Repeats)
                next |= Causes.LowCharge;
            else if (charge >= _options.NominalFromCharge)
                next &= ~Causes.LowCharge;
            if (_hotBoard >= _options.Repeats)
                next |= Causes.HotBoard;
            else if (board <= _options.NominalToBoard)
                next &= ~Causes.HotBoard;
            Change(next);
        }
    }

    /// <summary>Enters safe mode by command; stays through resets until left by command.</summary>
    public void Enter() => Command(isSafe: true);

    /// <summary>Takes the command's cause away.</summary>
    /// <returns>True when the mode is nominal now; false while low charge or heat hold it.</returns>
    public bool Leave() => Command(isSafe: false);

    private bool Command(bool isSafe)
    {
        lock (_gate)
        {
            _database.TryWrite((_database, isSafe), static state => state._database.WriteMeta(CommandedName, state.isSafe ? 1 : 0));
            Change(isSafe ? _causes | Causes.Command : _causes & ~Causes.Command);
            return _causes == Causes.None;
        }
    }

    private void Change(Causes next)
    {
        Causes before = _causes;
        _causes = next;
        if (before == Causes.None && next != Causes.None)
            _events.Raise(Events.ModeChanged, "safe", Name(next));
        else if (before != Causes.None && next == Causes.None)
            _events.Raise(Events.ModeChanged, "nominal", $"{Name(before)} ended");
    }

    private static string Name(Causes causes) => causes switch
    {
        _ when causes.HasFlag(Causes.LowCharge) => "low-charge",
        _ when causes.HasFlag(Causes.HotBoard) => "hot-board",
        _ => "command",
    };
}
