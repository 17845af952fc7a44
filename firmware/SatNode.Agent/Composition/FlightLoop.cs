using System.Globalization;
using System.Text;
using SatNode.Flight.Boards;
using SatNode.Flight.Housekeeping;
using SatNode.Flight.Invocations;
using SatNode.Flight.Model;
using SatNode.Flight.Modes;
using SatNode.Flight.Navigation;
using SatNode.Flight.RateGroups;
using SatNode.Flight.Sensors;
using SatNode.Flight.Telemetry;
using SatNode.Functions.Deployments;
using SatNode.Network;
using SatNode.Network.Ground;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Telemetry;

namespace SatNode.Agent.Composition;

/// <summary>The agent's pace: every second of the world it looks at triggers and the scheduler, at the scheduler also when something came or ended, every housekeeping period at the sensors.
/// All that decides happens here, one after the other, in groups that tell when they begin and end.</summary>
internal sealed class FlightLoop(
    int housekeepingPeriodSeconds, double loadRate, SensorSuite sensors, OnboardModel model, Outlook outlook, Forecast forecast, ModeController modes, OrbitTracker tracker, TriggerBoard triggers,
    NodeFunctions functions, FunctionDeployments deployments, InvocationScheduler scheduler, FunctionProfiles profiles, DtnNode network, GroundLink ground, Outbox outbox, NodeFacts facts, ParameterMonitor monitor, LoopGroups groups, BoardKeeper? board,
    EventLog events, TimeProvider time)
    : IDisposable
{
    /// <summary>From tick to tick, in the world's time.</summary>
    internal static readonly TimeSpan TickPeriod = TimeSpan.FromSeconds(1);

    /// <summary>The sensors are read at least so often, however seldom that is told: forecasts grow old.</summary>
    private static readonly TimeSpan SamplePeriodMax = TimeSpan.FromSeconds(30);

    /// <summary>In eclipse-saving one sample of so many is told of; all are looked at.</summary>
    private const int SavingThinning = 6;

    private static readonly TimeSpan SlipEventInterval = TimeSpan.FromMinutes(10);

    private readonly EnergyLedger _ledger = new(model, events);
    private readonly PlannedLoad[] _planned = new PlannedLoad[InvocationLimits.MaxRunning];
    private readonly MemoryKeeper _memory = new(TimeProvider.System);
    private long _housekeepingPeriodSeconds = housekeepingPeriodSeconds;
    private DateTimeOffset _nextHousekeeping;
    private DateTimeOffset _nextSlipEvent;
    private TimeSpan _functionCpuTime;
    private TimeSpan _boardCpuTime;
    private long _slips;
    private int _thinned;
    private int _untold = int.MaxValue - 1; // the first is told
    private bool? _isSunlit;
    private bool _areSensorsRead;

    public TimeSpan HousekeepingPeriod
    {
        get => TimeSpan.FromSeconds(Interlocked.Read(ref _housekeepingPeriodSeconds));
        set => Interlocked.Exchange(ref _housekeepingPeriodSeconds, (long)value.TotalSeconds);
    }

    public async Task Run(CancellationToken cancellation)
    {
        _nextHousekeeping = time.GetUtcNow();
        var pace = new Pace(TickPeriod, time, TimeProvider.System);
        scheduler.Stirred = pace.Hurry;
        groups.Start(SamplePeriodMax);
        try
        {
            await pace.Run(Tick, Look, Finish, cancellation);
        }
        finally
        {
            groups.Stop();
        }
    }

    public void Dispose() => sensors.Dispose();

    private void Tick(DateTimeOffset now, TimeSpan since)
    {
        NoteSlip(now, since);
        (double latitude, double longitude, double altitude) = tracker.Position(now);
        TimeSpan period = HousekeepingPeriod; // once: a command may change it meanwhile
        int samples = (int)Math.Ceiling(period / SamplePeriodMax);
        period /= samples;
        if (now >= _nextHousekeeping || _nextHousekeeping > now + period) // the clock was set back, or the period made shorter
        {
            SampleHousekeeping(now, period, samples, latitude, longitude, altitude);
            _nextHousekeeping += period;
            if (_nextHousekeeping <= now || _nextHousekeeping > now + period)
                _nextHousekeeping = now + period;
        }
        groups.Scheduler.Begin();
        foreach (TriggerBoard.Firing firing in triggers.Look(now, latitude, longitude, scheduler.HoldsTimers))
        {
            if (!scheduler.IsWaiting(firing.Function))
                functions.Trigger(firing.Function, firing.Trigger is ObservationTrigger ? InputSource.Imager : InputSource.Bytes, default);
        }
        scheduler.Tick();
        profiles.Tell(now);
        functions.Actors.PassivateIdle();
        groups.Scheduler.End(TickPeriod);
    }

    private void Look()
    {
        groups.Scheduler.Begin();
        scheduler.Tick();
        groups.Scheduler.End(TickPeriod);
    }

    private void Finish() => board?.TickFinished(_areSensorsRead);

    private void SampleHousekeeping(DateTimeOffset now, TimeSpan period, int samplesPerPeriod, double latitude, double longitude, double altitude)
    {
        groups.Sensors.Begin();
        SensorReadings raw = sensors.Read();
        _areSensorsRead = raw.IsComplete;
        groups.Sensors.End(period);
        groups.Model.Begin();
        var sun = new Ratio(tracker.SunFraction(now));
        TimeSpan soFar = scheduler.CpuTimeSoFar, functionCpuTime = soFar > _functionCpuTime ? soFar : _functionCpuTime; // what is run again begins anew
        TimeSpan boardCpuTime = (ProcessFacts.CpuTime() + functions.WorkerCpuTime) * loadRate;
        bool isInContact = tracker.IsInContact(now);
        model.Update(raw, functionCpuTime - _functionCpuTime, sun, isInContact, boardCpuTime - _boardCpuTime);
        outlook.Update(raw, sun, isInContact);
        _boardCpuTime = boardCpuTime;
        _ledger.Book(raw, functionCpuTime, boardCpuTime - functionCpuTime, sun, isInContact, latitude);
        SensorReadings readings = raw with { StateOfCharge = model.Battery.ChargeNow };
        _functionCpuTime = functionCpuTime;
        outlook.Predict(tracker.SunIntervals(now), tracker.Contacts(now), _planned.AsSpan(0, scheduler.CopyRunning(_planned)), forecast);
        modes.Update(readings.Board, readings.StateOfCharge, forecast.LowestCharge);
        groups.Model.End(period);
        groups.Housekeeping.Begin();
        NoteEclipse(sun, readings);
        Housekeeping housekeeping = HousekeepingCollector.Collect(readings, new AgentFacts
        {
            SunFraction = sun,
            LatitudeDegrees = latitude,
            LongitudeDegrees = longitude,
            AltitudeMetres = altitude,
            ForecastPeak = outlook.Expected.PeakBoard,
            ForecastLowestCharge = outlook.Expected.LowestCharge,
            CpuTime = boardCpuTime,
            ResidentMemory = ProcessFacts.ResidentBytes(),
            OutboxDepth = outbox.Depth,
            OutboxDropped = outbox.Dropped,
            FunctionsRunning = scheduler.RunningCount,
            FunctionsQueued = scheduler.Queued,
            LinksUp = network.Neighbours.Count,
            BundlesStored = network.StoredCount,
            SensorFailures = sensors.Failures,
            Mode = modes.Mode,
            ModeReasons = modes.Reasons,
            TickSlips = _slips,
            StateLocalHits = scheduler.LocalHits,
            StateRemoteHits = scheduler.RemoteHits,
            FunctionEnergy = model.Energy.Booked,
            BootSlot = board?.Slot is { } slot ? (int)slot : double.NaN,
            SlotTrial = board?.Slot is null ? double.NaN : board.IsTrial ? 1 : 0,
            WatchdogResets = board?.WatchdogResets ?? double.NaN,
            DutyCycle = scheduler.DutyCycle,
            FunctionsSuspended = scheduler.Suspended,
            Energy = _ledger.Books,
            ForecastPeakForeseen = outlook.Verification.PeakForeseen,
            ForecastPeakCame = outlook.Verification.PeakCame,
            ForecastChargeError = outlook.Verification.ChargeError,
            ForecastLeastPower = outlook.Expected.LeastAvailable,
            StateOfChargeSigma = model.Battery.Estimator.Sigma,
            SensorsGroup = RateGroupFacts.Of(groups.Sensors),
            ModelGroup = RateGroupFacts.Of(groups.Model),
            HousekeepingGroup = RateGroupFacts.Of(groups.Housekeeping),
            SchedulerGroup = RateGroupFacts.Of(groups.Scheduler),
        });
        facts.Update(housekeeping);
        deployments.ReleaseIdle(now);
        functions.Ahead.Expire();
        foreach (TriggerBoard.Crossing crossing in triggers.Look(housekeeping))
        {
            if (!scheduler.IsWaiting(crossing.Function))
                functions.Trigger(crossing.Function, InputSource.Bytes, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{crossing.Trigger.Parameter} {crossing.Value:R}")));
        }
        monitor.Check(housekeeping);
        bool isDue = ++_untold >= samplesPerPeriod;
        if (isDue)
            _untold = 0;
        bool isThinned = modes.Mode == OperatingMode.EclipseSaving && isDue && ++_thinned % SavingThinning != 0;
        if (isDue && !isThinned && (!ground.IsConnected || !ground.TrySendLive(outbox.Stamp(TelemetryStream.Housekeeping, housekeeping))))
            outbox.Record(TelemetryStream.Housekeeping, housekeeping);
        if (scheduler.RunningCount == 0)
            _memory.WhenIdle();
        groups.Housekeeping.End(period);
    }

    private void NoteEclipse(Ratio sun, in SensorReadings readings)
    {
        if (double.IsNaN(sun.Value))
            return;
        bool isSunlit = sun.Value > 0;
        if (_isSunlit is { } was && was != isSunlit)
            events.Raise(isSunlit ? Events.EclipseLeft : Events.EclipseEntered, readings.StateOfCharge.Value, readings.Board.Kelvin);
        _isSunlit = isSunlit;
    }

    private void NoteSlip(DateTimeOffset now, TimeSpan since)
    {
        // A timer of the machine cannot keep a world period shorter than its own resolution: only what is later than a housekeeping period is a slip.
        if (since <= HousekeepingPeriod + TickPeriod)
            return;
        _slips++;
        if (now >= _nextSlipEvent)
        {
            _nextSlipEvent = now + SlipEventInterval;
            events.Raise(Events.TickSlipped, (since - TickPeriod).TotalSeconds, _slips);
        }
    }
}
