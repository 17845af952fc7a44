namespace SatNode.Rig.Scenarios;

/// <summary>The same load under several policies of admission: which, and what they are measured by.</summary>
/// <param name="Policies">Names of policies, at least one, each once; the agent knows them.</param>
/// <param name="BoardTemperatureMaxCelsius">The board's limit that counts, −20 to 85 °C.</param>
/// <param name="FunctionCores">Cores that the load uses at once at most, 1 to 64.</param>
/// <param name="WorkShareMin">The share of the oracle's work that the forecast must do, 0 to 1.</param>
public sealed record ComparisonSpec(IReadOnlyList<string> Policies, double BoardTemperatureMaxCelsius, int FunctionCores, double WorkShareMin)
{
    /// <summary>The policies that an agent knows, ours first.</summary>
    public static IReadOnlyList<string> Known { get; } = ["forecast", "off", "hyperdrive", "thresholds"];
}
