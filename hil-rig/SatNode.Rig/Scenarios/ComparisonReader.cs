using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads which policies of admission are compared.</summary>
internal static class ComparisonReader
{
    public static ComparisonSpec Read(YamlMap map)
    {
        List<string> policies = [];
        YamlValue? list = map.Need("policies");
        foreach (YamlValue item in list?.AsList() ?? [])
        {
            string policy = item.AsOneOf([.. ComparisonSpec.Known]);
            if (policy.Length > 0 && policies.Contains(policy, StringComparer.Ordinal))
                item.Fault($"'{policy}' stands twice");
            policies.Add(policy);
        }
        if (policies.Count == 0)
            list?.Fault("expected at least one policy");
        var comparison = new ComparisonSpec(policies,
            map.Need("boardTemperatureMaxCelsius")?.AsNumber(-20, 85) ?? 0,
            (int)(map.Find("functionCores")?.AsInteger(1, 64) ?? 1),
            map.Find("workShareMin")?.AsNumber(0, 1) ?? 0.85);
        map.Close();
        return comparison;
    }
}
