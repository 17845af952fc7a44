namespace SatNode.Rig.Scenarios.Checks;

/// <summary>What one check found.</summary>
/// <param name="Name">The check's name, part of the report's contract.</param>
/// <param name="Passed">True only when everything that it looks at was there and as it should be.</param>
/// <param name="Detail">The numbers, for people.</param>
public sealed record CheckResult(string Name, bool Passed, string Detail);

/// <summary>The checks of a flight, in the order of the report.</summary>
public static class FlightChecks
{
    private const int MaxFaultsShown = 5;

    /// <summary>Runs the checks of what the scenario has: a workflow, a cluster that steers it, telecommands; telemetry, metrics and events are judged always.</summary>
    public static IReadOnlyList<CheckResult> Run(FlightRecord flight) =>
    [
        TelemetryCheck.Run(flight),
        .. flight.Scenario.Workflow is null ? [] : OfWorkflow(flight),
        .. flight.Scenario.Cloud is null ? [] : CloudChecks.Run(flight),
        .. flight.Scenario.Commands.Count == 0 ? (CheckResult[])[] : [CommandCheck.Run(flight)],
        MetricsCheck.Run(flight),
        EventCheck.Run(flight),
    ];

    private static CheckResult[] OfWorkflow(FlightRecord flight) =>
    [
        WorkflowChecks.Completed(flight), WorkflowChecks.RegionsMatch(flight), ConstraintChecks.Thermal(flight), ConstraintChecks.Power(flight), StateCheck.Run(flight),
    ];

    /// <summary>A check that fails for its faults, the first few of which are shown, and passes with a summary.</summary>
    internal static CheckResult Judge(string name, IReadOnlyCollection<string> faults, string summary) => faults.Count == 0
        ? new(name, Passed: true, summary)
        : new(name, Passed: false, string.Join("; ", faults.Take(MaxFaultsShown)) + (faults.Count > MaxFaultsShown ? $"; and {faults.Count - MaxFaultsShown} more" : ""));
}
