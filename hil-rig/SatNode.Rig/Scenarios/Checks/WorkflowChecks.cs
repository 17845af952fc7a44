using SatNode.Protocol.Telemetry;

namespace SatNode.Rig.Scenarios.Checks;

/// <summary><c>workflow-completed</c> and <c>regions-match-reference</c>: at least one run went through every stage, and its output is the one computed
/// independently.</summary>
internal static class WorkflowChecks
{
    public const string CompletedName = "workflow-completed";
    public const string RegionsName = "regions-match-reference";

    /// <summary>Some run of the workflow has a completed invocation of every stage's function.</summary>
    public static CheckResult Completed(FlightRecord flight)
    {
        WorkflowSpec workflow = flight.Scenario.Workflow!;
        IReadOnlyList<IGrouping<string, (string Satellite, InvocationReport Report)>> runs = Runs(flight, workflow);
        foreach (IGrouping<string, (string Satellite, InvocationReport Report)> run in runs)
        {
            if (!IsComplete(run, workflow))
                continue;
            IEnumerable<string> path = workflow.Stages.Select(stage => $"{stage.Function} on {CompletedOf(run, stage.Function)!.Value.Satellite}");
            DateTimeOffset first = run.Min(item => item.Report.Queued).ToDateTimeOffset(), last = run.Max(item => item.Report.Ended).ToDateTimeOffset();
            return new(CompletedName, Passed: true, $"run {run.Key}: {string.Join(" → ", path)}, {(last - first).TotalSeconds:0} s of world time");
        }
        string seen = runs.Count == 0
            ? "no invocation of it was reported"
            : $"best run {runs.Max(run => workflow.Stages.Count(stage => CompletedOf(run, stage.Function) is not null))} of {workflow.Stages.Count} stages";
        return new(CompletedName, Passed: false, $"no run of '{workflow.Name}' completed; {seen}");
    }

    /// <summary>The output of some completed run has the regions of the reference.</summary>
    public static CheckResult RegionsMatch(FlightRecord flight)
    {
        WorkflowSpec workflow = flight.Scenario.Workflow!;
        if (flight.Scenario.Checks.RegionsExpected is not { } path)
            return new(RegionsName, Passed: false, "the scenario names no checks.regionsExpected");
        byte[] expected = File.ReadAllBytes(path);
        string? difference = null;
        foreach (IGrouping<string, (string Satellite, InvocationReport Report)> run in Runs(flight, workflow).Where(run => IsComplete(run, workflow)))
        {
            foreach (InvocationReport report in workflow.Last.Select(stage => CompletedOf(run, stage.Function)!.Value.Report))
            {
                string? found = RegionComparison.Difference(expected, report.Output, out int regions);
                if (found is null)
                    return new(RegionsName, Passed: true, $"run {run.Key}: the {regions} regions of {report.Function} ({report.Output.Length} bytes) are those of {Path.GetFileName(path)}");
                difference ??= $"run {run.Key}: {found}";
            }
        }
        return new(RegionsName, Passed: false, difference ?? "no run completed, so there is no output");
    }

    private static IReadOnlyList<IGrouping<string, (string Satellite, InvocationReport Report)>> Runs(FlightRecord flight, WorkflowSpec workflow) =>
    [
        .. flight.Satellites.SelectMany(satellite => satellite.Invocations.Select(report => (Satellite: satellite.Name, Report: report)))
            .Where(item => item.Report.Workflow == workflow.Name && item.Report.Run.Length > 0)
            .GroupBy(item => item.Report.Run, StringComparer.Ordinal),
    ];

    private static bool IsComplete(IEnumerable<(string Satellite, InvocationReport Report)> run, WorkflowSpec workflow) =>
        workflow.Stages.All(stage => CompletedOf(run, stage.Function) is not null);

    private static (string Satellite, InvocationReport Report)? CompletedOf(IEnumerable<(string Satellite, InvocationReport Report)> run, string function)
    {
        foreach ((string Satellite, InvocationReport Report) item in run)
        {
            if (item.Report.Function == function && item.Report.Result == InvocationResult.Completed)
                return item;
        }
        return null;
    }
}
