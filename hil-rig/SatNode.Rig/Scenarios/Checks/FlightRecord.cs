using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;

namespace SatNode.Rig.Scenarios.Checks;

/// <summary>Everything that is known of a flight once it is over: what the world was, what the agents wrote, and what the ground station has.</summary>
public sealed record FlightRecord
{
    /// <summary>The scenario.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>One entry a satellite of the scenario.</summary>
    public required IReadOnlyList<SatelliteRecord> Satellites { get; init; }

    /// <summary>What the link emulator carried, one entry a pair and direction.</summary>
    public IReadOnlyList<LinkRecord> Links { get; init; } = [];

    /// <summary>The scenario's telecommands and what became of them.</summary>
    public IReadOnlyList<CommandRecord> Commands { get; init; } = [];

    /// <summary>The ground station's answer to GET /metrics near the end of the flight.</summary>
    public string MetricsText { get; init; } = "";

    /// <summary>What the cluster did, or null without one.</summary>
    public CloudRecord? Cloud { get; init; }

    /// <summary>What was measured on the machine.</summary>
    public MachineRecord Machine { get; init; } = new(0, 0);

    /// <summary>The record of a satellite.</summary>
    public SatelliteRecord? Find(string satellite) => Satellites.FirstOrDefault(record => record.Name == satellite);
}

/// <summary>What is known of one satellite.</summary>
public sealed record SatelliteRecord
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The truth by rising time.</summary>
    public IReadOnlyList<TruthPoint> Truth { get; init; } = [];

    /// <summary>CPU time of the board until the scenario's end that became heat, in the world's seconds.</summary>
    public double BusyCoreSeconds { get; init; }

    /// <summary>The events that the agent wrote on its console, in its order.</summary>
    public IReadOnlyList<EventRecord> Console { get; init; } = [];

    /// <summary>The events in the archive, in the order in which they were stored.</summary>
    public IReadOnlyList<EventRecord> Archive { get; init; } = [];

    /// <summary>The housekeeping samples in the archive, by rising time.</summary>
    public IReadOnlyList<SampleRecord> Samples { get; init; } = [];

    /// <summary>The reports of invocations in the archive.</summary>
    public IReadOnlyList<InvocationReport> Invocations { get; init; } = [];

    /// <summary>Resident memory of the agent near the end, in bytes; null when it was not seen.</summary>
    public long? ResidentBytes { get; init; }

    /// <summary>The kind of its board.</summary>
    public string BoardKind { get; init; } = "process";

    /// <summary>True when the board is emulated: it is switched on before the epoch, and its truth begins then.</summary>
    public bool IsEmulated { get; init; }

    /// <summary>The machine's time from power on to the agent's first event, in s; null when it never spoke.</summary>
    public double? BootSeconds { get; init; }

    /// <summary>The machine's time from power on to the first telemetry sent, in s, of a board that was in contact all the while; else null.</summary>
    public double? FirstTelemetrySeconds { get; init; }

    /// <summary>The machine's time from exec to the first telemetry sent, in ms; null when it never sent any.</summary>
    public double? StartMilliseconds { get; init; }
}

/// <summary>The true state of a satellite at a moment, SI units.</summary>
public readonly record struct TruthPoint(DateTimeOffset Time, double BoardKelvin, double StructureKelvin, double StateOfCharge, double BatteryVolts, double SolarWatts, double SunFraction);

/// <summary>An event.</summary>
/// <param name="Boot">The boot counter.</param>
/// <param name="Sequence">Its number since boot.</param>
/// <param name="Time">When it was generated on board.</param>
/// <param name="Name">Its name in the dictionary.</param>
/// <param name="Arguments">Its arguments as texts by name.</param>
public sealed record EventRecord(uint Boot, ulong Sequence, DateTimeOffset Time, string Name, IReadOnlyDictionary<string, string> Arguments)
{
    /// <summary>An argument, or "".</summary>
    public string Text(string argument) => Arguments.GetValueOrDefault(argument, "");

    /// <summary>An argument as a number, or NaN.</summary>
    public double Number(string argument) =>
        double.TryParse(Text(argument), System.Globalization.CultureInfo.InvariantCulture, out double value) ? value : double.NaN;
}

/// <summary>A sample of a parameter.</summary>
public readonly record struct SampleRecord(DateTimeOffset Time, ParameterDefinition Parameter, double Value);

/// <summary>What the emulator carried from one satellite to another.</summary>
public sealed record LinkRecord(string From, string To, long Bytes);

/// <summary>A telecommand of the scenario and the states that the ground station saw it in.</summary>
/// <param name="Command">The telecommand.</param>
/// <param name="Id">Its id; empty when the ground station refused it.</param>
/// <param name="States">The states by time: queued, released, accepted, started, progress, completed, or a failure.</param>
/// <param name="Detail">Why it failed, or "".</param>
public sealed record CommandRecord(CommandSpec Command, string Id, IReadOnlyList<string> States, string Detail);

/// <summary>What was measured on the machine.</summary>
/// <param name="BinaryBytes">The agent's binary, without what it loads.</param>
/// <param name="WallSeconds">The flight in machine time.</param>
/// <param name="LateSeconds">Machine time after the epoch at which preparations and emulated boards were ready; 0 when they were in time.</param>
public sealed record MachineRecord(long BinaryBytes, double WallSeconds, double LateSeconds = 0);
