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

    /// <summary>Runs every check of the flight.</summary>
    public static IReadOnlyList<CheckResult> Run(FlightRecord flight) => flight.Scenario.Cloud is null ? OfWorkflow(flight) : OfCluster(flight);

    private static CheckResult[] OfWorkflow(FlightRecord flight) =>
    [
        TelemetryCheck.Run(flight),
        WorkflowChecks.Completed(flight),
        WorkflowChecks.RegionsMatch(flight),
        ConstraintChecks.Thermal(flight),
        ConstraintChecks.Power(flight),
        StateCheck.Run(flight),
        CommandCheck.Run(flight),
        MetricsCheck.Run(flight),
        EventCheck.Run(flight),
    ];

    /// <summary>A flight that a cluster steers is judged by what the cluster did.</summary>
    private static CheckResult[] OfCluster(FlightRecord flight) => [TelemetryCheck.Run(flight), .. CloudChecks.Run(flight), MetricsCheck.Run(flight), EventCheck.Run(flight)];

    /// <summary>A check that fails for its faults, the first few of which are shown, and passes with a summary.</summary>
    internal static CheckResult Judge(string name, IReadOnlyCollection<string> faults, string summary) => faults.Count == 0
        ? new(name, Passed: true, summary)
        : new(name, Passed: false, string.Join("; ", faults.Take(MaxFaultsShown)) + (faults.Count > MaxFaultsShown ? $"; and {faults.Count - MaxFaultsShown} more" : ""));
}
