using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Comparison;

/// <summary>The same load under several policies of admission, beside what an oracle could have done.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Outcomes">One a policy, in the scenario's order.</param>
public sealed record PolicyComparison(Scenario Scenario, IReadOnlyList<PolicyOutcome> Outcomes)
{
    private const string Ours = "forecast";
    private const string Unguarded = "off";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is proven, of the policies that were flown: the forecast keeps the limits and does its share of the oracle's work; without admission the same load breaks a limit.</summary>
    public IReadOnlyList<CheckResult> Checks
    {
        get
        {
            List<CheckResult> checks = [];
            if (Outcomes.FirstOrDefault(outcome => outcome.Policy == Ours) is { } ours)
            {
                checks.Add(new("forecast-keeps-limits", ours.KeepsLimits, Limits(ours)));
                checks.Add(new("forecast-does-work", ours.WorkShare >= Scenario.Comparison!.WorkShareMin,
                    $"{ours.WorkSeconds:0} s of CPU in {ours.Completed} invocations: {ours.WorkShare:0.0 %} of the {ours.Oracle?.CpuSeconds ?? double.NaN:0} s that an oracle could have done, bound by {ours.Oracle?.Binding ?? "nothing"}; expected at least {Scenario.Comparison!.WorkShareMin:0 %}"));
            }
            if (Outcomes.FirstOrDefault(outcome => outcome.Policy == Unguarded) is { } unguarded)
                checks.Add(new("off-breaks-limits", !(unguarded.Heat.IsNone && unguarded.Charge.IsNone), Limits(unguarded)));
            return checks;
        }
    }

    /// <summary>True when there are checks and every one passed.</summary>
    public bool Passed => Checks is { Count: > 0 } checks && checks.All(check => check.Passed);

    /// <summary>The report as JSON, ending in a line break.</summary>
    public string ToJson() => new JsonObject
    {
        ["scenario"] = Scenario.Name,
        ["passed"] = Passed,
        ["checks"] = new JsonArray([.. Checks.Select(check => (JsonNode)new JsonObject { ["name"] = check.Name, ["passed"] = check.Passed, ["detail"] = check.Detail })]),
        ["limits"] = new JsonObject
        {
            ["boardTemperatureMaxCelsius"] = Scenario.Comparison!.BoardTemperatureMaxCelsius,
            ["stateOfChargeReserve"] = Scenario.Satellites[0].Vehicle.StateOfChargeReserve,
            ["functionCores"] = Scenario.Comparison.FunctionCores,
        },
        ["policies"] = new JsonArray([.. Outcomes.Select(outcome => (JsonNode)OutcomeJson(outcome))]),
    }.ToJsonString(Indented) + "\n";

    private static JsonObject OutcomeJson(PolicyOutcome outcome) => new()
    {
        ["policy"] = outcome.Policy,
        ["keepsLimits"] = outcome.KeepsLimits,
        ["secondsOverBoardTemperatureMax"] = Number(outcome.Heat.Seconds),
        ["kelvinOverBoardTemperatureMax"] = Number(outcome.Heat.Depth),
        ["boardCelsiusHighest"] = Number(outcome.BoardKelvinHighest - 273.15),
        ["secondsUnderReserve"] = Number(outcome.Charge.Seconds),
        ["shareUnderReserve"] = Number(outcome.Charge.Depth),
        ["stateOfChargeLowest"] = Number(outcome.StateOfChargeLowest),
        ["invocationsCompleted"] = outcome.Completed,
        ["cpuSeconds"] = Number(outcome.WorkSeconds),
        ["oracleCpuSeconds"] = Number(outcome.Oracle?.CpuSeconds ?? double.NaN),
        ["oracleBoundBy"] = outcome.Oracle?.Binding,
        ["workShareOfOracle"] = Number(outcome.WorkShare),
        ["deadlinesMissed"] = outcome.DeadlinesMissed,
        ["invocationsDeferred"] = outcome.Deferred,
        ["safeModes"] = outcome.SafeModes,
        ["agentsOwnCores"] = Number(outcome.OwnCores),
    };

    private static JsonNode? Number(double value) => double.IsFinite(value) ? Math.Round(value, 4) : null;

    private static string Limits(PolicyOutcome outcome) => outcome.Satellite.Truth.Count == 0 ? "the truth was not recorded"
        : $"board up to {outcome.BoardKelvinHighest - 273.15:0.00} °C, {outcome.Heat.Seconds:0} s over its limit; charge down to {outcome.StateOfChargeLowest:0.0 %}, {outcome.Charge.Seconds:0} s below the reserve";
}
