namespace SatNode.Flight.Admission;

/// <summary>By what an invocation may start. All but <see cref="Forecast"/> are there to be compared with, on a bench.</summary>
public enum AdmissionPolicy
{
    /// <summary>By the forecast of heat, power and charge: the policy for flight.</summary>
    Forecast = 0,

    /// <summary>By nothing but mode and deadline: what comes starts, as far as queue and cores allow.</summary>
    Off,

    /// <summary>As HyperDrive does: heat is a score, and a score forbids nothing on a node without a better one beside it; charge isn't looked at.</summary>
    HyperDrive,

    /// <summary>As Trabant does: by fixed thresholds of what is measured now.</summary>
    Thresholds,
}

/// <summary>What each policy judges by, and its name in configurations.</summary>
public static class AdmissionPolicies
{
    private static readonly (string Name, AdmissionPolicy Policy)[] Named =
        [("forecast", AdmissionPolicy.Forecast), ("off", AdmissionPolicy.Off), ("hyperdrive", AdmissionPolicy.HyperDrive), ("thresholds", AdmissionPolicy.Thresholds)];

    /// <summary>The names, ours first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Named.Select(pair => pair.Name)];

    /// <summary>The policy of a name, or null.</summary>
    public static AdmissionPolicy? Find(string name)
    {
        foreach ((string known, AdmissionPolicy policy) in Named)
        {
            if (string.Equals(known, name, StringComparison.Ordinal))
                return policy;
        }
        return null;
    }

    internal static IConstraint[] ConstraintsOf(AdmissionPolicy policy) => policy switch
    {
        AdmissionPolicy.Forecast => [new ModeConstraint(), new DeadlineConstraint(), new ThermalConstraint(), new PowerConstraint(), new EnergyReserveConstraint()],
        AdmissionPolicy.Off => [new ModeConstraint(), new DeadlineConstraint()],
        AdmissionPolicy.HyperDrive => [new ModeConstraint(), new DeadlineConstraint(), new HyperDriveHeatScore()],
        AdmissionPolicy.Thresholds => [new ModeConstraint(), new DeadlineConstraint(), new TemperatureThreshold(), new ChargeThreshold()],
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "expected a policy of admission"),
    };
}
