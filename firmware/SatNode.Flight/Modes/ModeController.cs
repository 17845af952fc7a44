using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Modes;

/// <summary>Nominal, eclipse-saving or safe, the gravest of what holds. Each mode has its reasons, and is left when none of them is left; they are on disk, so that a reset leaves no mode. Thread-safe.</summary>
public sealed class ModeController
{
    /// <summary>A priority that no invocation has.</summary>
    public const int NoPriority = 10;

    private const string ReasonsName = "mode_reasons";
    private const string CommandedName = "safe_mode_commanded"; // what an agent in the other slot may know
    private const string FaultsName = "ends_unasked";

    private const ModeReasons SafeReasons = ModeReasons.Command | ModeReasons.LowCharge | ModeReasons.HotBoard | ModeReasons.RepeatedFaults;

    private readonly ModeOptions _options;
    private readonly FlightDatabase _database;
    private readonly IEventSink _events;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly DateTimeOffset _start;
    private ModeReasons _reasons;
    private Watch _charge;
    private Watch _board;
    private Watch _forecast;
    private bool _isProven;

    /// <summary>Creates the controller in the mode of the last boot, or in safe mode when the agent ended unasked too often.</summary>
    /// <exception cref="ArgumentException">A limit to leave a mode is not on the safe side of the one to enter it, or a number is out of range.</exception>
    public ModeController(ModeOptions options, FlightDatabase database, IEventSink events, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(time);
        if (!(options.NominalFromCharge > options.SafeBelowCharge && options.NominalToBoard < options.SafeAboveBoard && options.NominalMargin > options.SavingMargin && options.Repeats >= 1))
            throw new ArgumentException("expected limits to leave a mode on the safe side of those to enter it, and 1 or more repeats", nameof(options));
        if (!(options.SavingPriority is >= 1 and < NoPriority && options.FaultsMax >= 1 && options.HoldOff >= TimeSpan.Zero && options.UnknownAfter >= TimeSpan.Zero))
            throw new ArgumentException("expected a saving priority of 1 to 9, 1 or more faults, and times of 0 or more", nameof(options));
        _options = options;
        _database = database;
        _events = events;
        _time = time;
        _start = time.GetUtcNow();
        long faults;
        lock (database.Gate)
        {
            long? kept = database.ReadMeta(ReasonsName);
            _reasons = kept is { } reasons ? (ModeReasons)reasons : database.ReadMeta(CommandedName) == 1 ? ModeReasons.Command : ModeReasons.None;
            faults = database.ReadMeta(FaultsName) ?? 0;
        }
        if (faults >= options.FaultsMax)
            Change(_reasons | ModeReasons.RepeatedFaults);
        CountEnds(faults + 1); // until this run proves itself
    }

    /// <summary>The mode.</summary>
    public OperatingMode Mode
    {
        get
        {
            lock (_gate)
                return ModeOf(_reasons);
        }
    }

    /// <summary>All that holds.</summary>
    public ModeReasons Reasons
    {
        get
        {
            lock (_gate)
                return _reasons;
        }
    }

    /// <summary>True in safe mode.</summary>
    public bool IsSafe => Mode == OperatingMode.Safe;

    /// <summary>The lowest priority that may run: 0 when nominal, <see cref="NoPriority"/> in safe mode.</summary>
    public int PriorityMin => Mode switch
    {
        OperatingMode.Nominal => 0,
        OperatingMode.EclipseSaving => _options.SavingPriority,
        _ => NoPriority,
    };

    /// <summary>Looks at a sample; an unknown value neither enters nor leaves. For <see cref="ModeOptions.UnknownAfter"/> it leaves all counts as they are; then they begin anew.</summary>
    /// <param name="board">The board's temperature.</param>
    /// <param name="charge">The state of charge.</param>
    /// <param name="chargeAhead">The lowest charge that is foreseen to the end of the next eclipse.</param>
    public void Update(Temperature board, Ratio charge, Ratio chargeAhead)
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_gate)
        {
            _charge.Look(charge.Value, charge < _options.SafeBelowCharge, charge >= _options.NominalFromCharge, now, _options.UnknownAfter);
            _board.Look(board.Kelvin, board > _options.SafeAboveBoard, board <= _options.NominalToBoard, now, _options.UnknownAfter);
            _forecast.Look(chargeAhead.Value, chargeAhead.Value < _options.Reserve.Value + _options.SavingMargin.Value,
                chargeAhead.Value >= _options.Reserve.Value + _options.NominalMargin.Value, now, _options.UnknownAfter);
            ModeReasons next = Judge(_reasons, ModeReasons.LowCharge, _charge, _options.HoldOff, now);
            next = Judge(next, ModeReasons.HotBoard, _board, _options.HoldOff, now);
            next = Judge(next, ModeReasons.SavingForecast, _forecast, TimeSpan.Zero, now);
            if (!_isProven && now - _start >= _options.HoldOff)
            {
                _isProven = true;
                CountEnds(0);
                next &= ~ModeReasons.RepeatedFaults;
            }
            Change(next);
        }
    }

    /// <summary>Enters safe mode by command; stays through resets until left by command.</summary>
    public void Enter()
    {
        lock (_gate)
            Change(_reasons | ModeReasons.Command);
    }

    /// <summary>Leaves safe mode by command, before any hold-off is over. What is known not to be well yet holds it; a sensor that has been silent for <see cref="ModeOptions.UnknownAfter"/> does not.</summary>
    /// <returns>True when safe mode is left.</returns>
    public bool Leave()
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_gate)
        {
            ModeReasons next = _reasons & ~(ModeReasons.Command | ModeReasons.RepeatedFaults);
            if (!_charge.Holds(now, _options.UnknownAfter))
                next &= ~ModeReasons.LowCharge;
            if (!_board.Holds(now, _options.UnknownAfter))
                next &= ~ModeReasons.HotBoard;
            Change(next);
            return ModeOf(next) != OperatingMode.Safe;
        }
    }

    /// <summary>Enters eclipse-saving by command; stays through resets until left by command.</summary>
    public void Save()
    {
        lock (_gate)
            Change(_reasons | ModeReasons.SavingCommand);
    }

    /// <summary>Takes the command's reason for eclipse-saving away, and the forecast's when there has been none for <see cref="ModeOptions.UnknownAfter"/>.</summary>
    /// <returns>False while the forecast holds it.</returns>
    public bool StopSaving()
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_gate)
        {
            ModeReasons ended = _forecast.IsUnknown(now, _options.UnknownAfter) ? ModeReasons.SavingCommand | ModeReasons.SavingForecast : ModeReasons.SavingCommand;
            Change(_reasons & ~ended);
            return !_reasons.HasFlag(ModeReasons.SavingForecast);
        }
    }

    /// <summary>To be called when the agent ends because it was asked to.</summary>
    public void EndInOrder()
    {
        lock (_gate)
        {
            _isProven = true;
            CountEnds(0);
        }
    }

    private ModeReasons Judge(ModeReasons reasons, ModeReasons reason, Watch watch, TimeSpan holdOff, DateTimeOffset now) =>
        watch.BadSamples >= _options.Repeats ? reasons | reason : watch.IsWellFor(holdOff, now) ? reasons & ~reason : reasons;

    private void CountEnds(long count) => _database.TryWrite((_database, count), static state => state._database.WriteMeta(FaultsName, state.count));

    private void Change(ModeReasons next)
    {
        ModeReasons before = _reasons;
        if (next == before)
            return;
        _reasons = next;
        _database.TryWrite((_database, next), static state =>
        {
            state._database.WriteMeta(ReasonsName, (long)state.next);
            state._database.WriteMeta(CommandedName, state.next.HasFlag(ModeReasons.Command) ? 1 : 0);
        });
        OperatingMode mode = ModeOf(next), was = ModeOf(before);
        if (mode == was)
            return;
        bool isGraver = mode == OperatingMode.Safe || was == OperatingMode.Nominal;
        _events.Raise(Events.ModeChanged, OperatingModes.Name((double)mode), isGraver ? First(next) : $"{First(before)} ended");
    }

    private static OperatingMode ModeOf(ModeReasons reasons) =>
        (reasons & SafeReasons) != 0 ? OperatingMode.Safe : reasons != ModeReasons.None ? OperatingMode.EclipseSaving : OperatingMode.Nominal;

    private static string First(ModeReasons reasons) => OperatingModes.ReasonNames((double)reasons).Split(", ")[0];

    /// <summary>One value on its way into a mode and out of it.</summary>
    private struct Watch
    {
        private DateTimeOffset? _knownAt;
        private DateTimeOffset? _wellSince;

        /// <summary>Samples in a row that were bad; unknown ones between them are passed over.</summary>
        public int BadSamples { get; private set; }

        public void Look(double value, bool isBad, bool isWell, DateTimeOffset now, TimeSpan unknownAfter)
        {
            if (!double.IsNaN(value))
                (_knownAt, BadSamples, _wellSince) = (now, isBad ? BadSamples + 1 : 0, isWell ? _wellSince ?? now : null);
            else if (IsUnknown(now, unknownAfter))
                (BadSamples, _wellSince) = (0, null);
        }

        /// <summary>True when nothing was known of it for so long.</summary>
        public readonly bool IsUnknown(DateTimeOffset now, TimeSpan unknownAfter) => !(now - _knownAt <= unknownAfter);

        /// <summary>True when it is known now, and was well for a time.</summary>
        public readonly bool IsWellFor(TimeSpan time, DateTimeOffset now) => _knownAt == now && now - _wellSince >= time;

        /// <summary>True when it is known not to be well.</summary>
        public readonly bool Holds(DateTimeOffset now, TimeSpan unknownAfter) => _wellSince is null && !IsUnknown(now, unknownAfter);
    }
}
