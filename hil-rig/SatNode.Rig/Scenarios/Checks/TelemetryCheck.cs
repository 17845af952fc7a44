using SatNode.Protocol.Dictionary;

namespace SatNode.Rig.Scenarios.Checks;

/// <summary><c>telemetry-from-every-satellite</c>: of every satellite, every sensed parameter came to the archive often enough, and each sample lies within
/// the dictionary's stated accuracy of what the truth was around the moment at which it was generated.</summary>
internal static class TelemetryCheck
{
    public const string Name = "telemetry-from-every-satellite";

    private static readonly TimeSpan EmulatedHoldUp = TimeSpan.FromSeconds(0.2); // two cores that run six boards: 0.1 s were seen

    private static readonly (ParameterDefinition Parameter, Func<TruthPoint, double> Truth)[] Sensed =
    [
        (Parameters.BoardTemperature, point => point.BoardKelvin),
        (Parameters.StructureTemperature, point => point.StructureKelvin),
        (Parameters.StateOfCharge, point => point.StateOfCharge),
        (Parameters.BatteryVoltage, point => point.BatteryVolts),
        (Parameters.SolarPower, point => point.SolarWatts),
    ];

    public static CheckResult Run(FlightRecord flight)
    {
        List<string> faults = [];
        int compared = 0;
        // Emulated cores take the machine's for themselves: between stamp and reading any board may be held up for a moment, which is rate times as long in the world.
        TimeSpan tolerance = TimeSpan.FromSeconds(flight.Scenario.Checks.TimeToleranceSeconds);
        if (flight.Satellites.Any(record => record.IsEmulated) && EmulatedHoldUp * flight.Scenario.Rate > tolerance)
            tolerance = EmulatedHoldUp * flight.Scenario.Rate;
        foreach (SatelliteSpec satellite in flight.Scenario.Satellites)
        {
            if (flight.Find(satellite.Name) is not { } record)
            {
                faults.Add($"{satellite.Name}: nothing was recorded");
                continue;
            }
            (ParameterDefinition Parameter, int Count) fewest = Sensed.Select(sensed => (sensed.Parameter, record.Samples.Count(sample => sample.Parameter.Id == sensed.Parameter.Id))).MinBy(pair => pair.Item2);
            if (fewest.Count < flight.Scenario.Checks.SamplesMin)
                faults.Add($"{record.Name}: {fewest.Parameter.Name}: expected at least {flight.Scenario.Checks.SamplesMin} samples, found {fewest.Count}");
            foreach ((ParameterDefinition parameter, Func<TruthPoint, double> truth) in Sensed)
                compared += Compare(record, parameter, truth, tolerance, faults);
        }
        return FlightChecks.Judge(Name, faults, $"{compared} samples of {Sensed.Length} parameters from {flight.Satellites.Count} satellites within their accuracy of the truth");
    }

    private static int Compare(SatelliteRecord record, ParameterDefinition parameter, Func<TruthPoint, double> truth, TimeSpan tolerance, List<string> faults)
    {
        int count = 0, outside = 0, uncovered = 0;
        double worst = 0;
        DateTimeOffset worstAt = default;
        foreach (SampleRecord sample in record.Samples.Where(sample => sample.Parameter.Id == parameter.Id))
        {
            count++;
            if (Envelope.Around(record.Truth, sample.Time, tolerance, truth) is not { } envelope)
            {
                uncovered++;
                continue;
            }
            double distance = envelope.Distance(sample.Value);
            if (distance <= parameter.Accuracy)
                continue;
            outside++;
            if (!(distance <= worst))
                (worst, worstAt) = (distance, sample.Time);
        }
        if (uncovered > 0)
            faults.Add($"{record.Name}: {parameter.Name}: {uncovered} of {count} samples are stamped outside the flight");
        if (outside > 0)
            faults.Add($"{record.Name}: {parameter.Name}: {outside} of {count} samples are further than {parameter.Accuracy} {Symbol(parameter.Unit)} from the truth, worst {worst:0.###} at {worstAt:HH:mm:ss}");
        return count - uncovered - outside;
    }

    private static string Symbol(Unit unit) => unit switch { Unit.Kelvin => "K", Unit.Volts => "V", Unit.Watts => "W", _ => "" };
}
