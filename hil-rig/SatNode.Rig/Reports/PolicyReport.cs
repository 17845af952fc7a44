using System.Text;
using SatNode.Rig.Comparison;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Reports;

/// <summary>The report of a comparison of policies, for people and for a terminal.</summary>
internal static class PolicyReport
{
    /// <summary>Writes the report for people.</summary>
    /// <param name="comparison">What was compared.</param>
    /// <param name="plot">The relative path of the plot.</param>
    public static string Write(PolicyComparison comparison, string plot)
    {
        var text = new StringBuilder();
        Scenario scenario = comparison.Scenario;
        text.Append($"# {scenario.Name}: {(comparison.Passed ? "passed" : "failed")}\n\n");
        if (scenario.Description.Length > 0)
            text.Append($"{scenario.Description}\n\n");
        text.Append($"The same load flew {scenario.Duration.TotalMinutes:0} minutes under each policy, from {scenario.Epoch:yyyy-MM-dd HH:mm} UTC at {scenario.Rate:0} × real time, seed {scenario.Seed}. ");
        text.Append($"The limits: {scenario.Comparison!.BoardTemperatureMaxCelsius:0.#} °C on the board, {scenario.Satellites[0].Vehicle.StateOfChargeReserve:0 %} left in the battery.\n\n");
        text.Append("## Checks\n\n| | check | what was found |\n|---|---|---|\n");
        foreach (CheckResult check in comparison.Checks)
            text.Append($"| {(check.Passed ? "✓" : "✗")} | `{check.Name}` | {check.Detail} |\n");
        text.Append($"\n![Board temperature, charge and work of all policies over time]({plot})\n\n## Policies\n\n");
        text.Append("| policy | over the limit | hottest | under the reserve | lowest charge | work | of the oracle | completed | deferred | deadlines missed | safe modes |\n");
        text.Append("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (PolicyOutcome outcome in comparison.Outcomes)
        {
            text.Append($"| `{outcome.Policy}` | {outcome.Heat.Seconds:0} s | {outcome.BoardKelvinHighest - 273.15:0.0} °C | {outcome.Charge.Seconds:0} s | {outcome.StateOfChargeLowest:0.0 %} ");
            text.Append($"| {outcome.WorkSeconds:0} s | {Share(outcome)} | {outcome.Completed} | {outcome.Deferred} | {outcome.DeadlinesMissed} | {outcome.SafeModes} |\n");
        }
        text.Append("\nLimits are judged on the truth, second by second. Work is the CPU time of completed invocations, in the world's seconds. The oracle's is an upper bound for whoever keeps both limits and ");
        text.Append("knows the truth; a policy that breaks them can do more.\n\n| policy | oracle by heat | by charge | by cores | agent's own cores |\n|---|--:|--:|--:|--:|\n");
        foreach (PolicyOutcome outcome in comparison.Outcomes)
            text.Append($"| `{outcome.Policy}` | {outcome.Oracle?.ByHeat ?? double.NaN:0} s | {outcome.Oracle?.ByCharge ?? double.NaN:0} s | {outcome.Oracle?.ByCores ?? double.NaN:0} s | {outcome.OwnCores:0.000} |\n");
        return text.ToString();
    }

    /// <summary>Writes the report for a terminal.</summary>
    /// <param name="comparison">What was compared.</param>
    /// <param name="folder">The run's folder, as people will open it.</param>
    public static string WriteShort(PolicyComparison comparison, string folder)
    {
        var text = new StringBuilder("\n");
        foreach (CheckResult check in comparison.Checks)
            text.Append($"{(check.Passed ? "  pass" : "  FAIL")}  {check.Name,-22}  {check.Detail}\n");
        text.Append('\n');
        foreach (PolicyOutcome outcome in comparison.Outcomes)
        {
            text.Append($"  {outcome.Policy,-10}  {outcome.Heat.Seconds,5:0} s too hot (up to {outcome.BoardKelvinHighest - 273.15:0.0} °C)  {outcome.Charge.Seconds,5:0} s too low (down to {outcome.StateOfChargeLowest:0.0 %})  ");
            text.Append($"work {outcome.WorkSeconds,6:0} s, {Share(outcome)} of the oracle's  {outcome.DeadlinesMissed} deadlines missed\n");
        }
        text.Append($"\n{comparison.Scenario.Name}: {(comparison.Passed ? "passed" : "FAILED")}, {comparison.Checks.Count(check => check.Passed)} of {comparison.Checks.Count} checks. Report: {Path.Combine(folder, ReportFiles.Markdown)}\n");
        return text.ToString();
    }

    private static string Share(PolicyOutcome outcome) => double.IsFinite(outcome.WorkShare) ? $"{outcome.WorkShare:0.0 %}" : "unknown";
}
