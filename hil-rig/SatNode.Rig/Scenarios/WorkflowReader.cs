using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads the workflow, in the scenario or in a file of its own.</summary>
internal static class WorkflowReader
{
    private const int MaxStages = 32;
    private const int MaxCandidates = 8;

    public static WorkflowSpec? Read(YamlMap map, IReadOnlyList<FunctionSpec> functions, IReadOnlyCollection<string> satellites)
    {
        if (map.Find("file") is not { } file)
            return ReadStages(map, functions, satellites);
        map.Close();
        string path = file.AsFile("a workflow");
        if (path.Length == 0)
            return null;
        return new YamlFile(Path.Combine(map.File.Folder, file.AsText()), map.File.Faults).Read() is { } own ? ReadStages(own, functions, satellites) : null;
    }

    private static WorkflowSpec ReadStages(YamlMap map, IReadOnlyList<FunctionSpec> functions, IReadOnlyCollection<string> satellites)
    {
        string name = ScenarioReader.NodeName(map.Need("name"));
        YamlValue? list = map.Need("stages");
        IReadOnlyList<YamlValue> items = list?.AsList(MaxStages) ?? [];
        List<StageSpec> stages = [];
        foreach (YamlValue item in items)
        {
            if (item.AsMap() is { } stage)
                stages.Add(ReadStage(stage, stages, functions, satellites));
        }
        if (list is not null && items.Count == 0)
            list.Fault("expected at least one stage");
        map.Close();
        return new(name, stages);
    }

    private static StageSpec ReadStage(YamlMap map, List<StageSpec> before, IReadOnlyList<FunctionSpec> functions, IReadOnlyCollection<string> satellites)
    {
        string name = ScenarioReader.NodeName(map.Need("name"));
        YamlValue? function = map.Find("function");
        string called = function?.AsText() ?? name;
        if (name.Length > 0 && before.Any(stage => stage.Name == name))
            map.FaultAt("name", $"'{name}' stands twice");
        FunctionSpec? deployed = functions.FirstOrDefault(candidate => candidate.Name == called);
        if (deployed is null && called.Length > 0 && functions.Count > 0)
        {
            string hint = NearestName.Find(called, functions.Select(candidate => candidate.Name)) is { } near ? $"; did you mean '{near}'?" : "";
            map.FaultAt(function is null ? "name" : "function", $"no function '{called}' in the scenario{hint}");
        }
        List<string> after = [];
        foreach (YamlValue item in map.Find("after")?.AsList(MaxStages) ?? [])
        {
            string earlier = item.AsText();
            if (before.Any(stage => stage.Name == earlier))
                after.Add(earlier);
            else if (earlier.Length > 0)
                item.Fault($"expected the name of a stage above, found '{earlier}'");
        }
        YamlValue? candidates = map.Need("candidates");
        IReadOnlyList<string> placed = SatelliteName.ReadList(candidates, satellites);
        if (placed.Count > MaxCandidates)
            candidates!.Fault($"expected at most {MaxCandidates} candidates, found {placed.Count}");
        foreach (string satellite in placed.Where(satellite => satellites.Count > 0 && deployed?.On.Contains(satellite, StringComparer.Ordinal) == false))
            candidates!.Fault($"function '{called}' is not deployed on '{satellite}'");
        map.Close();
        return new(name, called, after, placed);
    }
}
