using SatNode.Protocol.Dictionary;

namespace SatNode.Rig.Scenarios.Checks;

/// <summary><c>thermal-constraint-acted</c> and <c>power-constraint-acted</c>: at least one invocation was deferred or offloaded because of heat, and one
/// because of charge; the event's forecast breaks its limit, and what the agent sensed then was what the truth was.</summary>
internal static class ConstraintChecks
{
    public const string ThermalName = "thermal-constraint-acted";
    public const string PowerName = "power-constraint-acted";
    public const string ThermalConstraint = "board-temperature";
    public const string ChargeConstraint = "state-of-charge";

    private const double MaxSampleAgeSeconds = 120;

    public static CheckResult Thermal(FlightRecord flight) => Run(flight, ThermalName, ThermalConstraint, Parameters.BoardTemperature, point => point.BoardKelvin,
        flight.Scenario.Checks.TemperatureToleranceKelvin, (predicted, limit) => predicted > limit, "K");

    public static CheckResult Power(FlightRecord flight) => Run(flight, PowerName, ChargeConstraint, Parameters.StateOfCharge, point => point.StateOfCharge,
        flight.Scenario.Checks.ChargeTolerance, (predicted, limit) => predicted < limit, "of the charge");

    private static CheckResult Run(FlightRecord flight, string name, string constraint, ParameterDefinition sensed, Func<TruthPoint, double> truth,
        double tolerance, Func<double, double, bool> breaks, string unit)
    {
        string? firstFault = null;
        int acted = 0;
        string? best = null;
        foreach (SatelliteRecord satellite in flight.Satellites)
        {
            foreach (EventRecord deed in satellite.Archive.Where(candidate => IsAction(candidate, constraint)))
            {
                string what = $"{satellite.Name} at {deed.Time:HH:mm:ss}: {deed.Text("function")} {(deed.Name == Events.InvocationDeferred.Name ? $"deferred until {deed.Text("until")}" : $"offloaded to {deed.Text("to")}")}";
                string? fault = Fault(satellite, deed, sensed, truth, tolerance, breaks, unit);
                if (fault is null)
                {
                    acted++;
                    best ??= $"{what}, predicted {deed.Number("predicted"):0.###} against a limit of {deed.Number("limit"):0.###} {deed.Text("unit")}";
                }
                firstFault ??= fault is null ? null : $"{what}: {fault}";
            }
        }
        return best is not null
            ? new(name, Passed: true, acted == 1 ? best : $"{best}; {acted} such events")
            : new(name, Passed: false, firstFault ?? $"no invocation was deferred or offloaded by the {constraint} constraint");
    }

    private static bool IsAction(EventRecord candidate, string constraint) =>
        (candidate.Name == Events.InvocationDeferred.Name || candidate.Name == Events.InvocationOffloaded.Name) && candidate.Text("constraint") == constraint;

    private static string? Fault(SatelliteRecord satellite, EventRecord deed, ParameterDefinition sensed, Func<TruthPoint, double> truth, double tolerance,
        Func<double, double, bool> breaks, string unit)
    {
        double predicted = deed.Number("predicted"), limit = deed.Number("limit");
        if (!breaks(predicted, limit))
            return $"predicted {predicted:0.###} does not break the limit {limit:0.###}";
        SampleRecord? nearest = satellite.Samples.Where(sample => sample.Parameter.Id == sensed.Id)
            .Select(sample => (SampleRecord?)sample).MinBy(sample => (sample!.Value.Time - deed.Time).Duration());
        if (nearest is not { } reading || (reading.Time - deed.Time).Duration() > TimeSpan.FromSeconds(MaxSampleAgeSeconds))
            return $"no sample of {sensed.Name} within {MaxSampleAgeSeconds} s";
        if (satellite.Truth.Count == 0)
            return "the truth was not recorded";
        double actual = Envelope.At(satellite.Truth, reading.Time, truth);
        double error = Math.Abs(actual - reading.Value);
        return error <= tolerance ? null : $"sensed {reading.Value:0.###}, in truth {actual:0.###}: further apart than {tolerance} {unit}";
    }
}
