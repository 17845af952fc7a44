namespace SatNode.Protocol.Dictionary;

/// <summary>The telemetry parameters, each the one definition of its number, name, unit, accuracy and limits.</summary>
public static class Parameters
{
    /// <summary>Three samples of a sensor at their slowest, one every 30 s.</summary>
    private static readonly TimeSpan SensorAge = TimeSpan.FromSeconds(90);

    private static readonly ParameterLimits Unlimited = ParameterLimits.None;

    /// <summary>Board temperature by the thermometer on the processor's heat spreader (TMP102, ±0.5 °C plus half a step of 0.0625 °C).</summary>
    public static readonly ParameterDefinition BoardTemperature = new(1, "board.temperature", Unit.Kelvin, 0.55, new(new(253.15, 348.15), new(243.15, 353.15)),
        "Temperature of the processor board.", SensorAge);

    /// <summary>Structure temperature by the thermometer on the frame (TMP102).</summary>
    public static readonly ParameterDefinition StructureTemperature = new(2, "structure.temperature", Unit.Kelvin, 0.55, new(new(243.15, 333.15), new(233.15, 343.15)),
        "Temperature of the satellite's frame, where the board sheds its heat.", SensorAge);

    /// <summary>State of charge by the coulomb counter (LTC2944: charge within 1 %).</summary>
    public static readonly ParameterDefinition StateOfCharge = new(3, "battery.state-of-charge", Unit.Ratio, 0.01, new(new(0.2, null), new(0.1, null)),
        "Charge in the battery as a share of its capacity.", SensorAge);

    /// <summary>Battery voltage by the coulomb counter's converter (LTC2944: 1.3 % of reading plus 10 mV).</summary>
    public static readonly ParameterDefinition BatteryVoltage = new(4, "battery.voltage", Unit.Volts, 0.25, new(new(12.0, 16.9), new(11.2, 17.2)),
        "Voltage of the battery.", SensorAge);

    /// <summary>Battery current by the coulomb counter's converter; positive charges.</summary>
    public static readonly ParameterDefinition BatteryCurrent = new(5, "battery.current", Unit.Amperes, 0.08, Unlimited,
        "Current into the battery; negative while it discharges.", SensorAge);

    /// <summary>Power from the solar array (INA226 at the array's bus).</summary>
    public static readonly ParameterDefinition SolarPower = new(6, "solar.power", Unit.Watts, 0.3, Unlimited, "Power from the solar array.", SensorAge);

    /// <summary>Power into the processor board (INA226 at its supply).</summary>
    public static readonly ParameterDefinition BoardPower = new(7, "board.power", Unit.Watts, 0.1, Unlimited, "Power into the processor board.", SensorAge);

    /// <summary>Share of the Sun's disc in view by the agent's own orbit.</summary>
    public static readonly ParameterDefinition SunFraction = new(8, "orbit.sun-fraction", Unit.Ratio, 0, Unlimited,
        "Share of the Sun's disc that the satellite sees: 1 in sunlight, 0 in umbra.");

    /// <summary>Geodetic latitude of the point below.</summary>
    public static readonly ParameterDefinition Latitude = new(9, "orbit.latitude", Unit.Degrees, 0, Unlimited, "Geodetic latitude below the satellite, north positive.");

    /// <summary>Longitude of the point below.</summary>
    public static readonly ParameterDefinition Longitude = new(10, "orbit.longitude", Unit.Degrees, 0, Unlimited, "Longitude below the satellite, east positive.");

    /// <summary>Height over the WGS-84 ellipsoid.</summary>
    public static readonly ParameterDefinition Altitude = new(11, "orbit.altitude", Unit.Metres, 0, Unlimited, "Height over the ellipsoid.");

    /// <summary>Highest board temperature that the agent forecasts to the end of the next eclipse with what is running.</summary>
    public static readonly ParameterDefinition ForecastPeakTemperature = new(12, "forecast.board-temperature-peak", Unit.Kelvin, 0, Unlimited,
        "Highest board temperature forecast to the end of the next eclipse.");

    /// <summary>Lowest state of charge that the agent forecasts to the end of the next eclipse.</summary>
    public static readonly ParameterDefinition ForecastLowestCharge = new(13, "forecast.state-of-charge-lowest", Unit.Ratio, 0, Unlimited,
        "Lowest state of charge forecast to the end of the next eclipse.");

    /// <summary>CPU time of the agent's process since its start, in the world's seconds.</summary>
    public static readonly ParameterDefinition CpuTime = new(14, "agent.cpu-time", Unit.Seconds, 0, Unlimited, "CPU time that the agent used since its start; a counter.");

    /// <summary>Resident memory of the agent's process.</summary>
    public static readonly ParameterDefinition ResidentMemory = new(15, "agent.resident-memory", Unit.Bytes, 0, new(new(null, 128e6), default), "Resident memory of the agent.");

    /// <summary>Records that wait in the outbox.</summary>
    public static readonly ParameterDefinition OutboxDepth = new(16, "outbox.depth", Unit.Count, 0, new(new(null, 50_000), default), "Telemetry records that wait for a contact.");

    /// <summary>Housekeeping records that the outbox dropped because it was full; a counter.</summary>
    public static readonly ParameterDefinition OutboxDropped = new(17, "outbox.dropped", Unit.Count, 0, Unlimited, "Housekeeping records dropped because the outbox was full; a counter.");

    /// <summary>Functions running now.</summary>
    public static readonly ParameterDefinition FunctionsRunning = new(18, "functions.running", Unit.Count, 0, Unlimited, "Invocations that run now.");

    /// <summary>Invocations that wait.</summary>
    public static readonly ParameterDefinition FunctionsQueued = new(19, "functions.queued", Unit.Count, 0, Unlimited, "Invocations that wait for their start.");

    /// <summary>Inter-satellite links with a session.</summary>
    public static readonly ParameterDefinition LinksUp = new(20, "links.up", Unit.Count, 0, Unlimited, "Inter-satellite links with a session.");

    /// <summary>Bundles in the store.</summary>
    public static readonly ParameterDefinition BundlesStored = new(21, "bundles.stored", Unit.Count, 0, Unlimited, "Bundles that wait in the store.");

    /// <summary>Sensor reads that failed; a counter.</summary>
    public static readonly ParameterDefinition SensorFailures = new(22, "sensors.failures", Unit.Count, 0, Unlimited, "Sensor reads that failed; a counter.");

    /// <summary>The <see cref="OperatingMode"/>.</summary>
    public static readonly ParameterDefinition Mode = new(23, "agent.mode", Unit.Count, 0, Unlimited, "0 nominal, 1 safe mode, 2 eclipse-saving.");

    /// <summary>Ticks that started late; a counter.</summary>
    public static readonly ParameterDefinition TickSlips = new(24, "agent.tick-slips", Unit.Count, 0, Unlimited, "Ticks that started more than a housekeeping period late, whatever took the time; a counter. What a rate group took itself is in loop.*.");

    /// <summary>State that was already on the node when the function that needs it started; a counter.</summary>
    public static readonly ParameterDefinition StateLocalHits = new(25, "state.local-hits", Unit.Count, 0, Unlimited, "Invocations whose state was on the node when they started; a counter.");

    /// <summary>State that had to be fetched from another node first; a counter.</summary>
    public static readonly ParameterDefinition StateRemoteHits = new(26, "state.remote-hits", Unit.Count, 0, Unlimited, "Invocations whose state was fetched from another node first; a counter.");

    /// <summary>Energy booked for functions; a counter.</summary>
    public static readonly ParameterDefinition FunctionEnergy = new(27, "functions.energy", Unit.Joules, 0, Unlimited, "Energy booked for functions; a counter.");

    /// <summary>The slot that the board booted.</summary>
    public static readonly ParameterDefinition BootSlot = new(28, "board.slot", Unit.Count, 0, Unlimited, "The slot that the board booted: 0 is a, 1 is b; not told by a board without slots.");

    /// <summary>Whether that slot is on trial.</summary>
    public static readonly ParameterDefinition SlotTrial = new(29, "board.slot-trial", Unit.Count, 0, Unlimited, "1 while the slot is on trial, 0 when it is confirmed; not told by a board without slots.");

    /// <summary>Resets by the watchdog; a counter.</summary>
    public static readonly ParameterDefinition WatchdogResets = new(30, "board.watchdog-resets", Unit.Count, 0, Unlimited,
        "Resets by the watchdog since the flight database was made; a counter; not told by a board without a watchdog.");

    /// <summary>Solar panel temperature by the thermometer on its back (TMP102).</summary>
    public static readonly ParameterDefinition PanelTemperature = new(31, "panel.temperature", Unit.Kelvin, 0.55, Unlimited, "Temperature of the solar panel.", SensorAge);

    /// <summary>Battery temperature by the coulomb counter's own thermometer (LTC2944: ±3 K plus half a step of 0.25 K).</summary>
    public static readonly ParameterDefinition BatteryTemperature = new(32, "battery.temperature", Unit.Kelvin, 3.15, new(new(273.15, 318.15), new(253.15, 333.15)),
        "Temperature of the battery; below 0 °C it takes no charge.", SensorAge);

    /// <summary>Power into the battery by its monitor (INA226, 5 mΩ).</summary>
    public static readonly ParameterDefinition BatteryPower = new(33, "battery.power", Unit.Watts, 0.3, Unlimited, "Power into the battery; negative while it discharges.", SensorAge);

    /// <summary>Power into all loads by their monitor (INA226, 10 mΩ).</summary>
    public static readonly ParameterDefinition LoadPower = new(34, "loads.power", Unit.Watts, 0.3, Unlimited, "Power from the battery's bus into all loads.", SensorAge);

    /// <summary>The real-time clock against the agent's; it has whole seconds.</summary>
    public static readonly ParameterDefinition ClockOffset = new(35, "clock.rtc-offset", Unit.Seconds, 1.1, new(new(-10, 10), default),
        "Time of the real-time clock less the agent's; it is set when it had stopped or has drifted by 3 s, and left alone when it is more than 2 minutes ahead.", SensorAge);

    /// <summary>How much running functions are slowed.</summary>
    public static readonly ParameterDefinition DutyCycle = new(36, "functions.duty-cycle", Unit.Ratio, 0, Unlimited,
        "The lowest share of a core that a running function was slowed to; 1 when none is slowed.");

    /// <summary>Invocations that were stopped before a limit was reached; a counter.</summary>
    public static readonly ParameterDefinition FunctionsSuspended = new(37, "functions.suspended", Unit.Count, 0, Unlimited,
        "Invocations that were stopped before a limit was reached, or by a mode; a counter.");

    /// <summary>Why the agent is in its mode: <see cref="ModeReasons"/>.</summary>
    public static readonly ParameterDefinition ModeReason = new(38, "agent.mode-reason", Unit.Count, 0, Unlimited,
        "Why the agent is in its mode, the sum of what holds: 1 command, 2 low charge, 4 hot board, 8 repeated faults, 16 saving by command, 32 saving by forecast.");

    /// <summary>Energy of functions; a counter.</summary>
    public static readonly ParameterDefinition EnergyFunctions = new(39, "energy.functions", Unit.Joules, 0, Unlimited, "Energy that went to functions while the rail was measured; a counter.");

    /// <summary>Energy of the agent itself; a counter.</summary>
    public static readonly ParameterDefinition EnergyAgent = new(40, "energy.agent", Unit.Joules, 0, Unlimited, "Energy that went to the agent itself: housekeeping, networking, deciding; a counter.");

    /// <summary>Energy of links; a counter.</summary>
    public static readonly ParameterDefinition EnergyLinks = new(41, "energy.links", Unit.Joules, 0, Unlimited, "Energy that contacts took beside, such as the transmitter's; a counter.");

    /// <summary>Energy of everything else; a counter.</summary>
    public static readonly ParameterDefinition EnergyIdle = new(42, "energy.idle", Unit.Joules, 0, Unlimited, "Energy of board and satellite without functions, agent and links; a counter.");

    /// <summary>Energy over the rail; a counter.</summary>
    public static readonly ParameterDefinition EnergyMeasured = new(43, "energy.measured", Unit.Joules, 0, Unlimited,
        "Energy over the rail by the sensors, to compare the other four with; a counter.");

    /// <summary>The board's peak in the last half hour, as foreseen.</summary>
    public static readonly ParameterDefinition ForecastPeakForeseen = new(44, "forecast.peak-foreseen", Unit.Kelvin, 0, Unlimited,
        "Highest board temperature of the last half hour as it was foreseen at its beginning.");

    /// <summary>The board's peak in the last half hour, as measured.</summary>
    public static readonly ParameterDefinition ForecastPeakCame = new(45, "forecast.peak-came", Unit.Kelvin, 0.55, Unlimited,
        "Highest board temperature of the last half hour as it was measured; to be seen beside forecast.peak-foreseen.");

    /// <summary>The state of charge now less the one foreseen half an hour ago.</summary>
    public static readonly ParameterDefinition ForecastChargeError = new(46, "forecast.state-of-charge-error", Unit.Ratio, 0, Unlimited,
        "State of charge now less the one that was foreseen half an hour ago.");

    /// <summary>The least power left for functions over the next two orbits.</summary>
    public static readonly ParameterDefinition ForecastLeastPower = new(47, "forecast.power-lowest", Unit.Watts, 0, Unlimited,
        "Least power forecast to be left for more functions over the next two orbits: array and battery less all loads.");

    /// <summary>Uncertainty of the state of charge.</summary>
    public static readonly ParameterDefinition StateOfChargeSigma = new(48, "battery.state-of-charge-sigma", Unit.Ratio, 0, Unlimited,
        "One standard deviation of the state of charge, as counter and voltage agree.");

    /// <summary>Runs of the rate group of sensors that took longer than its period; a counter.</summary>
    public static readonly ParameterDefinition SensorsOverruns = new(49, "loop.sensors-overruns", Unit.Count, 0, Unlimited,
        "Readings of all sensors that took longer than the period between them; a counter.");

    /// <summary>Longest run of the rate group of sensors since the start, machine time.</summary>
    public static readonly ParameterDefinition SensorsLongest = new(50, "loop.sensors-longest", Unit.Seconds, 0, Unlimited,
        "Longest reading of all sensors since the start, by the machine's clock.");

    /// <summary>Runs of the rate group of the model that took longer than its period; a counter.</summary>
    public static readonly ParameterDefinition ModelOverruns = new(51, "loop.model-overruns", Unit.Count, 0, Unlimited,
        "Updates of model, forecast and mode that took longer than the period between them; a counter.");

    /// <summary>Longest run of the rate group of the model since the start, machine time.</summary>
    public static readonly ParameterDefinition ModelLongest = new(52, "loop.model-longest", Unit.Seconds, 0, Unlimited,
        "Longest update of model, forecast and mode since the start, by the machine's clock.");

    /// <summary>Runs of the rate group of housekeeping that took longer than its period; a counter.</summary>
    public static readonly ParameterDefinition HousekeepingOverruns = new(53, "loop.housekeeping-overruns", Unit.Count, 0, Unlimited,
        "Rounds of housekeeping (collecting, monitoring, telling) that took longer than the period between them; a counter.");

    /// <summary>Longest run of the rate group of housekeeping since the start, machine time.</summary>
    public static readonly ParameterDefinition HousekeepingLongest = new(54, "loop.housekeeping-longest", Unit.Seconds, 0, Unlimited,
        "Longest round of housekeeping (collecting, monitoring, telling) since the start, by the machine's clock.");

    /// <summary>Runs of the rate group of the scheduler that took longer than its period; a counter.</summary>
    public static readonly ParameterDefinition SchedulerOverruns = new(55, "loop.scheduler-overruns", Unit.Count, 0, Unlimited,
        "Looks at triggers and waiting functions that took longer than a second of the world; a counter.");

    /// <summary>Longest run of the rate group of the scheduler since the start, machine time.</summary>
    public static readonly ParameterDefinition SchedulerLongest = new(56, "loop.scheduler-longest", Unit.Seconds, 0, Unlimited,
        "Longest look at triggers and waiting functions since the start, by the machine's clock.");

    /// <summary>All parameters by rising number.</summary>
    public static readonly IReadOnlyList<ParameterDefinition> All =
    [
        BoardTemperature, StructureTemperature, StateOfCharge, BatteryVoltage, BatteryCurrent, SolarPower, BoardPower, SunFraction, Latitude, Longitude,
        Altitude, ForecastPeakTemperature, ForecastLowestCharge, CpuTime, ResidentMemory, OutboxDepth, OutboxDropped, FunctionsRunning, FunctionsQueued,
        LinksUp, BundlesStored, SensorFailures, Mode, TickSlips, StateLocalHits, StateRemoteHits, FunctionEnergy,
        BootSlot, SlotTrial, WatchdogResets,
        PanelTemperature, BatteryTemperature, BatteryPower, LoadPower, ClockOffset,
        DutyCycle, FunctionsSuspended, ModeReason, EnergyFunctions, EnergyAgent, EnergyLinks, EnergyIdle, EnergyMeasured,
        ForecastPeakForeseen, ForecastPeakCame, ForecastChargeError, ForecastLeastPower, StateOfChargeSigma,
        SensorsOverruns, SensorsLongest, ModelOverruns, ModelLongest, HousekeepingOverruns, HousekeepingLongest, SchedulerOverruns, SchedulerLongest,
    ];

    private static readonly Dictionary<ushort, ParameterDefinition> ById = All.ToDictionary(definition => definition.Id);

    /// <summary>The parameter of a number, or null.</summary>
    public static ParameterDefinition? Find(ushort id) => ById.GetValueOrDefault(id);

    /// <summary>The parameter of a name, or null.</summary>
    public static ParameterDefinition? Find(string name) => All.FirstOrDefault(parameter => string.Equals(parameter.Name, name, StringComparison.Ordinal));
}
