using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads names that must be those of the constellation's satellites.</summary>
internal static class SatelliteName
{
    /// <summary>One name, or "" and a fault.</summary>
    public static string Read(YamlValue? value, IReadOnlyCollection<string> names)
    {
        string name = value?.AsText() ?? "";
        if (name.Length == 0 || names.Count == 0 || names.Contains(name, StringComparer.Ordinal))
            return name;
        string hint = NearestName.Find(name, names) is { } near ? $"; did you mean '{near}'?" : "";
        value!.Fault($"no satellite '{name}' in the constellation{hint}");
        return "";
    }

    /// <summary>A list of names, each once, or the word <c>all</c>.</summary>
    public static IReadOnlyList<string> ReadList(YamlValue? value, IReadOnlyCollection<string> names)
    {
        if (value is null)
            return [];
        if (value.Node is YamlDotNet.RepresentationModel.YamlScalarNode { Value: "all" })
            return [.. names];
        List<string> found = [];
        foreach (YamlValue item in value.AsList())
        {
            string name = Read(item, names);
            if (name.Length > 0 && found.Contains(name, StringComparer.Ordinal))
                item.Fault($"'{name}' stands twice");
            else if (name.Length > 0)
                found.Add(name);
        }
        if (value.Node is YamlDotNet.RepresentationModel.YamlSequenceNode { Children.Count: 0 })
            value.Fault("expected at least one satellite, or the word all");
        return found;
    }
}
