namespace SatNode.Protocol.Dictionary;

/// <summary>How bad an event is. Source: ECSS-E-ST-70-41C, service 5.</summary>
public enum Severity
{
    /// <summary>Normal progress.</summary>
    Informative = 1,

    /// <summary>An anomaly that needs no action soon.</summary>
    Low = 2,

    /// <summary>An anomaly that needs attention.</summary>
    Medium = 3,

    /// <summary>An anomaly that endangers the mission.</summary>
    High = 4,
}

/// <summary>One kind of event.</summary>
/// <param name="Id">The number on the wire; never used again for another meaning.</param>
/// <param name="Name">Subject and what happened, for example <c>invocation.deferred</c>.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Arguments">The arguments' names, in the order in which they are on the wire; units are in the names.</param>
/// <param name="Description">One sentence.</param>
public sealed record EventDefinition(ushort Id, string Name, Severity Severity, IReadOnlyList<string> Arguments, string Description);

/// <summary>The events, each the one definition of its number, name, severity and arguments.</summary>
public static class Events
{
    /// <summary>The agent is up.</summary>
    public static readonly EventDefinition AgentStarted = new(1, "agent.started", Severity.Informative, ["version", "reset_reason", "start_ms"],
        "The agent is up; start_ms is the machine's time from exec to here.");

    /// <summary>The agent ends on request.</summary>
    public static readonly EventDefinition AgentStopping = new(2, "agent.stopping", Severity.Informative, ["reason"], "The agent ends on request.");

    /// <summary>Sunlight is gone.</summary>
    public static readonly EventDefinition EclipseEntered = new(3, "eclipse.entered", Severity.Informative, ["state_of_charge", "board_kelvin"], "The satellite entered the Earth's shadow.");

    /// <summary>Sunlight is back.</summary>
    public static readonly EventDefinition EclipseLeft = new(4, "eclipse.left", Severity.Informative, ["state_of_charge", "board_kelvin"], "The satellite left the Earth's shadow.");

    /// <summary>The ground link is up.</summary>
    public static readonly EventDefinition ContactGained = new(5, "contact.gained", Severity.Informative, ["outbox_depth", "start_ms"],
        "The ground link is up; start_ms is the machine's time from exec to the first telemetry sent, 0 after the first contact.");

    /// <summary>The ground link is gone.</summary>
    public static readonly EventDefinition ContactLost = new(6, "contact.lost", Severity.Informative, ["reason"], "The ground link is gone.");

    /// <summary>A function is ready for invocations.</summary>
    public static readonly EventDefinition FunctionDeployed = new(7, "function.deployed", Severity.Informative, ["function", "version", "digest", "compile_ms"], "A function is ready for invocations.");

    /// <summary>A function was removed.</summary>
    public static readonly EventDefinition FunctionUndeployed = new(8, "function.undeployed", Severity.Informative, ["function"], "A function was removed.");

    /// <summary>A workflow's stages are known.</summary>
    public static readonly EventDefinition WorkflowDeployed = new(9, "workflow.deployed", Severity.Informative, ["workflow", "stages"], "A workflow's stages and placements are known.");

    /// <summary>An invocation runs.</summary>
    public static readonly EventDefinition InvocationStarted = new(10, "invocation.started", Severity.Informative, ["function", "invocation", "peak_kelvin", "lowest_charge"],
        "An invocation was admitted and runs; with the forecast that admitted it.");

    /// <summary>An invocation ended well.</summary>
    public static readonly EventDefinition InvocationCompleted = new(11, "invocation.completed", Severity.Informative,
        ["function", "invocation", "cpu_seconds", "joules", "output_bytes", "state"], "An invocation ended well; state is local, remote or none.");

    /// <summary>An invocation ended badly.</summary>
    public static readonly EventDefinition InvocationFailed = new(12, "invocation.failed", Severity.Medium, ["function", "invocation", "reason"], "An invocation ended badly.");

    /// <summary>An invocation waits for heat or charge.</summary>
    public static readonly EventDefinition InvocationDeferred = new(13, "invocation.deferred", Severity.Low,
        ["function", "invocation", "constraint", "predicted", "limit", "unit", "until"], "An invocation waits, because a constraint would be broken now.");

    /// <summary>An invocation moved to another node.</summary>
    public static readonly EventDefinition InvocationOffloaded = new(14, "invocation.offloaded", Severity.Low,
        ["function", "invocation", "constraint", "predicted", "limit", "unit", "to"], "An invocation moved to another node, because a constraint would be broken here.");

    /// <summary>An invocation was refused.</summary>
    public static readonly EventDefinition InvocationRefused = new(15, "invocation.refused", Severity.Medium,
        ["function", "invocation", "constraint", "predicted", "limit", "unit"], "An invocation was refused, because a constraint allows no start before its deadline.");

    /// <summary>State came over a link.</summary>
    public static readonly EventDefinition StateReceived = new(16, "state.received", Severity.Informative, ["key", "bytes", "hops", "origin"], "State arrived from another node before it was asked for.");

    /// <summary>State was asked for.</summary>
    public static readonly EventDefinition StateFetched = new(17, "state.fetched", Severity.Informative, ["key", "bytes", "holder", "wait_seconds"], "State was fetched from the node that holds it.");

    /// <summary>A telecommand was refused.</summary>
    public static readonly EventDefinition CommandRefused = new(18, "command.refused", Severity.Medium, ["reason", "detail", "refused_total"],
        "A telecommand was refused; refused_total counts all since the start, because these events are limited in rate.");

    /// <summary>What agents raised before limits were soft and hard; archives have it.</summary>
    public static readonly EventDefinition LimitViolated = new(19, "limit.violated", Severity.Medium, ["parameter", "value", "low", "high"],
        "A parameter left its nominal range. No longer raised: see limit.soft-violated and limit.hard-violated.");

    /// <summary>A parameter came back.</summary>
    public static readonly EventDefinition LimitCleared = new(20, "limit.cleared", Severity.Informative, ["parameter", "value", "limit", "was", "state"],
        "A parameter is back in its nominal range.");

    /// <summary>A sensor does not answer.</summary>
    public static readonly EventDefinition SensorFailed = new(21, "sensor.failed", Severity.Medium, ["sensor", "error"], "A sensor does not answer or answers nonsense.");

    /// <summary>A sensor answers again.</summary>
    public static readonly EventDefinition SensorRecovered = new(22, "sensor.recovered", Severity.Informative, ["sensor"], "A sensor answers again.");

    /// <summary>The mode changed.</summary>
    public static readonly EventDefinition ModeChanged = new(23, "mode.changed", Severity.Medium, ["mode", "reason"], "The agent's mode changed.");

    /// <summary>A tick was late.</summary>
    public static readonly EventDefinition TickSlipped = new(24, "tick.slipped", Severity.Low, ["late_seconds", "slips_total"], "A tick started more than a period late.");

    /// <summary>The outbox was full.</summary>
    public static readonly EventDefinition OutboxDropped = new(25, "outbox.dropped", Severity.Low, ["records", "dropped_total"], "Housekeeping was dropped because the outbox was full.");

    /// <summary>A session on an inter-satellite link.</summary>
    public static readonly EventDefinition LinkUp = new(26, "link.up", Severity.Informative, ["peer"], "An inter-satellite link has a session.");

    /// <summary>No session on an inter-satellite link.</summary>
    public static readonly EventDefinition LinkDown = new(27, "link.down", Severity.Informative, ["peer", "reason"], "An inter-satellite link lost its session.");

    /// <summary>A function wrote a line.</summary>
    public static readonly EventDefinition FunctionLogged = new(28, "function.logged", Severity.Informative, ["function", "text"], "A function wrote a line.");

    /// <summary>An input from outside was refused.</summary>
    public static readonly EventDefinition InputRefused = new(29, "input.refused", Severity.Low, ["source", "detail", "refused_total"], "Bytes from a link were refused.");

    /// <summary>A slot proved itself.</summary>
    public static readonly EventDefinition SlotConfirmed = new(30, "slot.confirmed", Severity.Informative, ["slot"], "The slot on trial passed its health check and is what the board boots from now on.");

    /// <summary>A slot was given up.</summary>
    public static readonly EventDefinition SlotRolledBack = new(31, "slot.rolled-back", Severity.Medium, ["slot", "reason"], "The slot on trial was given up, and the board boots the confirmed one.");

    /// <summary>A slot did not prove itself.</summary>
    public static readonly EventDefinition HealthCheckFailed = new(32, "health-check.failed", Severity.High, ["slot", "reason"],
        "The slot on trial did not pass its health check: the agent ends, and the board boots again.");

    /// <summary>A part of the board can't be used.</summary>
    public static readonly EventDefinition BoardPartFailed = new(33, "board-part.failed", Severity.Medium, ["part", "error"], "The watchdog or the boot state can't be used; the agent goes on without.");

    /// <summary>A function is held back.</summary>
    public static readonly EventDefinition FunctionQuarantined = new(34, "function.quarantined", Severity.Medium, ["function", "offences", "until", "reason"],
        "A function broke its limits again and again: it is not started until then, or until function.release.");

    /// <summary>A function may run again.</summary>
    public static readonly EventDefinition FunctionReleased = new(35, "function.released", Severity.Informative, ["function"], "A function in quarantine may be started again.");

    /// <summary>A function met a limit.</summary>
    public static readonly EventDefinition FunctionLimitReached = new(36, "function.limit-reached", Severity.Low, ["function", "invocation", "limit", "detail", "reached_total"],
        "A limit ended an invocation or refused it something; told once in ten minutes for a function and a limit, reached_total counts all since the start.");

    /// <summary>A worker process was lost.</summary>
    public static readonly EventDefinition FunctionWorkerLost = new(37, "function.worker-lost", Severity.Low, ["function", "reason", "in_a_row", "back_off_s"],
        "The process that a function runs in ended by a signal, broke its protocol or did not stop; the agent goes on, and starts another one after the back-off.");

    /// <summary>Messages to actors were dropped by their policies.</summary>
    public static readonly EventDefinition ActorMessagesDropped = new(40, "actor.messages-dropped", Severity.Informative, ["actor", "policy", "dropped_total"],
        "Messages were dropped, or gave way to newer ones, as the actor's policy says; told once in ten minutes for a function, dropped_total counts the function's since the start.");

    /// <summary>Memories of actors could not be kept.</summary>
    public static readonly EventDefinition ActorMemoriesLost = new(41, "actor.memories-lost", Severity.Medium, ["actors", "bytes"],
        "At the agent's end the disk refused the short-term memories of actors: they wake with what was on disk before.");

    /// <summary>A stage ran together with the one before it.</summary>
    public static readonly EventDefinition InvocationFused = new(42, "invocation.fused", Severity.Informative, ["function", "invocation", "with"],
        "A stage of a workflow ran in the instance of the stage before it, as one invocation with it; told when both have ended, in place of invocation.started.");

    /// <summary>The board's identity was read.</summary>
    public static readonly EventDefinition BoardIdentified = new(45, "board.identified", Severity.Informative, ["class", "serial", "eui48"],
        "Who the board is by its memory, told at each start.");

    /// <summary>The real-time clock was set.</summary>
    public static readonly EventDefinition ClockSet = new(46, "clock.rtc-set", Severity.Low, ["cause", "offset_s"],
        "The real-time clock was set from the agent's: it had stopped or had drifted.");

    /// <summary>The agent's clock was started from the real-time clock.</summary>
    public static readonly EventDefinition ClockRestored = new(47, "clock.restored", Severity.Medium, ["behind_s"],
        "The machine's clock had fallen back: the agent's time is the real-time clock's.");

    /// <summary>An invocation was slowed.</summary>
    public static readonly EventDefinition InvocationSlowed = new(48, "invocation.slowed", Severity.Low,
        ["function", "invocation", "constraint", "predicted", "limit", "unit", "duty_cycle"],
        "A running invocation was slowed, because going on at its speed would break a constraint; duty_cycle is the share of a core that it may use.");

    /// <summary>An invocation may work faster again.</summary>
    public static readonly EventDefinition InvocationSpedUp = new(49, "invocation.sped-up", Severity.Informative, ["function", "invocation", "duty_cycle"],
        "A slowed invocation may use a greater share of a core again.");

    /// <summary>An invocation was stopped before a limit was reached.</summary>
    public static readonly EventDefinition InvocationSuspended = new(50, "invocation.suspended", Severity.Low,
        ["function", "invocation", "constraint", "predicted", "limit", "unit", "cpu_seconds", "then"],
        "A running invocation was stopped, because going on would break a constraint; then is waits, when it is to run again from its start, or ended.");

    /// <summary>Where an orbit's energy went.</summary>
    public static readonly EventDefinition OrbitEnergy = new(51, "orbit.energy", Severity.Informative,
        ["seconds", "functions_joules", "agent_joules", "links_joules", "idle_joules", "measured_joules"],
        "From one ascending node to the next: where the energy went as the model has it, and what went over the rail by the sensors.");

    /// <summary>A parameter is outside its soft range.</summary>
    public static readonly EventDefinition LimitSoftViolated = new(52, "limit.soft-violated", Severity.Low, ["parameter", "value", "limit", "was", "state"],
        "A parameter is beyond a soft limit: it left its nominal range, or came back within the hard one.");

    /// <summary>A parameter is outside its hard range.</summary>
    public static readonly EventDefinition LimitHardViolated = new(53, "limit.hard-violated", Severity.High, ["parameter", "value", "limit", "was", "state"],
        "A parameter is beyond a hard limit.");

    /// <summary>A parameter is not measured any more.</summary>
    public static readonly EventDefinition ParameterStale = new(54, "parameter.stale", Severity.Low, ["parameter", "age_seconds", "was", "state"],
        "A parameter had no valid sample for longer than its sensor is expected to take: it is not judged until it has.");

    /// <summary>A parameter is measured again.</summary>
    public static readonly EventDefinition ParameterRecovered = new(55, "parameter.recovered", Severity.Informative, ["parameter", "value", "age_seconds", "was", "state"],
        "A stale parameter has a valid sample again, and is judged anew.");

    /// <summary>The loop hangs.</summary>
    public static readonly EventDefinition RateGroupHung = new(56, "rate-group.hung", Severity.High, ["group", "seconds", "what"],
        "A group of what the agent does in turn has run for so long, or has not come to its turn: the watchdog is not stroked until it ends.");

    /// <summary>All events by rising number.</summary>
    public static readonly IReadOnlyList<EventDefinition> All =
    [
        AgentStarted, AgentStopping, EclipseEntered, EclipseLeft, ContactGained, ContactLost, FunctionDeployed, FunctionUndeployed, WorkflowDeployed,
        InvocationStarted, InvocationCompleted, InvocationFailed, InvocationDeferred, InvocationOffloaded, InvocationRefused, StateReceived, StateFetched,
        CommandRefused, LimitViolated, LimitCleared, SensorFailed, SensorRecovered, ModeChanged, TickSlipped, OutboxDropped, LinkUp, LinkDown,
        FunctionLogged, InputRefused, SlotConfirmed, SlotRolledBack, HealthCheckFailed, BoardPartFailed,
        FunctionQuarantined, FunctionReleased, FunctionLimitReached, FunctionWorkerLost, ActorMessagesDropped, ActorMemoriesLost, InvocationFused,
        BoardIdentified, ClockSet, ClockRestored,
        InvocationSlowed, InvocationSpedUp, InvocationSuspended, OrbitEnergy,
        LimitSoftViolated, LimitHardViolated, ParameterStale, ParameterRecovered, RateGroupHung,
    ];

    private static readonly Dictionary<ushort, EventDefinition> ById = All.ToDictionary(definition => definition.Id);

    /// <summary>The event of a number, or null.</summary>
    public static EventDefinition? Find(ushort id) => ById.GetValueOrDefault(id);
}
