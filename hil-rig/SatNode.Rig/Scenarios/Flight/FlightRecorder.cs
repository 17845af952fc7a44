using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;
using SatNode.Rig.Boards.Protocols;
using SatNode.Rig.Scenarios.Checks;
using SatNode.Rig.World;

namespace SatNode.Rig.Scenarios.Flight;

/// <summary>Collects what is known of a flight: from the bench the truth and what the agents wrote, from the ground station what it has.</summary>
internal static class FlightRecorder
{
    private static readonly ParameterDefinition[] Sensed =
        [Parameters.BoardTemperature, Parameters.StructureTemperature, Parameters.StateOfCharge, Parameters.BatteryVoltage, Parameters.SolarPower];

    /// <summary>Collects everything.</summary>
    public static async Task<FlightRecord> Collect(Bench bench, GroundClient client, IReadOnlyList<(CommandSpec Command, string Id, string Refusal)> sent, CancellationToken cancellation)
    {
        ILookup<string, InvocationReport> invocations = (await client.Invocations(cancellation)).ToLookup(item => item.Satellite, item => item.Report, StringComparer.Ordinal);
        List<SatelliteRecord> satellites = [];
        foreach (BenchSatellite satellite in bench.Satellites)
            satellites.Add(await Collect(bench, satellite, client, [.. invocations[satellite.Spec.Name]], cancellation));
        List<CommandRecord> commands = [];
        foreach ((CommandSpec command, string id, string refusal) in sent)
        {
            (IReadOnlyList<string> states, string detail) = id.Length > 0 ? await client.Follow(id, cancellation) : ([], refusal);
            commands.Add(new(command, id, states, detail));
        }
        return new()
        {
            Scenario = bench.Scenario,
            Satellites = satellites,
            Links = bench.LinkRecords(),
            Commands = commands,
            MetricsText = await client.Metrics(cancellation),
        };
    }

    private static async Task<SatelliteRecord> Collect(Bench bench, BenchSatellite satellite, GroundClient client, IReadOnlyList<InvocationReport> invocations, CancellationToken cancellation)
    {
        List<SampleRecord> samples = [];
        foreach (ParameterDefinition parameter in Sensed)
            samples.AddRange(await client.Samples(satellite.Spec.Name, parameter, cancellation));
        IReadOnlyList<TruthSample> truth = satellite.Truth.History.Samples(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, TimeSpan.Zero);
        IReadOnlyList<EventRecord> console = satellite.Events.Events;
        return new()
        {
            Name = satellite.Spec.Name,
            Truth = [.. truth.Select(point => new TruthPoint(point.Time, point.BoardKelvin, point.StructureKelvin, point.StateOfCharge, point.BatteryVolts, point.SolarWatts, point.SunFraction))],
            BusyCoreSeconds = truth.Where(point => point.Time <= bench.Scenario.End).Sum(point => point.BusyCores) * TrueWorld.Step.TotalSeconds,
            Console = console,
            Archive = await client.Events(satellite.Spec.Name, cancellation),
            Samples = [.. samples.OrderBy(sample => sample.Time)],
            Invocations = invocations,
            ResidentBytes = satellite.Board.Memory?.ResidentBytesMedian,
            StartMilliseconds = satellite.IsEmulated ? null : Start(console, truth), // an emulated core's pace is not the board's
            BoardKind = satellite.Board.Kind,
            IsEmulated = satellite.IsEmulated,
            BootSeconds = SincePowerOn(bench, satellite, Events.AgentStarted.Name),
            FirstTelemetrySeconds = satellite.PoweredAt is { } powered && bench.StationsThatSee(satellite, powered).Any() ? SincePowerOn(bench, satellite, Events.ContactGained.Name) : null,
        };
    }

    /// <summary>Machine time from power on to the line with an event, in s; null when there is none.</summary>
    private static double? SincePowerOn(Bench bench, BenchSatellite satellite, string name)
    {
        foreach (ConsoleLine line in satellite.Board.Console.Lines)
        {
            if (satellite.PoweredAt is { } powered && EventTracker.Parse(line.Text)?.Name == name)
                return (line.Time - powered).TotalSeconds / bench.Clock.Rate;
        }
        return null;
    }

    /// <summary>From exec to the first telemetry sent, of a board that was in contact when it started; out of contact the wait would be the orbit's, not the agent's.</summary>
    private static double? Start(IReadOnlyList<EventRecord> console, IReadOnlyList<TruthSample> truth)
    {
        if (console.FirstOrDefault(item => item.Name == Events.AgentStarted.Name) is not { } started
            || console.FirstOrDefault(item => item.Name == Events.ContactGained.Name) is not { } gained)
        {
            return null;
        }
        bool wasInContact = truth.Where(point => point.Time <= started.Time).LastOrDefault() is { IsInGroundContact: true };
        return wasInContact && gained.Number("start_ms") is > 0 and var milliseconds ? milliseconds : null;
    }
}
