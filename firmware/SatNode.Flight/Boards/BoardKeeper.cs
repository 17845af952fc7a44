using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SatNode.Flight.RateGroups;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Boards;
using SatNode.Protocol.Dictionary;

namespace SatNode.Flight.Boards;

/// <summary>What an agent does for the board that it runs on: strokes the watchdog when a tick has finished and every rate group is in time, says why the board was reset, and confirms the slot on
/// trial after its health check. Made after the flight database is open; <see cref="TickFinished"/> belongs to the tick's thread. Owns the watchdog.</summary>
public sealed class BoardKeeper : IDisposable
{
    private const string WatchdogResetsName = "watchdog_resets";
    private const string KernelBootName = "kernel_boot";
    private const string RollbackName = "rollback_reported";
    private const string ConfirmedName = "confirmed_boot";
    private const string UnfitName = "health_check_failed";

    private readonly Watchdog? _watchdog;
    private readonly LoopGroups _groups;
    private readonly FlightDatabase _database;
    private readonly IEventSink _events;
    private readonly Func<Stream>? _openBootState;
    private readonly List<(string Part, string Fault)> _faults = [];
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BootRollback? _rollback;
    private readonly long _rollbackSequence;
    private HealthCheck? _check;
    private bool _strokes;

    /// <summary>Finds out why the board is up, and notes it for the next time.</summary>
    /// <param name="parts">What there is of the board.</param>
    /// <param name="kernelBoot">Identifies this run of the kernel: the same again is a restart of the agent alone; empty when unknown.</param>
    /// <param name="healthCheck">For how long of the machine's time all must be well on trial.</param>
    /// <param name="tickPeriod">From tick to tick, in the machine's time.</param>
    /// <param name="groups">What must be in time for the watchdog to be stroked.</param>
    /// <param name="database">Where counters are kept.</param>
    /// <param name="events">Where events go; none is raised before <see cref="Report"/>.</param>
    /// <param name="machine">The machine's clock.</param>
    public BoardKeeper(BoardParts parts, string kernelBoot, TimeSpan healthCheck, TimeSpan tickPeriod, LoopGroups groups, FlightDatabase database,
        IEventSink events, TimeProvider machine)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(database);
        _groups = groups;
        _watchdog = parts.Watchdog;
        _strokes = _watchdog is not null;
        if (parts.WatchdogFault is { } fault)
            _faults.Add(("watchdog", fault));
        _openBootState = parts.OpenBootState;
        _database = database;
        _events = events;
        Slot = parts.Slot;

        BootState? state = ReadBootState(out ulong sequence);
        IsTrial = Slot is not null && state?.Trial?.Slot == Slot;
        _check = IsTrial ? new HealthCheck(healthCheck, tickPeriod, machine) : null;
        long boot = BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(kernelBoot)));
        bool isRestart, wasUnfit;
        string? hung;
        lock (database.Gate)
        {
            isRestart = kernelBoot.Length > 0 && database.ReadMeta(KernelBootName) == boot;
            wasUnfit = database.ReadMeta(UnfitName) == 1;
            hung = HangWatch.Recorded(database, groups);
            WatchdogResets = database.ReadMeta(WatchdogResetsName) ?? 0;
            if (state?.LastRollback is { } rollback && (long)Math.Min(sequence, long.MaxValue) is var at && at > (database.ReadMeta(RollbackName) ?? 0))
                (_rollback, _rollbackSequence) = (rollback, at);
        }
        bool isReset = !isRestart && _watchdog is { HasReset: true };
        if (isReset)
            WatchdogResets++;
        ResetReason = isRestart ? "agent-restart" : isReset ? hung is null ? "watchdog" : $"watchdog:{hung}" : _rollback is not null ? "rollback" : wasUnfit ? "health-check" : "power-on";
        database.TryWrite((database, boot, WatchdogResets), static meta =>
        {
            meta.database.WriteMeta(KernelBootName, meta.boot);
            meta.database.WriteMeta(WatchdogResetsName, meta.WatchdogResets);
            meta.database.WriteMeta(UnfitName, 0);
            HangWatch.Forget(meta.database);
        });
    }

    /// <summary>Why the agent was started: <c>power-on</c>, <c>watchdog</c> (with a colon and the rate group that hung, when that is known), <c>rollback</c>, <c>health-check</c> or <c>agent-restart</c>.</summary>
    public string ResetReason { get; }

    /// <summary>Resets by the watchdog since the flight database was made.</summary>
    public long WatchdogResets { get; }

    /// <summary>The slot that the agent runs from; null on a board without slots.</summary>
    public BootSlot? Slot { get; }

    /// <summary>True until the slot is confirmed.</summary>
    public bool IsTrial { get; private set; }

    /// <summary>Ends, with the reason, when the health check failed: the agent is to end with a fault, so that the board boots again.</summary>
    public Task<string> Failed => _failed.Task;

    /// <summary>Raises the events of the boot: what of the board can't be used, and a slot that was rolled back, once.</summary>
    public void Report()
    {
        foreach ((string part, string fault) in _faults)
            _events.Raise(Events.BoardPartFailed, part, fault);
        if (_rollback is not { } rollback)
            return;
        _events.Raise(Events.SlotRolledBack, rollback.Slot.Name(), rollback.Reason == RollbackReason.BadImage ? "bad image" : "not confirmed");
        _database.TryWrite(this, static keeper => keeper._database.WriteMeta(RollbackName, keeper._rollbackSequence));
    }

    /// <summary>To be called by a tick as the last thing it does, and by nothing else: one that hangs must not be covered up, nor a group that does not come to its turn.</summary>
    /// <param name="areSensorsRead">The latest reading has a value of every sensor.</param>
    public void TickFinished(bool areSensorsRead)
    {
        if (_check?.Look(new Health(areSensorsRead, _database.WriteFailures)) is { } verdict and not HealthVerdict.Open)
        {
            string? fault = verdict == HealthVerdict.Passed ? Confirm() : _check.Fault;
            _check = null;
            if (fault is not null)
            {
                _database.TryWrite(_database, static database => database.WriteMeta(UnfitName, 1));
                _events.Raise(Events.HealthCheckFailed, Slot!.Value.Name(), fault);
                _failed.TrySetResult(fault);
            }
        }
        if (_groups.Hung() is null)
            Stroke();
    }

    /// <summary>Stops the watchdog: the agent ends because it was asked to.</summary>
    public void Disarm()
    {
        try
        {
            _watchdog?.Disarm();
        }
        catch (IOException)
        {
            // It will reset the board: the last word is its.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watchdog?.Dispose();

    private void Stroke()
    {
        if (!_strokes)
            return;
        try
        {
            _watchdog!.Stroke();
        }
        catch (IOException e)
        {
            _strokes = false;
            _events.Raise(Events.BoardPartFailed, "watchdog", e.Message);
        }
    }

    private string? Confirm()
    {
        if (!_database.TryWrite(_database, static database => database.WriteMeta(ConfirmedName, database.Boot)))
            return "the flight database can't be written";
        try
        {
            using Stream block = _openBootState!();
            var store = new BootStateStore(block);
            if (store.Read() is { } state)
                store.Write(state.Confirm(Slot!.Value));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the boot state can't be written: {e.Message}";
        }
        IsTrial = false;
        _events.Raise(Events.SlotConfirmed, Slot!.Value.Name());
        return null;
    }

    private BootState? ReadBootState(out ulong sequence)
    {
        sequence = 0;
        if (_openBootState is null)
            return null;
        try
        {
            using Stream block = _openBootState();
            var store = new BootStateStore(block);
            if (store.Read() is not { } state)
                return null;
            sequence = store.Sequence;
            return state;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _faults.Add(("boot-state", e.Message));
            return null;
        }
    }
}

/// <summary>What there is of a board.</summary>
/// <param name="Slot">The slot that it booted; null on a board without slots.</param>
/// <param name="OpenBootState">Opens the boot state's block for reading and writing; null on a board without one.</param>
/// <param name="Watchdog">The watchdog; null when there is none or it can't be used.</param>
/// <param name="WatchdogFault">Why the watchdog can't be used; null when it can or there is none.</param>
public sealed record BoardParts(BootSlot? Slot, Func<Stream>? OpenBootState, Watchdog? Watchdog, string? WatchdogFault);
