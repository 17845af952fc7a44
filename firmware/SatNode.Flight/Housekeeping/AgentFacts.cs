using SatNode.Flight.Model;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Housekeeping;

/// <summary>What the agent knows of itself at one moment. NaN is left out of housekeeping.</summary>
public readonly record struct AgentFacts
{
    /// <summary>Share of the Sun in view, by the own orbit.</summary>
    public required Ratio SunFraction { get; init; }

    /// <summary>Geodetic latitude, degrees, north positive.</summary>
    public required double LatitudeDegrees { get; init; }

    /// <summary>Longitude, degrees, east positive.</summary>
    public required double LongitudeDegrees { get; init; }

    /// <summary>Height over the ellipsoid, metres.</summary>
    public required double AltitudeMetres { get; init; }

    /// <summary>The forecast's hottest board.</summary>
    public required Temperature ForecastPeak { get; init; }

    /// <summary>The forecast's lowest charge.</summary>
    public required Ratio ForecastLowestCharge { get; init; }

    /// <summary>CPU time of the process, in the world's time.</summary>
    public required TimeSpan CpuTime { get; init; }

    /// <summary>Resident memory, bytes.</summary>
    public required long ResidentMemory { get; init; }

    /// <summary>Records in the outbox.</summary>
    public required int OutboxDepth { get; init; }

    /// <summary>Records that the outbox dropped.</summary>
    public required long OutboxDropped { get; init; }

    /// <summary>Invocations that run.</summary>
    public required int FunctionsRunning { get; init; }

    /// <summary>Invocations that wait.</summary>
    public required int FunctionsQueued { get; init; }

    /// <summary>Links with a session.</summary>
    public required int LinksUp { get; init; }

    /// <summary>Bundles in the store.</summary>
    public required int BundlesStored { get; init; }

    /// <summary>Sensor reads that failed.</summary>
    public required long SensorFailures { get; init; }

    /// <summary>The mode.</summary>
    public required OperatingMode Mode { get; init; }

    /// <summary>Why.</summary>
    public required ModeReasons ModeReasons { get; init; }

    /// <summary>Ticks that started late.</summary>
    public required long TickSlips { get; init; }

    /// <summary>State found on the node.</summary>
    public required long StateLocalHits { get; init; }

    /// <summary>State fetched from another node.</summary>
    public required long StateRemoteHits { get; init; }

    /// <summary>Energy booked for functions.</summary>
    public required Energy FunctionEnergy { get; init; }

    /// <summary>The slot that the board booted, 0 or 1; NaN without slots.</summary>
    public required double BootSlot { get; init; }

    /// <summary>1 on trial, 0 confirmed; NaN without slots.</summary>
    public required double SlotTrial { get; init; }

    /// <summary>Resets by the watchdog; NaN without one.</summary>
    public required double WatchdogResets { get; init; }

    /// <summary>The lowest share of a core that a running function was slowed to.</summary>
    public required double DutyCycle { get; init; }

    /// <summary>Invocations stopped by brown-out or a mode.</summary>
    public required long FunctionsSuspended { get; init; }

    /// <summary>Where energy went since the start.</summary>
    public required EnergyBooks Energy { get; init; }

    /// <summary>The board's peak in the last half hour as it was foreseen; NaN before the first.</summary>
    public required Temperature ForecastPeakForeseen { get; init; }

    /// <summary>The same as it was measured.</summary>
    public required Temperature ForecastPeakCame { get; init; }

    /// <summary>The charge now less the one foreseen half an hour ago; NaN before the first.</summary>
    public required double ForecastChargeError { get; init; }

    /// <summary>The least power left for functions over the forecast.</summary>
    public required Power ForecastLeastPower { get; init; }

    /// <summary>One standard deviation of the state of charge.</summary>
    public required Ratio StateOfChargeSigma { get; init; }

    /// <summary>The rate group of sensors.</summary>
    public required RateGroupFacts SensorsGroup { get; init; }

    /// <summary>The rate group of model and forecast.</summary>
    public required RateGroupFacts ModelGroup { get; init; }

    /// <summary>The rate group of housekeeping.</summary>
    public required RateGroupFacts HousekeepingGroup { get; init; }

    /// <summary>The rate group of the scheduler.</summary>
    public required RateGroupFacts SchedulerGroup { get; init; }
}
