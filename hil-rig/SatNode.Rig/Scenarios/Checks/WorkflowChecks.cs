using System.Text.Json;
using System.Text.Json.Nodes;
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
        if (flight.Scenario.Workflow is not { } workflow)
            return new(CompletedName, Passed: false, "the scenario has no workflow");
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

    /// <summary>The output of a completed run is the expected one: the same JSON, or the same bytes when it is no JSON.</summary>
    public static CheckResult RegionsMatch(FlightRecord flight)
    {
        if (flight.Scenario.Workflow is not { } workflow)
            return new(RegionsName, Passed: false, "the scenario has no workflow");
        if (flight.Scenario.Checks.RegionsExpected is not { } path)
            return new(RegionsName, Passed: false, "the scenario names no checks.regionsExpected");
        byte[] expected = File.ReadAllBytes(path);
        byte[]? found = null;
        string where = "";
        foreach (IGrouping<string, (string Satellite, InvocationReport Report)> run in Runs(flight, workflow).Where(run => IsComplete(run, workflow)))
        {
            foreach (StageSpec stage in workflow.Last)
            {
                byte[] output = CompletedOf(run, stage.Function)!.Value.Report.Output.ToArray();
                string? difference = Difference(expected, output);
                if (difference is null)
                    return new(RegionsName, Passed: true, $"run {run.Key}: {output.Length} bytes of {stage.Function} are those of {Path.GetFileName(path)}");
                found ??= output;
                where = where.Length == 0 ? $"run {run.Key}: {difference}" : where;
            }
        }
        return new(RegionsName, Passed: false, found is null ? "no run completed, so there is no output" : where);
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

    /// <summary>Null when equal, else where the first difference is.</summary>
    private static string? Difference(byte[] expected, byte[] found)
    {
        if (expected.AsSpan().SequenceEqual(found))
            return null;
        if (found.Length == 0)
            return $"expected {expected.Length} bytes, found none";
        try
        {
            JsonNode? left = JsonNode.Parse(expected), right = JsonNode.Parse(found);
            return JsonNode.DeepEquals(left, right) ? null : $"the JSON differs at {FirstDifference(left, right, "$")}";
        }
        catch (JsonException)
        {
            int at = expected.AsSpan().CommonPrefixLength(found);
            return $"expected {expected.Length} bytes, found {found.Length}; they differ from byte {at}";
        }
    }

    private static string FirstDifference(JsonNode? left, JsonNode? right, string path)
    {
        if (left is JsonArray leftItems && right is JsonArray rightItems)
        {
            if (leftItems.Count != rightItems.Count)
                return $"{path}: expected {leftItems.Count} items, found {rightItems.Count}";
            int i = Enumerable.Range(0, leftItems.Count).First(i => !JsonNode.DeepEquals(leftItems[i], rightItems[i]));
            return FirstDifference(leftItems[i], rightItems[i], $"{path}[{i}]");
        }
        if (left is JsonObject leftKeys && right is JsonObject rightKeys
            && leftKeys.Select(pair => pair.Key).Concat(rightKeys.Select(pair => pair.Key)).FirstOrDefault(key => !JsonNode.DeepEquals(leftKeys[key], rightKeys[key])) is { } name)
        {
            return FirstDifference(leftKeys[name], rightKeys[name], $"{path}.{name}");
        }
        return $"{path}: expected {Cut(left)}, found {Cut(right)}";
    }

    private static string Cut(JsonNode? node)
    {
        string text = node?.ToJsonString() ?? "null";
        return text.Length <= 60 ? text : text[..60] + "…";
    }
}
